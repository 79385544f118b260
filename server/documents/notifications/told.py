"""`ToldService`: what a person was told in the system, and what of it they have read. Telling is `tell`; other channels are `delivery`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import ColumnElement, func, select, update

from ...access.user import User
from ...core.clock import Clock
from ...core.text import Text
from ...storage.database import Database
from ...storage.system import notification
from ..loading import readable_among
from ..snapshot import Snapshot

MOST_SHOWN = 100


@dataclass(frozen=True)
class Notification:
    id: int
    at: datetime
    title: Text
    doctype: str | None
    name: str | None
    is_read: bool
    kind: str = "rule"

    @property
    def address(self) -> str:
        """Where it leads: to its record, to the print that is ready, else to the inbox."""
        if self.kind == "print":
            return f"/print-run/{self.name}"
        if not self.doctype or not self.name:
            return "/inbox"
        return f"/form/{quote(self.doctype, safe='')}/{quote(self.name, safe='')}"


class ToldService:
    """The notifications of one person at a time."""

    def __init__(self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot]) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots

    def notifications(self, user: User, limit: int = 30) -> list[Notification]:
        """What the user was told, the newest first; nothing about records that they may not read (any more)."""
        columns = (
            notification.c.id,
            notification.c.at,
            notification.c.title,
            notification.c.doctype,
            notification.c.name,
            notification.c.read_at,
            notification.c.kind,
        )
        ask = (
            select(*columns)
            .where(notification.c.user == user.name)
            .order_by(notification.c.at.desc(), notification.c.id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(ask).all()
            may_know = readable_among(connection, self._snapshots().model, user, {(row.doctype, row.name) for row in rows})
        return [
            Notification(row.id, row.at, Text.of(row.title), row.doctype, row.name, row.read_at is not None, row.kind or "rule")
            for row in rows
            if not row.doctype or (row.doctype, row.name) in may_know
        ]

    def unread(self, user: User) -> int:
        """How many of them are unread, counted no further than the page can show."""
        columns = (notification.c.doctype, notification.c.name)
        ask = select(*columns).where(notification.c.user == user.name, notification.c.read_at.is_(None)).limit(MOST_SHOWN)
        with self._database.read() as connection:
            told = [(row.doctype, row.name) for row in connection.execute(ask)]
            may_know = readable_among(connection, self._snapshots().model, user, set(told))
        return sum(not doctype or (doctype, name) in may_know for doctype, name in told)

    def news_tag(self, user: User) -> str:
        """Changes when the user is told something or has read it; by one short query, for pages that ask all the time."""
        told = select(func.max(notification.c.id)).where(notification.c.user == user.name).scalar_subquery()
        fresh = select(func.count()).where(notification.c.user == user.name, notification.c.read_at.is_(None)).scalar_subquery()
        with self._database.read() as connection:
            row = connection.execute(select(told, fresh)).one()
        return f"{row[0] or 0}-{row[1]}"

    def mark_read(self, user: User, until: datetime | None = None) -> None:
        """Mark the user's notifications as read; without `until` all of them."""
        change = update(notification).where(notification.c.user == user.name, *_unread(until))
        with self._database.write() as connection:
            connection.execute(change.values(read_at=self._clock.now()))

    def who_has_not_read(self, until: datetime) -> list[str]:
        """The logins of those who have unread news from up to that moment."""
        ask = select(notification.c.user).where(*_unread(until)).distinct().order_by(notification.c.user)
        with self._database.read() as connection:
            return list(connection.execute(ask).scalars())


def _unread(until: datetime | None) -> list[ColumnElement[bool]]:
    return [notification.c.read_at.is_(None), *([notification.c.at <= until] if until is not None else [])]
