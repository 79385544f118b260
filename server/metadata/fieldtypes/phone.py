"""Phone: a number to call, kept as it was typed (Frappe writes `+86-13800138000`)."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from ...core.text import Text
from .base import FieldType, ValueRefused

if TYPE_CHECKING:
    from ..model import DocField

_NUMBER = re.compile(r"(\+?[\d\s().\-/]{3,40}?)(?:\s*(?:ext\.?|x|转|分机|#|,)\s*(\d{1,8}))?", re.IGNORECASE)


def check_phone(text: str) -> None:
    """Raises ValueRefused when nobody could call `text`: digits, blanks, +, brackets, hyphens, an extension."""
    if not _NUMBER.fullmatch(text) or sum(character.isdigit() for character in text) < 3:
        raise ValueRefused(
            Text(
                f"“{text[:40]}”不是电话号码，应如 029-88880000 或 +86 13800138000",
                f'"{text[:40]}" is not a phone number; expected e.g. 029-88880000 or +86 13800138000',
            )
        )


def dialled(text: str) -> str:
    """The number as a telephone takes it (RFC 3966): digits, the extension after them."""
    parts = _NUMBER.fullmatch(text)
    if parts is None:
        return "".join(character for character in text if character.isdigit() or character == "+")
    number = "".join(character for character in parts[1] if character.isdigit() or character == "+")
    return f"{number};ext={parts[2]}" if parts[2] else number


class PhoneType(FieldType):
    def parse(self, value: Any, item: DocField) -> str | None:
        if value is None:
            return None
        text = unicodedata.normalize("NFKC", str(value)).strip()
        if text:
            check_phone(text)
        return text or None


PHONE_TYPES: tuple[FieldType, ...] = (PhoneType("Phone", "phone"),)
