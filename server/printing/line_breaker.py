"""Our line breaker in place of xhtml2pdf's for Chinese paragraphs (`-pdf-word-wrap: CJK`).

Why: in 0.2.28 `<br/>` is lost there, a paragraph longer than a page raises LayoutError and no PDF results, and lines begin
with commas. This module replaces one method, `Paragraph.breakLinesCJK`, and leans on the private names in `RELIES_ON`;
tests/printing/test_line_breaker.py fails when upstream changes any of them, and the version is pinned for the same reason.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from reportlab.pdfbase.pdfmetrics import stringWidth
from xhtml2pdf import reportlab_paragraph as upstream

from .kinsoku import may_break

RELIES_ON = (
    "Paragraph.breakLinesCJK",
    "Paragraph.split",
    "Paragraph._brokenLines",
    "_split_blParaHard",
    "_handleBulletWidth",
    "makeCJKParaLine",
    "cjkFragSplit",
    "FragLine",
    "ParaLines",
    "getAscentDescent",
    "imgVRange",
)
_FUZZ = 1e-6  # rounding of summed widths
_WIDTHS: dict[tuple[str, float, str], float] = {}
_MAX_WIDTHS = 50_000


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut: one character, one picture, or a hard line break."""

    text: str
    frag: Any
    width: float
    is_hard_break: bool = False


def install() -> None:
    """Put our method in place; calling it again changes nothing."""
    if upstream.Paragraph.breakLinesCJK is not _break_lines:
        upstream.Paragraph.breakLinesCJK = _break_lines


def _break_lines(paragraph: Any, width: Any) -> Any:
    """`Paragraph.breakLinesCJK`: the paragraph's fragments as lines no wider than `width` (one width, or first and rest)."""
    widths = list(width) if isinstance(width, list | tuple) else [width]
    if getattr(paragraph, "_splitpara", 0) and hasattr(paragraph, "blPara"):
        return paragraph.blPara  # the first half of a split paragraph: its lines are fixed, breaking again could add one
    upstream._handleBulletWidth(paragraph.bulletText, paragraph.style, widths, rtl=paragraph.dir == "rtl")
    leading = getattr(paragraph, "autoLeading", getattr(paragraph.style, "autoLeading", ""))
    units = list(_units(paragraph.frags, paragraph.encoding))
    lines = [_line(units[start:end], space, leading not in ("", "off")) for start, end, space in _cut(units, widths)]
    return upstream.ParaLines(kind=1, lines=lines)


def _units(frags: Iterable[Any], encoding: str) -> Iterable[_Unit]:
    for frag in frags:
        if getattr(frag, "is_soft_break", False):
            continue  # left by an earlier breaking of the same paragraph
        if hasattr(frag, "lineBreak"):
            yield _Unit("", frag, 0.0, True)
            continue
        if hasattr(frag, "cbDefn"):
            yield _Unit("", frag, getattr(frag.cbDefn, "width", 0) or 0.0)
            continue
        text = frag.text.decode(encoding) if isinstance(frag.text, bytes) else str(frag.text)  # str(): page numbers
        if not text:
            yield _Unit("", frag, 0.0)
        for character in text:
            yield _Unit(character, frag, _width(character, frag.fontName, frag.fontSize))


def _width(character: str, font: str, size: float) -> float:
    key = (font, size, character)
    found = _WIDTHS.get(key)
    if found is None:
        if len(_WIDTHS) > _MAX_WIDTHS:
            _WIDTHS.clear()
        found = _WIDTHS[key] = stringWidth(character, font, size)
    return found


def _cut(units: Sequence[_Unit], widths: Sequence[float]) -> Iterable[tuple[int, int, float]]:
    """(start, end, unused width) of every line."""
    ends = list(accumulate((unit.width for unit in units), initial=0.0))  # ends[i]: width of everything before unit i
    start = count = 0
    while start < len(units):
        available = widths[min(count, len(widths) - 1)]
        end = _line_end(units, ends, start, available)
        visible = end
        while visible > start and units[visible - 1].text == " ":
            visible -= 1  # spaces hang beyond the edge
        yield start, end, max(0.0, available - (ends[visible] - ends[start]))
        start = end
        count += 1


def _line_end(units: Sequence[_Unit], ends: Sequence[float], start: int, available: float) -> int:
    """Index after the last unit of the line that begins at `start`."""
    limit = bisect_right(ends, ends[start] + available + _FUZZ, lo=start + 1) - 1  # units[start:limit] fit
    for index in range(start, min(max(limit, start + 1), len(units))):
        if units[index].is_hard_break:
            return index + 1
    if limit >= len(units):
        return len(units)
    while limit < len(units) and units[limit].text == " ":
        limit += 1
    if limit >= len(units) or units[limit].is_hard_break:
        return min(limit + 1, len(units))
    for cut in range(limit, start, -1):
        if _may_cut(units[cut - 1], units[cut]):
            return cut
    return max(limit, start + 1)  # a word longer than the line: cut where it must be


def _may_cut(before: _Unit, after: _Unit) -> bool:
    if after.is_hard_break or (before.frag is after.frag and getattr(before.frag, "whiteSpace", "") == "nowrap"):
        return False
    return may_break(before.text, after.text)


def _line(units: Sequence[_Unit], space: float, with_bounds: bool) -> Any:
    """One upstream line: a fragment for each run of the same fragment, and its extents."""
    words: list[Any] = []
    size = ascent = descent = 0.0
    for frag, text in _runs(units):
        definition = getattr(frag, "cbDefn", None) if with_bounds else None
        if definition is not None and getattr(definition, "width", None):
            low, high = upstream.imgVRange(definition.height, definition.valign, frag.fontSize)
        else:
            high, low = upstream.getAscentDescent(frag.fontName, frag.fontSize)
        size, ascent, descent = max(size, frag.fontSize), max(ascent, high), min(descent, low)
        word = frag.clone()
        word.text = text
        words.append(word)
    if words and not units[-1].is_hard_break:
        words.append(_soft_break(words[-1]))
    return upstream.FragLine(kind=1, extraSpace=space, wordCount=1, words=words, fontSize=size, ascent=ascent, descent=descent)


def _runs(units: Sequence[_Unit]) -> Iterable[tuple[Any, str]]:
    start = 0
    for index in range(1, len(units) + 1):
        if index == len(units) or units[index].frag is not units[start].frag:
            yield units[start].frag, "".join(unit.text for unit in units[start:index])
            start = index


def _soft_break(frag: Any) -> Any:
    """An empty fragment at the end of a line.

    When a paragraph is split between two pages upstream adds a space to the last fragment of each line and breaks the
    rest again; that space belongs in English, not in Chinese. It lands in this fragment, which `_units` leaves out.
    """
    marker = frag.clone()
    for name in ("cbDefn", "lineBreak"):
        if hasattr(marker, name):
            delattr(marker, name)
    marker.text = ""
    marker.is_soft_break = True
    return marker
