"""The shape of a record: which fields and rows its content hash covers, kept under a digest.

A DocType changes over the years while old versions keep their hashes. A content hash therefore names the shape it was made
with (`<shape>:<hash>`), and `audit.verify` can make it again from what the tables hold now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, select

from ..core.ids import digest
from ..core.values import canonical, canonical_without_floats, moment_text, plain_number
from ..metadata.fieldtypes import Kind
from ..metadata.model import STANDARD_FIELDS, DocType, Model
from .system import shape as table
from .tables import STANDARD_KINDS, columns_of
from .types import convert
from .upserts import upsert

Columns = tuple[tuple[str, Kind], ...]


@dataclass(frozen=True)
class Shape:
    """Fields with their kinds, and per table field the child DocType with its columns."""

    doctype: str
    fields: Columns
    tables: tuple[tuple[str, str, Columns], ...]

    @cached_property
    def written(self) -> Callable[[Any], str]:
        """How content of this shape is written to be hashed; a signature holds the numbers of its strokes."""
        columns = (self.fields, *(columns for _, _, columns in self.tables))
        return canonical if any(kind == "json" for some in columns for _, kind in some) else canonical_without_floats

    def to_json(self) -> dict[str, Any]:
        return {
            "fields": [list(item) for item in self.fields],
            "tables": [[name, child, [list(c) for c in columns]] for name, child, columns in self.tables],
        }

    @classmethod
    def of_json(cls, doctype: str, body: Mapping[str, Any]) -> Shape:
        tables = tuple((name, child, tuple((c, kind) for c, kind in columns)) for name, child, columns in body["tables"])
        return cls(doctype, tuple((name, kind) for name, kind in body["fields"]), tables)

    def digest(self) -> str:
        return digest(canonical([self.doctype, self.to_json()]))[:16]


_KNOWN: WeakKeyDictionary[Model, dict[str, tuple[str, Shape]]] = WeakKeyDictionary()


def shape_of(model: Model, doctype: DocType) -> tuple[str, Shape]:
    """The digest and shape of a DocType's records in this model; made once."""
    known = _KNOWN.setdefault(model, {})
    if doctype.name not in known:
        fields = tuple((item.fieldname, item.kind) for item in columns_of(doctype) if item.fieldname not in STANDARD_FIELDS)
        tables = tuple(
            (
                item.fieldname,
                item.options or "",
                tuple(
                    (column.fieldname, column.kind)
                    for column in columns_of(model.child(item))
                    if column.fieldname not in STANDARD_KINDS
                ),
            )
            for item in doctype.table_fields
        )
        shape = Shape(
            doctype.name,
            tuple(sorted(fields)),
            tuple(sorted((name, child, tuple(sorted(columns))) for name, child, columns in tables)),
        )
        known[doctype.name] = (shape.digest(), shape)
    return known[doctype.name]


def keep_shapes(connection: Connection, model: Model) -> None:
    """Keep the shapes of all DocTypes, so that hashes made with them can be verified when the model is gone."""
    known = set(connection.execute(select(table.c.digest)).scalars())
    for doctype in model:
        if not doctype.istable:
            key, shape = shape_of(model, doctype)
            if key not in known:
                connection.execute(
                    upsert(connection, table, {"digest": key, "doctype": doctype.name, "body": shape.to_json()}, ["digest"])
                )


def kept_shapes(connection: Connection, doctypes: Iterable[str] | None = None) -> dict[str, Shape]:
    """All kept shapes by digest."""
    asked = select(table.c.digest, table.c.doctype, table.c.body)
    if doctypes is not None:
        asked = asked.where(table.c.doctype.in_(list(doctypes)))
    return {row.digest: Shape.of_json(row.doctype, row.body) for row in connection.execute(asked)}


def hash_content(shape: Shape, record: Mapping[str, Any]) -> str:
    """The hash of a record's content: every filled value of the shape, and who and when."""
    content = {name: record.get(name) for name in STANDARD_FIELDS}
    content["version"], content["docstatus"] = int(record.get("version") or 0), int(record.get("docstatus") or 0)
    fields = _filled(shape.fields, record)
    rows = {
        name: [[row.get("name"), _filled(columns, row)] for row in record.get(name) or ()]
        for name, _, columns in shape.tables
        if record.get(name)
    }
    return digest(shape.written([shape.doctype, content, fields, rows]))


def hash_signed(shape: Shape, record: Mapping[str, Any], without: frozenset[str], only: frozenset[str]) -> str:
    """The hash of what an e-signature covers: the filled fields and the rows in their order, `without` those of the engine and,
    where any are named, `only` some. The record's name is part of it, so that no other record has the same."""

    def is_covered(name: str) -> bool:
        return name not in without and (not only or name in only)

    fields = {name: value for name, value in _filled(shape.fields, record).items() if is_covered(name)}
    rows = {
        name: [_filled(columns, row) for row in record.get(name) or ()]
        for name, _, columns in shape.tables
        if record.get(name) and is_covered(name)
    }
    return digest(shape.written([shape.doctype, record["name"], sorted(only), fields, rows]))


def _filled(columns: Columns, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is filled in, in the canonical form of what its kind keeps; an unticked box is the same whether it holds 0 or nothing."""
    found = {}
    for name, kind in columns:
        value = values.get(name)
        if value is None:
            continue
        if isinstance(value, str):  # asked first: whether a decimal equals a text is a long question
            if not value:
                continue
            if kind == "text" and "\x00" not in value:
                found[name] = value
                continue
        value = convert(kind, value)
        if kind == "decimal":
            value = plain_number(value)
        elif kind == "date" and value is not None:
            value = value.isoformat()
        elif kind == "datetime" and value is not None:
            value = moment_text(value)
        elif kind == "integer" and not value:
            continue
        found[name] = value
    return found
