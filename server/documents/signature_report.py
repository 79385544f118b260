"""All e-signatures of the site for one reader, with what has become of each: filtered, a page at a time, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..storage import records, signatures
from ..storage.database import Database
from ..storage.system import signature as table
from .signed_content import Signature, judged
from .signing import signatures_of
from .snapshot import Snapshot

PAGE = 50
MOST_LOOKED_AT = 100_000  # of one report; a filter that matches almost nothing ends somewhere


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which signatures: empty parts leave everything in."""

    signer: str = ""
    meaning: str = ""
    doctype: str = ""
    since: datetime | None = None
    until: datetime | None = None  # not included
    state: Literal["", "valid", "void"] = ""

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        for column, value in (("signer", self.signer), ("meaning", self.meaning), ("doctype", self.doctype)):
            if value:
                yield table.c[column] == value
        if self.since is not None:
            yield table.c.at >= self.since
        if self.until is not None:
            yield table.c.at < self.until

    def takes(self, item: Signature) -> bool:
        return not self.state or item.is_valid == (self.state == "valid")


class SignatureReport:
    def __init__(self, database: Database, snapshots: Callable[[], Snapshot]) -> None:
        self._database = database
        self._snapshots = snapshots

    def page(self, user: User, wanted: Wanted, *, before: int | None = None, limit: int = PAGE) -> list[Signature]:
        """The newest signatures of records that the reader may read; `before` is the number of the last one seen."""
        found: list[Signature] = []
        looked_at = 0
        while len(found) < limit and looked_at < MOST_LOOKED_AT:
            some, before = self._portion(user, wanted, before)
            if before is None:
                break
            looked_at += PAGE
            found += some
        return found[:limit]

    def all(self, user: User, wanted: Wanted) -> Iterator[Signature]:
        """Every one of them, read in portions."""
        before: int | None = None
        while True:
            some, before = self._portion(user, wanted, before)
            yield from some
            if before is None:
                return

    def _portion(self, user: User, wanted: Wanted, before: int | None) -> tuple[list[Signature], int | None]:
        """Some signatures, and the number to go on from (None: there are no more)."""
        conditions = [*wanted.conditions(), *([table.c.number < before] if before is not None else [])]
        with self._database.read() as connection:
            rows = signatures.listed(connection, conditions, PAGE)
            found = self._as_they_stand(connection, user, rows)
        return [item for item in found if wanted.takes(item)], rows[-1]["number"] if rows else None

    def _as_they_stand(self, connection: Connection, user: User, rows: list[dict[str, Any]]) -> list[Signature]:
        snapshot = self._snapshots()
        permissions = Permissions(snapshot.model)
        known: dict[tuple[str, str], dict[str, Signature] | None] = {}
        found: list[Signature] = []
        for row in rows:
            about = (row["doctype"], row["name"])
            if about not in known:
                known[about] = self._of_record(connection, snapshot, permissions, user, *about)
            of_record = known[about]
            if of_record is not None:
                found.append(of_record.get(row["id"]) or judged(row, (), None))
        return found

    def _of_record(
        self, connection: Connection, snapshot: Snapshot, permissions: Permissions, user: User, doctype: str, name: str
    ) -> dict[str, Signature] | None:
        """The signatures of one record by id; None when the reader may not read it."""
        model = snapshot.model.get(snapshot.called_now(doctype) or doctype)
        record = records.load(connection, snapshot.model, model, name) if model is not None else None
        if model is None or record is None or not permissions.may(user, "read", model.name, record):
            return None
        return {item.id: item for item in signatures_of(connection, snapshot, model, record)}
