"""What a field type is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ...core.text import Text
from ...core.values import to_json

if TYPE_CHECKING:
    from ..model import DocField

Kind = Literal["text", "integer", "decimal", "date", "datetime", "time", "json"]

EQUALITY = ("=", "!=", "in", "not in", "is")
ORDERED = (*EQUALITY, ">", ">=", "<", "<=", "between")
TEXTUAL = (*EQUALITY, "like", "not like")


class ValueRefused(ValueError):
    """A value does not fit its field; `text` says what was expected, without naming the field."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class FieldType:
    """How one Frappe field type is stored, read, compared and shown. Stateless; one instance per type."""

    kind: ClassVar[Kind | None] = "text"  # None: no column
    holds_rows: ClassVar[bool] = False
    is_layout: ClassVar[bool] = False
    operators: ClassVar[tuple[str, ...]] = TEXTUAL
    max_length: ClassVar[int] = 0  # characters; 0: only the site's cap on a record applies

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

    def __repr__(self) -> str:
        return f"<FieldType {self.name}>"
