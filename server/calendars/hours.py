"""A calendar of working hours and the arithmetic in it.

Everything is counted in real, elapsed time between aware moments, so a night shift over a change of the clocks is as long as it
was. A shift that crosses midnight belongs to the day on which it begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

from ..core.text import Text

DAY = timedelta(days=1)
LONGEST_SEARCH_DAYS = 4000  # no working time for eleven years: there will be none
LONGEST_SPAN = timedelta(days=36525)
ZERO = timedelta(0)


class OutOfReach(ValueError):
    """The calendar has no working time at which the length could end, or the times are more than a century apart."""

    def __init__(self, calendar: str) -> None:
        self.text = Text(
            f"按工作日历“{calendar}”算不出：没有足够的工作时间，或时间相差太远",
            f'the work calendar "{calendar}" gives no answer: too little working time, or times too far apart',
        )
        super().__init__(self.text.en)


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """Working hours of one day, as lengths from its midnight; an end beyond 24 h is on the next day."""

    start: timedelta
    end: timedelta

    @classmethod
    def between(cls, start: time, end: time) -> Hours:
        """From one time of day to another; an end that is not after the start is on the next day."""
        first, last = _from_midnight(start), _from_midnight(end)
        return cls(first, last if last > first else last + DAY)


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that differs from the week: a holiday, or a workday such as a make-up Saturday.

    With `hours` only these are free (a half holiday) or worked; without, the whole day, a workday as the week's first one.
    """

    day: date
    kind: Literal["holiday", "workday"]
    name: str = ""
    hours: Hours | None = None


Span = tuple[datetime, datetime]
Week = tuple[tuple[Hours, ...], ...]  # Monday first


@dataclass(frozen=True)
class Calendar:
    """Working hours by the week, with days that differ. A year that is not `confirmed` is estimated: its holidays are not announced yet."""

    name: str  # of its record; empty for the one that is built in
    title: str
    zone: tzinfo
    week: Week
    special: Mapping[date, tuple[SpecialDay, ...]] = field(default_factory=dict)
    confirmed: frozenset[int] = frozenset()
    _spans: dict[date, tuple[Span, ...]] = field(default_factory=dict, repr=False, compare=False)

    # Questions

    def is_working(self, moment: datetime) -> bool:
        """Whether work goes on at that moment; the end of a shift belongs to it no more."""
        return any(start <= moment < end for start, end in self._forward(moment, days=2))

    def is_workday(self, day: date) -> bool:
        """Whether any working time begins on that day."""
        return bool(self._of(day))

    def is_estimated(self, *moments: datetime) -> bool:
        """Whether the holidays of a year from the first to the last of these moments are not announced yet."""
        years = [moment.astimezone(self.zone).year for moment in moments]
        return any(year not in self.confirmed for year in range(min(years), max(years) + 1))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from one moment to another; negative when the second comes first. Raises OutOfReach beyond a century."""
        if end < start:
            return -self.between(end, start)
        if end - start > LONGEST_SPAN:
            raise OutOfReach(self.title)
        total = ZERO
        for first, last in self._forward(start, days=(end - start).days + 3):
            if first >= end:
                break
            total += min(last, end) - max(first, start)
        return total

    def add(self, moment: datetime, length: timedelta) -> datetime:
        """The first moment by which that much has been worked; back from `moment` for a negative length.

        Eight hours from opening end at closing, not at the next opening; no length at all leaves the moment as it is.
        Raises OutOfReach.
        """
        left = abs(length)
        if not left:
            return moment
        for start, end in self._forward(moment) if length > ZERO else self._backward(moment):
            if end - start >= left:
                return start + left if length > ZERO else end - left
            left -= end - start
        raise OutOfReach(self.title)

    def add_days(self, moment: datetime, days: int) -> datetime:
        """The end of work on the n-th working day after that day, which itself does not count; back: the beginning on the n-th before.

        As periods are counted by articles 201 and 203 of the Civil Code: from the next day on, to the close of business.
        """
        day, step, left = moment.astimezone(self.zone).date(), DAY if days > 0 else -DAY, abs(days)
        if not left:
            return moment
        for _ in range(LONGEST_SEARCH_DAYS + 2 * left):
            day = self._next(day, step)
            left -= self.is_workday(day)
            if not left:
                spans = self._of(day)
                return spans[-1][1] if days > 0 else spans[0][0]
        raise OutOfReach(self.title)

    # The line of working time, day by day

    def _forward(self, moment: datetime, days: int = LONGEST_SEARCH_DAYS) -> Iterator[Span]:
        """Working time from that moment on, in order and without overlaps."""
        day = self._next(moment.astimezone(self.zone).date(), -DAY)
        for _ in range(days + 1):
            for start, end in self._of(day):
                if end > moment:
                    yield max(start, moment), end
            day = self._next(day, DAY)

    def _backward(self, moment: datetime) -> Iterator[Span]:
        """Working time before that moment, the latest first."""
        day = moment.astimezone(self.zone).date()
        for _ in range(LONGEST_SEARCH_DAYS):
            for start, end in reversed(self._of(day)):
                if start < moment:
                    yield start, min(end, moment)
            day = self._next(day, -DAY)

    def _next(self, day: date, step: timedelta) -> date:
        try:
            return day + step
        except OverflowError:
            raise OutOfReach(self.title) from None

    def _of(self, day: date) -> tuple[Span, ...]:
        """The working time that begins on this day, less what the night shift of the day before works already."""
        if day not in self._spans:
            before = self._moments(day - DAY) if day > date.min else ()
            floor = before[-1][1] if before else None
            own = self._moments(day)
            if floor is not None:
                own = tuple((max(start, floor), end) for start, end in own if end > floor)
            self._spans[day] = own
        return self._spans[day]

    def _moments(self, day: date) -> tuple[Span, ...]:
        spans = [(self._at(day, hours.start), self._at(day, hours.end)) for hours in self.hours_of(day)]
        return tuple((start, end) for start, end in spans if end > start)  # a shift within an hour that the clocks leave out

    def _at(self, day: date, offset: timedelta) -> datetime:
        try:
            return (datetime.combine(day, time()) + offset).replace(tzinfo=self.zone).astimezone(UTC)
        except OverflowError:
            raise OutOfReach(self.title) from None

    def hours_of(self, day: date) -> tuple[Hours, ...]:
        """The hours worked on a day, merged and in order."""
        special = self.special.get(day, ())
        worked = [item for item in special if item.kind == "workday"]
        hours: Iterable[Hours] = self.week[day.weekday()]
        if worked:
            own = [item.hours for item in worked if item.hours is not None]
            hours = own or hours or self._usual
        for item in special:
            if item.kind == "holiday":
                hours = [] if item.hours is None else _without(hours, item.hours)
        return _merged(hours)

    @property
    def _usual(self) -> tuple[Hours, ...]:
        """The hours of the week's first working day, which a make-up day has as well."""
        return next((hours for hours in self.week if hours), ())


def _from_midnight(value: time) -> timedelta:
    return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)


def _merged(hours: Iterable[Hours]) -> tuple[Hours, ...]:
    found: list[Hours] = []
    for item in sorted(hours):
        if found and item.start <= found[-1].end:
            found[-1] = Hours(found[-1].start, max(found[-1].end, item.end))
        else:
            found.append(item)
    return tuple(found)


def _without(hours: Iterable[Hours], free: Hours) -> list[Hours]:
    parts = []
    for item in hours:
        parts += [Hours(item.start, min(item.end, free.start)), Hours(max(item.start, free.end), item.end)]
    return [item for item in parts if item.end > item.start]
