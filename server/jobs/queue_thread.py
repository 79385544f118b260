"""`QueueThread`: a thread of this process that works off one kind of long task, one after the other.

The tasks are rows with a lease, kept by whoever asks for the thread (simulations, imports, prints of many records); what is held here is only
when the thread begins and ends. It sleeps in no loop of its own: the worker's sweep starts it when something waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger("guiju.queue")


class QueueThread:
    """`is_waiting` says whether there is a task for anybody; `run_next` does one to its end and returns False when there is none."""

    def __init__(self, name: str, is_waiting: Callable[[], bool], run_next: Callable[[], bool]) -> None:
        self._name = name
        self._is_waiting = is_waiting
        self._run_next = run_next
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def sweep(self) -> int:
        """See that somebody works while anything waits; for the worker, which goes on meanwhile."""
        is_working = self._thread is not None and self._thread.is_alive()
        if not (is_working or self._closing.is_set()) and self._is_waiting():
            self._thread = threading.Thread(target=self._work, name=f"guiju-{self._name}", daemon=True)
            self._thread.start()
        return 0

    def is_closing(self) -> bool:
        """Whether the task at hand is to give itself back and end."""
        return self._closing.is_set()

    def close(self, timeout_seconds: float = 10) -> None:
        self._closing.set()
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _work(self) -> None:
        try:
            while not self._closing.is_set() and self._run_next():
                pass
        except Exception:
            log.exception("queue paused", queue=self._name)  # the sweep begins again
