"""A length of time as rules state it: `12 h` by the clock, `8 working hours`, `3 working days`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .hours import ZERO, Calendar


@dataclass(frozen=True, slots=True)
class Term:
    """Clock time (`length`), working time (`length` and `is_working`), or whole working days (`days`)."""

    length: timedelta = ZERO
    is_working: bool = False
    days: int = 0

    @property
    def needs_calendar(self) -> bool:
        return self.is_working or bool(self.days)

    def after(self, moment: datetime, calendar: Calendar | None) -> datetime:
        """The moment at which the term, begun at `moment`, ends. Raises OutOfReach; OverflowError beyond the year 9999."""
        return self._moved(moment, calendar, 1)

    def before(self, moment: datetime, calendar: Calendar | None) -> datetime:
        """The moment from which the term ends at `moment`."""
        return self._moved(moment, calendar, -1)

    def _moved(self, moment: datetime, calendar: Calendar | None, sign: int) -> datetime:
        if not self.needs_calendar:
            return moment + sign * self.length
        if calendar is None:
            raise ValueError("a term in working time needs a calendar")
        return calendar.add_days(moment, sign * self.days) if self.days else calendar.add(moment, sign * self.length)
