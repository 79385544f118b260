"""Long tasks as rows: one waits, is taken by one worker under a lease, may be stopped by its person, and is taken again when its worker dies.

The tables (simulations, imports, prints of many records) have the columns named here: `id`, `at`, `state` (of which "waiting", "running" and
"stopping" are meant here), `leased_by`, `lease_until`. What a task does and what else it writes down is theirs; `QueueThread` works them off.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select, update

ACTIVE = ("waiting", "running", "stopping")


def free(table: Table, now: datetime) -> ColumnElement[bool]:
    """Tasks that wait, and those whose worker let the lease run out."""
    return or_(table.c.state == "waiting", and_(table.c.state.in_(("running", "stopping")), table.c.lease_until <= now))


def is_any_free(connection: Connection, table: Table, now: datetime) -> bool:
    return connection.execute(select(table.c.id).where(free(table, now)).limit(1)).first() is not None


def take(
    connection: Connection,
    table: Table,
    worker: str,
    now: datetime,
    until: datetime,
    *which: ColumnElement[bool],
    **values: Any,
) -> Mapping[str, Any] | None:
    """The oldest free task, leased to `worker` and `values` written with it; the row as it was but for its state, None when there is none.

    The state is "running", or "stopped" for a task that was to stop when its worker died: nothing is left to do for that.
    """
    asked = select(table).where(free(table, now), *which).order_by(table.c.at).limit(1).with_for_update(skip_locked=True)
    row = connection.execute(asked).mappings().first()
    if row is None:
        return None
    state = "stopped" if row["state"] == "stopping" else "running"
    leased = {"state": state, "leased_by": worker, "lease_until": until, **values}
    connection.execute(update(table).where(table.c.id == row["id"]).values(leased))
    return {**row, "state": state}


def stop(connection: Connection, table: Table, task_id: str, **values: Any) -> None:
    """A task that waits stops at once, `values` written with it; one that runs when its worker looks next."""
    same = table.c.id == task_id
    if not connection.execute(update(table).where(same, table.c.state == "waiting").values(state="stopped", **values)).rowcount:
        connection.execute(update(table).where(same, table.c.state == "running").values(state="stopping"))
