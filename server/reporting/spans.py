"""Spans of days as a reader chooses them: `this month`, `last year`, `30 d`, `this year so far`, `next 2 d`, `2026-01-01..2026-03-31`."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any, cast

from ..core.text import Text
from ..metadata.fieldtypes import times
from ..rulebook.durations import duration_text, parse_duration
from ..rulebook.periods import UNIT_LABELS, Period, Unit, between, bounds

OFFERED = (
    "today", "this week", "last week", "this month", "last month", "this quarter", "last quarter", "this year", "this year so far", "last year",
    "30 d", "90 d", "next 2 d", "next 7 d",
)  # fmt: skip
_NAMED = re.compile(r"(this|last) (day|week|month|quarter|half-year|year)\Z")
_SO_FAR = re.compile(r"this (week|month|quarter|half-year|year) so far\Z")
_NEXT = re.compile(r"next (.+)\Z")
_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)?\.\.(\d{4}-\d\d-\d\d)?\Z")


def is_span(text: str) -> bool:
    """Whether `conditions_of` understands it."""
    try:
        conditions_of(text, datetime.now().astimezone(), "date")
    except ValueError:
        return False
    return True


def conditions_of(text: str, now: datetime, kind: str) -> list[tuple[str, Any]]:
    """The span as comparisons (operator, value) of a field that holds a `date` or a `datetime`. Raises ValueError for another text."""
    try:
        return _conditions(text, now, kind)
    except OverflowError:
        raise ValueError(f"{text} lies beyond the calendar") from None


def _conditions(text: str, now: datetime, kind: str) -> list[tuple[str, Any]]:
    if days := _DAYS.match(text):
        first, last = (date.fromisoformat(part) if part else None for part in days.groups())
        found = between(first or date.min, last or date(9998, 12, 31), kind)
        return [bound for bound, end in zip(found, (first, last), strict=True) if end is not None]
    today = now.astimezone(times.SITE_ZONE).date()
    if following := _NEXT.match(text):  # whole days, today with them, as below
        return list(between(today, today + parse_duration(following[1]) - timedelta(days=1), kind))
    if begun := _SO_FAR.match(text):  # what is planned for later days is not judged before them
        start = bounds(Period(this=cast(Unit, begun[1])), now, "date")[0][1]
        return list(between(start, today, kind))
    period = _period(text)
    if period.rolling is not None:  # a reader means whole days, today with them
        return list(between(today - period.rolling + timedelta(days=1), today, kind))
    return list(bounds(period, now, kind))


def span_text(text: str) -> Text:
    """A span in words."""
    if days := _DAYS.match(text):
        first, last = days.groups()
        return Text(f"{first or '…'} 至 {last or '…'}", f"{first or '…'} to {last or '…'}")
    if text == "today":
        return Text("今天", "today")
    if named := _NAMED.match(text):
        unit = UNIT_LABELS[named[2]]
        return Text(f"本{unit.zh}", f"this {unit.en}") if named[1] == "this" else Text(f"上{unit.zh}", f"last {unit.en}")
    if begun := _SO_FAR.match(text):
        unit = UNIT_LABELS[begun[1]]
        return Text(f"本{unit.zh}至今", f"this {unit.en} so far")
    if following := _NEXT.match(text):
        length = duration_text(parse_duration(following[1]))
        return Text(f"今起 {length.zh}", f"next {length.en}, today included")
    length = duration_text(parse_duration(text))
    return Text(f"近 {length.zh}", f"last {length.en}")


def _period(text: str) -> Period:
    if text == "today":
        return Period(this="day")
    if named := _NAMED.match(text):
        unit = cast(Unit, named[2])
        return Period(this=unit) if named[1] == "this" else Period(last=unit)
    return Period(rolling=parse_duration(text))
