"""What one transaction has still to write, kept on its connection for a block: `audit`, `inserting` and `readings` gather each their own.

A block that gathers is not for work that rolls back to a savepoint: what was written within it would be lost, or written all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


@contextmanager
def kept_for_block(connection: Connection, key: str, pending: object, write: Callable[[Connection], None]) -> Iterator[None]:
    """`pending` stands under `key` in the connection's `info`; `write` is called at the block's end, not when it fails."""
    kept = connection.info  # a connection that was lost meanwhile gives it out no more
    kept[key] = pending
    try:
        yield
        write(connection)
    finally:
        kept.pop(key, None)
