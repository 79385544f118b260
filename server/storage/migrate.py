"""Migrations: propose a plan from the database as it is, carry it out whole or not at all.

SQLite and PostgreSQL change tables inside a transaction, so a failing step leaves nothing behind; steps run on Alembic's operations.
Where one transaction will not do (MariaDB; large tables on PostgreSQL), `online` carries the plan out in parts and `journal` sees to
it that a plan whose process dies is undone or finished.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from functools import singledispatch
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Connection, bindparam, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from ..core.errors import Fault
from ..core.ids import new_id
from ..core.text import Text
from ..metadata.model import Model
from . import gate, journal, locks, online, waiting
from .database import Database
from .journal import APPLIED, MIGRATION_LOCK, UNDONE
from .parts import TablePart, parts_of
from .plan import Plan, PlanRefused, make_plan
from .rows import bare, portions
from .schema import Schema, record_schema, recorded_schema
from .shapes import keep_shapes
from .steps import (
    KIND_TEXTS,
    AddColumn,
    AddIndex,
    ArchiveColumn,
    ArchiveTable,
    ConvertColumn,
    CreateTable,
    DropIndex,
    RenameColumn,
    RenameTable,
    ResizeColumn,
    RestoreColumn,
    RestoreTable,
    Step,
    WidenColumn,
)
from .system import plan as plan_table
from .tables import StoredColumn, StoredIndex, sql_column
from .types import column_type, convert, text_type

MISFITS_SHOWN = 5
CONVERTED = "zz_converted"
Also = Callable[[Connection], Mapping[str, Any]]


def propose(connection: Connection, model: Model, in_force: Model | None = None) -> Plan:
    """The plan from the tables as they are to those of `model`; nothing is executed. `in_force` is the model that they serve now.

    Raises PlanRefused naming up to five values per column that a narrower kind could not hold.
    """

    def count_rows(table: str) -> int:
        return int(connection.execute(select(func.count()).select_from(bare(table))).scalar_one()) if table in known else 0

    current = recorded_schema(connection)
    known = {*current.tables, *current.archived_tables}
    plan = make_plan(current, model, count_rows, in_force, connection.dialect.name)
    # nothing is renamed yet: the values are looked for under the name that the column has now
    tables = {step.table.name: step.before.name for step in plan.steps if isinstance(step, RenameTable)}
    called = {(step.table.name, step.column.column): step.before for step in plan.steps if isinstance(step, RenameColumn)}
    faults = [
        fault
        for step in plan.steps
        if isinstance(step, ConvertColumn)
        for fault in _misfits(
            connection,
            step,
            tables.get(step.table.name, step.table.name),
            called.get((step.table.name, step.before.column), step.before),
        )
    ]
    if faults:
        raise PlanRefused(
            Text(
                "有数据不能转换为新的字段类型，未作任何更改：",
                "Some data cannot be converted to the new field type; nothing was changed:",
            ),
            faults,
        )
    return plan


def apply(
    database: Database,
    plan: Plan,
    *,
    by: str = "",
    at: datetime | None = None,
    also: Also | None = None,
) -> None:
    """Carry out every step, then `also`, whole or not at all; record the plan with what `also` answers.

    `also` may be called again when others held the tables. Raises PlanRefused when the tables have changed since the plan was made,
    or when existing data breaks a new unique index or a narrower kind.
    """
    if not plan.steps or database.dialect == "sqlite" or (database.dialect == "postgresql" and not _takes_long(plan)):
        if database.dialect == "sqlite":  # its writers queue already
            _apply_at_once(database, plan, by, at, also)
        else:
            online.patiently(lambda: _apply_after_settling(database, plan, by, at, also))
        return
    with locks.held(database, MIGRATION_LOCK):
        journal.settle(database)
        with database.read() as connection:
            _check_base(connection, plan)
        parts = parts_of(plan)
        entry = journal.begin(database, plan, parts, by, at)
        try:
            online.expand(database, parts)
            _switch(database, plan, parts, entry, also)
        except BaseException:  # whoever breaks a command off wants it undone as well
            journal.settle(database)
            raise
        journal.settle(database)


def _takes_long(plan: Plan) -> bool:
    return any(step.rows >= waiting.MANY_ROWS and isinstance(step, AddIndex | WidenColumn) for step in plan.steps)


def _apply_after_settling(database: Database, plan: Plan, by: str, at: datetime | None, also: Also | None) -> None:
    """What a process that died left is settled first: later it would take back what this plan makes."""
    journal.settle_abandoned(database)
    _apply_at_once(database, plan, by, at, also)


def _apply_at_once(database: Database, plan: Plan, by: str, at: datetime | None, also: Also | None) -> None:
    with database.write(publishing=True) as connection:
        _wait_briefly(connection)
        locks.take(connection, MIGRATION_LOCK)
        if plan.steps:
            gate.shut_within(connection)
        _check_base(connection, plan)
        operations = Operations(MigrationContext.configure(connection))
        for step in plan.steps:
            carry_out(step, operations)
        told = _put_in_force(connection, plan, also)
        if plan.steps or told:
            values = {"id": new_id(16), "at": at, "by": by, "steps": plan.to_json(), "state": APPLIED, **told}
            connection.execute(insert(plan_table), values)


def _switch(database: Database, plan: Plan, parts: list[TablePart], entry: str, also: Also | None) -> None:
    def put_in_force() -> None:
        with database.write(publishing=True) as connection:
            if database.dialect == "postgresql":
                _wait_briefly(connection)
                gate.shut_within(connection)
                online.switch_on_postgresql(connection, database, parts)
            told = _put_in_force(connection, plan, also)
            journal.switched(connection, entry, told)

    if database.dialect == "postgresql":
        online.patiently(put_in_force)
        return
    with ExitStack() as while_shut:
        online.patiently(lambda: while_shut.enter_context(gate.shut(database)))
        try:
            online.switch_on_mariadb(database, parts)
            online.patiently(put_in_force)
        except BaseException:
            journal.settle(database)  # before anybody is let in again
            raise


def _wait_briefly(connection: Connection) -> None:
    """On PostgreSQL everybody else queues behind one who waits for a table; better to ask again."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {online.LOCK_MILLISECONDS}")


def _check_base(connection: Connection, plan: Plan) -> None:
    if recorded_schema(connection) != plan.base:
        raise PlanRefused(
            Text(
                "数据库结构在制定计划后已改变，请重新生成计划。",
                "The tables were changed after this plan was made; make the plan again.",
            )
        )


def _put_in_force(connection: Connection, plan: Plan, also: Also | None) -> Mapping[str, Any]:
    if plan.steps:
        schema = plan.base
        for step in plan.steps:
            schema = step.after(schema)
        record_schema(connection, schema)
    if plan.model is not None:
        keep_shapes(connection, plan.model)
    return also(connection) if also is not None else {}


def history(connection: Connection, limit: int = 100) -> list[dict[str, Any]]:
    """The plans that were applied, the newest first; of publications also those that changed no table."""
    in_force = plan_table.c.state.in_((APPLIED, UNDONE))
    newest = (plan_table.c.version.is_(None), plan_table.c.version.desc(), plan_table.c.at.desc(), plan_table.c.id)
    return [
        dict(row) for row in connection.execute(select(plan_table).where(in_force).order_by(*newest).limit(limit)).mappings()
    ]


def publication(connection: Connection, version: int) -> dict[str, Any] | None:
    """The plan by which a metadata version came into force; None when there is none of that number."""
    row = connection.execute(select(plan_table).where(plan_table.c.version == version)).mappings().first()
    return None if row is None else dict(row)


def mark_undone(connection: Connection, version: int) -> None:
    connection.execute(update(plan_table).where(plan_table.c.version == version).values(state=UNDONE))


# Carrying out


@singledispatch
def carry_out(step: Step, operations: Operations) -> None:
    """Execute one step on Alembic's operations; each kind of step registers how."""
    raise NotImplementedError(type(step).__name__)


@carry_out.register
def _(step: CreateTable, operations: Operations) -> None:
    operations.create_table(step.table.name, *(sql_column(item) for item in step.table.columns))


@carry_out.register
def _(step: RenameTable, operations: Operations) -> None:
    old, new = step.before.name, step.table.name
    operations.rename_table(old, new)
    if operations.get_bind().dialect.name == "postgresql":
        for statement in online.index_names_on_postgresql(
            operations.get_bind().dialect.identifier_preparer.quote, old, new, step.indexes
        ):
            operations.execute(text(statement))
        return
    for before, after in step.indexes:  # SQLite gives an index no other name
        operations.drop_index(before.name, new)
        _add_index(operations, new, after)


@carry_out.register(RestoreTable)
@carry_out.register(ArchiveTable)
def _(step: Step, operations: Operations) -> None:
    """The table stays as it is; only the record of the schema changes."""


@carry_out.register
def _(step: AddColumn, operations: Operations) -> None:
    operations.add_column(step.table.name, sql_column(step.column))


@carry_out.register
def _(step: RenameColumn, operations: Operations) -> None:
    _rename(operations, step.table.name, step.before.column, step.column.column)


@carry_out.register
def _(step: ArchiveColumn, operations: Operations) -> None:
    _rename(operations, step.table.name, step.column.column, step.archived.column)


@carry_out.register
def _(step: RestoreColumn, operations: Operations) -> None:
    _rename(operations, step.table.name, step.archived.column, step.column.column)


@carry_out.register
def _(step: AddIndex, operations: Operations) -> None:
    try:
        _add_index(operations, step.table.name, step.index)
    except IntegrityError as error:
        raise online.not_unique(step.table.doctype, step.index.columns[0]) from error


@carry_out.register
def _(step: DropIndex, operations: Operations) -> None:
    operations.drop_index(step.index.name, step.table.name)


@carry_out.register(WidenColumn)
@carry_out.register(ConvertColumn)
def _(step: WidenColumn, operations: Operations) -> None:
    """A new column, the values converted as the program converts them everywhere, then it takes the old one's name.

    The same way on both databases: SQLite cannot change a column's type, and the casts of the two do not agree.
    """
    connection = operations.get_bind()
    name = step.table.name
    converted = StoredColumn(step.column.fieldname, CONVERTED, step.column.kind, step.column.places, step.column.is_flag)
    operations.add_column(name, sql_column(converted))
    for portion in portions(connection, step.table.name, step.before):
        values = [{"the_name": key, "new_value": convert(step.column.kind, value)} for key, value in portion]
        target = bare(name, Column(CONVERTED, column_type(step.column.kind, step.column.places)))
        change = update(target).where(target.c.name == bindparam("the_name")).values({CONVERTED: bindparam("new_value")})
        connection.execute(change, values)
    operations.drop_column(name, step.before.column)
    _rename(operations, name, CONVERTED, step.column.column)


@carry_out.register
def _(step: ResizeColumn, operations: Operations) -> None:
    dialect = operations.get_bind().dialect
    quote, made = dialect.identifier_preparer.quote, text_type(step.column.size).compile(dialect)
    operations.execute(text(f"ALTER TABLE {quote(step.table.name)} MODIFY COLUMN {quote(step.column.column)} {made}"))


def _add_index(operations: Operations, table: str, index: StoredIndex) -> None:
    """In SQL of our own: Alembic makes a table with its columns for every index, which was a fifth of publishing everything."""
    dialect = operations.get_bind().dialect
    nulls = dialect.name == "postgresql"
    sql = online.index_sql(
        dialect.identifier_preparer.quote, table, index.name, index.columns, unique=index.unique, nulls=nulls
    )
    operations.get_bind().exec_driver_sql(sql)


def _rename(operations: Operations, table: str, old: str, new: str) -> None:
    quote = operations.get_bind().dialect.identifier_preparer.quote
    operations.execute(text(f"ALTER TABLE {quote(table)} RENAME COLUMN {quote(old)} TO {quote(new)}"))


# Values in the way


def _misfits(connection: Connection, step: ConvertColumn, table: str, present: StoredColumn) -> list[Fault]:
    """One fault with up to five values of the column that the new kind cannot hold; none when all fit."""
    misfits: list[tuple[str, Any]] = []
    for portion in portions(connection, table, present):
        for name, value in portion:
            try:
                convert(step.column.kind, value)
            except (ValueError, TypeError, ArithmeticError):
                misfits.append((name, value))
        if len(misfits) >= MISFITS_SHOWN:
            break
    if not misfits:
        return []
    kind = KIND_TEXTS[step.column.kind]
    shown_zh = "、".join(f"{name}：“{str(value)[:40]}”" for name, value in misfits[:MISFITS_SHOWN])
    shown_en = ", ".join(f'{name}: "{str(value)[:40]}"' for name, value in misfits[:MISFITS_SHOWN])
    doctype, field = step.table.doctype, step.column.fieldname
    return [
        Fault(
            f"{doctype}.{field}",
            Text(
                f"“{doctype}”的 {field} 改为{kind.zh}时，以下值不能转换：{shown_zh}。请先更正这些值。",
                f'"{doctype}".{field} cannot become {kind.en}; these values do not fit: {shown_en}. Correct them first.',
            ),
        )
    ]


__all__ = ["APPLIED", "UNDONE", "Schema", "apply", "carry_out", "history", "portions", "propose"]
