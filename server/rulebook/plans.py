"""Recurring obligations: every three months from one time to another. When they fall due; opening them is `documents`' work."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ..core.text import Text
from ..metadata.fieldtypes import times

MOST_OCCURRENCES = 1000
END_OF_DAY = time(23, 59)
EXPECTED_PERIOD = Text(
    "应为周期，例如 3 months、1 year、2 weeks、10 days", "expected a period, for example 3 months, 1 year, 2 weeks, 10 days"
)
_FORM = re.compile(r"\s*(\d{1,3})\s*(days?|d|weeks?|w|months?|years?)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Every:
    """A period of whole months, or of whole days."""

    months: int = 0
    days: int = 0

    def after(self, start: date, times: int) -> date:
        """The day that many periods after `start`, counted from it each time, so that the 31st comes back after a short month."""
        if not self.months:
            return start + timedelta(days=self.days * times)
        month = start.month - 1 + self.months * times
        year, month = start.year + month // 12, month % 12 + 1
        return date(year, month, min(start.day, monthrange(year, month)[1]))

    @property
    def text(self) -> Text:
        if self.months and self.months % 12 == 0:
            count, zh, en = self.months // 12, "年", "year"
        elif self.months:
            count, zh, en = self.months, "个月", "month"
        else:
            count, zh, en = self.days, "天", "day"
        return Text(f"每 {count} {zh}", f"every {count} {en}s" if count > 1 else f"every {en}")


def parse_every(text: object) -> Every:
    """What `text` says; ValueError when it is no period."""
    found = _FORM.match(text) if isinstance(text, str) else None
    if found is None or not int(found[1]):
        raise ValueError(EXPECTED_PERIOD.en)
    count, unit = int(found[1]), found[2][0].lower()
    return {"d": Every(days=count), "w": Every(days=7 * count), "m": Every(months=count), "y": Every(months=12 * count)}[unit]


def occurrences(
    every: Every, start: date | datetime, until: date | datetime | None, now: datetime, ahead: int
) -> Mapping[int, datetime]:
    """The times by their number, the first one period after `start`: those that are over and the next `ahead`, none after `until`.

    From a day they fall on the end of days, from a moment on its time of day where the site is.
    """
    begin, last = _local(start), None if until is None else _moment(until)
    found: dict[int, datetime] = {}
    to_come = 0
    for number in range(1, MOST_OCCURRENCES + 1):
        try:
            at = datetime.combine(every.after(begin.date(), number), begin.timetz())
        except (ValueError, OverflowError):  # beyond the year 9999
            break
        if last is not None and at > last:
            break
        found[number] = at
        to_come += at > now
        if to_come >= ahead:
            break
    return found


def _local(value: date | datetime) -> datetime:
    return value.astimezone(times.SITE_ZONE) if isinstance(value, datetime) else _moment(value)


def _moment(value: date | datetime) -> datetime:
    """The moment itself, or the end of the day."""
    return value if isinstance(value, datetime) else datetime.combine(value, END_OF_DAY, times.SITE_ZONE)
