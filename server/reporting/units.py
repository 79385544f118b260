"""Spans of time as people read them: `2026-03` is “2026 年 3 月”, Mar 2026."""

from __future__ import annotations

from ..core.text import Text
from ..storage.calendar_units import Unit

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def unit_text(key: str, unit: Unit) -> Text:
    """What `storage.calendar_units.in_unit` found, in words. A day stays as it is: dates are written so everywhere."""
    if unit == "year":
        return Text(f"{key} 年", key)
    if unit == "quarter":
        year, number = key.split("-Q")
        return Text(f"{year} 年第 {number} 季度", f"Q{number} {year}")
    if unit == "month":
        year, month = key.split("-")
        return Text(f"{year} 年 {int(month)} 月", f"{_MONTHS[int(month) - 1]} {year}")
    if unit == "week":
        return Text(f"{key} 起一周", f"week of {key}")
    return Text(key, key)
