"""Table and Table MultiSelect: child rows, stored in the table of the child DocType."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from ...core.text import Text
from .base import Cell, FieldType, Kind, Print, ValueRefused

if TYPE_CHECKING:
    from ..model import DocField

MAX_ROWS = 10_000


class TableType(FieldType):
    kind: ClassVar[Kind | None] = None
    holds_rows: ClassVar[bool] = True
    operators = ()

    def parse(self, value: Any, item: DocField) -> list[dict[str, Any]]:
        """The rows as plain dictionaries; their values are read column by column by the document service."""
        if value in (None, ""):
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise ValueRefused(Text("应为行的列表", "expected a list of rows"))
        if len(value) > MAX_ROWS:
            raise ValueRefused(
                Text(f"有 {len(value)} 行，最多 {MAX_ROWS} 行", f"has {len(value)} rows; at most {MAX_ROWS} are allowed")
            )
        return [dict(row) for row in value]

    def cell(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> Cell:
        return None  # rows have lines of their own


class MultiSelectType(TableType):
    """Rows of one link each, shown as tags."""

    print_as: Print = "tags"


TABLE_TYPES: tuple[FieldType, ...] = (TableType("Table", "grid"), MultiSelectType("Table MultiSelect", "tags"))
