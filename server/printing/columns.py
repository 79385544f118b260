"""How wide the columns of a table have to be, from what stands in them.

A column is never narrower than the longest piece of it that must stay whole (a number, a date, a word, a box with its label),
and beyond that the room goes where the text is long. Widths are estimated from a table of the print font's bold face, so
that a heading or a total fits as well; the engine is not asked. `tables` writes what is found here, `handmade` mends with
it what a print format wrote by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from .kinsoku import NO_BREAK_SPACE, is_ideographic, may_break

# Thousandths of an em of the ASCII characters from the space on, in the bold face.
_ASCII = (
    "227 370 574 590 590 963 740 325 378 378 507 590 325 370 325 392 590 590 590 590 590 590 590 590 590 590 325 325 590 590 590 "
    "514 1007 641 681 656 714 615 585 717 757 330 568 686 578 853 749 770 667 770 682 624 625 748 619 915 627 580 613 378 392 378 "
    "590 567 626 591 644 527 644 581 372 597 640 304 306 604 315 964 641 626 644 644 437 495 421 637 576 863 562 574 511 378 296 378 590"
)
_EM = {chr(32 + index): int(width) / 1000 for index, width in enumerate(_ASCII.split())} | {NO_BREAK_SPACE: 0.227}
_OTHER_EM = 1.0  # ideographs, and the most that Greek, Cyrillic and the symbols of forms take
LONGEST_PIECE = 14.0  # em: a longer word may be cut, or it would starve the other columns
COMFORTABLE = 4.6  # em: a column of text narrower than this reads badly
COMFORTABLE_LONG, FEW_LINES = 9.0, 3  # em and lines: what a longer text wants to be read easily
LONG_TEXT = 60.0  # em: beyond, a text takes more lines rather than more of the width
SHORT_HEADING = 4  # ideographs that stay in one line
MM_EM = 72 / 25.4 / 9.5  # a millimetre in em of the usual type, for pictures

_NOWRAP = re.compile(r'<span class="nowrap">(.*?)</span>', re.DOTALL)
_LINE_END = re.compile(r"<br\s*/?>|</(?:p|li|div|tr|h\d)>", re.IGNORECASE)
_PICTURE = re.compile(r"<img [^>]*width: (\d+(?:\.\d+)?)mm[^>]*>|<img [^>]*>")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Need:
    """What a column asks for, in em: `least` keeps every piece whole, `easy` reads well, `whole` has no line broken."""

    least: float = 0.0
    easy: float = 0.0
    whole: float = 0.0

    def __or__(self, other: Need) -> Need:
        return Need(max(self.least, other.least), max(self.easy, other.easy), max(self.whole, other.whole))

    def __add__(self, padding: float) -> Need:
        return Need(self.least + padding, self.easy + padding, self.whole + padding)


@dataclass(frozen=True, slots=True)
class Demand:
    """What one column of a table asks for; `wanted` is the relative width that an author gave it (0: by content)."""

    need: Need
    wanted: float = 0.0
    is_fixed: bool = False  # takes no more than it needs at least


def need_of(contents: Iterable[str], heading: str = "") -> Need:
    """The need of a column with these cells (HTML) under this heading (text)."""
    least = whole = 0.0
    for content in contents:
        if content:
            cell = _cell(str(content))
            least, whole = max(least, cell[0]), max(whole, cell[1])
    head = _text_width(heading)
    short = len(heading) <= SHORT_HEADING and all(map(is_ideographic, heading))
    least = max(least, min(LONGEST_PIECE, head if short else _longest_piece(heading)))
    whole = min(LONG_TEXT, max(whole, head))
    easy = min(whole, max(COMFORTABLE, min(whole / FEW_LINES, COMFORTABLE_LONG)))
    return Need(least, max(least, easy), max(least, whole))


@lru_cache(maxsize=20_000)
def _cell(content: str) -> tuple[float, float]:
    """(longest piece, longest line) of a cell's HTML."""
    least = whole = 0.0
    for picture in _PICTURE.finditer(content):
        least = whole = max(least, float(picture[1] or 10) * MM_EM)
    for line in _LINE_END.split(content):
        text = _plain(line)
        kept = (_text_width(_plain(span[1])) for span in _NOWRAP.finditer(line))
        pieces = max([_longest_piece(_plain(_NOWRAP.sub(" ", line))), *kept])
        least, whole = max(least, min(LONGEST_PIECE, pieces)), max(whole, _text_width(text))
    return least, whole


def _plain(html: str) -> str:
    return unescape(_TAG.sub("", html)).strip(" \n\t")


def text_width(text: str) -> float:
    """In em, a little more than the font needs."""
    return sum(_EM.get(character, _OTHER_EM) for character in text)


_text_width = lru_cache(maxsize=4_000)(text_width)


def _longest_piece(text: str) -> float:
    """The widest run between two places where a line may break."""
    longest = start = 0
    widest = 0.0
    for index in range(1, len(text) + 1):
        if index == len(text) or may_break(text[index - 1], text[index]):
            if index - start >= longest / 2:  # cheaper than measuring every syllable
                longest = max(longest, index - start)
                widest = max(widest, text_width(text[start:index].strip(" ")))
            start = index
    return widest


# (class of the table, size of its type in points, what borders and padding of a cell take)
TYPE_SIZES = (("grid", 9.5, 9.6), ("grid dense", 8.0, 7.6), ("grid tiny", 7.0, 5.6))


def layout(columns: Sequence[Demand], room_points: float) -> tuple[str, list[float]]:
    """The class of the table and the width of each column in per cent: the largest type in which no word is cut."""
    least = [column.need.least for column in columns]
    easy = least if any(column.wanted for column in columns) else [column.need.easy for column in columns]
    tried = [*((sized, easy) for sized in TYPE_SIZES[:2]), *((sized, least) for sized in TYPE_SIZES[1:])]
    style, size, padding = next((sized for sized, widths in tried if _taken(widths, sized) <= room_points), TYPE_SIZES[-1])
    room = room_points / size
    widths = _widths(columns, [column.need + padding / size for column in columns], room)
    return style, [round(width / room * 100, 2) for width in widths]


def fits(columns: Sequence[Demand], room_points: float) -> bool:
    """Whether the columns stand side by side without crowding, in the second type size at the smallest."""
    return _taken([column.need.easy for column in columns], TYPE_SIZES[1]) <= room_points


def _taken(widths: Sequence[float], sized: tuple[str, float, float]) -> float:
    """Points that columns of these widths (em) take in this type."""
    _, size, padding = sized
    return sum(width * size + padding for width in widths)


def _widths(columns: Sequence[Demand], needs: Sequence[Need], room: float) -> list[float]:
    """In em. Fixed columns take what they need; the others share the rest."""
    free = [index for index, column in enumerate(columns) if not column.is_fixed]
    if not free or room <= sum(need.least for need in needs):
        return shares(needs, room)
    left = room - sum(need.least for index, need in enumerate(needs) if index not in free)
    given = [needs[index] for index in free]
    wanted = [columns[index].wanted for index in free]
    if any(wanted):
        usual = sum(wanted) / sum(1 for width in wanted if width)
        shared = shares_as_wanted([width or usual for width in wanted], given, left)
    else:
        shared = shares(given, left)
    found = dict(zip(free, shared, strict=True))
    return [found.get(index, need.least) for index, need in enumerate(needs)]


def shares(needs: Sequence[Need], room: float) -> list[float]:
    """The width of each column in em of `room`: what it needs at least, the rest by the length of its text."""
    whole = sum(need.whole for need in needs)
    if whole <= room:
        return [need.whole * room / whole if whole else room / len(needs) for need in needs]
    for base in ([need.easy for need in needs], [need.least for need in needs]):
        spare = room - sum(base)
        if spare >= 0:
            wanted = [need.whole - given for need, given in zip(needs, base, strict=True)]
            return [given + spare * more / sum(wanted) for given, more in zip(base, wanted, strict=True)]
    least = sum(need.least for need in needs)
    return [need.least * room / least for need in needs]


def shares_as_wanted(wanted: Sequence[float], needs: Sequence[Need], room: float) -> list[float]:
    """The widths that an author asked for, but no column narrower than its longest piece where that is possible."""
    if sum(need.least for need in needs) >= room:
        return shares(needs, room)
    kept: set[int] = set()
    while True:
        left = room - sum(needs[index].least for index in kept)
        asked = sum(width for index, width in enumerate(wanted) if index not in kept) or 1.0
        widths = [need.least if index in kept else wanted[index] * left / asked for index, need in enumerate(needs)]
        narrow = {index for index, need in enumerate(needs) if widths[index] < need.least and index not in kept}
        if not narrow:
            return widths
        kept |= narrow
