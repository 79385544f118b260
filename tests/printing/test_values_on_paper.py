"""Amounts in Chinese capitals, numbers, dates and check boxes as they read on paper."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.printing import display
from server.printing.amounts import LIMIT, cn_amount, en_amount

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("amount", "capitals"),
    [
        ("0", "零元整"),
        ("0.004", "零元整"),
        ("0.05", "伍分"),
        ("0.5", "伍角整"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("1.05", "壹元零伍分"),
        ("1.50", "壹元伍角整"),
        ("1.55", "壹元伍角伍分"),
        ("105", "壹佰零伍元整"),
        ("1005", "壹仟零伍元整"),
        ("10050", "壹万零伍拾元整"),
        ("12000", "壹万贰仟元整"),
        ("10000", "壹万元整"),
        ("100000", "壹拾万元整"),
        ("1000001", "壹佰万零壹元整"),
        ("100010000", "壹亿零壹万元整"),
        ("100000001", "壹亿零壹元整"),
        ("1234567.89", "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"),
        ("1000000000000", "壹万亿元整"),
        ("1200000000000", "壹万贰仟亿元整"),
        ("1000000010000", "壹万亿零壹万元整"),
        ("-8950.00", "负捌仟玖佰伍拾元整"),
        ("1.005", "壹元零壹分"),
        ("9999999999999999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_amount_in_capitals(amount: str, capitals: str) -> None:
    assert cn_amount(Decimal(amount)) == capitals


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "Zero only"),
        ("0.05", "Zero and 05/100 only"),
        ("21", "Twenty-one only"),
        ("3750", "Three thousand seven hundred fifty only"),
        ("1000015.5", "One million fifteen and 50/100 only"),
        ("-8950.00", "Minus eight thousand nine hundred fifty only"),
        ("-0.001", "Zero only"),
        ("1000000000000", "One trillion only"),
    ],
)
def test_amount_in_english_words(amount: str, words: str) -> None:
    assert en_amount(Decimal(amount)) == words


def test_an_amount_of_seventeen_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="sixteen digits"):
        cn_amount(LIMIT)
    with pytest.raises(ValueError, match="sixteen digits"):
        en_amount(LIMIT)


@given(st.decimals(min_value=0, max_value=Decimal("9999999999999999.99"), places=2))
def test_capitals_read_back_give_the_amount(amount: Decimal) -> None:
    assert read_capitals(cn_amount(amount)) == amount


def read_capitals(text: str) -> Decimal:
    """An independent reader: digits times places, groups by 万 and 亿."""
    digits = {character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
    places = {"拾": 10, "佰": 100, "仟": 1000}
    whole = fraction = digit = 0
    yuan_seen = "元" not in text
    group = high = 0
    for character in text:
        if character in digits:
            digit = digits[character]
        elif character in places:
            group += digit * places[character]
            digit = 0
        elif character == "万":
            high += (group + digit) * 10_000
            group = digit = 0
        elif character == "亿":
            whole += (high + group + digit) * 100_000_000
            high = group = digit = 0
        elif character == "元":
            whole += high + group + digit
            high = group = digit = 0
            yuan_seen = True
        elif character in "角分" and yuan_seen:
            fraction += digit * (10 if character == "角" else 1)
            digit = 0
    return Decimal(whole) + Decimal(fraction) / 100


def test_numbers_keep_their_exact_decimals() -> None:
    assert display.money(Decimal("8950"), "¥") == "¥8,950.00"
    assert display.money(Decimal("-8950.005"), "¥") == "-¥8,950.01"
    assert display.number(Decimal("1234.5000")) == "1,234.5"
    assert display.number(Decimal("-0.250")) == "-0.25"
    assert display.percent(Decimal("12.4")) == "12.40\u00a0%"
    assert display.money(None) == ""


def test_times_are_shown_in_the_site_zone() -> None:
    late = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)
    assert display.moment(late, SHANGHAI) == "2026-04-01 02:30"
    assert display.day(late, SHANGHAI) == "2026-04-01"
    assert display.moment("2026-03-31T06:30:00Z", SHANGHAI) == "2026-03-31 14:30"
    assert display.moment("not a time", SHANGHAI) == "not a time"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0 秒", "0 s"),
        (59, "59 秒", "59 s"),
        (9000, "2 小时 30 分", "2 h 30 min"),
        (90_060, "1 天 1 小时 1 分", "1 d 1 h 1 min"),
        (-60, "-1 分", "-1 min"),
    ],
)
def test_durations(seconds: int, zh: str, en: str) -> None:
    assert (display.duration(seconds, "zh"), display.duration(seconds, "en")) == (zh, en)
