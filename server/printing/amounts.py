"""Amounts of money in words: Chinese capitals as contracts and invoices write them (支付结算办法, annex 1), and English."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
LIMIT = Decimal(10) ** 16


def cn_amount(amount: Decimal) -> str:
    """`amount` in capitals, rounded to 分.

    >>> cn_amount(Decimal("10500.05"))
    '壹万零伍佰元零伍分'

    Raises ValueError beyond sixteen digits before the point.
    """
    rounded = abs(amount).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if rounded >= LIMIT:
        raise ValueError("the amount has more than sixteen digits before the point")
    if not rounded:
        return "零元整"
    sign = "负" if amount < 0 else ""
    yuan, cents = divmod(int(rounded * 100), 100)
    return f"{sign}{_whole(yuan)}{_fraction(cents, has_yuan=bool(yuan))}"


def _whole(yuan: int) -> str:
    if not yuan:
        return ""
    written = ""
    pending_zero = False
    for group in range(len(_GROUPS) - 1, -1, -1):
        value = yuan // 10 ** (4 * group) % 10_000
        if not value:
            pending_zero = bool(written)
            continue
        if written and (pending_zero or value < 1000):
            written += _DIGITS[0]
        written += _four_digits(value) + _GROUPS[group]
        pending_zero = False
    # 万亿 followed by 亿 shares the sign: 壹万贰仟亿, never 壹万亿贰仟亿
    head, sign, tail = written.partition("万亿")
    return (f"{head}万{tail}" if sign and "亿" in tail else written) + "元"


def _four_digits(value: int) -> str:
    written = ""
    zero = False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if not digit:
            zero = bool(written)
            continue
        written += (_DIGITS[0] if zero else "") + _DIGITS[digit] + _PLACES[place]
        zero = False
    return written


def _fraction(cents: int, *, has_yuan: bool) -> str:
    jiao, fen = divmod(cents, 10)
    if not cents:
        return "整"
    written = f"{_DIGITS[jiao]}角" if jiao else _DIGITS[0] if has_yuan else ""
    return written + (f"{_DIGITS[fen]}分" if fen else "整")


_ONE_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen"
)
_TEN_WORDS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"
_ONES, _TENS = _ONE_WORDS.split(), _TEN_WORDS.split()
_THOUSANDS = ("", " thousand", " million", " billion", " trillion", " quadrillion")


def en_amount(amount: Decimal) -> str:
    """`amount` in English words, rounded to cents.

    >>> en_amount(Decimal("10500.05"))
    'Ten thousand five hundred and 05/100 only'

    Raises ValueError beyond sixteen digits before the point.
    """
    rounded = abs(amount).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if rounded >= LIMIT:
        raise ValueError("the amount has more than sixteen digits before the point")
    units, cents = divmod(int(rounded * 100), 100)
    groups = []
    for power in range(len(_THOUSANDS) - 1, -1, -1):
        group = units // 1000**power % 1000
        if group:
            groups.append(_hundreds(group) + _THOUSANDS[power])
    sign = "minus " if amount < 0 and rounded else ""
    words = sign + (" ".join(groups) or _ONES[0]) + (f" and {cents:02d}/100" if cents else "") + " only"
    return words[0].upper() + words[1:]


def _hundreds(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    parts = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        parts.append(_TENS[tens] + (f"-{_ONES[ones]}" if ones else ""))
    elif rest:
        parts.append(_ONES[rest])
    return " ".join(parts)
