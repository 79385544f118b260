"""An import at work: checked (everything but kept), run, undone. What it has done is written down in the transaction that does it.

So a run that is killed goes on with the row after the last one that was kept, and no record is made twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ...access.directory import load_user
from ...access.permissions import Permissions
from ...access.user import User
from ...core.clock import Clock
from ...core.errors import PermissionRefused, StorageUnavailable
from ...core.text import Text
from ...documents.batch import Batch, NothingKept
from ...documents.queries import QueryService
from ...documents.service import DocumentService
from ...documents.snapshot import Snapshot
from ...storage.database import Database
from . import book
from .book import DataImport, LoggedRow, State
from .columns import targets
from .entries import CellFault, Entry, Reading, entries, linked
from .saving import Portions
from .staging import Staged
from .undoing import undo_row

PORTION = 200  # records in one transaction: others who save wait for it
ATOMIC_MOST = 1_000  # rows of a file that is imported in one transaction, or checked in one
KEPT_FAULTY = 20_000  # faulty rows that a check writes down; all are counted
LEASE = timedelta(seconds=120)
TRIES, FIRST_PAUSE_SECONDS = 8, 0.2

Stopped = Callable[[], bool]
Act = Callable[
    [Sequence[Entry], bool], list[LoggedRow] | None
]  # (portion, whether hopefully) -> what became of it; None: spoilt


class Withdrawn(Exception):
    """The import was stopped, or another worker has taken it; what the open transaction did is rolled back."""


class Work:
    """One task of one import, for the person who asked. `me` is the worker that holds the lease."""

    def __init__(
        self, database: Database, clock: Clock, documents: DocumentService, queries: QueryService, snapshot: Snapshot,
        zone: ZoneInfo, found: DataImport, staged: Staged, user: User, me: str, is_closing: Stopped = lambda: False,
    ) -> None:  # fmt: skip
        self._database = database
        self._clock = clock
        self._documents = documents
        self._queries = queries
        self._import = found
        self._user = user
        self._me = me
        self._is_closing = is_closing
        self._staged = staged
        self._tally: dict[str, int] = dict(found.tally)
        doctype = snapshot.record_type(found.doctype)
        Permissions(snapshot.model).require(user, "import", doctype.name)
        offered = {target.key: target for target in targets(snapshot.model, user, doctype)}
        self._model = snapshot.model
        options = found.options
        if lost := [key for key in options.columns if key and key not in offered]:
            raise _changed_meanwhile(Text(f"不能再填写 {'、'.join(lost)}", f"{', '.join(lost)} cannot be filled in any more"))
        columns = [offered.get(key) for key in options.columns]
        self._reading = Reading(columns, options.key, frozenset(options.units), zone)
        self._portions = Portions(queries, user, doctype, found, self._reading)
        self._is_hopeful = True  # as long as nothing is refused
        self._total = staged.sheets[options.sheet].rows

    def do(self) -> State:
        """The task; returns the state in which it leaves the import. Raises Withdrawn, StorageUnavailable."""
        if self._import.task == "undo":
            return self._undo()
        if self._import.task == "check":
            return self._check()
        return self._run()

    # Check

    def _check(self) -> State:
        self._tally = {"total": self._total, "read": 0, "good": 0, "faulty": 0, "warned": 0, "losing": 0, "lost": 0}
        with self._database.write() as connection:
            book.forget_rows(connection, self._import.id)
        size = ATOMIC_MOST if self._total <= ATOMIC_MOST else PORTION
        for portion in _portions(self._entries(), size):
            rows = self._patiently(portion, self._try)
            self._note_check(rows)
        return "checked"

    def _try(self, portion: Sequence[Entry], is_hopeful: bool) -> list[LoggedRow] | None:
        existing = self._portions.prepare(portion)
        with self._documents.batch(self._user, is_trial=True, is_hopeful=is_hopeful) as batch:
            rows = self._saved(batch, portion, existing)
        return None if batch.is_spoilt else rows

    def _saved(self, batch: Batch, portion: Sequence[Entry], existing: dict[str, str]) -> list[LoggedRow]:
        """What became of each. Raises NothingKept as soon as the batch is spoilt."""
        self._refuse_withdrawn(batch.snapshot)
        batch.foresee(linked(portion))
        rows = []
        for entry in portion:
            rows.append(self._portions.save(batch, entry, existing))
            if batch.is_spoilt:
                raise NothingKept
        batch.settle()
        if batch.is_spoilt:
            raise NothingKept
        return rows

    def _note_check(self, rows: Sequence[LoggedRow]) -> None:
        faulty = [row.told("faulty", row.faults) for row in rows if row.state == "refused"]
        self._count(rows, "good", "faulty")
        room = KEPT_FAULTY - (self._tally["faulty"] - len(faulty))
        with self._database.write() as connection:
            book.log(connection, self._import.id, faulty[: max(room, 0)])
            self._hold(connection)

    def _count(self, rows: Sequence[LoggedRow], good: str, faulty: str) -> None:
        for row in rows:
            self._tally[faulty if row.state == "refused" else good] += 1
            self._tally["warned"] += bool(row.faults) and row.state != "refused"
            self._tally["losing"] += bool(row.lost)
            self._tally["lost"] += row.lost

    # Run

    def _run(self) -> State:
        with self._database.read() as connection:
            last = book.last_row(connection, self._import.id)
        if not last:
            if self._import.options.all_or_nothing and self._total > ATOMIC_MOST:
                self._check()
                if self._tally["faulty"]:
                    return "refused"
            with self._database.write() as connection:
                book.forget_rows(connection, self._import.id)
            counts = ("created", "changed", "unchanged", "refused", "warned", "undone", "kept")
            self._tally = {"total": self._total, "read": 0} | dict.fromkeys(counts, 0)
        if self._import.options.all_or_nothing:
            return self._run_whole(last)
        for portion in _portions(self._entries(last), PORTION):
            self._patiently(portion, self._keep)
        return "done"

    def _run_whole(self, last: int) -> State:
        """All or nothing: a file of moderate size in one transaction. A larger one was checked as a whole before, goes on portion by portion
        and ends with the first fault; what was kept by then is undone."""
        if self._total <= ATOMIC_MOST:
            everything = list(self._entries())
            refused = [row for row in self._patiently(everything, self._keep_whole) if row.state == "refused"]
            if refused:
                self._tally = {
                    "total": self._total,
                    "read": self._total,
                    "good": len(everything) - len(refused),
                    "faulty": len(refused),
                }
                with self._database.write() as connection:
                    book.log(connection, self._import.id, [row.told("faulty", row.faults) for row in refused])
                return "refused"
            return "done"
        with self._database.read() as connection:
            is_refused = book.count(connection, self._import.id, "refused") > 0  # an earlier attempt ended while it undid
        for portion in _portions(self._entries(last), PORTION) if not is_refused else ():
            rows = self._patiently(portion, self._keep)
            if is_refused := any(row.state == "refused" for row in rows):
                break
        return self._undo() if is_refused else "done"

    def _keep(self, portion: Sequence[Entry], is_hopeful: bool) -> list[LoggedRow] | None:
        existing = self._portions.prepare(portion)
        with self._documents.batch(self._user, is_hopeful=is_hopeful) as batch:
            rows = self._saved(batch, portion, existing)
            self._write_down(batch.connection, rows)
        return None if batch.is_spoilt else rows

    def _keep_whole(self, everything: Sequence[Entry], is_hopeful: bool) -> list[LoggedRow] | None:
        existing = self._portions.prepare(everything)
        rows: list[LoggedRow] = []
        with self._documents.batch(self._user, is_hopeful=is_hopeful) as batch:
            rows = self._saved(batch, everything, existing)
            if any(row.state == "refused" for row in rows):
                raise NothingKept
            self._write_down(batch.connection, rows)
        return None if batch.is_spoilt else rows

    def _write_down(self, connection: Connection, rows: Sequence[LoggedRow]) -> None:
        before = dict(self._tally)
        for row in rows:
            self._tally[row.state] += 1
            self._tally["warned"] += bool(row.faults) and row.state != "refused"
        try:
            book.log(connection, self._import.id, rows)
            self._hold(connection)
        except BaseException:
            self._tally = before
            raise

    # Undo

    def _undo(self) -> State:
        """Each record by itself, the last one first; what is noted is noted after, and an undo that is repeated finds it done."""
        with self._database.read() as connection:
            self._tally["undone"] = book.count(connection, self._import.id, "undone")
            self._tally["kept"] = book.count(connection, self._import.id, "kept")
        while True:
            with self._database.read() as connection:
                rows = book.logged(connection, self._import.id, book.SAVED, limit=50, backwards=True)
            if not rows:
                return "undone"
            settled = [self._undo_one(row) for row in rows]
            with self._database.write() as connection:
                for row in settled:
                    self._tally[row.state] += 1
                    book.settle(connection, self._import.id, row)
                self._hold(connection)

    def _undo_one(self, row: LoggedRow) -> LoggedRow:
        for attempt in range(TRIES):
            with self._database.read() as connection:
                self._refuse_changed_rights(connection)
            try:
                return undo_row(self._documents, self._queries, self._user, self._import, row)
            except StorageUnavailable:
                if attempt == TRIES - 1:
                    raise
                time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        raise AssertionError

    # Both

    def _entries(self, last: int = 0) -> Iterator[Entry]:
        """The entries after row `last`; those up to it count as dealt with."""
        options = self._import.options
        read = 0

        def rows() -> Iterator[Any]:
            nonlocal read
            for row in self._staged.rows(options.sheet):
                read += 1
                if row.number > options.header:
                    yield row

        for entry in entries(rows(), self._reading):
            self._tally["read"] = min(read, self._total)
            if entry.last <= last:
                self._portions.pass_over(entry)
            else:
                yield entry

    def _patiently(self, portion: Sequence[Entry], act: Act) -> list[LoggedRow]:
        """A portion at once, hopefully; carefully where a record of it is refused. One that finds the database busy is tried again."""
        found = [list(entry.faults) for entry in portion]
        for attempt in range(TRIES):
            try:
                rows = act(portion, True) if self._is_hopeful else None
                if rows is None:
                    self._as_read(portion, found)
                    rows = act(portion, False)
                assert rows is not None
                self._is_hopeful = all(row.state != "refused" for row in rows)
                return rows
            except StorageUnavailable:
                if attempt == TRIES - 1 or self._is_closing():
                    raise
                time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
                self._as_read(portion, found)
        raise AssertionError

    @staticmethod
    def _as_read(portion: Sequence[Entry], found: Sequence[list[CellFault]]) -> None:
        """The entries with the faults that they had when they were read."""
        for entry, faults in zip(portion, found, strict=True):
            entry.faults[:] = faults

    def _hold(self, connection: Connection) -> None:
        """Write down how far it is, and keep the lease. Raises Withdrawn when the import is to stop or is another worker's, PermissionRefused
        when its person may not do it any more: what the transaction did is rolled back with either."""
        self._refuse_changed_rights(connection)
        values = {"tally": dict(self._tally), "lease_until": self._clock.now() + LEASE}
        if self._is_closing() or not book.change(connection, self._import.id, ("running",), self._me, **values):
            raise Withdrawn

    def _refuse_withdrawn(self, snapshot: Snapshot) -> None:
        """What a publication takes away meanwhile stops the import at the next portion, as a role that is taken away does."""
        if snapshot.model is self._model:
            return
        doctype = snapshot.record_type(self._import.doctype)
        if not Permissions(snapshot.model).may(self._user, "import", doctype.name):
            label, name = doctype.label, self._user.full_name
            raise _changed_meanwhile(Text(f"“{name}”不再有导入{label.zh}的权限", f"{name} may not import {label.en} any more"))
        self._model = snapshot.model

    def _refuse_changed_rights(self, connection: Connection) -> None:
        """The rights are those that the person had when the task was taken up; they are looked at again with each portion."""
        was, now = self._user, load_user(connection, self._user.name)
        if now is None or not now.enabled:
            raise _changed_meanwhile(Text(f"用户“{was.full_name}”已停用", f'the user "{was.full_name}" was disabled'))
        if lost := sorted(was.roles - now.roles):
            raise _changed_meanwhile(
                Text(
                    f"“{was.full_name}”不再有角色 {'、'.join(lost)}",
                    f"{was.full_name} no longer has the role {', '.join(lost)}",
                )
            )
        if (was.only, was.only_in) != (now.only, now.only_in):
            raise _changed_meanwhile(
                Text(f"“{was.full_name}”的用户权限改了", f"the user permissions of {was.full_name} were changed")
            )

    @property
    def tally(self) -> dict[str, int]:
        return self._tally


def _changed_meanwhile(what: Text) -> PermissionRefused:
    return PermissionRefused(
        Text(
            f"其间权限有变：{what.zh}。此前已保存的保留；可按现有权限继续或撤销。",
            f"Rights were changed meanwhile: {what.en}. What was saved before stays; go on with the rights of now, or undo.",
        )
    )


def _portions(found: Iterator[Entry], size: int) -> Iterator[list[Entry]]:
    while portion := list(islice(found, size)):
        yield portion
