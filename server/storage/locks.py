"""Named locks that a transaction holds to its end: for what only one may do at a time, on every database.

SQLite has one writer anyway. PostgreSQL gives such locks back itself; MariaDB keeps them for the session, so `Database.write`
gives them back when the transaction ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from ..core.errors import DatabaseBusy
from ..core.ids import digest
from ..core.text import Text

if TYPE_CHECKING:
    from .database import Database

HELD = "guiju_locks"
PATIENCE_SECONDS = 5
KEY = "hashtextextended(:name, 7203411)"


def take(connection: Connection, name: str) -> None:
    """Wait until no other transaction holds the lock of this name. Raises DatabaseBusy when that takes too long."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({KEY})"), {"name": name})
    elif connection.dialect.name == "mariadb":
        asked = {"name": _short(connection, name), "patience": PATIENCE_SECONDS}
        if connection.execute(text("SELECT GET_LOCK(:name, :patience)"), asked).scalar() != 1:
            raise DatabaseBusy(
                Text(
                    "数据库正忙，其他操作尚未完成，未保存任何内容，请稍后重试。",
                    "The database is busy with another writer; nothing was saved; please try again in a moment.",
                )
            )
        connection.info[HELD] = True


def release(connection: Connection) -> None:
    """Give back what MariaDB holds for this session, now that its transaction has ended."""
    if connection.dialect.name == "mariadb" and connection.info.pop(HELD, False):
        connection.exec_driver_sql("SELECT RELEASE_ALL_LOCKS()")
        connection.rollback()


@contextmanager
def held(database: Database, name: str) -> Iterator[None]:
    """The same lock for what takes several transactions; given back at the end, or by the server when this process dies."""
    with database.statements() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_lock({KEY})"), {"name": name})
        else:
            take(connection, name)
        try:
            yield
        finally:
            if not connection.invalidated:
                release_all = "pg_advisory_unlock_all" if connection.dialect.name == "postgresql" else "RELEASE_ALL_LOCKS"
                connection.exec_driver_sql(f"SELECT {release_all}()")
                connection.info.pop(HELD, None)


def _short(connection: Connection, name: str) -> str:
    """Names of locks are shared by all databases of a server and have at most 64 characters."""
    return "guiju_" + digest(f"{connection.engine.url.database}\n{name}")[:40]
