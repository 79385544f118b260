"""Layout field types: breaks, headings, fixed HTML, the picture of another field. They hold no value.

A Button calls a script in Frappe; here what staff can do comes from rules, workflows and `maps_from`, so that it shows nothing.
"""

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
    LayoutType("Fold", "section"),
    LayoutType("HTML", "html"),
    LayoutType("Heading", "heading"),
    LayoutType("Image", "image"),
    LayoutType("Button", "nothing"),
)
