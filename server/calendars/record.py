"""A calendar as a record of the DocType "Work Calendar" holds it: read, and checked before it is saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, time, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from ..core.errors import Fault
from ..core.text import Text
from . import china
from .hours import Calendar, Hours, SpecialDay, Week

DOCTYPE = "Work Calendar"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FIRST_YEAR, LAST_YEAR = 2000, 2060  # of public holidays; beyond, the plain week
STANDARD_SHIFTS = ((time(8), time(12)), (time(13), time(17)))

Record = Mapping[str, Any]


@lru_cache(maxsize=8)
def standard(zone: tzinfo) -> Calendar:
    """Monday to Friday, 8 to 12 and 13 to 17, with the public holidays of China: for a site that has set up no calendar."""
    hours = tuple(Hours.between(start, end) for start, end in STANDARD_SHIFTS)
    return Calendar("", "Standard", zone, (hours,) * 5 + ((), ()), _public_holidays({}), china.announced_years())


def read_calendar(record: Record, zone: tzinfo) -> Calendar:
    """The calendar of a saved record; `zone` is that of the site.

    A year that the record lists is as the record has it; any other has China's public holidays where the record wants them.
    """
    listed = {row["year"]: row.get("state") == "Announced" for row in record.get("years") or () if row.get("year")}
    own: dict[date, list[SpecialDay]] = defaultdict(list)
    for row in record.get("days") or ():
        own[row["day"]].append(_special(row))
    special = {day: tuple(found) for day, found in own.items()}
    confirmed = {year for year, announced in listed.items() if announced}
    if record.get("public_holidays") == "China":
        special = {**_public_holidays(listed), **special}
        confirmed |= china.announced_years() - set(listed)
    else:
        confirmed |= set(range(1, 10_000)) - set(listed)  # nothing is waited for
    zone = ZoneInfo(str(record["timezone"])) if record.get("timezone") else zone
    name = str(record["name"])
    return Calendar(name, str(record.get("title") or name), zone, _week(record), special, frozenset(confirmed))


@lru_cache(maxsize=64)
def _of_year(year: int) -> tuple[SpecialDay, ...]:
    return tuple(china.special_days(year))


def _public_holidays(listed: Mapping[int, bool]) -> dict[date, tuple[SpecialDay, ...]]:
    years = (year for year in range(FIRST_YEAR, LAST_YEAR) if year not in listed)
    return {item.day: (item,) for year in years for item in _of_year(year)}


def _week(record: Record) -> Week:
    week: list[list[Hours]] = [[] for _ in WEEKDAYS]
    for row in record.get("shifts") or ():
        hours = Hours.between(row["start_time"], row["end_time"])
        for index, name in enumerate(WEEKDAYS):
            if row.get(name):
                week[index].append(hours)
    return tuple(tuple(sorted(hours)) for hours in week)


def _special(row: Record) -> SpecialDay:
    start, end = row.get("start_time"), row.get("end_time")
    hours = Hours.between(start, end) if start is not None and end is not None else None
    return SpecialDay(row["day"], "workday" if row.get("kind") == "Workday" else "holiday", row.get("title") or "", hours)


# Checking


def faults_of(record: Record) -> list[Fault]:
    """What keeps the record from being a calendar, beyond what its fields say."""
    return [*_zone_faults(record), *_shift_faults(record), *_year_faults(record), *_day_faults(record)]


def _zone_faults(record: Record) -> Iterator[Fault]:
    zone = record.get("timezone")
    if zone and zone not in available_timezones():
        yield Fault(
            "timezone",
            Text(
                f"没有时区“{zone}”，应如 Asia/Shanghai；不填则用站点的时区。",
                f'There is no time zone "{zone}"; expected e.g. Asia/Shanghai, or nothing for that of the site.',
            ),
        )


def _shift_faults(record: Record) -> Iterator[Fault]:
    for index, row in enumerate(record.get("shifts") or ()):
        if not any(row.get(name) for name in WEEKDAYS):
            text = Text(
                f"第 {index + 1} 个班次没有勾选任何一天。",
                f"Shift {index + 1} is on no day of the week; tick at least one.",
            )
            yield Fault(f"shifts[{index}].monday", text)


def _year_faults(record: Record) -> Iterator[Fault]:
    seen: set[int] = set()
    for index, row in enumerate(record.get("years") or ()):
        year = row.get("year")
        where = f"years[{index}].year"
        if year is not None and not FIRST_YEAR <= year < LAST_YEAR:
            text = Text(
                f"年份 {year} 应在 {FIRST_YEAR} 至 {LAST_YEAR - 1} 之间。",
                f"Year {year} should be from {FIRST_YEAR} to {LAST_YEAR - 1}.",
            )
            yield Fault(where, text)
        if year in seen:
            yield Fault(where, Text(f"{year} 年列了两次。", f"Year {year} is listed twice."))
        seen.add(year)


def _day_faults(record: Record) -> Iterator[Fault]:
    whole: dict[date, str] = {}
    for index, row in enumerate(record.get("days") or ()):
        start, end, day = row.get("start_time"), row.get("end_time"), row.get("day")
        if (start is None) != (end is None):
            missing = "end_time" if end is None else "start_time"
            text = Text(
                f"{day}：起止时间须都填或都不填（不填为全天）。",
                f"{day}: enter both times, or neither for the whole day.",
            )
            yield Fault(f"days[{index}].{missing}", text)
        if start is None and end is None and day is not None:
            if day in whole:
                yield Fault(f"days[{index}].day", Text(f"{day} 全天列了两次。", f"{day} is listed twice as a whole day."))
            whole[day] = str(row.get("kind"))
