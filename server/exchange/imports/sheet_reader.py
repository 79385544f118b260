"""A program by itself: reads one workbook (.xlsx, .xls, .et) and writes its rows as JSON lines into a folder.

It runs in a process of its own with bounded memory, since a workbook of a few kilobytes can ask for all of it: a ZIP that unpacks
without end, a single cell in the last row and column. Formulas are never run; the values that the program which wrote the file left
beside them are read. A cell is null, text, a number, a truth, or a pair: `["d", ISO date and time]`, `["t", ISO time]`,
`["s", seconds]`, `["%", number shown as percent]`, `["!", an error such as #DIV/0!]`, `["=", ""]` a formula without a value.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

MOST_ROWS = 200_000
MOST_COLUMNS = 500
MOST_CELLS = 10_000_000  # of the rectangle that holds all filled cells
MOST_UNPACKED_BYTES = 600 * 1024 * 1024
MOST_SHEETS = 20
_CHUNK = 1 << 20
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d+)"')
_ROW_END = re.compile(rb"</(?:\w+:)?row>")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(/?)>")
_PLACE = re.compile(rb'\br="([A-Z]{1,4})\d+"')
_STYLE = re.compile(rb'\bs="(\d+)"')
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BUILT_IN_PERCENT = {9, 10}

Place = tuple[int, int]
Marks = dict[Place, list[Any]]


class Refused(Exception):
    """The workbook is not read; the first argument says why in one word, the second with which number."""


def main(source: Path, folder: Path) -> None:
    """Write `about.json` and a file of rows for each visible sheet."""
    import python_calamine

    with source.open("rb") as stream:
        is_zip = stream.read(4) == b"PK\x03\x04"
    marks = _read_marks(source) if is_zip else {}
    try:
        with source.open("rb") as stream:
            book = python_calamine.CalamineWorkbook.from_filelike(stream)
            wanted = [
                item.name
                for item in book.sheets_metadata
                if item.typ == python_calamine.SheetTypeEnum.WorkSheet
                and item.visible == python_calamine.SheetVisibleEnum.Visible
            ]
            sheets: list[dict[str, Any]] = []
            for name in wanted[:MOST_SHEETS]:
                sheets.append(_write_sheet(book.get_sheet_by_name(name), name, marks.get(name, {}), folder, len(sheets)))
    except python_calamine.PasswordError:
        raise Refused("password", 0) from None
    except (python_calamine.CalamineError, python_calamine.ZipError, python_calamine.XmlError) as error:
        raise Refused("unreadable", str(error)[:200]) from error
    (folder / "about.json").write_text(json.dumps({"sheets": sheets}, ensure_ascii=False), encoding="utf-8")


def _write_sheet(sheet: Any, name: str, marks: Marks, folder: Path, number: int) -> dict[str, Any]:
    if sheet.end is not None:
        _refuse_too_large(sheet.end[0] + 1, sheet.end[1] + 1)
    merged = _Merged(sheet.merged_cell_ranges or ())
    left = [None] * (sheet.start[1] if sheet.start is not None else 0)  # the reader begins with the first filled column
    rows = columns = 0
    with (folder / f"{number}.jsonl").open("w", encoding="utf-8") as file:
        for index, row in enumerate(sheet.iter_rows()):
            cells = [marks.get((index, place)) or _plain(value) for place, value in enumerate([*left, *row])]
            continued = _fill_merged(merged, index, cells)
            while cells and cells[-1] is None:
                cells.pop()
            if any(cell is not None for cell in cells):
                line = [index + 1, cells, continued] if continued else [index + 1, cells]
                file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
                rows, columns = rows + 1, max(columns, len(cells))
    return {"name": name, "rows": rows, "columns": columns, "merged": len(sheet.merged_cell_ranges or ())}


def _refuse_too_large(rows: int, columns: int) -> None:
    if rows > MOST_ROWS:
        raise Refused("rows", rows)
    if columns > MOST_COLUMNS:
        raise Refused("columns", columns)
    if rows * columns > MOST_CELLS:
        raise Refused("cells", rows * columns)


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool | str | int | float):
        return value
    if isinstance(value, datetime):
        return ["d", value.isoformat()]
    if isinstance(value, date):
        return ["d", datetime.combine(value, time()).isoformat()]
    if isinstance(value, time):
        return ["t", value.isoformat()]
    if isinstance(value, timedelta):
        return ["s", value.total_seconds()]
    return str(value)


# Merged cells: the value stands in the first one; it holds for all of them


class _Merged:
    def __init__(self, ranges: Any) -> None:
        self.starting: dict[int, list[tuple[Place, Place]]] = {}
        for first, last in ranges:
            self.starting.setdefault(first[0], []).append((first, last))
        self.open: list[tuple[Place, Place, Any]] = []


def _fill_merged(merged: _Merged, index: int, cells: list[Any]) -> list[int]:
    """Put the value of each merged cell into this row; the columns that only continue one from a row above."""
    continued: set[int] = set()
    merged.open = [item for item in merged.open if item[1][0] >= index]
    for first, last, value in merged.open:
        for place in range(first[1], min(last[1], len(cells) - 1) + 1):
            if value is not None:
                cells[place] = value
                continued.add(place)
    for first, last in merged.starting.get(index, ()):
        value = cells[first[1]] if first[1] < len(cells) else None
        merged.open.append((first, last, value))
        # sideways the value stands once: a title over a whole table is no value of each column
    return sorted(continued)


# What the reader of workbooks does not tell: percent formats, errors, formulas without a value. Read from the XML as it streams,
# which at the same time counts what the ZIP really unpacks to and how far its cells reach, before anything is laid out in memory.


def _read_marks(source: Path) -> dict[str, Marks]:
    try:
        with zipfile.ZipFile(source) as archive:
            _count_unpacked(archive)
            percent = _percent_styles(archive)
            return {name: _sheet_marks(archive, part, percent) for name, part in _sheet_parts(archive)}
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refused("unreadable", str(error)[:200]) from error


def _count_unpacked(archive: zipfile.ZipFile) -> None:
    total = 0
    for item in archive.infolist():
        if item.flag_bits & 1:
            raise Refused("password", 0)
        with archive.open(item) as stream:
            while chunk := stream.read(_CHUNK):
                total += len(chunk)
                if total > MOST_UNPACKED_BYTES:
                    raise Refused("unpacked", MOST_UNPACKED_BYTES)


def _percent_styles(archive: zipfile.ZipFile) -> set[bytes]:
    """The numbers of the cell styles that show a number as percent."""
    if "xl/styles.xml" not in archive.namelist():
        return set()
    root = ElementTree.fromstring(archive.read("xl/styles.xml"))
    own = {int(item.get("numFmtId", "0")) for item in root.iter(f"{_MAIN}numFmt") if "%" in item.get("formatCode", "")}
    styles = root.find(f"{_MAIN}cellXfs")
    wanted = own | _BUILT_IN_PERCENT
    return {
        str(number).encode() for number, item in enumerate(styles if styles is not None else ()) if int(item.get("numFmtId", "0")) in wanted
    }  # fmt: skip


def _sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    names = set(archive.namelist())
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    for item in list(book.iter(f"{_MAIN}sheet"))[: MOST_SHEETS * 5]:
        target = targets.get(item.get(_RELATION), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in names:
            yield item.get("name", ""), part


def _sheet_marks(archive: zipfile.ZipFile, part: str, percent: set[bytes]) -> Marks:
    marks: Marks = {}
    furthest_row = furthest_column = row = 0
    for piece in _rows(archive, part):
        row = max(map(int, _ROW.findall(piece)), default=row + 1)
        if b"<v" not in piece and b":v" not in piece and b"<is" not in piece and b"<f" not in piece:
            continue  # formats alone
        column = 0
        furthest_row = max(furthest_row, row)
        for cell in _CELL.finditer(piece):
            place = _PLACE.search(cell[1])
            column = _column_number(place[1]) if place else column + 1
            furthest_column = max(furthest_column, column)
            mark = _mark(cell, piece, percent)
            if mark is not None and len(marks) < MOST_CELLS // 10:
                marks[row - 1, column - 1] = mark
        _refuse_too_large(furthest_row, furthest_column)
    return marks


def _mark(cell: re.Match[bytes], piece: bytes, percent: set[bytes]) -> list[Any] | None:
    if cell[2]:  # <c ... />: nothing in it
        return None
    end = piece.find(b"</", cell.end())
    attributes, inside = cell[1], piece[cell.end() : piece.find(b"</c>", cell.end()) if end >= 0 else len(piece)]
    value = re.search(rb"<v[^>]*>([^<]*)</v>", inside)
    if b't="e"' in attributes:
        return ["!", value[1].decode("utf-8", "replace") if value else "#"]
    if value is None or not value[1]:
        return ["=", ""] if b"<f" in inside else None
    style = _STYLE.search(attributes) if percent and b't="' not in attributes.replace(b't="n"', b"") else None
    if style and style[1] in percent:
        return ["%", float(value[1])]
    return None


def _rows(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The sheet's XML row by row, however large."""
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            *whole, rest = _ROW_END.split(rest + chunk)
            yield from whole
            if len(rest) > 16 * _CHUNK:
                raise Refused("unpacked", len(rest))
    yield rest


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


if __name__ == "__main__":
    _limit_memory(int(sys.argv[3]))
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except Refused as refused:
        print(json.dumps({"refused": refused.args[0], "with": refused.args[1]}))
        sys.exit(3)
    except MemoryError:
        print(json.dumps({"refused": "memory", "with": 0}))
        sys.exit(3)
