"""What every chart is drawn of: texts, rules, boxes, the scale along the side. The charts themselves are `charts` and `pareto`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape

from .plots import Numbers, Plot

LEFT, RIGHT, TOP, BOTTOM = 64, 16, 14, 46
HEIGHT = 300
LINE = 26  # the height of a bar that lies, with the gap under it
# Told apart by people who do not see red and green apart, on white and on black.
COLORS = ("#2f6fb0", "#e08214", "#1b9e77", "#9b59b6", "#d6604d", "#4d4d4d", "#c9a227", "#66a5d9")
TARGET = "#c0392b"
Drawn = Iterator[str]


def number_text(value: float | Decimal, unit: str = "") -> str:
    """A number at an axis or a bar, short."""
    number = float(value)
    found = f"{number:,.2f}".rstrip("0").rstrip(".") if abs(number) < 1_000 else f"{number:,.0f}"
    return f"{found} {unit}".strip()


def ticks(most: float, least: float = 0.0, about: int = 5, *, whole: bool = False) -> list[float]:
    """Round numbers from at most `least` to at least `most`; `whole` ones where things are counted."""
    span = (most - least) or 1.0
    raw = max(span / about, 1.0) if whole else span / about
    power = 10.0 ** math.floor(math.log10(raw))
    factors = (1, 2, 5, 10) if whole else (1, 2, 2.5, 5, 10)
    step = next(power * factor for factor in factors if power * factor >= raw * 0.999)
    first, last = math.floor(least / step), math.ceil(most / step - 1e-9)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def text(x: float, y: float, words: str, anchor: str = "middle", extra: str = "", color: str = "currentColor") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}"{extra}>{escape(words)}</text>'


def rule(x1: float, y1: float, x2: float, y2: float, opacity: float = 0.15, extra: str = "") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="currentColor" stroke-opacity="{opacity}"{extra}/>'


def box(x: float, y: float, width: float, height: float, color: str, words: str) -> str:
    size = f'width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    round_off = ' rx="2"' if min(width, height) > 4 else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size}{round_off} fill="{color}"><title>{escape(words)}</title></rect>'


def led(plot: Plot, series: int, label: int, part: str) -> str:
    """A part of the chart that leads to what it counts."""
    way = plot.ways.get((series, label))
    if not way:
        return part
    said = part.partition("<title>")[2].partition("</title>")[0]
    return f'<a href="{escape(way)}" aria-label="{said}">{part}</a>'


def short(words: str, most: int) -> str:
    """A label that fits; a Chinese character takes the room of two."""
    room, found = most, ""
    for character in words:
        room -= 2 if ord(character) > 0x2E7F else 1
        if room < 0:
            return found + "…"
        found += character
    return found


class Scale:
    """Numbers along the vertical side."""

    def __init__(self, numbers: Sequence[float], height: int = HEIGHT) -> None:
        self.ticks = ticks_of(numbers)
        self._bottom, self._top = height - BOTTOM, TOP
        self._least, self._span = self.ticks[0], (self.ticks[-1] - self.ticks[0]) or 1.0

    def y(self, value: float) -> float:
        return self._bottom - (value - self._least) / self._span * (self._bottom - self._top)

    def drawn(self, plot: Plot, beside: int = RIGHT) -> Drawn:
        """The axis with its lines, which end `beside` the right edge."""
        for tick in self.ticks:
            y = self.y(tick)
            yield rule(LEFT, y, plot.width - beside, y, 0.45 if tick == 0 else 0.15)
            yield text(LEFT - 8, y + 4, number_text(tick, plot.unit), "end")


def ticks_of(numbers: Sequence[float]) -> list[float]:
    whole = all(number == int(number) for number in numbers)
    return ticks(max([0.0, *numbers]), min([0.0, *numbers]), whole=whole)


def floats(numbers: Numbers) -> list[float]:
    return [float(number or 0) for number in numbers]


def every_nth(plot: Plot, room: float) -> int:
    """Of how many labels along the bottom one is written, so that none is cut or runs into the next."""
    widest = max((room_of(label) for label in plot.labels), default=0)
    return max(1, math.ceil(len(plot.labels) * min(max(58.0, widest * 6.4 + 12), 110.0) / room))


def room_of(words: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in words)
