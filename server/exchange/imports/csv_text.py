"""Text files of rows: which encoding (UTF-8 with or without mark, GB 18030, UTF-16 with mark), which delimiter (comma, semicolon, tab)."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

DELIMITERS = (",", ";", "\t", "；", "，")
SAMPLE_BYTES = 1 << 20
LONGEST_CELL = 1_000_000
ENCODINGS = ("utf-8-sig", "gb18030")


class NotText(Exception):
    """No encoding that is known reads the whole file."""


def encoding_of(path: Path) -> str:
    """The encoding of a file, by reading all of it: a Chinese letter may come late. Raises NotText.

    UTF-8 is asked first: text of another encoding is hardly ever valid in it, while nearly everything is "valid" GB 18030.
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as stream:
                while chunk := stream.read(SAMPLE_BYTES):
                    if "\x00" in chunk:
                        raise NotText
        except UnicodeDecodeError:
            continue
        return encoding
    raise NotText


def delimiter_of(path: Path, encoding: str) -> str:
    """The delimiter that cuts the first lines into the same number of cells, the most of them; a comma where none does.

    Full-width commas and semicolons part cells only where no other delimiter does.
    """
    with path.open(encoding=encoding, newline="") as stream:
        sample = stream.read(SAMPLE_BYTES // 8)
    lines = [line for line in sample.splitlines() if line.strip()][:50]
    if len(sample) == SAMPLE_BYTES // 8 and len(lines) > 1:
        lines = lines[:-1]
    best, score = ",", (0, 0.0)
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        width, times = max(widths.items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
        if width > 1 and (found := (int(delimiter in ",;\t"), width * times / len(lines))) > score:
            best, score = delimiter, found
    return best


def csv_rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str | None]]]:
    """The rows with the number of the line each begins in; blank lines are left out. Raises ValueError naming a line that cannot be read."""
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding=encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter)
        line = 1
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise ValueError(f"{reader.line_num}: {error}") from error
            cells = [_without_guard(cell) if cell.strip() else None for cell in row]
            if any(cell is not None for cell in cells):
                yield line, cells
            line = reader.line_num + 1


def _without_guard(cell: str) -> str:
    """A text without the apostrophe that exports put before what looks like a formula."""
    return cell[1:] if cell[0] == "'" and len(cell) > 1 and cell[1] in "=+-@＝＋－＠" else cell
