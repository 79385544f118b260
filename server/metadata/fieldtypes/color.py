"""Color: `#RRGGBB`, as the browser's picker gives it; three digits are read as their doubles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...core.text import Text
from .base import EQUALITY, FieldType, ValueRefused

if TYPE_CHECKING:
    from ..model import DocField

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})\Z")


class ColorType(FieldType):
    operators = EQUALITY

    def parse(self, value: Any, item: DocField) -> str | None:
        if value is None:
            return None
        text = str(value).strip().lower()
        if not text:
            return None
        if not _HEX.match(text):
            raise ValueRefused(
                Text(f"“{text[:40]}”不是颜色，应如 #2e7d32", f'"{text[:40]}" is not a colour; expected e.g. #2e7d32')
            )
        return text if len(text) == 7 else "#" + "".join(digit * 2 for digit in text[1:])


COLOR_TYPES: tuple[FieldType, ...] = (ColorType("Color", "color"),)
