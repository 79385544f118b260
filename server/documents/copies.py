"""What one record gives to another: the values of a duplicate or an amendment, of a record made from one of another kind, and
of a draft that goes back to an earlier version. Nothing is stored here; `service` saves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..core.values import Masked
from ..metadata.model import OF_PARENT, DocField, DocType, MapsFrom, Model
from .complete import Record


def copied_values(doctype: DocType, record: Record) -> dict[str, Any]:
    """The values of a record for a new one: without `no_copy` fields and signatures, rows without their names."""
    values: dict[str, Any] = {}
    for item in doctype.data_fields:
        if item.no_copy or item.fieldname not in record or item.fieldtype == "Signature":  # signed was the other one
            continue
        value = record[item.fieldname]
        values[item.fieldname] = (
            [{k: v for k, v in row.items() if k not in ("name", "idx") and not isinstance(v, Masked)} for row in value or ()]
            if item.type.holds_rows
            else value
        )
    return {name: value for name, value in values.items() if not isinstance(value, Masked)}


def mapped_values(source: DocType, target: DocType, mapping: MapsFrom, record: Record) -> dict[str, Any]:
    """The values that a new `target` takes from a `source` record."""
    values: dict[str, Any] = {}
    if not mapping.only_listed:
        values = {
            item.fieldname: record.get(item.fieldname)
            for item in target.stored_fields
            if item.fieldname in source.by_name
            and item.fieldtype == source.by_name[item.fieldname].fieldtype
            and not item.no_copy
            and not item.is_computed
            and item.fieldname not in ("naming_series", "status", "amended_from")
        }
    values |= {ours: record.get(theirs) for ours, theirs in mapping.fields.items()}
    values |= mapping.values
    for table, (theirs, columns) in mapping.tables.items():
        values[table] = [_mapped_row(columns, row, record) for row in record.get(theirs) or ()]
    return {name: value for name, value in values.items() if value is not None and not isinstance(value, Masked)}


def _mapped_row(columns: Mapping[str, str], row: Record, record: Record) -> dict[str, Any]:
    """The columns of one row: of its counterpart there, or (`parent.name`) of the record that it stands in."""
    found = {
        ours: record.get(theirs.removeprefix(OF_PARENT)) if theirs.startswith(OF_PARENT) else row.get(theirs)
        for ours, theirs in columns.items()
    }
    return {ours: value for ours, value in found.items() if not isinstance(value, Masked)}


def restored_values(model: Model, doctype: DocType, then: Record, may_write: Callable[[DocField], bool]) -> dict[str, Any]:
    """Of what a record was, what its user may bring back; rows keep what stands now in the columns that they may not write."""
    values: dict[str, Any] = {}
    for item in doctype.data_fields:
        if item.is_computed or item.read_only or item.set_only_once or item.type.is_secret or not may_write(item):
            continue
        values[item.fieldname] = then[item.fieldname]
        if item.type.holds_rows:
            kept = {column.fieldname for column in model.child(item).stored_fields if not may_write(column)}
            rows = then[item.fieldname]
            values[item.fieldname] = [{name: value for name, value in row.items() if name not in kept} for row in rows]
    return values
