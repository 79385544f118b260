"""What has come due among the obligations, claimed row by row within the caller's transaction, and the times in which they wait.

A claim is a lock that other workers pass over and a change that can be made once: what is claimed is this transaction's alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, select, update

from ..calendars.deadline import Pause
from ..storage.system import obligation as table
from ..storage.system import obligation_pause as pauses
from .book import ObligationBook
from .model import OWED, Obligation

LATE = ("late", "escalated")
_PAUSES = (
    select(pauses.c.obligation, pauses.c.started_at, pauses.c.ended_at, pauses.c.by, pauses.c.ended_by, pauses.c.reason)
    .where(pauses.c.obligation.in_(bindparam("the_ids", expanding=True)))
    .order_by(pauses.c.id)
)


@dataclass(frozen=True, slots=True)
class KeptPause:
    """A time in which an obligation waited, as people are told of it."""

    obligation: str
    started_at: datetime
    ended_at: datetime | None
    by: str
    ended_by: str | None
    reason: str

    @property
    def pause(self) -> Pause:
        return Pause(self.started_at, self.ended_at)


class DueBook:
    """Obligations by what time does to them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.book = ObligationBook(connection)

    # Claiming what has come due

    def is_any_due(self, now: datetime) -> bool:
        """Whether there is anything to claim; asked in a read transaction, so that idle polling never writes."""
        return any(
            self.connection.execute(select(table.c.id).where(found).limit(1)).first() is not None
            for found in (_to_warn(now), _to_mark_late(now), _to_escalate(now))
        )

    def claim_warnings(self, now: datetime, limit: int) -> list[Obligation]:
        """Open obligations whose warning time has come; each is returned once."""
        return self._claim(_to_warn(now), limit, {"warned_at": now})

    def claim_late(self, now: datetime, limit: int) -> list[Obligation]:
        """Open obligations that are due, marked as late."""
        found = self._claim(_to_mark_late(now), limit, {"state": "late", "breached_at": table.c.due_at})
        for item in found:
            if item.escalate_to and not item.deadline.escalations:  # opened before the steps were kept with it
                self.book.settle(item.id, escalate_at=item.due_at)
        return found

    def claim_escalations(self, now: datetime, limit: int) -> list[Obligation]:
        """Late obligations whose next step has come, gone on by that one step: `escalate_to` is whom it goes to."""
        found = self._locked(_to_escalate(now), limit)
        for item in found:
            self.book.settle(item.id, **escalated(item, now))
        return self._those(item.id for item in found)

    def _claim(self, condition: ColumnElement[bool], limit: int, change: dict[str, Any]) -> list[Obligation]:
        ids = [item.id for item in self._locked(condition, limit)]
        if ids:
            self.connection.execute(update(table).where(table.c.id.in_(ids)).values(change))
        return self._those(ids)

    def _locked(self, condition: ColumnElement[bool], limit: int) -> list[Obligation]:
        asked = select(table.c.id).where(condition).order_by(table.c.id).limit(limit).with_for_update(skip_locked=True)
        return self._those(self.connection.execute(asked).scalars().all())

    def _those(self, ids: Iterable[str]) -> list[Obligation]:
        return self.book.those(list(ids))

    # Waiting

    def pause(self, item: Obligation, at: datetime, by: str, reason: str) -> None:
        """Stop the clock of an obligation that is owed."""
        self.book.settle(item.id, paused_at=at)
        row = {"obligation": item.id, "started_at": at, "by": by, "reason": reason}
        self.connection.execute(insert(pauses).values(row))

    def resume(self, item: Obligation, at: datetime, by: str) -> None:
        """Let it go on; its times are the caller's to count anew."""
        self.book.settle(item.id, paused_at=None)
        open_one = update(pauses).where(pauses.c.obligation == item.id, pauses.c.ended_at.is_(None))
        self.connection.execute(open_one.values(ended_at=at, ended_by=by))

    def pauses_of(self, ids: Iterable[str]) -> dict[str, list[KeptPause]]:
        """All pauses of these obligations, in their order."""
        found: dict[str, list[KeptPause]] = {}
        wanted = list(ids)
        if not wanted:
            return found
        for row in self.connection.execute(_PAUSES, {"the_ids": wanted}):
            found.setdefault(row.obligation, []).append(KeptPause(*row))
        return found

    def counted_in_calendars(self, after: str, limit: int) -> list[Obligation]:
        """Obligations still owed that are counted in working time, by id from `after` on."""
        condition = (table.c.state.in_(OWED), table.c.in_calendar.is_not(None), table.c.id > after)
        asked = select(table.c.id).where(*condition).order_by(table.c.id).limit(limit)
        return self._those(self.connection.execute(asked).scalars().all())


def escalated(item: Obligation, now: datetime) -> dict[str, Any]:
    """One step up the chain: what changes of the obligation, with the time of the step after it."""
    steps = item.deadline.escalations
    to = steps[item.level].to if item.level < len(steps) else item.escalate_to
    level = item.level + 1
    told = [*item.escalated_to, *([to] if to and to not in item.escalated_to else [])]
    following = item.escalation_times[level] if level < len(item.escalation_times) else None
    return {
        "state": "escalated", "escalated_at": now, "escalate_to": to, "escalated_to": told, "level": level, "escalate_at": following,
    }  # fmt: skip


def _to_warn(now: datetime) -> ColumnElement[bool]:
    return and_(table.c.state == "open", table.c.warn_at <= now, table.c.warned_at.is_(None), table.c.paused_at.is_(None))


def _to_mark_late(now: datetime) -> ColumnElement[bool]:
    return and_(table.c.state == "open", table.c.due_at <= now, table.c.paused_at.is_(None))


def _to_escalate(now: datetime) -> ColumnElement[bool]:
    return and_(table.c.state.in_(LATE), table.c.escalate_at <= now, table.c.paused_at.is_(None))
