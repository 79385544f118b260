"""Time rules: `12 h after reported_at, if it is not fixed`. Timers are rows; the worker asks which are due.

What a schedule asks for becomes timers too, one for each record: see `scheduling`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Row, bindparam, select, update

from ..access.user import User
from ..access.vault import Vault
from ..core.clock import Clock
from ..core.errors import GuijuError, StorageUnavailable
from ..storage.database import Database
from ..storage.system import timer as table
from .incidents import Incident, keep_afterwards
from .save_path import SavePath
from .scheduling import plan_firings
from .snapshot import Snapshot

log = structlog.get_logger(__name__)
AT_ONCE = 100
_CLAIM = update(table).where(table.c.id == bindparam("the_id"), table.c.state == "pending")


class TimerService:
    def __init__(
        self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot], zone: ZoneInfo, vault: Vault
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._zone = zone
        self._vault = vault

    def sweep(self) -> int:
        """Judge every time rule whose time has come; returns how many. One transaction each, so that one bad record holds up none."""
        now = self._clock.now()
        plan_firings(self._database, self._snapshots(), now)
        ask = select(table.c.id, table.c.doctype, table.c.name, table.c.rule, table.c.place, table.c.fire_at)
        with self._database.read() as connection:
            due = connection.execute(
                ask.where(table.c.state == "pending", table.c.fire_at <= now).order_by(table.c.fire_at).limit(AT_ONCE)
            ).all()
        for row in due:
            met: list[Incident] = []
            try:
                self._fire(row, met)
            except StorageUnavailable:
                raise
            except GuijuError as error:
                log.warning("time rule refused", doctype=row.doctype, name=row.name, rule=row.rule, error=str(error))
                self._mark(row.id, "failed")
                keep_afterwards(self._database, self._clock.now(), met)
            except Exception:
                log.exception("time rule failed", doctype=row.doctype, name=row.name, rule=row.rule)
                self._mark(row.id, "failed")
        return len(due)

    def _fire(self, row: Row[Any, Any, Any, Any, Any, Any], met: list[Incident]) -> None:
        snapshot = self._snapshots()
        found = snapshot.model.get(row.doctype)
        if found is None or row.rule not in snapshot.rulebook.rules:
            self._mark(row.id, "void")
            return
        with self._database.write() as connection:
            claimed = {"the_id": row.id, "state": "fired", "fired_at": self._clock.now()}
            if connection.execute(_CLAIM, claimed).rowcount != 1:
                return  # another process was quicker
            path = SavePath(connection, snapshot, found, User.administrator(), self._clock.now(), self._zone, self._vault)
            path.incidents = met
            path.fire(row.name, row.rule, row.fire_at if row.place < 0 else None)

    def _mark(self, timer_id: int, state: str) -> None:
        with self._database.write() as connection:
            connection.execute(update(table).where(table.c.id == timer_id).values(state=state, fired_at=self._clock.now()))
