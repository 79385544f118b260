"""What rules ask, set and make row by row: facts of each row, values of columns, records by mapping."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rulebook_samples import MODEL, Facts, faults_of, judge, rule

from server.rulebook.describe import describe
from server.rulebook.effects import CreateRecord
from server.rulebook.testing import run_tests

ON_HAND = {
    "sum": "credit_limit",
    "of": "Customer",
    "each_row": "items",
    "where": [["name", "=", {"path": "person"}]],
    "lock": "person",
}
TAKEN = {"sum": "items.qty", "each_row": "items", "where": [["person", "=", {"path": "person"}]]}
TWO = {
    "items": [
        {"item": "a", "person": "C1", "qty": 3},
        {"item": "b", "person": "C2", "qty": 4},
        {"item": "c", "person": "C1", "qty": 3},
    ]
}


def stock(**by_person: int) -> Facts:
    return Facts({"on_hand": lambda fact: Decimal(by_person[fact.where[0][2]])})


def test_each_row_has_its_own_fact() -> None:
    facts = stock(C1=3, C2=3)
    short = rule(facts={"on_hand": ON_HAND}, when={"any_row": "items", "where": [["@on_hand", "<", {"path": "qty"}]]})
    block = rule(
        "say", facts={"on_hand": ON_HAND},
        then=[{"block": {"each_row": "items", "where": [["@on_hand", "<", {"path": "qty"}]], "field": "qty", "message": "{row.item}: {@on_hand}"}}],
    )  # fmt: skip

    found = judge([short, block], TWO, facts=facts)

    assert found.matched == ("r", "say")
    assert [(fault.where, fault.text.en) for fault in found.faults] == [("items[1].qty", "b: 3.00")]
    assert [(fact.lock, fact.where) for fact in facts.asked] == [
        (("Customer", "C1"), (("name", "=", "C1"),)), (("Customer", "C2"), (("name", "=", "C2"),)),
    ]  # fmt: skip


def test_rows_of_one_thing_count_together() -> None:
    both = rule(
        facts={"on_hand": ON_HAND, "taken": TAKEN},
        then=[{"warn": {"each_row": "items", "where": [["@taken", ">", {"path": "@on_hand"}]], "message": "{row.item}: {@taken} of {@on_hand}"}}],
    )  # fmt: skip

    assert [one.text.en for one in judge(both, TWO, facts=stock(C1=5, C2=4)).warnings] == ["a: 6 of 5.00", "c: 6 of 5.00"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"all_rows": "items", "where": [["@on_hand", ">=", 3]]}, True),
        ({"no_row": "items", "where": [["@on_hand", ">", 3]]}, False),
        ({"count_rows": "items", "where": [["@on_hand", ">", 3]], "is": ["=", 1]}, True),
    ],
    ids=["all", "none", "count"],
)
def test_quantifiers_ask_each_row(condition: Any, holds: bool) -> None:
    made = rule(facts={"on_hand": ON_HAND}, when=condition)
    assert faults_of(made) == []
    assert bool(judge(made, TWO, facts=stock(C1=3, C2=4)).matched) is holds


def test_set_writes_the_rows_that_are_chosen() -> None:
    put = rule(
        then=[
            {
                "set": {"measure": {"path": "item"}, "rate": {"expr": "doc.qty * 2"}},
                "each_row": "items",
                "where": [["qty", ">", 3]],
            }
        ]
    )
    after = rule("after", when={"any_row": "items", "where": [["rate", "=", 8]]})

    found = judge([after, put], TWO)

    assert [row.get("measure") for row in found.record["items"]] == [None, "b", None]
    assert found.values_set == {"items[1].measure": "b", "items[1].rate": Decimal(8)}
    assert found.matched == ("after", "r")
    assert all("measure" not in row for row in judge([], TWO).record["items"])


def test_a_record_is_made_for_each_row_with_rows_of_its_own() -> None:
    make = {
        "doctype": "Visit", "each_row": "items", "where": [["qty", ">", 3]], "per": "item", "on_cancel": "delete",
        "values": {"subject": {"path": "item"}, "note": {"path": "parent.subject"}, "customer": {"path": "person"}, "count": {"expr": "doc.qty + 1"}},
        "rows": {"items": [{"values": {"item": {"path": "item"}}}, {"each_row": "items", "values": {"item": "copy", "qty": {"path": "qty"}}}]},
    }  # fmt: skip
    made = rule(then=[{"create": make}])
    assert faults_of(made) == []

    (effect,) = judge(made, TWO | {"subject": "S"}).effects

    assert isinstance(effect, CreateRecord)
    assert {key: value for key, value in effect.values.items() if key != "items"} == {
        "subject": "b", "note": "S", "customer": "C2", "count": Decimal(5),
    }  # fmt: skip
    assert effect.values["items"] == [{"item": "b"}, *({"item": "copy", "qty": Decimal(number)} for number in (3, 4, 3))]
    assert (effect.where, effect.key, effect.on_cancel) == ("items[1]", 'Visit|row2|"b"', "delete")


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ({"doctype": "Custmer", "values": {"x": 1}}, ["'Custmer' is not a record type", "Customer"]),
        ({"doctype": "Visit Line", "values": {"item": "x"}}, ["no records to make"]),
        ({"doctype": "Customer", "values": {"nam": 1, "customer_name": {"path": "subjct"}}}, ["'nam' is not", "'subjct' is not"]),
        ({"doctype": "Customer", "values": {"customer_name": "x"}, "submit": True}, ["not submittable"]),
        ({"doctype": "Customer", "values": {"credit_limit": {"path": "items"}}}, ["not a single value"]),
        ({"doctype": "Customer", "values": {"credit_limit": {"path": "due_on"}}}, ["another kind"]),
        ({"doctype": "Visit", "values": {"customer": {"path": "engineer"}}}, ["leads to Customer, 'engineer' to User"]),
        ({"doctype": "Visit", "values": {"net": 5}}, ["computed by a formula"]),
        ({"doctype": "Visit", "rows": {"lines": {"values": {"item": "x"}}}}, ["'lines' is not a child table"]),
        ({"doctype": "Visit", "rows": {"items": {"each_row": "rows", "values": {"item": "x"}}}}, ["'rows' is not a child table"]),
        ({"doctype": "Visit", "rows": {"items": {"each_row": "items", "where": [["qt", ">", 1]], "values": {"itm": "x"}}}}, ["'qt' is not", "'itm' is not"]),
        ({"doctype": "Visit", "values": {"subject": {"expr": "doc.subjct"}}, "per": "nothing"}, ["'subjct' is not", "'nothing' is not"]),
    ],
)  # fmt: skip
def test_what_a_record_cannot_be_made_from_is_named(then: Any, said: list[str]) -> None:
    told = " ".join(faults_of(rule(then=[{"create": then}])))
    assert [part for part in said if part not in told] == [], told


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"facts": {"f": ON_HAND}, "when": {"all": [["@f", ">", 1]]}}, "inside these rows only"),
        ({"facts": {"f": {**ON_HAND, "each_row": "itms"}}}, "'itms' is not a child table"),
        ({"facts": {"f": {**ON_HAND, "lock": "item"}}}, "not a Link field"),
        ({"facts": {"f": {**TAKEN, "where": [{"any": [["qty", ">", 1]]}]}}}, "[column, operator, value] only"),
        ({"then": [{"set": {"rat": 1}, "each_row": "items"}]}, "'rat' is not a field of Visit Line"),
        ({"then": [{"set": {"amount": 1}, "each_row": "items"}]}, "computed by a formula"),
        ({"then": [{"set": {"rate": 1}, "each_row": "items", "where": [["rat", ">", 1]]}]}, "'rat' is not"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_rows_is_named(more: dict[str, Any], said: str) -> None:
    assert any(said in text for text in faults_of(rule(**more)))


def test_tests_give_facts_row_by_row_and_expect_rows() -> None:
    made = rule(
        facts={"on_hand": ON_HAND}, then=[{"set": {"measure": "buy"}, "each_row": "items", "where": [["@on_hand", "<", {"path": "qty"}]]}],
        tests=[{"title": "one", "doc": TWO, "facts": {"on_hand": {"C1": 9, "C2": 1}}, "then": ["set"], "values": {"items": [{}, {"measure": "buy"}, {}]}},
               {"title": "wrong", "doc": TWO, "facts": {"on_hand": {"C1": 9, "C2": 1}}, "then": ["set"], "values": {"items": [{"measure": "buy"}, {}, {}]}},
               {"title": "lacks", "doc": TWO, "facts": {"on_hand": {"C1": 9}}, "then": []}],
    )  # fmt: skip
    found = run_tests([made], MODEL)
    assert [one.passed for one in found] == [True, False, False]
    assert "gives no fact 'on_hand' for C2" in found[2].message.en


def test_it_is_read_aloud() -> None:
    made = rule(
        facts={"on_hand": ON_HAND}, when={"any_row": "items", "where": [["@on_hand", "<", 1]]},
        then=[{"set": {"measure": "buy"}, "each_row": "items"},
              {"create": {"doctype": "Visit", "each_row": "items", "values": {"subject": {"path": "item"}}, "submit": True, "on_cancel": "cancel",
                          "rows": {"items": {"each_row": "items", "values": {"item": "x"}}}}}],
    )  # fmt: skip
    said = describe(made, MODEL)
    assert said.zh == (
        "上门服务保存时，若“明细”至少一行满足 客户的信用额度合计小于 1.00：“明细”的每一行：措施设为 buy；"
        "“明细”的每一行：新建并提交上门服务（主题 = 物料、“明细”各行取自“明细”），本单作废时一并作废。"
    )
    assert said.en.endswith(
        'for each row of "Items": a Visit is created and submitted (Subject = Item, rows of "Items" from those of "Items"), '
        "cancelled with this record when that is cancelled."
    )
