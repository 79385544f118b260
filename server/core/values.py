"""Plain values: their JSON form, their canonical form for hashes, exact numbers.

A record holds `None`, `str`, `int`, `Decimal`, `date`, aware UTC `datetime`, `time`, a signature (a dict) and lists of rows.
Empty text is `None`: "not filled in" has one form, in the store, in rules and in expressions.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import orjson


class Masked(str):
    """What a reader sees of a value that is not shown to them in full; never a value itself, whatever the field's type."""

    __slots__ = ()


PLAIN = frozenset((str, int, bool, type(None)))  # types of values that are their own JSON form
_DAY_OR_HOUR, _SEVERAL = (date, time), (list, tuple)
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def to_json(value: Any) -> Any:
    """The JSON form: exact numbers as text-free numbers, times in ISO 8601 (UTC with `Z`)."""
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is date:
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return _utc_text(value) if value.tzinfo is UTC else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, _DAY_OR_HOUR):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, _SEVERAL):
        return [to_json(item) for item in value]
    return value


@lru_cache(maxsize=64)
def _utc_text(value: datetime) -> str:
    """Of a moment in UTC. Remembered, for everything that one transaction writes is of one moment."""
    return value.isoformat().replace("+00:00", "Z")


def canonical(value: Any) -> str:
    """One text for one content, whatever the order of keys or trailing zeros: the input of every content hash."""
    return _CANONICAL.encode(_canonical(value))


def canonical_without_floats(value: Any) -> str:
    """`canonical` of what holds no float, in a third of the time: floats alone are written otherwise."""
    try:
        return orjson.dumps(value, default=_canonical, option=_SORTED).decode()
    except TypeError:  # an integer of more than 64 bits, a key that is no text, half a character
        return canonical(value)


def _canonical(value: Any) -> Any:
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind is date:
        return value.isoformat()
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, _DAY_OR_HOUR):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, _SEVERAL):
        return [_canonical(item) for item in value]
    return value


@lru_cache(maxsize=64)
def moment_text(value: datetime) -> str:
    """A moment in UTC with all its digits. Remembered, for everything that one transaction writes is of one moment."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def plain_number(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros: `1E+2` reads `100`, `10.50` reads `10.5`."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def to_decimal(value: object) -> Decimal | None:
    """An exact number from an int, float (by its shortest text), Decimal or text; None where it is not a finite number."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = (
            Decimal(repr(value))
            if isinstance(value, float)
            else Decimal(value if isinstance(value, int | Decimal) else str(value).strip())
        )
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None
