"""The values of one column, row by row in the order of the key, a portion at a time: for migrations, which know no DocTypes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, select

from .tables import StoredColumn
from .types import column_type, text_type


def bare(name: str, *columns: Column[Any]) -> Table:
    """A table of which only the key and these columns are known."""
    return Table(name, MetaData(), Column("name", text_type(), primary_key=True), *columns)


def portions(
    connection: Connection, table: str, column: StoredColumn, size: int = 1000, *, missing: str | None = None
) -> Iterator[list[tuple[str, Any]]]:
    """(name, value) of all rows with a value; of those only whose column `missing` is empty, when one is named."""
    others = [Column(missing, text_type())] if missing else []
    source = bare(table, Column(column.column, column_type(column.kind, column.places)), *others)
    value = source.c[column.column]
    asked = select(source.c.name, value).where(value.is_not(None)).order_by(source.c.name).limit(size)
    if missing:
        asked = asked.where(source.c[missing].is_(None))
    last: str | None = None
    while True:
        rows = connection.execute(asked if last is None else asked.where(source.c.name > last)).all()
        if not rows:
            return
        yield [(row[0], row[1]) for row in rows]
        last = rows[-1][0]
