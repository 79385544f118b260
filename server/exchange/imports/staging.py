"""A file of people, read once into plain rows that lie on the disk: each later step goes through them in bounded memory.

The rows lie in a folder of the import below the site's files, one JSON line each; they can be made again from the file itself, which is
kept as any upload is.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from ...core.errors import Fault, StorageUnavailable, TooLarge, ValidationFailed
from ...core.text import Text
from . import csv_text, sheet_reader

WORKBOOKS = ("xlsx", "xls", "et")
TEXTS = ("csv", "txt")
READER_MEGABYTES = 2000  # of address space, for the process that reads a workbook
READER_SECONDS = 180


@dataclass(frozen=True)
class Percent:
    """A number that the workbook shows as percent: 0.125 reads 12.5 %."""

    value: float


@dataclass(frozen=True)
class Broken:
    """A cell without a value: an error such as `#DIV/0!`, or (`kind` "=") a formula whose value nobody computed."""

    kind: str


@dataclass(frozen=True)
class Row:
    """One row that is not blank. `number` is what the spreadsheet calls it; `continued` are the places of cells merged with one above."""

    number: int
    cells: Sequence[Any]
    continued: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Sheet:
    name: str
    rows: int
    columns: int
    merged: int = 0


@dataclass(frozen=True)
class Staged:
    """The rows of a file. `encoding` and `delimiter` are those of a text file, else empty."""

    folder: Path
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    delimiter: str = ""

    def rows(self, sheet: int) -> Iterator[Row]:
        """The rows of one sheet, as they stand."""
        with (self.folder / f"{sheet}.jsonl").open(encoding="utf-8") as file:
            for line in file:
                number, cells, *continued = json.loads(line)
                yield Row(number, [_cell(one) for one in cells], frozenset(continued[0]) if continued else frozenset())


def _cell(stored: Any) -> Any:
    if not isinstance(stored, list):
        return stored
    kind, value = stored
    if kind == "d":
        return datetime.fromisoformat(value)
    if kind == "t":
        return time.fromisoformat(value)
    if kind == "%":
        return Percent(value)
    return Broken(value if kind == "!" else "=") if kind in "!=" else int(value)


def extension_of(filename: str) -> str:
    """The extension, where such files are imported. Raises ValidationFailed naming those that are."""
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    if extension not in WORKBOOKS + TEXTS:
        raise _refused(
            Text(
                f"“{filename}”不能导入：可导入 .xlsx、.xls、WPS 的 .et 和 .csv；其他表格请另存为 .xlsx。",
                f'"{filename}" cannot be imported: .xlsx, .xls, .et of WPS and .csv can; save other spreadsheets as .xlsx.',
            )
        )
    return extension


def stage(source: Path, filename: str, folder: Path, *, encoding: str = "", delimiter: str = "") -> Staged:
    """Read a file into `folder`, which is replaced as a whole. A given encoding or delimiter is taken instead of the recognised one.

    Raises ValidationFailed (not readable, a password, an encoding nobody knows), TooLarge (too many rows, columns, unpacked bytes).
    """
    extension = extension_of(filename)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix="incoming-"))
    except OSError as error:
        raise _no_room(error) from error
    try:
        if extension in WORKBOOKS:
            _read_workbook(source, filename, fresh)
        else:
            _read_text(source, filename, fresh, encoding, delimiter)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.replace(folder)
    except OSError as error:
        raise _no_room(error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return staged(folder)


def staged(folder: Path) -> Staged:
    """What lies in a folder. Raises FileNotFoundError when nothing was staged there, or it was cleared away."""
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    sheets = tuple(Sheet(item["name"], item["rows"], item["columns"], item.get("merged", 0)) for item in about["sheets"])
    return Staged(folder, sheets, about.get("encoding", ""), about.get("delimiter", ""))


def _read_workbook(source: Path, filename: str, folder: Path) -> None:
    command = [sys.executable, "-I", str(Path(sheet_reader.__file__)), str(source), str(folder), str(READER_MEGABYTES)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=READER_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise _reason(filename, "time", READER_SECONDS) from None
    if done.returncode == 0:
        return
    told = done.stdout.decode("utf-8", "replace").strip().splitlines()
    if done.returncode == 3 and told:
        answer = json.loads(told[-1])
        raise _reason(filename, answer["refused"], answer["with"])
    if b"No module named 'python_calamine'" in done.stderr:
        raise StorageUnavailable(
            Text(
                "缺少读取 Excel 的组件 python-calamine，请管理员运行 pip install python-calamine。",
                "The component that reads Excel is missing; let the administrator run pip install python-calamine.",
            )
        )
    raise _reason(filename, "memory" if done.returncode < 0 else "unreadable", 0)


def _read_text(source: Path, filename: str, folder: Path, encoding: str, delimiter: str) -> None:
    try:
        encoding = encoding or csv_text.encoding_of(source)
        delimiter = delimiter or csv_text.delimiter_of(source, encoding)
        rows = columns = 0
        with (folder / "0.jsonl").open("w", encoding="utf-8") as file:
            for number, cells in csv_text.csv_rows(source, encoding, delimiter):
                rows, columns = rows + 1, max(columns, len(cells))
                if rows > sheet_reader.MOST_ROWS:
                    raise _reason(filename, "rows", rows)
                if columns > sheet_reader.MOST_COLUMNS:
                    raise _reason(filename, "columns", columns)
                file.write(json.dumps([number, cells], ensure_ascii=False, separators=(",", ":")) + "\n")
    except (csv_text.NotText, UnicodeError, LookupError):
        raise _refused(
            Text(
                f"“{filename}”的文字编码无法识别，应为 UTF-8 或 GBK（GB 18030）；请在 Excel 中另存为 .xlsx 或“CSV UTF-8”。",
                f'The encoding of "{filename}" is not recognised; UTF-8 and GBK (GB 18030) are. Save it as .xlsx or "CSV UTF-8".',
            )
        ) from None
    except ValueError as error:
        raise _refused(Text(f"“{filename}”第 {error} 行无法读取。", f'"{filename}" cannot be read at line {error}.')) from None
    about = {"sheets": [{"name": filename, "rows": rows, "columns": columns}], "encoding": encoding, "delimiter": delimiter}
    (folder / "about.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")


_REASONS = {
    "rows": Text(
        f"有 {{number}} 行，一次最多导入 {sheet_reader.MOST_ROWS:,} 行，请拆成几个文件",
        f"has {{number}} rows; at most {sheet_reader.MOST_ROWS:,} are imported at once. Split it into several files",
    ),
    "columns": Text(
        f"有 {{number}} 列，最多 {sheet_reader.MOST_COLUMNS} 列，请删去不用的列",
        f"has {{number}} columns; at most {sheet_reader.MOST_COLUMNS} are read. Remove those that are not needed",
    ),
    "cells": Text(
        "单元格过多（{number}），请删去远处多余的单元格或拆成几个文件",
        "has too many cells ({number}); remove stray cells far away, or split it into several files",
    ),
    "unpacked": Text(
        "解压后大得不合常理，可能已损坏或有恶意，未读取",
        "unpacks to an unreasonable size; it is damaged or malicious and was not read",
    ),
    "memory": Text("读取它所需的内存过大，未读取；请另存为 .csv 或拆分", "needs too much memory to be read; save it as .csv, or split it"),
    "time": Text("{number} 秒内没有读完，请拆成几个文件", "was not read within {number} seconds; split it into several files"),
    "password": Text("有打开密码，请先去掉密码再导入", "is protected by a password; remove it first"),
    "unreadable": Text(
        "无法读取，可能已损坏，或是 WPS 的加密、新格式文件；请用 Excel 或 WPS 另存为 .xlsx",
        "cannot be read: it is damaged, or of a form that only WPS knows. Save it as .xlsx with Excel or WPS",
    ),
}  # fmt: skip


def _reason(filename: str, reason: str, number: object) -> ValidationFailed | TooLarge:
    shown = f"{number:,}" if isinstance(number, int) else str(number)
    said = _REASONS[reason].format(number=shown)
    text = Text(f"“{filename}”{said.zh}。", f'"{filename}" {said.en}.')
    if reason in ("password", "unreadable"):
        return ValidationFailed(text, [Fault("file", text)])
    return TooLarge(text, [Fault("file", text)])


def _refused(text: Text) -> ValidationFailed:
    return ValidationFailed(text, [Fault("file", text)])


def _no_room(error: OSError) -> StorageUnavailable:
    return StorageUnavailable(
        Text(
            f"导入的文件无法写入磁盘（{error.strerror}），请联系管理员。",
            f"The imported file cannot be written to the disk ({error.strerror}); tell the administrator.",
        )
    )
