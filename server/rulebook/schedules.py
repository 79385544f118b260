"""Schedules of rules: each day, workday, week, month or year at a time of day, where the site is. When they come; who judges is `documents`.

A day that a short month has not is its last one. A day that is not worked can be moved to the next or the last workday before, or left out.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from ..calendars.hours import Calendar
from ..core.ids import digest
from ..core.text import Text

Unit = Literal["day", "workday", "week", "month", "year"]
IfHoliday = Literal["stay", "next", "before", "skip"]
UNITS: tuple[Unit, ...] = ("day", "workday", "week", "month", "year")
IF_HOLIDAY: tuple[IfHoliday, ...] = ("stay", "next", "before", "skip")
MAX_KEY = 150
MISSED = ("all", "last")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORDS_OF_MONTH = ("last", "first workday", "last workday")
_LONGEST = 15  # days in a row that nobody works; further a day is not moved
_FORWARD = timedelta(days=366 * 9)  # the 29th of February comes back at the latest

_ZH_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_WORDS = {
    "last": Text("最后一天", "the last day"), "first workday": Text("第一个工作日", "the first workday"),
    "last workday": Text("最后一个工作日", "the last workday"),
}  # fmt: skip
_IF = {
    "next": Text("，遇节假日顺延", ", or the next workday"), "before": Text("，遇节假日提前", ", or the workday before"),
    "skip": Text("，节假日除外", ", unless that is a day off"), "stay": Text("", ""),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Schedule:
    """`on` holds weekdays (week), days or words of a month (month), or `MM-DD` (year)."""

    every: Unit
    clock: time
    on: tuple[int | str, ...] = ()
    if_holiday: IfHoliday = "stay"
    missed: Literal["all", "last"] = "all"
    at: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """What tells it from another schedule, whatever its place in the rule."""
        key = "|".join((self.every, self.clock.isoformat("minutes"), ",".join(map(str, self.on)), self.if_holiday))
        return key if len(key) <= MAX_KEY else digest(key)  # a key of the database

    @property
    def text(self) -> Text:
        at = self.clock.strftime("%H:%M")
        zh, en = {
            "day": ("每天", "every day"), "workday": ("每个工作日", "every workday"), "week": ("每周", "every week on "),
            "month": ("每月", "every month on "), "year": ("每年", "every year on "),
        }[self.every]  # fmt: skip
        on = [self._said(one) for one in self.on]
        zh += "、".join(one.zh for one in on)
        en += " and ".join(one.en for one in on)
        moved = _IF[self.if_holiday]
        return Text(f"{zh} {at}{moved.zh}", f"{en} at {at}{moved.en}")

    def _said(self, one: int | str) -> Text:
        if isinstance(one, int):
            return Text(f"{one} 日", f"day {one}")
        if one in WEEKDAYS:
            return Text(_ZH_WEEKDAYS[WEEKDAYS.index(one)], one.capitalize())
        if one in _WORDS:
            return _WORDS[one]
        month, day = one.split("-")
        return Text(f"{int(month)} 月 {int(day)} 日", one)


def first_after(schedule: Schedule, moment: datetime, calendar: Calendar) -> datetime | None:
    """The first of its times after `moment`; None when none comes."""
    local = moment.astimezone(calendar.zone)
    day = local.date() - timedelta(days=_LONGEST)  # one of these may have been moved past the moment
    end = local.date() + _FORWARD
    found: datetime | None = None
    while day <= end:
        if _is_on(schedule, day, calendar) and (moved := _moved(schedule, day, calendar)) is not None:
            at = datetime.combine(moved, schedule.clock, calendar.zone)
            if at > moment and (found is None or at < found):
                found = at
        if found is not None and day > found.date() + timedelta(days=_LONGEST):
            return found  # none of the days to come is moved before it
        day += timedelta(days=1)
    return found


def due_between(schedule: Schedule, after: datetime, now: datetime, calendar: Calendar) -> Iterator[datetime]:
    """Its times after `after`, up to and with `now`, in order."""
    at = first_after(schedule, after, calendar)
    while at is not None and at <= now:
        yield at
        at = first_after(schedule, at, calendar)


def _is_on(schedule: Schedule, day: date, calendar: Calendar) -> bool:
    if schedule.every == "day":
        return True
    if schedule.every == "workday":
        return calendar.is_workday(day)
    if schedule.every == "week":
        return WEEKDAYS[day.weekday()] in schedule.on
    if schedule.every == "year":
        return any(_of_year(str(one), day) for one in schedule.on)
    return any(_of_month(one, day, calendar) for one in schedule.on)


def _of_month(one: int | str, day: date, calendar: Calendar) -> bool:
    last = monthrange(day.year, day.month)[1]
    if isinstance(one, int):
        return day.day == min(one, last)
    if one == "last":
        return day.day == last
    days = range(1, day.day) if one == "first workday" else range(day.day + 1, last + 1)
    return calendar.is_workday(day) and not any(calendar.is_workday(day.replace(day=other)) for other in days)


def _of_year(one: str, day: date) -> bool:
    month, number = (int(part) for part in one.split("-"))
    return day.month == month and day.day == min(number, monthrange(day.year, month)[1])


def _moved(schedule: Schedule, day: date, calendar: Calendar) -> date | None:
    if schedule.if_holiday == "stay" or calendar.is_workday(day):
        return day
    if schedule.if_holiday == "skip":
        return None
    step = timedelta(days=1 if schedule.if_holiday == "next" else -1)
    for number in range(1, _LONGEST + 1):
        if calendar.is_workday(day + step * number):
            return day + step * number
    return day
