"""Lengths of time as rules write them: by the clock `30 min`, `12 h`, `7 d`, `-2 h`; in working time `8 working hours`, `3 working days`."""

from __future__ import annotations

import re
from datetime import timedelta

from ..calendars.term import Term
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

EXPECTED_TERM = Text(
    "应为时长，例如 12 h、7 d，或按工作时间 8 working hours、3 working days",
    "expected a length of time, for example 12 h, 7 d, or in working time 8 working hours, 3 working days",
)
_WORKING = re.compile(r"\s*(\d{1,4}(?:\.\d{1,3})?)\s*working\s+(minutes?|min|hours?|h|days?|d)\s*\Z", re.IGNORECASE)


def parse_term(text: object) -> Term:
    """What `text` says, by the clock or in working time; ValueError when it says neither. Working days are whole ones."""
    found = _WORKING.match(text) if isinstance(text, str) else None
    if found is None:
        try:
            length = parse_duration(text)
        except ValueError:
            raise ValueError(EXPECTED_TERM.en) from None
        if length < timedelta(0):
            raise ValueError(EXPECTED_TERM.en)
        return Term(length)
    if found[2][0] in "dD":
        if "." in found[1] or not int(found[1]):
            raise ValueError(EXPECTED_TERM.en)
        return Term(days=int(found[1]))
    return Term(timedelta(seconds=float(found[1]) * _SECONDS[found[2].lower()]), is_working=True)


def term_text(term: Term) -> Text:
    """For people: `8 个工作小时`, `8 working h`."""
    if term.days:
        return Text(f"{term.days} 个工作日", f"{term.days} working day{'s' if term.days > 1 else ''}")
    length = duration_text(term.length, days=not term.is_working)
    return Text(f"工作时间 {length.zh}", f"{length.en} of working time") if term.is_working else length


def parse_duration(text: object) -> timedelta:
    """The length of time that `text` says; ValueError when it says none."""
    found = _FORM.match(text) if isinstance(text, str) else None
    if found is None or found[3].lower() not in _SECONDS:
        raise ValueError(EXPECTED.en)
    length = timedelta(seconds=float(found[2]) * _SECONDS[found[3].lower()])
    return -length if found[1] == "-" else length


def duration_text(length: timedelta, *, days: bool = True) -> Text:
    """For people: `12 小时`, `12 h`; mixed units where it is not a whole number of one. Without `days` hours are the longest."""
    left = abs(int(length.total_seconds()))
    zh, en = [], []
    for seconds, name_zh, name_en in _NAMES if days else _NAMES[1:]:
        count, left = divmod(left, seconds)
        if count:
            zh.append(f"{count} {name_zh}")
            en.append(f"{count} {name_en}")
    sign = "-" if length < timedelta(0) else ""
    return Text(sign + (" ".join(zh) or "0 分钟"), sign + (" ".join(en) or "0 min"))
