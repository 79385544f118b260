"""What people type into spreadsheets, as the plain text or number that a field type parses: dates in many forms, numbers with units.

What can mean one thing only is understood; what can mean two, or would lose something, is refused in words. Never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ...core.text import Text
from .base import ValueRefused

if TYPE_CHECKING:
    from ..model import DocField

EXCEL_EPOCH = datetime(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 10_000, 80_000  # 1927 to 2119: a smaller number in a column of dates is hardly a day
_CHINESE_DAY = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?\s*(.*)")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?!\d)(.*)")
_SHORT_YEAR = re.compile(r"\d{2}([/.-])\d{1,2}\1\d{1,2}")
_CHINESE_HOUR = re.compile(r"(\d{1,2})\s*[时点]\s*(?:(\d{1,2})\s*分?)?\s*(?:(\d{1,2})\s*秒)?")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_NUMBER = re.compile(r"([+-]?\s*[\d.][\d,. ]*?)\s*([^\d\s,.][^\d]*)")
_IN_BRACKETS = re.compile(r"[(（\[【]\s*([^)）\]】]{1,12})\s*[)）\]】]")
_YUAN = ("元", "圆", "元整", "rmb", "cny", "人民币")
_MULTIPLES = {"万": 10_000, "万元": 10_000, "亿": 100_000_000, "亿元": 100_000_000}


def plain(cell: Any) -> Any:
    """A text without full-width digits and blanks around it; everything else as it is."""
    return unicodedata.normalize("NFKC", cell).replace("\u00a0", " ").strip() if isinstance(cell, str) else cell


def is_bare_number(text: str) -> bool:
    """Digits with at most one point: most numbers of a file, of which nothing is to be understood first."""
    return text.isascii() and text.replace(".", "", 1).isdigit()


def moment(cell: Any) -> Any:
    """A cell of a column of days or moments: an Excel serial number becomes its moment, other forms ISO text.

    Raises ValueRefused for a day whose month is in doubt, a year of two digits, a number that is no day.
    """
    if type(cell) is str and _ISO_DAY.fullmatch(cell):
        return cell
    cell = plain(cell)
    if isinstance(cell, bool):
        raise ValueRefused(Text("是否值不是日期", "a truth is no date"))
    if isinstance(cell, int | float | Decimal):
        return _of_serial(float(cell))
    if not isinstance(cell, str):
        return cell
    if found := _CHINESE_DAY.fullmatch(cell):
        return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}{_hour(found[4])}"
    if found := _COMPACT_DAY.fullmatch(cell):
        return f"{found[1]}-{found[2]}-{found[3]}"
    if _SERIAL.fullmatch(cell):
        return _of_serial(float(cell))
    if found := _DAY_FIRST.fullmatch(cell):
        return f"{found[4]}-{_month_and_day(cell, int(found[1]), int(found[3]))}{_hour(found[5])}"
    if _SHORT_YEAR.fullmatch(cell):
        raise ValueRefused(
            Text(
                f"“{cell}”的年份只有两位，请写四位，例如 2026-03-31",
                f'"{cell}" has a year of two digits; write four, e.g. 2026-03-31',
            )
        )
    day, _, rest = cell.partition(" ")
    return f"{day}{_hour(rest)}" if rest else cell


def _of_serial(number: float) -> datetime:
    if not FIRST_SERIAL <= number <= LAST_SERIAL:
        shown = f"{number:g}"
        raise ValueRefused(
            Text(f"数字 {shown} 不是日期，应如 2026-03-31", f"the number {shown} is no date; expected e.g. 2026-03-31")
        )
    return EXCEL_EPOCH + timedelta(seconds=round(number * 86_400))


def _month_and_day(cell: str, one: int, other: int) -> str:
    """`31/3/2026` and `3/31/2026` mean one day each; `3/4/2026` may mean two."""
    if one > 12 >= other:
        one, other = other, one
    elif one <= 12 and other <= 12 and one != other:
        raise ValueRefused(
            Text(
                f"“{cell}”的月和日分不清，请写成 年-月-日，例如 2026-03-31",
                f'in "{cell}" day and month cannot be told apart; write year-month-day, e.g. 2026-03-31',
            )
        )
    return f"{one:02d}-{other:02d}"


def _hour(rest: str) -> str:
    rest = rest.strip()
    if found := _CHINESE_HOUR.fullmatch(rest):
        seconds = f":{found[3]:0>2}" if found[3] else ""
        return f" {found[1]:0>2}:{found[2] or '0':0>2}{seconds}"
    return f" {rest}" if rest else ""


def number(cell: Any, item: DocField) -> Any:
    """A cell of a column of numbers: without currency, percent sign or the unit that the field's label names; 万 and 亿 multiplied out.

    Raises ValueRefused for any other unit, which nobody may drop for the writer.
    """
    if type(cell) is str and is_bare_number(cell):
        return cell
    cell = plain(cell)
    if isinstance(cell, float):
        return float(f"{cell:.15g}")  # what the spreadsheet shows of 0.1 + 0.2
    if not isinstance(cell, str) or not cell:
        return cell
    text = cell
    if text[0] == "(" and text[-1] == ")" and any(letter.isdigit() for letter in text):
        text = f"-{text[1:-1]}"  # how accountants write a negative amount
    if item.fieldtype == "Currency":
        text = _without_currency(text)
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    return _without_unit(cell, found[1].replace(" ", "") if found[1][0] in "+-" else found[1], found[2].strip(), item)


def _without_currency(text: str) -> str:
    sign = "-" if text.startswith("-") else ""
    rest = text.removeprefix("-").strip()
    for mark in ("¥", "rmb", "cny", "人民币"):
        if rest.lower().startswith(mark):
            return sign + rest[len(mark) :].strip()
    return text


def _without_unit(cell: str, digits: str, unit: str, item: DocField) -> Any:
    if unit == "%" and item.fieldtype == "Percent":
        return digits
    if item.fieldtype == "Currency" and unit.lower() in _YUAN:
        return digits
    if unit in _MULTIPLES and (item.fieldtype == "Currency" or not unit.endswith("元")):
        plain_digits = digits.replace(",", "").replace(" ", "")
        try:
            return Decimal(plain_digits) * _MULTIPLES[unit]
        except ArithmeticError:
            return cell
    if unit.lower() in units_of(item):
        return digits
    if not any(letter.isdigit() for letter in digits):
        return cell
    raise ValueRefused(
        Text(
            f"“{cell[:40]}”数字后有“{unit[:20]}”，请只填数字",
            f'"{cell[:40]}" has "{unit[:20]}" after the number; fill in the number alone',
        )
    )


def units_of(item: DocField) -> set[str]:
    """The units that a field's label or description puts in brackets: 重量（kg）, Weight (kg)."""
    texts = (item.label.zh, item.label.en, item.description.zh, item.description.en)
    return {unit.strip().lower() for text in texts for unit in _IN_BRACKETS.findall(text or "")}
