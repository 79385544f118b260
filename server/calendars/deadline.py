"""When something is due, warned of and escalated: counted from a moment in a calendar, with the time left out that it waited.

Pure: the caller gives the calendar and the pauses. What is kept of a deadline with an obligation is its JSON form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..calendars.hours import ZERO, Calendar
from ..calendars.term import Term

END_OF_DAY = timedelta(minutes=1)  # what is due in the first minute of a day is due at the end of the day before, for people


@dataclass(frozen=True, slots=True)
class Escalation:
    """To whom it goes when it is late for that long."""

    after: Term
    to: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which nobody could go on, such as waiting for the customer; without an end it lasts."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moments:
    """A deadline counted out; `escalations` in the order of its steps."""

    due: datetime | None
    warn: datetime | None
    escalations: tuple[datetime, ...]
    is_estimated: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    due: Term | None = None
    warn_before: Term | None = None
    escalations: tuple[Escalation, ...] = ()

    @property
    def needs_calendar(self) -> bool:
        """Whether any part of it is counted in working time."""
        terms = [self.due, self.warn_before, *(item.after for item in self.escalations)]
        return any(term is not None and term.needs_calendar for term in terms)

    def counted(self, start: datetime, calendar: Calendar | None, pauses: Iterable[Pause] = ()) -> Moments:
        """From `start`, less the pauses that have ended. Raises OutOfReach, OverflowError."""
        if self.due is None:
            return Moments(None, None, (), False)
        due = self.due.after(start, calendar)
        for pause in sorted(pauses, key=lambda item: item.start):
            if pause.end is not None and pause.start < due:
                due = self._later(due, max(pause.start, start), pause.end, calendar)
        warn = self.warn_before.before(due, calendar) if self.warn_before is not None else None
        late = tuple(item.after.after(due, calendar) for item in self.escalations)
        estimated = self.needs_calendar and calendar is not None and calendar.is_estimated(start, due, *late)
        return Moments(due, warn, late, estimated)

    def _later(self, due: datetime, start: datetime, end: datetime, calendar: Calendar | None) -> datetime:
        """The due time moved by the pause, in the time that the deadline is counted in."""
        if end <= start:
            return due
        if self.due is not None and self.due.needs_calendar and calendar is not None:
            return calendar.add(due, calendar.between(start, end))
        return due + (end - start)

    def elapsed(self, start: datetime, end: datetime, calendar: Calendar | None, pauses: Iterable[Pause] = ()) -> timedelta:
        """How long it took, in the time that it is counted in, without the pauses."""
        spans = [(start, end)]
        for pause in pauses:
            spans = [part for span in spans for part in _without(span, pause.start, pause.end or end)]
        in_working_time = self.due is not None and self.due.needs_calendar and calendar is not None
        return sum((calendar.between(*span) if in_working_time and calendar else span[1] - span[0] for span in spans), ZERO)

    def to_json(self) -> dict[str, Any]:
        return {
            "due": _term_json(self.due),
            "warn_before": _term_json(self.warn_before),
            "escalate": [{"after": _term_json(item.after), "to": item.to} for item in self.escalations],
        }

    @classmethod
    def of(cls, raw: Mapping[str, Any] | None) -> Deadline:
        raw = raw or {}
        steps = tuple(Escalation(_term(item["after"]) or Term(), item["to"]) for item in raw.get("escalate") or ())
        return cls(_term(raw.get("due")), _term(raw.get("warn_before")), steps)


NO_DEADLINE = Deadline()


def _without(span: tuple[datetime, datetime], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    parts = [(span[0], min(span[1], start)), (max(span[0], end), span[1])]
    return [part for part in parts if part[1] > part[0]]


def _term_json(term: Term | None) -> dict[str, Any] | None:
    return None if term is None else {"seconds": term.length.total_seconds(), "working": term.is_working, "days": term.days}


def _term(raw: Mapping[str, Any] | None) -> Term | None:
    return None if raw is None else Term(timedelta(seconds=raw["seconds"]), bool(raw["working"]), int(raw["days"]))
