"""Tables as text of a spreadsheet: tab-separated as Excel and LibreOffice put it on the clipboard, or CSV.

The first line names the columns: a path or `= expression` for an input, `set FIELD`, `block [FIELD]`, `warn [FIELD]` or
`require_approval` for an output. Each further line is a row. A message in two languages is `Chinese || English` in one cell.
What a sheet cannot say of a column (label, type of an expression, values, default) is taken from the table that it replaces.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...core.errors import Fault, MetadataInvalid
from ...core.text import Text
from .model import OUTPUT_KINDS, TO_ROLES, Table

TAB = "\t"
_LANGUAGES = " || "
# A cell in quotes that only the spreadsheet put there: it holds a tab, a line break or a doubled quote.
_QUOTED = re.compile(r'"((?:[^"]|"")*)"(?=\t|\r?\n|\Z)')
_FORMULA = ("=", "+", "-", "@")


def sheet_of(table: Table, delimiter: str = TAB) -> str:
    """The table as text; what a spreadsheet would take for a formula is written so that it stays text."""
    lines = [[item.name for item in table.inputs] + [item.name for item in table.outputs]]
    lines += [[*row.when, *(_said(cell) for cell in row.then)] for row in table.rows]
    if delimiter == TAB:
        return "".join(TAB.join(_pasted(cell) for cell in line) + "\r\n" for line in lines)
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([[_as_text(cell) for cell in line] for line in lines])
    return text.getvalue()


def read_sheet(text: str, delimiter: str = TAB, replacing: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The JSON of the table that a sheet holds. Raises MetadataInvalid naming the lines that do not fit.

    `replacing` is the JSON of the table that stood there before.
    """
    lines = [line for line in _lines(text.removeprefix("\ufeff"), delimiter) if any(cell.strip() for cell in line)]
    if len(lines) < 2:
        said = Text("应有一行列名和至少一行内容", "expected a line of column names and at least one row")
        raise MetadataInvalid.of([Fault("", said)])
    names = [_plain(cell) for cell in lines[0]]
    while names and not names[-1]:
        names.pop()
    before = replacing or {}
    inputs = [_input(name, before) for name in names if not _is_output(name)]
    outputs = [_output(name, before) for name in names if _is_output(name)]
    faults = _faults(lines, names)
    if faults:
        raise MetadataInvalid.of(faults)
    rows = []
    for line in lines[1:]:
        cells = [_plain(cell) for cell in [*line, *[""] * len(names)][: len(names)]]
        rows.append([_in_two(cell) if _is_said(name) else cell or "-" for name, cell in zip(names, cells, strict=True)])
    kept = {key: value for key, value in before.items() if key not in ("inputs", "outputs", "rows")}
    return {**kept, "inputs": inputs, "outputs": outputs, "rows": rows}


def _faults(lines: Sequence[Sequence[str]], names: Sequence[str]) -> list[Fault]:
    found = []
    kinds = [_is_output(name) for name in names]
    if kinds != sorted(kinds) or True not in kinds or kinds[0]:
        words = ", ".join(OUTPUT_KINDS)
        said = Text(
            f"首行应先列输入列，后列输出列（以 {words} 开头）：{list(names)}",
            f"the first line names inputs, then outputs (beginning with {words}); it is {list(names)}",
        )
        found.append(Fault("1", said))
    for number, line in enumerate(lines[1:], start=2):
        extra = [cell for cell in line[len(names) :] if cell.strip()]
        if extra:
            said = Text(f"第 {number} 行比首行多出 {extra}", f"line {number} has more cells than the first: {extra}")
            found.append(Fault(str(number), said))
    return found


def _lines(text: str, delimiter: str) -> Iterator[list[str]]:
    if delimiter != TAB:
        try:
            yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        except csv.Error as error:
            said = Text(f"不是可读的 CSV：{error}", f"this CSV cannot be read: {error}")
            raise MetadataInvalid.of([Fault("", said)]) from None
        return
    line: list[str] = []
    place = 0
    while place < len(text):
        match = _QUOTED.match(text, place)
        if match and ('""' in match[1] or "\t" in match[1] or "\n" in match[1]):
            cell, place = match[1].replace('""', '"'), match.end()
        else:
            end = re.compile(r"[\t\n]|\Z").search(text, place)
            stop = end.start() if end else len(text)
            cell, place = text[place:stop].removesuffix("\r"), stop
        line.append(cell)
        if text.startswith("\r\n", place):
            place += 1
        if place >= len(text) or text[place] == "\n":
            yield line
            line = []
        place += 1
    if line:
        yield line


def _pasted(cell: str) -> str:
    cell = _as_text(cell)
    if "\t" in cell or "\n" in cell or (cell.startswith('"') and '""' in cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _as_text(cell: str) -> str:
    """`= x` and `-5` would be computed or refused when pasted; with an apostrophe a spreadsheet keeps them as text."""
    risky = cell.startswith(_FORMULA) and cell != "-" and not re.fullmatch(r"-?\d+(\.\d+)?", cell)
    return f"'{cell}" if risky else cell


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _said(cell: str | Text) -> str:
    if isinstance(cell, str):
        return cell
    return cell.zh if cell.zh == cell.en else f"{cell.zh}{_LANGUAGES}{cell.en}"


def _in_two(cell: str) -> Any:
    zh, mark, en = cell.partition(_LANGUAGES)
    return {"zh": zh.strip(), "en": en.strip()} if mark else cell or "-"


def _is_output(name: str) -> bool:
    return name.split(" ")[0] in OUTPUT_KINDS


def _is_said(name: str) -> bool:
    return name.split(" ")[0] in ("block", "warn")


def _input(name: str, before: Mapping[str, Any]) -> Any:
    expr = name[1:].strip() if name.startswith("=") else ""
    for item in before.get("inputs") or ():
        if item == name or (isinstance(item, Mapping) and (item.get("path") == name or (expr and item.get("expr") == expr))):
            return item
    return {"expr": expr, "type": "number"} if expr else name


def _output(name: str, before: Mapping[str, Any]) -> dict[str, Any]:
    kind, _, field = name.partition(" ")
    for item in before.get("outputs") or ():
        if isinstance(item, Mapping) and kind in item and (item[kind] == field or not (field or isinstance(item[kind], str))):
            return dict(item)
    return {kind: field.strip() or ({} if kind in TO_ROLES else None)}
