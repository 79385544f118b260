"""A record after the changes that one entry of its history tells: the other direction of `as_of`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...metadata.model import DocType, Model
from ...storage.tables import record_table
from ...storage.types import convert
from ..complete import Record

Change = Mapping[str, Any]
Misfit = Callable[[], None]


class Columns:
    """Reads the JSON values of a DocType's history as its fields keep them today."""

    def __init__(self, doctype: DocType, misfit: Misfit) -> None:
        self._misfit = misfit
        stored = {item.fieldname for item in doctype.stored_fields}
        self._columns = {item.fieldname: item for item in record_table(doctype).info["columns"] if item.fieldname in stored}

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def blank(self) -> Record:
        return {name: 0 if item.is_flag else None for name, item in self._columns.items()}

    def read(self, name: str, value: Any) -> Any:
        """The value; empty, and counted, where the field does not hold such values any more."""
        item = self._columns[name]
        try:
            found = convert(item.kind, value) if value not in (None, "") else None
        except (ValueError, TypeError, ArithmeticError):
            self._misfit()
            found = None
        return 0 if found is None and item.is_flag else found


class Redo:
    """Applies entries of the history to records of one DocType."""

    def __init__(self, model: Model, doctype: DocType, misfit: Misfit) -> None:
        self._own = Columns(doctype, misfit)
        self._tables = {item.fieldname: Columns(model.child(item), misfit) for item in doctype.table_fields}

    def blank(self) -> Record:
        return self._own.blank() | {table: [] for table in self._tables}

    def read(self, values: Mapping[str, Any]) -> Record:
        """A record from the JSON values that `as_of` gives."""
        record = self.blank()
        for name, value in values.items():
            if name in self._own:
                record[name] = self._own.read(name, value)
            elif name in self._tables:
                record[name] = [self._row(name, number, row) for number, row in enumerate(value or (), start=1)]
        return record

    def _row(self, table: str, number: int, values: Mapping[str, Any]) -> Record:
        columns = self._tables[table]
        read = {name: columns.read(name, value) for name, value in values.items() if name in columns}
        return {"name": values["name"], "idx": number, **columns.blank(), **read}

    def apply(self, record: Record, changes: Iterable[Change]) -> Record:
        """The record after these changes; the one given stays as it is."""
        after = dict(record)
        by_table: dict[str, list[Change]] = {}
        for change in changes:
            if table := change.get("table"):
                by_table.setdefault(table, []).append(change)
            elif change["field"] in self._own:
                after[change["field"]] = self._own.read(change["field"], change["new"])
            elif change["field"] == "docstatus":
                after["docstatus"] = change["new"]
        for table, found in by_table.items():
            if table in self._tables:
                after[table] = self._rows(table, record.get(table) or [], found)
        return after

    def _rows(self, table: str, before: list[Record], changes: list[Change]) -> list[Record]:
        columns = self._tables[table]
        gone = {change["row"] for change in changes if change["change"] == "removed"}
        order = next((change["new"] for change in changes if change["change"] == "moved"), None)
        stayed = [row for row in before if row["name"] not in gone]
        if order is not None:  # the numbers that these rows had before, in the order in which they stand now
            stayed = [before[number - 1] for number in order if 0 < number <= len(before)]
        rows = [dict(row) for row in stayed]
        by_name = {row["name"]: row for row in rows}
        added: dict[str, int] = {}
        for change in changes:
            if change["change"] == "added" and change["row"] not in by_name:
                by_name[change["row"]] = {"name": change["row"], **columns.blank()}
                added[change["row"]] = change["idx"] or len(before) + len(added) + 1
            if change["change"] in ("added", "changed") and change["row"] in by_name and (change["field"] or "") in columns:
                by_name[change["row"]][change["field"]] = columns.read(change["field"], change["new"])
        for name, place in sorted(added.items(), key=lambda pair: pair[1]):
            rows.insert(place - 1, by_name[name])
        return [{**row, "idx": number} for number, row in enumerate(rows, start=1)]
