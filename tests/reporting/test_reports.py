"""What reports say: groups, sums, formulas, spans, rows, what stands beside; and what whom they do not say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from deliveries import person, report

from server.core.errors import PermissionRefused, ValidationFailed
from server.reporting.answer import Answer, pivot
from server.reporting.plots import plot
from server.reporting.spans import conditions_of

Asks = Callable[..., Answer]


def rows(answer: Answer, *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(row[key] for key in keys) for row in answer.rows]


def test_records_are_grouped_counted_and_summed_exactly(asks: Asks) -> None:
    columns = [
        "client",
        {"count": "name", "key": "all"},
        {"count": "name", "where": [["is_late", "=", 1]], "key": "late"},
        {"sum": "value"},
    ]

    answer = asks(report(columns=columns, order_by="sum_value desc"))

    assert rows(answer, "client", "all", "late", "sum_value") == [
        ("C1", 3, 1, Decimal("30.50")),
        ("C2", 2, 1, Decimal("30.40")),
        (None, 1, 0, Decimal("5.00")),
    ]


@pytest.mark.parametrize(
    ("unit", "values"),
    [
        ("year", ["2025", "2026", "2026", "2026", "2026", "2026"]),
        ("quarter", ["2025-Q4", "2026-Q1", "2026-Q1", "2026-Q1", "2026-Q1", "2026-Q1"]),
        ("month", ["2025-12", "2026-01", "2026-02", "2026-03", "2026-03", "2026-03"]),
        ("week", ["2025-12-29", "2025-12-29", "2026-02-23", "2026-02-23", "2026-03-02", "2026-03-02"]),
        ("day", ["2025-12-31", "2026-01-01", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-02"]),
    ],
)
@pytest.mark.parametrize("field", ["due", "left_at"])
def test_a_moment_belongs_to_the_day_of_the_site(asks: Asks, field: str, unit: str, values: list[str]) -> None:
    answer = asks(report(columns=[{"field": field, "by": unit, "key": "when"}, {"count": "name", "key": "n"}]))

    assert rows(answer, "when", "n") == [(value, values.count(value)) for value in dict.fromkeys(values)]


def test_a_formula_uses_the_columns_before_it(asks: Asks) -> None:
    columns = [
        "client", {"count": "name", "key": "all"}, {"count": "name", "where": [["is_late", "=", 0]], "key": "good"},
        {"expr": "round(good / all * 100, 1)", "key": "rate", "fieldtype": "Percent"},
    ]  # fmt: skip

    answer = asks(report(columns=columns, order_by="rate desc, client", totals=1))

    assert rows(answer, "client", "rate") == [(None, Decimal("100.0")), ("C1", Decimal("66.7")), ("C2", Decimal("50.0"))]
    assert answer.totals is not None
    assert (answer.totals["all"], answer.totals["rate"]) == (6, Decimal("66.7"))


def test_a_chart_makes_a_rate_anew_where_groups_share_a_label(asks: Asks) -> None:
    """Two customers in a year: the rate of the year is that of all its deliveries, not the sum of the two."""
    columns = [
        {"field": "due", "by": "year", "key": "year"}, "client", {"count": "name", "key": "all"},
        {"count": "name", "where": [["is_late", "=", 0]], "key": "good"}, {"max": "value", "key": "most"},
        {"expr": "round(good / all * 100, 1)", "key": "rate", "fieldtype": "Percent"},
    ]  # fmt: skip
    chart = {"type": "bar", "x": "year", "y": ["rate", "all", "most"]}
    whole = asks(report(columns=[columns[0], *columns[2:]], order_by="year"))

    found = plot(asks(report(columns=columns, chart=chart, order_by="year, client")), lambda _, value: str(value), "en")

    assert found is not None
    assert list(zip(*(numbers for _, numbers in found.series), strict=True)) == rows(whole, "rate", "all", "most")


def test_rows_of_records_and_what_links_lead_to(asks: Asks) -> None:
    columns = ["lines.part", "client.grade", {"sum": "lines.qty", "key": "qty"}]

    answer = asks(report(rows="lines", columns=columns, where=[["lines.qty", ">", 1]]))

    assert rows(answer, "part", "grade", "qty") == [
        ("bolt", "A", Decimal("4.500")),
        ("nut", "A", Decimal("2.000")),
        ("nut", "B", Decimal("4.000")),
    ]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (["client.grade", "=", "A"], ["D-0001", "D-0002", "D-0005"]),
        (["client.grade", "!=", "A"], ["D-0003", "D-0004", "D-0006"]),
        (["client.grade", "is", "not set"], ["D-0006"]),
        (["client.grade", "in", ["B"]], ["D-0003", "D-0004"]),
    ],
)
def test_conditions_on_what_a_link_leads_to(asks: Asks, condition: list[Any], names: list[str]) -> None:
    assert rows(asks(report(columns=["name"], where=[condition], order_by="name")), "name") == [(name,) for name in names]


def test_a_period_so_far_ends_today() -> None:
    found = conditions_of("this quarter so far", datetime(2026, 11, 26, 12, tzinfo=UTC), "date")

    assert found == [(">=", date(2026, 10, 1)), ("<=", date(2026, 11, 26))]


@pytest.mark.parametrize(
    ("span", "names"),
    [
        ("today", [5, 6]),
        ("this month", [4, 5, 6]),
        ("last month", [3]),
        ("this year", [2, 3, 4, 5, 6]),
        ("this year so far", [2, 3, 4, 5, 6]),
        ("last year", [1]),
        ("3 d", [3, 4, 5, 6]),
        ("next 1 d", [5, 6]),
        ("2026-01-01..2026-02-28", [2, 3]),
        ("..2026-01-01", [1, 2]),
    ],
)
@pytest.mark.parametrize("field", ["due", "left_at"])
def test_the_reader_filters_by_spans_of_days(asks: Asks, field: str, span: str, names: list[int]) -> None:
    answer = asks(report(columns=["name"], filters=[field], order_by="name"), **{field: span})

    assert [int(name[-1]) for (name,) in rows(answer, "name")] == names


def test_another_record_type_is_counted_beside(asks: Asks) -> None:
    beside = {
        "ref_doctype": "Service Bill",
        "columns": [{"sum": "cost"}],
        "match": {"client": "who"},
        "filters": {"due": "billed_on"},
    }
    columns = ["client", {"sum": "value"}, {"expr": "round(sum_cost / sum_value * 100, 2)", "key": "share"}]
    raw = report(
        columns=columns, beside=[beside], filters=[{"field": "due", "default": "this year"}], totals=1, order_by="client"
    )

    answer = asks(raw)

    assert rows(answer, "client", "sum_value", "sum_cost", "share") == [
        (None, Decimal("5.00"), None, None),
        ("C1", Decimal("20.40"), Decimal("2.00"), Decimal("9.80")),
        ("C2", Decimal("30.40"), None, None),
        ("C3", None, Decimal("7.50"), None),
    ]
    assert answer.totals is not None
    assert answer.totals["sum_cost"] == Decimal("9.50")


@pytest.mark.parametrize(
    ("target", "light"),
    [
        ({"at_least": 70}, "red"),
        ({"at_least": 60, "warn_at": 80}, "amber"),
        ({"at_least": 60}, "green"),
        ({"at_most": 66.66}, "red"),
        ({"at_most": 66.67}, "green"),
    ],
)
def test_an_indicator_is_judged_by_the_whole(asks: Asks, target: dict[str, Any], light: str) -> None:
    columns = [
        {"count": "name", "key": "all"}, {"count": "name", "where": [["is_late", "=", 0]], "key": "good"},
        {"expr": "round(good / all * 100, 2)", "key": "rate"},
    ]  # fmt: skip

    assert asks(report(columns=columns, indicator={"value": "rate", **target})).light == light


def test_a_pivot_lays_months_across(asks: Asks) -> None:
    columns = ["client", {"field": "due", "by": "month", "key": "month"}, {"count": "name", "key": "n"}]

    table = pivot(asks(report(columns=columns, pivot={"across": "month", "values": ["n"]})))

    assert table is not None
    assert table.heads == ("2025-12", "2026-01", "2026-02", "2026-03")
    assert [[table.cells.get((row, head, "n")) for head in table.heads] for row in table.rows] == [
        [None, None, None, 1],
        [1, 1, None, 1],
        [None, None, 1, 1],
    ]


# What the reader may see


def test_a_reader_of_own_records_reports_on_those(asks: Asks) -> None:
    answer = asks(report(columns=["client", {"count": "name", "key": "n"}]), person("Own", name="wu"))

    assert rows(answer, "client", "n") == [("C2", 2)]


def test_a_column_above_the_reader_is_left_out_with_what_is_computed_of_it(asks: Asks) -> None:
    columns = ["client", {"sum": "value"}, {"sum": "margin"}, {"expr": "sum_margin / sum_value", "key": "share"}]

    answer = asks(report(columns=columns), person("Seller"))

    assert [item.key for item in answer.columns] == ["client", "sum_value"]
    assert [text.en for text in answer.unseen] == ["Margin, total", "share"]
    assert not any("margin" in key for row in answer.rows for key in row)


@pytest.mark.parametrize("column", ["margin", "phone", "client.secret"])
def test_nobody_groups_by_what_they_do_not_see_in_full(asks: Asks, column: str) -> None:
    with pytest.raises(PermissionRefused, match="which you may not see"):
        asks(report(columns=[column, {"count": "name", "key": "n"}]), person("Seller"))


def test_a_condition_of_a_sum_is_no_way_around(asks: Asks) -> None:
    columns = ["client", {"count": "name", "where": [["margin", ">", 0]], "key": "n"}, {"count": "name", "key": "all"}]

    assert [item.key for item in asks(report(columns=columns), person("Seller")).columns] == ["client", "all"]


def test_a_masked_value_is_shown_masked_in_a_list_and_no_filter_finds_it(asks: Asks) -> None:
    raw = report(columns=["name", "phone"], filters=["phone"])

    answer = asks(raw, person("Seller"), phone="13900000000")

    assert len(answer.rows) == 6, "the filter is not for this reader"
    assert "13812345678" not in str([row["phone"] for row in answer.rows])


def test_linked_records_that_the_reader_may_not_read_count_as_empty(asks: Asks) -> None:
    user = person("Own", name="wu")

    mine = asks(report(columns=["client.grade", {"count": "name", "key": "n"}]), user)
    others = asks(report(columns=["name"], where=[["client.grade", "=", "A"]]), user)

    assert (rows(mine, "grade", "n"), others.rows) == ([("B", 2)], ())


def test_reporting_is_a_right_of_its_own(asks: Asks) -> None:
    with pytest.raises(PermissionRefused):
        asks(report(columns=["name"]), person("Blind"))


def test_a_filter_that_must_be_filled_in_and_one_that_cannot_be_read_are_named(asks: Asks) -> None:
    with pytest.raises(ValidationFailed, match='Fill in the filter "Due"'):
        asks(report(columns=["name"], filters=[{"field": "due", "reqd": 1}]))
    with pytest.raises(ValidationFailed, match='"soon" is not a span'):
        asks(report(columns=["name"], filters=["due"]), due="soon")


def test_what_is_shown_masked_does_not_order_the_rows(asks: Asks) -> None:
    raw = report(columns=["name", "phone"], order_by="phone")

    assert [row["name"] for row in asks(raw).rows][:2] == ["D-0005", "D-0006"]
    assert [row["name"] for row in asks(raw, person("Seller")).rows] == [f"D-000{number}" for number in range(1, 7)]


def test_nothing_is_counted_beside_by_a_field_that_the_reader_does_not_see(asks: Asks) -> None:
    beside = {"ref_doctype": "Service Bill", "columns": [{"sum": "cost"}], "match": {"client": "reviewed_for"}}
    raw = report(columns=["client", {"count": "name", "key": "n"}], beside=[beside], order_by="client")

    assert rows(asks(raw), "client", "sum_cost")[-1] == ("C3", Decimal("7.50"))
    answer = asks(raw, person("Seller"))
    assert [text.en for text in answer.unseen] == ["sum_cost"]
    assert rows(answer, "client", "n") == [(None, 1), ("C1", 3), ("C2", 2)]
