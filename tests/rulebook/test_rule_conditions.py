"""Groups, child rows, expressions, links, facts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rulebook_samples import Facts, faults_of, judge, matches, rule

A = {"item": "a", "qty": 1, "rate": 10}
B = {"item": "b", "qty": 2, "rate": 20}

GROUPS: list[tuple[str, Any, dict[str, Any], bool]] = [
    ("all", {"all": [["count", ">", 1], ["subject", "=", "a"]]}, {"count": 2, "subject": "a"}, True),
    ("all, one fails", {"all": [["count", ">", 1], ["subject", "=", "a"]]}, {"count": 2}, False),
    ("any", {"any": [["count", ">", 1], ["subject", "=", "a"]]}, {"subject": "a"}, True),
    ("any, none", {"any": [["count", ">", 1], ["subject", "=", "a"]]}, {}, False),
    ("none of absent values", {"none": [["count", ">", 1], ["subject", "=", "a"]]}, {}, True),
    ("none, one holds", {"none": [["count", ">", 1]]}, {"count": 2}, False),
    ("nested", {"any": [{"all": [["count", ">", 1], {"none": [["urgent", "=", 1]]}]}]}, {"count": 2}, True),
    ("any_row", {"any_row": "items", "where": [["qty", ">", 1]]}, {"items": [A, B]}, True),
    ("any_row of nothing", {"any_row": "items", "where": [["qty", ">", 1]]}, {"items": []}, False),
    (
        "any_row, both in one row",
        {"any_row": "items", "where": [["qty", ">", 1], ["item", "=", "a"]]},
        {"items": [A, B]},
        False,
    ),
    ("all_rows", {"all_rows": "items", "where": [["qty", ">=", 1]]}, {"items": [A, B]}, True),
    ("all_rows, one fails", {"all_rows": "items", "where": [["qty", ">", 1]]}, {"items": [A, B]}, False),
    ("all_rows of an empty table holds", {"all_rows": "items", "where": [["qty", ">", 1]]}, {}, True),
    ("no_row", {"no_row": "items", "where": [["qty", ">", 2]]}, {"items": [A, B]}, True),
    ("no_row, one", {"no_row": "items", "where": [["qty", ">", 1]]}, {"items": [A, B]}, False),
    ("count_rows at", {"count_rows": "items", "where": [["qty", ">=", 1]], "is": [">=", 2]}, {"items": [A, B]}, True),
    ("count_rows below", {"count_rows": "items", "where": [["qty", ">", 1]], "is": [">=", 2]}, {"items": [A, B]}, False),
    ("count_rows of nothing", {"count_rows": "items", "is": ["=", 0]}, {}, True),
    ("row against column", {"any_row": "items", "where": [["qty", "<", {"path": "rate"}]]}, {"items": [A]}, True),
    (
        "row against parent",
        {"any_row": "items", "where": [["rate", ">", {"path": "parent.total"}]]},
        {"items": [A, B], "total": 15},
        True,
    ),
    (
        "row with a group",
        {"any_row": "items", "where": [{"any": [["item", "=", "x"], ["item", "=", "b"]]}]},
        {"items": [A, B]},
        True,
    ),
    ("expression", {"expr": "doc.count > 1 && doc.total < 5"}, {"count": 2, "total": 4}, True),
    ("expression with null", {"expr": "doc.count > 1"}, {}, False),
    ("expression as value", ["total", ">", {"expr": "doc.discount * 2"}], {"total": 5, "discount": 2}, True),
    (
        "expression over a row",
        {"any_row": "items", "where": [{"expr": "doc.qty * doc.rate > parent.total"}]},
        {"items": [A, B], "total": 39},
        True,
    ),
]


@pytest.mark.parametrize(("condition", "values", "expected"), [case[1:] for case in GROUPS], ids=[case[0] for case in GROUPS])
def test_condition(condition: Any, values: dict[str, Any], expected: bool) -> None:
    assert matches(condition, values) is expected


def test_a_row_is_compared_with_its_own_values_before() -> None:
    condition = {"any_row": "items", "where": [["rate", "changed"]]}
    before = {"items": [{"name": "x", "rate": 1}, {"name": "y", "rate": 2}]}
    swapped = {"items": [{"name": "y", "rate": 2}, {"name": "x", "rate": 1}]}
    raised = {"items": [{"name": "x", "rate": 1}, {"name": "y", "rate": 3}]}
    added = {"items": [*before["items"], {"name": "z", "rate": 9}]}
    assert not matches(condition, swapped, old=before)
    assert matches(condition, raised, old=before)
    assert matches(condition, added, old=before)


def test_a_linked_field_is_asked_once_and_only_when_needed() -> None:
    facts = Facts({"customer.credit_limit": Decimal(100)})
    one = rule("one", when={"all": [["total", ">", {"path": "customer.credit_limit"}]]})
    two = rule("two", when={"all": [["customer.credit_limit", "<", 1000]]})
    assert judge([one, two], {"customer": "C1", "total": 101}, facts=facts).matched == ("one", "two")
    assert [(item.doctype, item.field, item.where) for item in facts.asked] == [
        ("Customer", "credit_limit", (("name", "=", "C1"),))
    ]
    facts = Facts()
    assert judge([one, two], {"total": 101}, facts=facts).matched == ()
    assert facts.asked == []


def test_a_rows_link_is_followed_row_by_row() -> None:
    blocked = {"C1": 0, "C2": 1}
    facts = Facts({"person.blocked": lambda query: blocked[query.where[0][2]]})
    condition = {"any_row": "items", "where": [["person.blocked", "=", 1]]}
    assert matches(condition, {"items": [{"person": "C1"}, {"person": "C2"}, {"person": "C1"}]}, facts=facts)
    assert len(facts.asked) == 2


FACTS: list[tuple[str, dict[str, Any], Any, dict[str, Any], bool]] = [
    ("own sum", {"sum": "items.qty"}, ["@f", "=", 3], {"items": [A, B]}, True),
    ("own sum of nothing is 0", {"sum": "items.qty"}, ["@f", "=", 0], {}, True),
    ("own sum under a condition", {"sum": "items.qty", "where": [["item", "=", "b"]]}, ["@f", "=", 2], {"items": [A, B]}, True),
    ("own max", {"max": "items.rate"}, ["@f", "=", 20], {"items": [A, B]}, True),
    ("own min of nothing is absent", {"min": "items.rate"}, ["@f", "is", "not set"], {}, True),
    (
        "hours",
        {"hours_between": ["reported_at", "fixed_at"]},
        ["@f", "=", 1.5],
        {"reported_at": "2026-03-01 10:00", "fixed_at": "2026-03-01 11:30"},
        True,
    ),
    (
        "working hours over a weekend",  # Friday 16:00
        {"working_hours_after": ["reported_at", "total"]},
        ["@f", "=", "2026-03-09 09:00"],
        {"reported_at": "2026-03-06 16:00", "total": 2},
        True,
    ),
    (
        "working hours, how many not known",
        {"working_hours_after": ["reported_at", "total"]},
        ["@f", "is", "not set"],
        {"reported_at": "2026-03-06 08:00"},
        True,
    ),
    (
        "hours, open end",
        {"hours_between": ["reported_at", "fixed_at"]},
        ["@f", "<", 99],
        {"reported_at": "2026-03-01 10:00"},
        False,
    ),
]


@pytest.mark.parametrize(
    ("fact", "condition", "values", "expected"), [case[1:] for case in FACTS], ids=[case[0] for case in FACTS]
)
def test_fact_of_the_record_itself(fact: dict[str, Any], condition: Any, values: dict[str, Any], expected: bool) -> None:
    assert matches(condition, values, declared={"f": fact}) is expected


def test_a_query_fact_is_asked_with_the_records_values() -> None:
    facts = Facts({"n": 3})
    declared = {
        "n": {
            "count": "Visit",
            "where": [["category", "=", {"path": "category"}], ["total", ">=", 100], ["name", "!=", {"path": "name"}]],
        }
    }
    assert matches(["@n", ">=", 3], {"category": "repair"}, facts=facts, declared=declared)
    assert facts.asked[0].where == (("category", "=", "repair"), ("total", ">=", 100), ("name", "is", "set"))


def test_a_query_with_an_absent_value_finds_nothing_and_is_not_asked() -> None:
    facts = Facts({"n": 3})
    declared = {"n": {"count": "Visit", "where": [["category", "=", {"path": "category"}]]}}
    assert matches(["@n", "=", 0], {}, facts=facts, declared=declared)
    assert facts.asked == []


def test_equal_questions_of_two_rules_are_asked_once() -> None:
    facts = Facts({"n": 3})
    declared = {"n": {"count": "Visit"}}
    rules = [rule(name, when={"all": [["@n", ">", 0]]}, facts=declared) for name in ("one", "two")]
    assert judge(rules, {}, facts=facts).matched == ("one", "two")
    assert len(facts.asked) == 1


def test_two_rules_may_give_different_facts_one_name() -> None:
    one = rule("one", when={"all": [["@f", "=", 3]]}, facts={"f": {"sum": "items.qty"}})
    two = rule("two", when={"all": [["@f", "=", 3]]}, facts={"f": {"sum": "items.rate"}})
    assert judge([one, two], {"items": [A, B]}).matched == ("one",)


def test_faults_of_facts_name_their_place() -> None:
    made = rule(
        facts={"a": {"count": "Vist"}, "b": {"sum": "items.qyt"}, "c": {"hours_between": ["reported_at", "subject"]}},
        when={"all": [["@d", "=", 1]]},
    )
    assert faults_of(made) == [
        """rules/r.json: facts.a: 'Vist' is not a record type. Did you mean "Visit"?""",
        """rules/r.json: facts.b: 'qyt' is not a field of Visit Line. Did you mean "qty"?""",
        "rules/r.json: facts.c: 'subject' is not a field that holds a date or a time",
        "rules/r.json: when.all[0]: '@d' is not defined in facts.",
    ]
