"""The table of a DocType: its name, columns and indexes, as SQLAlchemy Core objects cached by the DocType object.

Nothing here touches a database. What is created or changed is decided by `schema` and `plan`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Column, MetaData, Table

from ..core.ids import digest
from ..metadata.fieldtypes import Kind
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocField, DocType
from .types import UtcDatetime, column_type, field_places, text_type

MAX_IDENTIFIER_BYTES = 63  # PostgreSQL cuts longer names silently
INDEXABLE_LENGTH = 500  # PostgreSQL refuses index entries over 2,700 bytes, MariaDB over 3,072
NAME_LENGTH = 140  # of records, DocTypes and fields alike

STANDARD_KINDS: dict[str, Kind] = {
    "name": "text", "owner": "text", "creation": "datetime", "modified": "datetime", "modified_by": "text", "docstatus": "integer",
    "version": "integer", "parent": "text", "parenttype": "text", "parentfield": "text", "idx": "integer",
}  # fmt: skip
NEVER_NULL = frozenset(("name", "docstatus", "version", "creation", "modified", "idx", "parent"))


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """One column of a DocType's table: the field it holds, its name in SQL, its kind."""

    fieldname: str
    column: str
    kind: Kind
    places: int = 0
    is_flag: bool = False  # a check box: 0 where nothing was ever written
    size: int = 0  # characters that a text may have at most, where the database must know (`bounds`); 0 for no bound


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """One index; `columns` are SQL names."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


def table_name(doctype: str) -> str:
    """`tab_service_ticket` for "Service Ticket". A name that could meet another one in lower case carries a digest of itself."""
    snake = re.sub(r"\W+", "_", doctype.strip().lower()).strip("_")
    if " ".join(word.capitalize() for word in snake.split("_")) == doctype and snake.isascii():
        return _fitted(f"tab_{snake}", doctype, always=False)
    return _fitted(f"tab_{snake}", doctype, always=True)


def column_name(fieldname: str) -> str:
    """The column of a field: its own name, cut with a digest where PostgreSQL could not hold it."""
    return _fitted(fieldname, fieldname, always=False)


def _fitted(name: str, source: str, *, always: bool) -> str:
    if not always and len(name.encode()) <= MAX_IDENTIFIER_BYTES:
        return name
    suffix = "_" + digest(source)[:8]
    return name.encode()[: MAX_IDENTIFIER_BYTES - len(suffix)].decode(errors="ignore").rstrip("_") + suffix


def columns_of(doctype: DocType) -> tuple[StoredColumn, ...]:
    """Standard columns, then one per stored field."""
    standard = CHILD_FIELDS if doctype.istable else STANDARD_FIELDS
    found = [
        StoredColumn(name, name, kind, size=NAME_LENGTH if kind == "text" else 0)
        for name, kind in ((name, STANDARD_KINDS[name]) for name in standard)
    ]
    for item in doctype.stored_fields:
        if item.type.kind is not None and item.fieldname not in standard:
            found.append(
                StoredColumn(
                    item.fieldname, column_name(item.fieldname), item.type.kind, field_places(item),
                    item.fieldtype == "Check", _size(item),
                )
            )  # fmt: skip
    return tuple(found)


def _size(item: DocField) -> int:
    """Two sizes only, so that a length that is changed now and then does not change the table."""
    if item.type.kind != "text" or not _is_short(item):
        return 0
    return NAME_LENGTH if item.fieldtype in ("Link", "Dynamic Link") or 0 < item.length <= NAME_LENGTH else INDEXABLE_LENGTH


def indexes_of(doctype: DocType) -> tuple[StoredIndex, ...]:
    """The indexes that lists, filters, links and paging by key need; each ends in the sort key."""
    table = table_name(doctype.name)
    found = dict(_wanted_indexes(doctype))
    return tuple(StoredIndex(_index_name(table, columns, unique), columns, unique) for columns, unique in found.items())


def _wanted_indexes(doctype: DocType) -> Iterator[tuple[tuple[str, ...], bool]]:
    tail = () if doctype.istable else ("modified", "name")
    if doctype.istable:
        yield ("parent", "parentfield", "idx"), False
    else:
        yield tail, False
        if any(permission.if_owner for permission in doctype.permissions):
            yield ("owner", *tail), False
        sort = doctype.by_name.get(doctype.sort_field)
        if sort is not None and _is_short(sort):
            yield (column_name(sort.fieldname), "name"), False
    for item in doctype.stored_fields:
        column = column_name(item.fieldname)
        if item.unique:
            yield (column,), True
        elif _is_short(item) and (item.search_index or item.in_standard_filter or item.fieldtype in ("Link", "Dynamic Link")):
            yield (column, *tail), False


def _is_short(item: DocField) -> bool:
    return item.type.kind is not None and item.type.is_short and item.length <= INDEXABLE_LENGTH


def _index_name(table: str, columns: tuple[str, ...], unique: bool) -> str:
    return _fitted(
        f"{'uq' if unique else 'ix'}_{table.removeprefix('tab_')}_{columns[0]}", " ".join((table, *columns)), always=True
    )


_TABLES: WeakKeyDictionary[DocType, Table] = WeakKeyDictionary()


def record_table(doctype: DocType) -> Table:
    """The SQLAlchemy table of a DocType; `table.c` is keyed by fieldname. Made once per DocType object."""
    table = _TABLES.get(doctype)
    if table is None:
        table = _TABLES[doctype] = _make_table(doctype)
    return table


def _make_table(doctype: DocType) -> Table:
    stored = columns_of(doctype)
    columns = [sql_column(item) for item in stored]
    table = Table(table_name(doctype.name), MetaData(), *columns)
    table.info["columns"] = stored
    table.info["unique"] = {index.name: index.columns[0] for index in indexes_of(doctype) if index.unique}
    return table


def sql_column(item: StoredColumn) -> Column[Any]:
    """The SQLAlchemy column of one stored column."""
    if item.fieldname == "name":
        return Column("name", text_type(NAME_LENGTH), primary_key=True)
    if item.fieldname in ("docstatus", "version", "idx"):
        return Column(item.column, BigInteger, nullable=False, server_default="0")
    if item.fieldname in ("creation", "modified"):
        return Column(item.column, UtcDatetime(), nullable=False)
    if item.fieldname in ("parent", "parenttype", "parentfield"):
        return Column(item.column, text_type(NAME_LENGTH), nullable=False)
    default = "0" if item.is_flag else None
    return Column(item.column, column_type(item.kind, item.places, item.size), key=item.fieldname, server_default=default)
