"""What administrators look at while a site runs: number series, outbox, audit trail. And the few safe actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from ..core.clock import Clock
from ..documents import incidents
from ..documents.snapshot import Snapshot
from ..jobs import outbox
from ..storage import audit
from ..storage.audit import Finding
from ..storage.database import Database
from ..storage.system import series as series_table
from ..storage.system import timer as timer_table
from ..storage.system import version as version_table

PAGE = 50


class EngineRoom:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        snapshots: Callable[[], Snapshot],
        verify_signatures: Callable[[], list[Finding]],
    ) -> None:
        self._verify_signatures = verify_signatures
        self._database = database
        self._clock = clock
        self._snapshots = snapshots

    def series(self) -> list[tuple[str, int]]:
        """Every number series and the last number it gave."""
        ask = select(series_table.c.prefix, series_table.c.current).order_by(series_table.c.prefix)
        with self._database.read() as connection:
            return [(row.prefix, int(row.current)) for row in connection.execute(ask)]

    def outbox(self) -> list[dict[str, Any]]:
        """The newest messages."""
        with self._database.read() as connection:
            return outbox.entries(connection)

    def dead_letters(self) -> int:
        """How many messages were given up."""
        with self._database.read() as connection:
            return outbox.counts(connection).get("dead", 0)

    def failed_timers(self) -> list[dict[str, Any]]:
        """Time rules that could not be carried out, the newest first: what they would have asked for is owed by nobody."""
        ask = select(timer_table).where(timer_table.c.state == "failed").order_by(timer_table.c.fired_at.desc()).limit(PAGE)
        with self._database.read() as connection:
            return [dict(row) for row in connection.execute(ask).mappings()]

    def incidents(self) -> list[dict[str, Any]]:
        """Rules that could not be judged, those that nobody has settled first."""
        with self._database.read() as connection:
            return incidents.newest(connection)

    def open_incidents(self) -> int:
        with self._database.read() as connection:
            return incidents.number_open(connection)

    def settle_incident(self, key: str, by: str) -> None:
        with self._database.write() as connection:
            incidents.settle(connection, key, by, self._clock.now())

    def retry(self, entry_id: int) -> None:
        """Give a dead letter another chance."""
        with self._database.write() as connection:
            outbox.retry(connection, entry_id, self._clock.now())

    def audit(self, before: int | None = None) -> list[dict[str, Any]]:
        """The newest entries of the whole audit trail, a page at a time; `before` is the id of the last one seen."""
        columns = [column for column in version_table.c if column.name != "changes"]
        ask = select(*columns).order_by(version_table.c.id.desc()).limit(PAGE)
        if before is not None:
            ask = ask.where(version_table.c.id < before)
        with self._database.read() as connection:
            return [dict(row) for row in connection.execute(ask).mappings()]

    def verify(self) -> list[Finding]:
        """Everything that was changed behind the program's back."""
        with self._database.read() as connection:
            found = list(audit.verify(connection, self._snapshots().model))
        return found + self._verify_signatures()
