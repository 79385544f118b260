"""The operators, typed and capped: numbers exact, absent values null, no result larger than a page of text.

Numbers are Decimal (28 digits) whatever they came as; an operator that does not fit its operands gives null. Only a result past 10^60
raises: `OutOfRange`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from .errors import OutOfRange

MAX_TEXT = 100_000
EXACT = Context(prec=28, rounding=ROUND_HALF_EVEN, Emin=-60, Emax=60, traps=[InvalidOperation, DivisionByZero, Overflow])


def number(value: Any) -> Decimal | None:
    """The exact number a value is; texts and dates are none. True and false count 1 and 0."""
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value)) if value == value and abs(value) != float("inf") else None
    return None


def truth(value: Any) -> bool:
    """As in JavaScript: null, false, 0 and empty text are false; every list is true, also an empty one."""
    if isinstance(value, list | tuple | dict):
        return True
    return bool(value)


def text(value: Any) -> str:
    """The text of a value as it joins other text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | float):
        return plain(number(value) or Decimal(0))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ",".join(text(item) for item in value)[:MAX_TEXT]
    return "" if isinstance(value, dict) else str(value)  # a row has no text


def plain(value: Decimal) -> str:
    """A number without exponent and trailing zeros."""
    shown = format(value, "f")
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "0" if shown in ("-0", "") else shown


def same(left: Any, right: Any) -> bool:
    """`==` without JavaScript's surprises: only like is equal to like; a date equals its ISO text."""
    if left is None or right is None:
        return left is None and right is None
    a, b = number(left), number(right)
    if a is not None or b is not None:
        return a is not None and b is not None and a == b
    left, right = _comparable(left, right)
    return bool(type(left) is type(right) and left == right)


def order(left: Any, right: Any) -> int | None:
    """-1, 0 or 1; null where two values have no order."""
    a, b = number(left), number(right)
    if a is not None and b is not None:
        return (a > b) - (a < b)
    if left is None or right is None or a is not None or b is not None:
        return None
    left, right = _comparable(left, right)
    if type(left) is not type(right) or isinstance(left, list | tuple | dict):
        return None
    return int(left > right) - int(left < right)


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Two values on common ground: moments as moments, a date with a moment as dates, ISO text as what it names."""
    if isinstance(left, str) and isinstance(right, date):
        left = moment(left) or left
    elif isinstance(right, str) and isinstance(left, date):
        right = moment(right) or right
    if isinstance(left, datetime) != isinstance(right, datetime) and isinstance(left, date) and isinstance(right, date):
        left = left.date() if isinstance(left, datetime) else left
        right = right.date() if isinstance(right, datetime) else right
    if isinstance(left, datetime) and isinstance(right, datetime) and (left.tzinfo is None) != (right.tzinfo is None):
        left, right = left.replace(tzinfo=None), right.replace(tzinfo=None)
    return left, right


def moment(value: Any) -> date | None:
    """A date or datetime from a value or its ISO text."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and 8 <= len(value) <= 40:
        try:
            return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            return None
    return None


def _exactly(work: Callable[[Decimal, Decimal], Decimal], left: Any, right: Any) -> Decimal | None:
    a, b = number(left), number(right)
    if a is None or b is None:
        return None
    try:
        found = work(a, b)
    except Overflow:
        raise OutOfRange from None
    except (InvalidOperation, DivisionByZero):
        return None
    return found if found.is_finite() else None


def add(left: Any, right: Any) -> Any:
    """Numbers are added; with a text on either side the texts are joined."""
    if isinstance(left, str) or isinstance(right, str):
        return (text(left) + text(right))[:MAX_TEXT]
    return _exactly(EXACT.add, left, right)


def subtract(left: Any, right: Any) -> Decimal | None:
    return _exactly(EXACT.subtract, left, right)


def multiply(left: Any, right: Any) -> Decimal | None:
    return _exactly(EXACT.multiply, left, right)


def divide(left: Any, right: Any) -> Decimal | None:
    """Division by zero is null."""
    return _exactly(EXACT.divide, left, right)


def remainder(left: Any, right: Any) -> Decimal | None:
    return _exactly(EXACT.remainder, left, right)


def _ordered(holds: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        found = order(left, right)
        return found is not None and holds(found)

    return compare


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": remainder,
    "==": same,
    "!=": lambda left, right: not same(left, right),
    "<": _ordered(lambda sign: sign < 0),
    "<=": _ordered(lambda sign: sign <= 0),
    ">": _ordered(lambda sign: sign > 0),
    ">=": _ordered(lambda sign: sign >= 0),
}
