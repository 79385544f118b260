"""`DataImports`: imports that people make of files, kept with what became of each row, worked on in the background.

An import belongs to who made it: what it tells is what they may read. It is a row with a lease, like a simulation; a thread of this
process takes it, and the import of a process that died goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import structlog

from ...access.permissions import Permissions
from ...access.user import User
from ...core.clock import Clock
from ...core.errors import Fault, GuijuError, NotFound, ValidationFailed
from ...core.ids import new_id
from ...core.text import Text, nearest
from ...documents.queries import QueryService
from ...documents.service import DocumentService
from ...documents.snapshot import Snapshot
from ...jobs.queue_thread import QueueThread
from ...metadata.model import DocType
from ...storage.database import Database
from ...storage.files import FileStore
from . import book, columns
from .book import DataImport, LoggedRow, Options, Task
from .columns import Target
from .entries import Entry, Reading, entries
from .staging import Row, Staged, extension_of, stage, staged
from .work import LEASE, Withdrawn, Work

LISTED = 100
REMEMBERED = 20  # earlier imports whose columns are looked at
MODES = ("insert", "update", "both")
CHILD_ROWS = ("replace", "add", "keep")

log = structlog.get_logger("guiju.import")


class DataImports:
    def __init__(
        self, database: Database, clock: Clock, documents: DocumentService, queries: QueryService, snapshots: Callable[[], Snapshot],
        store: FileStore, folder: Path, zone: ZoneInfo, user_named: Callable[[str], User], wake: Callable[[], None],
    ) -> None:  # fmt: skip
        self._database = database
        self._clock = clock
        self._documents = documents
        self._queries = queries
        self._snapshots = snapshots
        self._store = store
        self._folder = folder
        self._zone = zone
        self._user_named = user_named
        self._wake = wake
        self.queue = QueueThread("import", self._is_any_waiting, self.run_next)

    # For people

    def offered(self, user: User) -> list[DocType]:
        """The record types that this user may import."""
        model = self._snapshots().model
        permissions = Permissions(model)
        return [item for item in model if not (item.istable or item.issingle) and permissions.may(user, "import", item.name)]

    def targets(self, user: User, doctype: str) -> list[Target]:
        """What this user may fill in by importing. Raises PermissionRefused, NotFound."""
        return columns.targets(self._snapshots().model, user, self._importable(user, doctype))

    def _importable(self, user: User, doctype: str) -> DocType:
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        Permissions(snapshot.model).require(user, "import", found.name)
        if found.issingle:
            text = Text(
                f"“{found.label.zh}”只有一条，不能导入。", f'There is one "{found.label.en}" only; it cannot be imported.'
            )
            raise ValidationFailed(text)
        return found

    def create(self, user: User, doctype: str, stream: BinaryIO, filename: str) -> str:
        """Take a file in: read it, find the line of heads, propose which column is what. Returns the number of the import.

        Raises ValidationFailed (a file that cannot be read, or holds no rows), TooLarge, PermissionRefused.
        """
        found = self._importable(user, doctype)
        extension_of(filename)
        kept = self._store.put(stream, filename)
        place = self._folder / f"reading-{new_id(16)}"
        read = stage(self._store.path(kept.sha256), filename, place)
        sheet = next((number for number, item in enumerate(read.sheets) if item.rows), 0)
        if not read.sheets or not read.sheets[sheet].rows:
            text = Text(f"“{filename}”里没有内容。", f'There is nothing in "{filename}".')
            raise ValidationFailed(text, [Fault("file", text)])
        options = Options(sheet=sheet, encoding=read.encoding, delimiter=read.delimiter)
        options = self._proposed(user, found, read, options)
        with self._database.write() as connection:
            number = book.add(connection, user.name, self._clock.now(), found.name, filename, kept.sha256, options)
        place.replace(self._folder / number)
        return number

    def _proposed(self, user: User, doctype: DocType, read: Staged, options: Options, *, header: int | None = None) -> Options:
        """The options with a line of heads and columns as they seem to be meant."""
        offered = columns.targets(self._snapshots().model, user, doctype)
        first = list(islice(read.rows(options.sheet), columns.HEADER_SEARCHED))
        if not first:
            return replace(options, header=header or 1, columns=())
        place = columns.find_header([(row.number, row.cells) for row in first], offered, doctype.label)
        line = first[place]
        if header is not None:
            line = next((row for row in read.rows(options.sheet) if row.number >= header), line)
        heads = columns.headers_in(line.cells)
        heads += [""] * (read.sheets[options.sheet].columns - len(heads))
        proposed = columns.propose(heads, offered, self._earlier(user, doctype), doctype.label)
        key = options.key or (columns.NAME if columns.NAME in proposed else "")
        return replace(options, header=line.number, columns=tuple(proposed), key=key)

    def _earlier(self, user: User, doctype: DocType) -> dict[str, str]:
        """What heads meant in the user's former imports of this record type, the newest first."""
        with self._database.read() as connection:
            former = book.listed(connection, user.name, doctype.name, REMEMBERED)
        meant: dict[str, str] = {}
        for found in former:
            if found.state == "mapping":
                continue
            with suppress(GuijuError, OSError, StopIteration):
                line = self._line(found, staged(self._folder / found.id))
                for head, key in zip(columns.headers_in(line.cells), found.options.columns, strict=False):
                    if head and key:
                        meant.setdefault(head, key)
        return meant

    def _line(self, found: DataImport, read: Staged) -> Row:
        return next(row for row in read.rows(found.options.sheet) if row.number == found.options.header)

    def of(self, user: User, doctype: str | None = None) -> list[DataImport]:
        """The user's imports, the newest first; the built-in administrator sees everybody's."""
        with self._database.read() as connection:
            return book.listed(connection, None if user.is_administrator else user.name, doctype, LISTED)

    def get(self, user: User, number: str) -> DataImport:
        """One of them. Raises NotFound."""
        with self._database.read() as connection:
            found = book.get(connection, number)
        if found.by != user.name and not user.is_administrator:
            raise NotFound(
                Text(f"没有数据导入 {number[:40]}，或不是您的。", f"There is no data import {number[:40]} of yours.")
            )
        return found

    def staged(self, found: DataImport) -> Staged:
        """Its rows; read from the file again where they were cleared away."""
        place = self._folder / found.id
        try:
            return staged(place)
        except (FileNotFoundError, ValueError, KeyError):
            options = found.options
            source = self._store.path(found.sha256)
            return stage(source, found.filename, place, encoding=options.encoding, delimiter=options.delimiter)

    def heads(self, found: DataImport) -> list[str]:
        """The heads of its columns, as many as the sheet has columns."""
        read = self.staged(found)
        line = next((row for row in read.rows(found.options.sheet) if row.number == found.options.header), None)
        heads = columns.headers_in(line.cells) if line is not None else []
        return heads + [""] * (read.sheets[found.options.sheet].columns - len(heads))

    def sample(self, found: DataImport, number: int, after: int = 0) -> list[Row]:
        """Some rows below the heads, beginning after row `after`."""
        below = (row for row in self.staged(found).rows(found.options.sheet) if row.number > max(after, found.options.header))
        return list(islice(below, number))

    def reading(self, user: User, found: DataImport) -> Reading:
        """How its rows are read, with the fields that this user may fill in."""
        offered = {target.key: target for target in self.targets(user, found.doctype)}
        columns = [offered.get(key) for key in found.options.columns]
        return Reading(columns, found.options.key, frozenset(found.options.units), self._zone)

    def preview(self, user: User, found: DataImport, number: int) -> list[Entry]:
        """The first records as they are understood, nothing looked up or judged."""
        rows = (row for row in self.staged(found).rows(found.options.sheet) if row.number > found.options.header)
        return list(islice(entries(rows, self.reading(user, found)), number))

    def rows_of(self, found: DataImport, logged: Sequence[LoggedRow]) -> dict[int, Row]:
        """The rows of the file that these records stand in, by number."""
        wanted = {number for row in logged for number in range(row.number, row.last + 1)}
        last = max(wanted, default=0)
        met: dict[int, Row] = {}
        for row in self.staged(found).rows(found.options.sheet):
            if row.number > last:
                break
            if row.number in wanted:
                met[row.number] = row
        return met

    def set_options(self, user: User, number: str, changes: Mapping[str, Any]) -> DataImport:
        """Say how the file is to be read and what is to be done. Another sheet, line of heads, encoding or delimiter proposes columns anew.

        Raises ValidationFailed naming what is wrong with which option; NotFound. Once rows were saved nothing changes any more.
        """
        found = self.get(user, number)
        doctype = self._importable(user, found.doctype)
        if found.is_active or found.has_begun:
            text = Text(f"{number} 已开始导入，不能再改设置。", f"{number} has begun; its options cannot be changed any more.")
            raise ValidationFailed(text)
        before, options = found.options, Options.of(found.options.to_json() | dict(changes))
        if (options.encoding, options.delimiter) != (before.encoding, before.delimiter):
            source, place = self._store.path(found.sha256), self._folder / found.id
            stage(source, found.filename, place, encoding=options.encoding, delimiter=options.delimiter)
        read = self.staged(found)
        if not 0 <= options.sheet < len(read.sheets):
            options = replace(options, sheet=0)
        reread = ("sheet", "header", "encoding", "delimiter")
        if "columns" not in changes and any(getattr(options, name) != getattr(before, name) for name in reread):
            header = options.header if options.header != before.header else None
            options = self._proposed(user, doctype, read, options, header=header)
        faults = self._faults_of(user, doctype, options)
        if faults:
            raise ValidationFailed(Text("导入设置有误：", "The options of the import are not right:"), faults)
        with self._database.write() as connection:
            states = ("mapping", "checked", "refused", "failed", "stopped")
            book.change(connection, number, states, state="mapping", options=options.to_json(), tally={}, error=None)
            book.forget_rows(connection, number)
        return self.get(user, number)

    def _faults_of(self, user: User, doctype: DocType, options: Options) -> list[Fault]:
        offered = {target.key: target for target in columns.targets(self._snapshots().model, user, doctype)}
        faults: list[Fault] = []
        used: set[str] = set()
        for place, key in enumerate(options.columns):
            if key and key not in offered:
                hint = nearest(key, offered)
                faults.append(
                    Fault(
                        f"columns[{place}]",
                        Text(f"没有可导入的字段“{key}”。{hint.zh}", f'There is no field "{key}" to import.{hint.en}'),
                    )
                )
            elif key and key in used:
                label = offered[key].full_label
                text = Text(f"“{label.zh}”对应了两列，请只留一列。", f'Two columns are meant for "{label.en}"; leave one.')
                faults.append(Fault(f"columns[{place}]", text))
            used.add(key)
        if options.mode not in MODES:
            faults.append(
                Fault("mode", Text("导入方式应为 insert、update 或 both。", "The mode should be insert, update or both."))
            )
        if options.child_rows not in CHILD_ROWS:
            faults.append(
                Fault("child_rows", Text("子表行应为 replace、add 或 keep。", "The rows should be replace, add or keep."))
            )
        keys = columns.keys_for(doctype) if options.mode != "insert" else [*offered]
        if (options.key and options.key not in keys) or (options.mode != "insert" and not options.key):
            text = Text(
                f"更新须选一个用来查找记录的字段：{'、'.join(keys)}。",
                f"To change records, choose what they are found by: {', '.join(keys)}.",
            )
            faults.append(Fault("key", text))
        elif options.key and options.key not in options.columns:
            text = Text("用来查找的字段没有对应文件中的列。", "The field that records are found by has no column in the file.")
            faults.append(Fault("key", text))
        if options.submit and not doctype.is_submittable:
            text = Text(f"{doctype.label.zh}不能提交。", f"{doctype.label.en} cannot be submitted.")
            faults.append(Fault("submit", text))
        return faults

    def start(self, user: User, number: str, task: Task) -> None:
        """Put a task in the queue: check, run (or go on with a run), undo. Raises ValidationFailed when there is nothing to do."""
        found = self.get(user, number)
        self._importable(user, found.doctype)
        self._refuse_idle(found, task)
        faults = self._faults_of(user, self._snapshots().record_type(found.doctype), found.options) if task != "undo" else []
        if not any(found.options.columns):
            text = Text("没有一列对应字段，请先选择。", "No column is meant for any field; choose first.")
            faults.append(Fault("columns", text))
        if faults:
            raise ValidationFailed(Text("不能开始：", "It cannot begin:"), faults)
        with self._database.write() as connection:
            values = {
                "state": "waiting",
                "task": task,
                "asked_by": user.name,
                "error": None,
                "started_at": None,
                "ended_at": None,
            }
            book.change(connection, number, (found.state,), **values)
        self._wake()

    @staticmethod
    def _refuse_idle(found: DataImport, task: Task) -> None:
        if found.is_active:
            text = Text(f"{found.id} 正在进行。", f"{found.id} is being worked on.")
        elif task == "undo" and not found.has_saved:
            text = Text(f"{found.id} 没有可撤销的内容。", f"There is nothing of {found.id} to undo.")
        elif task != "undo" and found.state in ("done", "undone"):
            text = Text(f"{found.id} 已完成，请另传文件。", f"{found.id} is finished; upload a file anew.")
        elif task == "check" and found.has_begun:
            text = Text(f"{found.id} 已开始导入，只能继续或撤销。", f"{found.id} has begun; it can go on or be undone.")
        else:
            return
        raise ValidationFailed(text)

    def stop(self, user: User, number: str) -> None:
        """End what is being done; what was saved stays, and can be gone on with or undone."""
        self.get(user, number)
        with self._database.write() as connection:
            book.stop(connection, number, self._clock.now())

    def remove(self, user: User, number: str) -> None:
        """Take an import of which nothing is left out of the list. Raises ValidationFailed while it has saved something."""
        found = self.get(user, number)
        if found.is_active or found.has_begun:
            text = Text(f"{number} 导入过记录，保留备查。", f"{number} has imported records and is kept.")
            raise ValidationFailed(text)
        with self._database.write() as connection:
            book.remove(connection, number)

    def rows(self, user: User, number: str, *, after: int = 0, limit: int = 100, of_faults: bool = True) -> list[LoggedRow]:
        """Rows with faults (also those that an undo kept), or those that were saved; in the order of the file."""
        self.get(user, number)
        states = book.WITH_FAULTS if of_faults else (*book.SAVED, "unchanged", "undone")
        with self._database.read() as connection:
            return book.logged(connection, number, states, after=after, limit=limit)

    def warnings(self, user: User, number: str, *, limit: int = 100) -> list[LoggedRow]:
        """Saved rows about which a rule said something."""
        self.get(user, number)
        with self._database.read() as connection:
            return book.logged(connection, number, (*book.SAVED, "unchanged"), limit=limit, with_faults=True)

    def all_faulty(self, user: User, number: str) -> Iterator[LoggedRow]:
        """Every row with faults, read portion by portion."""
        after = 0
        while found := self.rows(user, number, after=after, limit=1000):
            yield from found
            after = found[-1].number

    # In the background

    def _is_any_waiting(self) -> bool:
        with self._database.read() as connection:
            return book.is_any_waiting(connection, self._clock.now())

    def run_next(self, number: str | None = None) -> bool:
        """Do the oldest task that waits (or that of one import) to its end; False when none does."""
        me = new_id(12)
        now = self._clock.now()
        with self._database.write() as connection:
            found = book.take(connection, me, now, now + LEASE, number)
        if found is None:
            return False
        if found.state == "running":
            self._do(found, me)
        return True

    def _do(self, found: DataImport, me: str) -> None:
        work: Work | None = None
        try:
            user = self._user_named(found.asked_by)
            work = Work(
                self._database, self._clock, self._documents, self._queries, self._snapshots(), self._zone, found, self.staged(found), user,
                me, self.queue.is_closing,
            )  # fmt: skip
            state = work.do()
            self._end(found, me, work, state=state)
        except Withdrawn:
            back = self.queue.is_closing()
            with self._database.write() as connection:
                book.change(
                    connection, found.id, ("running", "stopping"), me, state="waiting" if back else "stopped", lease_until=None
                )
        except GuijuError as error:
            self._end(found, me, work, state="failed", error=error.text.to_json())
        except Exception as error:
            log.exception("import failed", data_import=found.id)
            said = f"{type(error).__name__}: {error}"[:500]
            text = Text(f"导入中断（{said}），可以继续。", f"The import broke off ({said}); it can go on.")
            self._end(found, me, work, state="failed", error=text.to_json())

    def _end(self, found: DataImport, me: str, work: Work | None, **values: Any) -> None:
        tally = {"tally": work.tally} if work is not None and values["state"] != "failed" else {}
        with self._database.write() as connection:
            book.change(
                connection, found.id, ("running", "stopping"), me, lease_until=None, ended_at=self._clock.now(), **tally, **values
            )  # fmt: skip
