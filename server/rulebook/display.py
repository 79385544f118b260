"""Values as people read them, in both languages: 8,950.00, 10.50 %, 2026-03-31 14:30 (in the time zone of the site), yes, the label of a choice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from ..core.text import Text
from ..metadata.fieldtypes import times
from ..metadata.model import DocField
from .durations import duration_text

EMPTY_VALUE = Text("（空）", "(empty)")
DOCSTATUS = {0: Text("草稿", "draft"), 1: Text("已提交", "submitted"), 2: Text("已取消", "cancelled")}
MAX_SHOWN = 200


def show(value: Any, item: DocField | None = None, kind: str = "") -> Text:
    """`value` for people; `item` (its field) decides money, per cent, decimals and choice labels."""
    if value is None or (not value and isinstance(value, str | list)):  # a Decimal takes long to differ from a text
        return EMPTY_VALUE
    fieldtype = item.fieldtype if item else ""
    if fieldtype == "Check" or kind == "check" or isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if kind == "docstatus" and value in DOCSTATUS:
        return DOCSTATUS[value]
    if isinstance(value, int | Decimal | float):
        return _number(value, fieldtype, item.precision if item else None)
    if isinstance(value, datetime):
        return _same(value.astimezone(times.SITE_ZONE).strftime("%Y-%m-%d %H:%M"))
    if isinstance(value, date):
        return _same(value.isoformat())
    if isinstance(value, time):
        return _same(value.strftime("%H:%M"))
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, Text):
        return value
    if isinstance(value, str):
        return item.choice_label(value) if item and fieldtype == "Select" else _same(shortened(value))
    if isinstance(value, Mapping):
        return Text("已填", "filled in")
    if isinstance(value, list | tuple | set | frozenset):
        return _many(value, item, kind)
    return _same(shortened(str(value)))


def shortened(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def _same(text: str) -> Text:
    return Text(text, text)


@lru_cache(maxsize=1024)  # many rules compare the same few fields
def _number(value: int | Decimal | float, fieldtype: str, precision: int | None) -> Text:
    if fieldtype == "Duration":
        return duration_text(timedelta(seconds=int(value)))
    number = (Decimal(repr(value)) if isinstance(value, float) else Decimal(value)) or Decimal(0)  # and no minus before it
    if fieldtype in ("Currency", "Percent"):
        places = 2 if precision is None else precision
        text = f"{number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
        return _same(f"{text} %" if fieldtype == "Percent" else text)
    text = f"{number:,f}"
    if "." in text:
        text = f"{number.quantize(Decimal('0.000001'), ROUND_HALF_UP):,f}".rstrip("0").rstrip(".")
    return _same(text or "0")


def _many(values: Any, item: DocField | None, kind: str) -> Text:
    found = sorted(values) if isinstance(values, set | frozenset) else list(values)
    if found and all(isinstance(one, Mapping) for one in found):
        return Text(f"{len(found)} 行", f"{len(found)} rows")
    texts = [show(one, item, kind) for one in found[:20]]
    more = "…" if len(found) > 20 else ""
    return Text("、".join(one.zh for one in texts) + more, ", ".join(one.en for one in texts) + more)


def join(texts: list[Text]) -> Text:
    """An enumeration: `甲、乙`, `A, B`."""
    return Text("、".join(item.zh for item in texts), ", ".join(item.en for item in texts))


def cite(clauses: tuple[str, ...]) -> Text:
    """`（条款 S02-04）`, ` (clause S02-04)`; empty when a rule cites none."""
    if not clauses:
        return Text("", "")
    noun = "clause" if len(clauses) == 1 else "clauses"
    return Text(f"（条款 {'、'.join(clauses)}）", f" ({noun} {', '.join(clauses)})")


def with_clauses(text: Text, clauses: tuple[str, ...]) -> Text:
    """The sentence with its clauses before its full stop."""
    cited = cite(clauses)
    if not cited:
        return text
    stop_zh = "。" if text.zh.endswith(("。", ".")) else ""
    stop_en = "." if text.en.endswith((".", "。")) else ""
    return Text(text.zh.rstrip("。.") + cited.zh + stop_zh, text.en.rstrip(".。") + cited.en + stop_en)
