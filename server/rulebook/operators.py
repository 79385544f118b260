"""The registry of comparison operators: what each is called, which kinds of value it takes, what it expects, when it holds.

Comparison with an absent value is false, whatever the operator, except `is`, and `=`/`!=` with a literal null. `family` says
what a test is given: `plain` (actual, expected), `old` (actual, old value, expected), `time` (actual, expected, Moment).
"""

from __future__ import annotations

import operator as standard
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from ..core.text import Text
from ..metadata.fieldtypes import times

Expects = Literal["value", "list", "pair", "setness", "nothing", "percent", "duration", "moment"]
Family = Literal["plain", "old", "time"]

SCALARS = frozenset({"text", "number", "check", "date", "datetime", "time"})
ORDERED = frozenset({"number", "date", "datetime", "time"})
TIMES = frozenset({"date", "datetime"})
EVERYTHING = SCALARS | {"json", "rows", "list"}


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, as an instant and as a day where the site is."""

    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Operator:
    name: str
    label: Text
    kinds: frozenset[str]
    expects: Expects
    test: Callable[..., bool]
    family: Family = "plain"


def is_absent(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def as_day(value: date | datetime) -> date:
    return value.astimezone(times.SITE_ZONE).date() if isinstance(value, datetime) else value


def aligned(actual: Any, expected: Any) -> tuple[Any, Any]:
    """A day and an instant are compared as days where the site is; anything else as it is."""
    if (
        isinstance(actual, date)
        and isinstance(expected, date)
        and isinstance(actual, datetime) != isinstance(expected, datetime)
    ):
        return as_day(actual), as_day(expected)
    return actual, expected


def _in(actual: Any, expected: Any) -> bool:
    return any(aligned(actual, item)[0] == aligned(actual, item)[1] for item in expected or () if item is not None)


def _between(actual: Any, pair: Any) -> bool:
    low, high = pair
    if low is None or high is None:
        return False
    (at_low, low), (at_high, high) = aligned(actual, low), aligned(actual, high)
    return bool(low <= at_low and at_high <= high)


def _changed(actual: Any, old: Any, expected: Any) -> bool:
    return (actual != old) is (expected is not False)


def _was(actual: Any, old: Any, expected: Any) -> bool:
    return bool(old is not None and old == expected)


def _increased(actual: Any, old: Any, percent: Any) -> bool:
    if actual is None or old is None or percent is None or not old:
        return False
    return bool((actual - old) * 100 > abs(old) * percent)


def _decreased(actual: Any, old: Any, percent: Any) -> bool:
    if actual is None or old is None or percent is None or not old:
        return False
    return bool((old - actual) * 100 > abs(old) * percent)


def _older_than(actual: date | datetime, length: timedelta, at: Moment) -> bool:
    return actual <= at.now - length if isinstance(actual, datetime) else actual <= at.today - length


def _within(actual: date | datetime, length: timedelta, at: Moment) -> bool:
    if isinstance(actual, datetime):
        start, end = sorted((at.now, at.now + length))
        return start <= actual <= end
    first, last = sorted((at.today, at.today + length))
    return first <= actual <= last


def _before(actual: Any, expected: Any, at: Moment) -> bool:
    left, right = aligned(actual, moment(expected, at))
    return bool(right is not None and left < right)


def _after(actual: Any, expected: Any, at: Moment) -> bool:
    left, right = aligned(actual, moment(expected, at))
    return bool(right is not None and left > right)


def moment(value: Any, at: Moment) -> Any:
    """`now` and `today` as they are at this moment."""
    return at.now if value == "now" else at.today if value == "today" else value


_ALL = (
    Operator("=", Text("等于", "is"), SCALARS, "value", standard.eq),
    Operator("!=", Text("不等于", "is not"), SCALARS, "value", standard.ne),
    Operator(">", Text("大于", "is more than"), ORDERED, "value", standard.gt),
    Operator(">=", Text("不小于", "is at least"), ORDERED, "value", standard.ge),
    Operator("<", Text("小于", "is less than"), ORDERED, "value", standard.lt),
    Operator("<=", Text("不大于", "is at most"), ORDERED, "value", standard.le),
    Operator("between", Text("介于（含两端）", "is between (both ends included)"), ORDERED, "pair", _between),
    Operator("in", Text("属于", "is one of"), SCALARS, "list", _in),
    Operator("not in", Text("不属于", "is none of"), SCALARS, "list", lambda actual, expected: not _in(actual, expected)),
    Operator("contains", Text("包含", "contains"), frozenset({"text", "list"}), "value", standard.contains),
    Operator(
        "not contains",
        Text("不包含", "does not contain"),
        frozenset({"text", "list"}),
        "value",
        lambda actual, expected: expected not in actual,
    ),
    Operator("starts with", Text("开头为", "starts with"), frozenset({"text"}), "value", str.startswith),
    Operator(
        "is", Text("为", "is"), EVERYTHING, "setness", lambda actual, expected: is_absent(actual) is (expected == "not set")
    ),
    Operator("changed", Text("已更改", "was changed"), EVERYTHING, "nothing", _changed, "old"),
    Operator("was", Text("原为", "was"), SCALARS, "value", _was, "old"),
    Operator(
        "increased_by_percent",
        Text("涨幅超过（%）", "rose by more than (%)"),
        frozenset({"number"}),
        "percent",
        _increased,
        "old",
    ),
    Operator(
        "decreased_by_percent",
        Text("降幅超过（%）", "fell by more than (%)"),
        frozenset({"number"}),
        "percent",
        _decreased,
        "old",
    ),
    Operator("older_than", Text("距今至少", "is at least this long ago:"), TIMES, "duration", _older_than, "time"),
    Operator("within", Text("在此时间内：", "is within"), TIMES, "duration", _within, "time"),
    Operator("before", Text("早于", "is before"), TIMES, "moment", _before, "time"),
    Operator("after", Text("晚于", "is after"), TIMES, "moment", _after, "time"),
)

OPERATORS: dict[str, Operator] = {item.name: item for item in _ALL}
COUNT_OPERATORS = ("=", "!=", ">", ">=", "<", "<=", "between", "in", "not in")
FACT_OPERATORS = ("=", "!=", ">", ">=", "<", "<=", "in", "not in", "between", "is")  # what the query service can ask
