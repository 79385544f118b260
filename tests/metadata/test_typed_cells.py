"""What people type into spreadsheets: understood where it can mean one thing only, refused in words where it can mean two."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.core.text import Text
from server.metadata.fieldtypes import ValueRefused
from server.metadata.fieldtypes.typed_cells import EXCEL_EPOCH
from server.metadata.load import read_doctype
from server.metadata.model import DocField

SHANGHAI = ZoneInfo("Asia/Shanghai")
FULL_WIDTH = str.maketrans("0123456789.,-%", "０１２３４５６７８９．，－％")


def field(fieldtype: str, label: str = "It", **more: Any) -> DocField:
    raw = {"name": "One", "fields": [{"fieldname": "it", "fieldtype": fieldtype, "label": label, **more}]}
    return read_doctype(raw).by_name["it"]


DAY, MOMENT, AMOUNT, COUNT, PERCENT = field("Date"), field("Datetime"), field("Currency"), field("Int"), field("Percent")
WEIGHT = field("Float", "重量（kg）")


def read(item: DocField, cell: Any) -> Any:
    return item.type.from_cell(cell, item, SHANGHAI)


@given(
    st.from_regex(r"[0-9]{0,20}[.]?[0-9]{0,20}|[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True),
    st.sampled_from((DAY, MOMENT, AMOUNT, COUNT, PERCENT, WEIGHT)),
)
@example("2026-02-30", DAY)
@example("9" * 20, COUNT)
@example(".", AMOUNT)
def test_a_bare_number_or_day_is_read_like_the_same_with_a_blank_before_it(text: str, item: DocField) -> None:
    assert _said_of(item, text) == _said_of(item, f" {text}")


def _said_of(item: DocField, text: str) -> tuple[str, Any]:
    try:
        return "read", repr(read(item, text))
    except ValueRefused as refused:
        return "refused", refused.text


@given(st.dates(date(1930, 1, 1), date(2099, 12, 31)))
def test_every_usual_way_to_write_a_day_is_that_day(day: date) -> None:
    ways = [
        day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}", f"{day:%Y.%m.%d}",
        f"{day:%Y-%m-%d}".translate(FULL_WIDTH), (datetime(day.year, day.month, day.day) - EXCEL_EPOCH).days, datetime(day.year, day.month, day.day),
    ]  # fmt: skip
    assert {read(DAY, way) for way in ways} == {day}
    for way in (f"{day.day}/{day.month}/{day.year}", f"{day.month}/{day.day}/{day.year}"):
        if day.day > 12 or day.day == day.month:
            assert read(DAY, way) == day
        else:
            with pytest.raises(ValueRefused):
                read(DAY, way)


@given(st.datetimes(datetime(1930, 1, 1), datetime(2099, 12, 31)).map(lambda moment: moment.replace(microsecond=0)))
def test_a_serial_number_is_its_moment_to_the_second(moment: datetime) -> None:
    serial = (moment - EXCEL_EPOCH) / timedelta(days=1)

    found = read(MOMENT, serial)

    assert found.astimezone(SHANGHAI).replace(tzinfo=None) - moment.replace(tzinfo=None) in (
        timedelta(0),
        timedelta(hours=-1),
        timedelta(hours=1),
    )


@given(st.decimals(Decimal("-99999999.99"), Decimal("99999999.99"), places=2))
@example(Decimal("0.00"))
@example(Decimal("-1234.50"))
def test_every_usual_way_to_write_an_amount_is_that_amount(amount: Decimal) -> None:
    ways = [
        str(amount), f"{amount:,}", f"{amount:,}".translate(FULL_WIDTH), f"￥{amount:,}", f"{amount}元", f" {amount} ", float(amount), f"¥{amount}元",
    ]  # fmt: skip
    assert {read(AMOUNT, way) for way in ways} == {amount}
    if amount < 0:
        assert read(AMOUNT, f"({-amount:,})") == amount


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    for item in (DAY, MOMENT, AMOUNT, COUNT, PERCENT, WEIGHT, field("Time"), field("Check")):
        said = Text("x", "x")
        try:
            read(item, text)
        except ValueRefused as refused:
            said = refused.text
        assert said.zh
        assert said.en


@pytest.mark.parametrize(
    ("item", "cell", "value"),
    [
        (WEIGHT, "3.5 kg", Decimal("3.500")), (WEIGHT, "3.5KG", Decimal("3.500")), (PERCENT, "12.5%", Decimal("12.50")), (AMOUNT, "1.2万元", Decimal("12000.00")),
        (COUNT, "3万", 30000), (COUNT, 7.0, 7), (WEIGHT, 0.1 + 0.2, Decimal("0.300")), (MOMENT, "2026年3月5日 14时30分", None), (field("Time"), 0.5, time(12)),
        (field("Time"), "９：３０", time(9, 30)),
    ],
)  # fmt: skip
def test_units_that_mean_one_thing_are_understood(item: DocField, cell: Any, value: Any) -> None:
    found = read(item, cell)
    assert (found.astimezone(SHANGHAI).strftime("%m-%d %H:%M") == "03-05 14:30") if value is None else (found == value)


@pytest.mark.parametrize(
    ("item", "cell", "word"),
    [
        (WEIGHT, "3.5 lb", "lb"), (COUNT, "5 台", "台"), (AMOUNT, "$5", "数字"), (DAY, "26-03-05", "四位"), (DAY, "03/04/2026", "月和日"), (DAY, 7, "不是日期"),
        (DAY, True, "是否值"), (DAY, "下周三", "不是日期"), (WEIGHT, "12%", "%"), (COUNT, "1,5", "逗号"), (COUNT, 1.5, "整数"),
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_refused(item: DocField, cell: Any, word: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        read(item, cell)
    assert word in refused.value.text.zh
