"""The hit policies: which of the rows that match speak, and what becomes of their values.

One small class per policy, registered by name. A policy sees rows as numbers and their output values; it reads no record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ...core.text import Text

Values = tuple[Any, ...]  # the output values of one row


class Contradiction(ValueError):
    """More rows match than the policy allows."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row that may hit: its number from 1, its values, and its rank among the priorities (smaller is more urgent)."""

    number: int
    values: Values
    rank: tuple[int, ...] = ()


def unique(matching: Sequence[Ranked]) -> Sequence[Ranked]:
    if len(matching) > 1:
        raise Contradiction(_several(matching, Text("命中策略 unique 只允许一行", "the hit policy unique allows one")))
    return matching


def first(matching: Sequence[Ranked]) -> Sequence[Ranked]:
    return matching[:1]


def any_(matching: Sequence[Ranked]) -> Sequence[Ranked]:
    if any(row.values != matching[0].values for row in matching[1:]):
        raise Contradiction(_several(matching, Text("而它们的结果不同", "and their outputs differ")))
    return matching[:1]


def priority(matching: Sequence[Ranked]) -> Sequence[Ranked]:
    return sorted(matching, key=lambda row: (row.rank, row.number))[:1]


def collect(matching: Sequence[Ranked]) -> Sequence[Ranked]:
    return matching


POLICIES: Mapping[str, Callable[[Sequence[Ranked]], Sequence[Ranked]]] = {
    "unique": unique,
    "first": first,
    "any": any_,
    "priority": priority,
    "collect": collect,
}

STOPS_AT_FIRST = frozenset({"first"})  # policies that need not look at the rows after the one that hits


def aggregated(aggregate: str, values: Sequence[Any]) -> Any:
    """One value from those of all rows that hit; None when there is none to make it from."""
    if aggregate == "count":
        return len(values)
    given = [value for value in values if value is not None]
    if not given:
        return None
    if aggregate == "sum":
        return sum(given, Decimal(0))
    if aggregate in ("min", "max"):
        return min(given) if aggregate == "min" else max(given)
    return list(dict.fromkeys(given))


def _several(matching: Sequence[Ranked], why: Text) -> Text:
    numbers = [str(row.number) for row in matching[:10]]
    return Text(
        f"决策表第 {'、'.join(numbers)} 行同时符合，{why.zh}",
        f"rows {', '.join(numbers)} of the decision table match at once, {why.en}",
    )
