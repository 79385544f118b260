"""Metadata that somebody works on in the browser and has not published: kept on the server, one of each piece and author.

A draft survives the browser and the machine, and others see that there is one. It is only text here: nothing of it is in force,
and it need not even be right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from ..core.clock import Clock
from ..core.errors import TooLarge
from ..core.text import Text
from ..core.values import canonical
from ..storage.database import Database
from ..storage.system import metadata_draft as table
from ..storage.upserts import upsert

MAX_BYTES = 2_000_000
NEW = "new-"  # the key of a piece that has no name yet begins with it


def is_new(key: str) -> bool:
    return key.startswith(NEW)


@dataclass(frozen=True)
class Draft:
    """`key` is the name of the piece in force, or a key of its own for a new one; `based_on` the digest of what was in force when
    it was begun, empty for a new piece."""

    kind: str
    key: str
    author: str
    body: Mapping[str, Any]
    based_on: str
    saved_at: datetime


class Drafts:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def save(self, kind: str, key: str, author: str, body: Mapping[str, Any], based_on: str) -> None:
        """Keep it in place of the author's earlier draft of this piece."""
        if len(canonical(body)) > MAX_BYTES:
            raise TooLarge(Text("草稿太大，未保存。", "The draft is too large; it was not kept."))
        values = {"body": dict(body), "based_on": based_on, "saved_at": self._clock.now()}
        with self._database.write() as connection:
            row = {"kind": kind, "key": key, "author": author, **values}
            connection.execute(upsert(connection, table, row, ("kind", "key", "author"), values))

    def of(self, kind: str, key: str) -> list[Draft]:
        """Everybody's drafts of one piece, the newest first."""
        return [draft for draft in self.all(kind) if draft.key == key]

    def all(self, kind: str) -> list[Draft]:
        """Everybody's drafts of a kind, the newest first."""
        ask = select(table).where(table.c.kind == kind).order_by(table.c.saved_at.desc())
        with self._database.read() as connection:
            return [Draft(**row) for row in connection.execute(ask).mappings()]

    def drop(self, kind: str, key: str, author: str) -> None:
        where = (table.c.kind == kind) & (table.c.key == key) & (table.c.author == author)
        with self._database.write() as connection:
            connection.execute(delete(table).where(where))
