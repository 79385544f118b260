"""The chart of a report as Excel draws it, from numbers on a sheet of their own: every month is there, a Pareto is in order.

Excel has no heat map: there the cells themselves are coloured. A gauge is half a ring.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .chart_parts import COLORS, TARGET
from .plots import Plot

Place = tuple[int, int]
GREY, NONE = "#d5dae0", {"fill": {"none": True}, "border": {"none": True}}


def add_chart(book: Any, sheet: Any, at: Place, chart: Plot, title: str, sheet_name: str) -> None:
    """Put the chart beside the table (`at`: row and column) and its numbers on a new sheet."""
    numbers = book.add_worksheet(sheet_name)
    numbers.set_column(0, 0, 24)
    drawn = _DRAWN[chart.kind](book, numbers, chart)
    if drawn is None:
        return
    drawn.set_title({"name": title, "overlay": False, "name_font": {"size": 12}})
    sheet.insert_chart(*at, drawn, {"x_scale": 1.3, "y_scale": 1.3})


def _write(sheet: Any, chart: Plot) -> int:
    """Labels in the first column, a column for each series; the last row is returned."""
    for place, (name, values) in enumerate(chart.series, 1):
        sheet.write_string(0, place, name)
        for row, value in enumerate(values, 1):
            if value is not None:
                sheet.write_number(row, place, float(value))
    for row, label in enumerate(chart.labels, 1):
        sheet.write_string(row, 0, label)
    return len(chart.labels)


def _ranges(sheet: Any, column: int, last: int) -> dict[str, Any]:
    return {
        "name": [sheet.name, 0, column],
        "categories": [sheet.name, 1, 0, last, 0],
        "values": [sheet.name, 1, column, last, column],
    }


def _bars(book: Any, sheet: Any, chart: Plot) -> Any:
    asked = {"type": "column" if chart.is_time else "bar"}
    drawn = book.add_chart(asked | ({"subtype": "stacked"} if chart.is_stacked else {}))
    last = _write(sheet, chart)
    for place in range(len(chart.series)):
        drawn.add_series(_ranges(sheet, place + 1, last) | {"fill": {"color": COLORS[place % len(COLORS)]}, "gap": 60})
    if not chart.is_time:
        drawn.set_y_axis({"reverse": True})  # the first at the top, as in the table
    elif chart.target is not None:
        drawn.combine(_target(book, sheet, chart, last))
    _without_lone_legend(drawn, chart)
    return drawn


def _lines(book: Any, sheet: Any, chart: Plot) -> Any:
    drawn = book.add_chart({"type": "line"})
    last = _write(sheet, chart)
    for place in range(len(chart.series)):
        color = {"color": COLORS[place % len(COLORS)]}
        marker = {"type": "circle", "size": 6, "fill": color, "border": color}
        drawn.add_series(_ranges(sheet, place + 1, last) | {"line": color | {"width": 2.25}, "marker": marker})
    if chart.target is not None:
        drawn.combine(_target(book, sheet, chart, last))
    _without_lone_legend(drawn, chart)
    return drawn


def _target(book: Any, sheet: Any, chart: Plot, last: int) -> Any:
    """The target as a dashed line over all labels."""
    column = len(chart.series) + 1
    sheet.write_string(0, column, "—")
    for row in range(1, last + 1):
        sheet.write_number(row, column, float(chart.target or 0))
    drawn = book.add_chart({"type": "line"})
    drawn.add_series(_ranges(sheet, column, last) | {"line": {"color": TARGET, "dash_type": "dash", "width": 1.5}})
    return drawn


def _without_lone_legend(drawn: Any, chart: Plot) -> None:
    drawn.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})


def _pie(book: Any, sheet: Any, chart: Plot) -> Any:
    drawn = book.add_chart({"type": "doughnut"})
    last = _write(sheet, chart)
    points = [{"fill": {"color": COLORS[place % len(COLORS)]}} for place in range(last)]
    drawn.add_series(_ranges(sheet, 1, last) | {"points": points, "data_labels": {"percentage": True}})
    drawn.set_hole_size(55)
    return drawn


def _pareto(book: Any, sheet: Any, chart: Plot) -> Any:
    last = _write(sheet, chart)
    values = [float(value or 0) for value in chart.series[0][1]]
    whole, so_far = sum(values) or 1.0, 0.0
    sheet.write_string(0, 2, "%")
    for row, value in enumerate(values, 1):
        so_far += value
        sheet.write_number(row, 2, so_far / whole)
    drawn, line = book.add_chart({"type": "column"}), book.add_chart({"type": "line"})
    drawn.add_series(_ranges(sheet, 1, last) | {"fill": {"color": COLORS[0]}, "gap": 30})
    color = {"color": COLORS[1]}
    marker = {"type": "circle", "size": 6, "fill": color, "border": color}
    line.add_series(_ranges(sheet, 2, last) | {"y2_axis": True, "line": color | {"width": 2.25}, "marker": marker})
    line.set_y2_axis({"min": 0, "max": 1, "num_format": "0%"})
    drawn.combine(line)
    drawn.set_legend({"none": True})
    return drawn


def _heat(book: Any, sheet: Any, chart: Plot) -> None:
    """Rows as on the page, the cells coloured by their numbers."""
    sheet.set_column(1, len(chart.labels), 12)
    for place, label in enumerate(chart.labels, 1):
        sheet.write_string(0, place, label)
    for row, (name, values) in enumerate(chart.series, 1):
        sheet.write_string(row, 0, name)
        for place, value in enumerate(values, 1):
            sheet.write_number(row, place, float(value or 0))
    scale = {"type": "2_color_scale", "min_color": "#ffffff", "max_color": COLORS[0]}
    sheet.conditional_format(1, 1, max(len(chart.series), 1), max(len(chart.labels), 1), scale)


def _gauge(book: Any, sheet: Any, chart: Plot) -> Any:
    value, target = float(chart.series[0][1][0] or 0), float(chart.target or 0)
    whole = 100.0 if chart.unit == "%" and max(value, target) <= 100 else max(value, target, 0.01) * 1.25
    rows = ((f"{value:g} {chart.unit}".strip(), min(value, whole)), (f"→ {target:g}", max(whole - value, 0)), ("", whole))
    for row, (name, number) in enumerate(rows, 1):
        sheet.write_string(row, 0, name)
        sheet.write_number(row, 1, number)
    drawn = book.add_chart({"type": "doughnut"})
    points = [{"fill": {"color": COLORS[0]}}, {"fill": {"color": GREY}}, NONE]
    drawn.add_series(_ranges(sheet, 1, 3) | {"points": points})
    drawn.set_rotation(270)
    drawn.set_hole_size(60)
    drawn.set_legend({"position": "bottom", "delete_series": [2]})
    return drawn


_DRAWN: dict[str, Callable[[Any, Any, Plot], Any]] = {
    "bar": _bars, "line": _lines, "pie": _pie, "pareto": _pareto, "heatmap": _heat, "gauge": _gauge,
}  # fmt: skip
