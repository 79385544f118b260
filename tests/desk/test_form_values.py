"""Values as people read them, and as inputs take them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.desk.form_fields import read_rows
from server.desk.form_values import read_text, shown
from server.metadata.fieldtypes.base import input_text
from server.metadata.fieldtypes.numbers import length_words
from server.metadata.load import read_doctype
from server.metadata.model import DocField

SHANGHAI = ZoneInfo("Asia/Shanghai")


def field(fieldtype: str, **more: Any) -> DocField:
    raw = {"name": "One", "fields": [{"fieldname": "it", "fieldtype": fieldtype, "label": "It", **more}]}
    return read_doctype(raw).by_name["it"]


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        pytest.param(field("Currency"), Decimal("10000"), "10,000.00", id="money with all its places"),
        pytest.param(field("Float", precision="2"), Decimal("1200.50"), "1,200.5", id="a quantity with those it needs"),
        pytest.param(field("Float", precision="2"), Decimal("0.00"), "0", id="nought"),
        pytest.param(field("Percent"), Decimal("-12"), "-12.00 %", id="a percentage"),
        pytest.param(field("Int"), 2026, "2026", id="a whole number is not grouped: it may be a year"),
        pytest.param(field("Check"), 0, "否", id="no"),
        pytest.param(field("Check"), None, "否", id="never ticked"),
        pytest.param(field("Duration"), 95_400, "1 天 2 小时 30 分", id="a length of time"),
        pytest.param(field("Date"), date(2026, 6, 15), "2026-06-15", id="a date"),
        pytest.param(field("Date", show_as="month"), date(2026, 6, 1), "2026-06", id="a date that means its month"),
        pytest.param(
            field("Datetime"), datetime(2026, 6, 15, 1, tzinfo=UTC), "2026-06-15 09:00", id="a time in the site's zone"
        ),
        pytest.param(field("Time"), time(8, 5), "08:05", id="a time of day"),
        pytest.param(field("Link", options="Customer"), "KH-1", "东岭", id="a link by its title"),
        pytest.param(field("Link", options="Customer"), "KH-2", "KH-2", id="a link without one"),
        pytest.param(field("Attach"), "/files/abc/%E6%A3%80%E6%B5%8B.csv", "检测.csv", id="a file by its name"),
        pytest.param(field("Signature"), {"name": "谢军", "image": "…"}, "谢军", id="a signature by its signer"),
        pytest.param(field("Data"), None, "", id="nothing"),
    ],
)
def test_a_value_is_shown_as_people_read_it(item: DocField, value: Any, expected: str) -> None:
    assert shown(item, value, SHANGHAI, "zh", {("Customer", "KH-1"): "东岭"}) == expected


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        pytest.param(field("Currency"), "8800", "8,800.00", id="money as text"),
        pytest.param(field("Currency"), 8800.5, "8,800.50", id="money as JSON number"),
        pytest.param(field("Datetime"), "2026-06-15T01:00:00Z", "2026-06-15 09:00", id="a time in UTC"),
        pytest.param(field("Int"), "many", "many", id="what does not fit the field any more"),
        pytest.param(field("Data"), "", "", id="nothing"),
    ],
)
def test_a_value_that_lost_its_type_is_read_by_its_field(item: DocField, value: Any, expected: str) -> None:
    assert read_text(item, value, SHANGHAI, "zh") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (Decimal("12.50"), "12.5"),
        (Decimal("1E+3"), "1000"),
        (datetime(2026, 6, 15, 1, 30, 59, tzinfo=UTC), "2026-06-15 09:30"),
        (time(8, 5, 30), "08:05:30"),
        ({"name": "谢军"}, '{"name": "谢军"}'),
    ],
)
def test_an_input_holds_the_bare_value(value: Any, expected: str) -> None:
    assert input_text(value, SHANGHAI) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_600, "1 h"), (86_400, "1 d")])
def test_a_length_of_time_is_said_in_its_units(seconds: int, expected: str) -> None:
    assert length_words(seconds).en == expected


@pytest.mark.parametrize(
    ("payload", "rows"),
    [
        ("", []),
        ('[{"qty": {"$n": "12.50"}, "part": "x"}]', [{"qty": "12.50", "part": "x"}]),
        ("{}", {}),
        ('["x"]', ["x"]),
        ("[{", "[{"),
    ],
)
def test_rows_of_a_grid_are_read_and_what_is_none_is_left_to_the_service(payload: str, rows: Any) -> None:
    assert read_rows(payload) == rows
