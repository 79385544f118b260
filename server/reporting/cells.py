"""What every Excel file of ours holds in common: how values are written, how Excel shows them, what a sheet may be called.

A text is written as text, so that none of them runs as a formula; rows go to the disk as they come, so that a hundred thousand need no more
memory than one.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from ..metadata.fieldtypes.numbers import DecimalType
from ..metadata.model import DocField

MOST_ROWS = 1_048_575  # of a sheet, below its heads
LONGEST_TEXT = 32_767  # of a cell
LONGEST_SHEET_NAME = 31
WIDEST = 60.0


def new_workbook(target: IO[bytes]) -> Any:
    """A workbook whose rows are written in their order, each as soon as the next begins."""
    options = {"constant_memory": True, "remove_timezone": True, "strings_to_formulas": False, "strings_to_urls": False}
    return xlsxwriter.Workbook(target, options)


def write_value(sheet: Any, row: int, place: int, cell: Any, shape: Any) -> None:
    """A number, day, moment or text; None leaves the cell with its format alone."""
    if cell is None:
        if shape is not None:
            sheet.write_blank(row, place, None, shape)
    elif isinstance(cell, bool | int | float | Decimal):
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


def width_of(text: str) -> int:
    """The room that a text takes; a Chinese character takes that of two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
