"""Spans of time in which a fact counts other records: this quarter, last month, the last 30 days, since a field's time.

A span stands around a moment: now, or a time of the record that is judged (`at`). Calendar units begin at midnight where the
site is; a rolling span ends at the moment and takes its day in, so that `30 d` are thirty days. What lies in it is told by the
field `on` of the other record.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as _field
from datetime import date, datetime, time, timedelta
from typing import Literal

from ..core.text import Text
from ..metadata.fieldtypes import times
from .durations import duration_text

Unit = Literal["day", "week", "month", "quarter", "half-year", "year"]
UNITS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "half-year", "year")
_MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}

UNIT_LABELS: dict[str, Text] = {
    "day": Text("日", "day"), "week": Text("周", "week"), "month": Text("月", "month"), "quarter": Text("季度", "quarter"),
    "half-year": Text("半年", "half-year"), "year": Text("年", "year"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """Exactly one of `this`, `last`, `rolling` and `since` is given. `at` is a path in the record, empty for now."""

    this: Unit | None = None
    last: Unit | None = None
    rolling: timedelta | None = None
    since: str = ""
    until: str = ""
    on: str = "creation"
    at: str = ""
    place: str = _field(default="", compare=False)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the judged record that it reads."""
        return tuple(path for path in (self.since, self.until, self.at) if path)


Bound = tuple[str, date | datetime]  # an operator and a value


def bounds(period: Period, moment: datetime, kind: str) -> list[Bound]:
    """The span around `moment` as comparisons of a field that holds a `date` or a `datetime`."""
    if period.rolling is not None:
        if kind == "datetime":
            return [(">", moment - period.rolling), ("<=", moment)]
        day = _day(moment)
        return [(">", day - period.rolling), ("<=", day)]
    unit = period.this or period.last
    assert unit is not None
    start, end = _unit(_day(moment), unit)
    if period.last:
        start, end = _unit(start - timedelta(days=1), unit)
    return [(">=", _as(start, kind)), ("<", _as(end, kind))]


def between(start: date | datetime, end: date | datetime, kind: str) -> list[Bound]:
    """From one time to another, both included."""
    if kind == "datetime":
        # A day that ends a span belongs to it whole.
        last = [("<", _as(end + timedelta(days=1), kind))] if not isinstance(end, datetime) else [("<=", end)]
        return [(">=", _as(start, kind)), *last]
    return [(">=", _day(start)), ("<=", _day(end))]


def _unit(day: date, unit: Unit) -> tuple[date, date]:
    """The first day of the unit that `day` lies in, and the first day after it."""
    if unit == "day":
        return day, day + timedelta(days=1)
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    length = _MONTHS[unit]
    first = (day.month - 1) // length * length
    start = date(day.year, first + 1, 1)
    years, month = divmod(first + length, 12)
    return start, date(day.year + years, month + 1, 1)


def _day(moment: date | datetime) -> date:
    return moment.astimezone(times.SITE_ZONE).date() if isinstance(moment, datetime) else moment


def _as(value: date | datetime, kind: str) -> date | datetime:
    if kind == "datetime" and not isinstance(value, datetime):
        return datetime.combine(value, time(), times.SITE_ZONE)
    return value


def period_text(period: Period, label_of: dict[str, Text]) -> Text:
    """`this quarter`, `in the last 30 d`; `label_of` names the fields at its ends."""
    if period.rolling is not None:
        length = duration_text(period.rolling)
        return Text(f"近 {length.zh}", f"in the last {length.en}")
    if period.since:
        start = label_of[period.since]
        if period.until:
            end = label_of[period.until]
            return Text(f"自{start.zh}至{end.zh}", f"from {start.en} to {end.en}")
        return Text(f"自{start.zh}起", f"since {start.en}")
    unit = UNIT_LABELS[period.this or period.last or "day"]
    return Text(f"本{unit.zh}", f"this {unit.en}") if period.this else Text(f"上{unit.zh}", f"last {unit.en}")
