"""Link and Dynamic Link: the name of another record. That it exists is checked by the document service, in one query each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...core.text import Text
from .base import TEXTUAL, FieldType, ValueRefused, refuse_nul

if TYPE_CHECKING:
    from ..model import DocField


class LinkType(FieldType):
    operators = TEXTUAL

    def parse(self, value: Any, item: DocField) -> str | None:
        if value is None:
            return None
        if isinstance(value, bool | dict | list):
            raise ValueRefused(Text("应为一条记录的编号", "expected the name of a record"))
        text = str(value).strip()
        refuse_nul(text)
        if len(text) > 140:
            raise ValueRefused(Text("编号最多 140 个字符", "a name has at most 140 characters"))
        return text or None


LINK_TYPES: tuple[FieldType, ...] = (LinkType("Link", "link"), LinkType("Dynamic Link", "dynamic-link"))
