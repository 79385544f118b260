"""The pieces of metadata in force as this process read them last: a piece that is still the same is not read again.

A proposal needs all of them for every change of a single one, and the builder makes a proposal whenever its author stops typing.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from ..storage.system import metadata as table
from .packs import Source

Key = tuple[str, str]  # kind and name
MANY = 100  # from here on one question for everything is less work than one that names each


class Piece(NamedTuple):
    source: Source
    digest: str


class InForce:
    """Reads what is in force. Its JSON is shared by everybody who asks: it must not be changed."""

    def __init__(self) -> None:
        self._bodies: dict[Key, tuple[str, Any]] = {}  # with the digest of each

    def read(self, connection: Connection) -> list[Piece]:
        """Every piece, ordered by kind and name."""
        ask = select(table.c.kind, table.c.name, table.c.digest, table.c.pack).order_by(table.c.kind, table.c.name)
        rows = connection.execute(ask).all()
        known = self._bodies
        digests = {(row.kind, row.name): row.digest for row in rows}
        changed = {digest for key, digest in digests.items() if key not in known or known[key][0] != digest}
        known = known | self._of(connection, changed)
        self._bodies = {key: known[key] for key in digests}
        return [
            Piece(Source(row.kind, f"{row.kind} {row.name}", known[row.kind, row.name][1], pack=row.pack or ""), row.digest)
            for row in rows
        ]

    def _of(self, connection: Connection, digests: Collection[str]) -> dict[Key, tuple[str, Any]]:
        if not digests:
            return {}
        ask = select(table.c.kind, table.c.name, table.c.digest, table.c.body)
        if len(digests) < MANY:
            ask = ask.where(table.c.digest.in_(digests))
        return {(row.kind, row.name): (row.digest, row.body) for row in connection.execute(ask)}
