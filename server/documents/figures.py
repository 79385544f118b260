"""How the site stands, in numbers for a monitoring system: what is owed and late, what waits or has failed, what was saved."""

from __future__ import annotations

from sqlalchemy import Connection, and_, func, select

from ..core.clock import Clock
from ..core.metrics import Family, Labels
from ..jobs import messages, outbox
from ..obligations.model import OWED
from ..storage.database import Database
from ..storage.system import obligation, timer, version


class Figures:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def families(self) -> list[Family]:
        """Counted now, in one read transaction; by columns that are indexed."""
        with self._database.read() as connection:
            return [
                Family("guiju_obligations", "gauge", "Obligations, approvals and signatures that are owed, by kind and state.", _owed(connection)),
                Family("guiju_obligations_due", "gauge", "Of these, due by now and not marked as late yet: above zero for long, nobody sweeps.", self._due(connection)),
                Family("guiju_timers_due", "gauge", "Time rules whose time has come and that wait for the worker.", self._timers(connection)),
                Family("guiju_jobs", "gauge", "Entries of the outbox: pending ones wait, dead ones have failed for good.", _jobs(connection)),
                Family("guiju_messages", "gauge", "Messages by channel and state: done were delivered, dead were given up.", _messages(connection)),
                Family("guiju_saves_total", "counter", "Changes kept in the histories of records.", _saves(connection)),
            ]  # fmt: skip

    def _due(self, connection: Connection) -> dict[Labels, float]:
        overdue = and_(obligation.c.state == "open", obligation.c.due_at <= self._clock.now(), obligation.c.paused_at.is_(None))
        return {(): _number(connection, select(func.count()).where(overdue))}

    def _timers(self, connection: Connection) -> dict[Labels, float]:
        waiting = and_(timer.c.state == "pending", timer.c.fire_at <= self._clock.now())
        return {(): _number(connection, select(func.count()).where(waiting))}


def _owed(connection: Connection) -> dict[Labels, float]:
    asked = select(obligation.c.kind, obligation.c.state, func.count()).where(obligation.c.state.in_(OWED))
    rows = connection.execute(asked.group_by(obligation.c.kind, obligation.c.state))
    found: dict[Labels, float] = {(("kind", "obligation"), ("state", state)): 0 for state in OWED}
    return found | {(("kind", row[0]), ("state", row[1])): int(row[2]) for row in rows}


def _jobs(connection: Connection) -> dict[Labels, float]:
    found: dict[Labels, float] = {(("state", state),): 0 for state in ("pending", "dead")}
    return found | {(("state", state),): number for state, number in outbox.counts(connection).items()}


def _messages(connection: Connection) -> dict[Labels, float]:
    return {
        (("channel", channel or ""), ("state", state)): number
        for (channel, state), number in messages.counts(connection).items()
    }


def _saves(connection: Connection) -> dict[Labels, float]:
    """The histories are only ever added to, so their last number never goes back."""
    return {(): _number(connection, select(func.max(version.c.id)))}


def _number(connection: Connection, asked: object) -> float:
    return float(connection.execute(asked).scalar() or 0)  # type: ignore[call-overload]
