"""Runs the tests that stand in rule files: this record, then these consequences of this rule and no others.

A test judges its rule alone. Nothing completes its record: raw values are read by their field types, formulas are not
computed. `facts` gives facts by name (and `link.field` for values fetched through links), `concluded` what other rules said.
`then` lists the consequences that had something to say: a `require` whose fields are filled, or a `block` for rows of which
none is chosen, says nothing; a decision table speaks with the kinds of its outputs. `[]` means nothing at all. `values` gives the
fields as they stand afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from typing import Any, cast

from ..core.text import Text
from ..metadata.fieldtypes import ValueRefused, field_type
from ..metadata.model import DocField, DocType, Model
from .check_tests import MOVE_KEYS
from .compile import MatcherChoice
from .display import show
from .kinds import kind_label
from .model import Conclude, Rule, RuleTest
from .paths import Frame, fact_field
from .read_versions import in_turn
from .rulebook import Rulebook
from .situation import FactQuery, Outcome, Record, Situation

DEFAULT_NOW = datetime(2026, 6, 15, 2, 0, tzinfo=UTC)  # 10:00 in Beijing


@dataclass(frozen=True, slots=True)
class TestResult:
    """What came of one test; `message` says in both languages what was expected and what came."""

    __test__ = False  # not a test class of pytest's

    rule: str
    title: Text
    passed: bool
    message: Text
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Tester:
    """The user of a test: the roles given there, and `All`."""

    __test__ = False  # not a test class of pytest's either

    name: str = "tester@example.com"
    full_name: str = "Tester"
    roles: frozenset[str] = field(default_factory=lambda: frozenset({"All"}))
    department: str | None = None


class GivenFacts:
    """Facts that are simply given, by name."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def value(self, fact: FactQuery, situation: Situation) -> Any:
        if fact.name in self._values:
            return _of_row(self._values[fact.name], fact)
        if fact.function == "first":  # a link or a record that is not given: nothing there
            return None
        raise LookupError(f"the test gives no fact {fact.name!r}")


def _of_row(given: Any, fact: FactQuery) -> Any:
    """What is given row by row stands under a value that the row asks with: `{"stock": {"BOLT": 5, "NUT": 0}}`."""
    if not isinstance(given, Mapping):
        return given
    asked = [str(value) for _, _, value in fact.where]
    found = next((given[value] for value in asked if value in given), None)
    if found is None and fact.function != "first":
        raise LookupError(f"the test gives no fact {fact.name!r} for {', '.join(asked)}")
    return found


def run_tests(rules: Iterable[Rule], model: Model, matcher: MatcherChoice = "durable") -> list[TestResult]:
    """Run every test of every rule, in order."""
    return [run_test(rule, test, model, matcher) for rule in in_turn(rules) for test in rule.tests]


def run_test(rule: Rule, test: RuleTest, model: Model, matcher: MatcherChoice = "durable") -> TestResult:
    doctype = model.get(rule.applies_to)
    if doctype is None:
        return _failed(rule, test, Text(f"没有单据类型 {rule.applies_to!r}", f"{rule.applies_to!r} is not a record type"))
    try:
        situation = _situation(rule, test, model, doctype)
        facts = GivenFacts(_facts(rule, test, model, doctype))
    except ValueRefused as refused:
        return _failed(rule, test, refused.text)
    rulebook = Rulebook.compile([replace(rule, enabled=True, versions=()), *_others(rule, test)], model, matcher)
    outcome = rulebook.evaluate(situation, facts)
    return _judge(rule, test, outcome, model, doctype)


def _judge(rule: Rule, test: RuleTest, outcome: Outcome, model: Model, doctype: DocType) -> TestResult:
    entry = outcome.trace.of(rule.name)
    if entry is not None and entry.note is not None:
        return _failed(rule, test, entry.note, outcome)
    found = Counter(entry.then) if entry is not None else Counter()
    expected = Counter(test.then)
    if found != expected:
        text = Text(
            f"应有“{_called(expected) or '无后果'}”，实得“{_called(found) or '无后果'}”",
            f"expected {_list(expected) or 'nothing'}, got {_list(found) or 'nothing'}",
        )
        return _failed(rule, test, text, outcome)
    for name, value in read_record(test.values or {}, doctype, model).items():
        if name in (test.values or {}) and not _stands(outcome.record.get(name), value):
            expected_value, actual = (
                show(value, doctype.by_name.get(name)),
                show(outcome.record.get(name), doctype.by_name.get(name)),
            )
            text = Text(
                f"{name} 应为 {expected_value.zh}，实得 {actual.zh}", f"{name} should be {expected_value.en}, got {actual.en}"
            )
            return _failed(rule, test, text, outcome)
    said = [fault.text for fault in (*outcome.faults, *outcome.warnings)]
    for wanted in test.faults:
        if not any(wanted in text.zh or wanted in text.en for text in said):
            shown_zh, shown_en = ";".join(text.zh for text in said), "; ".join(text.en for text in said)
            return _failed(
                rule, test, Text(f"提示中没有“{wanted}”：{shown_zh}", f'no message says "{wanted}": {shown_en}'), outcome
            )
    return TestResult(rule.name, test.title, True, Text("通过", "passed"), outcome)


def _stands(actual: Any, expected: Any) -> bool:
    """Whether a field holds what is expected; of rows, what the test says of each."""
    if not isinstance(expected, list) or not isinstance(actual, list):
        return bool(actual == expected)
    named = [{key: value for key, value in row.items() if key not in ("name", "idx")} for row in expected]
    return len(actual) == len(named) and all(
        all(row.get(key) == value for key, value in wanted.items()) for row, wanted in zip(actual, named, strict=True)
    )


def _called(kinds: Counter[str]) -> str:
    return "、".join(kind_label(kind).zh for kind in sorted(kinds.elements()))


def _list(kinds: Counter[str]) -> str:
    return ", ".join(sorted(kinds.elements()))


def _failed(rule: Rule, test: RuleTest, text: Text, outcome: Outcome | None = None) -> TestResult:
    return TestResult(rule.name, test.title, False, text, outcome)


def _others(rule: Rule, test: RuleTest) -> list[Rule]:
    """Stand-ins for the rules that come to the conclusions a test gives."""
    return [
        Rule(f"concludes {name}", rule.applies_to, events=rule.events, times=rule.times, then=(Conclude(name),))
        for name in test.concluded
    ]


def _situation(rule: Rule, test: RuleTest, model: Model, doctype: DocType) -> Situation:
    now = _day_in_force(rule) if test.now is None else field_type("Datetime").parse(test.now, DocField("now", "Datetime"))
    user = Tester()
    if test.user:
        given = dict(test.user)
        if "roles" in given:
            given["roles"] = frozenset(given["roles"]) | {"All"}
        user = replace(user, **given)
    old = None if test.old is None else read_record(test.old, doctype, model)
    event = test.event or (rule.events[0] if rule.events else rule.time_event)
    move = tuple(str(test.move.get(name) or "") for name in MOVE_KEYS)
    return Situation(rule.applies_to, event, read_record(test.doc, doctype, model), user, now, old, move=cast(Any, move))


def _day_in_force(rule: Rule) -> datetime:
    """The moment of a test that says none: the usual one, or the nearest to it on which the version is in force."""
    for bound, early in ((rule.valid_from, True), (rule.valid_to, False)):
        if bound is not None:
            noon = datetime.combine(bound, time(4), UTC)
            if (noon > DEFAULT_NOW) is early and DEFAULT_NOW.date() != bound:
                return noon
    return DEFAULT_NOW


def read_record(values: Mapping[str, Any], doctype: DocType, model: Model) -> Record:
    """Plain values from raw ones, read by their field types; rows are numbered. Raises ValueRefused."""
    found: Record = {"docstatus": 0}
    for name, value in values.items():
        item = doctype.by_name.get(name)
        if item is None:
            found[name] = _standard(name, value)
        elif item.type.holds_rows:
            rows = item.type.parse(value, item)
            child = model.child(item)
            found[name] = [{"name": f"row{index}", "idx": index, **_row(row, child)} for index, row in enumerate(rows, start=1)]
        else:
            found[name] = item.type.parse(value, item)
    return found


def _row(values: Mapping[str, Any], child: DocType) -> Record:
    return {
        name: child.by_name[name].type.parse(value, child.by_name[name]) if name in child.by_name else value
        for name, value in values.items()
    }


def _standard(name: str, value: Any) -> Any:
    if name in ("creation", "modified"):
        return field_type("Datetime").parse(value, DocField(name, "Datetime"))
    return value


def _facts(rule: Rule, test: RuleTest, model: Model, doctype: DocType) -> dict[str, Any]:
    """Facts as plain values: read by the field they gather, numbers exactly."""
    frame = Frame(model, doctype, rule.facts)
    found: dict[str, Any] = {}
    for name, value in test.facts.items():
        fact = rule.facts.get(name)
        item = fact_field(fact, frame) if fact else _linked(name, frame)
        found[name] = (
            {key: _given(one, item) for key, one in value.items()} if isinstance(value, Mapping) else _given(value, item)
        )
    return found


def _given(value: Any, item: DocField | None) -> Any:
    if item is None and isinstance(value, float):
        item = DocField("number", "Float", precision=9)
    if item is None:
        return value
    return tuple(item.type.parse(one, item) for one in value) if isinstance(value, list) else item.type.parse(value, item)


def _linked(name: str, frame: Frame) -> DocField | None:
    head, _, rest = name.removeprefix("row.").partition(".")
    tables = [
        frame.doctype,
        *(frame.rows(item.fieldname).here for item in frame.doctype.table_fields if (item.options or "") in frame.model),
    ]
    for doctype in tables:
        link = doctype.by_name.get(head)
        target = frame.model.get(link.options or "") if link is not None and link.fieldtype == "Link" else None
        if target is not None and rest in target.by_name:
            return target.by_name[rest]
    return None
