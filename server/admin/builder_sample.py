"""A record with made-up values, so that an administrator sees what a drawn record type looks like on paper."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ..metadata.model import DocField, DocType, Model

Record = dict[str, Any]
ROWS = 2
NOT_MADE_UP = (
    "Link",
    "Dynamic Link",
    "Attach",
    "Attach Image",
    "Signature",
    "Password",
    "Geolocation",
    "Code",
    "JSON",
    "HTML Editor",
)


def sample_record(model: Model, doctype: str, blank: Record, now: datetime, language: str) -> Record:
    """`blank` with a value in every field that has none; links, pictures and signatures stay empty."""
    return _filled(model, model[doctype], {**blank, "name": blank.get("name") or "0001"}, now, language)


def _filled(model: Model, doctype: DocType, record: Record, now: datetime, language: str) -> Record:
    found = dict(record)
    for item in doctype.data_fields:
        if item.type.holds_rows:
            child = model.child(item)
            rows = found.get(item.fieldname) or [{} for _ in range(ROWS)]
            nested = child is doctype or any(other.type.holds_rows for other in child.fields)
            found[item.fieldname] = (
                []
                if nested
                else [_filled(model, child, {"name": str(at), **row}, now, language) for at, row in enumerate(rows)]
            )
        elif found.get(item.fieldname) in (None, "", 0):
            found[item.fieldname] = _made_up(item, now, language)
    return found


def _made_up(item: DocField, now: datetime, language: str) -> Any:
    kind = item.type.kind
    if item.fieldtype in NOT_MADE_UP or item.hidden:
        return None
    if item.fieldtype == "Select":
        return item.choices[0] if item.choices else None
    made = {
        "integer": 1,
        "decimal": Decimal("0.8" if item.fieldtype == "Rating" else "12.5"),
        "date": now.date(),
        "datetime": now,
        "time": now.time(),
    }
    if kind in made:
        return made[kind]
    return item.label.to(language) if kind == "text" else None
