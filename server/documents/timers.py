"""Time rules: `12 h after reported_at, if it is not fixed`. Timers are rows; the worker asks which are due."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, update

from ..access.user import User
from ..core.clock import Clock
from ..core.errors import GuijuError, StorageUnavailable
from ..storage.database import Database
from ..storage.system import timer as table
from .save_path import SavePath
from .snapshot import Snapshot

log = structlog.get_logger(__name__)
AT_ONCE = 100


class TimerService:
    def __init__(self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot], zone: ZoneInfo) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._zone = zone

    def sweep(self) -> int:
        """Judge every time rule whose time has come; returns how many. One transaction each, so that one bad record holds up none."""
        now = self._clock.now()
        ask = select(table.c.doctype, table.c.name, table.c.rule).where(table.c.state == "pending", table.c.fire_at <= now)
        with self._database.read() as connection:
            due = connection.execute(ask.order_by(table.c.fire_at).limit(AT_ONCE)).all()
        for row in due:
            try:
                self._fire(row.doctype, row.name, row.rule)
            except StorageUnavailable:
                raise
            except GuijuError as error:
                log.warning("time rule refused", doctype=row.doctype, name=row.name, rule=row.rule, error=str(error))
                self._mark(row.doctype, row.name, row.rule, "failed")
        return len(due)

    def _fire(self, doctype: str, name: str, rule: str) -> None:
        snapshot = self._snapshots()
        found = snapshot.model.get(doctype)
        if found is None or rule not in snapshot.rulebook.rules:
            self._mark(doctype, name, rule, "void")
            return
        with self._database.write() as connection:
            claimed = update(table).where(
                table.c.doctype == doctype, table.c.name == name, table.c.rule == rule, table.c.state == "pending"
            )
            if connection.execute(claimed.values(state="fired", fired_at=self._clock.now())).rowcount != 1:
                return  # another process was quicker
            path = SavePath(connection, snapshot, found, User.administrator(), self._clock.now(), self._zone)
            path.fire(name, rule)

    def _mark(self, doctype: str, name: str, rule: str, state: str) -> None:
        here = (table.c.doctype == doctype, table.c.name == name, table.c.rule == rule)
        with self._database.write() as connection:
            connection.execute(update(table).where(*here).values(state=state, fired_at=self._clock.now()))
