"""When a report is sent: every day, week or month at a time of the site's clock, on working days only if so wished. Pure dates."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST_WAIT_DAYS = 20  # for a working day; after that it is sent anyhow
IsWorkday = Callable[[date], bool]


@dataclass(frozen=True)
class Schedule:
    """`frequency` is Daily, Weekly (on `weekday`, 0 is Monday) or Monthly (on `day`, at most the month's last)."""

    frequency: str
    at: time
    weekday: int = 0
    day: int = 1
    on_working_days: bool = False

    def last_due(self, now: datetime, is_workday: IsWorkday) -> tuple[str, datetime] | None:
        """The latest moment until `now` (in the site's zone) at which it was due, with the name of its period."""
        for period, planned in self._planned(now.date()):
            day = self._moved(planned, is_workday)
            if day is not None:
                moment = datetime.combine(day, self.at, now.tzinfo)
                if moment <= now:
                    return period, moment
        return None

    def _planned(self, today: date) -> Iterator[tuple[str, date]]:
        """Periods and their days, the latest first."""
        if self.frequency == "Daily":
            for back in range(LONGEST_WAIT_DAYS):
                day = today - timedelta(days=back)
                yield day.isoformat(), day
        elif self.frequency == "Weekly":
            monday = today - timedelta(days=today.weekday())
            for back in range(4):
                day = monday + timedelta(days=self.weekday - 7 * back)
                year, week, _ = day.isocalendar()
                yield f"{year}-W{week:02}", day
        else:
            year, month = today.year, today.month
            for _ in range(3):
                last = monthrange(year, month)[1]
                yield f"{year:04}-{month:02}", date(year, month, min(max(self.day, 1), last))
                year, month = (year, month - 1) if month > 1 else (year - 1, 12)

    def _moved(self, day: date, is_workday: IsWorkday) -> date | None:
        """The day itself, or the next working one; of a daily report a free day has none."""
        if not self.on_working_days or is_workday(day):
            return day
        if self.frequency == "Daily":
            return None
        later = (day + timedelta(days=n) for n in range(1, LONGEST_WAIT_DAYS))
        return next((each for each in later if is_workday(each)), day)
