"""How obligations were kept in a period: met in time or late, still owed, waived; by rule, by whom, by month.

A reader is told of what concerns records that they may read, and of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, case, func, select

from ..access.permissions import Permissions
from ..access.user import User
from ..calendars.deadline import END_OF_DAY
from ..core.text import Text
from ..obligations.model import MET_LATE
from ..storage.calendar_units import in_unit
from ..storage.database import Database
from ..storage.system import obligation as table
from ..storage.tables import record_table
from .ask import Ask
from .snapshot import Snapshot
from .titles import linked_titles

Outcome = Literal["met", "met_late", "late", "open", "waived"]
OUTCOMES: dict[Outcome, Text] = {
    "met": Text("按时完成", "Met in time"),
    "met_late": MET_LATE,
    "late": Text("超期未完成", "Late"),
    "open": Text("未到期", "Not due yet"),
    "waived": Text("已豁免", "Waived"),
}


@dataclass
class Tally:
    """The numbers of one rule, one person or one month."""

    key: str
    title: Text
    numbers: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))

    @property
    def total(self) -> int:
        return sum(self.numbers.values())

    @property
    def kept_percent(self) -> int | None:
        """Of those that are decided one way or the other, how many were met in time."""
        decided = self.numbers["met"] + self.numbers["met_late"] + self.numbers["late"]
        return round(100 * self.numbers["met"] / decided) if decided else None


@dataclass(frozen=True)
class Statistics:
    since: date
    until: date
    whole: Tally
    by_rule: list[Tally]
    by_whom: list[Tally]
    by_month: list[Tally]


class OwedStatistics:
    def __init__(self, database: Database, snapshots: Callable[[], Snapshot], zone: ZoneInfo) -> None:
        self._database = database
        self._snapshots = snapshots
        self._zone = zone

    def of(self, user: User, since: date, until: date) -> Statistics:
        """What was due from one day to another, both included, at the end of a day on that day. Counted by the database, however many there are."""
        snapshot = self._snapshots()
        start, end = (datetime.combine(day, time(), self._zone) + END_OF_DAY for day in (since, until + timedelta(days=1)))
        with self._database.read() as connection:
            rows = list(self._counted(connection, snapshot, user, start, end))
            called: dict[str, str] = {}
            for doctype, names in (("User", {row.owed_by_user for row in rows}), ("Role", {row.owed_by_role for row in rows})):
                if (target := snapshot.model.get(doctype)) is not None:
                    called |= linked_titles(connection, snapshot, user, target, {str(name) for name in names if name})
        whole, rules, persons, months = Tally("", Text("合计", "All")), {}, {}, {}  # type: ignore[var-annotated]
        for row in rows:
            outcome = _outcome(row.state, bool(row.was_late))
            whose = row.owed_by_user or row.owed_by_role or ""
            named = called.get(whose, whose)
            for tallies, key, title in (
                (rules, row.rule, snapshot.because(row.rule, row.doctype)),
                (persons, whose, Text(named, whose if row.owed_by_role else named)),
                (months, row.month, Text(row.month, row.month)),
            ):
                tallies.setdefault(key, Tally(key, title)).numbers[outcome] += row.number
            whole.numbers[outcome] += row.number
        by_month = sorted(months.values(), key=lambda one: one.key)
        return Statistics(since, until, whole, _most_first(rules.values()), _most_first(persons.values()), by_month)

    def _counted(
        self, connection: Connection, snapshot: Snapshot, user: User, start: datetime, end: datetime
    ) -> Iterator[Row[Any]]:
        """How many there are of each rule, owner, outcome and month, of the records that the user may read; one query for each DocType."""
        due_then = (table.c.due_at >= start, table.c.due_at < end, table.c.state != "void", table.c.kind == "obligation")
        month = in_unit(table.c.due_at, "month", "datetime", self._zone, minutes_before=END_OF_DAY.seconds // 60).label("month")
        was_late = case((table.c.breached_at.is_(None), 0), else_=1).label("was_late")
        parts = (table.c.doctype, table.c.rule, table.c.owed_by_role, table.c.owed_by_user, table.c.state, was_late, month)
        for name in connection.execute(select(table.c.doctype).distinct().where(*due_then)).scalars().all():
            if name not in snapshot.model or not Permissions(snapshot.model).may(user, "read", name):
                continue
            ask = Ask(snapshot, user, name)
            about = record_table(ask.doctype)
            may_know = ask.condition()
            asked = (
                select(*parts, func.count().label("number"))
                .join(about, about.c.name == table.c.name)
                .where(*due_then, table.c.doctype == name)
            )
            yield from connection.execute((asked if may_know is None else asked.where(may_know)).group_by(*parts))


def _outcome(state: str, was_late: bool) -> Outcome:
    if state == "met":
        return "met_late" if was_late else "met"
    if state == "waived":
        return "waived"
    return "open" if state == "open" else "late"


def _most_first(tallies: Iterable[Tally]) -> list[Tally]:
    return sorted(tallies, key=lambda one: (-one.total, one.key))
