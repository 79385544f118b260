"""An application behind the real server, for the length of a block."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server


@contextmanager
def served(app: Flask, *, threads: int) -> Iterator[int]:
    """The port on which it answers. At the end no thread of it is left, and connections that clients keep open are closed."""
    server = create_server(app, host="127.0.0.1", port=0, threads=threads)
    loop = threading.Thread(target=server.run, name="served", daemon=True)
    loop.start()
    yield int(server.effective_port)
    server.task_dispatcher.shutdown()
    # The loop itself closes what it waits for: closed from here, its next look would be at descriptors that are gone.
    server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
    loop.join(timeout=10)
    assert not loop.is_alive()
