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
    """The port on which it answers. Connections that clients keep open are closed at the end: the server would wait for them."""
    server = create_server(app, host="127.0.0.1", port=0, threads=threads, asyncore_loop_timeout=0.2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        server.task_dispatcher.shutdown(timeout=2)
        wasyncore.close_all(server._map, ignore_all=True)
        thread.join(5)
