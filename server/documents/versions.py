"""The versions of a record as a reader may see them: who did what, and the values that differ, hidden and masked as the record is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..access.sight import Sight
from ..core.text import Text
from ..metadata.model import DocType, Model
from .masking import seen, shown_value

Change = Mapping[str, Any]
STANDARD_LABELS = {"docstatus": Text("状态", "Status"), "name": Text("编号", "Name")}  # of what is no field and yet changes


@dataclass(frozen=True)
class VersionEntry:
    """One entry of a record's timeline: who did what, and the fields that differ."""

    version: int
    action: str
    by: str
    by_name: str
    at: datetime
    reason: str | None
    changes: list[dict[str, Any]]


def seen_changes(model: Model, doctype: DocType, changes: Iterable[Change], sight: Sight) -> Iterator[dict[str, Any]]:
    """The changes that the reader sees, each with its label (and the table's). What a field was that is there no more is told to
    nobody: it is not known who might have seen it."""
    for change in changes:
        table = doctype.by_name.get(change.get("table") or "")
        if change.get("table") and (table is None or not sight.sees(table) or (table.options or "") not in model):
            continue
        owner = doctype if table is None else model.child(table)
        name = change.get("field")
        item = owner.by_name.get(name or "")
        if name and (not sight.sees(item) if item else name not in STANDARD_LABELS):
            continue
        told = {
            **change,
            "label": item.label if item else STANDARD_LABELS.get(name or ""),
            "table_label": table.label if table else None,
            "fieldtype": item.fieldtype if item else None,
        }
        if item is not None:
            told |= {side: shown_value(item, change.get(side), sight) for side in ("old", "new")}
        elif isinstance(change.get("old"), dict):  # a row that is gone, with what stood in it
            told["old"] = seen(owner, change["old"], sight)
        yield told
