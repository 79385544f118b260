"""What the names of records are made from: the parts of a series (`ST-.YYYY.-.#####`) and of a `format:RCDF-{YYYY}-{####}`.

Reads rules; counting is `storage.series`, the choice of the rule `documents.naming`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

DEFAULT_DIGITS = "#####"
FORMAT = "format:"

DATES: Mapping[str, Callable[[date], str]] = {
    "YYYY": lambda day: f"{day.year:04d}",
    "YY": lambda day: f"{day.year % 100:02d}",
    "MM": lambda day: f"{day.month:02d}",
    "DD": lambda day: f"{day.day:02d}",
    "WW": lambda day: f"{day.isocalendar().week:02d}",
    "JJJ": lambda day: f"{day.timetuple().tm_yday:03d}",
    "FY": lambda day: f"{day.year:04d}",  # the fiscal year; in China the calendar's
}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a name: the counter (`content` says its digits by `#`), a date, the value of a field, or text."""

    kind: Literal["digits", "date", "field", "text"]
    content: str


def name_parts(rule: str, fields: Container[str]) -> list[Part]:
    """The parts of a series or a `format:`; what names no field of `fields` stands as it is written."""
    return [_part(content, is_marked, fields) for content, is_marked in _pieces(rule)]


def unknown_fields(rule: str, fields: Container[str]) -> list[str]:
    """What a rule asks for in braces and is no field, date or counter."""
    marked = [_bare(content) for content, _ in _pieces(rule) if content.startswith("{")]
    return [name for name in marked if set(name) != {"#"} and name not in DATES and name not in fields]


@lru_cache(maxsize=512)
def _pieces(rule: str) -> tuple[tuple[str, bool], ...]:
    """What a rule consists of, and whether it may mean more than its text."""
    return tuple(_format_pieces(rule.removeprefix(FORMAT)) if rule.startswith(FORMAT) else _series_pieces(rule))


def _part(content: str, is_marked: bool, fields: Container[str]) -> Part:
    fixed, inner = _fixed_part(content, is_marked)
    return Part("field", inner) if inner and inner in fields else fixed


@lru_cache(maxsize=512)
def _fixed_part(content: str, is_marked: bool) -> tuple[Part, str]:
    """What a piece is when it names no field, and the field that it would name."""
    inner = _bare(content)
    if is_marked and inner and set(inner) == {"#"}:
        return Part("digits", inner), ""
    if is_marked and inner in DATES:
        return Part("date", inner), ""
    return Part("text", content), inner if is_marked else ""


def _bare(content: str) -> str:
    return content[1:-1].strip() if content.startswith("{") and content.endswith("}") else content


def _series_pieces(series: str) -> Iterator[tuple[str, bool]]:
    """`SINV-.YYYY.-.{customer}.-.####`: the pieces between dots; a series without `#` gets five digits."""
    pieces = [piece for piece in series.split(".") if piece]
    if not any(set(_bare(piece)) == {"#"} for piece in pieces):
        pieces.append(DEFAULT_DIGITS)
    return ((piece, True) for piece in pieces)


def _format_pieces(pattern: str) -> Iterator[tuple[str, bool]]:
    """`RCDF-{YYYY}-{project}-{####}`: only what stands in braces is more than text."""
    return ((piece, piece.startswith("{")) for piece in re.split(r"(\{[^{}]*\})", pattern) if piece)
