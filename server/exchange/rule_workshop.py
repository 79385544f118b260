"""A rule while it is being made: what is wrong with it, how it reads aloud, what its tests say, what weakens its tables.

A look changes nothing and costs tens of milliseconds, so that it can be taken after every stroke; it judges the rule with the
record types in force and beside the other rules. Publishing is `publisher`, unfinished work `drafts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.errors import Fault
from ..core.ids import digest
from ..core.text import EMPTY, Text
from ..core.values import canonical
from ..documents.snapshot import Snapshot
from ..metadata.model import Model
from ..rulebook.check import check_rules
from ..rulebook.compile import MatcherChoice
from ..rulebook.describe import describe
from ..rulebook.model import Rule
from ..rulebook.paths import Frame, PathRefused, Resolved, resolve
from ..rulebook.read import read
from ..rulebook.read_versions import in_turn
from ..rulebook.tables.analyse import Finding, analyse
from ..rulebook.tables.compile import compiled_tables
from ..rulebook.testing import TestResult, run_test
from .publisher import Publisher
from .tested import results_of

_HARMLESS = ("tests", "name", "title", "description", "source")  # faults there keep no test from running


@dataclass(frozen=True)
class Part:
    """What is seen of one version of a rule. `tests` stand by their place in it; one that cannot be run is None."""

    sentence: Text
    tests: tuple[TestResult | None, ...]
    facts: Mapping[str, Resolved]
    findings: tuple[tuple[str, tuple[Finding, ...]], ...]  # of each table: its path, what was found


@dataclass(frozen=True)
class Look:
    """What is seen of a rule: its parts are its versions by their place in its JSON, the first of them at ""."""

    rule: Rule | None
    faults: tuple[Fault, ...]  # `where` is a path within the rule
    parts: Mapping[str, Part]

    @property
    def is_right(self) -> bool:
        return not self.faults


class RuleWorkshop:
    def __init__(self, snapshots: Callable[[], Snapshot], publisher: Publisher, matcher: MatcherChoice) -> None:
        self._snapshots = snapshots
        self._publisher = publisher
        self._matcher = matcher

    def look(self, raw: Any) -> Look:
        """What is to be said of a rule's JSON, however wrong it is."""
        snapshot = self._snapshots()
        rule, shape = read(raw, "")
        if rule is None:
            return Look(None, tuple(shape), {})
        others = [one for one in snapshot.rulebook.rules.values() if one.name != rule.name]
        found = check_rules([rule, *others], snapshot.model, roles=snapshot.model.roles, ways=snapshot.workflows.ways)
        faults = [*shape, *(fault for fault in found if fault.rule == rule.name)]
        placed = tuple(dict.fromkeys(_placed(fault, rule.name) for fault in faults))
        return Look(rule, placed, {version.at: self._part(version, placed, snapshot) for version in in_turn([rule])})

    def results(self) -> dict[str, list[TestResult]]:
        """What the tests of every rule in force say, by rule."""
        snapshot = self._snapshots()
        doctypes = {s.name: digest(canonical(s.raw)) for s in self._publisher.stored() if s.kind == "DocType"}
        rules = list(snapshot.rulebook.rules.values())
        found: dict[str, list[TestResult]] = {rule.name: [] for rule in rules}
        for result in results_of(rules, snapshot.model, digest(canonical(doctypes)), self._matcher):
            found[result.rule].append(result)
        return found

    def _part(self, version: Rule, faults: Sequence[Fault], snapshot: Snapshot) -> Part:
        alone, model = replace(version, versions=()), snapshot.model
        if version.applies_to not in model:
            return Part(EMPTY, _results(alone, None, model), {}, ())
        return Part(
            describe(alone, model) if version.then else EMPTY,
            _results(alone, _places(version, faults), model),
            _facts(alone, snapshot),
            tuple((table.table.at, tuple(analyse(table))) for table in compiled_tables(alone, model)),
        )


def _places(version: Rule, faults: Iterable[Fault]) -> set[str]:
    """The places of the faults within a version, those of what it takes over from the rule among them."""
    where = {fault.where for fault in faults}
    if not version.at:
        return {place for place in where if not place.startswith("versions[")}
    own = {place.removeprefix(f"{version.at}.") for place in where if place.startswith(f"{version.at}.")}
    return own | {place for place in where if _key(place) not in ("versions", "tests", *version.raw)}


def _key(place: str) -> str:
    return place.split("[")[0].split(".")[0]


def _results(version: Rule, places: set[str] | None, model: Model) -> tuple[TestResult | None, ...]:
    """What each test says; nothing does while the version is wrong (`places` of its faults, None where they are not known)."""
    given = version.raw.get("tests")
    found: list[TestResult | None] = [None] * (len(given) if isinstance(given, list) else 0)
    if places is None or any(_key(place) not in _HARMLESS for place in places):
        return tuple(found)
    for test in version.tests:
        if not any(place.startswith(f"{test.at}.") or place == test.at for place in places):
            found[int(test.at[len("tests[") : -1])] = run_test(version, test, model, "reference")
    return tuple(found)


def _facts(rule: Rule, snapshot: Snapshot) -> dict[str, Resolved]:
    """What each fact that holds together is called, and of which kind it is."""
    frame = Frame(snapshot.model, snapshot.model[rule.applies_to], rule.facts)
    found = {}
    for name, fact in rule.facts.items():
        try:
            found[name] = resolve(f"@{name}", frame.rows(fact.each) if fact.each else frame)
        except PathRefused:
            continue
    return found


def _placed(fault: Fault, rule: str) -> Fault:
    """The fault with its place within the rule, and a text that does not repeat it."""
    where, text = fault.where, fault.text
    place = where.removeprefix(f"{rule}: ")
    said = Text(text.zh.removeprefix(f"{where}："), text.en.removeprefix(f"{where}: "))
    return Fault(place, said, fault.clauses, fault.rule)
