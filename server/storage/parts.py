"""What a plan comes to, table by table, when it is carried out in parts (`online`): pure data, kept in the journal.

Whoever finds the journal after a crash can undo or finish the plan from this alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .plan import Plan
from .steps import (
    AddColumn,
    AddIndex,
    ArchiveColumn,
    CreateTable,
    DropIndex,
    RenameColumn,
    RenameTable,
    ResizeColumn,
    RestoreColumn,
    Step,
    WidenColumn,
)
from .tables import StoredColumn, StoredIndex

NEW, LEFT = "zz_new_", "zz_left_"  # columns that are not in use yet, and no longer


@dataclass(frozen=True, slots=True)
class Shadow:
    """A column that takes another kind: its values are converted into `name`, which then takes its place."""

    before: StoredColumn  # as it is in use
    column: StoredColumn  # as it will be
    name: str
    left: str  # what the old column is called until it is dropped


@dataclass(frozen=True, slots=True)
class Built:
    """An index as it is built: the names that it and its columns have meanwhile, and what it will be."""

    name: str
    columns: tuple[str, ...]
    index: StoredIndex


@dataclass(frozen=True, slots=True)
class TablePart:
    """Everything that a plan changes of one table."""

    table: str
    doctype: str
    columns: tuple[StoredColumn, ...] = ()  # of a table that is made
    indexes: tuple[StoredIndex, ...] = ()
    added: tuple[tuple[str, StoredColumn], ...] = ()  # the name that it has at first
    shadows: tuple[Shadow, ...] = ()
    resized: tuple[tuple[str, int, int], ...] = ()  # name, size before, size after
    built: tuple[Built, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()  # in this order
    dropped: tuple[str, ...] = ()  # indexes
    was: str = ""  # what a table that is renamed was called
    reindexed: tuple[tuple[str, str], ...] = ()  # and its indexes, with what they will be called

    @property
    def is_new(self) -> bool:
        return bool(self.columns)

    @property
    def now(self) -> str:
        """What the table is called until the switch."""
        return self.was or self.table

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, body: Mapping[str, Any]) -> TablePart:
        return cls(
            body["table"], body["doctype"],
            tuple(StoredColumn(**item) for item in body["columns"]),
            tuple(_index(item) for item in body["indexes"]),
            tuple((name, StoredColumn(**item)) for name, item in body["added"]),
            tuple(Shadow(StoredColumn(**item["before"]), StoredColumn(**item["column"]), item["name"], item["left"]) for item in body["shadows"]),
            tuple((name, before, after) for name, before, after in body["resized"]),
            tuple(Built(item["name"], tuple(item["columns"]), _index(item["index"])) for item in body["built"]),
            tuple((old, new) for old, new in body["renamed"]),
            tuple(body["dropped"]), body["was"], tuple((old, new) for old, new in body["reindexed"]),
        )  # fmt: skip


def _index(body: Mapping[str, Any]) -> StoredIndex:
    return StoredIndex(body["name"], tuple(body["columns"]), body["unique"])


def parts_of(plan: Plan) -> list[TablePart]:
    """The parts of a plan, in its order."""
    gathered: dict[str, _Gathered] = {}
    for step in plan.steps:
        table = step.table.name
        if table not in gathered:
            before = plan.base.tables.get(table) or plan.base.archived_tables.get(table)
            if isinstance(step, RenameTable):
                before = step.table
            there = {item.column for item in before.columns} if before else set()
            gathered[table] = _Gathered(step, there, {item.name for item in before.indexes} if before else set())
        gathered[table].take(step)
    return [item.part() for item in gathered.values() if not item.is_empty]


@dataclass
class _Gathered:
    """The steps of one table, put together; `now` says what a column is called until the switch."""

    first: Step
    columns_there: set[str]
    indexes_there: set[str]
    now: dict[str, str] = field(default_factory=dict)
    values: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.values and not isinstance(self.first, RenameTable)

    def part(self) -> TablePart:
        made: dict[str, Any] = {name: tuple(items) for name, items in self.values.items()}
        if isinstance(self.first, RenameTable):
            made["reindexed"] = tuple((old.name, new.name) for old, new in self.first.indexes if old.name != new.name)
            return TablePart(self.first.table.name, self.first.table.doctype, was=self.first.before.name, **made)
        return TablePart(self.first.table.name, self.first.table.doctype, **made)

    def take(self, step: Step) -> None:
        if isinstance(step, CreateTable):
            self._add("columns", step.table.columns)
        elif isinstance(step, AddColumn):
            self._add_column(step)
        elif isinstance(step, RenameColumn):
            self._rename(step.before.column, step.column.column)
        elif isinstance(step, ArchiveColumn):
            self._rename(step.column.column, step.archived.column)
        elif isinstance(step, RestoreColumn):
            self._rename(step.archived.column, step.column.column)
        elif isinstance(step, ResizeColumn):
            name = self.now.get(step.column.column, step.column.column)
            self._add("resized", [(name, step.before.size, step.column.size)])
        elif isinstance(step, WidenColumn):
            self._shadow(step)
        elif isinstance(step, AddIndex):
            self._index(step.index)
        elif isinstance(step, DropIndex):
            self._add("dropped", [step.index.name])

    def _add(self, name: str, items: Iterable[Any]) -> None:
        self.values.setdefault(name, []).extend(items)

    def _number(self) -> int:
        return len(self.values.get("added", ())) + len(self.values.get("shadows", ()))

    def _add_column(self, step: AddColumn) -> None:
        name = step.column.column
        if name in self.columns_there:  # of a field that is renamed by this plan
            name = f"{NEW}{self._number()}"
            self._rename(name, step.column.column)
        self._add("added", [(name, step.column)])

    def _rename(self, old: str, new: str) -> None:
        self.now[new] = self.now.get(old, old)
        self._add("renamed", [(old, new)])

    def _shadow(self, step: WidenColumn) -> None:
        """The old column goes aside under the name that it has when its turn comes; it may have been renamed or restored before."""
        number = self._number()
        name, left, target = f"{NEW}{number}", f"{LEFT}{number}", step.column.column
        in_use = StoredColumn(step.before.fieldname, self.now.get(target, target), step.before.kind, step.before.places)
        self._add("shadows", [Shadow(in_use, step.column, name, left)])
        self._add("renamed", [(target, left)])
        self._rename(name, target)

    def _index(self, index: StoredIndex) -> None:
        if "columns" in self.values:
            self._add("indexes", [index])
            return
        name = f"zz_{index.name}"[-60:] if index.name in self.indexes_there else index.name
        self._add("built", [Built(name, tuple(self.now.get(column, column) for column in index.columns), index)])
