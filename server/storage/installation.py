"""Make the fixed tables of a site: all at its first start, later what a newer version of the program adds.

What they hold is `system`. A start that finds everything in place asks the database three questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Connection, Index, Table, TextClause, bindparam, text
from sqlalchemy.schema import CreateColumn

from . import locks, mariadb
from .database import Database
from .system import APPEND_ONLY, SYSTEM

# The columns of the fixed tables that are there, in one question: reflecting them takes one or two for each table.
_COLUMNS = {
    "sqlite": (
        "SELECT t.name, c.name FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c"
        " WHERE t.type = 'table' AND t.name IN :names"
    ),
    "postgresql": (
        "SELECT t.relname, c.attname FROM pg_class AS t JOIN pg_attribute AS c ON c.attrelid = t.oid"
        " WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p') AND t.relname IN :names"
        " AND c.attnum > 0 AND NOT c.attisdropped"
    ),
    "mariadb": (
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN :names"
    ),
}
# The columns of each of their indexes, in order
_INDEXES = {
    "sqlite": (
        "SELECT i.tbl_name, i.name, c.name FROM sqlite_master AS i JOIN pragma_index_info(i.name) AS c"
        " WHERE i.type = 'index' AND i.tbl_name IN :names ORDER BY i.name, c.seqno"
    ),
    "postgresql": (
        "SELECT t.relname, i.relname, c.attname FROM pg_index AS x JOIN pg_class AS t ON t.oid = x.indrelid"
        " JOIN pg_class AS i ON i.oid = x.indexrelid CROSS JOIN unnest(x.indkey) WITH ORDINALITY AS k(attnum, place)"
        " JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attnum = k.attnum"
        " WHERE t.relnamespace = current_schema()::regnamespace AND t.relname IN :names ORDER BY i.relname, k.place"
    ),
    "mariadb": (
        "SELECT table_name, index_name, column_name FROM information_schema.statistics WHERE table_schema = DATABASE()"
        " AND table_name IN :names ORDER BY index_name, seq_in_index"
    ),
}


def create_system_tables(database: Database) -> None:
    """Make the tables, columns, indexes and triggers that are missing; a second call changes nothing."""
    with database.read() as connection:
        if connection.dialect.name == "mariadb":
            mariadb.check_server(connection)
        is_missing = _missing(connection)
    if is_missing:
        _make_missing(database)
    database.has_gate = True


def _make_missing(database: Database) -> None:
    with database.write() as connection:
        locks.take(connection, "system tables")  # two processes starting at once
        there = _columns(connection)
        for table in SYSTEM.sorted_tables:
            if table.name not in there:
                _create(connection, table)
            elif absent := [column for column in table.columns if column.name not in there[table.name]]:
                _add(connection, table, absent)
        for index, is_there in _wrong_indexes(connection):
            if is_there:
                index.drop(connection)
            index.create(connection)
        for table in APPEND_ONLY:
            _refuse_changes(connection, table.name)


def _create(connection: Connection, table: Table) -> None:
    if connection.dialect.name != "mariadb":
        table.create(connection, checkfirst=False)
        return
    indexes = [(str(item.name), [column.name for column in item.columns], False) for item in table.indexes]
    mariadb.create_table(connection, table, indexes)


def _add(connection: Connection, table: Table, absent: list[Column[Any]]) -> None:
    """A newer version of the program may know more columns of a fixed table than the database has."""
    for column in absent:
        connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {CreateColumn(column).compile(connection)}"))


def _wrong_indexes(connection: Connection) -> list[tuple[Index, bool]]:
    """The indexes that the database lacks, or has of other columns (True) from an older version of the program."""
    there: dict[tuple[str, str], list[str]] = {}
    for table, index, column in connection.execute(_asked(connection, _INDEXES), {"names": list(SYSTEM.tables)}):
        there.setdefault((table, index), []).append(column)
    return [
        (index, key in there)
        for table in SYSTEM.sorted_tables
        for index in sorted(table.indexes, key=lambda item: str(item.name))
        if there.get(key := (table.name, str(index.name))) != [column.name for column in index.columns]
    ]


def _missing(connection: Connection) -> bool:
    there = _columns(connection)
    if any({column.name for column in table.columns} - there.get(table.name, set()) for table in SYSTEM.sorted_tables):
        return True
    if _wrong_indexes(connection):
        return True
    return len(append_only_triggers(connection)) < len(APPEND_ONLY)


def _columns(connection: Connection) -> dict[str, set[str]]:
    """The columns of each fixed table that is there: one question, where reflecting them takes one or two for each."""
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(_asked(connection, _COLUMNS), {"names": list(SYSTEM.tables)}):
        found.setdefault(table, set()).add(column)
    return found


def _asked(connection: Connection, questions: Mapping[str, str]) -> TextClause:
    return text(questions[connection.dialect.name]).bindparams(bindparam("names", expanding=True))


def append_only_triggers(connection: Connection) -> set[str]:
    """The append-only tables whose triggers are in place."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(
            text("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%\\_no\\_update' ESCAPE '\\'")
        )
    elif connection.dialect.name == "mariadb":
        found = text(
            "SELECT event_object_table FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND trigger_name LIKE '%no_update'"
        )
        rows = connection.execute(found)
    else:
        rows = connection.execute(
            text(
                "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname LIKE '%\\_append\\_only'"
                " AND c.relnamespace = current_schema()::regnamespace AND t.tgenabled <> 'D'"
            )
        )
    return {row[0] for row in rows} & {table.name for table in APPEND_ONLY}


def _refuse_changes(connection: Connection, table: str) -> None:
    message = f"{table} is append-only"
    if connection.dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change.lower()} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END"
                )
            )
        return
    if connection.dialect.name == "mariadb":
        for change in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change.lower()} BEFORE {change} ON {table} FOR EACH ROW"
                f" SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{message}'"
            )
        return
    connection.execute(
        text(
            "CREATE OR REPLACE FUNCTION gj_refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    )
    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"))
    connection.execute(
        text(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION gj_refuse_change()"
        )
    )
