"""Telling administrators that somebody's password, code or signature is being guessed (21 CFR 11.300(d)).

Sign-in and signing count failures (`access.attempts`) and pause whoever goes on; the worker looks at what was counted and tells the role
System Manager, once for each login, address and quarter of an hour.
"""

from __future__ import annotations

from sqlalchemy import func, select

from ..access.attempts import LIMITS, WINDOW
from ..access.user import SYSTEM_MANAGER
from ..core.clock import Clock
from ..core.text import Text
from ..storage import site_state
from ..storage.database import Database
from ..storage.system import login_attempt as table
from .tell import tell

SEEN = "failed_attempts_told"  # up to which attempt administrators were told
FEWEST = LIMITS[0].most


class MisuseWatch:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def sweep(self) -> int:
        """Tell of every login that was guessed at as often as is allowed; returns how many."""
        now = self._clock.now()
        failures = func.count().label("failures")
        asked = (
            select(table.c.login, table.c.address, failures, func.max(table.c.id).label("last"))
            .where(table.c.ok == 0, table.c.at > now - WINDOW)
            .group_by(table.c.login, table.c.address)
            .having(failures >= FEWEST)
        )
        with self._database.read() as connection:
            told = int(site_state.get(connection, SEEN, 0))
            found = [row for row in connection.execute(asked) if row.last > told]
        if not found:
            return 0
        with self._database.write() as connection:
            for row in found:
                title = Text(
                    f"登录名“{row.login}”在 15 分钟内验证失败 {row.failures} 次（{row.address or '—'}），已暂停。",
                    f'The login "{row.login}" failed {row.failures} times within 15 minutes ({row.address or "-"}) and is paused.',
                )
                tell(
                    connection, now, title, None, None, key=f"misuse:{row.login}:{row.address}:{row.last}", role=SYSTEM_MANAGER
                )
            site_state.put(connection, SEEN, max(row.last for row in found))
        return len(found)
