"""One look at the database for all that a request reads: the transaction of its first read serves the later ones too.

A page asks in thirty places, each of which would begin a transaction and pass the gate. A write of the request ends the look, so that
what is read after it has it; so does some time, for nobody who works long may keep a publication waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

LONGEST_SECONDS = 0.5
_SEEN = "guiju_seen"


def seen(connection: Connection) -> dict[Any, Any] | None:
    """What was made of what was read in this view, to be taken again: nothing changes in it. None outside of a view."""
    found: dict[Any, Any] | None = connection.get_execution_options().get(_SEEN)
    return found


class View:
    """The reads of one request; `begin` opens a read transaction. Used by one thread at a time."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._begin = begin
        self._transaction: AbstractContextManager[Connection] | None = None
        self._connection: Connection | None = None
        self._began_at = 0.0
        self._readers = 0
        self._is_past = False  # what was written since is not in it
        self._is_over = False

    def take(self) -> Connection | None:
        """The connection to read by; None where the look is over, or somebody still reads by one that is past: then by one of one's own."""
        if self._connection is not None and not self._readers and time.monotonic() - self._began_at > LONGEST_SECONDS:
            self._close()
        if self._is_over or (self._is_past and self._connection is not None):
            return None
        if self._connection is None:
            transaction = self._begin()
            self._connection = transaction.__enter__().execution_options(**{_SEEN: {}})
            self._transaction, self._began_at = transaction, time.monotonic()
        self._readers += 1
        return self._connection

    def give_back(self, *, is_sound: bool) -> None:
        """A read has ended. After one that failed in the database the transaction may be good for nothing."""
        self._readers -= 1
        self._is_past = self._is_past or not is_sound
        if self._is_past and not self._readers:
            self._close()

    def pass_by(self) -> None:
        """Read anew from now on."""
        self._is_past = self._connection is not None
        if self._is_past and not self._readers:
            self._close()

    def end(self) -> None:
        """The request is over; whoever still reads closes it."""
        self._is_over = True
        self.pass_by()

    def _close(self) -> None:
        transaction, self._transaction, self._connection, self._is_past = self._transaction, None, None, False
        if transaction is not None:
            with suppress(SQLAlchemyError):  # the connection is gone, and what it read was told already
                transaction.__exit__(None, None, None)
