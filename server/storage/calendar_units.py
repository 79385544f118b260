"""The day, week, month, quarter or year that a stored date or moment lies in, as SQL, on every database the same text.

    2026-03-05    day          2026-03-02    week, by its Monday          2026-03    month          2026-Q1    quarter          2026    year

A moment is kept in UTC; the unit is that of the clock where the site is, summer time included.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnElement, Text, case, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

Unit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "year")
YEARS = range(1990, 2061)  # in which summer time is looked for


def in_unit(column: Column[Any], unit: Unit, kind: str, zone: ZoneInfo, *, minutes_before: int = 0) -> ColumnElement[str]:
    """The unit that a column of kind `date` or `datetime` lies in; NULL where it is empty. `minutes_before`: of a datetime, the unit of so
    long before."""
    if kind == "date":
        return _UNIT_FUNCTIONS[unit](column)
    changes = offset_changes(str(zone))
    if len(changes) == 1:
        return _UNIT_FUNCTIONS[unit](shifted(column, _minutes(changes[0][1]) - minutes_before))
    earlier = [(column < until, shifted(column, _minutes(offset) - minutes_before)) for until, offset in changes[:-1]]
    return _UNIT_FUNCTIONS[unit](case(*earlier, else_=shifted(column, _minutes(changes[-1][1]) - minutes_before)))


@lru_cache(maxsize=8)
def offset_changes(zone_name: str) -> tuple[tuple[datetime, timedelta], ...]:
    """The offsets from UTC that a zone had and will have, each with the moment until which it holds (the last one holds on)."""
    zone = ZoneInfo(zone_name)
    found: list[tuple[datetime, timedelta]] = []
    moment, end = datetime(YEARS[0], 1, 1, tzinfo=UTC), datetime(YEARS[-1], 12, 31, tzinfo=UTC)
    offset = _offset(zone, moment)
    while moment < end:
        later = moment + timedelta(days=7)
        if _offset(zone, later) != offset:
            change = _change(zone, moment, later)
            found.append((change, offset))
            offset = _offset(zone, later)
        moment = later
    return (*found, (end, offset))


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The minute between two moments in which the offset changes."""
    was = _offset(zone, before)
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) / 2
        middle = middle.replace(second=0, microsecond=0)
        if middle <= before:
            break
        before, after = (middle, after) if _offset(zone, middle) == was else (before, middle)
    return after


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _minutes(offset: timedelta) -> int:
    return int(offset.total_seconds() // 60)


def shifted(column: Column[Any], minutes: int) -> ColumnElement[Any]:
    """A moment as the clock on a wall so many minutes ahead of UTC shows it."""
    return _Shifted(column, literal_column(str(minutes)))


class _Shifted(GenericFunction[Any]):
    name = "gj_shifted"
    type = Text()
    inherit_cache = True


@compiles(_Shifted)
def _shifted_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    value, minutes = _parts(element, compiler, options)
    return f"datetime({value}, '{int(minutes):+d} minutes')"


@compiles(_Shifted, "postgresql")
def _shifted_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    value, minutes = _parts(element, compiler, options)
    return f"(({value} AT TIME ZONE 'UTC') + interval '{int(minutes)} minutes')"


@compiles(_Shifted, "mariadb")
def _shifted_on_mariadb(element: Any, compiler: Any, **options: Any) -> str:
    value, minutes = _parts(element, compiler, options)
    return f"({value} + INTERVAL {int(minutes)} MINUTE)"


def _parts(element: Any, compiler: Any, options: dict[str, Any]) -> list[str]:
    return [compiler.process(part, **options) for part in element.clauses.clauses]


class _Unit(GenericFunction[str]):
    """One unit; `patterns` are SQL per database with {0} for the value, and %% where the driver takes % for itself."""

    type = Text()
    inherit_cache = True
    patterns: dict[str, str] = {}


class _Day(_Unit):
    name = "gj_day"
    inherit_cache = True
    patterns = {
        "sqlite": "substr({0}, 1, 10)",
        "postgresql": "to_char({0}, 'YYYY-MM-DD')",
        "mariadb": "DATE_FORMAT({0}, '%%Y-%%m-%%d')",
    }


class _Week(_Unit):
    name = "gj_week"
    inherit_cache = True
    patterns = {
        "sqlite": "date({0}, '-6 days', 'weekday 1')",
        "postgresql": "to_char(date_trunc('week', {0}), 'YYYY-MM-DD')",
        "mariadb": "DATE_FORMAT(DATE_SUB(DATE({0}), INTERVAL WEEKDAY({0}) DAY), '%%Y-%%m-%%d')",
    }


class _Month(_Unit):
    name = "gj_month"
    inherit_cache = True
    patterns = {
        "sqlite": "substr({0}, 1, 7)",
        "postgresql": "to_char({0}, 'YYYY-MM')",
        "mariadb": "DATE_FORMAT({0}, '%%Y-%%m')",
    }


class _Quarter(_Unit):
    name = "gj_quarter"
    inherit_cache = True
    patterns = {
        "sqlite": "substr({0}, 1, 4) || '-Q' || ((CAST(substr({0}, 6, 2) AS INTEGER) + 2) / 3)",
        "postgresql": "to_char({0}, 'YYYY\"-Q\"Q')",
        "mariadb": "CONCAT(LPAD(YEAR({0}), 4, '0'), '-Q', QUARTER({0}))",
    }


class _Year(_Unit):
    name = "gj_year"
    inherit_cache = True
    patterns = {"sqlite": "substr({0}, 1, 4)", "postgresql": "to_char({0}, 'YYYY')", "mariadb": "DATE_FORMAT({0}, '%%Y')"}


_UNIT_FUNCTIONS: dict[str, type[_Unit]] = {"day": _Day, "week": _Week, "month": _Month, "quarter": _Quarter, "year": _Year}


def _compile_unit(element: _Unit, compiler: Any, **options: Any) -> str:
    value = compiler.process(element.clauses.clauses[0], **options)
    return f"({element.patterns[compiler.dialect.name].format(value)})"


for _kind in _UNIT_FUNCTIONS.values():
    compiles(_kind)(_compile_unit)


def days_of(key: str, unit: Unit) -> tuple[date, date]:
    """The first and the last day of a unit as `in_unit` names it."""
    if unit == "year":
        return date(int(key), 1, 1), date(int(key), 12, 31)
    if unit in ("day", "week"):
        first = date.fromisoformat(key)
        return first, first + timedelta(days=6 if unit == "week" else 0)
    year, part = key.split("-Q" if unit == "quarter" else "-")
    months = 3 if unit == "quarter" else 1
    month = (int(part) - 1) * months + 1
    after = date(int(year) + (month + months > 12), (month + months - 1) % 12 + 1, 1)
    return date(int(year), month, 1), after - timedelta(days=1)
