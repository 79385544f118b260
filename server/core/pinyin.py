"""How Chinese is read: the initials by which it is typed (东岭汽车 is `dlqc`), and the key by which it is sorted.
Letters and digits stand for themselves.

The most common reading of a character is pypinyin's; characters that names use with another reading as well stand in `ALSO`.
"""

from __future__ import annotations

import os
import unicodedata
from functools import lru_cache

MOST_VARIANTS, MOST_LETTERS = 8, 60
LONGEST_KEY = 180
ALSO = {
    "重": "zc", "长": "cz", "行": "hx", "乐": "ly", "单": "ds", "曾": "zc", "朝": "cz", "盛": "sc", "厦": "sx", "调": "td", "传": "cz", "会": "hk",
    "解": "jx", "仇": "qc", "区": "qo", "查": "cz", "尉": "wy", "沈": "sc", "参": "cs", "奇": "qj", "系": "xj", "藏": "cz", "石": "sd", "种": "zc",
    "省": "sx", "折": "zs", "强": "qj", "降": "jx", "校": "xj", "便": "bp", "弹": "dt", "宿": "sx", "召": "zs", "翟": "zd", "覃": "qt", "乘": "cs",
    "提": "td", "泊": "bp", "堡": "bp", "车": "c", "大": "d", "阿": "ae", "角": "j", "蔚": "wy", "适": "s", "繁": "fp", "隽": "jq", "茜": "qx",
}  # fmt: skip


def initials(text: str) -> list[str]:
    """How a text may be typed by its initials, the likeliest way first; nothing for a text without Chinese characters."""
    ways, is_chinese = [""], False
    for character in unicodedata.normalize("NFKC", text)[:MOST_LETTERS]:
        readings = _readings(character)
        is_chinese = is_chinese or (not character.isascii() and bool(readings))
        if len(ways) * len(readings) > MOST_VARIANTS:
            readings = readings[:1]
        if readings:
            ways = [way + letter for letter in readings for way in ways]
    return ways if is_chinese else []


def syllables(text: str) -> list[str]:
    """How a text is typed in full, syllable by syllable without tones (东岭 is dong, ling); nothing for a text without Chinese characters."""
    found, is_chinese = [], False
    for character in unicodedata.normalize("NFKC", text)[:MOST_LETTERS]:
        reading = "" if character.isascii() else _syllable(character).rstrip("12345")
        is_chinese = is_chinese or bool(reading)
        if reading or character.isalnum():
            found.append(reading or character.lower())
    return found if is_chinese else []


def sort_key(text: str) -> str:
    """What stands for a text in an order by code point: digits, Latin letters of either case alike, then Chinese by pinyin and tone.

    A character is its syllable behind `{`, which comes after the letters, and itself, so that those of one reading stay together.
    """
    parts = [*map(_place, unicodedata.normalize("NFKC", text)[: LONGEST_KEY + 1])]
    while len(key := "".join(parts)) > LONGEST_KEY:
        parts.pop()
    return key


@lru_cache(maxsize=8192)
def _place(character: str) -> str:
    """What stands for a character in a key."""
    reading = "" if character.isascii() else _syllable(character)
    return f"{{{reading}{character}" if reading else character.lower()


@lru_cache(maxsize=8192)
def _readings(character: str) -> str:
    """The first letters of its readings; nothing for what is neither Chinese, letter nor digit."""
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    return ALSO.get(character) or _read(character, "FIRST_LETTER")[:1]


@lru_cache(maxsize=8192)
def _syllable(character: str) -> str:
    """The most common reading with its tone as a digit (zhong4), or nothing."""
    return _read(character, "TONE3")


def _read(character: str, style: str) -> str:
    # Imported here: a process that meets no Chinese title does without. Words are not asked for, so their list is not loaded.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(character, style=getattr(Style, style), errors="ignore", neutral_tone_with_five=True))
