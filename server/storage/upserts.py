"""INSERT of a row that may be there already, for the fixed tables: each database has a statement of its own for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import mysql, postgresql, sqlite


def upsert(
    connection: Connection,
    table: Table,
    values: Mapping[str, Any],
    unique: Sequence[str],
    changes: Mapping[str, Any] | None = None,
) -> Insert:
    """An INSERT that, when a row with the same `unique` columns exists, makes `changes` to it (none: leaves it alone)."""
    if connection.dialect.name == "mariadb":  # INSERT IGNORE would let any other fault pass as well
        kept = {unique[0]: table.c[unique[0]]}
        return mysql.insert(table).values(dict(values)).on_duplicate_key_update(dict(changes or kept))
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(table).values(dict(values))
    if changes is None:
        return insert.on_conflict_do_nothing(index_elements=list(unique))  # type: ignore[no-any-return]
    return insert.on_conflict_do_update(index_elements=list(unique), set_=dict(changes))  # type: ignore[no-any-return]


def upsert_given(connection: Connection, table: Table, unique: Sequence[str], changing: Sequence[str] = ()) -> Insert:
    """The same for rows that are given when it runs, one or many: of a row that exists the columns `changing` take what is given.

    Made once for each table and database, as a save runs several.
    """
    kept: dict[Any, Insert] = table.info.setdefault("upserts", {})
    key = connection.dialect.name, tuple(unique), tuple(changing)
    if key not in kept:
        kept[key] = _upsert_given(connection, table, unique, changing)
    return kept[key]


def _upsert_given(connection: Connection, table: Table, unique: Sequence[str], changing: Sequence[str]) -> Insert:
    if connection.dialect.name == "mariadb":
        added = mysql.insert(table)
        kept = {unique[0]: table.c[unique[0]]}
        return added.on_duplicate_key_update({name: added.inserted[name] for name in changing} or kept)
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(table)
    if not changing:
        return insert.on_conflict_do_nothing(index_elements=list(unique))  # type: ignore[no-any-return]
    given = {name: insert.excluded[name] for name in changing}
    return insert.on_conflict_do_update(index_elements=list(unique), set_=given)  # type: ignore[no-any-return]
