"""An application behind the real server, for the length of a block."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from waitress.server import create_server


@contextmanager
def served(app: Flask, *, threads: int) -> Iterator[int]:
    """The port on which it answers. Its thread is not waited for: it stays for the connections that clients keep open, and goes with
    the process."""
    server = create_server(app, host="127.0.0.1", port=0, threads=threads)
    threading.Thread(target=server.run, daemon=True).start()
    yield int(server.effective_port)
    server.close()
