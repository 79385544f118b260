"""Who has seen which version of a record (`track_seen`), so that a list shows what is new to its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from ..access.user import User
from ..core.clock import Clock
from ..metadata.model import DocType
from ..storage.database import Database
from ..storage.system import seen as table
from ..storage.upserts import upsert
from .snapshot import Snapshot

NEWS = timedelta(days=30)


class SeenService:
    """Notes that a user has looked at a record, and answers which records are new to them."""

    def __init__(self, database: Database, snapshots: Callable[[], Snapshot], clock: Clock) -> None:
        self._database = database
        self._snapshots = snapshots
        self._clock = clock

    def look(self, user: User, doctype: str, record: Mapping[str, Any]) -> None:
        """The user has this version of the record before them; writes only what is news, and only for a DocType that tracks it."""
        found = self._snapshots().doctype(doctype)
        if not _tracks(found) or not record.get("version"):
            return
        key = {"doctype": doctype, "name": record["name"], "user": user.name}
        with self._database.read() as connection:
            known = _versions(connection, user, doctype, [record["name"]]).get(record["name"], 0)
        if known < record["version"]:
            version = {"version": record["version"]}
            with self._database.write() as connection:
                connection.execute(upsert(connection, table, key | version, list(key), version))

    def unseen(self, user: User, doctype: str, rows: Iterable[Mapping[str, Any]]) -> frozenset[str]:
        """Those of the rows (`name`, `version`, `modified`, `modified_by`) that somebody else changed in the last `NEWS` since the
        user looked, or that they never opened: to a new colleague, the records of past years are not news."""
        since = self._clock.now() - NEWS
        listed = {row["name"]: row["version"] for row in rows if row["modified"] >= since and row["modified_by"] != user.name}
        if not listed or not _tracks(self._snapshots().doctype(doctype)):
            return frozenset()
        with self._database.read() as connection:
            known = _versions(connection, user, doctype, list(listed))
        return frozenset(name for name, version in listed.items() if known.get(name, 0) < version)


def forget(connection: Connection, doctype: str, name: str) -> None:
    """The record is deleted."""
    connection.execute(delete(table).where(table.c.doctype == doctype, table.c.name == name))


def _tracks(doctype: DocType) -> bool:
    return doctype.track_seen and not doctype.istable


def _versions(connection: Connection, user: User, doctype: str, names: list[str]) -> dict[str, int]:
    asked = select(table.c.name, table.c.version).where(
        table.c.doctype == doctype, table.c.user == user.name, table.c.name.in_(names)
    )
    return {row[0]: row[1] for row in connection.execute(asked)}
