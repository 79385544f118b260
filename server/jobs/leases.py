"""Leases: how a worker takes rows of a queue table so that nobody else does, and how a row comes back when its worker dies.

The queue tables (`gj_outbox`, `gj_message`) have the columns named here; what a row means is theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Table, and_, or_, update

MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
FREE: dict[str, Any] = {"leased_by": None, "lease_until": None}


def due(table: Table, now: datetime) -> ColumnElement[bool]:
    """Rows that wait and whose time has come, and rows whose worker let the lease run out."""
    return or_(
        and_(table.c.state == "pending", table.c.due_at <= now), and_(table.c.state == "claimed", table.c.lease_until <= now)
    )


def take(connection: Connection, table: Table, ids: Sequence[int], worker: str, until: datetime) -> None:
    """Lease these rows; each counts one attempt more."""
    leased = {"state": "claimed", "leased_by": worker, "lease_until": until, "attempts": table.c.attempts + 1}
    connection.execute(update(table).where(table.c.id.in_(ids)).values(leased))


def held(
    table: Table, row_id: int | BindParameter[int], worker: str | BindParameter[str], attempt: int | BindParameter[int]
) -> ColumnElement[bool]:
    """The row while this worker's lease of this attempt lasts; for a statement that is kept, parameters in the places of the values."""
    return and_(table.c.id == row_id, table.c.state == "claimed", table.c.leased_by == worker, table.c.attempts == attempt)


def pause_after(attempt: int) -> timedelta:
    """How long to wait after the attempt of that number: 5 s, 10 s, 20 s ... an hour at most."""
    return min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
