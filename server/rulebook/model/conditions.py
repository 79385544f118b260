"""The nodes of `when`: comparisons, groups, conditions over child rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as _field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Operand:
    """The right side of a comparison: a literal, `{"path": ...}` or `{"expr": ...}`."""

    kind: Literal["literal", "path", "expr"]
    value: Any = None


NOTHING = Operand("literal", None)


@dataclass(frozen=True, slots=True)
class Compare:
    """`[path, operator, value]`."""

    path: str
    operator: str
    value: Operand
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """`{"all": [...]}`, `{"any": [...]}` or `{"none": [...]}`; an empty `all` holds, an empty `any` does not."""

    kind: Literal["all", "any", "none"]
    items: tuple[Condition, ...]
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """A condition over child rows. `all_rows` of an empty table holds; `count_rows` compares the number of rows."""

    kind: Literal["any_row", "all_rows", "no_row", "count_rows"]
    table: str
    where: tuple[Condition, ...]
    operator: str = ""
    count: Operand = NOTHING
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Expr:
    """`{"expr": "..."}`: an expression that is true."""

    source: str
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Concluded:
    """`{"concluded": "name"}`: another rule has come to this conclusion."""

    name: str
    at: str = _field(default="", compare=False)


Condition = Compare | Group | Rows | Expr | Concluded


def walk(conditions: tuple[Condition, ...]) -> Iterator[Condition]:
    """Every condition of a tree, those inside groups and row conditions included."""
    for item in conditions:
        yield item
        if isinstance(item, Group):
            yield from walk(item.items)
        elif isinstance(item, Rows):
            yield from walk(item.where)
