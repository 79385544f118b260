"""Values between a record and the inputs of a form: what an input shows, and what a reader sees instead of an input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from ..core.text import Text
from ..core.values import plain_number, to_json
from ..metadata.fieldtypes import ValueRefused
from ..metadata.fieldtypes.numbers import DecimalType
from ..metadata.fieldtypes.texts import plain_text
from ..metadata.model import DocField, DocType, Model

YES_NO = (Text("是", "Yes"), Text("否", "No"))


def input_text(value: Any, zone: ZoneInfo) -> str:
    """The text of an input: dates in ISO form, datetimes in the site's zone to the minute."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M") if not value.second else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, dict):
        return json.dumps(to_json(value), ensure_ascii=False)
    return str(value)


def shown(
    item: DocField, value: Any, zone: ZoneInfo, language: str, titles: Mapping[tuple[str, str], str] | None = None
) -> str:
    """The text a person reads for a value: choice labels, link titles, grouped money, Yes and No."""
    if item.fieldtype == "Check":
        return YES_NO[0 if value else 1].to(language)
    if value is None:
        return ""
    if item.fieldtype == "Select":
        return item.choice_label(str(value)).to(language)
    if item.fieldtype == "Link":
        return (titles or {}).get((item.options or "", str(value)), str(value))
    if isinstance(item.type, DecimalType) and isinstance(value, Decimal):
        return _decimal_text(item.fieldtype, value, item.type.precision(item))
    if item.fieldtype == "Duration":
        return duration_text(int(value))
    if item.fieldtype == "Signature" and isinstance(value, dict):
        return str(value.get("name") or "✓")
    if item.fieldtype == "Text Editor":
        return plain_text(str(value))
    if item.fieldtype in ("Attach", "Attach Image"):
        return unquote(str(value).rpartition("/")[2])
    return input_text(value, zone)


def read_text(
    item: DocField, value: Any, zone: ZoneInfo, language: str, titles: Mapping[tuple[str, str], str] | None = None
) -> str:
    """The same for a value that lost its type on the way (JSON of a version, of an approval, of a form). What does not fit
    its field any more is shown as it stands."""
    if value is None or value == "":
        return ""
    try:
        value = item.type.parse(value, item)
    except ValueRefused:
        return str(value)
    return shown(item, value, zone, language, titles)


def _decimal_text(fieldtype: str, value: Decimal, places: int) -> str:
    """Money and percentages with all their places; quantities (Float) only with those they need."""
    text = f"{value:,.{places}f}"
    if fieldtype == "Float" and "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} %" if fieldtype == "Percent" else text


def duration_text(seconds: int) -> str:
    """Seconds as `1 d 2 h 30 min`."""
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts) or f"{seconds} s"


def browser_record(model: Model, doctype: DocType, record: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """The record as the browser's evaluator and grid take it: plain JSON, numbers as text so that none loses a digit."""
    found: dict[str, Any] = {name: record.get(name) for name in ("name", "owner", "docstatus", "version")}
    found |= {
        item.fieldname: _cell(record.get(item.fieldname), zone) for item in doctype.stored_fields if item.fieldname in record
    }
    for item in doctype.table_fields:
        if item.fieldname in record:
            child = model.child(item)
            found[item.fieldname] = [browser_row(child, row, zone) for row in record[item.fieldname] or ()]
    return found


def browser_row(child: DocType, row: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    cells = {item.fieldname: _cell(row.get(item.fieldname), zone) for item in child.stored_fields if item.fieldname in row}
    return {"name": row.get("name"), "idx": row.get("idx")} | cells


def _cell(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, Decimal):
        return {"$n": plain_number(value)}
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return to_json(value)
