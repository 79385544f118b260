"""What a field type is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from ...core.text import Text
from ...core.values import plain_number, to_json

if TYPE_CHECKING:
    from ..model import DocField

Kind = Literal["text", "integer", "decimal", "date", "datetime", "time", "json"]
# How a value stands on paper: words on one line, in the middle or to the right; lines kept; marked-up text; a box to tick.
Print = Literal[
    "words",
    "centered",
    "number",
    "lines",
    "long",
    "code",
    "rich",
    "markdown",
    "check",
    "picture",
    "signature",
    "tags",
    "barcode",
]

Cell = str | int | float | Decimal | date | datetime | time | None  # what a spreadsheet's cell holds

EQUALITY = ("=", "!=", "in", "not in", "is")
ORDERED = (*EQUALITY, ">", ">=", "<", "<=", "between")
TEXTUAL = (*EQUALITY, "like", "not like")


class ValueRefused(ValueError):
    """A value does not fit its field; `text` says what was expected, without naming the field."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def refuse_nul(text: str) -> None:
    """A NUL character can be seen nowhere, and databases neither keep it nor look for it. Raises ValueRefused."""
    if "\x00" in text:
        raise ValueRefused(Text("含有不可见的空字符（NUL），请删除", "contains a NUL character; please remove it"))


class FieldType:
    """How one Frappe field type is stored, read, compared and shown. Stateless; one instance per type."""

    kind: ClassVar[Kind | None] = "text"  # None: no column
    holds_rows: ClassVar[bool] = False
    is_layout: ClassVar[bool] = False
    is_short: ClassVar[bool] = True  # fit for an index; long texts are not
    is_secret: ClassVar[bool] = False  # sealed in storage, never shown again
    operators: ClassVar[tuple[str, ...]] = TEXTUAL
    print_as: Print = "words"

    empty: ClassVar[Any] = None  # what `parse` makes of nothing, of types that hold no rows

    def __init__(self, name: str, widget: str) -> None:
        self.name = name
        self.widget = widget

    def parse(self, value: Any, item: DocField) -> Any:
        """The plain value for what a form, a JSON body or a file holds; empty text becomes None.

        Raises ValueRefused when it does not fit.
        """
        raise NotImplementedError

    def to_json(self, value: Any) -> Any:
        return to_json(value)

    def choices(self, item: DocField) -> Sequence[tuple[str, Text]]:
        """What a form offers to choose from: the text of an input and what people read; nothing for free input."""
        return ()

    def input_text(self, value: Any, zone: ZoneInfo) -> str:
        """The text of an input: dates in ISO form, moments in the site's zone to the minute. `parse` reads it back."""
        return input_text(value, zone)

    def words(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> str:
        """What a person reads for a value, in a list, a timeline or a closed field; link titles are looked up elsewhere."""
        return self.input_text(value, zone)

    def cell(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> Cell:
        """What a spreadsheet's cell holds for a value; `from_cell` reads it back. A text is written as text, never as a formula."""
        return self.input_text(value, zone) or None

    def from_cell(self, cell: Cell, item: DocField, zone: ZoneInfo) -> Any:
        """The plain value for a cell as readers of spreadsheets give it: there a number on a phone's column is a float.

        Raises ValueRefused when it does not fit.
        """
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        if isinstance(cell, datetime) and cell.tzinfo is None:  # a sheet's clock is the site's; a day has midnight there
            cell = cell.date() if cell.time() == time() else cell.replace(tzinfo=zone)
        return self.parse(input_text(cell, zone) if isinstance(cell, date | time) else cell, item)

    def __repr__(self) -> str:
        return f"<FieldType {self.name}>"


def input_text(value: Any, zone: ZoneInfo) -> str:
    """The text of an input for a value of no particular field type."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M") if not value.second else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, dict):
        return json.dumps(to_json(value), ensure_ascii=False)
    return str(value)
