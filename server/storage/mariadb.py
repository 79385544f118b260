"""What MariaDB does in its own way: its engines, its words for NULLs and text, and what its errors mean.

Text compares by code point without padding (`utf8mb4_nopad_bin`), moments are UTC, a writer reads what is committed and a reader
one consistent view, so that a site behaves as on the other databases. Statements that other modules write for all databases are
compiled here into what MariaDB understands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects.mysql import LONGTEXT, VARCHAR
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import UnaryExpression

from ..core.errors import StorageUnavailable
from ..core.text import Text

CHARSET, COLLATION = "utf8mb4", "utf8mb4_nopad_bin"
OLDEST = (10, 6)  # the first whose every change of a table is whole or not at all, and that skips locked rows
SMALLEST_PACKET = 16 << 20
READS_ONLY = "guiju_reads_only"
SQL_MODE = "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

DUPLICATE = 1062
TOO_LONG, ROW_TOO_LARGE = 1406, 1118
_BUSY = frozenset((1020, 1205, 1213, 1412, 3058, 4055))  # changed since read, waited too long, deadlock, table altered
# No more connections, no right to enter, no such database, shut down, read-only, disk or table full, connection lost.
_AWAY = frozenset((1021, 1030, 1040, 1044, 1045, 1049, 1053, 1114, 1158, 1159, 1160, 1161, 1203, 1226, 1290, 1317, 1792, 1836, 1927, 1969, 2002, 2003, 2005, 2006, 2013, 2014, 2055))  # fmt: skip


def text_type(size: int = 0) -> Any:
    """Text of any length; `size` characters at most where it stands in a key or an index, which MariaDB bounds at 3,072 bytes."""
    return VARCHAR(size, charset=CHARSET, collation=COLLATION) if size else LONGTEXT(charset=CHARSET, collation=COLLATION)


def engines(url: URL, on_busy_seconds: float) -> tuple[Engine, Engine]:
    """(writer, reader) over one pool."""
    seconds = max(1, round(on_busy_seconds))
    engine = create_engine(
        url,
        isolation_level="READ COMMITTED",  # what a session's own setting would not survive: its next use in another level
        pool_size=8,
        max_overflow=24,
        pool_timeout=max(on_busy_seconds, 1),
        pool_pre_ping=True,
        # Its dialect follows no join beyond the second part, and takes rows set side by side on purpose for a forgotten condition;
        # the same statements are looked through on the other databases.
        enable_from_linting=False,
        connect_args={"charset": CHARSET, "collation": COLLATION, "connect_timeout": max(2, seconds)},
    )

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, words: list[Any], options: dict[str, Any]) -> Any:
        return _connection_class()(*words, **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        settings = {
            "time_zone": "'+00:00'", "sql_mode": f"'{SQL_MODE}'",
            "innodb_lock_wait_timeout": seconds, "lock_wait_timeout": seconds,
            "innodb_strict_mode": 0,  # a wide table is made; a record whose filled values do not fit a row is refused by itself
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION " + ", ".join(f"{name} = {value}" for name, value in settings.items()))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(READS_ONLY):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    return engine, engine.execution_options(**{READS_ONLY: True})


@cache
def _connection_class() -> type:
    """PyMySQL's connection, with one TLS context for all that ask for nothing in particular: it makes one for each, and reads every
    certificate of the machine for it, which takes 20 ms, longer than all the rest of connecting."""
    from pymysql.connections import Connection as PyMySQLConnection

    class SharingTls(PyMySQLConnection):  # type: ignore[misc]
        _tls: Any = None

        def _create_ssl_ctx(self, sslp: Any) -> Any:
            if sslp:
                return super()._create_ssl_ctx(sslp)
            if SharingTls._tls is None:
                SharingTls._tls = super()._create_ssl_ctx(sslp)
            return SharingTls._tls

    return SharingTls


def check_server(connection: Connection) -> None:
    """Raises StorageUnavailable for a server that is too old, that is MySQL, or that takes no long texts."""
    dialect: Any = connection.dialect
    version = tuple(dialect.server_version_info or ())
    packet = int(connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar() or 0)
    if packet < SMALLEST_PACKET:
        megabytes = SMALLEST_PACKET >> 20
        raise StorageUnavailable(
            Text(
                f"MariaDB 的 max_allowed_packet 为 {packet}，须设为 {megabytes}M 或更大。",
                f"max_allowed_packet of MariaDB is {packet}; set it to {megabytes}M or more.",
            )
        )
    if dialect.is_mariadb and version[:2] >= OLDEST:
        return
    found = ("MariaDB " if dialect.is_mariadb else "MySQL ") + ".".join(map(str, version[:3]))
    oldest = ".".join(map(str, OLDEST))
    raise StorageUnavailable(
        Text(
            f"数据库是 {found}，需要 MariaDB {oldest} 或更新。",
            f"The database is {found}; MariaDB {oldest} or newer is needed.",
        )
    )


def create_table(connection: Connection, table: Table, indexes: Iterable[tuple[str, Sequence[str], bool]]) -> None:
    """Make a table with its indexes (name, columns, whether unique) in one statement: each index by itself costs as much again."""
    quote = connection.dialect.identifier_preparer.quote
    keys = "".join(
        f", {'UNIQUE ' if unique else ''}KEY {quote(name)} ({', '.join(map(quote, columns))})"
        for name, columns, unique in indexes
    )
    made = str(CreateTable(table).compile(connection)).rstrip()
    connection.exec_driver_sql(f"{made.removesuffix(')')}{keys}) ENGINE=InnoDB DEFAULT CHARSET={CHARSET} COLLATE={COLLATION}")


# What an error says


def number_of(error: object) -> int | None:
    """The number of an error of MariaDB's driver; None for any other error."""
    arguments = getattr(error, "args", ())
    is_ours = type(error).__module__.startswith("pymysql")
    return arguments[0] if is_ours and arguments and isinstance(arguments[0], int) else None


def is_busy(number: int) -> bool:
    return number in _BUSY


def is_away(number: int) -> bool:
    return number in _AWAY


def duplicate(error: object) -> tuple[str, str] | None:
    """(key, value) of a unique violation: `PRIMARY` or the name of an index, and what is there already."""
    if number_of(error) != DUPLICATE:
        return None
    told = re.search(r"Duplicate entry '(.*)' for key '(?:.*\.)?([^'.]+)'", str(error.args[1]), re.DOTALL)  # type: ignore[attr-defined]
    return (told.group(2), told.group(1)) if told else None


def too_long(error: object) -> str | None:
    """The column that could not hold a text; empty when the whole row was too large, None for any other error."""
    number = number_of(error)
    if number == ROW_TOO_LARGE:
        return ""
    told = re.search(r"for column (?:`[^`]*`\.)*[`']([^`']+)[`']", str(error.args[1])) if number == TOO_LONG else None  # type: ignore[attr-defined]
    return told.group(1) if told else None


# What is said differently


@compiles(UnaryExpression, "mariadb")
def _unary(element: UnaryExpression[Any], compiler: Any, **options: Any) -> str:
    """Empty values come first in ascending order and last in descending by themselves; there are no words for it."""
    if element.modifier in (operators.nulls_first_op, operators.nulls_last_op):
        return str(compiler.process(element.element, **options))
    return str(compiler.visit_unary(element, **options))
