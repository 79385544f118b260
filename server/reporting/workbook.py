"""A report as an Excel file: a sheet of numbers that stay numbers, what was filtered by, and a chart that Excel draws itself.

A text is written as text, so that none of them runs as a formula.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from ..core.text import Language, Text
from ..core.values import Masked
from ..metadata.fieldtypes.numbers import DecimalType
from .answer import Answer, Shown
from .plots import Plot
from .workbook_charts import add_chart

Say = Callable[[Shown, Any], str]
LONGEST_SHEET_NAME = 31


def workbook(
    answer: Answer,
    title: str,
    notes: Sequence[tuple[str, str]],
    say: Say,
    zone: ZoneInfo,
    language: Language,
    chart: Plot | None = None,
) -> bytes:
    """The file. `notes` stand above the table: what was filtered by, when."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(
        made, {"in_memory": True, "remove_timezone": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(_sheet_name(title))
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    muted = book.add_format({"font_color": "#666666"})
    for number, (name, value) in enumerate(notes, 1):
        sheet.write_string(number, 0, f"{name}: {value}", muted)
    top = len(notes) + 2
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#eef2f6", "text_wrap": True, "valign": "top"})
    for place, column in enumerate(answer.columns):
        sheet.write_string(top, place, column.label.to(language), head)
    _write_rows(book, sheet, answer, top + 1, say, zone)
    for place, column in enumerate(answer.columns):
        sheet.set_column(place, place, _width(column, answer, say, language))
    sheet.freeze_panes(top + 1, 0)
    if answer.rows:
        sheet.autofilter(top, 0, top + len(answer.rows), len(answer.columns) - 1)
    if chart is not None:
        add_chart(book, sheet, (top, len(answer.columns) + 1), chart, title, Text("图表数据", "Chart").to(language))
    book.close()
    return made.getvalue()


def _write_rows(book: Any, sheet: Any, answer: Answer, first: int, say: Say, zone: ZoneInfo) -> None:
    formats = [
        book.add_format({"num_format": found}) if (found := _number_format(column)) else None for column in answer.columns
    ]
    for number, row in enumerate(answer.rows):
        for place, column in enumerate(answer.columns):
            _write(sheet, first + number, place, column, row.get(column.key), formats[place], say, zone)
    if answer.totals is not None:
        for place, column in enumerate(answer.columns):
            found = book.add_format({"bold": True, "top": 1, "num_format": _number_format(column) or "General"})
            if column.is_measure:
                _write(sheet, first + len(answer.rows), place, column, answer.totals.get(column.key), found, say, zone)
            else:
                sheet.write_string(first + len(answer.rows), place, "∑" if place == 0 else "", found)


def _write(sheet: Any, row: int, place: int, column: Shown, value: Any, found: Any, say: Say, zone: ZoneInfo) -> None:
    if value is None:
        sheet.write_blank(row, place, None, found)
    elif isinstance(value, int | Decimal) and column.item.fieldtype != "Check" and not isinstance(value, bool):
        sheet.write_number(row, place, float(value), found)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, value.astimezone(zone).replace(tzinfo=None), found)
    elif isinstance(value, date | time):
        sheet.write_datetime(row, place, value, found)
    else:
        sheet.write_string(row, place, str(value) if isinstance(value, Masked) else say(column, value), found)


def _number_format(column: Shown) -> str:
    kind = column.item.fieldtype
    if column.unit:
        return ""
    if kind == "Date":
        return "yyyy-mm-dd"
    if kind == "Datetime":
        return "yyyy-mm-dd hh:mm"
    if kind == "Time":
        return "hh:mm"
    if not isinstance(column.item.type, DecimalType):
        return "0" if kind in ("Int", "Long Int") else ""
    places = column.item.type.precision(column.item)
    if kind == "Float":
        return "#,##0." + "#" * places if places else "#,##0"
    return ("#,##0." + "0" * places if places else "#,##0") + (' "%"' if kind == "Percent" else "")


def _width(column: Shown, answer: Answer, say: Say, language: Language) -> float:
    """As wide as its first rows; a Chinese character takes the room of two."""
    texts = [column.label.to(language), *(say(column, row.get(column.key)) for row in answer.rows[:100])]
    return min(60.0, 3 + max(sum(2 if ord(character) > 0x2E7F else 1 for character in text) for text in texts))


def _sheet_name(title: str) -> str:
    """A title without what Excel forbids in the name of a sheet."""
    plain = "".join(" " if character in "[]:*?/\\'" else character for character in title).strip()
    return plain[:LONGEST_SHEET_NAME] or "Report"
