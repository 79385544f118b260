"""What a decision table is: immutable, as read from its JSON by `read`. Cells are still the text that people write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as _field
from typing import Any, ClassVar, Literal

from ...core.text import EMPTY, Text

HitPolicy = Literal["unique", "first", "any", "priority", "collect"]
Aggregate = Literal["list", "sum", "min", "max", "count"]
HIT_POLICIES: tuple[HitPolicy, ...] = ("unique", "first", "any", "priority", "collect")
AGGREGATES: tuple[Aggregate, ...] = ("list", "sum", "min", "max", "count")
OUTPUT_KINDS = ("set", "block", "warn", "require_approval", "oblige", "notify")
TO_ROLES = ("require_approval", "oblige", "notify")  # their cells are roles
INPUT_TYPES = ("number", "text", "check", "date", "datetime", "time")
PARENT = "parent."
MAX_ROWS = 1000
MAX_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class Input:
    """A column that is compared: a path (field, field of a linked record, fact, user), or an expression with its type."""

    path: str = ""
    expr: str = ""
    type: str = ""
    label: Text = EMPTY
    at: str = _field(default="", compare=False)

    @property
    def name(self) -> str:
        return self.path or f"= {self.expr}"


@dataclass(frozen=True, slots=True)
class Output:
    """A column that follows.

    `set` fills `field` with the cell; `block` and `warn` say the cell (the form jumps to `field`); `require_approval` asks
    the role in the cell, under the terms in `approval`. `values` are the possible cells, the most urgent first, for the hit
    policy `priority`; `oblige` and `notify` ask and tell the role in the cell, under `terms`; `default` stands when no row hits.
    """

    kind: str
    field: str = ""
    label: Text = EMPTY
    values: tuple[str, ...] = ()
    default: str | Text | None = None
    approval: Mapping[str, Any] = _field(default_factory=dict)
    terms: Any = None  # of `oblige` and `notify`: the consequence, whose role the cell says
    at: str = _field(default="", compare=False)

    @property
    def name(self) -> str:
        return f"{self.kind} {self.field}".strip()

    @property
    def is_of_record(self) -> bool:
        """Whether an output of a table over rows is a field of the record."""
        return self.field.startswith(PARENT)

    @property
    def is_said(self) -> bool:
        """Whether its cells are texts for people."""
        return self.kind in ("block", "warn")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the cells of the inputs, then those of the outputs."""

    when: tuple[str, ...]
    then: tuple[str | Text, ...]
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A consequence that looks its answer up. `complete` promises that some row hits whatever the values are.

    With `each` it is asked for every row that it chooses: inputs and outputs are then the row's, and an output `parent.x` collects
    over all of them into a field of the record.
    """

    kind: ClassVar[str] = "table"
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Row, ...]
    hit: HitPolicy = "unique"
    aggregate: Aggregate = "list"
    complete: bool = False
    each: Any = None
    at: str = _field(default="", compare=False)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of consequence it can have, in the words of rule tests."""
        return tuple(dict.fromkeys(item.kind for item in self.outputs))

    @property
    def is_blocking(self) -> bool:
        return any(kind in ("block", "require_approval") for kind in self.kinds)

    @property
    def sets(self) -> tuple[str, ...]:
        """The paths of the fields that it sets, from the record."""
        return tuple(self.path_of(item) for item in self.outputs if item.kind == "set")

    def path_of(self, output: Output) -> str:
        """The field of an output as a path from the record."""
        if self.each is None:
            return output.field
        return output.field.removeprefix(PARENT) if output.is_of_record else f"{self.each.table}.{output.field}"
