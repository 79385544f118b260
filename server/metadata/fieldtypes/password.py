"""Password: a secret of another system (a mail account, an interface), sealed in storage and never shown again.

Whoever reads the record sees `MASK` where something is set; saving the mask leaves what is there. The secrets of Guiju's own
users are no fields: `access.passwords` keeps their hashes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from ...core.text import Text
from .base import Cell, FieldType, ValueRefused

if TYPE_CHECKING:
    from ..model import DocField

MASK = "*" * 8
MAX_LENGTH = 500


class PasswordType(FieldType):
    is_short: ClassVar[bool] = False
    is_secret: ClassVar[bool] = True
    operators = ("is",)

    def parse(self, value: Any, item: DocField) -> str | None:
        if value in (None, ""):
            return None
        if not isinstance(value, str) or "\x00" in value:
            raise ValueRefused(Text("应为文字", "expected text"))
        if len(value) > MAX_LENGTH:
            raise ValueRefused(Text(f"最多 {MAX_LENGTH} 个字符", f"at most {MAX_LENGTH} characters are allowed"))
        return value

    def cell(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> Cell:
        return None  # a secret leaves in no sheet

    def input_text(self, value: Any, zone: ZoneInfo) -> str:
        return MASK if value else ""


PASSWORD_TYPES: tuple[FieldType, ...] = (PasswordType("Password", "password"),)
