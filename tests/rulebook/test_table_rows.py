"""Decision tables over child rows, and tables that say who owes something or is told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rulebook_samples import MODEL, NOW, faults_of, judge, rule

from server.core.errors import MetadataInvalid
from server.rulebook.describe import describe
from server.rulebook.effects import Notify, Owed
from server.rulebook.read import check_shape
from server.rulebook.tables.dmn import dmn_of

ROWS = {"items": [{"item": "bolt", "qty": 5}, {"item": "nut", "qty": 50}, {"item": "bolt", "qty": 500}]}


def table(rows: list[Any], outputs: list[Any], *, inputs: Any = ("item", "qty"), **more: Any) -> Any:
    return rule(then=[{"table": {"hit": "first", "inputs": list(inputs), "outputs": outputs, "rows": rows, **more}}])


def test_each_row_is_looked_up_and_gets_its_own_answer() -> None:
    made = table(
        [["bolt", "> 100", "2.5", "much of {row.item} for {subject}"], ["-", "> 10", "= doc.qty * 2", "-"], ["-", "-", "1", "-"]],
        [{"set": "rate"}, {"warn": "qty"}], each_row="items", where=[["qty", ">", 5]],
    )  # fmt: skip
    assert faults_of(made) == []

    found = judge(made, {**ROWS, "subject": "S"})

    assert [row.get("rate") for row in found.record["items"]] == [None, Decimal(100), Decimal("2.5")]
    assert [(one.where, one.text.en) for one in found.warnings] == [("items[2].qty", "much of bolt for S")]
    assert found.values_set == {"items[1].rate": Decimal(100), "items[2].rate": Decimal("2.5")}
    (told,) = [part for part in found.trace.entries[0].conditions if "table" in part.label.en]
    assert [part.label.en for part in told.parts] == ["row 2: decision table: row 2 hit", "row 3: decision table: row 1 hit"]


@pytest.mark.parametrize(("aggregate", "total"), [("sum", 12), ("max", 10), ("min", 1), ("count", 4)])
def test_what_the_rows_say_is_collected_into_the_record(aggregate: str, total: int) -> None:
    made = table(
        [["bolt", "-", "1"], ["-", "> 100", "10"], ["nut", "-", "-"]],
        [{"set": "parent.count"}],
        hit="collect",
        aggregate=aggregate,
        each_row="items",
    )
    assert faults_of(made) == []
    assert judge(made, ROWS).record["count"] == total


def test_cells_say_who_owes_and_who_is_told() -> None:
    owed = {"oblige": {"title": "look at {row.item}", "due": "1 d"}}
    told = {"notify": {"message": "{row.item}: {row.qty}", "urgent": True}}
    made = table([["bolt", "> 100", "Boss", "Clerk"], ["bolt", "-", "Clerk", "-"]], [owed, told], each_row="items")
    assert faults_of(made, roles=["Boss", "Clerk"]) == []

    effects = judge(made, ROWS).effects

    assert [(one.role, one.title.en, one.row_key) for one in effects if isinstance(one, Owed)] == [
        ("Clerk", "look at bolt", "row1:role:Clerk"), ("Boss", "look at bolt", "row3:role:Boss"),
    ]  # fmt: skip
    assert [one.due_at.date() for one in effects if isinstance(one, Owed) and one.due_at] == [
        NOW.date().replace(day=1, month=4)
    ] * 2
    assert [(one.role, one.message.en, one.urgent) for one in effects if isinstance(one, Notify)] == [
        ("Clerk", "bolt: 500", True)
    ]


def test_a_table_of_the_record_asks_and_tells_as_well() -> None:
    made = table([["> 10", "Boss"]], [{"oblige": {"title": "t", "due": "1 d"}}], inputs=["total"])
    (owed,) = judge(made, {"total": 11}).effects
    assert isinstance(owed, Owed)
    assert (owed.role, owed.row_key) == ("Boss", "role:Boss")


def test_what_a_table_obliges_is_fulfilled_like_the_rest() -> None:
    done = rule(name="done", when={"all": [["level", ">", 1]]}, then=[{"fulfil": "r"}])
    asks = table([["> 10", "Boss"]], [{"oblige": {"title": "t", "due": "1 d"}}], inputs=["total"])
    assert faults_of(asks, done) == []
    says = table([["> 10", "x"]], [{"warn": "total"}], inputs=["total"])
    assert any("'r' is not a rule that obliges" in text for text in faults_of(says, done))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"each_row": "itms"}, "'itms' is not a child table"),
        ({"each_row": "items", "where": [["qt", ">", 1]]}, "'qt' is not"),
        ({"each_row": "items", "outputs": [{"set": "total"}], "rows": [["-", "-", "1"]]}, "'total' is not a field of Visit Line"),
        ({"each_row": "items", "outputs": [{"set": "parent.total"}], "rows": [["-", "-", "1"]]}, "use the hit policy collect"),
        ({"each_row": "items", "outputs": [{"oblige": {"title": "t"}}], "rows": [["-", "-", "Bos"]]}, "'Bos' is not a role"),
        ({"each_row": "items", "outputs": [{"notify": {"message": "{nothing}"}}], "rows": [["-", "-", "Boss"]]}, "'nothing'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(given: dict[str, Any], said: str) -> None:
    body = {"inputs": ["item", "qty"], "outputs": [{"set": "rate"}], "rows": [["-", "-", "1"]], **given}
    assert any(said in text for text in faults_of(rule(then=[{"table": body}]), roles=["Boss"]))


@pytest.mark.parametrize(
    ("output", "where"),
    [
        ({"oblige": None}, "oblige"), ({"oblige": {"title": "t", "role": "R"}}, "oblige.role"), ({"oblige": {"due": "1 d"}}, "oblige.title"),
        ({"oblige": {"title": "t", "every": "1 month"}}, "oblige.every"), ({"notify": {"via": ["x"]}}, "notify.message"),
    ],
)  # fmt: skip
def test_terms_that_are_wrong_are_named(output: Any, where: str) -> None:
    raw = {
        "name": "r",
        "applies_to": "Visit",
        "then": [{"table": {"inputs": ["total"], "outputs": [output], "rows": [["-", "R"]]}}],
    }
    assert f"then[0].table.outputs[0].{where}" in [fault.where for fault in check_shape(raw, "")]


def test_it_is_read_aloud() -> None:
    made = table([["-", "-", "R"]], [{"oblige": {"title": "t"}}], each_row="items")
    assert describe(made, MODEL).en.endswith(
        'for each row of "Items": what is owed follows from Item, Quantity by a table of 1 rows.'
    )


def test_what_dmn_has_no_words_for_is_refused_by_name() -> None:
    made = table([["-", "-", "R"]], [{"oblige": {"title": "t"}}], each_row="items")
    with pytest.raises(MetadataInvalid, match="each_row, oblige"):
        dmn_of(made, MODEL)
