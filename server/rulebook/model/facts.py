"""The named values that a rule asks for before its conditions are judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as _field

from ..periods import Period
from .conditions import Condition

PAIRS: Mapping[str, str] = {"hours_between": "number", "working_hours_after": "datetime"}
"""Facts about two fields of the record itself, and the kind of their value."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value: over other records (`of`), over the record's own rows (`table`), or between two of its times.

    With `each` (a child table) every row of it has its own. `lock` is a Link: whoever asks about the record it leads to
    with the same lock waits until this save has ended.
    """

    name: str
    function: str  # count, exists, sum, min, max, avg, first, list, or one of PAIRS
    of: str | None = None
    table: str | None = None
    field: str | None = None
    where: tuple[Condition, ...] = ()
    order_by: str | None = None
    period: Period | None = None
    between: tuple[str, ...] = ()
    each: str | None = None
    lock: str | None = None
    at: str = _field(default="", compare=False)
