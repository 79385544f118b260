"""Lengths of time as rules write them: `30 min`, `12 h`, `7 d`, `-2 h`."""

from __future__ import annotations

import re
from datetime import timedelta

from ..core.text import Text

_FORM = re.compile(r"\s*([+-]?)\s*(\d{1,6}(?:\.\d{1,3})?)\s*([a-zA-Z]+)\s*\Z")
_SECONDS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1,
    "min": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
    "w": 604800, "week": 604800, "weeks": 604800,
}  # fmt: skip
_NAMES = ((86400, "天", "d"), (3600, "小时", "h"), (60, "分钟", "min"), (1, "秒", "s"))

EXPECTED = Text("应为时长，例如 30 min、12 h、7 d", "expected a length of time, for example 30 min, 12 h, 7 d")


def parse_duration(text: object) -> timedelta:
    """The length of time that `text` says; ValueError when it says none."""
    found = _FORM.match(text) if isinstance(text, str) else None
    if found is None or found[3].lower() not in _SECONDS:
        raise ValueError(EXPECTED.en)
    length = timedelta(seconds=float(found[2]) * _SECONDS[found[3].lower()])
    return -length if found[1] == "-" else length


def duration_text(length: timedelta) -> Text:
    """For people: `12 小时`, `12 h`; mixed units where it is not a whole number of one."""
    left = abs(int(length.total_seconds()))
    zh, en = [], []
    for seconds, name_zh, name_en in _NAMES:
        count, left = divmod(left, seconds)
        if count:
            zh.append(f"{count} {name_zh}")
            en.append(f"{count} {name_en}")
    sign = "-" if length < timedelta(0) else ""
    return Text(sign + (" ".join(zh) or "0 分钟"), sign + (" ".join(en) or "0 min"))
