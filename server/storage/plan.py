"""Migration plans: the steps (see `steps`) from the recorded schema to the wanted one.

`make_plan` compares and executes nothing. Safest order first: what adds, then what changes, then what archives. Data is never
dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..metadata.model import DocType, Model
from .bounds import fitted
from .schema import ARCHIVE_PREFIX, ArchivedColumn, Schema, TableSpec, wanted_tables
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
from .tables import StoredColumn

RowCount = Callable[[str], int]

# A kind whose every value the other one can hold.
WIDER = frozenset({("integer", "decimal"), *((kind, "text") for kind in KIND_TEXTS if kind != "text")})


class PlanRefused(ValidationFailed):
    """No plan leads there without losing data; the faults name the values or tables that stand in the way."""


@dataclass(frozen=True)
class Plan:
    """Steps in order, the schema they start from, and the model they lead to."""

    steps: tuple[Step, ...]
    base: Schema = field(default_factory=Schema)
    model: Model | None = None
    dialect: str = "sqlite"

    @property
    def is_empty(self) -> bool:
        return not self.steps

    def to_json(self) -> list[dict[str, Any]]:
        return [step.to_json() for step in self.steps]


def make_plan(
    current: Schema,
    model: Model,
    count_rows: RowCount = lambda table: 0,
    in_force: Model | None = None,
    dialect: str = "sqlite",
) -> Plan:
    """The steps from `current` to the tables of `model`. Raises PlanRefused when two DocTypes need one table.

    A field that was renamed keeps its column's data; `in_force` tells which ones are renamed back. Whether the values of a narrowed column fit is not known here; `migrate.propose` looks.
    """
    wanted = {name: fitted(spec, dialect) for name, spec in _one_per_table(wanted_tables(model)).items()}
    steps: list[Step] = []
    renamed_types = _renamed_types(current, model, in_force)
    for name, spec in wanted.items():
        before = current.tables.get(name)
        known = current
        if before is None and (old := renamed_types.get(spec.doctype)) is not None:
            if name in current.archived_tables:
                raise PlanRefused(*_name_is_taken(spec))
            renaming = _rename_table(old, spec, count_rows(old.name))
            steps.append(renaming)
            before, known = renaming.table, renaming.after(current)
        if before is None and name in current.archived_tables:
            before = current.archived_tables[name]
            steps.append(RestoreTable(before))
        if before is None:
            steps.append(CreateTable(spec))
            before = spec.with_indexes(())
        renamed = _renamed(model[spec.doctype], in_force.get(spec.doctype) if in_force else None, before, spec)
        steps += _table_steps(known, before, spec, count_rows, renamed)
    moved = {step.before.name for step in steps if isinstance(step, RenameTable)}
    steps += [ArchiveTable(spec) for name, spec in current.tables.items() if name not in wanted and name not in moved]
    return Plan(tuple(steps), current, model, dialect)


def _renamed(doctype: DocType, in_force: DocType | None, before: TableSpec, wanted: TableSpec) -> dict[str, str]:
    """New fieldname to old one: by `oldfieldname`, or back again by the `oldfieldname` of the version in force.

    Only where the old one is there and goes, and the new one is not there yet.
    """
    pairs = [(item.fieldname, item.oldfieldname) for item in doctype.fields if item.oldfieldname]
    pairs += [(item.oldfieldname, item.fieldname) for item in in_force.fields if item.oldfieldname] if in_force else []
    found: dict[str, str] = {}
    for new, old in pairs:
        is_free = old not in found.values() and wanted.column(old) is None and before.column(new) is None
        if is_free and before.column(old) is not None and wanted.column(new) is not None:
            found.setdefault(new, old)
    return found


def _renamed_types(current: Schema, model: Model, in_force: Model | None) -> dict[str, TableSpec]:
    """New DocType to the table of the old one: by `renamed_from`, or back again by that of the version in force.

    Only where the old one is there and goes, and the new one is not there yet.
    """
    pairs = [(item.name, item.renamed_from) for item in model if item.renamed_from]
    pairs += [(item.renamed_from, item.name) for item in in_force or () if item.renamed_from]
    found: dict[str, TableSpec] = {}
    for new, old in pairs:
        table = current.table_of(old)
        if new in model and old not in model and table is not None and current.table_of(new) is None:
            found.setdefault(new, table)
    return found


def _rename_table(old: TableSpec, wanted: TableSpec, rows: int) -> RenameTable:
    names = {(item.columns, item.unique): item for item in wanted.indexes}
    kept = [(item, names[item.columns, item.unique]) for item in old.indexes if (item.columns, item.unique) in names]
    called = {before.name: after for before, after in kept}
    table = TableSpec(wanted.doctype, wanted.name, old.columns, tuple(called.get(item.name, item) for item in old.indexes))
    return RenameTable(table, rows, before=old, indexes=tuple(kept))


def _name_is_taken(spec: TableSpec) -> tuple[Text, list[Fault]]:
    text = Text(
        f"曾有单据类型“{spec.doctype}”，其归档的表 {spec.name} 仍在，请另取名称。",
        f'There was a DocType "{spec.doctype}" once, and its archived table {spec.name} is still there; choose another name.',
    )
    return Text("无法制定迁移计划：", "No migration plan can be made:"), [Fault(spec.doctype, text)]


def _one_per_table(wanted: Mapping[str, list[TableSpec]]) -> dict[str, TableSpec]:
    faults = [
        Fault(
            name,
            Text(
                f"单据类型 {'、'.join(item.doctype for item in specs)} 会使用同一张表 {name}，请改名。",
                f"The record types {', '.join(item.doctype for item in specs)} would share the table {name}; rename one of them.",
            ),
        )
        for name, specs in wanted.items()
        if len(specs) > 1
    ]
    if faults:
        raise PlanRefused(Text("无法制定迁移计划：", "No migration plan can be made:"), faults)
    return {name: specs[0] for name, specs in wanted.items()}


def _table_steps(
    current: Schema, before: TableSpec, wanted: TableSpec, count_rows: RowCount, renamed: Mapping[str, str]
) -> list[Step]:
    """Indexes that go, columns that are renamed, come, change and go, indexes that come."""
    renaming: list[RenameColumn] = []
    adding: list[Step] = []
    changing: list[Step] = []
    for column in wanted.columns:
        old = before.column(renamed.get(column.fieldname, column.fieldname))
        if old is not None and old.fieldname != column.fieldname:
            called = replace(old, fieldname=column.fieldname, column=column.column)
            renaming.append(RenameColumn(wanted, column=called, before=old))
            old = called
        if old is None:
            archived = current.archive_of(wanted.name, column.fieldname, column.kind)
            if archived is not None:
                old = replace(column, size=archived.size)
                adding.append(RestoreColumn(wanted, column=old, archived=archived))
            else:
                adding.append(AddColumn(wanted, column=column))
        if old is None:
            continue
        if old.kind != column.kind:
            made = WidenColumn if (old.kind, column.kind) in WIDER else ConvertColumn
            changing.append(made(wanted, count_rows(wanted.name), column=column, before=old))
        elif old.size != column.size:
            changing.append(ResizeColumn(wanted, count_rows(wanted.name), column=column, before=old))
    archiving: list[Step] = [
        ArchiveColumn(wanted, column=old, archived=_archived(current, wanted, old))
        for old in before.columns
        if wanted.column(old.fieldname) is None and old.fieldname not in renamed.values()
    ]
    touched = {step.column.column for step in [*changing, *archiving] if isinstance(step, WidenColumn | ArchiveColumn)}
    touched |= {step.before.column for step in renaming}
    gone = [item for item in before.indexes if wanted.index(item.name) != item or touched & set(item.columns)]
    dropping: list[Step] = [DropIndex(wanted, index=item) for item in gone]
    kept = {item.name for item in before.indexes if item not in gone}
    indexing: list[Step] = [
        AddIndex(wanted, count_rows(wanted.name), index=item) for item in wanted.indexes if item.name not in kept
    ]
    return [*dropping, *renaming, *adding, *changing, *archiving, *indexing]


def _archived(current: Schema, spec: TableSpec, column: StoredColumn) -> ArchivedColumn:
    number = current.next_archive_number(spec.name, column.fieldname)
    name = f"{ARCHIVE_PREFIX}{column.column[:36]}_{number}"
    return ArchivedColumn(spec.name, column.fieldname, name, column.kind, column.places, number, column.size)
