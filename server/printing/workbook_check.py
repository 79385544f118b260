"""What is wrong with the Excel file of a format, each fault at its cell; and what a filled-in file holds, for the preview."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ..core.errors import Fault
from ..core.text import Text, nearest
from ..metadata.model import STANDARD_FIELDS, DocType, Model
from .format import PrintFormat
from .places import Place, PlaceUnknown
from .workbook import places_of, repeated_rows

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 20_000_000, 5_000, 200


class WorkbookRefused(ValueError):
    """Not an Excel file that can be filled in; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def opened(encoded: str) -> Any:
    """The workbook, of a size that can be worked on. Raises WorkbookRefused."""
    refused = Text("不是 .xlsx 文件；请用 Excel 或 WPS 另存为 .xlsx", "this is no .xlsx file; save it as .xlsx in Excel or WPS")
    try:
        content = base64.b64decode(encoded, validate=True)
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(item.file_size for item in packed.infolist())
            if size > MOST_BYTES:
                raise WorkbookRefused(Text("文件解开后太大", "the file is too large once unpacked"))
            if any(item.filename.endswith("vbaProject.bin") for item in packed.infolist()):
                raise WorkbookRefused(Text("文件带有宏；请另存为不带宏的 .xlsx", "the file has macros; save it without them"))
        book = load_workbook(io.BytesIO(content))
    except WorkbookRefused:
        raise
    except (binascii.Error, zipfile.BadZipFile):
        raise WorkbookRefused(refused) from None
    except Exception as error:  # openpyxl raises whatever its readers meet
        raise WorkbookRefused(refused) from error
    for sheet in book.worksheets:
        if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
            raise WorkbookRefused(
                Text(
                    f"工作表“{sheet.title}”太大：最多 {MOST_ROWS:,} 行、{MOST_COLUMNS} 列",
                    f'the sheet "{sheet.title}" is too large: at most {MOST_ROWS:,} rows and {MOST_COLUMNS} columns',
                )
            )
    return book


def check_workbook(file: str, form: PrintFormat, doctype: DocType, model: Model) -> list[Fault]:
    """Every fault of the Excel file of a format."""
    try:
        book = opened(form.workbook)
        faults = [fault for sheet in book.worksheets for fault in _faults_of(sheet, doctype, model)]
    except WorkbookRefused as error:
        faults = [("workbook", error.text)]
    return [
        Fault(f"{file}: {where}", Text(f"{file}: {where}：{text.zh}", f"{file}: {where}: {text.en}")) for where, text in faults
    ]


def _faults_of(sheet: Worksheet, doctype: DocType, model: Model) -> Iterator[tuple[str, Text]]:
    known = True
    for row in sheet.iter_rows():
        for cell in row:
            where = f"{sheet.title}!{cell.coordinate}"
            try:
                places = places_of(cell)
            except PlaceUnknown as error:
                known = False
                yield where, error.text
                continue
            for place in places:
                if fault := _unknown(place, doctype, model):
                    yield where, fault
    if known:
        yield from _mixed(sheet)


def _unknown(place: Place, doctype: DocType, model: Model) -> Text | None:
    if place.is_word:
        return None
    head, dot, column = place.path.partition(".")
    owner: DocType | None = doctype
    if dot:
        item = doctype.by_name.get(head)
        owner = model.get(item.options or "") if item and item.type.holds_rows else None
        if owner is None:
            near = nearest(head, [table.fieldname for table in doctype.table_fields])
            return Text(f"{head!r} 不是子表。{near.zh}", f'"{head}" is not a child table.{near.en}')
    name = column if dot else head
    assert owner is not None
    if name in owner.by_name or name in STANDARD_FIELDS or (dot and name == "idx"):
        return None
    near = nearest(name, owner.by_name)
    return Text(f"“{owner.label.zh}”没有字段 {name!r}。{near.zh}", f'{owner.name} has no field "{name}".{near.en}')


def _mixed(sheet: Worksheet) -> Iterator[tuple[str, Text]]:
    """A row is repeated for one child table; what is merged over it and others cannot be repeated."""
    rows = repeated_rows(sheet)
    for number, table in rows.items():
        tables = {place.path.partition(".")[0] for cell in sheet[number] for place in places_of(cell) if "." in place.path}
        if len(tables) > 1:
            yield (
                f"{sheet.title}!{number}",
                Text(f"同一行只能重复一个子表，现有 {'、'.join(sorted(tables))}", f"one row repeats one child table, not {', '.join(sorted(tables))}"),
            )  # fmt: skip
        for area in sheet.merged_cells.ranges:
            if area.min_row < number <= area.max_row or area.min_row == number < area.max_row:
                zh, en = (
                    f"重复行（{table}）不能有跨行合并的单元格",
                    f"the repeated row ({table}) cannot hold cells merged over several rows",
                )
                yield f"{sheet.title}!{area.coord}", Text(zh, en)


def cells_seen(content: bytes, rows: int = 60, columns: int = 16) -> list[tuple[str, list[list[str]]]]:
    """The sheets of a filled-in file as text, as far as a preview shows them."""
    book = load_workbook(io.BytesIO(content))
    found = []
    for sheet in book.worksheets:
        shown = sheet.iter_rows(max_row=min(rows, sheet.max_row), max_col=min(columns, sheet.max_column), values_only=True)
        found.append((sheet.title, [[_seen(value) for value in row] for row in shown]))
    return found


def _seen(value: Any) -> str:
    return "" if value is None else str(value).removesuffix(" 00:00:00")
