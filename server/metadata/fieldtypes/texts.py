"""Text field types: Data, Small Text, Text, Long Text, Text Editor, Select, Read Only."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import nh3

from ...core.text import Text
from .base import EQUALITY, FieldType, ValueRefused

if TYPE_CHECKING:
    from ..model import DocField

DATA_LENGTH = 140  # Frappe's varchar(140)
LONG_TEXT_LENGTH = 1_000_000
_PICTURED = re.compile(r"<(img|hr|table)\b")
_BLOCK_END = re.compile(r"<br\s*/?>|</(p|div|li|tr|td|th|h[1-6]|blockquote|pre)>")


class TextType(FieldType):
    def __init__(self, name: str, widget: str, max_length: int) -> None:
        super().__init__(name, widget)
        self._max_length = max_length

    def parse(self, value: Any, item: DocField) -> str | None:
        if value is None:
            return None
        if isinstance(value, bool | dict | list):
            raise ValueRefused(Text("应为文字", "expected text"))
        text = str(value).replace("\r\n", "\n")
        if "\x00" in text:
            raise ValueRefused(Text("含有不可见的空字符（NUL），请删除", "contains a NUL character; please remove it"))
        limit = item.length or self._max_length
        if len(text) > limit:
            raise ValueRefused(
                Text(
                    f"有 {len(text):,} 个字符，最多 {limit:,} 个",
                    f"has {len(text):,} characters; at most {limit:,} are allowed",
                )
            )
        return text if text.strip() else None


class RichTextType(TextType):
    """HTML written in the editor; only harmless markup is kept."""

    def parse(self, value: Any, item: DocField) -> str | None:
        text = super().parse(value, item)
        cleaned = nh3.clean(text) if text else None
        return cleaned if cleaned and (plain_text(cleaned) or _PICTURED.search(cleaned)) else None


def plain_text(rich: str) -> str:
    """The words of rich text, its blocks divided by a space."""
    bare = nh3.clean(_BLOCK_END.sub(" ", rich), tags=set())
    return " ".join(unescape(bare).split())


class SelectType(TextType):
    operators = EQUALITY

    def parse(self, value: Any, item: DocField) -> str | None:
        text = super().parse(value, item)
        if text is None:
            return None
        text = text.strip()
        if item.choices and text not in item.choices:
            zh = "、".join(item.choice_label(choice).zh for choice in item.choices)
            en = ", ".join(item.choices)
            raise ValueRefused(Text(f"“{text}”不在可选值之中：{zh}", f'"{text}" is not one of: {en}'))
        return text


TEXT_TYPES: tuple[FieldType, ...] = (
    TextType("Data", "input", DATA_LENGTH),
    TextType("Small Text", "textarea", 10_000),
    TextType("Text", "textarea", 100_000),
    TextType("Long Text", "textarea", LONG_TEXT_LENGTH),
    RichTextType("Text Editor", "editor", LONG_TEXT_LENGTH),
    TextType("Read Only", "readonly", 10_000),
    SelectType("Select", "select", DATA_LENGTH),
)
