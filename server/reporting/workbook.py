"""A report as an Excel file: a sheet of numbers that stay numbers, what was filtered by, and a chart that Excel draws itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

from ..core.text import Language, Text
from ..core.values import Masked
from .answer import Answer, Row, Shown
from .cells import WIDEST, new_workbook, number_format, sheet_name, width_of, write_value
from .plots import Plot
from .workbook_charts import add_chart

Say = Callable[[Shown, Any], str]


def write_workbook(
    target: IO[bytes],
    answer: Answer,
    rows: Iterable[Row],
    title: str,
    notes: Sequence[tuple[str, str]],
    say: Say,
    zone: ZoneInfo,
    language: Language,
    chart: Plot | None = None,
) -> None:
    """Write the file into `target`. `rows` are those of the answer, which itself may hold the first of them only; `notes` stand above
    the table: what was filtered by, when."""
    book = new_workbook(target)
    sheet = book.add_worksheet(sheet_name(title))
    for place, column in enumerate(answer.columns):
        sheet.set_column(place, place, _width(column, answer, say, language))
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    muted = book.add_format({"font_color": "#666666"})
    for number, (name, value) in enumerate(notes, 1):
        sheet.write_string(number, 0, f"{name}: {value}", muted)
    top = len(notes) + 2
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#eef2f6", "text_wrap": True, "valign": "top"})
    for place, column in enumerate(answer.columns):
        sheet.write_string(top, place, column.label.to(language), head)
    sheet.freeze_panes(top + 1, 0)
    written = _write_rows(book, sheet, answer, rows, top + 1, say, zone)
    if written:
        sheet.autofilter(top, 0, top + written, len(answer.columns) - 1)
    if chart is not None:
        add_chart(book, sheet, (top, len(answer.columns) + 1), chart, title, Text("图表数据", "Chart").to(language))
    book.close()


def _write_rows(book: Any, sheet: Any, answer: Answer, rows: Iterable[Row], first: int, say: Say, zone: ZoneInfo) -> int:
    """Returns how many there were; the totals stand below them."""
    formats = [book.add_format({"num_format": found}) if (found := _format(column)) else None for column in answer.columns]
    written = 0
    for row in rows:
        for place, column in enumerate(answer.columns):
            write_value(sheet, first + written, place, _cell(column, row.get(column.key), say, zone), formats[place])
        written += 1
    if answer.totals is not None:
        for place, column in enumerate(answer.columns):
            found = book.add_format({"bold": True, "top": 1, "num_format": _format(column) or "General"})
            total = _cell(column, answer.totals.get(column.key), say, zone) if column.is_measure else "" if place else "∑"
            write_value(sheet, first + written, place, total, found)
    return written


def _cell(column: Shown, value: Any, say: Say, zone: ZoneInfo) -> Any:
    """A value as the sheet holds it: numbers, days and moments as such, everything else in words."""
    if value is None or (isinstance(value, int | Decimal) and column.item.fieldtype != "Check" and not isinstance(value, bool)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None)
    if hasattr(value, "isoformat"):
        return value
    return str(value) if isinstance(value, Masked) else say(column, value)


def _format(column: Shown) -> str:
    """A percentage counts percent: the sign is only shown."""
    if column.unit:
        return ""
    return number_format(column.item) + (' "%"' if column.item.fieldtype == "Percent" else "")


def _width(column: Shown, answer: Answer, say: Say, language: Language) -> float:
    """As wide as its first rows."""
    texts = [column.label.to(language), *(say(column, row.get(column.key)) for row in answer.rows[:100])]
    return min(WIDEST, 3 + max(map(width_of, texts)))
