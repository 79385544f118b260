"""`Sight`: which fields of a record a reader sees, and which of those only masked."""

from __future__ import annotations

from dataclasses import dataclass

from ..metadata.model import DocField, DocType


@dataclass(frozen=True, slots=True)
class Sight:
    """The permlevels whose fields are seen, and those whose masked fields (`mask`) are seen in full. Child columns follow their record's."""

    levels: frozenset[int] = frozenset()
    full: frozenset[int] = frozenset()

    def sees(self, item: DocField) -> bool:
        """Whether the field is shown at all, be it masked."""
        return item.permlevel in self.levels

    def masks(self, item: DocField) -> bool:
        """Whether the field is shown with most of it left out; in a table its columns say so, not the table."""
        return item.mask and item.type.kind is not None and item.permlevel not in self.full

    def sees_plainly(self, item: DocField) -> bool:
        """Whether the value itself is known to the reader, so that it may be filtered, sorted and searched by."""
        return self.sees(item) and not self.masks(item)

    def masked_fields(self, doctype: DocType) -> tuple[DocField, ...]:
        return tuple(item for item in doctype.masked_fields if self.masks(item))
