"""Carrying a plan out in parts, where one transaction cannot hold it: on MariaDB, whose every change of a table commits by itself,
and on PostgreSQL where a large table must stay usable meanwhile.

*Expand* makes beside the tables in use what the new ones need: columns, converted values, indexes; nobody sees it. *Switch* gives
everything its name and puts the metadata in force. *Contract* drops what nobody uses any more. Before the switch is committed all
can be undone, after it all can be finished, each as often as one likes: `journal` does so when a process dies in between.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, bindparam, inspect, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateColumn, CreateTable

from ..core.errors import DatabaseBusy, Fault
from ..core.text import Text
from . import mariadb
from .database import Database
from .parts import Built, Shadow, TablePart
from .plan import PlanRefused
from .rows import bare, portions
from .schema import may_be_null
from .steps import KIND_TEXTS
from .tables import StoredColumn, sql_column
from .types import column_type, convert, text_type

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # between tries for a lock that others hold
LOCK_MILLISECONDS = 300  # so long may a change of a table make others wait behind it
Statement = Callable[[], Any]


def patiently(attempt: Statement) -> Any:
    """Try again for a while when others hold what is asked for; asking for long would make everybody wait behind us."""
    for pause in PAUSES:
        try:
            return attempt()
        except DatabaseBusy:
            time.sleep(pause)
    return attempt()


class Changes:
    """The statements of one database, each a transaction by itself, each asking for its lock again and again but never for long."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_mariadb = database.dialect == "mariadb"

    def run(self, sql: str) -> None:
        def attempt() -> None:
            with self._database.statements(LOCK_MILLISECONDS) as connection:
                connection.exec_driver_sql(sql.replace("%", "%%"))

        patiently(attempt)

    def quote(self, *names: str) -> str:
        return ", ".join(map(self._database.quote, names))

    def create(self, part: TablePart) -> None:
        made = Table(part.table, MetaData(), *map(sql_column, part.columns))
        if self.is_mariadb:
            with self._database.statements() as connection:
                mariadb.create_table(connection, made, [(item.name, item.columns, item.unique) for item in part.indexes])
            return
        with self._database.statements() as connection:
            connection.execute(CreateTable(made))
            for index in part.indexes:
                connection.exec_driver_sql(index_sql(self.quote, part.table, index.name, index.columns, unique=index.unique))

    def add_column(self, table: str, name: str, column: StoredColumn) -> None:
        made = sql_column(StoredColumn(column.fieldname, name, column.kind, column.places, column.is_flag, column.size))
        Table(table, MetaData(), made)
        with self._database.statements() as connection:
            declared = str(CreateColumn(made).compile(connection))
        self.run(f"ALTER TABLE {self.quote(table)} ADD COLUMN {declared}")

    def resize(self, table: str, name: str, size: int) -> None:
        declared = text_type(size).compile(self._database.sql_dialect)
        self.run(f"ALTER TABLE {self.quote(table)} MODIFY COLUMN {self.quote(name)} {declared}")

    def build(self, table: str, built: Built) -> None:
        """Nobody waits behind this one, so it may wait for as long as it takes."""
        on_postgresql = not self.is_mariadb
        made = index_sql(
            self.quote,
            table,
            built.name,
            built.columns,
            unique=built.index.unique,
            concurrently=on_postgresql,
            nulls=on_postgresql,
        )
        with self._database.statements(0 if on_postgresql else None) as connection:
            connection.exec_driver_sql(made)

    def drop_index(self, table: str, name: str) -> None:
        self.run(f"DROP INDEX IF EXISTS {self.quote(name)}" + (f" ON {self.quote(table)}" if self.is_mariadb else ""))

    def watch(self, part: TablePart) -> None:
        """Forget the converted value of a row whose own value somebody changes meanwhile: it is converted again at the switch."""
        quote, table, trigger = self.quote, self.quote(part.now), self.quote(_watch_name(part))
        if self.is_mariadb:
            changes = ", ".join(
                f"NEW.{quote(item.name)} = IF(NEW.{quote(item.before.column)} <=> OLD.{quote(item.before.column)}, NEW.{quote(item.name)}, NULL)"
                for item in part.shadows
            )
            self.run(f"CREATE TRIGGER {trigger} BEFORE UPDATE ON {table} FOR EACH ROW SET {changes}")
            return
        changes = " ".join(
            f"IF NEW.{quote(item.before.column)} IS DISTINCT FROM OLD.{quote(item.before.column)} THEN NEW.{quote(item.name)} := NULL; END IF;"
            for item in part.shadows
        )
        self.run(f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {changes} RETURN NEW; END $$")
        self.run(f"CREATE TRIGGER {trigger} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {trigger}()")

    def unwatch(self, part: TablePart) -> list[str]:
        """The statements that end the watch."""
        trigger = self.quote(_watch_name(part))
        if self.is_mariadb:
            return [f"DROP TRIGGER IF EXISTS {trigger}"]
        return [f"DROP FUNCTION IF EXISTS {trigger}() CASCADE"]

    def columns(self, table: str) -> set[str]:
        """The columns that a table has; none where there is no table."""
        with self._database.statements() as connection:
            found = inspect(connection)
            return {item["name"] for item in found.get_columns(table)} if found.has_table(table) else set()

    def indexes(self, table: str) -> set[str]:
        with self._database.statements() as connection:
            found = inspect(connection)
            return {str(item["name"]) for item in found.get_indexes(table)} if found.has_table(table) else set()


def index_sql(
    quote: Callable[..., str],
    table: str,
    name: str,
    columns: Iterable[str],
    *,
    unique: bool,
    concurrently: bool = False,
    nulls: bool = True,
) -> str:
    """CREATE INDEX. Lists sort empty values first; PostgreSQL's default is last, and the order of an index must agree."""
    shown = ", ".join(f"{quote(column)} NULLS FIRST" if nulls and may_be_null(column) else quote(column) for column in columns)
    kind = f"{'UNIQUE ' if unique else ''}INDEX {'CONCURRENTLY ' if concurrently else ''}"
    return f"CREATE {kind}{quote(name)} ON {quote(table)} ({shown})"


def _watch_name(part: TablePart) -> str:
    return f"zz_watch_{part.table}"[:60]


# The three parts


def expand(database: Database, parts: Iterable[TablePart]) -> None:
    """Make everything that the switch needs. Raises PlanRefused for values that do not fit or occur twice."""
    changes = Changes(database)
    for part in parts:
        if part.is_new:
            changes.create(part)
            continue
        for name, column in part.added:
            changes.add_column(part.now, name, column)
        for name, _, size in part.resized:
            if size:  # a bound goes when its index has gone
                changes.resize(part.now, name, size)
        for shadow in part.shadows:  # without the default of a check box, which would count as converted
            changes.add_column(part.now, shadow.name, replace(shadow.column, is_flag=False))
        if part.shadows:
            changes.watch(part)
        for shadow in part.shadows:
            with database.statements() as connection:
                fill(connection, part, shadow, in_use=True)
        for built in part.built:
            try:
                changes.build(part.now, built)
            except IntegrityError as error:
                raise not_unique(part.doctype, built.index.columns[0]) from error


def fill(connection: Connection, part: TablePart, shadow: Shadow, *, in_use: bool) -> None:
    """Convert what is not converted yet. While the table is `in_use`, a value that somebody changes in the same moment is left."""
    before = shadow.before
    target = bare(
        part.now,
        Column(shadow.name, column_type(shadow.column.kind, shadow.column.places)),
        Column(before.column, column_type(before.kind, before.places)),
    )
    change = update(target).where(target.c.name == bindparam("the_name")).values({shadow.name: bindparam("new_value")})
    if in_use:
        change = change.where(target.c[before.column] == bindparam("old_value", type_=target.c[before.column].type))
    for portion in portions(connection, part.now, before, missing=shadow.name):
        values = [
            {"the_name": name, "new_value": converted(part.doctype, shadow.column, name, value), "old_value": value}
            for name, value in portion
        ]
        connection.execute(change, values)
    if shadow.column.is_flag:  # what was empty is a box that is not ticked
        empty = (target.c[shadow.name].is_(None), target.c[before.column].is_(None))
        connection.execute(update(target).where(*empty).values({shadow.name: 0}))


def converted(doctype: str, column: StoredColumn, name: str, value: Any) -> Any:
    """The value as the column's kind keeps it. Raises PlanRefused: somebody typed one that does not fit after the plan was made."""
    try:
        return convert(column.kind, value)
    except (ValueError, TypeError, ArithmeticError) as error:
        kind = KIND_TEXTS[column.kind]
        fault = Text(
            f"“{doctype}”{name} 的 {column.fieldname}“{str(value)[:40]}”不能转换为{kind.zh}。",
            f'"{doctype}" {name}: {column.fieldname} "{str(value)[:40]}" cannot become {kind.en}.',
        )
        raise PlanRefused(
            Text("未作任何更改：", "Nothing was changed:"), [Fault(f"{doctype}.{column.fieldname}", fault)]
        ) from error


def switch_on_postgresql(connection: Connection, database: Database, parts: Iterable[TablePart]) -> None:
    """Inside the transaction that puts the metadata in force: last values, names, and what nobody uses any more goes."""
    changes = Changes(database)
    quote = changes.quote
    for part in parts:
        if part.is_new:
            continue
        statements = [f"LOCK TABLE {quote(part.now)} IN ACCESS EXCLUSIVE MODE"]
        _execute(connection, statements)
        for shadow in part.shadows:
            fill(connection, part, shadow, in_use=False)
        statements = changes.unwatch(part) if part.shadows else []
        statements += [f"ALTER TABLE {quote(part.now)} RENAME COLUMN {quote(old)} TO {quote(new)}" for old, new in part.renamed]
        statements += _defaults(quote, part)
        if part.was:
            statements.append(f"ALTER TABLE {quote(part.was)} RENAME TO {quote(part.table)}")
            statements += index_names_on_postgresql(quote, part.was, part.table, part.reindexed)
        statements += [f"DROP INDEX IF EXISTS {quote(name)}" for name in part.dropped]
        statements += [f"ALTER TABLE {quote(part.table)} DROP COLUMN {quote(shadow.left)}" for shadow in part.shadows]
        statements += [
            f"ALTER INDEX {quote(item.name)} RENAME TO {quote(item.index.name)}"
            for item in part.built
            if item.name != item.index.name
        ]
        _execute(connection, statements)


def _execute(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def switch_on_mariadb(database: Database, parts: Iterable[TablePart]) -> None:
    """Last values and names, one statement for each table; while nobody else is let in."""
    changes = Changes(database)
    quote = changes.quote
    for part in parts:
        for shadow in part.shadows:
            with database.statements() as connection:
                fill(connection, part, shadow, in_use=False)
        if part.shadows:
            for statement in changes.unwatch(part):
                changes.run(statement)
        if names := _names(quote, part):
            changes.run(f"ALTER TABLE {quote(part.now)} {names}")


def contract_on_mariadb(database: Database, parts: Iterable[TablePart]) -> None:
    """Drop what the new metadata does not use. May be done again."""
    changes = Changes(database)
    quote = changes.quote
    for part in parts:
        there = changes.indexes(part.table)
        waiting = {item.index.name: item.name for item in part.built if item.name != item.index.name and item.name in there}
        finished = {item.index.name for item in part.built if item.index.name not in waiting}
        for name in part.dropped:
            if name not in finished:
                changes.drop_index(part.table, name)
        finals = dict(_net(part.renamed))
        for name, _, size in part.resized:
            if not size:
                changes.resize(part.table, finals.get(name, name), 0)
        for final, name in waiting.items():
            changes.run(f"ALTER TABLE {quote(part.table)} RENAME INDEX {quote(name)} TO {quote(final)}")
        for statement in _defaults(quote, part):
            changes.run(statement.replace(quote(part.now), quote(part.table), 1))
        for shadow in part.shadows:
            changes.run(f"ALTER TABLE {quote(part.table)} DROP COLUMN IF EXISTS {quote(shadow.left)}")


def _defaults(quote: Callable[..., str], part: TablePart) -> list[str]:
    """A check box is not ticked where nothing is written."""
    flags = [quote(shadow.column.column) for shadow in part.shadows if shadow.column.is_flag]
    return [f"ALTER TABLE {quote(part.now)} ALTER COLUMN {name} SET DEFAULT 0" for name in flags]


def undo(database: Database, parts: Iterable[TablePart]) -> None:
    """Leave the tables as they were before the plan. May be done again, from wherever it was left."""
    changes = Changes(database)
    quote = changes.quote
    for part in parts:
        if part.is_new:
            changes.run(f"DROP TABLE IF EXISTS {quote(part.table)}")
            continue
        if _is_switched(changes, part):
            changes.run(f"ALTER TABLE {quote(part.table)} {_names(quote, part, back=True)}")
        for statement in changes.unwatch(part) if part.shadows else ():
            changes.run(statement)
        for built in part.built:
            changes.drop_index(part.now, built.name)
        there = changes.columns(part.now)
        for name in (*(shadow.name for shadow in part.shadows), *(name for name, _ in part.added)):
            if name in there:
                changes.run(f"ALTER TABLE {quote(part.now)} DROP COLUMN {quote(name)}")
        for name, before, after in part.resized:
            if after:
                changes.resize(part.now, name, before)


def _is_switched(changes: Changes, part: TablePart) -> bool:
    """On MariaDB the names of a table change in one statement, all of them or none; on PostgreSQL with the metadata."""
    if not changes.is_mariadb:
        return False
    if part.was:
        return not changes.columns(part.was)
    pairs = _net(part.renamed)
    olds, news = {old for old, _ in pairs}, {new for _, new in pairs}
    there = changes.columns(part.table)  # a name that is missing may be one that was not made yet: the new ones count as well
    return bool(news - olds) and news - olds <= there and not (olds - news) & there


def _names(quote: Callable[..., str], part: TablePart, *, back: bool = False) -> str:
    """What gives a table of MariaDB, its columns and its indexes their new names, or those that they had."""
    columns = [(new, old) if back else (old, new) for old, new in _net(part.renamed)]
    indexes = [(new, old) if back else (old, new) for old, new in part.reindexed]
    said = [f"RENAME COLUMN {quote(old)} TO {quote(new)}" for old, new in columns]
    said += [f"RENAME INDEX {quote(old)} TO {quote(new)}" for old, new in indexes]
    if part.was:
        said.append(f"RENAME TO {quote(part.was if back else part.table)}")
    return ", ".join(said)


def index_names_on_postgresql(quote: Callable[..., str], old: str, new: str, indexes: Iterable[tuple[Any, Any]]) -> list[str]:
    """A renamed table's indexes and its key take names of their own along, which another table may want."""
    pairs = [(f"{old}_pkey"[:63], f"{new}_pkey"[:63])]
    pairs += [(getattr(before, "name", before), getattr(after, "name", after)) for before, after in indexes]
    return [f"ALTER INDEX IF EXISTS {quote(before)} RENAME TO {quote(after)}" for before, after in pairs if before != after]


def _net(renamed: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is called how in the end, for a database that gives all names at one stroke."""
    first: dict[str, str] = {}
    for old, new in renamed:
        first[new] = first.pop(old, old)
    return [(old, new) for new, old in first.items() if old != new]


def not_unique(doctype: str, column: str) -> PlanRefused:
    fault = Text(
        f"“{doctype}”的 {column} 现有重复值，不能设为唯一。请先更正。",
        f'"{doctype}".{column} holds values that occur twice; it cannot be made unique. Correct them first.',
    )
    return PlanRefused(Text("未作任何更改：", "Nothing was changed:"), [Fault(f"{doctype}.{column}", fault)])
