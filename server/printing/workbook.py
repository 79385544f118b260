"""A company's own Excel form, filled in with a record: `{{ customer }}` in a cell, `{{ items.qty }}` in a row that is repeated.

Styles, widths, merged cells and formulas of the file stay; what a record holds is written as text, number or date and never becomes
a formula. Runs in the worker process. `growing` makes room for the rows; `workbook_check` finds what is wrong beforehand.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.drawing.image import Image
from openpyxl.worksheet.worksheet import Worksheet

from ..core.text import Text
from ..core.values import to_decimal
from . import display
from .blocks import MAX_TABLE_ROWS, Blocks
from .fields import PrintField
from .growing import grow
from .job import PrintJob
from .page import Page
from .pictures import PictureRefused, drawing, picture
from .places import Place, parts_of
from .reading import BlockMisused
from .template import filters_of

PICTURE_MM = (46.0, 16.0)
_DOTS_PER_MM = 96 / 25.4
_FORMATS = ((datetime, "yyyy-mm-dd hh:mm"), (date, "yyyy-mm-dd"), (time, "hh:mm"))
_NUMBERS = ("Int", "Float", "Currency", "Rating", "Duration")


def filled(job: PrintJob) -> bytes:
    """The Excel file. Raises BlockMisused where a place means nothing or a table has too many rows."""
    assert job.format is not None
    book = load_workbook(io.BytesIO(base64.b64decode(job.format.workbook)))
    filling = _Filling(job)
    for sheet in book.worksheets:
        standing = filling.grown(sheet)
        for row in list(sheet.iter_rows()):
            for cell in row:
                filling.fill(sheet, cell, standing.get(cell.row))
    book.properties.title = f"{job.title} {job.name}"
    book.properties.creator = job.company
    book.calculation.fullCalcOnLoad = True
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repeated_rows(sheet: Worksheet) -> dict[int, str]:
    """The rows that are repeated, each with its child table."""
    found: dict[int, str] = {}
    for row in sheet.iter_rows():
        for cell in row:
            for place in places_of(cell):
                table, dot, _ = place.path.partition(".")
                if dot:
                    found.setdefault(cell.row, table)
    return found


def places_of(cell: Any) -> list[Place]:
    """The places in a cell. Raises PlaceUnknown."""
    value = cell.value
    return [part for part in parts_of(value) if isinstance(part, Place)] if _is_template(value) else []


def _is_template(value: Any) -> bool:
    return isinstance(value, str) and "{{" in value and not value.startswith("=")


class _Filling:
    """One record on its way into a workbook."""

    def __init__(self, job: PrintJob) -> None:
        self._job = job
        blocks = Blocks(job, Page())
        self._reader = blocks.reader
        self._filters = filters_of(blocks)
        form = job.format
        self._words: Mapping[str, Any] = {
            "company": job.company, "printed_by": job.printed_by, "printed_at": job.printed_at, "status": job.status,
            "form_number": form.form_number if form else "", "form_version": form.form_version if form else "",
            "record_address": job.record_address or job.name,
        }  # fmt: skip

    def grown(self, sheet: Worksheet) -> dict[int, Mapping[str, Any]]:
        """Make room for the rows of the child tables; which of them stands in which row then (an empty one where there is none).

        All room is made before anything is filled in: what a record says is never taken for a place or a formula of the form.
        """
        found = {number: self._rows(table) for number, table in repeated_rows(sheet).items()}
        for number in sorted(found, reverse=True):
            grow(sheet, number, len(found[number]) - 1)
        standing: dict[int, Mapping[str, Any]] = {}
        down = 0
        for number in sorted(found):
            standing |= {number + down + at: row for at, row in enumerate(found[number])}
            down += len(found[number]) - 1
        return standing

    def _rows(self, name: str) -> list[Mapping[str, Any]]:
        table = self._reader.table(name)
        rows = self._reader.rows(table)
        if len(rows) > MAX_TABLE_ROWS:
            raise BlockMisused(
                Text(f"“{table.label}”超过 {MAX_TABLE_ROWS:,} 行", f'"{table.label}" has more than {MAX_TABLE_ROWS:,} rows')
            )
        return [{"idx": at + 1, **row} for at, row in enumerate(rows)] or [{}]

    def fill(self, sheet: Worksheet, cell: Any, row: Mapping[str, Any] | None) -> None:
        """Put values where a cell has places. A cell that is one place takes the value itself, with its type."""
        if not isinstance(cell, Cell) or not _is_template(cell.value):
            return
        parts = parts_of(str(cell.value))
        if len(parts) == 1 and isinstance(parts[0], Place):
            self._put(sheet, cell, parts[0], row)
        else:
            _write(cell, "".join(part if isinstance(part, str) else self._said(part, row) for part in parts))

    def _field(self, place: Place, row: Mapping[str, Any] | None) -> tuple[PrintField, Any]:
        item = self._reader.field(place.path)
        return item, self._reader.raw(item, row if "." in place.path else None)

    def _said(self, place: Place, row: Mapping[str, Any] | None) -> str:
        """The value as people read it, within other text."""
        if place.is_word:
            value: Any = self._words[place.path]
            return str(self._filters[place.filter](value)) if place.filter else self._reader.plain(value)
        item, value = self._field(place, row)
        if place.filter:
            return str(self._filters[place.filter](value))
        if item.fieldtype == "Check":
            return display.checkbox(value)
        return self._reader.text(item, value, row)

    def _put(self, sheet: Worksheet, cell: Cell, place: Place, row: Mapping[str, Any] | None) -> None:
        if place.is_word or place.filter:
            _write(cell, self._said(place, row))
            return
        item, value = self._field(place, row)
        if item.fieldtype in ("Signature", "Attach Image"):
            self._picture(sheet, cell, item, value)
            return
        typed = self._typed(item, value, cell)
        _write(cell, self._said(place, row) if typed is None else typed)

    def _typed(self, item: PrintField, value: Any, cell: Cell) -> Any:
        """The value that Excel calculates with; None for what is text."""
        if value in (None, ""):
            return ""
        if isinstance(value, datetime):
            return value.astimezone(self._job.zone).replace(tzinfo=None) if value.tzinfo else value
        if isinstance(value, date | time):
            return value
        number = to_decimal(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None
        if item.fieldtype in _NUMBERS:
            return number
        return number / 100 if item.fieldtype == "Percent" and number is not None and "%" in cell.number_format else None

    def _picture(self, sheet: Worksheet, cell: Cell, item: PrintField, value: Any) -> None:
        _write(cell, "")
        content = drawing(value) if item.fieldtype == "Signature" else self._job.images.get(str(value))
        if content is None:
            return
        try:
            found = picture(content, *PICTURE_MM)
        except PictureRefused:
            return
        shown = Image(io.BytesIO(base64.b64decode(found.address.partition(",")[2])))
        shown.width, shown.height = found.width_mm * _DOTS_PER_MM, found.height_mm * _DOTS_PER_MM
        sheet.add_image(shown, cell.coordinate)


def _write(cell: Cell, value: Any) -> None:
    """A text stays a text: Excel neither runs it now nor when somebody edits the cell."""
    if not isinstance(value, str):
        cell.value = value
        if cell.number_format == "General":
            cell.number_format = next((wanted for kind, wanted in _FORMATS if isinstance(value, kind)), "General")
        return
    text = "".join(sign for sign in value if sign in "\n\t" or sign >= " ")[:32_767]
    cell.value = text or None
    if text:
        cell.data_type = "s"
        if text[0] in "=+-@":
            cell.quotePrefix = True
