"""What people choose: Select from a fixed list, Autocomplete from suggestions, Rating in stars."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ...core.text import Text
from ...core.values import plain_number
from .base import EQUALITY, Cell, FieldType, ValueRefused
from .numbers import DecimalType, read_number
from .texts import DATA_LENGTH, TextType

if TYPE_CHECKING:
    from ..model import DocField

USUAL_STARS = 5
MOST_STARS = 10


class SelectType(TextType):
    """One of the lines of `options`."""

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

    def choices(self, item: DocField) -> Sequence[tuple[str, Text]]:
        return [(value, item.choice_label(value)) for value in item.choices]

    def words(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> str:
        return item.choice_label(str(value)).to(language)

    def cell(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> Cell:
        return self.words(value, item, language, zone) if value else None

    def from_cell(self, cell: Cell, item: DocField, zone: ZoneInfo) -> str | None:
        """The stored value, or what people read for it in either language."""
        text = str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip() if cell is not None else None
        if text in item.choices:
            return text
        read = {label: value for value in item.choices for label in (item.choice_label(value).zh, item.choice_label(value).en)}
        return self.parse(read.get(text or "", text), item)


class AutocompleteType(TextType):
    """Free text; the lines of `options` are suggested."""


class RatingType(DecimalType):
    """Stars, kept as Frappe keeps them: the share of all stars from 0 to 1, in half stars. `options` says how many there are."""

    operators = (*EQUALITY, ">", ">=", "<", "<=", "between")

    def stars(self, item: DocField) -> int:
        """How many stars there are to give."""
        text = (item.options or "").strip()
        return min(max(int(text), 1), MOST_STARS) if text.isdigit() else USUAL_STARS

    def precision(self, item: DocField) -> int:
        return self.default_precision

    def parse(self, value: Any, item: DocField) -> Decimal | None:
        number = super().parse(value, item)
        if number is None or number == 0:
            return None
        if not 0 <= number <= 1:
            raise ValueRefused(
                Text(f"评分 {number} 应在 0 与 1 之间（1 为满分）", f"a rating lies between 0 and 1 (all stars), not {number}")
            )
        return self._share(self._halves(number, item), item)

    def choices(self, item: DocField) -> Sequence[tuple[str, Text]]:
        """From all stars down to a half one."""
        halves = range(2 * self.stars(item), 0, -1)
        return [(plain_number(self._share(number, item)), Text(*[self._drawn(number, item)] * 2)) for number in halves]

    def words(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> str:
        return self._drawn(self._halves(Decimal(value), item), item)

    def cell(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> Cell:
        """The number of stars."""
        return None if value is None else Decimal(self._halves(Decimal(value), item)) / 2

    def from_cell(self, cell: Cell, item: DocField, zone: ZoneInfo) -> Decimal | None:
        number = read_number(cell)
        return None if number is None else self.parse(number / self.stars(item), item)

    def _halves(self, share: Decimal, item: DocField) -> int:
        return max(round(share * 2 * self.stars(item)), 1)

    def _share(self, halves: int, item: DocField) -> Decimal:
        return round(Decimal(halves) / (2 * self.stars(item)), self.default_precision)

    def _drawn(self, halves: int, item: DocField) -> str:
        whole, half = divmod(halves, 2)
        return "★" * whole + "½" * half + "☆" * (self.stars(item) - whole - half)


CHOICE_TYPES: tuple[FieldType, ...] = (
    SelectType("Select", "select", DATA_LENGTH),
    AutocompleteType("Autocomplete", "autocomplete", DATA_LENGTH),
    RatingType("Rating", "rating", 2),
)
