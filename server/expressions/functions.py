"""The fixed table of functions. Each takes plain values and gives one; what does not fit gives null.

`AGGREGATES` work over child rows: `sum(items.amount)`, `count(items, row.qty > 0)`; empty values are left out.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from .errors import OutOfRange
from .operators import EXACT, MAX_TEXT, add, moment, number, order, same, text, truth


@dataclass(frozen=True, slots=True)
class Function:
    run: Callable[..., Any]
    least: int
    most: int


def _rounded(value: Any, places: Any, rounding: str) -> Decimal | None:
    found, digits = number(value), number(places)
    if found is None or digits is None or not -12 <= digits <= 12:
        return None
    try:
        return found.quantize(Decimal(1).scaleb(-int(digits)), rounding=rounding, context=EXACT)
    except InvalidOperation:
        return found


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 0


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, str):
        return isinstance(part, str) and part in whole
    return any(same(item, part) for item in whole) if isinstance(whole, list | tuple) else False


def _index_of(whole: Any, part: Any) -> int:
    if isinstance(whole, str):
        return whole.find(part) if isinstance(part, str) else -1
    if isinstance(whole, list | tuple):
        return next((index for index, item in enumerate(whole) if same(item, part)), -1)
    return -1


def _extreme(sign: int) -> Callable[..., Any]:
    def choose(*values: Any) -> Any:
        found = None
        for value in values:
            if value is not None and (found is None or order(value, found) == sign):
                found = value
        return found

    return choose


def _day(value: Any) -> date | None:
    found = moment(value)
    return found.date() if isinstance(found, datetime) else found


def _seconds(start: Any, end: Any) -> Decimal | None:
    a, b = moment(start), moment(end)
    if a is None or b is None:
        return None
    first, last = _midnight(a), _midnight(b)
    if (first.tzinfo is None) != (last.tzinfo is None):
        first, last = first.replace(tzinfo=None), last.replace(tzinfo=None)
    gap = last - first
    return Decimal(gap.days * 86_400 + gap.seconds) + Decimal(gap.microseconds) / 1_000_000


def _midnight(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


def _days_between(start: Any, end: Any) -> int | None:
    a, b = _day(start), _day(end)
    return None if a is None or b is None else (b - a).days


def _hours_between(start: Any, end: Any) -> Decimal | None:
    seconds = _seconds(start, end)
    return None if seconds is None else EXACT.divide(seconds, Decimal(3600))


def _add_days(value: Any, days: Any) -> date | None:
    found, shift = moment(value), number(days)
    if found is None or shift is None:
        return None
    try:
        return found + timedelta(days=int(shift))
    except OverflowError:
        raise OutOfRange from None


def _add_months(value: Any, months: Any) -> date | None:
    """The same day so many months later; the month's last day where it has no such day."""
    found, shift = moment(value), number(months)
    if found is None or shift is None:
        return None
    total = found.year * 12 + found.month - 1 + int(shift)
    year, month = divmod(total, 12)
    if not 1 <= year <= 9999:
        raise OutOfRange
    return found.replace(year=year, month=month + 1, day=min(found.day, calendar.monthrange(year, month + 1)[1]))


def _part(name: str) -> Callable[[Any], int | None]:
    return lambda value: getattr(found, name) if (found := _day(value)) is not None else None


def _on_text(work: Callable[[str], str]) -> Callable[[Any], str | None]:
    return lambda value: work(text(value))[:MAX_TEXT] if value is not None else None


def _number_in(value: Any) -> Decimal:
    """`cint` and `flt` of Frappe: a number, also out of a text; 0 where there is none."""
    found = number(value)
    if found is None and isinstance(value, str) and len(value) <= 40:
        try:
            found = EXACT.create_decimal(value.strip().replace(",", ""))
        except InvalidOperation:
            return Decimal(0)
    return found if found is not None and found.is_finite() else Decimal(0)


def _joined(values: Any, between: Any = ", ") -> str | None:
    return text(between).join(text(item) for item in values)[:MAX_TEXT] if isinstance(values, list | tuple) else None


def _is_set(value: Any) -> bool:
    return value is not None and value != "" and value != []


FUNCTIONS: dict[str, Function] = {
    "round": Function(lambda value, places=0: _rounded(value, places, ROUND_HALF_UP), 1, 2),
    "floor": Function(lambda value: _rounded(value, 0, ROUND_FLOOR), 1, 1),
    "ceil": Function(lambda value: _rounded(value, 0, ROUND_CEILING), 1, 1),
    "abs": Function(lambda value: None if number(value) is None else abs(number(value) or Decimal(0)), 1, 1),
    "min": Function(_extreme(-1), 1, 20),
    "max": Function(_extreme(1), 1, 20),
    "len": Function(_length, 1, 1),
    "upper": Function(_on_text(str.upper), 1, 1),
    "lower": Function(_on_text(str.lower), 1, 1),
    "trim": Function(_on_text(str.strip), 1, 1),
    "concat": Function(lambda *values: "".join(text(value) for value in values)[:MAX_TEXT], 1, 20),
    "join": Function(_joined, 1, 2),
    "contains": Function(_contains, 2, 2),
    "index_of": Function(_index_of, 2, 2),
    "in_list": Function(_contains, 2, 2),
    "startswith": Function(
        lambda whole, part: isinstance(whole, str) and isinstance(part, str) and whole.startswith(part), 2, 2
    ),
    "endswith": Function(lambda whole, part: isinstance(whole, str) and isinstance(part, str) and whole.endswith(part), 2, 2),
    "coalesce": Function(lambda *values: next((value for value in values if value is not None and value != ""), None), 1, 20),
    "is_set": Function(_is_set, 1, 1),
    "cint": Function(lambda value: _rounded(_number_in(value), 0, "ROUND_DOWN"), 1, 1),
    "flt": Function(lambda value, places=9: _rounded(_number_in(value), places, ROUND_HALF_UP), 1, 2),
    "date": Function(_day, 1, 1),
    "days_between": Function(_days_between, 2, 2),
    "hours_between": Function(_hours_between, 2, 2),
    "add_days": Function(_add_days, 2, 2),
    "add_months": Function(_add_months, 2, 2),
    "year": Function(_part("year"), 1, 1),
    "month": Function(_part("month"), 1, 1),
    "day": Function(_part("day"), 1, 1),
    # Decided by the compiler, since they look at the scope or leave a branch out.
    "if": Function(lambda: None, 3, 3),
    "today": Function(lambda: None, 0, 0),
    "now": Function(lambda: None, 0, 0),
}


def _sum(values: Sequence[Any]) -> Decimal:
    total = Decimal(0)
    for value in values:
        found = number(value)
        if found is not None:
            total = add(total, found)
    return total


def _average(values: Sequence[Any]) -> Decimal | None:
    numbers = [value for value in values if number(value) is not None]
    return EXACT.divide(_sum(numbers), Decimal(len(numbers))) if numbers else None


AGGREGATES: dict[str, Callable[[Sequence[Any]], Any]] = {
    "sum": _sum,
    "avg": _average,
    "min": lambda values: _extreme(-1)(*values),
    "max": lambda values: _extreme(1)(*values),
    "count": lambda values: sum(1 for value in values if truth(value)),
    "any": lambda values: any(truth(value) for value in values),
    "all": lambda values: all(truth(value) for value in values),
}
