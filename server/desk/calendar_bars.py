"""Records that last several days, as bars over the days of a week: which lane each has, where it begins and ends in this week."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ..documents.complete import Record

MOST_LANES = 6  # bars over one day; what is more stands among the day's entries


@dataclass(frozen=True)
class Span:
    """A record from its first to its last day."""

    row: Record
    first: date
    last: date


@dataclass(frozen=True)
class Bar:
    """The part of a span that lies in one week: on how many days from where it begins there."""

    span: Span
    days: int
    is_begun: bool  # it began in a week before
    is_going: bool  # it ends in a week after


@dataclass(frozen=True)
class Week:
    """Seven days, the bars over them, and the spans for which there was no lane."""

    days: Sequence[date]
    lanes: Sequence[dict[date, Bar]]  # by the first day in this week
    rest: Sequence[Span]

    def begun_on(self, day: date) -> list[Bar]:
        return [lane[day] for lane in self.lanes if day in lane]

    def rest_on(self, day: date) -> list[Record]:
        return [span.row for span in self.rest if max(span.first, self.days[0]) == day]


def week_of(days: Sequence[date], spans: Iterable[Span]) -> Week:
    """The week with its bars: what begins first lies highest, and of those the longest."""
    here = [span for span in spans if span.first <= days[-1] and span.last >= days[0]]
    lanes: list[dict[date, Bar]] = []
    free: list[date] = []  # the last day taken, by lane
    rest: list[Span] = []
    for span in sorted(here, key=lambda item: (max(item.first, days[0]), -item.last.toordinal(), str(item.row["name"]))):
        first, last = max(span.first, days[0]), min(span.last, days[-1])
        lane = next((number for number, taken in enumerate(free) if taken < first), len(free))
        if lane == MOST_LANES:
            rest.append(span)
            continue
        if lane == len(free):
            free.append(last)
            lanes.append({})
        free[lane] = last
        lanes[lane][first] = Bar(span, (last - first).days + 1, span.first < days[0], span.last > days[-1])
    return Week(days, lanes, rest)
