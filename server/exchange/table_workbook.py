"""Tables as Excel files, written row by row: numbers, days and moments stay what they are (`reporting.cells`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any
from zoneinfo import ZoneInfo

from ..core.text import Language, Text
from ..core.values import Masked
from ..metadata.model import DocField
from ..reporting.cells import MOST_ROWS, WIDEST, new_workbook, number_format, sheet_name, width_of, write_value


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
    """Write the file into `target`, more than a sheet holds on further ones; returns how many rows there were."""
    book = new_workbook(target)
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
    write_value(sheet, row, place, cell, None if cell is None else shape)


def _width(head: Head, label: str) -> float:
    """As wide as its label, at least what values of its kind need."""
    usual = {"datetime": 17, "date": 12, "decimal": 12}.get(head.item.type.kind or "", 14)
    return min(WIDEST, max(usual, 3 + width_of(label)))
