"""Which version of its workflow a record runs under, where it stands and since when: one row of a fixed table for each such record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from ..storage.system import workflow_run as table
from ..storage.upserts import upsert

LISTS = ("added", "approved", "changed_by")


@dataclass(frozen=True)
class Run:
    """A record on its way. `round` counts how often steps were asked anew; `sent_by` sent it into its state, from `came_from`.

    `added` are the steps that signers asked for beside those of the workflow; `approved` says which states were approved, each with a
    hash of every field that the approval is bound to. `changed_by` have changed what is being approved since a person sent it in.
    """

    doctype: str
    name: str
    workflow: str
    digest: str
    state: str
    round: int = 0
    came_from: str = ""
    sent_by: str = ""
    sent_at: datetime | None = None
    added: tuple[Mapping[str, Any], ...] = ()
    approved: tuple[Mapping[str, Any], ...] = ()
    changed_by: tuple[str, ...] = ()


def run_of(connection: Connection, doctype: str, name: str) -> Run | None:
    """The run of a record; None of one that no workflow has touched yet."""
    row = connection.execute(select(table).where(table.c.doctype == doctype, table.c.name == name)).mappings().first()
    if row is None:
        return None
    return Run(**{**row, **{key: tuple(row[key] or ()) for key in LISTS}})


def keep(connection: Connection, run: Run) -> None:
    """Write a run down, whether it is new or not."""
    values = asdict(run) | {key: list(getattr(run, key)) for key in LISTS}
    changes = {key: value for key, value in values.items() if key not in ("doctype", "name")}
    connection.execute(upsert(connection, table, values, ("doctype", "name"), changes))


def forget(connection: Connection, doctype: str, name: str) -> None:
    """The record is deleted."""
    connection.execute(delete(table).where(table.c.doctype == doctype, table.c.name == name))
