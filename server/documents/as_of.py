"""A record as it was: the versions kept since then undone, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.values import to_json
from ..metadata.model import DocType, Model
from .complete import Record

Change = Mapping[str, Any]


def as_of(model: Model, doctype: DocType, record: Record, entries: Iterable[Mapping[str, Any]], version: int) -> Record:
    """The JSON values of `record` at `version`. `entries` are its versions, the newest first, with their `changes`."""
    blanks = {
        item.fieldname: {column.fieldname: None for column in model.child(item).stored_fields} for item in doctype.table_fields
    }
    values: Record = {item.fieldname: to_json(record.get(item.fieldname)) for item in doctype.stored_fields}
    for table, blank in blanks.items():
        rows = record.get(table) or ()
        values[table] = [{"name": row["name"]} | {name: to_json(row.get(name)) for name in blank} for row in rows]
    for entry in entries:
        if entry["version"] > version:
            _undo(values, entry["changes"], blanks)
    return values


def _undo(values: Record, changes: Iterable[Change], blanks: Mapping[str, Record]) -> None:
    by_table: dict[str, list[Change]] = {}
    for change in changes:
        if table := change.get("table"):
            by_table.setdefault(table, []).append(change)
        elif change["field"] in values:
            values[change["field"]] = change["old"]
    for table, found in by_table.items():
        if table in values:
            values[table] = _undone_rows(values[table], found, blanks[table])


def _undone_rows(rows: list[Record], changes: list[Change], blank: Record) -> list[Record]:
    added = {change["row"] for change in changes if change["change"] == "added"}
    stayed = [dict(row) for row in rows if row["name"] not in added]
    by_name = {row["name"]: row for row in stayed}
    for change in changes:
        if change["change"] == "changed" and change["row"] in by_name:
            by_name[change["row"]][change["field"]] = change["old"]
    for change in changes:
        if change["change"] == "moved":  # the numbers that these rows had, in the order in which they stand now
            stayed = [row for _, row in sorted(zip(change["new"], stayed, strict=False), key=lambda pair: pair[0])]
    for change in sorted(
        (change for change in changes if change["change"] == "removed"), key=lambda change: change["idx"] or 0
    ):
        stayed.insert(max((change["idx"] or 1) - 1, 0), {"name": change["row"]} | blank | dict(change["old"] or {}))
    return stayed
