"""Ways from a report to the records that it counts: the list under the same conditions, for a row, a cell or a part of a chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode

from ..core.values import Masked
from ..reporting.answer import Answer, Row
from ..reporting.model import Asked, Column, Condition, Report
from ..reporting.plots import Plot
from ..reporting.spans import conditions_of, is_span
from ..storage.calendar_units import Unit, days_of
from ..storage.grouping import RECORD_NAME

Pair = tuple[str, str, str]  # field, operator, value


def form_address(doctype: str, name: object) -> str:
    return f"/form/{quote(doctype, safe='')}/{quote(str(name), safe='')}"


class Ways:
    """Where the parts of one report lead; None where a list cannot be filtered like that: over links, rows or another type."""

    def __init__(self, report: Report, asked: Mapping[str, str], dated: frozenset[str], now: datetime) -> None:
        self._report = report
        self._asked = asked
        self._dated = dated  # the filters that take a span
        self._now = now

    def of_row(self, row: Row, column: Column | None = None) -> str | None:
        """The records of one row; with a column those that it counts of them."""
        if not self._report.is_grouped:
            return form_address(self._report.doctype, row[RECORD_NAME]) if RECORD_NAME in row else None
        return self._list(((item, row[item.key]) for item in self._report.keys), column)

    def of_key(self, keys: Mapping[str, Any], measure: str = "") -> str | None:
        """The records under some of the keys, as a part of a chart shows them."""
        column = next((item for item in self._report.columns if item.key == measure), None)
        return self._list(((self._report.column(key), value) for key, value in keys.items()), column)

    def _list(self, keys: Iterable[tuple[Column, Any]], column: Column | None) -> str | None:
        if self._report.rows:
            return None
        pairs: list[Pair] = []
        for item, value in keys:
            if isinstance(value, Masked):
                return None
            pairs += _pinned(item.path, item.unit, value)
        pinned = {path for path, _, _ in pairs}
        conditions = [*self._report.where, *(column.where if column is not None else ())]
        pairs += [_condition(part) for part in conditions]
        for asked in self._report.filters:
            if (text := self._asked.get(asked.path, "")) and asked.path not in pinned:
                pairs += self._filter(asked, text)
        if not pairs or any("." in path for path, _, _ in pairs):
            return None
        query = [(name, part) for pair in dict.fromkeys(pairs) for name, part in zip("fov", pair, strict=True)]
        return f"/list/{quote(self._report.doctype, safe='')}?{urlencode(query)}"

    def _filter(self, asked: Asked, text: str) -> list[Pair]:
        if asked.path in self._dated and not asked.operator:
            if not is_span(text):
                return []
            found = conditions_of(text, self._now, "date")
            return [(asked.path, operator, _text(value)) for operator, value in found]
        return [(asked.path, asked.operator or "=", text)]

    def in_chart(self, answer: Answer, plot: Plot) -> dict[tuple[int, int], str]:
        """Addresses by series and label."""
        chart = self._report.chart
        if chart is None or not chart.x or answer.column(chart.x) is None:
            return {}
        found: dict[tuple[int, int], str] = {}
        for number in range(len(plot.series)):
            for place, key in enumerate(plot.keys):
                keys = {chart.x: key}
                if chart.kind == "heatmap":
                    keys[chart.across] = plot.lines[number]
                measure = chart.y[0 if chart.kind == "heatmap" else min(number, len(chart.y) - 1)]
                if address := self.of_key(keys, measure):
                    found[number, place] = address
        return found


def _pinned(path: str, unit: Unit | None, value: Any) -> list[Pair]:
    if value is None:
        return [(path, "is", "not set")]
    if unit:
        first, last = days_of(str(value), unit)
        return [(path, ">=", first.isoformat()), (path, "<=", last.isoformat())]
    return [(path, "=", _text(value))]


def _condition(part: Condition) -> Pair:
    path, operator, value = part
    return path, operator, ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
