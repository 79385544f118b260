"""New rows on their way into their tables: each record's at once, or many records' together.

What a row holds is made in `records`; what the database says of it is told by `record_faults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Insert, Table, insert
from sqlalchemy.event import listen

from ..metadata.model import DocType
from .gathering import kept_for_block
from .record_faults import named_duplicates
from .tables import record_table

Rows = list[dict[str, Any]]
_WAITING = "guiju records"


@dataclass(slots=True)
class _Waiting:
    """Rows to be inserted, by DocType; `refused` once the database did not take some of them."""

    rows: dict[str, tuple[DocType, Rows]] = field(default_factory=dict)
    refused: Exception | None = None


def insert_rows(connection: Connection, doctype: DocType, rows: Rows) -> None:
    """Of one table; within `gathered` they wait for others. Raises DuplicateValue naming the field, ValidationFailed."""
    waiting: _Waiting | None = connection.info.get(_WAITING)
    if waiting is None:
        _insert(connection, doctype, rows)
    else:
        waiting.rows.setdefault(doctype.name, (doctype, []))[1].extend(rows)


@contextmanager
def gathered(connection: Connection) -> Iterator[None]:
    """Within the block new rows wait to be inserted together, until anything else is asked of the connection.

    What the database refuses of them is told then, of whichever record that may be, and again at every question that follows: whoever
    asked first may have taken it for an answer to its own question, as a rule does that cannot be judged. Not for blocks that roll back
    to a savepoint.
    """
    listen(connection, "before_execute", _write_before)
    listen(connection, "savepoint", _write_before)
    with kept_for_block(connection, _WAITING, _Waiting(), write_gathered):
        yield


def write_gathered(connection: Connection) -> None:
    """Insert what waits. Raises what `insert_rows` raises."""
    waiting: _Waiting | None = connection.info.get(_WAITING)
    if waiting is None:
        return
    if waiting.refused is not None:
        raise waiting.refused
    rows, waiting.rows = waiting.rows, {}
    try:
        for doctype, some in rows.values():
            _insert(connection, doctype, some)
    except Exception as error:
        waiting.refused = error
        raise


def _write_before(connection: Connection, *_: Any) -> None:
    write_gathered(connection)


def _insert(connection: Connection, doctype: DocType, rows: Rows) -> None:
    with named_duplicates(doctype, rows[0]):
        connection.execute(_statement(record_table(doctype)), rows if len(rows) > 1 else rows[0])


def _statement(table: Table) -> Insert:
    """Made once per table object."""
    if "insert" not in table.info:
        table.info["insert"] = insert(table)
    found: Insert = table.info["insert"]
    return found
