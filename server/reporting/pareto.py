"""The Pareto chart: causes from the greatest to the least, their shares of the whole added up on an axis of their own, and the line at 80 %.

Columns where every name has room under its own; else bars that lie, for a cause without its name says nothing.
"""

from __future__ import annotations

from html import escape

from ..core.text import Language
from .chart_parts import (
    BOTTOM,
    COLORS,
    HEIGHT,
    LEFT,
    LINE,
    RIGHT,
    TARGET,
    TOP,
    Drawn,
    Scale,
    box,
    every_nth,
    floats,
    led,
    number_text,
    room_of,
    rule,
    short,
    text,
    ticks_of,
)  # fmt: skip
from .plots import Plot

VITAL = 80  # the share that the vital few have, in percent
SHARES = (0, 20, 40, 60, VITAL, 100)  # what the axis of the shares tells; that of the numbers stands opposite
ENDS = RIGHT + 30  # beside the columns, for that axis


def pareto(plot: Plot, language: Language) -> tuple[int, Drawn]:
    if every_nth(plot, plot.width - LEFT - ENDS) == 1:
        return HEIGHT, _columns(plot)
    return TOP + len(plot.labels) * (LINE + 6) + 40, _lying(plot)


def _shares(values: list[float]) -> list[float]:
    """What each and those before it are of the whole, in percent."""
    whole = sum(values) or 1.0
    return [sum(values[: number + 1]) / whole * 100 for number in range(len(values))]


def _columns(plot: Plot) -> Drawn:
    values = floats(plot.series[0][1])
    scale = Scale(values)
    yield from scale.drawn(plot, ENDS)
    right = plot.width - ENDS
    step = (right - LEFT) / len(values)
    top, bottom = scale.y(scale.ticks[-1]), scale.y(0)
    points = []
    for number, (value, share) in enumerate(zip(values, _shares(values), strict=True)):
        x = LEFT + step * number
        words, top_of = f"{plot.labels[number]}: {number_text(value)}", scale.y(value)
        yield led(plot, 0, number, box(x + step * 0.12, top_of, step * 0.76, bottom - top_of, COLORS[0], words))
        points.append((x + step / 2, bottom - share / 100 * (bottom - top), share))
    for share in SHARES:
        yield text(right + 6, bottom - share / 100 * (bottom - top) + 4, f"{share} %", "start")
    y80 = bottom - VITAL / 100 * (bottom - top)
    yield _vital(LEFT, y80, right, y80)
    yield from _added_up(plot, points)
    for number, label in enumerate(plot.labels):
        yield text(LEFT + step * (number + 0.5), HEIGHT - BOTTOM + 18, short(label or "—", max(8, int(step / 6.4))))


def _lying(plot: Plot) -> Drawn:
    values = floats(plot.series[0][1])
    widest = max(room_of(label) for label in plot.labels) * 6.6 + 14
    start, end = min(widest, plot.width * 0.42), plot.width - 60.0
    bottom, y80 = TOP + len(values) * (LINE + 6), start + VITAL / 100 * (end - start)
    most = ticks_of(values)[-1] or 1.0
    yield rule(start, TOP, start, bottom, 0.45)
    points = []
    for number, (value, share) in enumerate(zip(values, _shares(values), strict=True)):
        y, label = TOP + number * (LINE + 6), plot.labels[number] or "—"
        yield text(start - 8, y + 18, short(label, int((start - 12) / 6.6)), "end")
        long = value / most * (end - start)
        yield led(plot, 0, number, box(start, y + 3, long, LINE - 2, COLORS[0], f"{label}: {number_text(value)}"))
        points.append((start + share / 100 * (end - start), y + 3 + (LINE - 2) / 2, share))
        yield text(plot.width - 4, y + 18, number_text(value), "end")
    yield _vital(y80, TOP, y80, bottom)
    for share in SHARES if end - start > len(SHARES) * LINE else (VITAL,):
        yield text(start + share / 100 * (end - start), bottom + 16, f"{share} %")
    yield from _added_up(plot, points)


def _vital(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{TARGET}" stroke-dasharray="6 4"/>'


def _added_up(plot: Plot, points: list[tuple[float, float, float]]) -> Drawn:
    """The line of the shares added up."""
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    yield f'<polyline points="{way}" fill="none" stroke="{COLORS[1]}" stroke-width="2.5"/>'
    for (x, y, share), label in zip(points, plot.labels, strict=True):
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLORS[1]}"><title>{escape(label)}: {share:.1f} %</title></circle>'
