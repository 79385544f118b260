"""Reading and checking rule files: all faults at once, each with its place; and the tests that stand in them."""

from __future__ import annotations

from typing import Any

import pytest
from rulebook_samples import MODEL, faults_of, rule

from server.core.errors import MetadataInvalid
from server.rulebook.check import check_rule_shape, check_rules
from server.rulebook.read import read_rule
from server.rulebook.testing import run_tests

GOOD: dict[str, Any] = {
    "name": "below-list",
    "title": {"zh": "低于价目表", "en": "Below list"},
    "source": ["S02-04"],
    "applies_to": "Visit",
    "when": {"all": [["deviation", "<", -10]]},
    "then": [
        {"require_approval": {"role": "General Manager", "again_when": ["items", "total"]}},
        {"warn": {"message": "{deviation}"}},
    ],
    "tests": [
        {"title": "exactly 10 %", "doc": {"deviation": -10}, "then": []},
        {"title": "10.01 %", "doc": {"deviation": -10.01}, "then": ["warn", "require_approval"], "faults": ["-10.01 %"]},
    ],
}


def test_a_good_rule_has_no_faults_and_its_tests_pass() -> None:
    assert check_rule_shape(GOOD, "f.json") == []
    made = read_rule(GOOD, "f.json")
    assert check_rules([made], MODEL) == []
    assert [result.passed for result in run_tests([made], MODEL)] == [True, True]
    assert made.raw == GOOD


def test_all_faults_of_form_are_named_at_once() -> None:
    raw = GOOD | {
        "name": "-x", "applies_to": 5, "on": ["save", {"after": "12 houres", "of": "reported_at"}], "priority": "high", "colour": 1,
        "valid_from": "soon", "when": {"all": [["a"], {"any_rows": "items"}, 7]}, "then": [{"blck": {}}, {"block": {}}, {"oblige": {"title": "t"}}],
        "facts": {"n": {"cuont": "Visit"}}, "tests": [{"then": []}], "source": "S01",
    }  # fmt: skip
    faults = [fault.text.en for fault in check_rule_shape(raw, "f.json")]
    for start in (
        "f.json: colour: ", "f.json: name: '-x' is not a rule name", "f.json: applies_to: ", "f.json: on[0]: 'save' is not an event",
        "f.json: on[1].after: '12 houres': expected a length of time", "f.json: priority: 'high'", "f.json: valid_from: 'soon' is not a date",
        "f.json: when.all[0]: ['a'] should be", "f.json: when.all[1]: a condition has exactly one of", "f.json: when.all[2]: 7 should be",
        "f.json: then[0]: a consequence has exactly one of", "f.json: then[1].block.message: ", "f.json: then[2].oblige: exactly one of role",
        "f.json: facts.n: a fact has exactly one function", "f.json: tests[0].doc: ", "f.json: source: ",
    ):  # fmt: skip
        assert any(text.startswith(start) for text in faults), (start, faults)
    assert 'Did you mean "any_row"?' in " ".join(faults)
    assert 'Did you mean "block"?' in " ".join(faults)


@pytest.mark.parametrize("raw", [None, [], "rule", 3, {}, {"then": 3, "when": 3, "tests": 3, "facts": 3, "on": 3}], ids=repr)
def test_whatever_stands_in_a_file_gives_faults_and_no_exception(raw: Any) -> None:
    assert check_rule_shape(raw, "f.json")
    with pytest.raises(MetadataInvalid):
        read_rule(raw, "f.json")


def test_a_rule_naming_an_unknown_field_is_told_the_nearest() -> None:
    assert faults_of(rule(when={"all": [["totl", ">", 5]]})) == [
        """rules/r.json: when.all[0]: 'totl' is not a field of Visit. Did you mean "total"?"""
    ]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("doctype", {"applies_to": "Vist"}, """applies_to: 'Vist' is not a record type. Did you mean "Visit"?"""),
    ("child table", {"applies_to": "Visit Line"}, "applies_to: Visit Line is a child table"),
    ("number as text", {"when": {"all": [["total", ">", "5"]]}}, "when.all[0]: the value '5' does not fit; expected a number"),
    ("text as number", {"when": {"all": [["subject", "=", 5]]}}, "when.all[0]: the value 5 does not fit; expected a text"),
    ("no such choice", {"when": {"all": [["category", "=", "repiar"]]}}, "when.all[0]: the value 'repiar' does not fit; expected one of the choices: repair, check"),
    ("no date", {"when": {"all": [["due_on", ">", "soon"]]}}, "when.all[0]: 'soon': \"soon\" is not a date"),
    ("empty all", {"when": {"all": []}}, "when.all: no condition."),
    ("empty any", {"when": {"all": [["total", ">", 5]], "any": []}}, "when.any: no condition."),
    ("empty group inside", {"when": {"all": [{"none": []}]}}, "when.all[0]: no condition."),
    ("locks every record in a roundabout way", {"when": {"any": [["total", "is", "set"], ["total", "=", None]]}, "then": [{"block": {"message": "x"}}]}, "then[0].block: the condition always holds: no Visit could ever be saved"),
    ("order of texts", {"when": {"all": [["subject", ">", "a"]]}}, "when.all[0]: '>' is not possible for 'subject' (Subject)"),
    ("hours of a date", {"when": {"all": [["due_on", "older_than", "12 h"]]}}, "when.all[0]: the value '12 h' does not fit; expected whole days"),
    ("no table", {"when": {"all": [{"any_row": "item", "where": []}]}}, """when.all[0].any_row: 'item' is not a child table of Visit. Did you mean "items"?"""),
    ("no column", {"when": {"all": [{"any_row": "items", "where": [["qyt", ">", 1]]}]}}, "when.all[0].where[0]: 'qyt' is not a field of Visit Line."),
    ("deep", {"when": {"all": [{"any": [["x", "=", "1"]]}]}}, "when.all[0].any[0]: 'x' is not a field of Visit."),
    ("no link", {"when": {"all": [["subject.x", "=", "1"]]}}, "when.all[0]: 'subject.x': subject is not a Link field"),
    ("linked field", {"when": {"all": [["customer.credit", ">", 1]]}}, "when.all[0]: 'credit' is not a field of Customer."),
    ("old value of a link", {"when": {"all": [["customer.blocked", "changed"]]}}, "when.all[0]: 'customer.blocked' has no old value"),
    ("expression", {"when": {"all": [{"expr": "doc.total >"}]}}, "when.all[0]: expression 'doc.total >':"),
    ("expression's field", {"when": {"all": [{"expr": "doc.totl > 1"}]}}, "when.all[0]: expression 'doc.totl > 1': 'totl' is not a field of Visit."),
    ("computed field", {"then": [{"set": {"net": 1}}]}, "then[0].set.net: net is computed by a formula; a rule cannot set it"),
    ("set unknown", {"then": [{"set": {"levl": 1}}]}, "then[0].set.levl: 'levl' is not a field of Visit."),
    ("set unfit", {"then": [{"set": {"count": "many"}}]}, "then[0].set.count: 'many': \"many\" is not a number"),
    ("block field", {"then": [{"block": {"message": "x", "field": "totl"}}]}, "then[0].block: 'totl' is not a field of Visit."),
    ("again_when", {"then": [{"require_approval": {"role": "R", "again_when": ["items.rtae"]}}]}, "then[0].require_approval: 'rtae' is not a field of Visit Line."),
    ("oblige from", {"then": [{"oblige": {"role": "R", "title": "t", "from": "subject"}}]}, "then[0].oblige: 'subject' is not a field that holds a date"),
    ("fulfil", {"then": [{"fulfil": "nobody"}]}, "then[0].fulfil.rule: 'nobody' is not a rule that obliges."),
    ("create", {"then": [{"create": {"doctype": "Custmer", "values": {"a": 1}}}]}, "then[0].create.doctype: 'Custmer' is not a record type."),
    ("require", {"then": [{"require": ["sbject"]}]}, "then[0].require.fields[0]: 'sbject' is not a field of Visit."),
    ("time", {"on": [{"after": "1 h", "of": "subject"}]}, "on[0].of: 'subject' is not a Date or Datetime field"),
    ("period", {"valid_from": "2026-02-01", "valid_to": "2026-01-01"}, "valid_to: 2026-01-01 is before valid_from"),
    ("test's field", {"tests": [{"doc": {"totl": 1}, "then": []}]}, "tests[0].doc.totl: 'totl' is not a field of Visit."),
    ("test's row", {"tests": [{"doc": {"items": [{"qty": "x"}]}, "then": []}]}, "tests[0].doc.items[0].qty: 'x': \"x\" is not a number"),
    ("test's fact", {"tests": [{"doc": {}, "facts": {"n": 1}, "then": []}]}, "tests[0].facts.n: the rule has no fact 'n'."),
    ("test's event", {"tests": [{"doc": {}, "event": "submit", "then": []}]}, "tests[0].event: the rule has no event 'submit'"),
    ("always refuses", {"then": [{"block": "no"}]}, "then[0].block: there is no condition: no Visit could ever be saved"),
    ("test's kind", {"tests": [{"doc": {}, "then": ["block"]}]}, "tests[0].then[0]: the rule has no consequence 'block'."),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_fault(change: dict[str, Any], expected: str) -> None:
    raw = {"name": "r", "applies_to": "Visit", "then": [{"warn": {"message": "x"}}]} | change
    assert check_rule_shape(raw, "f.json") == []
    faults = [fault.text.en for fault in check_rules([read_rule(raw, "f.json")], MODEL)]
    assert [text[: len(expected) + 8] for text in faults] == ["f.json: " + expected]


def test_two_rules_of_one_name_and_unknown_roles() -> None:
    assert "is already the name of a rule" in faults_of(rule("a"), rule("a"))[0]
    made = rule("a", then=[{"notify": {"role": "Manger", "message": "x"}}])
    assert faults_of(made, roles=["Manager"]) == [
        """rules/a.json: then[0].notify.role: 'Manger' is not a role: no record type gives it a permission. Did you mean "Manager"?"""
    ]


def result(test: dict[str, Any], **more: Any) -> Any:
    return run_tests([rule("r", tests=[{"title": "t", **test}], **more)], MODEL)[0]


def test_a_failing_test_says_what_was_expected_and_what_came() -> None:
    found = result({"doc": {}, "then": []})
    assert not found.passed
    assert found.message.en == "expected nothing, got warn"
    assert found.message.zh == "应有“无后果”，实得“提醒”"
    found = result({"doc": {}, "then": ["warn"], "faults": ["something else"]})
    assert not found.passed
    assert found.message.en == 'no message says "something else": r speaks'


def test_tests_give_facts_users_old_values_times_and_conclusions() -> None:
    when = {
        "all": [
            ["@n", ">", 2],
            ["user.roles", "contains", "Boss"],
            ["total", "increased_by_percent", 10],
            ["due_on", "before", "today"],
            {"concluded": "x"},
        ]
    }
    test = {
        "doc": {"total": 120, "due_on": "2026-01-01"}, "old": {"total": 100}, "facts": {"n": 3}, "user": {"roles": ["Boss"]}, "now": "2026-01-02 08:00",
        "concluded": ["x"], "then": ["warn"],
    }  # fmt: skip
    found = result(test, when=when, facts={"n": {"count": "Visit"}})
    assert found.passed, found.message
    assert not result({**test, "now": "2026-01-01 08:00"}, when=when, facts={"n": {"count": "Visit"}}).passed


def test_a_test_gives_linked_values_by_their_path() -> None:
    when = {"all": [["total", ">", {"path": "customer.credit_limit"}]]}
    assert result(
        {"doc": {"total": 101, "customer": "C"}, "facts": {"customer.credit_limit": 100}, "then": ["warn"]}, when=when
    ).passed


def test_a_fact_that_the_test_does_not_give_fails_it() -> None:
    found = result({"doc": {}, "then": []}, when={"all": [["@n", ">", 2]]}, facts={"n": {"count": "Visit"}})
    assert not found.passed
    assert "the test gives no fact 'n'" in found.message.en


def test_time_rules_are_tested_at_their_event() -> None:
    more = {"on": [{"after": "12 h", "of": "reported_at"}], "when": {"all": [["reported_at", "older_than", "12 h"]]}}
    assert result({"doc": {"reported_at": "2026-01-01 00:00"}, "now": "2026-01-01 12:00", "then": ["warn"]}, **more).passed
    assert result({"doc": {"reported_at": "2026-01-01 00:00"}, "now": "2026-01-01 11:59", "then": []}, **more).passed
