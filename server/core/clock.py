"""The clock, injected everywhere: tests, simulation and the demo data move time themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SettableClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware time, for example datetime(2026, 1, 1, tzinfo=UTC)")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def advance(self, **duration: float) -> None:
        """Move on by a duration given as for `timedelta` (`hours=12, minutes=1`)."""
        self._at += timedelta(**duration)


class TurnedClock:
    """Another clock, except while this one is turned to a time of its own: a demo company's past is lived through under it."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._at: datetime | None = None

    def now(self) -> datetime:
        return self._at if self._at is not None else self._clock.now()

    def turn(self, at: datetime) -> None:
        """Show this time, standing still."""
        self._at = at.astimezone(UTC)

    def release(self) -> None:
        """Show the other clock's time again."""
        self._at = None
