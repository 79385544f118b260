"""The initials by which Chinese is typed: 东岭汽车 is `dlqc`. Letters and digits stand for themselves.

`initials.txt` has one letter for each character from U+4E00 on, that of its most common reading (`.` where there is none), made from the
readings of the Unihan database as pypinyin lists them. Characters that names use with another reading as well stand in `ALSO`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

FIRST = 0x4E00
MOST_VARIANTS, MOST_LETTERS = 8, 60
ALSO = {
    "重": "zc", "长": "cz", "行": "hx", "乐": "ly", "单": "ds", "曾": "zc", "朝": "cz", "盛": "sc", "厦": "sx", "调": "td", "传": "cz", "会": "hk",
    "解": "jx", "仇": "qc", "区": "qo", "查": "cz", "尉": "wy", "沈": "sc", "参": "cs", "奇": "qj", "系": "xj", "藏": "cz", "石": "sd", "种": "zc",
    "省": "sx", "折": "zs", "强": "qj", "降": "jx", "校": "xj", "便": "bp", "弹": "dt", "宿": "sx", "召": "zs", "翟": "zd", "覃": "qt", "乘": "cs",
    "提": "td", "泊": "bp", "堡": "bp", "车": "c", "大": "d", "阿": "ae", "角": "j", "蔚": "wy", "适": "s", "繁": "fp", "隽": "jq", "茜": "qx",
}  # fmt: skip


@lru_cache(maxsize=1)
def _letters() -> str:
    return (Path(__file__).parent / "initials.txt").read_text("ascii").strip()


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


def _readings(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    place = ord(character) - FIRST
    if character in ALSO or not 0 <= place < len(_letters()):
        return ALSO.get(character, "")
    return _letters()[place].strip(".")
