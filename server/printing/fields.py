"""The shape of a record on paper: plain values in one language, the only metadata that reaches the worker process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ..core.values import plain_number
from ..metadata.fieldtypes import FieldType, Print, field_type

LONG: frozenset[Print] = frozenset({"long", "code", "rich", "markdown"})
WIDE: frozenset[Print] = LONG | {"lines"}
CENTERED: frozenset[Print] = frozenset({"check", "centered"})
FIXED_HTML = "HTML"  # a text of the form itself, in `options`


@dataclass(frozen=True, slots=True)
class PrintField:
    """One field or column; a table holds its columns."""

    fieldname: str
    fieldtype: str
    label: str
    options: str = ""
    choices: tuple[tuple[str, str], ...] = ()  # Select, Rating: (value as text, what to show)
    places: int | None = None
    is_month: bool = False  # a date that means its month (`show_as`)
    width: int = 0  # relative width of a column, from `columns`; 0: by its type
    printed: bool = True  # neither hidden nor print_hide
    columns: Mapping[str, PrintField] = field(default_factory=dict)

    @property
    def is_table(self) -> bool:
        return bool(self.columns)

    @property
    def type(self) -> FieldType:
        return field_type(self.fieldtype)

    @property
    def print_as(self) -> Print:
        return self.type.print_as

    def choice(self, value: object) -> str:
        text = plain_number(value) if isinstance(value, Decimal) else str(value)
        return dict(self.choices).get(text, text)


@dataclass(frozen=True, slots=True)
class PrintSection:
    """A heading and the fields under it, in reading order."""

    label: str
    fieldnames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Every field that a format may name, and the sections of the generated format."""

    fields: Mapping[str, PrintField] = field(default_factory=dict)
    sections: tuple[PrintSection, ...] = ()
