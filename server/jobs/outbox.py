"""The outbox: what is to be delivered after a commit, written in the same transaction as the reason for it.

A row is claimed with a lease, tried up to eight times with growing pauses, then set aside as dead for people to look at. At
least once; a key makes it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy import delete as sql_delete

from ..core.errors import NotFound
from ..core.text import Text
from ..storage.system import outbox as table
from ..storage.upserts import upsert_given
from . import leases
from .leases import MAX_ATTEMPTS

State = Literal["pending", "claimed", "done", "dead"]
LEASE = timedelta(seconds=60)
_FINISH = update(table).where(leases.held(table, bindparam("the_id"), bindparam("the_worker"), bindparam("the_attempt")))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One entry as its worker holds it: what to deliver, and the attempt that the lease was given for."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    key: str
    attempt: int


def enqueue(connection: Connection, kind: str, payload: Mapping[str, Any], key: str, at: datetime) -> None:
    """Put an entry into the outbox of this transaction; one with a key that was used before is left out."""
    values = {
        "kind": kind,
        "payload": dict(payload),
        "key": key,
        "created_at": at,
        "due_at": at,
        "state": "pending",
        "attempts": 0,
    }
    connection.execute(upsert_given(connection, table, ["key"]), values)


def is_any_due(connection: Connection, now: datetime) -> bool:
    """Whether there is anything to claim; asked in a read transaction, so that idle polling never writes."""
    return connection.execute(select(table.c.id).where(leases.due(table, now)).limit(1)).first() is not None


def claim(connection: Connection, worker: str, now: datetime, limit: int = 20) -> list[Delivery]:
    """Take due entries for one minute, the oldest first; an entry whose worker died is due again when its lease has run out."""
    columns = (table.c.id, table.c.kind, table.c.payload, table.c.key, table.c.attempts)
    asked = select(*columns).where(leases.due(table, now)).order_by(table.c.due_at, table.c.id).limit(limit)
    rows = connection.execute(asked.with_for_update(skip_locked=True)).all()
    if rows:
        leases.take(connection, table, [row.id for row in rows], worker, now + LEASE)
    return [Delivery(row.id, row.kind, row.payload, row.key, row.attempts + 1) for row in rows]


def finish(connection: Connection, delivery: Delivery, worker: str, now: datetime) -> bool:
    """Mark as delivered; False when the lease has passed to somebody else, whose work then counts."""
    done = {"state": "done", "done_at": now, "error": None} | leases.FREE
    held = {"the_id": delivery.id, "the_worker": worker, "the_attempt": delivery.attempt}
    return bool(connection.execute(_FINISH, held | done).rowcount)


def fail(connection: Connection, delivery: Delivery, worker: str, now: datetime, error: str) -> State:
    """Note the failure: tried again later, or set aside as dead after the eighth attempt. Returns the new state."""
    dead = delivery.attempt >= MAX_ATTEMPTS
    state: State = "dead" if dead else "pending"
    values = {"state": state, "due_at": now + leases.pause_after(delivery.attempt), "error": error[:2000]} | leases.FREE
    connection.execute(update(table).where(leases.held(table, delivery.id, worker, delivery.attempt)).values(values))
    return state


# For people


def entries(connection: Connection, state: State | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """The entries of one state (or all), the newest first."""
    asked = select(table).order_by(table.c.id.desc()).limit(limit)
    rows = connection.execute(asked if state is None else asked.where(table.c.state == state)).mappings()
    return [dict(row) for row in rows]


def counts(connection: Connection) -> dict[str, int]:
    """How many entries there are in each state."""
    return {row[0]: int(row[1]) for row in connection.execute(select(table.c.state, func.count()).group_by(table.c.state))}


def retry(connection: Connection, entry_id: int, now: datetime) -> None:
    """Try a dead entry again from the first attempt. Raises NotFound when it is not dead."""
    again = {"state": "pending", "attempts": 0, "due_at": now, "error": None}
    changed = connection.execute(update(table).where(table.c.id == entry_id, table.c.state == "dead").values(again))
    if not changed.rowcount:
        raise NotFound(Text(f"没有失败的投递 {entry_id}。", f"There is no dead entry {entry_id} in the outbox."))


def purge(connection: Connection, before: datetime) -> int:
    """Remove what was delivered before that time; dead entries stay until somebody has looked."""
    return int(connection.execute(sql_delete(table).where(table.c.state == "done", table.c.done_at < before)).rowcount)
