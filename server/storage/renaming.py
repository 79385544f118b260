"""A record under another name: its own row, its child rows, what the fixed tables keep about it, and every link that leads to it.

Works inside the caller's transaction; the versions that this owes to every record concerned are written by the caller.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Table, and_, bindparam, select, update

from ..metadata.model import DocType, Model
from . import readings
from .links import pointing_fields, points_at
from .record_faults import named_duplicates
from .records import CHUNK
from .system import (
    changed,
    comment,
    file,
    follow,
    idempotency,
    initials,
    made,
    message,
    notification,
    obligation,
    seen,
    share,
    sort_key,
    tag_link,
    timer,
    workflow_run,
)
from .tables import record_table

FOLLOWING: tuple[Table, ...] = (
    changed,
    comment,
    file,
    follow,
    idempotency,
    initials,
    made,
    message,
    notification,
    obligation,
    seen,
    share,
    sort_key,
    tag_link,
    timer,
    workflow_run,
)


def move(connection: Connection, model: Model, doctype: DocType, old: str, new: str) -> None:
    """Give the record, its child rows and what is kept about it (comments, files, obligations ...) the new name. Raises DuplicateValue."""
    table = record_table(doctype)
    with named_duplicates(doctype, {"name": new}):  # somebody may have taken the name in the same moment
        connection.execute(update(table).where(table.c.name == old).values(name=new))
    for child in {model.child(item).name: model.child(item) for item in doctype.table_fields}.values():
        rows = record_table(child)
        mine = and_(rows.c.parent == old, rows.c.parenttype == doctype.name)
        connection.execute(update(rows).where(mine).values(parent=new))
    for fixed in FOLLOWING:
        connection.execute(update(fixed).where(fixed.c.doctype == doctype.name, fixed.c.name == old).values(name=new))
    readings.note(connection, doctype, {"name": new})  # where the name is what titles it
    as_made = (made.c.made_doctype == doctype.name, made.c.made_name == old)
    connection.execute(update(made).where(*as_made).values(made_name=new))
    as_changed = (changed.c.changed_doctype == doctype.name, changed.c.changed_name == old)
    connection.execute(update(changed).where(*as_changed).values(changed_name=new))


def holders(connection: Connection, model: Model, doctype: str, name: str) -> dict[str, list[str]]:
    """The names of all records that refer to this one, in themselves or in a row, by DocType."""
    found: dict[str, dict[str, None]] = {}
    for owner, item in pointing_fields(model, doctype):
        table = record_table(owner)
        if owner.istable:
            asked = select(table.c.parenttype, table.c.parent).where(points_at(table, item, doctype, name)).distinct()
            for row in connection.execute(asked.order_by(table.c.parenttype, table.c.parent)):
                if row.parenttype in model:
                    found.setdefault(row.parenttype, {})[row.parent] = None
        else:
            names = connection.execute(select(table.c.name).where(points_at(table, item, doctype, name)).order_by(table.c.name))
            found.setdefault(owner.name, {}).update(dict.fromkeys(names.scalars()))
    return {owner: list(names) for owner, names in found.items() if names}


def repoint(connection: Connection, model: Model, doctype: str, old: str, new: str) -> None:
    """Let every link that leads to `old` lead to `new`."""
    for owner, item in pointing_fields(model, doctype):
        table = record_table(owner)
        connection.execute(update(table).where(points_at(table, item, doctype, old)).values({item.fieldname: new}))


def touch(connection: Connection, doctype: DocType, names: list[str], by: str, at: datetime) -> None:
    """Count the version of these records on, so that whoever has one open is told that it changed."""
    table = record_table(doctype)
    changed = {"version": table.c.version + 1, "modified": at, "modified_by": by}
    connection.execute(
        update(table).where(table.c.name == bindparam("the_name")).values(changed), [{"the_name": name} for name in names]
    )


def portions(names: list[str]) -> Iterator[list[str]]:
    """The names, a query's worth at a time."""
    for start in range(0, len(names), CHUNK):
        yield names[start : start + CHUNK]
