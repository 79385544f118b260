"""`PrintRuns`: prints of many records, asked for at once, made in the background and fetched as one PDF by whoever asked.

A run is a row with a lease; a thread of this process takes it, prints portion by portion with the rights that its person has at that moment,
and writes down how far it is. The run of a process that died goes on with the next portion: what is printed lies in a folder of the run
below the site's files. After some days the whole is cleared away. Few records are printed in the request, by `PrintoutService.batch`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import structlog
from sqlalchemy import Connection, and_, delete, func, insert, select, update

from ..access.permissions import Permissions
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import Fault, GuijuError, NotFound, PermissionRefused, StorageUnavailable, ValidationFailed
from ..core.ids import new_id
from ..core.text import Text
from ..jobs import tasks
from ..jobs.queue_thread import QueueThread
from ..printing.imposing import join_files
from ..printing.worker import WORKERS
from ..storage import locks
from ..storage.database import Database
from ..storage.system import print_run as table
from .printouts import PrintoutService, nothing_printed
from .queries import QueryService
from .snapshot import Snapshot
from .tell import tell

State = Literal["waiting", "running", "stopping", "done", "refused", "stopped", "failed"]
FEW = 10  # so many are printed while one waits for them
PORTION = 20
KEPT = timedelta(days=7)
LEASE = timedelta(seconds=120)
AGAIN_AFTER = timedelta(seconds=10)  # when the database was away
MOST_ATTEMPTS = 5
MOST_OF_ONE = 3  # of one person that wait or are printed
EXPIRED_EVERY = timedelta(hours=1)
PRINTED = "printed.pdf"

log = structlog.get_logger("guiju.prints")


@dataclass(frozen=True)
class PrintRun:
    """One print of many records as its owner sees it."""

    id: str
    by: str
    at: datetime
    state: State
    doctype: str
    format: str | None
    language: str
    origin: str
    names: Sequence[str]
    done: int
    faults: Sequence[Fault]
    error: Text | None
    filename: str
    attempts: int

    @property
    def is_active(self) -> bool:
        return self.state in tasks.ACTIVE

    @property
    def percent(self) -> int:
        return 100 * self.done // len(self.names)

    @property
    def expires_at(self) -> datetime:
        return self.at + KEPT

    @property
    def printable(self) -> list[str]:
        """The records about which nothing was said."""
        faulty = {fault.where for fault in self.faults}
        return [name for name in self.names if name not in faulty]


class PrintRuns:
    def __init__(
        self, database: Database, clock: Clock, printouts: PrintoutService, queries: QueryService, snapshots: Callable[[], Snapshot],
        folder: Path, user_named: Callable[[str], User], wake: Callable[[], None],
    ) -> None:  # fmt: skip
        self._database = database
        self._clock = clock
        self._printouts = printouts
        self._queries = queries
        self._snapshots = snapshots
        self._folder = folder
        self._user_named = user_named
        self._wake = wake
        self._expired_at: datetime | None = None
        self.queue = QueueThread("print", self._is_any_waiting, self.run_next)

    # For people

    def start(
        self, user: User, doctype: str, names: Sequence[str], *, format_name: str | None, language: str, origin: str
    ) -> str:
        """Put a print of these records in the queue; returns its id. Raises PermissionRefused, ValidationFailed, NotFound."""
        found = self._snapshots().record_type(doctype)
        Permissions(self._snapshots().model).require(user, "print", found.name)
        form = self._printouts.batch_format(doctype, len(names), format_name)
        row = {
            "id": new_id(16), "by": user.name, "at": self._clock.now(), "state": "waiting", "doctype": found.name, "format": format_name or None,
            "language": language, "origin": origin, "names": list(names), "done": 0, "faults": [], "attempts": 0,
            "filename": self._printouts.batch_printout(doctype, len(names), form, language).filename,
        }  # fmt: skip
        with self._database.write() as connection:
            locks.take(connection, f"prints\n{user.name}")  # who asks twice at one moment is counted twice
            mine = select(func.count()).select_from(table).where(table.c.by == user.name, table.c.state.in_(tasks.ACTIVE))
            if connection.execute(mine).scalar_one() >= MOST_OF_ONE:
                raise _too_many()
            connection.execute(insert(table).values(row))
        self._wake()
        return str(row["id"])

    def of(self, user: User) -> list[PrintRun]:
        """The user's own, the newest first."""
        asked = select(table).where(table.c.by == user.name).order_by(table.c.at.desc(), table.c.id).limit(30)
        with self._database.read() as connection:
            return [_run(dict(row)) for row in connection.execute(asked).mappings()]

    def get(self, user: User, run_id: str) -> PrintRun:
        """One of them. Raises NotFound."""
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == run_id, table.c.by == user.name)).mappings().first()
        if row is None:
            raise NotFound(
                Text("没有这次打印，或已过期，或不是您的。", "There is no such print of yours; it may have been cleared away.")
            )
        return _run(dict(row))

    def file(self, user: User, run_id: str) -> Path:
        """The PDF, as long as its owner may see every record on it. Raises NotFound, PermissionRefused."""
        found = self.get(user, run_id)
        Permissions(self._snapshots().model).require(user, "print", found.doctype)
        readable = self._queries.readable(user, ((found.doctype, name) for name in found.names))
        if hidden := [name for name in found.names if (found.doctype, name) not in readable]:
            raise PermissionRefused(
                Text(
                    f"其中 {len(hidden)} 张已不存在或您不能再查看，请重新选择后打印。",
                    f"{len(hidden)} of these records are gone or may not be seen by you any more; choose and print again.",
                )
            )
        path = self._folder / found.id / PRINTED
        if found.state != "done" or not path.is_file():
            raise NotFound(Text("没有打印好的文件。", "There is no printed file."))
        return path

    def stop(self, user: User, run_id: str) -> None:
        """End a print before it is through; nothing of it is kept. Raises NotFound."""
        self.get(user, run_id)
        with self._database.write() as connection:
            tasks.stop(connection, table, run_id)

    # In the background

    def expire(self) -> int:
        """Clear away what is older than it is kept; for the worker, which asks often."""
        now = self._clock.now()
        if self._expired_at is not None and now - self._expired_at < EXPIRED_EVERY:
            return 0
        self._expired_at = now
        old = and_(table.c.at < now - KEPT, table.c.state.not_in(tasks.ACTIVE))
        with self._database.write() as connection:
            ids = connection.execute(select(table.c.id).where(old)).scalars().all()
            connection.execute(delete(table).where(table.c.id.in_(ids)))
        for run_id in ids:
            shutil.rmtree(self._folder / run_id, ignore_errors=True)
        return len(ids)

    def _is_any_waiting(self) -> bool:
        with self._database.read() as connection:
            return tasks.is_any_free(connection, table, self._clock.now())

    def run_next(self) -> bool:
        """Print the oldest that waits, to its end; False when none does."""
        me, now = new_id(12), self._clock.now()
        with self._database.write() as connection:
            row = tasks.take(connection, table, me, now, now + LEASE, attempts=table.c.attempts + 1)
        if row is None:
            return False
        if row["state"] == "running":
            self._do(_run(row), me)
        return True

    def _do(self, run: PrintRun, me: str) -> None:
        try:
            if run.attempts >= MOST_ATTEMPTS:
                raise ValidationFailed(
                    Text(
                        f"打印中断了 {run.attempts} 次，不再重试；请减少张数或联系管理员。",
                        f"The print broke off {run.attempts} times and is not tried again; print fewer, or tell the administrator.",
                    )
                )
            faults = self._print(run, me)
            if not faults:
                self._join(run)
            self._end(run, me, "refused" if faults else "done")
        except _Withdrawn:
            back = "waiting" if self.queue.is_closing() else "stopped"
            with self._database.write() as connection:
                mine = (table.c.id == run.id, table.c.leased_by == me)
                connection.execute(update(table).where(*mine).values(state=back, lease_until=None))
        except StorageUnavailable:
            with suppress(StorageUnavailable):  # else the lease runs out
                self._keep(run, me, lease_until=self._clock.now() + AGAIN_AFTER)
        except GuijuError as error:
            self._end(run, me, "failed", error.text)
        except Exception as error:
            log.exception("print failed", print_run=run.id)
            said = f"{type(error).__name__}: {error}"[:500]
            text = Text(f"打印中断（{said}），请重试。", f"The print broke off ({said}); try again.")
            self._end(run, me, "failed", text)

    def _print(self, run: PrintRun, me: str) -> list[Fault]:
        """Print what is not printed yet; what cannot be. After the first fault the others are only looked for."""
        folder = self._folder / run.id
        folder.mkdir(parents=True, exist_ok=True)
        faults = list(run.faults)
        for start in range(run.done, len(run.names), PORTION):
            user = self._user_named(run.by)
            if not user.enabled:
                raise PermissionRefused(Text("申请打印的用户已停用。", "The user who asked for the print was disabled."))
            names = run.names[start : start + PORTION]
            found = self._printouts.sheets(
                user, run.doctype, names, format_name=run.format, language=run.language, origin=run.origin,
                processes=0 if faults else max(1, WORKERS - 1),
            )  # fmt: skip
            faults += found.faults
            if not faults:
                for number, sheets in enumerate(found.sheets, start):
                    for copy, pdf in enumerate(sheets):
                        (folder / f"{number:05d}-{copy}.pdf").write_bytes(pdf)
            told = [{"where": fault.where, "text": fault.text.to_json()} for fault in faults]
            self._keep(run, me, done=start + len(names), faults=told, lease_until=self._clock.now() + LEASE)
        return faults

    def _join(self, run: PrintRun) -> None:
        folder = self._folder / run.id
        form = self._printouts.batch_format(run.doctype, len(run.names), run.format)
        sources = sorted(folder.glob("?????-*.pdf"))
        join_files(sources, folder / PRINTED, two_up=bool(form and form.page.two_up))
        for source in sources:
            source.unlink()

    def _keep(self, run: PrintRun, me: str, **values: Any) -> None:
        """Write down how far it is. Raises _Withdrawn when it is to stop or is another worker's."""
        with self._database.write() as connection:
            is_mine = _written(connection, run, me, values)
        if not is_mine or self.queue.is_closing():
            raise _Withdrawn

    def _end(self, run: PrintRun, me: str, state: State, error: Text | None = None) -> None:
        """Write down what came of it, and tell whoever asked, who may be on another page by now. Raises _Withdrawn."""
        found = self._snapshots().model.get(run.doctype)  # None: it was taken away since, and so the print failed
        label = found.label if found is not None else Text.of(run.doctype)
        number = len(run.names)
        title = (
            Text(f"{number} 张{label.zh}已打印，请打开 PDF。", f"{number} {label.en} were printed; open the PDF.")
            if state == "done"
            else Text(f"{number} 张{label.zh}未能打印，请看原因。", f"{number} {label.en} were not printed; see why.")
        )
        with self._database.write() as connection:
            values = {"state": state, "error": error.to_json() if error else None, "lease_until": None}
            if not _written(connection, run, me, values):
                raise _Withdrawn
            tell(connection, self._clock.now(), title, None, run.id, key=f"print:{run.id}", kind="print", user=run.by)


def _written(connection: Connection, run: PrintRun, me: str, values: Mapping[str, Any]) -> bool:
    """Whether the run was still this worker's to write."""
    mine = update(table).where(table.c.id == run.id, table.c.leased_by == me, table.c.state == "running")
    return bool(connection.execute(mine.values(values)).rowcount)


def _too_many() -> ValidationFailed:
    return ValidationFailed(
        Text(
            f"您已有 {MOST_OF_ONE} 份批量打印在排队或进行，请等其中一份完成，或在“批量打印”（/print-run）中停止一份。",
            f"{MOST_OF_ONE} prints of yours wait or are running: wait for one, or stop one under “Prints of many” (/print-run).",
        )
    )


class _Withdrawn(Exception):
    """The print was stopped, the site closes, or another worker has taken it."""


def _run(row: Mapping[str, Any]) -> PrintRun:
    faults = [Fault(fault["where"], Text.of(fault["text"])) for fault in row["faults"] or ()]
    return PrintRun(
        row["id"], row["by"], row["at"], row["state"], row["doctype"], row["format"], row["language"], row["origin"], row["names"], row["done"],
        faults, Text.of(row["error"]) if row["error"] else None, row["filename"], row["attempts"],
    )  # fmt: skip


def refusal(run: PrintRun) -> Text | None:
    """Why there is no PDF, in one sentence."""
    return nothing_printed(run.faults).text if run.faults else run.error
