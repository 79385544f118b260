"""What a chart shows, taken from an answer: labels along one side, series of numbers, with no month left out between two.

How it is drawn is `charts`, or a spreadsheet's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ..core.text import Language
from ..expressions import Scope, parse
from .answer import Answer, Row, Shown
from .model import AGGREGATES, ChartType, Report

MOST_LABELS = 60  # more cannot be told apart; the table holds all
Say = Callable[[Shown, Any], str]  # a value of a column in words
Numbers = tuple[Decimal | int | None, ...]


WIDE, NARROW, SLIM = 760, 460, 360  # of a chart, in the units of its letters: on a page, where it shares one, on a phone


@dataclass(frozen=True)
class Plot:
    """`labels` along one side, `series` each with its name and one number per label. Of a heat map a series is a row."""

    kind: ChartType
    labels: tuple[str, ...]
    series: tuple[tuple[str, Numbers], ...]
    is_time: bool = False
    is_stacked: bool = False
    is_cut: bool = False
    target: Decimal | None = None
    unit: str = ""
    keys: tuple[Any, ...] = ()  # what the labels stand for
    lines: tuple[Any, ...] = ()  # what the rows of a heat map stand for
    width: int = WIDE
    ways: Mapping[tuple[int, int], str] = field(default_factory=dict)  # where a part leads, by series and label


def plot(answer: Answer, say: Say, language: Language) -> Plot | None:
    """The chart of an answer; None where the report has none, the reader does not see what it shows, or there is nothing."""
    chart = answer.report.chart
    if chart is None:
        return None
    measures = [item for key in chart.y if (item := answer.column(key)) is not None and item.is_measure]
    indicator = answer.report.indicator
    if chart.kind == "gauge":
        value = (answer.totals or {}).get(indicator.value) if indicator else None
        if indicator is None or not isinstance(value, int | Decimal):
            return None
        target = indicator.at_most if indicator.at_most is not None else indicator.at_least
        return Plot("gauge", (), (("", (value,)),), target=target, unit=indicator.unit)
    x = answer.column(chart.x)
    if x is None or not measures or not answer.rows:
        return None
    if chart.kind == "heatmap":
        across = answer.column(chart.across)
        return None if across is None else _heat_map(answer, x, across, measures[0], say)
    keys = _keys(x, [row[x.key] for row in answer.rows])
    by_key = _by_label(answer, x.key)
    if chart.kind in ("pie", "pareto"):
        keys = sorted(keys, key=lambda key: -(by_key.get(key, {}).get(measures[0].key) or 0))
    shown = keys[-MOST_LABELS:] if x.unit else keys[:MOST_LABELS]
    series = tuple((item.label.to(language), tuple(by_key.get(key, {}).get(item.key) for key in shown)) for item in measures)
    if all(value is None for _, numbers in series for value in numbers):
        return None
    labels = tuple(say(x, key) for key in shown)
    percent = measures[0].item.fieldtype == "Percent"
    target = None
    if indicator is not None and indicator.value in chart.y:
        target = indicator.at_most if indicator.at_most is not None else indicator.at_least
    is_cut, unit = len(shown) < len(keys), "%" if percent else ""
    return Plot(chart.kind, labels, series, bool(x.unit), chart.is_stacked, is_cut, target, unit, tuple(shown))


def _by_label(answer: Answer, x: str) -> dict[Any, Row]:
    """Numbers by the value of x. Where several groups share it, what was counted is added up and formulas are made of that anew: two
    rates of 100 % are no rate of 200 %."""
    groups: dict[Any, list[Row]] = {}
    for row in answer.rows:
        groups.setdefault(row[x], []).append(row)
    return {key: rows[0] if len(rows) == 1 else _joined(answer.report, rows) for key, rows in groups.items()}


def _joined(report: Report, rows: Sequence[Row]) -> Row:
    found: Row = {}
    for column in report.all_columns:
        if not any(column.key in row for row in rows):
            continue
        if column.function == "expr":
            found[column.key] = parse(column.expr).evaluate(Scope(found))
        elif column.function in AGGREGATES:
            numbers = [row[column.key] for row in rows if row.get(column.key) is not None]
            found[column.key] = _JOINS.get(column.function, sum)(numbers) if numbers else None
    return found


def _mean(numbers: Sequence[Any]) -> Decimal:
    return Decimal(sum(numbers)) / len(numbers)  # of the groups: how many records each has was not asked


_JOINS: Mapping[str, Callable[[Sequence[Any]], Any]] = {"min": min, "max": max, "avg": _mean}


def _keys(x: Shown, values: Sequence[Any]) -> list[Any]:
    """The values along x once each; of spans of time every one between the first and the last."""
    present = list(dict.fromkeys(values))
    if not x.unit:
        return present
    dated = sorted(value for value in present if value)
    if not dated:
        return present
    found: list[Any] = [dated[0]]
    while found[-1] < dated[-1] and len(found) < 2_000:
        found.append(following(found[-1], x.unit))
    return [*([None] if None in present else []), *found]


def following(key: str, unit: str) -> str:
    """The unit after one: `2026-02` after `2026-01`."""
    if unit == "year":
        return f"{int(key) + 1:04d}"
    if unit == "quarter":
        year, quarter = key.split("-Q")
        return f"{int(year) + 1:04d}-Q1" if quarter == "4" else f"{year}-Q{int(quarter) + 1}"
    if unit == "month":
        year, month = key.split("-")
        return f"{int(year) + int(month) // 12:04d}-{int(month) % 12 + 1:02d}"
    return (date.fromisoformat(key) + timedelta(days=7 if unit == "week" else 1)).isoformat()


def _heat_map(answer: Answer, x: Shown, across: Shown, measure: Shown, say: Say) -> Plot:
    columns = _keys(x, [row[x.key] for row in answer.rows])[-MOST_LABELS:]
    lines = _keys(across, [row[across.key] for row in answer.rows])[:MOST_LABELS]
    cells = {(row[across.key], row[x.key]): row[measure.key] for row in answer.rows}
    series = tuple((say(across, line), tuple(cells.get((line, column)) for column in columns)) for line in lines)
    labels = tuple(say(x, column) for column in columns)
    return Plot("heatmap", labels, series, bool(x.unit), keys=tuple(columns), lines=tuple(lines))
