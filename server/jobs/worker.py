"""The worker: a thread that delivers the outbox and runs the sweeps (due times, timers) every few seconds.

It outlives errors and a database that is away: it logs, waits longer, goes on. Several workers may run; leases keep them
from doing one thing twice.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from ..core.clock import Clock
from ..core.errors import StorageUnavailable
from ..core.ids import new_id
from ..storage.database import Database
from . import messages, outbox
from .outbox import Delivery

Handler = Callable[[Connection, Delivery, datetime], None]
Sweep = Callable[[], int]
LONGEST_WAIT_SECONDS = 60.0
KEEP_DELIVERED = timedelta(days=30)
KEEP_SENT = timedelta(days=90)
PURGE_EVERY = timedelta(hours=6)

log = structlog.get_logger("guiju.worker")


class Worker:
    """One background worker. A handler delivers one kind of entry inside the transaction that marks it delivered."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        sweeps: Sequence[Sweep] = (),
        poll_seconds: float = 2,
        *,
        name: str = "guiju-worker",
        then: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._handlers = dict(handlers)
        self._sweeps = tuple(sweeps)
        self._poll_seconds = poll_seconds
        self._thread_name = name
        self._then = then  # told when something was done
        self._name = f"{socket.gethostname()}:{os.getpid()}:{new_id(6)}"
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._purged_at: datetime | None = None

    def start(self) -> None:
        """Start the thread; a second call does nothing."""
        if self._thread is None or not self._thread.is_alive():
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name=self._thread_name, daemon=True)
            self._thread.start()

    def stop(self, timeout_seconds: float = 10) -> None:
        """Finish the entry at hand and end the thread."""
        self._stopping.set()
        self._news.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_seconds)
        self._thread = None

    def wake(self) -> None:
        """There is news: look now instead of at the next poll."""
        self._news.set()

    def run_once(self) -> int:
        """Run every sweep and deliver everything that is due; returns how much was done. Raises only when the database is away."""
        done = sum(self._sweep(sweep) for sweep in self._sweeps) + self.deliver_due()
        if done:
            self._then()
        return done

    def deliver_due(self) -> int:
        """Deliver everything that is due, without the sweeps."""
        done = 0
        while self._handlers and not self._stopping.is_set():
            claimed = self._claim()
            if not claimed:
                break
            done += sum(self._deliver(delivery) for delivery in claimed)
        if self._handlers:
            self._purge()
        return done

    def _run(self) -> None:
        wait = self._poll_seconds
        while not self._stopping.is_set():
            self._news.wait(wait)
            self._news.clear()
            if self._stopping.is_set():
                return
            try:
                self.run_once()
                wait = self._poll_seconds
            except StorageUnavailable as error:
                wait = min(max(wait, 1) * 2, LONGEST_WAIT_SECONDS)
                log.warning("database away", error=error.text.en, wait_seconds=wait)
            except Exception:
                wait = min(max(wait, 1) * 2, LONGEST_WAIT_SECONDS)
                log.exception("worker failed", wait_seconds=wait)

    def _sweep(self, sweep: Sweep) -> int:
        try:
            return sweep()
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("sweep failed", sweep=getattr(sweep, "__qualname__", repr(sweep)))
            return 0

    def _claim(self) -> list[Delivery]:
        now = self._clock.now()
        with self._database.read() as connection:
            if not outbox.is_any_due(connection, now):
                return []
        with self._database.write() as connection:
            return outbox.claim(connection, self._name, now)

    def _deliver(self, delivery: Delivery) -> int:
        try:
            with self._database.write() as connection:
                handler = self._handlers.get(delivery.kind)
                if handler is None:
                    raise LookupError(f'nothing delivers entries of kind "{delivery.kind}"')
                handler(connection, delivery, self._clock.now())
                if not outbox.finish(connection, delivery, self._name, self._clock.now()):
                    raise _LeaseLost
            return 1
        except _LeaseLost:
            log.warning("lease lost", entry=delivery.id, kind=delivery.kind)
        except StorageUnavailable:
            raise
        except Exception as error:
            self._failed(delivery, error)
        return 0

    def _failed(self, delivery: Delivery, error: Exception) -> None:
        with self._database.write() as connection:
            state = outbox.fail(connection, delivery, self._name, self._clock.now(), f"{type(error).__name__}: {error}")
        log.error(
            "delivery failed", entry=delivery.id, kind=delivery.kind, attempt=delivery.attempt, state=state, error=str(error)
        )

    def _purge(self) -> None:
        now = self._clock.now()
        if self._purged_at is None or now - self._purged_at >= PURGE_EVERY:
            self._purged_at = now
            with self._database.write() as connection:
                outbox.purge(connection, now - KEEP_DELIVERED)
                messages.purge(connection, now - KEEP_SENT)


class _LeaseLost(Exception):
    """Another worker holds the entry now; what this one did is rolled back."""
