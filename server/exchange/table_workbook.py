"""Tables as Excel files, written row by row so that a hundred thousand rows need no more memory than one.

A text is written as text, so that none of them runs as a formula; numbers, days and moments stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

import xlsxwriter

from ..core.text import Language, Text
from ..core.values import Masked
from ..metadata.fieldtypes.numbers import DecimalType
from ..metadata.model import DocField

MOST_ROWS = 1_048_575  # of a sheet, below its heads; more go on in another
LONGEST_TEXT = 32_767  # of a cell
LONGEST_SHEET_NAME = 31
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Head:
    """One column of a file: what stands above it, and which field its values are of."""

    label: Text
    item: DocField
    key: str  # where its value stands in a row


def heads_of(fields: Iterable[DocField]) -> list[Head]:
    return [Head(item.label or Text.of(item.fieldname), item, item.fieldname) for item in fields]


def write_table(
    target: IO[bytes], title: str, heads: Sequence[Head], rows: Iterable[Mapping[str, Any]], language: Language, zone: ZoneInfo
) -> int:
    """Write the file into `target`; returns how many rows there were."""
    options = {"constant_memory": True, "remove_timezone": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#eef2f6"})
    formats = [book.add_format({"num_format": found}) if (found := number_format(head.item)) else None for head in heads]
    written, sheet = 0, None
    for row in rows:
        if sheet is None or written % MOST_ROWS == 0:
            sheet = _begin(book, title, written // MOST_ROWS, heads, language, bold)
        line = written % MOST_ROWS + 1
        for place, head in enumerate(heads):
            write_cell(sheet, line, place, head.item, row.get(head.key), formats[place], language, zone)
        written += 1
    if sheet is None:
        _begin(book, title, 0, heads, language, bold)
    book.close()
    return written


def _begin(book: Any, title: str, number: int, heads: Sequence[Head], language: Language, bold: Any) -> Any:
    sheet = book.add_worksheet(sheet_name(title, number))
    sheet.freeze_panes(1, 0)
    for place, head in enumerate(heads):
        label = head.label.to(language)
        sheet.set_column(place, place, _width(head, label))
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head.label.to(language), bold)
    return sheet


def write_cell(
    sheet: Any, row: int, place: int, item: DocField, value: Any, shape: Any, language: Language, zone: ZoneInfo
) -> None:
    """One value of a field, as `FieldType.cell` has it; a masked value as the reader sees it."""
    cell = str(value) if isinstance(value, Masked) else None if value is None else item.type.cell(value, item, language, zone)
    if cell is None:
        return
    if isinstance(cell, bool | int | float | Decimal):
        sheet.write_number(row, place, float(cell), shape)
    elif isinstance(cell, date | datetime | time):
        sheet.write_datetime(row, place, cell, shape)
    else:
        sheet.write_string(row, place, cell[:LONGEST_TEXT], shape)


def number_format(item: DocField) -> str:
    """How Excel is to show the values of a field; empty for texts."""
    kind = item.type.kind
    if item.fieldtype in ("Check", "Rating"):
        return ""
    if kind in ("date", "datetime", "time"):
        return {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", "time": "hh:mm"}[kind]
    if kind == "integer":
        return "0"
    if not isinstance(item.type, DecimalType):
        return ""
    places = item.type.precision(item)
    return ("#,##0." + ("#" if item.fieldtype == "Float" else "0") * places) if places else "#,##0"


def sheet_name(title: str, number: int = 0) -> str:
    """A title without what Excel forbids in the name of a sheet."""
    plain = "".join(" " if character in "[]:*?/\\'" else character for character in title).strip() or "Sheet"
    end = f" {number + 1}" if number else ""
    return plain[: LONGEST_SHEET_NAME - len(end)] + end


def _width(head: Head, label: str) -> float:
    """As wide as its label, at least what values of its kind need; a Chinese character takes the room of two."""
    usual = {"datetime": 17, "date": 12, "decimal": 12}.get(head.item.type.kind or "", 14)
    return min(60.0, max(usual, 3 + sum(2 if ord(character) > 0x2E7F else 1 for character in label)))
