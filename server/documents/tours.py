"""Which tours of the program somebody has taken or declined, so that none is offered twice."""

from __future__ import annotations

from sqlalchemy import select

from ..access.user import User
from ..core.clock import Clock
from ..storage.database import Database
from ..storage.system import tour as table
from ..storage.upserts import upsert


class TourService:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def is_known(self, user: User, tour: str) -> bool:
        """Whether the user has taken or declined it."""
        asked = select(table.c.at).where(table.c.user == user.name, table.c.tour == tour)
        with self._database.read() as connection:
            return connection.execute(asked).first() is not None

    def remember(self, user: User, tour: str) -> None:
        """It need not be offered to this user again."""
        key = {"user": user.name, "tour": tour}
        with self._database.write() as connection:
            connection.execute(upsert(connection, table, key | {"at": self._clock.now()}, list(key), {"at": self._clock.now()}))
