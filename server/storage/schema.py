"""What the tables of a site should look like, and what was made so far: plain data, compared by `plan`.

The recorded schema is kept as JSON in `gj_site` after every migration. What a DocType once had and has no longer (a field, a
whole table) is archived, never dropped, and recorded here so that it can come back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from sqlalchemy import Connection

from ..core.remembered import Remembered
from ..metadata.model import Model
from . import site_state
from .tables import NEVER_NULL, StoredColumn, StoredIndex, columns_of, indexes_of, table_name

RECORDED = "schema"
ARCHIVE_PREFIX = "zz_archived_"


@dataclass(frozen=True, slots=True)
class ArchivedColumn:
    """A column that no field has any more: where its data is kept."""

    table: str
    fieldname: str
    column: str
    kind: str
    places: int
    number: int  # counts up: the highest one is the latest
    size: int = 0


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One DocType's table."""

    doctype: str
    name: str
    columns: tuple[StoredColumn, ...]
    indexes: tuple[StoredIndex, ...] = ()

    def column(self, fieldname: str) -> StoredColumn | None:
        return next((item for item in self.columns if item.fieldname == fieldname), None)

    def index(self, name: str) -> StoredIndex | None:
        return next((item for item in self.indexes if item.name == name), None)

    def with_columns(self, columns: Iterable[StoredColumn]) -> TableSpec:
        return replace(self, columns=tuple(columns))

    def with_indexes(self, indexes: Iterable[StoredIndex]) -> TableSpec:
        return replace(self, indexes=tuple(indexes))


@dataclass(frozen=True)
class Schema:
    """All tables of DocTypes, with what is archived."""

    tables: Mapping[str, TableSpec] = field(default_factory=dict)  # by table name
    archived_tables: Mapping[str, TableSpec] = field(default_factory=dict)
    archived_columns: tuple[ArchivedColumn, ...] = ()

    def table_of(self, doctype: str) -> TableSpec | None:
        return next((item for item in self.tables.values() if item.doctype == doctype), None)

    def archived_table_of(self, doctype: str) -> TableSpec | None:
        return next((item for item in self.archived_tables.values() if item.doctype == doctype), None)

    def archive_of(self, table: str, fieldname: str, kind: str | None = None) -> ArchivedColumn | None:
        """The latest archived column of a field, of that kind when one is given."""
        found = [
            item for item in self.archived_columns
            if item.table == table and item.fieldname == fieldname and kind in (None, item.kind)
        ]  # fmt: skip
        return max(found, key=lambda item: item.number, default=None)

    def column_holding(self, spec: TableSpec, fieldname: str) -> StoredColumn | None:
        """The column where the values of a field are now: its own, else the one they were archived in."""
        archived = self.archive_of(spec.name, fieldname)
        if (own := spec.column(fieldname)) is not None or archived is None:
            return own
        return StoredColumn(fieldname, archived.column, archived.kind, archived.places, size=archived.size)  # type: ignore[arg-type]

    def next_archive_number(self, table: str, fieldname: str) -> int:
        last = self.archive_of(table, fieldname)
        return last.number + 1 if last else 1

    def to_json(self) -> dict[str, Any]:
        return {
            "tables": [_spec_to_json(item) for item in self.tables.values()],
            "archived_tables": [_spec_to_json(item) for item in self.archived_tables.values()],
            "archived_columns": [asdict(item) for item in self.archived_columns],
        }

    @classmethod
    def of_json(cls, body: Mapping[str, Any]) -> Schema:
        return cls(
            {item["name"]: _spec_of_json(item) for item in body["tables"]},
            {item["name"]: _spec_of_json(item) for item in body["archived_tables"]},
            tuple(ArchivedColumn(**item) for item in body["archived_columns"]),
        )

    # Schemas after a step

    def with_table(self, spec: TableSpec) -> Schema:
        archived = {name: item for name, item in self.archived_tables.items() if name != spec.name}
        return replace(self, tables={**self.tables, spec.name: spec}, archived_tables=archived)

    def without_table(self, name: str) -> Schema:
        kept = {key: item for key, item in self.tables.items() if key != name}
        return replace(self, tables=kept, archived_tables={**self.archived_tables, name: self.tables[name]})

    def with_renamed(self, old: str, spec: TableSpec) -> Schema:
        """The table `old` called and described as `spec`, with what was archived of it."""
        tables = {spec.name if name == old else name: spec if name == old else item for name, item in self.tables.items()}
        archived = tuple(replace(item, table=spec.name) if item.table == old else item for item in self.archived_columns)
        return replace(self, tables=tables, archived_columns=archived)

    def with_archived(self, item: ArchivedColumn) -> Schema:
        return replace(self, archived_columns=(*self.archived_columns, item))

    def without_archived(self, item: ArchivedColumn) -> Schema:
        return replace(self, archived_columns=tuple(other for other in self.archived_columns if other != item))


def _spec_to_json(item: TableSpec) -> dict[str, Any]:
    """As `asdict` would, which takes twenty times as long: every publication writes the tables of the whole site."""
    columns = [{name: getattr(column, name) for name in _COLUMN} for column in item.columns]
    indexes = [{name: getattr(index, name) for name in _INDEX} for index in item.indexes]
    return {"doctype": item.doctype, "name": item.name, "columns": columns, "indexes": indexes}


_COLUMN, _INDEX = (tuple(item.name for item in fields(kind)) for kind in (StoredColumn, StoredIndex))


def _spec_of_json(body: Mapping[str, Any]) -> TableSpec:
    columns = tuple(StoredColumn(**item) for item in body["columns"])
    indexes = tuple(StoredIndex(item["name"], tuple(item["columns"]), item["unique"]) for item in body["indexes"])
    return TableSpec(body["doctype"], body["name"], columns, indexes)


def wanted_tables(model: Model) -> dict[str, list[TableSpec]]:
    """The tables a model needs, by table name; a list, because two DocTypes must not meet in one (`plan` refuses that)."""
    found: dict[str, list[TableSpec]] = {}
    for doctype in model:
        name = table_name(doctype.name)
        found.setdefault(name, []).append(TableSpec(doctype.name, name, columns_of(doctype), indexes_of(doctype)))
    return found


def recorded_schema(connection: Connection) -> Schema:
    """The schema as the last migration left it; empty for a new site."""
    said = site_state.text_of(connection, RECORDED)
    return Schema() if said is None else _read_before.get(said, lambda: Schema.of_json(json.loads(said)))


_read_before: Remembered[str, Schema] = Remembered(4)  # a publication asks four times, and it is as long as the site is wide


def record_schema(connection: Connection, schema: Schema) -> None:
    """Keep the schema that now is."""
    site_state.put(connection, RECORDED, schema.to_json())


def may_be_null(fieldname: str) -> bool:
    return fieldname not in NEVER_NULL
