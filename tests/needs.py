"""What a test may need of the machine: PostgreSQL, MariaDB, programs. Missing, it is skipped, or fails where nothing may be skipped.

GUIJU_REQUIRE_ALL=1 forbids skipping. PostgreSQL is the server of GUIJU_TEST_POSTGRESQL, MariaDB that of
GUIJU_TEST_MARIADB, else those on the local sockets.
"""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from server.storage.database import Database
from server.storage.installation import create_system_tables
from server.storage.system import APPEND_ONLY, SYSTEM

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


def require_whole_chromium() -> str:
    """The path of Chromium with everything: the one without any window has no background sync and no camera."""
    return require_program("chromium")


@contextmanager
def own_postgresql() -> Iterator[str]:
    """The address of a PostgreSQL database that nobody else uses for the length of the block, with the tables of a new site."""
    url = _FREE.pop() if _FREE else _made()
    _renew(url)
    try:
        yield url
    finally:
        _FREE.append(url)


_FREE: list[str] = []  # databases of this run that no test uses at the moment: making one takes longer than renewing it
_SITE_TABLES: list[str] = []  # the statements that make the tables of a new site
_SITE_SHAPE: list[object] = []  # what the catalogue of PostgreSQL tells of them


def _made() -> str:
    url = _create(f"guiju_test_{uuid4().hex[:12]}")
    atexit.register(_drop, url)
    return url


def _create(name: str, template: str = "template1") -> str:
    """Make a PostgreSQL database, and answer its address. Its commits never wait for the disk, which no template hands on."""
    engine = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
            connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    except SQLAlchemyError as error:
        missing(f"PostgreSQL ({error.__class__.__name__})")
    engine.dispose()
    return make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)


def _drop(*urls: str) -> None:
    engine = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for url in urls:
            connection.execute(text(f"DROP DATABASE {make_url(url).database} WITH (FORCE)"))
    engine.dispose()


def _renew(url: str) -> None:
    """Make a PostgreSQL database as a new site has it: the system tables, nothing in them, nobody connected.

    They are emptied, which takes a tenth of the time of making them, and made again only when a test has changed them.
    """
    engine = create_engine(url)
    with engine.begin() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(others))
        _drop_own_tables(connection)
        if _SITE_SHAPE and _shape(connection) == _SITE_SHAPE:
            _say(
                connection,
                [*_without_guard(f"DELETE FROM {table.name}" for table in SYSTEM.sorted_tables), *_restarts(connection)],
            )
        else:
            _say(connection, ["DROP SCHEMA public CASCADE", "CREATE SCHEMA public", *_SITE_TABLES])
    if not _SITE_TABLES:
        _SITE_TABLES.extend(_said_to_make_a_site(url))
    if not _SITE_SHAPE:
        with engine.begin() as connection:
            _SITE_SHAPE.extend(_shape(connection))
    engine.dispose()


def _say(connection: Connection, statements: list[str]) -> None:
    """Several statements at once, as none of them has an answer that matters."""
    connection.connection.cursor().execute(";".join(statements), prepare=False)  # type: ignore[call-arg]


def _drop_own_tables(connection: Connection) -> None:
    found = text("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace")
    own = set(connection.execute(found).scalars()) - set(SYSTEM.tables)
    if own:
        _say(connection, ["DROP TABLE " + ", ".join(f'"{name}"' for name in sorted(own)) + " CASCADE"])


def _without_guard(statements: Iterable[str]) -> list[str]:
    """The statements while the tables of the audit let themselves be changed."""
    switch = "ALTER TABLE {} {} TRIGGER USER"
    return [
        *(switch.format(table.name, "DISABLE") for table in APPEND_ONLY),
        *statements,
        *(switch.format(table.name, "ENABLE") for table in APPEND_ONLY),
    ]


def _restarts(connection: Connection) -> list[str]:
    used = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
    return [f"ALTER SEQUENCE {name} RESTART" for name in connection.execute(text(used)).scalars()]


def _shape(connection: Connection) -> list[object]:
    """Everything that the catalogue knows of the schema: tables with their columns, indexes, sequences, triggers, functions."""
    here = "'public'::regnamespace"
    queries = (
        f"SELECT relkind::text, relname FROM pg_class WHERE relnamespace = {here}",
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull FROM pg_attribute a JOIN pg_class c ON"
        f" c.oid = a.attrelid WHERE c.relnamespace = {here} AND a.attnum > 0 AND NOT a.attisdropped",
        "SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        f" WHERE c.relnamespace = {here}",
        f"SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE connamespace = {here}",
        f"SELECT proname, prosrc FROM pg_proc WHERE pronamespace = {here}",
        f"SELECT typname, typtype::text FROM pg_type WHERE typnamespace = {here}",
    )
    return [sorted(tuple(row) for row in connection.execute(text(query))) for query in queries]


def _said_to_make_a_site(url: str) -> list[str]:
    """Make the system tables and answer what was said to the database for it."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("CREATE", "DROP", "ALTER")):
            said.append(statement.replace("%%", "%"))

    event.listen(Engine, "before_cursor_execute", note)
    _make_site_tables(url)
    event.remove(Engine, "before_cursor_execute", note)
    return said


def _make_site_tables(url: str) -> None:
    database = Database(url)
    try:
        create_system_tables(database)
    finally:
        database.close()


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


@cache
def _new_sqlite() -> bytes:
    """The file of a new site on SQLite: writing it takes a tenth of the time of making its tables."""
    with TemporaryDirectory() as folder:
        _make_site_tables(f"sqlite:///{folder}/guiju.db")
        return Path(folder, "guiju.db").read_bytes()


@contextmanager
def own_database(kind: str, folder: Path) -> Iterator[str]:
    """The address of a database as a new site has it: a file in `folder`, or one on a server for the length of the block."""
    if kind == "sqlite":
        file = folder / "guiju.db"
        if not file.exists():  # a copied folder has brought its own
            file.write_bytes(_new_sqlite())
        yield f"sqlite:///{file}"
        return
    with own_postgresql() if kind == "postgresql" else own_mariadb() as url:
        yield url


def database_of_the_run(kind: str, folder: Path, run: str) -> str:
    """The address of a database as a new site has it that all processes of the run may copy: a file in `folder`, or one on PostgreSQL
    that lasts until `drop_databases_of` the run."""
    if kind == "sqlite":
        with own_database(kind, folder) as url:
            return url
    url = _create(f"guiju_test_{run}_{uuid4().hex[:8]}")
    _make_site_tables(url)
    return url


def drop_databases_of(run: str) -> None:
    """Drop what `database_of_the_run` left on PostgreSQL."""
    engine = create_engine(POSTGRESQL)
    left = text("SELECT datname FROM pg_database WHERE datname LIKE :names")
    try:
        with engine.connect() as connection:
            names = connection.execute(left, {"names": f"guiju\\_test\\_{run}\\_%"}).scalars().all()
    except SQLAlchemyError:
        return  # no server, nothing left
    _drop(*(make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False) for name in names))
    engine.dispose()


@contextmanager
def own_copy(prepared: str, folder: Path) -> Iterator[str]:
    """The address of a copy of a prepared database, for the length of the block. Nobody may be connected to the prepared one.

    SQLite's lies in `folder`, where whoever copied the site's folder has brought it.
    """
    if prepared.startswith("sqlite"):
        yield f"sqlite:///{folder / 'guiju.db'}"
        return
    url = _create(f"guiju_test_{uuid4().hex[:12]}", str(make_url(prepared).database))
    yield url
    _drop(url)


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
