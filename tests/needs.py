"""What a test may need of the machine: PostgreSQL, MariaDB, programs. Missing, it is skipped, or fails where nothing may be skipped.

GUIJU_REQUIRE_ALL=1 forbids skipping. PostgreSQL is the server of GUIJU_TEST_POSTGRESQL, MariaDB that of
GUIJU_TEST_MARIADB, else those on the local sockets.
"""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from server.storage.database import Database
from server.storage.system import SYSTEM, create_system_tables

DATABASES = ("sqlite", "postgresql", "mariadb")  # what a site may run on: what reads and writes records is tried on each
MAIN_DATABASES = ("sqlite", "postgresql")  # what lies above that is tried on: MariaDB has no behaviour of its own there
MARIADB = os.environ.get("GUIJU_TEST_MARIADB") or "mariadb+pymysql://root@localhost/?unix_socket=/run/mysqld/mysqld.sock"
POSTGRESQL = os.environ.get("GUIJU_TEST_POSTGRESQL") or "postgresql+psycopg:///postgres"


def missing(what: str) -> None:
    """Skip the test, or fail it when nothing may be skipped."""
    if os.environ.get("GUIJU_REQUIRE_ALL"):
        pytest.fail(f"{what} is missing, and GUIJU_REQUIRE_ALL forbids skipping")
    pytest.skip(f"{what} is missing")


def require_program(name: str) -> str:
    """The path of a program of the machine."""
    path = shutil.which(name)
    if path is None:
        missing(name)
    return str(path)


def require_chromium() -> str:
    """The path of Chromium: the one without any window where it is installed, as it starts and draws in two thirds of the time."""
    return shutil.which("chromium-headless-shell") or require_program("chromium")


@contextmanager
def own_postgresql() -> Iterator[str]:
    """The address of a PostgreSQL database that nobody else uses for the length of the block, with the tables of a new site."""
    url = _FREE.pop() if _FREE else _made()
    renew(url)
    try:
        yield url
    finally:
        _FREE.append(url)


_FREE: list[str] = []  # databases of this run that no test uses at the moment: making one takes longer than renewing it
_SITE_TABLES: list[str] = []  # the statements that make the tables of a new site


def _made() -> str:
    name = f"guiju_test_{uuid4().hex[:12]}"
    engine = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
            connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    except SQLAlchemyError as error:
        missing(f"PostgreSQL ({error.__class__.__name__})")
    atexit.register(_drop, name)
    return make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)


def _drop(name: str) -> None:
    engine = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def renew(url: str) -> str:
    """The same PostgreSQL database as a new site has it: the system tables, nothing in them."""
    emptied(url)
    if not _SITE_TABLES:
        _SITE_TABLES.extend(_said_to_make_a_site(url))
        return url
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.connection.cursor().execute(";".join(_SITE_TABLES), prepare=False)  # type: ignore[call-arg]
    engine.dispose()
    return url


def _said_to_make_a_site(url: str) -> list[str]:
    """Make the system tables and answer what was said to the database for it."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("CREATE", "DROP", "ALTER")):
            said.append(statement.replace("%%", "%"))

    event.listen(Engine, "before_cursor_execute", note)
    database = Database(url)
    try:
        create_system_tables(database)
    finally:
        database.close()
        event.remove(Engine, "before_cursor_execute", note)
    return said


_spare_mariadb: list[str] = []


@contextmanager
def own_mariadb() -> Iterator[str]:
    """The address of a MariaDB database that is a test's own for the length of the block.

    One that a test gives back is emptied for the next: making its thirty fixed tables takes a second or two.
    """
    url = _spare_mariadb.pop() if _spare_mariadb else _new_mariadb()
    yield url
    _spare_mariadb.append(_emptied_mariadb(url))


def _new_mariadb() -> str:
    name = f"guiju_test_{uuid4().hex[:12]}"
    engine = create_engine(MARIADB, isolation_level="AUTOCOMMIT")

    def drop() -> None:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}"))
        engine.dispose()

    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except SQLAlchemyError as error:
        missing(f"MariaDB ({error.__class__.__name__})")
    atexit.register(drop)
    return make_url(MARIADB).set(database=name).render_as_string(hide_password=False)


@contextmanager
def own_database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database of this kind: a file in `folder`, or one on a server for the length of the block."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'guiju.db'}"
        return
    with own_postgresql() if kind == "postgresql" else own_mariadb() as url:
        yield url


@contextmanager
def own_copy(prepared: str, folder: Path) -> Iterator[str]:
    """The address of a copy of a prepared database, for the length of the block. Nobody may be connected to the prepared one.

    SQLite's lies in `folder`, where whoever copied the site's folder has brought it.
    """
    if prepared.startswith("sqlite"):
        yield f"sqlite:///{folder / 'guiju.db'}"
        return
    name = f"guiju_test_{uuid4().hex[:12]}"
    engine = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {make_url(prepared).database}"))
    yield make_url(prepared).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def emptied(url: str) -> str:
    """The same PostgreSQL database with nothing in it and nobody connected."""
    engine = create_engine(url)
    with engine.begin() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(others))
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    engine.dispose()
    return url


def _emptied_mariadb(url: str) -> str:
    """The same MariaDB database as a new site has it: the fixed tables, nothing in them."""
    engine = create_engine(url)
    with engine.begin() as connection:
        found = text("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
        names = set(connection.execute(found).scalars())
        fixed = names & set(SYSTEM.tables)
        for name in sorted(fixed):
            if connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first():
                connection.execute(text(f"TRUNCATE {name}"))  # which asks no trigger
        if own := ", ".join(f"`{name}`" for name in sorted(names - fixed)):
            connection.execute(text(f"DROP TABLE {own}"))
    engine.dispose()
    return url
