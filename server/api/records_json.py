"""Records as Frappe's clients expect them: times in the site's zone without offset, exact numbers as numbers, rows with
their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from ..core.values import PLAIN, to_json
from ..metadata.model import DocType, Model


def value_json(value: Any, zone: tzinfo) -> Any:
    """One value: `2026-03-31 14:30:00` in the site's zone for a moment, else the plain JSON form."""
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None).isoformat(" ")
    return to_json(value)


def record_json(model: Model, doctype: DocType, record: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """A record with its child rows; sent back unchanged, it changes nothing."""
    tables = {item.fieldname: item for item in doctype.table_fields}
    found: dict[str, Any] = {"doctype": doctype.name}
    for name, value in record.items():
        if name not in tables:
            found[name] = value if type(value) in PLAIN else value_json(value, zone)
            continue
        place = {
            "doctype": model.child(tables[name]).name,
            "parent": record.get("name"),
            "parenttype": doctype.name,
            "parentfield": name,
        }
        found[name] = [
            {key: cell if type(cell) in PLAIN else value_json(cell, zone) for key, cell in row.items()} | place
            for row in value or ()
        ]
    return found


def rows_json(rows: Iterable[Mapping[str, Any]], fields: Sequence[str] | None, zone: tzinfo) -> list[dict[str, Any]]:
    """Rows of a list, with the wanted fields in the wanted order (None: all there are)."""
    return [{name: value_json(row[name], zone) for name in fields or row} for row in rows]
