"""Sets of values that a field may have: texts by name, numbers and times by spans, each with or without the empty value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import ceil, floor
from typing import Any

# A place between values: (v, 0) just before v, (v, 1) just after it; None is the end of the line.
Cut = tuple[Any, int] | None
Span = tuple[Cut, Cut]
LINE: tuple[Span, ...] = ((None, None),)


@dataclass(frozen=True, slots=True)
class Points:
    """Single values: these, or (`but`) all but these."""

    values: frozenset[Any] = frozenset()
    but: bool = False
    absent: bool = False

    def meet(self, other: Domain) -> Points:
        assert isinstance(other, Points)
        absent = self.absent and other.absent
        if self.but and other.but:
            return Points(self.values | other.values, True, absent)
        if self.but:
            return Points(other.values - self.values, False, absent)
        if other.but:
            return Points(self.values - other.values, False, absent)
        return Points(self.values & other.values, False, absent)

    def complement(self) -> Points:
        return Points(self.values, not self.but, not self.absent)

    @property
    def is_empty(self) -> bool:
        return not self.absent and not self.but and not self.values

    def example(self) -> Any:
        if not self.but and self.values:
            return sorted(self.values, key=str)[0]
        if self.but:
            word = "…"
            while word in self.values:
                word += "…"
            return word
        return None


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans of an ordered line, ascending and apart from each other. `whole`: only whole numbers count."""

    spans: tuple[Span, ...] = ()
    absent: bool = False
    whole: bool = False

    def meet(self, other: Domain) -> Spans:
        assert isinstance(other, Spans)
        found = [(_later(a, c), _sooner(b, d)) for a, b in self.spans for c, d in other.spans]
        kept = tuple(span for span in found if _is_span(span))
        return Spans(kept, self.absent and other.absent, self.whole or other.whole)

    def complement(self) -> Spans:
        found: list[Span] = []
        start: Cut = None
        is_open = True
        for low, high in self.spans:
            if low is not None:
                found.append((start, low))
            if high is None:
                is_open = False
                break
            start = high
        if is_open:
            found.append((start, None))
        return replace(self, spans=tuple(span for span in found if _is_span(span)), absent=not self.absent)

    @property
    def is_empty(self) -> bool:
        return not self.absent and all(_inside(span, whole=self.whole) is None for span in self.spans)

    def example(self) -> Any:
        found = (_inside(span, whole=self.whole) for span in self.spans)
        return next((value for value in found if value is not None), None)


Domain = Points | Spans


def points(values: Iterable[Any]) -> Points:
    return Points(frozenset(values))


def at(values: Iterable[Any]) -> Spans:
    """The spans of single values."""
    return Spans(tuple(((value, 0), (value, 1)) for value in sorted(set(values))))


def covers(wide: Domain, narrow: Domain) -> bool:
    """Whether every value of `narrow` is in `wide`."""
    return type(wide) is type(narrow) and narrow.meet(wide.complement()).is_empty


def _later(one: Cut, other: Cut) -> Cut:
    return other if one is None else one if other is None else max(one, other)


def _sooner(one: Cut, other: Cut) -> Cut:
    return other if one is None else one if other is None else min(one, other)


def _is_span(span: Span) -> bool:
    low, high = span
    return low is None or high is None or low < high


def _inside(span: Span, *, whole: bool) -> Any:
    """A value of a span; None when there is none. Of an unknown line without ends: nought."""
    low, high = span
    if low is None and high is None:
        return 0 if whole else Decimal(0)
    if isinstance((low or high or (0, 0))[0], int | Decimal):
        return _number(low, high, whole=whole)
    if low is not None and low[1] == 0:
        return low[0]
    if high is not None and high[1] == 1:
        return high[0]
    value, step = (low[0], 1) if low is not None else (high[0], -1)  # type: ignore[index]
    moved = _moved(value, step)
    return value if moved is None else moved  # dense enough: seconds and days between two ends are not counted


def _number(low: Cut, high: Cut, *, whole: bool) -> Any:
    if whole:
        if low is None:
            assert high is not None
            return floor(high[0]) if high[1] == 1 or floor(high[0]) != high[0] else floor(high[0]) - 1
        found = ceil(low[0]) if low[1] == 0 else floor(low[0]) + 1
        return found if high is None or (found, 1) <= high else None
    if low is not None and low[1] == 0:
        return low[0]
    if high is not None and high[1] == 1:
        return high[0]
    if low is not None and high is not None:
        return (Decimal(low[0]) + Decimal(high[0])) / 2
    return low[0] + 1 if low is not None else high[0] - 1  # type: ignore[index]


def _moved(value: Any, step: int) -> Any:
    try:
        if isinstance(value, datetime):
            return value + timedelta(minutes=step)
        if isinstance(value, date):
            return value + timedelta(days=step)
        if isinstance(value, time):
            moved = datetime.combine(date(2026, 1, 2), value) + timedelta(minutes=step)
            return moved.time() if moved.date() == date(2026, 1, 2) else None
    except OverflowError:
        return None
    return None
