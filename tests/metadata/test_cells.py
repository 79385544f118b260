"""The Excel form of every field type: what a cell holds for a value, and what is read from a cell that people filled in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.metadata.fieldtypes import ValueRefused, field_types
from server.metadata.fieldtypes.base import Cell
from server.metadata.load import read_doctype
from server.metadata.model import DocField

SHANGHAI = ZoneInfo("Asia/Shanghai")
LABELS = {"Open": {"zh": "待派工", "en": "Not assigned"}}
HALF_PAST_TWO = datetime(2026, 3, 31, 6, 30, tzinfo=UTC)
POINT = {
    "type": "FeatureCollection",
    "features": [{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [108.94, 34.26]}}],
}
# field type: (value, what its cell holds)
KEPT: dict[str, tuple[Any, Cell]] = {
    "Int": (12, 12), "Long Int": (2**40, 2**40), "Duration": (5400, 5400), "Check": (1, "是"), "Float": (Decimal("1.125"), Decimal("1.125")),
    "Currency": (Decimal("8950.00"), Decimal("8950.00")), "Percent": (Decimal("10.50"), Decimal("10.50")), "Rating": (Decimal("0.70"), Decimal("3.5")),
    "Date": (date(2026, 3, 31), date(2026, 3, 31)), "Datetime": (HALF_PAST_TWO, datetime(2026, 3, 31, 14, 30)), "Time": (time(14, 30), time(14, 30)),
    "Select": ("Open", "待派工"), "Link": ("KH-1", "KH-1"), "Dynamic Link": ("KH-1", "KH-1"), "Color": ("#2e7d32", "#2e7d32"),
    "Phone": ("029-88880000", "029-88880000"), "Attach": ("/files/abcdefghij/a.pdf", "/files/abcdefghij/a.pdf"), "Geolocation": (POINT, "34.26, 108.94"),
    "Attach Image": ("/files/abcdefghij/a.png", "/files/abcdefghij/a.png"), "JSON": ("[1]", "[1]"), "HTML Editor": ("<b>x</b>", "<b>x</b>"),
    "Text Editor": ("<p>x</p>", "<p>x</p>"),
}  # fmt: skip
ONE_WAY = {"Signature", "Password"}  # written as who signed and as nothing


def field(fieldtype: str, **more: Any) -> DocField:
    raw = {"name": "One", "fields": [{"fieldname": "it", "fieldtype": fieldtype, "label": "It", **more}]}
    return read_doctype(raw).by_name["it"]


@pytest.mark.parametrize(
    "name", sorted(item.name for item in field_types().values() if item.kind is not None and item.name not in ONE_WAY)
)
def test_a_cell_is_read_back_as_the_value_it_was_written_for(name: str) -> None:
    item = field(name, options="Open\nShut" if name == "Select" else None, option_labels=LABELS if name == "Select" else {})
    value, held = KEPT.get(name, ("=1+1", "=1+1"))  # a text that looks like a formula stays a text
    parsed = item.type.parse(value, item)

    cell = item.type.cell(parsed, item, "zh", SHANGHAI)

    assert cell == held
    assert item.type.from_cell(cell, item, SHANGHAI) == parsed
    assert item.type.from_cell(None, item, SHANGHAI) == item.type.parse(None, item)


@pytest.mark.parametrize(
    ("item", "cell", "value"),
    [
        pytest.param(field("Data"), 13800138000.0, "13800138000", id="a number typed into a column of texts"),
        pytest.param(field("Data"), datetime(2026, 3, 31), "2026-03-31", id="a date typed into a column of texts"),
        pytest.param(field("Int"), 5.0, 5, id="whole numbers are floats in a sheet"),
        pytest.param(field("Float"), 0.1, Decimal("0.100"), id="a float is the number that people see"),
        pytest.param(field("Date"), datetime(2026, 3, 31, 0, 0), date(2026, 3, 31), id="a day with a time"),
        pytest.param(field("Date"), "2026/3/5", date(2026, 3, 5), id="a day as text"),
        pytest.param(field("Select", options="1\n2"), 2.0, "2", id="a numeric choice"),
        pytest.param(field("Select", options="Open", option_labels=LABELS), "Not assigned", "Open", id="a choice by its English words"),
        pytest.param(field("Check"), "√", 1, id="a tick"),
        pytest.param(field("Check"), "No", 0, id="no in capitals"),
        pytest.param(field("Rating"), 4.0, Decimal("0.80"), id="four stars"),
    ],
)  # fmt: skip
def test_what_people_type_into_sheets_is_read(item: DocField, cell: Cell, value: Any) -> None:
    assert item.type.from_cell(cell, item, SHANGHAI) == value


def test_a_secret_leaves_in_no_sheet_and_a_name_in_a_sheet_is_no_signature() -> None:
    secret, signature = field("Password"), field("Signature")

    assert secret.type.cell("hush", secret, "zh", SHANGHAI) is None
    assert signature.type.cell({"image": "x", "name": "王芳"}, signature, "zh", SHANGHAI) == "王芳"
    with pytest.raises(ValueRefused):
        signature.type.from_cell("王芳", signature, SHANGHAI)
