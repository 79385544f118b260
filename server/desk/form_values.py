"""Values between a record and the page: what a reader sees instead of an input, and the record as the browser's scripts take it.

How a value of one field type reads stands with that type; here are the titles of links and everything about whole records.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ..core.values import Masked, plain_number, to_json
from ..metadata.fieldtypes import ValueRefused
from ..metadata.model import DocField, DocType, Model


def shown(
    item: DocField, value: Any, zone: ZoneInfo, language: str, titles: Mapping[tuple[str, str], str] | None = None
) -> str:
    """The text a person reads for a value: choice labels, link titles, grouped money, Yes and No."""
    if value is None and item.fieldtype != "Check":
        return ""
    if isinstance(value, Masked):
        return str(value)
    if item.fieldtype == "Link":
        return (titles or {}).get((item.options or "", str(value)), str(value))
    return item.type.words(value, item, language, zone)


def typed(item: DocField, value: Any, zone: ZoneInfo) -> str:
    """The text that an input holds for a value: what a person would type, or the mask that they see."""
    return str(value) if isinstance(value, Masked) else item.type.input_text(value, zone)


def read_text(
    item: DocField, value: Any, zone: ZoneInfo, language: str, titles: Mapping[tuple[str, str], str] | None = None
) -> str:
    """The same for a value that lost its type on the way (JSON of a version, of an approval, of a form). What does not fit
    its field any more is shown as it stands."""
    if value is None or value == "":
        return ""
    if isinstance(value, Masked):
        return str(value)
    try:
        value = item.type.parse(value, item)
    except ValueRefused:
        return str(value)
    return shown(item, value, zone, language, titles)


def browser_record(model: Model, doctype: DocType, record: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """The record as the browser's evaluator and grid take it: plain JSON, numbers as text so that none loses a digit."""
    found: dict[str, Any] = {name: record.get(name) for name in ("name", "owner", "docstatus", "version")}
    found |= {
        item.fieldname: _cell(item, record.get(item.fieldname), zone)
        for item in doctype.stored_fields
        if item.fieldname in record
    }
    for item in doctype.table_fields:
        if item.fieldname in record:
            child = model.child(item)
            found[item.fieldname] = [browser_row(child, row, zone) for row in record[item.fieldname] or ()]
    return found


def browser_row(child: DocType, row: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    cells = {
        item.fieldname: _cell(item, row.get(item.fieldname), zone) for item in child.stored_fields if item.fieldname in row
    }
    return {"name": row.get("name"), "idx": row.get("idx")} | cells


def _cell(item: DocField, value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, Decimal):
        return {"$n": plain_number(value)}
    if isinstance(value, datetime) or (isinstance(value, str) and value):
        return typed(item, value, zone)
    return to_json(value)
