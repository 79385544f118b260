"""Worker processes that turn a print job into a PDF, and the pool that kills them when they take too long.

A print format is a program somebody wrote in a browser, and the PDF engine can be stalled by its input; neither may take
the server with it. So both run in a process of their own, started fresh (never forked from a server with threads), bounded
in memory where the system allows, killed by the wall clock, and replaced after some hundred documents.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import queue
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ..core import translations
from .job import PrintJob
from .paper import PaperJob
from .seen import NoPages, PagesJob, pages_seen

log = logging.getLogger(__name__)

Job = PrintJob | PaperJob | PagesJob

WORKERS = 2
RENDERS_PER_WORKER = 300
START_SECONDS = 60
MEMORY_BYTES = 2 * 1024**3


class WorkerTimeout(Exception):
    """The document took longer than it may; the process was killed."""


class WorkerLost(Exception):
    """The process died under the document (out of memory, or killed from outside)."""


class WorkersBusy(Exception):
    """No process became free in time."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker answered: a PDF with the engine's notes, or why there is none."""

    pdf: bytes = b""
    notes: tuple[str, ...] = ()
    failure: str = ""  # "" | "template" | "markup" | "engine"
    reason: tuple[str, str] = ("", "")  # zh, en
    line: int | None = None


class Workers:
    """A small pool; processes are started when first needed and live until `close`."""

    def __init__(self, fonts: Path, timeout_seconds: float, count: int = WORKERS) -> None:
        self._fonts = fonts
        self._timeout = timeout_seconds
        self._free: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(count):
            self._free.put(None)
        self._closed = False

    def render(self, job: Job) -> Reply:
        """Raises WorkerTimeout, WorkerLost or WorkersBusy; the pool is whole again afterwards."""
        try:
            worker = self._free.get(timeout=self._timeout)
        except queue.Empty:
            raise WorkersBusy from None
        try:
            if worker is None or not worker.is_usable:
                worker = self._replace(worker)
            return worker.render(job, self._timeout)
        except BaseException:
            if worker is not None:
                worker.kill()
                worker = None
            raise
        finally:
            if self._closed and worker is not None:
                worker.kill()
                worker = None
            self._free.put(worker)

    def _replace(self, worker: _Worker | None) -> _Worker:
        if worker is not None:
            worker.kill()
        return _Worker(self._fonts)

    def close(self) -> None:
        """End every idle process now, busy ones when they are done."""
        self._closed = True
        kept = self._free.qsize()
        for _ in range(kept):
            with suppress(queue.Empty):
                worker = self._free.get_nowait()
                if worker is not None:
                    worker.kill()
                self._free.put(None)


class _Worker:
    """The server's end of one process."""

    def __init__(self, fonts: Path) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs, str(fonts)), name="guiju-print", daemon=True)
        self._process.start()
        theirs.close()
        self._rendered = 0
        try:
            self._await(START_SECONDS)
            started = json.loads(self._pipe.recv_bytes())
        except (WorkerTimeout, EOFError, OSError) as error:
            self.kill()
            raise WorkerLost("the print process did not start") from error
        if started.get("failure"):
            self.kill()
            raise WorkerLost(started["reason"][1])

    @property
    def is_usable(self) -> bool:
        return self._process.is_alive() and self._rendered < RENDERS_PER_WORKER

    def render(self, job: Job, timeout_seconds: float) -> Reply:
        self._rendered += 1
        deadline = time.monotonic() + timeout_seconds
        try:
            self._pipe.send(job)
            self._await(deadline - time.monotonic())
            head: dict[str, Any] = json.loads(self._pipe.recv_bytes())
            pdf = b""
            if not head["failure"]:
                self._await(deadline - time.monotonic())
                pdf = self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            raise WorkerLost("the print process ended") from error
        return Reply(pdf, tuple(head["notes"]), head["failure"], (head["reason"][0], head["reason"][1]), head["line"])

    def _await(self, seconds: float) -> None:
        if not self._pipe.poll(max(0.0, seconds)):
            raise WorkerTimeout

    def kill(self) -> None:
        if self._process.is_alive():
            self._process.kill()
        self._process.join(5)
        self._pipe.close()


def _serve(pipe: Connection, fonts: str) -> None:
    """The process: get ready, then one job after the other until the server's end of the pipe is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, which then ends us
    _bound_memory()
    from .engine import Engine, EngineFailed  # here, so that the server itself never loads the engine

    try:
        engine = Engine(Path(fonts))
    except EngineFailed as error:
        _answer(pipe, Reply(failure="engine", reason=(str(error), str(error))))
        return
    _answer(pipe, Reply())
    while True:
        try:
            job: Job = pipe.recv()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        translations.put_in_force([job.catalogue] if job.catalogue else [])
        reply = produce(engine, job)
        with suppress(BrokenPipeError):
            _answer(pipe, reply)
            if not reply.failure:
                pipe.send_bytes(reply.pdf)


def produce(engine: Any, job: Job) -> Reply:
    """Template to HTML to PDF; every expected failure becomes a reply."""
    from . import default, template
    from .document import body_document
    from .engine import EngineFailed
    from .handmade import widen
    from .markup import MarkupRefused, clean
    from .reading import BlockMisused
    from .signing import with_what_is_signed

    if isinstance(job, PagesJob):
        return _pages(job)
    try:
        if isinstance(job, PaperJob):
            found = engine.render(job.html(engine.fonts), job.title, job.company)
            return Reply(found.pdf, found.notes)
        if job.format and job.format.workbook:
            from .workbook import filled

            return Reply(filled(job))
        if job.format:
            page = job.format.page
            body = widen(clean(template.render(job)), page.room_points)
        else:
            page, body = default.render(job)
            body = clean(body)
        found = engine.render(body_document(with_what_is_signed(body), page, job, engine.fonts), job.title, job.company)
    except template.TemplateFailed as error:
        return Reply(failure="template", reason=(error.text.zh, error.text.en), line=error.line)
    except BlockMisused as error:
        return Reply(failure="template", reason=(error.text.zh, error.text.en))
    except MarkupRefused as error:
        return Reply(failure="markup", reason=(str(error), str(error)))
    except (EngineFailed, MemoryError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        return Reply(failure="engine", reason=(reason, reason))
    return Reply(found.pdf, found.notes)


def _pages(job: PagesJob) -> Reply:
    """The pictures of a PDF's pages, as JSON in place of a PDF."""
    try:
        count, pages = pages_seen(job.file)
    except (NoPages, MemoryError, OSError, ValueError) as error:
        reason = str(error) or type(error).__name__
        return Reply(failure="engine", reason=(reason, reason))
    return Reply(json.dumps({"count": count, "pages": pages}).encode())


def _answer(pipe: Connection, reply: Reply) -> None:
    head = {"notes": reply.notes, "failure": reply.failure, "reason": reply.reason, "line": reply.line}
    pipe.send_bytes(json.dumps(head).encode())


def _bound_memory() -> None:
    """A template that builds gigabytes ends with MemoryError in this process, not with the machine."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return
    with suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
