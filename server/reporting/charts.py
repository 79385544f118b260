"""Charts as SVG: bars, lines, a pie, a heat map, a gauge. Drawn on the server, without scripts; text takes the page's colour.

What they are drawn of is `chart_parts`; the Pareto chart is `pareto`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from html import escape

from ..core.text import Language, Text
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
    rule,
    short,
    text,
    ticks,
    ticks_of,
)  # fmt: skip
from .pareto import pareto
from .plots import WIDE, Plot

MOST_SLICES = 8
OTHERS = Text("其他", "Others")
Artist = Callable[[Plot, Language], tuple[int, Drawn]]


def draw(plot: Plot, title: str, language: Language = "zh") -> str:
    """The chart as an SVG element that a screen reader reads as its title and its numbers."""
    artist: Artist = _ARTISTS[plot.kind]
    height, parts = artist(plot, language)
    inner = "".join(parts)
    legend, below = _legend(plot, height)
    role = "group" if plot.ways else "img"  # what holds links is no picture
    return (
        f'<svg class="chart chart-{plot.kind}" viewBox="0 0 {plot.width} {height + below}" role="{role}" xmlns="http://www.w3.org/2000/svg" '
        f'font-size="12"><title>{escape(title)}</title>{inner}{legend}</svg>'
    )


def _legend(plot: Plot, top: int) -> tuple[str, int]:
    """The names of the series under the chart, where there are several; of those that have a number in it."""
    if len(plot.series) < 2 or plot.kind not in ("bar", "line"):
        return "", 0
    parts, x, y = [], float(LEFT), float(top + 14)
    for number, (name, numbers) in enumerate(plot.series):
        if all(value is None for value in numbers):
            continue
        words = short(name, 28)
        room = 24 + sum(12 if ord(character) > 0x2E7F else 7 for character in words)
        if x + room > plot.width and x > LEFT:
            x, y = float(LEFT), y + 20
        parts.append(box(x, y - 10, 12, 12, COLORS[number % len(COLORS)], name) + text(x + 18, y, words, "start"))
        x += room + 12
    return "".join(parts), int(y) - top + 10


def _all(plot: Plot) -> list[float]:
    """Every number that the scale must hold."""
    lines = [floats(numbers) for _, numbers in plot.series]
    found = (
        [sum(column) for column in zip(*lines, strict=True)]
        if plot.is_stacked
        else [number for line in lines for number in line]
    )
    return [*found, float(plot.target)] if plot.target is not None else found


def _below(plot: Plot, step: float) -> Drawn:
    """The labels under the columns, as many as fit."""
    every = every_nth(plot, plot.width - LEFT - RIGHT)
    for number, label in enumerate(plot.labels):
        if number % every == 0:
            yield text(LEFT + step * (number + 0.5), HEIGHT - BOTTOM + 18, short(label, max(8, int(step * every / 7))))


def _target(plot: Plot, scale: Scale) -> Drawn:
    if plot.target is not None:
        y = scale.y(float(plot.target))
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{plot.width - RIGHT}" y2="{y:.1f}" stroke="{TARGET}" stroke-dasharray="6 4"/>'
        last = next((value for value in reversed(plot.series[0][1]) if value is not None), None) if plot.series else None
        beside = y + 15 if last is not None and last >= plot.target else y - 5  # where the last value is not
        yield text(plot.width - RIGHT, beside, number_text(plot.target, plot.unit), "end", color=TARGET)


def _bars(plot: Plot, language: Language) -> tuple[int, Drawn]:
    return (HEIGHT, _columns(plot)) if plot.is_time else _lying(plot)


def _columns(plot: Plot) -> Drawn:
    scale = Scale(_all(plot))
    yield from scale.drawn(plot)
    step = (plot.width - LEFT - RIGHT) / len(plot.labels)
    side_by_side = 1 if plot.is_stacked else len(plot.series)
    width = min(step * 0.72 / side_by_side, 56)
    for number, label in enumerate(plot.labels):
        left, base = LEFT + step * (number + 0.5) - width * side_by_side / 2, 0.0
        for index, (name, numbers) in enumerate(plot.series):
            value = floats(numbers)[number]
            top, bottom = scale.y(max(base, base + value)), scale.y(min(base, base + value))
            words = f"{label} {name}: {number_text(value, plot.unit)}"
            x = left if plot.is_stacked else left + width * index
            bar = box(x, top, width - 1, bottom - top, COLORS[index % len(COLORS)], words)
            yield led(plot, index, number, bar) if value else bar
            if side_by_side == 1 and len(plot.series) == 1 and step > 34 and value:
                yield text(x + width / 2, top - 4, number_text(value), extra=' font-size="11"')
            base += value if plot.is_stacked else 0
    yield from _target(plot, scale)
    yield from _below(plot, step)


def _lying(plot: Plot) -> tuple[int, Drawn]:
    """Bars that lie, for names that need room."""
    lines = len(plot.labels) * (1 if plot.is_stacked else len(plot.series))
    height = TOP + lines * LINE + len(plot.labels) * 6 + 24

    def drawn() -> Drawn:
        start = min(200.0, plot.width * 0.36)
        marks = ticks_of(_all(plot))
        span = (marks[-1] - marks[0]) or 1.0

        def x(value: float) -> float:
            return start + (value - marks[0]) / span * (plot.width - start - 60)

        for mark in marks:
            yield rule(x(mark), TOP, x(mark), height - 24, 0.45 if mark == 0 else 0.15)
            yield text(x(mark), height - 8, number_text(mark, plot.unit))
        y = float(TOP)
        for number, label in enumerate(plot.labels):
            rows = 1 if plot.is_stacked else len(plot.series)
            yield text(start - 10, y + rows * LINE / 2 + 4, short(label or "—", int((start - 12) / 7)), "end")
            base = 0.0
            for index, (name, numbers) in enumerate(plot.series):
                value = floats(numbers)[number]
                top = y + 3 if plot.is_stacked else y + index * LINE + 3
                first, last = sorted((x(base), x(base + value)))
                words = f"{label} {name}: {number_text(value, plot.unit)}"
                bar = box(first, top, last - first, LINE - 6, COLORS[index % len(COLORS)], words)
                yield led(plot, index, number, bar)
                if not plot.is_stacked:
                    yield text(last + 6, top + 14, number_text(value, plot.unit), "start", ' font-size="11"')
                base += value if plot.is_stacked else 0
            y += rows * LINE + 6
        if plot.target is not None:
            at = x(float(plot.target))
            yield f'<line x1="{at:.1f}" y1="{TOP}" x2="{at:.1f}" y2="{height - 24}" stroke="{TARGET}" stroke-dasharray="6 4"/>'

    return height, drawn()


def _lines(plot: Plot, language: Language) -> tuple[int, Drawn]:
    def drawn() -> Drawn:
        scale = Scale(_all(plot))
        yield from scale.drawn(plot)
        step = (plot.width - LEFT - RIGHT) / len(plot.labels)
        for index in range(len(plot.series)):
            yield from _polyline(plot, index, COLORS[index % len(COLORS)], scale, step)
        yield from _target(plot, scale)
        yield from _below(plot, step)

    return HEIGHT, drawn()


def _polyline(plot: Plot, index: int, color: str, scale: Scale, step: float) -> Drawn:
    """A line that breaks where there is no number."""
    name, numbers = plot.series[index]
    points = [
        (LEFT + step * (n + 0.5), scale.y(float(value)), value, n) for n, value in enumerate(numbers) if value is not None
    ]
    runs: list[list[str]] = [[]]
    for n, value in enumerate(numbers):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{LEFT + step * (n + 0.5):.1f},{scale.y(float(value)):.1f}")
    for run in runs:
        if len(run) > 1:
            yield f'<polyline points="{" ".join(run)}" fill="none" stroke="{color}" stroke-width="2.5" stroke-linejoin="round"/>'
    for x, y, value, n in points:
        words = escape(f"{plot.labels[n]} {name}: {number_text(value, plot.unit)}")
        circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{color}"><title>{words}</title></circle>'
        yield led(plot, index, n, circle)


def _pie(plot: Plot, language: Language) -> tuple[int, Drawn]:
    """A ring, the largest first; what is beyond eight slices becomes one."""
    values = [(label, max(float(value or 0), 0.0)) for label, value in zip(plot.labels, plot.series[0][1], strict=True)]
    others = OTHERS.to(language)
    if len(values) > MOST_SLICES:
        values = [*values[: MOST_SLICES - 1], (others, sum(value for _, value in values[MOST_SLICES - 1 :]))]
    whole = sum(value for _, value in values) or 1.0
    height = max(240, TOP + len(values) * 26 + 10)

    def drawn() -> Drawn:
        is_wide = plot.width >= WIDE
        outer = 105.0 if is_wide else 88.0
        cx, cy, inner = outer + (45 if is_wide else 6), height / 2, outer * 0.55
        names, numbers, shares = (
            cx + outer + (55 if is_wide else 20),
            plot.width - (110 if is_wide else 66),
            plot.width - (30 if is_wide else 4),
        )
        angle = -math.pi / 2
        for number, (label, value) in enumerate(values):
            turn = value / whole * 2 * math.pi
            share = f"{value / whole * 100:.1f} %"
            if value:
                color, words = COLORS[number % len(COLORS)], f"{label}: {number_text(value)} ({share})"
                part = _slice(cx, cy, outer, inner, angle, min(turn, 2 * math.pi - 1e-4), color, words)
                yield part if label is others else led(plot, 0, number, part)
            angle += turn
            y = height / 2 - len(values) * 13 + number * 26 + 16
            most = int((numbers - 32 - names - 22) / 7)
            yield box(names, y - 11, 13, 13, COLORS[number % len(COLORS)], label)
            yield text(names + 22, y, short(label or "—", most), "start")
            yield text(numbers, y, number_text(value), "end") + text(shares, y, share, "end")
        yield text(cx, cy + 6, number_text(whole), extra=' font-size="18"')

    return height, drawn()


def _slice(cx: float, cy: float, outer: float, inner: float, start: float, turn: float, color: str, words: str) -> str:
    large = 1 if turn > math.pi else 0
    (x1, y1), (x2, y2) = ((cx + outer * math.cos(a), cy + outer * math.sin(a)) for a in (start, start + turn))
    (x3, y3), (x4, y4) = ((cx + inner * math.cos(a), cy + inner * math.sin(a)) for a in (start + turn, start))
    path = f"M{x1:.1f},{y1:.1f}A{outer},{outer} 0 {large} 1 {x2:.1f},{y2:.1f}L{x3:.1f},{y3:.1f}A{inner},{inner} 0 {large} 0 {x4:.1f},{y4:.1f}Z"
    return f'<path d="{path}" fill="{color}"><title>{escape(words)}</title></path>'


def _heat(plot: Plot, language: Language) -> tuple[int, Drawn]:
    height = TOP + len(plot.series) * LINE + 34

    def drawn() -> Drawn:
        start = min(180.0, plot.width * 0.33)
        step = (plot.width - start - RIGHT) / max(len(plot.labels), 1)
        most = max((float(value or 0) for _, numbers in plot.series for value in numbers), default=0.0) or 1.0
        for line, (name, numbers) in enumerate(plot.series):
            y = TOP + line * LINE
            yield text(start - 8, y + 17, short(name or "—", int((start - 8) / 7)), "end")
            for number, value in enumerate(numbers):
                share = float(value or 0) / most
                words = escape(f"{name} {plot.labels[number]}: {number_text(value or 0)}")
                x = start + step * number
                size = f'width="{step - 2:.1f}" height="{LINE - 2}" rx="2"'
                shade = f'fill="{COLORS[0]}" fill-opacity="{0.06 + 0.94 * share:.2f}"'
                part = f'<rect x="{x:.1f}" y="{y}" {size} {shade}><title>{words}</title></rect>'
                yield led(plot, line, number, part) if value else part
                if value and step > 26:
                    color = "#ffffff" if share > 0.5 else "currentColor"
                    yield f'<text pointer-events="none" x="{x + step / 2 - 1:.1f}" y="{y + 16}" text-anchor="middle" font-size="11" fill="{color}">{escape(number_text(value))}</text>'
        every = every_nth(plot, plot.width - start)
        for number, label in enumerate(plot.labels):
            if number % every == 0:
                yield text(start + step * (number + 0.5), height - 14, short(label, max(8, int(step * every / 7))))

    return height, drawn()


def _gauge(plot: Plot, language: Language) -> tuple[int, Drawn]:
    height = 220

    def drawn() -> Drawn:
        value = float(plot.series[0][1][0] or 0)
        target = float(plot.target or 0)
        marks = ticks(max(value, target, 0.01) * 1.25 if plot.unit != "%" or max(value, target) < 40 else 100.0)
        whole = marks[-1]
        cx, cy, outer, inner = plot.width / 2, 180.0, 150.0, 112.0
        yield _slice(cx, cy, outer, inner, math.pi, math.pi, "#b8c0c8", number_text(whole, plot.unit))
        turn = min(max(value / whole, 0.0), 1.0) * math.pi
        if turn:
            yield _slice(cx, cy, outer, inner, math.pi, turn, COLORS[0], number_text(value, plot.unit))
        at = math.pi + min(max(target / whole, 0.0), 1.0) * math.pi
        (x1, y1), (x2, y2) = ((cx + r * math.cos(at), cy + r * math.sin(at)) for r in (inner - 8, outer + 8))
        yield f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{TARGET}" stroke-width="3"/>'
        yield text(cx + (outer + 24) * math.cos(at), cy + (outer + 24) * math.sin(at) + 4, number_text(target, plot.unit))
        yield text(cx, cy - 8, number_text(value, plot.unit), extra=' font-size="30" font-weight="600"')

    return height, drawn()


_ARTISTS: Mapping[str, Artist] = {
    "bar": _bars, "line": _lines, "pie": _pie, "pareto": pareto, "heatmap": _heat, "gauge": _gauge,
}  # fmt: skip
