"""The book of imports: a row for each import, a row for each record of its file. What is written here is told to people as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from ...core.errors import NotFound
from ...core.text import Text
from ...jobs import tasks
from ...storage import series
from ...storage.system import data_import as table
from ...storage.system import data_import_row as rows

State = Literal["mapping", "waiting", "running", "stopping", "checked", "refused", "done", "stopped", "failed", "undone"]
Task = Literal["check", "run", "undo"]
Mode = Literal["insert", "update", "both"]
ChildRows = Literal["replace", "add", "keep"]
RowState = Literal["faulty", "created", "changed", "unchanged", "refused", "undone", "kept"]
SAVED = ("created", "changed")
WITH_FAULTS = ("faulty", "refused", "kept")
SERIES = "IMP-"


@dataclass(frozen=True)
class Options:
    """How a file is to be read and what is to be done with it."""

    sheet: int = 0
    header: int = 1  # the row that holds the heads, as the spreadsheet numbers it
    columns: tuple[str, ...] = ()  # for each column of the file the key of its target, or ""
    mode: Mode = "insert"
    key: str = ""  # by which records are found, and rows of one record put together
    all_or_nothing: bool = True
    submit: bool = False
    child_rows: ChildRows = "replace"  # of a record that is changed: met by their order, those that the file does not have removed; or added below; or left
    clears: bool = False  # an empty cell empties the value of a record that is changed
    units: tuple[str, ...] = ()  # units after numbers that may be left off
    encoding: str = ""
    delimiter: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Options:
        known: dict[str, Any] = {key: value for key, value in stored.items() if key in cls.__dataclass_fields__}
        known |= {key: tuple(value) for key, value in known.items() if isinstance(value, list)}
        return cls(**known)

    def to_json(self) -> dict[str, Any]:
        return {key: list(value) if isinstance(value, tuple) else value for key, value in self.__dict__.items()}


@dataclass(frozen=True)
class DataImport:
    """One import as people see it."""

    id: str
    by: str
    at: datetime
    doctype: str
    filename: str
    sha256: str
    state: State
    task: Task | None
    options: Options
    tally: Mapping[str, int] = field(default_factory=dict)
    error: Text | None = None
    asked_by: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        return self.state in tasks.ACTIVE

    @property
    def has_saved(self) -> bool:
        """Whether there is something to undo."""
        return (self.tally.get("created", 0) + self.tally.get("changed", 0)) > self.tally.get("undone", 0) + self.tally.get(
            "kept", 0
        )

    @property
    def has_begun(self) -> bool:
        """Whether rows were saved: from then on what is done with the file cannot be changed any more."""
        return bool(self.tally.get("created") or self.tally.get("changed"))

    @property
    def percent(self) -> int:
        total = self.tally.get("total") or 0
        return min(99, 100 * self.tally.get("read", 0) // total) if total else 0


def _import(row: Mapping[str, Any]) -> DataImport:
    return DataImport(
        row["id"], row["by"], row["at"], row["doctype"], row["filename"], row["sha256"], row["state"], row["task"],
        Options.of(row["options"] or {}), row["tally"] or {}, Text.of(row["error"]) if row["error"] else None, row["asked_by"] or row["by"], row["started_at"], row["ended_at"],
    )  # fmt: skip


def add(connection: Connection, by: str, at: datetime, doctype: str, filename: str, sha256: str, options: Options) -> str:
    """A new import; its number."""
    number = f"{SERIES}{series.next_number(connection, SERIES):05d}"
    row = {
        "id": number, "by": by, "at": at, "doctype": doctype, "filename": filename, "sha256": sha256, "state": "mapping",
        "options": options.to_json(), "tally": {},
    }  # fmt: skip
    connection.execute(insert(table).values(row))
    return number


def get(connection: Connection, number: str) -> DataImport:
    """Raises NotFound."""
    row = connection.execute(select(table).where(table.c.id == number)).mappings().first()
    if row is None:
        raise NotFound(Text(f"没有数据导入 {number[:40]}，或不是您的。", f"There is no data import {number[:40]} of yours."))
    return _import(dict(row))


def listed(connection: Connection, by: str | None, doctype: str | None, limit: int) -> list[DataImport]:
    """The newest first; of one person, of one record type."""
    asked = select(table).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
    if by is not None:
        asked = asked.where(table.c.by == by)
    if doctype is not None:
        asked = asked.where(table.c.doctype == doctype)
    return [_import(dict(row)) for row in connection.execute(asked).mappings()]


def change(connection: Connection, number: str, states: Sequence[str], held_by: str | None = None, **values: Any) -> bool:
    """Change an import that is in one of these states, and is held by this worker where one is named; False when it is not."""
    asked = update(table).where(table.c.id == number, table.c.state.in_(states))
    if held_by is not None:
        asked = asked.where(table.c.leased_by == held_by)
    return bool(connection.execute(asked.values(values)).rowcount)


def take(connection: Connection, worker: str, now: datetime, until: datetime, number: str | None = None) -> DataImport | None:
    """The oldest import that waits, or whose worker died, leased to `worker`; None when there is none. `number`: that one alone."""
    which = [table.c.id == number] if number is not None else []
    started = func.coalesce(table.c.started_at, literal(now, table.c.started_at.type))
    row = tasks.take(connection, table, worker, now, until, *which, started_at=started)
    return _import({**row, "started_at": row["started_at"] or now}) if row is not None else None


def is_any_waiting(connection: Connection, now: datetime) -> bool:
    return tasks.is_any_free(connection, table, now)


def stop(connection: Connection, number: str, now: datetime) -> None:
    tasks.stop(connection, table, number, ended_at=now)


def remove(connection: Connection, number: str) -> None:
    connection.execute(delete(rows).where(rows.c.data_import == number))
    connection.execute(delete(table).where(table.c.id == number))


# Rows


@dataclass(frozen=True)
class LoggedRow:
    number: int
    last: int
    state: RowState
    name: str | None = None
    version: int | None = None
    before: Mapping[str, Any] | None = None
    faults: Sequence[Mapping[str, Any]] = ()
    lost: int = 0  # child rows that go; counted, not kept

    def told(self, state: RowState, faults: Sequence[Mapping[str, Any]] = ()) -> LoggedRow:
        return replace(self, state=state, faults=faults)


def log(connection: Connection, number: str, found: Iterable[LoggedRow]) -> None:
    written = [
        {
            "data_import": number, "number": row.number, "last": row.last, "state": row.state, "name": row.name, "version": row.version,
            "before": dict(row.before) if row.before is not None else None, "faults": list(row.faults) or None,
        }
        for row in found
    ]  # fmt: skip
    if written:
        connection.execute(insert(rows), written)


def forget_rows(connection: Connection, number: str) -> None:
    connection.execute(delete(rows).where(rows.c.data_import == number))


def last_row(connection: Connection, number: str) -> int:
    """The last row of the file that a record was made of or refused; 0 when none was."""
    asked = select(func.max(rows.c.last)).where(rows.c.data_import == number, rows.c.state != "faulty")
    return int(connection.execute(asked).scalar() or 0)


def logged(
    connection: Connection,
    number: str,
    states: Sequence[str],
    *,
    after: int = 0,
    limit: int = 100,
    backwards: bool = False,
    with_faults: bool = False,
) -> list[LoggedRow]:
    """Rows in these states in the order of the file, after row `after`; backwards: from the end, before it (0: from the last one)."""
    asked = select(rows).where(rows.c.data_import == number, rows.c.state.in_(states))
    if with_faults:
        asked = asked.where(rows.c.faults.is_not(None))
    if backwards:
        asked = asked.order_by(rows.c.number.desc())
        asked = asked.where(rows.c.number < after) if after else asked
    else:
        asked = asked.where(rows.c.number > after).order_by(rows.c.number)
    return [
        LoggedRow(row["number"], row["last"], row["state"], row["name"], row["version"], row["before"], row["faults"] or ())
        for row in connection.execute(asked.limit(limit)).mappings()
    ]


def count(connection: Connection, number: str, state: RowState) -> int:
    asked = select(func.count()).select_from(rows).where(rows.c.data_import == number, rows.c.state == state)
    return int(connection.execute(asked).scalar_one())


def settle(connection: Connection, number: str, row: LoggedRow) -> None:
    """Note what became of a row that was undone or kept."""
    mine = update(rows).where(rows.c.data_import == number, rows.c.number == row.number)
    connection.execute(mine.values(state=row.state, faults=list(row.faults) or None))
