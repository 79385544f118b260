"""The journal of plans that are carried out in parts: what was begun stands in `gj_plan` before the first table is touched.

A plan whose process died is undone as long as its metadata is not in force, else finished. `settle` may be called by any process,
any number of times, by whoever holds the migration lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ..core.errors import DatabaseBusy
from ..core.ids import new_id
from . import locks, online
from .database import Database
from .parts import TablePart
from .plan import Plan
from .system import plan as table

# The states of a plan. SWITCHED: in force, but what it left behind is not cleared away yet. ABANDONED: taken back.
APPLYING, SWITCHED, APPLIED, ABANDONED, UNDONE = "applying", "switched", "applied", "abandoned", "undone"
IN_FORCE = (SWITCHED, APPLIED)
MIGRATION_LOCK = "migration"  # one process migrates at a time


def begin(database: Database, plan: Plan, parts: Iterable[TablePart], by: str, at: datetime | None) -> str:
    """Write down what is about to be done; returns the plan's id."""
    values = {
        "id": new_id(16), "at": at, "by": by, "steps": plan.to_json(), "state": APPLYING,
        "parts": [part.to_json() for part in parts],
    }  # fmt: skip
    with database.write(publishing=True) as connection:
        connection.execute(insert(table), values)
    return str(values["id"])


def switched(connection: Connection, entry: str, told: Mapping[str, Any]) -> None:
    """In the transaction that puts the metadata in force: from here on the plan is finished, not undone."""
    connection.execute(update(table).where(table.c.id == entry).values(state=SWITCHED, **told))


def settle(database: Database) -> None:
    """Undo or finish every plan that was begun and is not at its end."""
    for row in _unfinished(database):
        parts = [TablePart.of_json(item) for item in row["parts"] or ()]
        if row["state"] == APPLYING:
            online.undo(database, parts)
        elif database.dialect == "mariadb":
            online.contract_on_mariadb(database, parts)
        state = ABANDONED if row["state"] == APPLYING else APPLIED
        with database.write(publishing=True) as connection:
            connection.execute(update(table).where(table.c.id == row["id"]).values(state=state, parts=None))


def settle_abandoned(database: Database) -> None:
    """Settle what a process that died has left; a process that is alive and at work is not disturbed."""
    if database.dialect == "sqlite" or not _unfinished(database):  # SQLite holds every plan in one transaction
        return
    try:
        with locks.held(database, MIGRATION_LOCK):
            settle(database)
    except DatabaseBusy:
        return


def _unfinished(database: Database) -> list[Mapping[str, Any]]:
    asked = select(table.c.id, table.c.state, table.c.parts).where(table.c.state.in_((APPLYING, SWITCHED)))
    with database.statements() as connection:  # not through the gate, which this process may hold shut
        return [dict(row) for row in connection.execute(asked).mappings()]
