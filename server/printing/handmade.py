"""Tables that a print format wrote by hand: their widths are kept as long as they cut no word, else they give way.

The author of `<th width="12%">` cannot know how large an amount will be. Runs on cleaned HTML (`markup.clean`), so tags are
known and well nested. Tables of class `grid` only; one with cells over several rows, widths other than per cent or a table
inside is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .columns import Demand, layout, need_of

_TABLE = re.compile(r'(<table [^>]*?class="grid"[^>]*>)((?:(?!<table).)*?)(</table>)', re.DOTALL)
_ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<(t[hd])([^>]*)>(.*?)</\1>", re.DOTALL)
_WIDTH = re.compile(r'\bwidth="(\d+(?:\.\d+)?)%"')
_ANY_WIDTH = re.compile(r'\s*\bwidth="[^"]*"')
_ABSOLUTE_WIDTH = re.compile(r'\bwidth="[^"%]*"|\bstyle="[^"]*\bwidth\s*:')
_SPAN = re.compile(r'\bcolspan="(\d+)"')
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class _Cell:
    tag: str
    attributes: str
    content: str

    @property
    def span(self) -> int:
        found = _SPAN.search(self.attributes)
        return int(found[1]) if found else 1


def widen(html: str, room_points: float) -> str:
    """The document with tables whose columns hold what stands in them."""
    return _TABLE.sub(lambda found: _widened(found[1], found[2], found[3], room_points), html)


def _widened(start: str, body: str, end: str, room_points: float) -> str:
    rows = [[_Cell(*cell) for cell in _CELL.findall(row)] for row in _ROW.findall(body)]
    if "rowspan=" in body or not rows or any(cell.span > 1 or _ABSOLUTE_WIDTH.search(cell.attributes) for cell in rows[0]):
        return start + body + end
    columns = _columns(rows, _given_widths(rows[0]))
    if columns is None:
        return start + body + end
    style, widths = layout(columns, room_points)
    first = _ROW.search(body)
    assert first is not None  # rows[0] was found by it
    head = "".join(_with_width(cell, width) for cell, width in zip(rows[0], widths, strict=True))
    start = start.replace('class="grid"', f'class="{style}"')
    return f"{start}{body[: first.start(1)]}{head}{body[first.end(1) :]}{end}"


def _given_widths(row: list[_Cell]) -> list[float]:
    """Per cent; columns without a width share what the others leave, and all go by content when none has one."""
    found = [_WIDTH.search(cell.attributes) for cell in row]
    widths = [float(width[1]) if width else 0.0 for width in found]
    missing = widths.count(0.0)
    if missing == len(widths):
        return widths
    return [width or max(1.0, (100 - sum(widths)) / missing) for width in widths]


def _columns(rows: list[list[_Cell]], widths: list[float]) -> list[Demand] | None:
    """What each column asks for; None when a row has more cells than the first."""
    headings = [_TAG.sub("", cell.content) if cell.tag == "th" else "" for cell in rows[0]]
    contents: list[list[str]] = [[] for _ in widths]
    for row in rows[1:] if any(headings) else rows:
        place = 0
        for cell in row:
            if place + cell.span > len(widths):
                return None
            if cell.span == 1:
                contents[place].append(cell.content)
            place += cell.span
    columns = zip(contents, headings, widths, strict=True)
    return [Demand(need_of(cells, heading), width) for cells, heading, width in columns]


def _with_width(cell: _Cell, width: float) -> str:
    attributes = _ANY_WIDTH.sub("", cell.attributes)
    return f'<{cell.tag}{attributes} width="{width}%">{cell.content}</{cell.tag}>'
