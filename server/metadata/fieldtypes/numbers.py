"""Number field types: Int, Check, Float, Currency, Percent, Duration. Decimals are exact."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from ...core.text import Text
from ...core.values import to_decimal
from . import typed_cells
from .base import EQUALITY, ORDERED, Cell, FieldType, Kind, Print, ValueRefused

if TYPE_CHECKING:
    from ..model import DocField

MAX_DIGITS = 15  # what SQLite and browsers keep exactly
INT_LIMIT = 2**53 - 1  # what browsers keep exactly
TICKS = ("√", "✓", "✔", "☑", "x", "y", "对", "有")  # how people tick a cell
YES_NO = (Text("是", "Yes"), Text("否", "No"))


GROUPED = re.compile(r"[+-]?\d{1,3}(?:([, ])\d{3})(?:\1\d{3})*(?:\.\d*)?")


def read_number(value: Any) -> Decimal | None:
    """A number as people type it: `1,234.50`, `1 234.50`, full-width digits; None for empty text.

    A comma or blank anywhere else than between thousands is refused: who types `1,5` means one and a half, not fifteen.
    """
    if isinstance(value, str) and not typed_cells.is_bare_number(value):
        value = unicodedata.normalize("NFKC", value).strip()
        if not value:
            return None
        if GROUPED.fullmatch(value):
            value = value.replace(",", "").replace(" ", "")
        elif "," in value:
            shown = value[:40]
            raise ValueRefused(
                Text(
                    f"“{shown}”中的逗号不在千位上；小数点请写作“.”，例如 1.5",
                    f'"{shown}" has a comma that does not part thousands; write the decimal point as ".", e.g. 1.5',
                )
            )
    if value is None:
        return None
    number = (
        value if type(value) is Decimal and value.is_finite() else to_decimal(int(value) if isinstance(value, bool) else value)
    )
    if number is None or abs(number.adjusted()) > 30:
        raise ValueRefused(Text(f"“{str(value)[:40]}”不是数字", f'"{str(value)[:40]}" is not a number'))
    return number


@lru_cache(maxsize=32)
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def _check_sign(number: Decimal | int, item: DocField) -> None:
    if item.non_negative and number < 0:
        raise ValueRefused(Text("不能为负数", "must not be negative"))


class IntType(FieldType):
    kind: ClassVar[Kind | None] = "integer"
    operators = ORDERED
    print_as: Print = "number"

    def cell(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> Cell:
        return None if value is None else int(value)

    def from_cell(self, cell: Cell, item: DocField, zone: ZoneInfo) -> int | None:
        return self.parse(typed_cells.number(cell, item), item)

    def parse(self, value: Any, item: DocField) -> int | None:
        if type(value) is int and -INT_LIMIT <= value <= INT_LIMIT:
            _check_sign(value, item)
            return value
        number = read_number(value)
        if number is None:
            return None
        if number != number.to_integral_value():
            raise ValueRefused(Text(f"应为整数，现为 {number}", f"expected a whole number, got {number}"))
        if abs(number) > INT_LIMIT:
            raise ValueRefused(Text(f"数字过大，最多 {INT_LIMIT:,}", f"the number is too large; at most {INT_LIMIT:,}"))
        _check_sign(number, item)
        return int(number)


class DurationType(IntType):
    """A length of time in whole seconds."""

    def words(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> str:
        return length_words(int(value)).to(language)


_UNITS = ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分", "min"))


def length_words(seconds: int) -> Text:
    """Seconds as `1 天 2 小时 30 分`, `1 d 2 h 30 min`."""
    parts = []
    for size, zh, en in _UNITS:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(Text(f"{number} {zh}", f"{number} {en}"))
    if not parts:
        return Text(f"{seconds} 秒", f"{seconds} s")
    return Text(" ".join(part.zh for part in parts), " ".join(part.en for part in parts))


class CheckType(FieldType):
    empty: ClassVar[Any] = 0
    kind: ClassVar[Kind | None] = "integer"
    operators = EQUALITY
    print_as: Print = "check"

    def parse(self, value: Any, item: DocField) -> int:
        if value in (None, "", 0, False, "0", "false", "off", "no", "否"):
            return 0
        if value in (1, True, "1", "true", "on", "yes", "是"):
            return 1
        raise ValueRefused(Text(f"“{value}”应为是或否（1 或 0）", f'"{value}" should be yes or no (1 or 0)'))

    def words(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> str:
        return YES_NO[0 if value else 1].to(language)

    def cell(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> Cell:
        return YES_NO[0 if value else 1].to(language)

    def from_cell(self, cell: Cell, item: DocField, zone: ZoneInfo) -> int:
        text = typed_cells.plain(cell).lower() if isinstance(cell, str) else cell
        return 1 if text in TICKS else self.parse(text, item)


class DecimalType(FieldType):
    kind: ClassVar[Kind | None] = "decimal"
    operators = ORDERED
    print_as: Print = "number"

    def cell(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> Cell:
        return None if value is None else Decimal(value)

    def from_cell(self, cell: Cell, item: DocField, zone: ZoneInfo) -> Decimal | None:
        return self.parse(typed_cells.number(cell, item), item)

    def __init__(self, name: str, widget: str, precision: int) -> None:
        super().__init__(name, widget)
        self.default_precision = precision

    def precision(self, item: DocField) -> int:
        return self.default_precision if item.precision is None else item.precision

    def parse(self, value: Any, item: DocField) -> Decimal | None:
        places = self.precision(item)
        whole = MAX_DIGITS - places
        if (
            type(value) is Decimal and value.same_quantum(_unit(places)) and value.adjusted() < whole
        ):  # it has its places already
            _check_sign(value, item)
            return value
        number = read_number(value)
        if number is None:
            return None
        rounded = None
        if not number or number.adjusted() < whole:  # beyond it nothing can be rounded
            rounded = number.quantize(_unit(places), rounding=ROUND_HALF_UP)
        if rounded is None or (rounded and rounded.adjusted() >= whole):
            raise ValueRefused(
                Text(f"数字过大：小数点前最多 {whole} 位", f"the number is too large: at most {whole} digits before the point")
            )
        _check_sign(rounded, item)
        return rounded

    def words(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> str:
        """Money and percentages with all their places; quantities (Float) only with those they need."""
        if not isinstance(value, Decimal):
            return self.input_text(value, zone)
        text = f"{value:,.{self.precision(item)}f}"
        if self.name == "Float" and "." in text:
            text = text.rstrip("0").rstrip(".")
        return f"{text} %" if self.name == "Percent" else text


NUMBER_TYPES: tuple[FieldType, ...] = (
    IntType("Int", "number"),
    IntType("Long Int", "number"),
    CheckType("Check", "check"),
    DecimalType("Float", "number", 3),
    DecimalType("Currency", "number", 2),
    DecimalType("Percent", "number", 2),
    DurationType("Duration", "duration"),
)
