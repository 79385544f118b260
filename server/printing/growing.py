"""Room for more rows in a worksheet, as Excel itself makes it: what stands below moves down, formulas and areas follow.

openpyxl's `insert_rows` moves cells only; formulas, merged cells, heights, conditional formats, checks of input, pictures and the
print area are moved here.
"""

from __future__ import annotations

import re
from copy import copy
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.formula.translate import Translator
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet

_REFERENCE = re.compile(r"(\$?[A-Za-z]{1,3}\$?)(\d+)\Z|(\$?)(\d+)\Z")


def grow(sheet: Worksheet, row: int, extra: int) -> None:
    """Repeat a row `extra` times below itself: its cells with their styles, formulas as Excel would fill them down."""
    if extra <= 0:
        return
    merged = [CellRange(area.coord) for area in sheet.merged_cells.ranges]
    for area in merged:
        sheet.unmerge_cells(area.coord)
    heights = {number: copy(dimension) for number, dimension in sheet.row_dimensions.items()}
    sheet.insert_rows(row + 1, extra)
    _move_formulas(sheet, row, extra)
    _repeat_cells(sheet, row, extra)
    _move_heights(sheet, heights, row, extra)
    for area in merged:
        for moved in _moved_areas(area, row, extra):
            sheet.merge_cells(moved.coord)
    _move_others(sheet, row, extra)


def _repeat_cells(sheet: Worksheet, row: int, extra: int) -> None:
    for cell in list(sheet[row]):
        if not isinstance(cell, Cell):
            continue
        for number in range(row + 1, row + extra + 1):
            made = sheet.cell(number, cell.column)
            made._style = copy(cell._style)
            is_formula = isinstance(cell.value, str) and cell.value.startswith("=")
            made.value = (
                Translator(cell.value, cell.coordinate).translate_formula(made.coordinate) if is_formula else cell.value
            )


def _move_heights(sheet: Worksheet, heights: dict[int, Any], row: int, extra: int) -> None:
    for number in list(sheet.row_dimensions):
        if number > row:
            del sheet.row_dimensions[number]
    places = [(number + extra, number) for number in heights if number > row]
    places += [(number, row) for number in range(row + 1, row + extra + 1) if row in heights]
    for to, source in places:
        sheet.row_dimensions[to].height = heights[source].height
        sheet.row_dimensions[to].hidden = heights[source].hidden


def _moved(area: CellRange, row: int, extra: int) -> CellRange:
    """An area after the growth: below it moves, over the row or ending in it, it grows."""
    found = CellRange(area.coord)
    if found.min_row > row:
        found.shift(row_shift=extra)
    elif found.max_row >= row:
        found.expand(down=extra)
    return found


def _moved_areas(area: CellRange, row: int, extra: int) -> list[CellRange]:
    """Cells merged within the row are merged in each of its copies."""
    if area.min_row == area.max_row == row:
        found = []
        for down in range(extra + 1):
            copied = CellRange(area.coord)
            copied.shift(row_shift=down)
            found.append(copied)
        return found
    moved = _moved(area, row, extra)
    return [CellRange(area.coord) if area.max_row == row else moved]


def _move_formulas(sheet: Worksheet, row: int, extra: int) -> None:
    for other in sheet.parent.worksheets:
        for cells in other.iter_rows():
            for cell in cells:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    cell.value = moved_formula(cell.value, other.title, sheet.title, row, extra)
    for name in sheet.parent.defined_names.values():
        if name.attr_text:
            name.attr_text = moved_formula(f"={name.attr_text}", "", sheet.title, row, extra)[1:]


def moved_formula(formula: str, own: str, grown: str, row: int, extra: int) -> str:
    """A formula of the sheet `own` after rows were put in below `row` of the sheet `grown`."""
    tokens = Tokenizer(formula)
    parts = []
    for token in tokens.items:
        value = token.value
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            prefix, bang, area = value.rpartition("!")
            if (prefix.strip("'").replace("''", "'") if bang else own) == grown:
                value = f"{prefix}{bang}{_moved_reference(area, row, extra)}"
        parts.append(value)
    return "=" + "".join(parts)


def _moved_reference(area: str, row: int, extra: int) -> str:
    first, colon, last = area.partition(":")
    start, end = _REFERENCE.match(first), _REFERENCE.match(last) if colon else None
    if start is None or (colon and end is None):
        return area  # a name, or whole columns
    begins = int(start[2] or start[4])
    moved = _at(start, begins + extra if begins > row else begins)
    if end is None:
        return moved if not colon else f"{moved}:{last}"
    ends = int(end[2] or end[4])
    return f"{moved}:{_at(end, ends + extra if ends >= row else ends)}"


def _at(reference: re.Match[str], row: int) -> str:
    return f"{reference[1] or reference[3]}{row}"


def _move_others(sheet: Worksheet, row: int, extra: int) -> None:
    """Conditional formats, checks of input, tables, the print area and what is drawn on the sheet."""
    before, sheet.conditional_formatting = sheet.conditional_formatting, ConditionalFormattingList()
    for item in before:
        areas = " ".join(_moved(area, row, extra).coord for area in item.cells.ranges)
        for rule in item.rules:
            sheet.conditional_formatting.add(areas, rule)
    for check in sheet.data_validations.dataValidation:
        check.sqref = MultiCellRange(" ".join(_moved(area, row, extra).coord for area in check.sqref.ranges))
    for table in sheet.tables.values():
        table.ref = _moved(CellRange(table.ref), row, extra).coord
        if table.autoFilter is not None and table.autoFilter.ref:
            table.autoFilter.ref = _moved(CellRange(table.autoFilter.ref), row, extra).coord
    if sheet.print_area:
        printed = [part.rpartition("!")[2].replace("$", "") for part in str(sheet.print_area).split(",")]
        wanted = ",".join(_moved(CellRange(area), row, extra).coord for area in printed)
        sheet.print_area = wanted
    for drawn in [*sheet._images, *sheet._charts]:
        for corner in (getattr(drawn.anchor, "_from", None), getattr(drawn.anchor, "to", None)):
            if corner is not None and corner.row >= row:
                corner.row += extra
