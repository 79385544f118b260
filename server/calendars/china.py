"""Public holidays and shifted workdays of mainland China.

Announced years come from `chinesecalendar`, which follows the notices of the State Council. A year without a notice is estimated:
the statutory days (regulation of 2024), whose dates the sun, the moon and the calendar fix; make-up days are not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from chinese_calendar import constants

from .hours import SpecialDay

NAMES: Mapping[str, str] = {item.value: item.chinese for item in constants.Holiday}
# First day of the lunar year, Dragon Boat and Mid-autumn (month, day), as astronomy has them
LUNAR: Mapping[int, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    2027: ((2, 6), (6, 9), (9, 15)), 2028: ((1, 26), (5, 28), (10, 3)), 2029: ((2, 13), (6, 16), (9, 22)),
    2030: ((2, 3), (6, 5), (9, 12)), 2031: ((1, 23), (6, 24), (10, 1)), 2032: ((2, 11), (6, 12), (9, 19)),
    2033: ((1, 31), (6, 1), (9, 8)), 2034: ((2, 19), (6, 20), (9, 27)), 2035: ((2, 8), (6, 10), (9, 16)),
    2036: ((1, 28), (5, 30), (10, 4)),
}  # fmt: skip


def announced_years() -> frozenset[int]:
    """The years whose official notice the library holds."""
    return frozenset(day.year for day in constants.workdays) | frozenset(day.year for day in constants.holidays)


def special_days(year: int) -> list[SpecialDay]:
    """What differs from the plain week in that year, by date; estimated when the year is not among `announced_years`."""
    if year in announced_years():
        holidays = [SpecialDay(day, "holiday", NAMES[name]) for day, name in constants.holidays.items() if day.year == year]
        workdays = [SpecialDay(day, "workday", NAMES[name]) for day, name in constants.workdays.items() if day.year == year]
        return sorted(holidays + workdays, key=lambda item: item.day)
    found = {day: SpecialDay(day, "holiday", name) for day, name in _statutory(year)}
    return [found[day] for day in sorted(found)]


def _statutory(year: int) -> Iterator[tuple[date, str]]:
    yield date(year, 1, 1), "元旦"
    yield date(year, 4, _qingming(year)), "清明"
    yield from ((date(year, 5, day), "劳动节") for day in (1, 2))
    yield from ((date(year, 10, day), "国庆节") for day in (1, 2, 3))
    if year in LUNAR:
        spring, boat, autumn = (date(year, *found) for found in LUNAR[year])
        yield from ((spring + timedelta(days=offset), "春节") for offset in (-1, 0, 1, 2))
        yield boat, "端午"
        yield autumn, "中秋"


def _qingming(year: int) -> int:
    """The day in April on which the sun stands at 15 degrees, by the customary formula for this century."""
    short = year % 100
    return int(short * 0.2422 + 4.81) - short // 4
