"""The rows of an import that were refused, as a workbook: as they stood in the file, the cells at fault marked, the reason beside each.

Corrected there it can be imported again; the two columns of reasons are meant for no field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import IO, Any

import xlsxwriter

from ...core.text import Language, Text
from ...reporting.cells import LONGEST_TEXT, sheet_name
from .book import LoggedRow
from .entries import shown
from .staging import Broken, Percent, Row

ROW_HEAD = Text("原行号", "Row in the file")
REASON_HEAD = Text("未导入的原因", "Why it was not imported")


def write_faulty(
    target: IO[bytes], title: str, heads: Sequence[str], rows: Iterable[Row], faulty: Iterable[LoggedRow], language: Language
) -> None:
    """Write the workbook into `target`. `rows` are those of the file in order, `faulty` the refused records in order."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    sheet = book.add_worksheet(sheet_name(title))
    bold = book.add_format({"bold": True, "bg_color": "#eef2f6", "bottom": 1})
    shapes = _Shapes(book)
    width = len(heads)
    sheet.set_column(0, max(width - 1, 0), 16)
    sheet.set_column(width + 1, width + 1, 80)
    sheet.freeze_panes(1, 0)
    for place, head in enumerate([*heads, ROW_HEAD.to(language), REASON_HEAD.to(language)]):
        sheet.write_string(0, place, head, bold)
    for line, (row, faults) in enumerate(_with_faults(rows, faulty), start=1):
        marked = {fault["column"] for fault in faults if fault["column"] is not None}
        for place in range(width):
            _write(sheet, line, place, row.cells[place] if place < len(row.cells) else None, shapes, is_marked=place in marked)
        sheet.write_number(line, width, row.number)
        said = " ".join(Text.of(fault["text"]).to(language) for fault in faults)
        sheet.write_string(line, width + 1, said[:LONGEST_TEXT])
    book.close()


def _with_faults(rows: Iterable[Row], faulty: Iterable[LoggedRow]) -> Iterator[tuple[Row, list[Mapping[str, Any]]]]:
    """Every row of each refused record, with the faults that are about it; what concerns the record as a whole stands in its first."""
    waiting = iter(faulty)
    current = next(waiting, None)
    for row in rows:
        while current is not None and row.number > current.last:
            current = next(waiting, None)
        if current is None:
            return
        if current.number <= row.number:
            yield (
                row,
                [
                    fault
                    for fault in current.faults
                    if not fault.get("warning") and (fault["row"] or current.number) == row.number
                ],
            )


class _Shapes:
    """Formats by number format and whether a cell is marked."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, bool], Any] = {}

    def of(self, number_format: str, is_marked: bool) -> Any:
        if not number_format and not is_marked:
            return None
        key = (number_format, is_marked)
        if key not in self._made:
            said: dict[str, Any] = {"num_format": number_format} if number_format else {}
            self._made[key] = self._book.add_format(said | ({"bg_color": "#ffc7ce"} if is_marked else {}))
        return self._made[key]


def _write(sheet: Any, row: int, place: int, cell: Any, shapes: _Shapes, *, is_marked: bool) -> None:
    if cell is None:
        sheet.write_blank(row, place, None, shapes.of("", is_marked))
    elif isinstance(cell, Percent):
        sheet.write_number(row, place, cell.value, shapes.of("0.00%", is_marked))
    elif isinstance(cell, datetime):
        form = "yyyy-mm-dd" if cell.time() == time() else "yyyy-mm-dd hh:mm:ss"
        sheet.write_datetime(row, place, cell, shapes.of(form, is_marked))
    elif isinstance(cell, time):
        sheet.write_datetime(row, place, cell, shapes.of("hh:mm:ss", is_marked))
    elif isinstance(cell, bool):
        sheet.write_boolean(row, place, cell, shapes.of("", is_marked))
    elif isinstance(cell, int | float):
        sheet.write_number(row, place, cell, shapes.of("", is_marked))
    else:
        text = shown(cell) if isinstance(cell, Broken) else str(cell)
        sheet.write_string(row, place, text[:LONGEST_TEXT], shapes.of("", is_marked))
