"""An end to a whole exchange over a socket: a time limit of each read alone lets the other side drip one byte after the other for ever."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

MAX_SECONDS = 30.0  # from the first byte sent to the last one read


@contextmanager
def cut_after(seconds: float, current: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Shut the socket when the time is over (`current` gives it: it is another one once it is encrypted).

    Raises TimeoutError then, whatever came of the exchange: what was read up to the cut is no answer.
    """
    over = threading.Event()

    def cut() -> None:
        over.set()
        if (found := current()) is not None:
            with suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if over.is_set():
            raise TimeoutError(f"the exchange took longer than {seconds:.0f} s") from error
        raise
    finally:
        timer.cancel()
    if over.is_set():
        raise TimeoutError(f"the exchange took longer than {seconds:.0f} s")
