"""How values read on paper: exact numbers, dates in the site's time zone, check boxes. Text in, text out; no HTML here."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ..core.text import Text
from ..core.values import plain_number, to_decimal

# The engine runs spaces together, ideographic ones too; these stay.
GAP = "\u00a0" * 4
TICKED, EMPTY_BOX = "☑", "☐"
MAX_PLACES = 9


def number(value: Any, places: int | None = None) -> str:
    """With thousands separators; `places` decimals, or as many as the value has."""
    found = to_decimal(value)
    if found is None:
        return "" if value is None else str(value)
    if places is None:
        whole, point, fraction = plain_number(found).partition(".")
        return f"{int(whole or 0):,}{point}{fraction}" if abs(found) >= 1 else plain_number(found)
    step = Decimal(1).scaleb(-max(0, min(MAX_PLACES, int(places))))
    return f"{found.quantize(step, rounding=ROUND_HALF_UP):,}"


def money(value: Any, symbol: str = "", places: int = 2) -> str:
    shown = number(value, places)
    return f"-{symbol}{shown[1:]}" if shown.startswith("-") else f"{symbol}{shown}" if shown else ""


def percent(value: Any, places: int = 2) -> str:
    shown = number(value, places)
    return f"{shown}\u00a0%" if shown else ""


def day(value: Any, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d")
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else _text(value)


def moment(value: Any, zone: tzinfo) -> str:
    """Date and minute in the site's time zone; ISO text (as signatures keep it) is read first."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return str(value)
    if isinstance(value, datetime):
        return (value.astimezone(zone) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M")
    return day(value, zone)


def clock(value: Any, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(zone).time()
    return value.strftime("%H:%M") if isinstance(value, time) else _text(value)


def duration(value: Any, language: str) -> str:
    """Seconds as days, hours and minutes; seconds only below one minute."""
    found = to_decimal(value)
    if found is None:
        return ""
    seconds = abs(int(found))
    units = ((Text("天", "d"), 86_400), (Text("小时", "h"), 3_600), (Text("分", "min"), 60))
    shown = []
    for unit, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            shown.append(f"{count} {unit.to(language)}")
    if not shown:
        shown.append(f"{seconds} {Text('秒', 's').to(language)}")
    return ("-" if found < 0 else "") + " ".join(shown)


def checkbox(value: Any) -> str:
    return TICKED if value else EMPTY_BOX


def _text(value: Any) -> str:
    return "" if value is None else str(value)
