"""Layout field types: breaks and fixed HTML. They hold no value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .base import FieldType, Kind

if TYPE_CHECKING:
    from ..model import DocField


class LayoutType(FieldType):
    kind: ClassVar[Kind | None] = None
    is_layout: ClassVar[bool] = True
    operators = ()

    def parse(self, value: Any, item: DocField) -> None:
        return None


LAYOUT_TYPES: tuple[FieldType, ...] = (
    LayoutType("Section Break", "section"),
    LayoutType("Column Break", "column"),
    LayoutType("Tab Break", "tab"),
    LayoutType("HTML", "html"),
)
