"""Notifications in the product: one row for a person, written in the transaction that works out who is told.

It never leaves the database, so it is not sent: it is there with the commit, once per key, and cannot fail alone. It is the record
of what a person was told, whatever other channels they chose.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ...core.text import Text
from ...storage.system import notification
from ...storage.upserts import upsert_given

NAME = "in_app"
LABEL = Text("系统内", "In the system")


def keep(connection: Connection, user: str, payload: Mapping[str, Any], key: str, now: datetime) -> None:
    """Write the notification for one person; a second time with the same key adds nothing."""
    values = {
        "user": user, "at": now, "title": payload["title"], "doctype": payload.get("doctype"), "name": payload.get("name"),
        "key": key, "kind": payload.get("kind"),
    }  # fmt: skip
    connection.execute(upsert_given(connection, notification, ["user", "key"]), values)
