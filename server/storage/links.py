"""Who refers to a record: asked before it is deleted or cancelled."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, Table, and_, select

from ..metadata.model import SUBMITTED, DocField, DocType, Model
from .tables import record_table

LIMIT = 50


def referring(
    connection: Connection, model: Model, doctype: str, name: str, *, submitted_only: bool = False
) -> list[tuple[str, str]]:
    """(DocType, name) of at most 50 records that refer to this one by a Link or Dynamic Link, in themselves or in a row.

    With `submitted_only` those that are submitted.
    """
    found: dict[tuple[str, str], None] = {}
    for owner, item in pointing_fields(model, doctype):
        for record in _holders(connection, model, owner, item, doctype, name, submitted_only):
            if record != (doctype, name):
                found[record] = None
        if len(found) >= LIMIT:
            break
    return list(found)[:LIMIT]


def pointing_fields(model: Model, doctype: str) -> Iterator[tuple[DocType, DocField]]:
    """Every field, of records and of rows, that may lead to a record of this DocType."""
    yield from model.links_to(doctype)
    for owner in model:
        for item in owner.fields:
            if item.fieldtype == "Dynamic Link" and (item.options or "") in owner.by_name:
                yield owner, item


def points_at(table: Table, item: DocField, doctype: str, name: str) -> ColumnElement[bool]:
    """The condition that a field leads to this record; a dynamic link says the DocType in another column."""
    points = table.c[item.fieldname] == name
    return and_(points, table.c[item.options or ""] == doctype) if item.fieldtype == "Dynamic Link" else points


def _holders(
    connection: Connection, model: Model, owner: DocType, item: DocField, doctype: str, name: str, submitted_only: bool
) -> Iterator[tuple[str, str]]:
    table = record_table(owner)
    points = points_at(table, item, doctype, name)
    if not owner.istable:
        if submitted_only:
            points = and_(points, table.c.docstatus == SUBMITTED)
        for row in connection.execute(select(table.c.name).where(points).order_by(table.c.name).limit(LIMIT)):
            yield owner.name, row.name
        return
    parents = select(table.c.parenttype, table.c.parent).where(points).distinct().order_by(table.c.parenttype, table.c.parent)
    for row in connection.execute(parents.limit(LIMIT * 4)).all():
        parent = model.get(row.parenttype)
        if parent is not None and (not submitted_only or _is_submitted(connection, parent, row.parent)):
            yield row.parenttype, row.parent


def _is_submitted(connection: Connection, doctype: DocType, name: str) -> bool:
    table = record_table(doctype)
    return connection.execute(select(table.c.docstatus).where(table.c.name == name)).scalar() == SUBMITTED
