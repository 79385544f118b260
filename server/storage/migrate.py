"""Migrations: propose a plan from the database as it is, carry it out whole or not at all.

Both databases change tables inside a transaction, so a failing step leaves nothing behind. Steps run on Alembic's operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import singledispatch
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Connection, MetaData, Table, bindparam, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from ..core.errors import Fault
from ..core.ids import new_id
from ..core.text import Text
from ..metadata.model import Model
from .database import Database
from .plan import (
    KIND_TEXTS,
    AddColumn,
    AddIndex,
    ArchiveColumn,
    ArchiveTable,
    ConvertColumn,
    CreateTable,
    DropIndex,
    Plan,
    PlanRefused,
    RenameColumn,
    RestoreColumn,
    RestoreTable,
    Step,
    WidenColumn,
    make_plan,
)
from .schema import Schema, may_be_null, record_schema, recorded_schema
from .shapes import keep_shapes
from .system import plan as plan_table
from .tables import StoredColumn, sql_column
from .types import column_type, convert, text_type

MISFITS_SHOWN = 5
MIGRATION_LOCK = 7203412  # one process migrates at a time
CONVERTED = "zz_converted"
APPLIED, UNDONE = "applied", "undone"  # the states of a plan


def propose(connection: Connection, model: Model, in_force: Model | None = None) -> Plan:
    """The plan from the tables as they are to those of `model`; nothing is executed. `in_force` is the model that they serve now.

    Raises PlanRefused naming up to five values per column that a narrower kind could not hold.
    """

    def count_rows(table: str) -> int:
        return int(connection.execute(select(func.count()).select_from(_bare(table))).scalar_one()) if table in known else 0

    current = recorded_schema(connection)
    known = {*current.tables, *current.archived_tables}
    plan = make_plan(current, model, count_rows, in_force)
    # nothing is renamed yet: the values are looked for under the name that the column has now
    called = {(step.table.name, step.column.column): step.before for step in plan.steps if isinstance(step, RenameColumn)}
    faults = [
        fault
        for step in plan.steps
        if isinstance(step, ConvertColumn)
        for fault in _misfits(connection, step, called.get((step.table.name, step.before.column), step.before))
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
    also: Callable[[Connection], Mapping[str, Any]] | None = None,
) -> None:
    """Carry out every step, then `also`, in one transaction; record the plan with what `also` answers. Raises PlanRefused when the tables have changed
    since the plan was made, or when existing data breaks a new unique index."""
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        schema = recorded_schema(connection)
        if schema.digest() != plan.base.digest():
            raise PlanRefused(
                Text(
                    "数据库结构在制定计划后已改变，请重新生成计划。",
                    "The tables were changed after this plan was made; make the plan again.",
                )
            )
        operations = Operations(MigrationContext.configure(connection))
        for step in plan.steps:
            carry_out(step, operations)
            schema = step.after(schema)
        if plan.steps:
            record_schema(connection, schema)
        if plan.model is not None:
            keep_shapes(connection, plan.model)
        told = also(connection) if also is not None else {}
        if plan.steps or told:
            values = {"id": new_id(16), "at": at, "by": by, "steps": plan.to_json(), "state": APPLIED, **told}
            connection.execute(insert(plan_table), values)


def history(connection: Connection, limit: int = 100) -> list[dict[str, Any]]:
    """The plans that were applied, the newest first; of publications also those that changed no table."""
    newest = (plan_table.c.version.is_(None), plan_table.c.version.desc(), plan_table.c.at.desc(), plan_table.c.id)
    return [dict(row) for row in connection.execute(select(plan_table).order_by(*newest).limit(limit)).mappings()]


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
    columns: list[Any] = list(step.index.columns)
    if operations.get_bind().dialect.name == "postgresql":
        # lists sort empty values first; PostgreSQL's default is last, and the order of an index must agree
        quote = operations.get_bind().dialect.identifier_preparer.quote
        columns = [text(f"{quote(name)} NULLS FIRST") if may_be_null(name) else name for name in columns]
    try:
        operations.create_index(step.index.name, step.table.name, columns, unique=step.index.unique)
    except IntegrityError as error:
        raise PlanRefused(*_not_unique(step)) from error


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
        target = _bare(name, Column(CONVERTED, column_type(step.column.kind, step.column.places)))
        change = update(target).where(target.c.name == bindparam("the_name")).values({CONVERTED: bindparam("new_value")})
        connection.execute(change, values)
    operations.drop_column(name, step.before.column)
    _rename(operations, name, CONVERTED, step.column.column)


def _rename(operations: Operations, table: str, old: str, new: str) -> None:
    quote = operations.get_bind().dialect.identifier_preparer.quote
    operations.execute(text(f"ALTER TABLE {quote(table)} RENAME COLUMN {quote(old)} TO {quote(new)}"))


def _bare(name: str, *columns: Column[Any]) -> Table:
    return Table(name, MetaData(), Column("name", text_type(), primary_key=True), *columns)


def portions(connection: Connection, table: str, column: StoredColumn, size: int = 1000) -> Iterator[list[tuple[str, Any]]]:
    """(name, value) of all rows with a value, by key, a portion at a time."""
    source = _bare(table, Column(column.column, column_type(column.kind, column.places)))
    value = source.c[column.column]
    last: str | None = None
    while True:
        asked = select(source.c.name, value).where(value.is_not(None)).order_by(source.c.name).limit(size)
        rows = connection.execute(asked if last is None else asked.where(source.c.name > last)).all()
        if not rows:
            return
        yield [(row[0], row[1]) for row in rows]
        last = rows[-1][0]


# Values in the way


def _misfits(connection: Connection, step: ConvertColumn, present: StoredColumn) -> list[Fault]:
    """One fault with up to five values of the column that the new kind cannot hold; none when all fit."""
    misfits: list[tuple[str, Any]] = []
    for portion in portions(connection, step.table.name, present):
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


def _not_unique(step: AddIndex) -> tuple[Text, list[Fault]]:
    column = step.index.columns[0]
    fault = Text(
        f"“{step.table.doctype}”的 {column} 现有重复值，不能设为唯一。请先更正。",
        f'"{step.table.doctype}".{column} holds values that occur twice; it cannot be made unique. Correct them first.',
    )
    return Text("未作任何更改：", "Nothing was changed:"), [Fault(f"{step.table.doctype}.{column}", fault)]


__all__ = ["Schema", "apply", "carry_out", "history", "portions", "propose"]
