"""How obligations were kept in a period: met in time or late, still owed, waived; by rule, by whom, by month.

A reader is told of what concerns records that they may read, and of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ..access.user import User
from ..core.text import Text
from ..storage.database import Database
from ..storage.system import obligation as table
from .loading import readable_among
from .snapshot import Snapshot
from .titles import linked_titles

Outcome = Literal["met", "met_late", "late", "open", "waived"]
OUTCOMES: dict[Outcome, Text] = {
    "met": Text("按时完成", "Met in time"),
    "met_late": Text("超期完成", "Met late"),
    "late": Text("超期未完成", "Late"),
    "open": Text("未到期", "Not due yet"),
    "waived": Text("已豁免", "Waived"),
}
MOST_COUNTED = 50_000


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
        """What was due from one day to another, both included."""
        snapshot = self._snapshots()
        start, end = (datetime.combine(day, time(), self._zone) for day in (since, until + timedelta(days=1)))
        columns = [table.c[name] for name in (
            "doctype", "name", "rule", "owed_by_role", "owed_by_user", "state", "due_at", "opened_at", "breached_at",
        )]  # fmt: skip
        due_then = (table.c.due_at >= start, table.c.due_at < end)
        asked = select(*columns).where(*due_then, table.c.state != "void", table.c.kind == "obligation").limit(MOST_COUNTED)
        with self._database.read() as connection:
            rows = connection.execute(asked).all()
            may_know = readable_among(connection, snapshot.model, user, {(row.doctype, row.name) for row in rows})
            called: dict[str, str] = {}
            for doctype, names in (("User", {row.owed_by_user for row in rows}), ("Role", {row.owed_by_role for row in rows})):
                if (target := snapshot.model.get(doctype)) is not None:
                    called |= linked_titles(connection, snapshot, user, target, {str(name) for name in names if name})
        known = [row for row in rows if (row.doctype, row.name) in may_know]
        whole, rules, persons, months = Tally("", Text("合计", "All")), {}, {}, {}  # type: ignore[var-annotated]
        for row in known:
            outcome = _outcome(row.state, row.breached_at)
            whose = row.owed_by_user or row.owed_by_role or ""
            month = row.due_at.astimezone(self._zone).strftime("%Y-%m")
            for tallies, key, title in (
                (rules, row.rule, snapshot.because(row.rule, row.doctype)), (persons, whose, Text(called.get(whose, whose), whose if row.owed_by_role else called.get(whose, whose))),
                (months, month, Text(month, month)),
            ):  # fmt: skip
                tallies.setdefault(key, Tally(key, title)).numbers[outcome] += 1
            whole.numbers[outcome] += 1
        by_month = sorted(months.values(), key=lambda one: one.key)
        return Statistics(since, until, whole, _most_first(rules.values()), _most_first(persons.values()), by_month)


def _outcome(state: str, breached_at: datetime | None) -> Outcome:
    if state == "met":
        return "met_late" if breached_at else "met"
    if state == "waived":
        return "waived"
    return "open" if state == "open" else "late"


def _most_first(tallies: Iterable[Tally]) -> list[Tally]:
    return sorted(tallies, key=lambda one: (-one.total, one.key))
