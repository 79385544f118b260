"""What is published: the pieces in force, what was in force before, and who changed what. Read only; `publisher` changes it.

It lives in `gj_metadata` (in force) and `gj_metadata_history` (every piece that was ever published, and what packs shipped).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from ..storage import migrate, site_state
from ..storage.database import Database
from ..storage.system import metadata as table
from ..storage.system import metadata_history
from ..workflow.model import Workflow
from ..workflow.read import check_workflow_shape, read_workflow
from .packs import Source


class Published:
    """Answers about the metadata of one site."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stored(self) -> list[Source]:
        """Every piece of metadata in force, as JSON that is the caller's own."""
        ask = select(table.c.kind, table.c.name, table.c.body, table.c.pack).order_by(table.c.kind, table.c.name)
        with self._database.read() as connection:
            return [
                Source(row.kind, f"{row.kind} {row.name}", row.body, pack=row.pack or "") for row in connection.execute(ask)
            ]

    def publications(self, limit: int = 50) -> list[dict[str, Any]]:
        """The plans that were applied, the newest first, each with its version, pieces and state."""
        with self._database.read() as connection:
            return migrate.history(connection, limit)

    def publication(self, version: int) -> dict[str, Any] | None:
        """One of them; None when there is none of that version."""
        with self._database.read() as connection:
            return migrate.publication(connection, version)

    def customised(self) -> dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any] | None]]:
        """By kind and name: the pieces in force that the site changed, each with what a pack shipped last (None: no pack did)."""
        ask = select(table.c.kind, table.c.name, table.c.body).where(table.c.origin == "site")
        past = metadata_history
        is_same_piece = (past.c.kind == table.c.kind) & (past.c.name == table.c.name)
        was_shipped = (past.c.origin == "pack") & (past.c.pack.is_(None) | (past.c.pack == table.c.pack))
        newest = select(func.max(past.c.id)).join_from(past, table, is_same_piece).where(table.c.origin == "site", was_shipped)
        bodies = select(past.c.kind, past.c.name, past.c.body).where(past.c.id.in_(newest.group_by(past.c.kind, past.c.name)))
        with self._database.read() as connection:
            ours = {(row.kind, row.name): row.body for row in connection.execute(ask)}
            shipped = {(row.kind, row.name): row.body for row in connection.execute(bodies)}
        return {key: (body, shipped.get(key)) for key, body in ours.items()}

    def shipped(self, kind: str, name: str) -> dict[str, Any] | None:
        """What a pack shipped last of one piece."""
        return next((row["body"] for row in self.history(kind, name) if row["origin"] == "pack" and row["is_of_pack"]), None)

    def former_names(self) -> dict[str, str]:
        """DocTypes that were renamed: old name to new one."""
        with self._database.read() as connection:
            return site_state.former_names(connection)

    def changes(self, kind: str) -> list[dict[str, Any]]:
        """Everything that was ever published of a kind, the newest first."""
        past = metadata_history
        ask = select(past).where(past.c.kind == kind).order_by(past.c.published_at.desc(), past.c.id.desc())
        with self._database.read() as connection:
            return [dict(row) for row in connection.execute(ask).mappings()]

    def history(self, kind: str, name: str) -> list[dict[str, Any]]:
        """Earlier versions of one piece, the newest first; `is_of_pack` says whether the pack that ships it now (or, before packs
        had names, any) was the one that shipped it then."""
        now = select(table.c.pack).where(table.c.kind == kind, table.c.name == name)
        ask = (
            select(metadata_history)
            .where(metadata_history.c.kind == kind, metadata_history.c.name == name)
            .order_by(metadata_history.c.published_at.desc(), metadata_history.c.id.desc())
        )
        with self._database.read() as connection:
            pack = connection.execute(now).scalar()
            return [
                {**row, "is_of_pack": row["pack"] is None or row["pack"] == pack} for row in connection.execute(ask).mappings()
            ]


def past_workflows(connection: Connection) -> tuple[Workflow, ...]:
    """Every version of a workflow that was ever in force, the oldest first: records keep the one that they started with."""
    past = metadata_history
    ask = select(past.c.body).where(past.c.kind == "Workflow").order_by(past.c.id)
    bodies = [row.body for row in connection.execute(ask)]
    return tuple(read_workflow(body) for body in bodies if not check_workflow_shape(body, ""))
