"""The history of whole DocTypes in the order in which it was written, page by page: what simulations move through.

The history of one record is `audit.history`. Nothing here writes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from ..metadata.model import DocType
from .audit import RENAMED
from .system import trace as traces
from .system import version as table
from .tables import record_table

Entry = dict[str, Any]
PORTION = 500


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries of the records of `doctypes`, up to the entry `until`.

    Of the DocTypes in `touched` (names that one DocType had) only records that have an entry between `start` and `end`.
    """

    doctypes: frozenset[str]
    until: int
    touched: frozenset[str]
    start: datetime
    end: datetime

    def conditions(self) -> list[ColumnElement[bool]]:
        named = table.c.doctype.in_(sorted(self.doctypes))
        if not self.touched:
            return [named, table.c.id <= self.until]
        own = table.alias("own")
        period = (own.c.at >= self.start, own.c.at < self.end)
        names = select(own.c.name).where(own.c.doctype.in_(sorted(self.touched)), *period)
        is_touched = and_(table.c.doctype.in_(sorted(self.touched)), table.c.name.in_(names))
        others = self.doctypes - self.touched
        chosen = or_(table.c.doctype.in_(sorted(others)), is_touched) if others else is_touched
        return [chosen, table.c.id <= self.until]


def last_before(connection: Connection, end: datetime) -> int:
    """The number of the last entry that was written before `end`; 0 when there is none."""
    return int(connection.execute(select(func.max(table.c.id)).where(table.c.at < end)).scalar() or 0)


def count(connection: Connection, stretch: Stretch) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(*stretch.conditions())).scalar_one())


def page(connection: Connection, stretch: Stretch, after: int, limit: int = PORTION) -> list[Entry]:
    """The next entries after the one numbered `after`."""
    asked = select(table).where(*stretch.conditions(), table.c.id > after).order_by(table.c.id).limit(limit)
    return [{**row, "changes": json.loads(row["changes"] or "[]")} for row in connection.execute(asked).mappings()]


def named_after(connection: Connection, doctypes: Collection[str], names: Collection[str], after: int) -> set[str]:
    """Those of the records of a DocType (by each of its names) that have a further entry after the one numbered `after`."""
    same = (table.c.doctype.in_(sorted(doctypes)), table.c.name.in_(sorted(names)), table.c.id > after)
    return set(connection.execute(select(table.c.name).where(*same).distinct()).scalars())


def traces_of(connection: Connection, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """The rule traces kept under these ids."""
    asked = select(traces.c.id, traces.c.trace).where(traces.c.id.in_(sorted(ids)))
    return {row.id: row.trace for row in connection.execute(asked)} if ids else {}


def traces_since(connection: Connection, doctype: str, name: str, since: datetime) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """The traces kept of one record from a moment on, in order, each with its time."""
    asked = select(traces.c.at, traces.c.trace).where(traces.c.doctype == doctype, traces.c.name == name, traces.c.at >= since)
    yield from ((row.at, row.trace) for row in connection.execute(asked.order_by(traces.c.at)))


def without_beginning(connection: Connection, doctype: DocType) -> Iterator[list[str]]:
    """Names of records that were there before their history began (or that have none), portion by portion."""
    column = record_table(doctype).c.name
    begun = select(table.c.name).where(
        table.c.doctype == doctype.name, table.c.seq == 1, table.c.action.in_(("create", RENAMED))
    )
    found = iter(connection.execute(select(column).where(column.not_in(begun)).order_by(column)).scalars().all())
    while some := list(islice(found, PORTION)):
        yield some
