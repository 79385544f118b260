"""Text field types: one line, several lines, marked-up text, code.

What is chosen from a list stands in `choices`; short texts with a form of their own in `phone` and `color`.
"""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

import nh3

from ...core.text import Text
from .base import FieldType, Print, ValueRefused, refuse_nul
from .phone import check_phone

if TYPE_CHECKING:
    from ..model import DocField

DATA_LENGTH = 140  # Frappe's varchar(140)
LONG_TEXT_LENGTH = 1_000_000
_NO_TEXT = (bool, dict, list)
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,.]+")
_WEB_ADDRESS = re.compile(r"(https?|ftp)://[^\s/]+\S*\Z|/\S*\Z", re.IGNORECASE)
_PICTURED = re.compile(r"<(img|hr|table)\b")
_BLOCK_END = re.compile(r"<br\s*/?>|</(p|div|li|tr|td|th|h[1-6]|blockquote|pre)>")


class TextType(FieldType):
    def __init__(self, name: str, widget: str, max_length: int) -> None:
        super().__init__(name, widget)
        self._max_length = max_length

    def parse(self, value: Any, item: DocField) -> str | None:
        if value is None:
            return None
        limit = item.length or self._max_length
        if type(value) is str and len(value) <= limit and "\r" not in value and "\x00" not in value:  # most of them
            return value if value and not value.isspace() else None
        if isinstance(value, _NO_TEXT):
            raise ValueRefused(Text("应为文字", "expected text"))
        text = str(value).replace("\r\n", "\n")
        refuse_nul(text)
        if len(text) > limit:
            raise ValueRefused(
                Text(
                    f"有 {len(text):,} 个字符，最多 {limit:,} 个",
                    f"has {len(text):,} characters; at most {limit:,} are allowed",
                )
            )
        return text if text.strip() else None


def is_web_address(text: str) -> bool:
    """Whether a link may lead there: a page of the web, or one of this server; never a script."""
    return bool(_WEB_ADDRESS.match(text))


class DataType(TextType):
    """One line. Frappe's `options` say what kind: Email, Phone, URL; others (Name, Barcode, IBAN) mean any text."""

    def parse(self, value: Any, item: DocField) -> str | None:
        text = super().parse(value, item)
        if text is None or not item.options:
            return text
        if item.options == "Email" and not all(_EMAIL.fullmatch(part.strip()) for part in text.split(",")):
            raise ValueRefused(
                Text(
                    f"“{text}”不是电子邮箱，应如 name@example.com",
                    f'"{text}" is not an e-mail address; expected e.g. name@example.com',
                )
            )
        if item.options == "URL" and not is_web_address(text):
            raise ValueRefused(
                Text(
                    f"“{text}”不是网址，应如 https://example.com",
                    f'"{text}" is not a web address; expected e.g. https://example.com',
                )
            )
        if item.options == "Phone":
            check_phone(text)
        return text


class BarcodeType(TextType):
    """A code on a label; shown and printed with its bars."""

    print_as: Print = "barcode"


class LongTextType(TextType):
    """Text of several lines."""

    is_short: ClassVar[bool] = False

    def __init__(self, name: str, widget: str, max_length: int, print_as: Print) -> None:
        super().__init__(name, widget, max_length)
        self.print_as = print_as


class JsonType(LongTextType):
    """Any JSON, kept as text the way Frappe keeps it: what was typed stays as it was typed."""

    def parse(self, value: Any, item: DocField) -> str | None:
        if isinstance(value, dict | list | bool | int | float):
            value = json.dumps(value, ensure_ascii=False)
        text = super().parse(value, item)
        if text is None:
            return None
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueRefused(Text(f"不是有效的 JSON（{error}）", f"this is not valid JSON ({error})")) from None
        return text


class RichTextType(LongTextType):
    """HTML; only harmless markup is kept."""

    def parse(self, value: Any, item: DocField) -> str | None:
        text = super().parse(value, item)
        cleaned = nh3.clean(text) if text else None
        return cleaned if cleaned and (plain_text(cleaned) or _PICTURED.search(cleaned)) else None

    def words(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> str:
        return plain_text(str(value))


def plain_text(rich: str) -> str:
    """The words of rich text, its blocks divided by a space."""
    bare = nh3.clean(_BLOCK_END.sub(" ", rich), tags=set())
    return " ".join(unescape(bare).split())


TEXT_TYPES: tuple[FieldType, ...] = (
    DataType("Data", "input", DATA_LENGTH),
    TextType("Icon", "input", DATA_LENGTH),
    BarcodeType("Barcode", "barcode", DATA_LENGTH),
    LongTextType("Small Text", "textarea", 10_000, "lines"),
    LongTextType("Text", "textarea", 100_000, "long"),
    LongTextType("Long Text", "textarea", LONG_TEXT_LENGTH, "long"),
    LongTextType("Code", "code", LONG_TEXT_LENGTH, "code"),
    LongTextType("Markdown Editor", "markdown", LONG_TEXT_LENGTH, "markdown"),
    RichTextType("Text Editor", "editor", LONG_TEXT_LENGTH, "rich"),
    RichTextType("HTML Editor", "html-editor", LONG_TEXT_LENGTH, "rich"),
    JsonType("JSON", "code", LONG_TEXT_LENGTH, "code"),
    LongTextType("Read Only", "readonly", 10_000, "words"),
)
