"""The gate that every transaction passes: while a publication gives tables new names, nobody is inside.

Passing costs one short statement. PostgreSQL takes the gate before the view of a reader begins, MariaDB with its first query, so that
no view is older than the tables it looks at. On SQLite a reader's view holds the tables as well, and there is one writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ..core.errors import MetadataMoved
from ..core.text import Text

if TYPE_CHECKING:
    from .database import Database

SHUT_SECONDS = 1  # so long may a publication wait for those inside, and others for the publication, before it tries again
_VERSION = {
    "sqlite": "SELECT value FROM gj_site WHERE key = 'metadata_version'",
    "postgresql": "SELECT value FROM gj_site WHERE key = 'metadata_version'",
    "mariadb": "SELECT s.value FROM gj_site s LEFT JOIN gj_gate ON 1 = 0 WHERE s.`key` = 'metadata_version'",
}


@dataclass
class Pin:
    """The metadata version that one request works on, and whether it has committed anything. One that has is not done again: what it
    still reads for its answer, `is_overtaken`, it reads by the version it began with. `was_refused` stays when somebody caught the
    error on its way."""

    version: int
    has_written: bool = False
    is_overtaken: bool = False
    was_refused: bool = False


def enter(connection: Connection, pin: Pin | None, *, writing: bool) -> None:
    """Wait until no publication is at work; for a request that works on another version than the one in force, MetadataMoved."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.exec_driver_sql("LOCK TABLE gj_gate IN ACCESS SHARE MODE")
    if pin is None:
        if dialect == "mariadb":
            connection.exec_driver_sql("SELECT id FROM gj_gate LIMIT 0")
        return
    found = connection.exec_driver_sql(_VERSION[dialect]).scalar()
    if int(found or 0) == pin.version:
        return
    if writing or not pin.has_written:
        pin.was_refused = True
        raise moved(pin)
    pin.is_overtaken = True


def moved(pin: Pin) -> MetadataMoved:
    if not pin.has_written:
        return MetadataMoved(
            Text(
                "管理员刚刚发布了新的元数据，未保存任何内容，请再操作一次。",
                "New metadata was published this very moment; nothing was saved. Please do it once more.",
            )
        )
    return MetadataMoved(
        Text(
            "管理员刚刚发布了新的元数据，此前的步骤已保存。请重新打开页面，再继续。",
            "New metadata was published this very moment; what came before was saved. Open the page again and go on.",
        )
    )


def shut_within(connection: Connection) -> None:
    """On PostgreSQL, where the transaction of the publication holds the gate shut to its end."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE gj_gate IN ACCESS EXCLUSIVE MODE")


@contextmanager
def shut(database: Database) -> Iterator[None]:
    """On MariaDB, whose changes of tables end transactions: another connection holds the gate shut meanwhile."""
    with database.statements() as connection:
        connection.exec_driver_sql(f"LOCK TABLES gj_gate WRITE WAIT {SHUT_SECONDS}")
        try:
            yield
        finally:
            if not connection.invalidated:
                connection.exec_driver_sql("UNLOCK TABLES")
