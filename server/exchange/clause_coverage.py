"""What becomes of each clause of the procedures: what implements it, what the tests of its rules say, how often these spoke.

A rule that speaks by refusing leaves no trace, since a refused save keeps nothing; rules that only a time starts have no save.
How often these spoke is not known, which is not the same as never.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..access.permissions import Permissions
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import NotFound
from ..core.text import Text
from ..documents.clauses import CLAUSE, Citation, Kind, citations
from ..documents.queries import MAX_PAGE, QueryService
from ..documents.snapshot import Snapshot
from ..rulebook.model import Block, Rule
from ..rulebook.testing import TestResult
from ..storage import audit
from ..storage.database import Database
from .rule_workshop import RuleWorkshop

PROCEDURE = "Procedure"
DAYS = 30


@dataclass(frozen=True)
class Implementation:
    """A piece of metadata that implements a clause. `times` is at how many saves a rule spoke; None where that is not known."""

    kind: Kind
    name: str
    title: Text
    tests: int = 0
    failed: tuple[Text, ...] = ()
    times: int | None = None


@dataclass(frozen=True)
class CoveredClause:
    code: str
    section: str
    words: Text
    by: tuple[Implementation, ...]

    @property
    def tests(self) -> int:
        return sum(item.tests for item in self.by)

    @property
    def failed(self) -> tuple[Text, ...]:
        return tuple(title for item in self.by for title in item.failed)

    @property
    def times(self) -> int | None:
        """How often its rules spoke; None without a rule of which that is known."""
        known = [item.times for item in self.by if item.times is not None]
        return sum(known) if known else None


@dataclass(frozen=True)
class CoveredProcedure:
    """A procedure with those of its clauses that were asked for."""

    code: str
    title: Text
    standard: str
    revision: str
    clauses: tuple[CoveredClause, ...]

    def number(self, show: str) -> int:
        """How many of its clauses are of that kind of `SHOWN`."""
        return sum(SHOWN[show][1](clause) for clause in self.clauses)


# Which clauses can be asked for
SHOWN: Mapping[str, tuple[Text, Callable[[CoveredClause], bool]]] = {
    "open": (Text("未实现", "Not implemented"), lambda clause: not clause.by),
    "silent": (Text("规则未触发", "Rules silent"), lambda clause: clause.times == 0),
    "failing": (Text("测试失败", "Tests fail"), lambda clause: bool(clause.failed)),
}


class ClauseCoverage:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        snapshots: Callable[[], Snapshot],
        queries: QueryService,
        workshop: RuleWorkshop,
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._queries = queries
        self._workshop = workshop

    def may_read(self, user: User) -> bool:
        """Whether the user may report on clauses."""
        return Permissions(self._snapshots().model).may(user, "report", CLAUSE)

    def procedures(self, user: User) -> list[CoveredProcedure]:
        """Every procedure with its clauses, as far as the user may read these.

        Raises NotFound on a site that keeps no clauses, PermissionRefused.
        """
        snapshot = self._snapshots()
        if CLAUSE not in snapshot.model:
            raise NotFound(
                Text("本站点没有登记条款的单据类型“Clause”。", 'This site has no record type "Clause" to keep clauses in.')
            )
        Permissions(snapshot.model).require(user, "report", CLAUSE)
        clauses: dict[str, list[CoveredClause]] = {}
        pieces = _Pieces(snapshot, self._workshop.results(), self._times())
        for row in self._queries.list(user, CLAUSE, fields=["*"], order_by="name asc", limit=MAX_PAGE).rows:
            clauses.setdefault(row.get("document") or "", []).append(_covered(row, pieces))
        known = {row["name"]: row for row in self._procedures(user, snapshot)}
        return [_procedure(code, known.get(code, {}), clauses.get(code, ())) for code in sorted({*known, *clauses})]

    def procedure_titles(self, user: User) -> dict[str, Text]:
        """The procedure of each clause that the user may read, by number and title; empty on a site that keeps no clauses."""
        snapshot = self._snapshots()
        if CLAUSE not in snapshot.model or not Permissions(snapshot.model).may(user, "read", CLAUSE):
            return {}
        known = {row["name"]: row for row in self._procedures(user, snapshot)}
        titles = {code: _procedure(code, row, ()).title for code, row in known.items()}
        rows = self._queries.list(user, CLAUSE, fields=["name", "document"], order_by="name asc", limit=MAX_PAGE).rows
        codes = {row["name"]: row.get("document") or "" for row in rows}
        return {
            clause: Text(f"{code} {titles[code].zh}", f"{code} {titles[code].en}") if code in titles else Text.of(code)
            for clause, code in codes.items()
        }

    def _times(self) -> Counter[str]:
        with self._database.read() as connection:
            return audit.times_spoken(connection, self._clock.now() - timedelta(days=DAYS))

    def _procedures(self, user: User, snapshot: Snapshot) -> Iterable[Mapping[str, Any]]:
        if not Permissions(snapshot.model).may(user, "read", PROCEDURE):
            return ()
        return self._queries.list(user, PROCEDURE, fields=["*"], order_by="name asc", limit=MAX_PAGE).rows


class _Pieces:
    """What cites each clause, with what is known of it."""

    def __init__(self, snapshot: Snapshot, results: Mapping[str, Sequence[TestResult]], times: Counter[str]) -> None:
        self._snapshot = snapshot
        self._results = results
        self._times = times
        self._cited = citations(snapshot)

    def of(self, clause: str) -> tuple[Implementation, ...]:
        return tuple(self._implementation(item) for item in self._cited.get(clause, ()))

    def _implementation(self, item: Citation) -> Implementation:
        snapshot = self._snapshot
        if item.kind == "Rule":
            return self._rule(snapshot.rulebook.rules[item.name])
        titles: dict[Kind, Callable[[], Text]] = {
            "DocType": lambda: snapshot.model[item.name].label,
            "Workflow": lambda: next(flow.title for flow in snapshot.workflows.in_force.values() if flow.name == item.name),
            "Print Format": lambda: snapshot.print_formats[item.name].title,
            "Report": lambda: snapshot.reports[item.name].title,
        }
        return Implementation(item.kind, item.name, titles[item.kind]())

    def _rule(self, rule: Rule) -> Implementation:
        results = self._results.get(rule.name, ())
        failed = tuple(result.title for result in results if not result.passed)
        times = self._times[rule.name]
        return Implementation(
            "Rule", rule.name, rule.title, len(results), failed, times if times or _leaves_traces(rule) else None
        )


def _leaves_traces(rule: Rule) -> bool:
    """Whether a save at which it speaks can be kept."""
    return any(
        bool(version.events or version.moves) and not all(isinstance(item, Block) for item in version.then)
        for version in rule.all_versions
    )


def _covered(row: Mapping[str, Any], pieces: _Pieces) -> CoveredClause:
    words = row.get("text") or ""
    return CoveredClause(
        row["name"], row.get("section") or "", Text(words, row.get("expectation") or words), pieces.of(row["name"])
    )


def _procedure(code: str, row: Mapping[str, Any], clauses: Iterable[CoveredClause]) -> CoveredProcedure:
    title = row.get("title") or code
    return CoveredProcedure(
        code,
        Text(title, row.get("title_en") or title),
        row.get("standard") or "",
        row.get("revision") or "",
        tuple(clauses),
    )
