"""Dates, moments and times as people type them; what is none is refused whole."""

from __future__ import annotations

import pytest

from server.core.text import Text
from server.metadata.fieldtypes import ValueRefused, field_types
from server.metadata.model import DocField


def read(fieldtype: str, typed: str) -> str:
    item = DocField(fieldname="on", fieldtype=fieldtype, label=Text("日期", "Date"))
    return str(field_types()[fieldtype].parse(typed, item))


@pytest.mark.parametrize(
    ("fieldtype", "typed", "found"),
    [
        ("Date", "2026-03-05", "2026-03-05"),
        ("Date", "2026/3/5", "2026-03-05"),
        ("Date", "2026.03.5", "2026-03-05"),
        ("Date", "2026-03-05T08:30:00Z", "2026-03-05"),
        ("Datetime", "2026/3/5 9:30", "2026-03-05 01:30:00+00:00"),
        ("Datetime", "2026-03-05", "2026-03-04 16:00:00+00:00"),
        ("Time", "9:05", "09:05:00"),
        ("Time", "23:59:59", "23:59:59"),
    ],
)
def test_what_is_a_date_is_read(fieldtype: str, typed: str, found: str) -> None:
    assert read(fieldtype, typed) == found


@pytest.mark.parametrize(
    ("fieldtype", "typed"),
    [
        ("Date", "2026-02-31"),
        ("Date", "2026-03-05x"),
        ("Date", "2026-3/5"),
        ("Date", "2026-03-051"),
        ("Date", "昨天"),
        ("Datetime", "2026-03-05 24:30"),
        ("Time", "25:00"),
        ("Time", "9"),
    ],
)
def test_what_is_none_is_refused_with_what_was_typed(fieldtype: str, typed: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        read(fieldtype, typed)
    assert typed in refused.value.text.zh
    assert typed in refused.value.text.en
