"""Telling people: a notification goes into the outbox of the running transaction and is delivered once per key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ..core.text import Text
from ..jobs.outbox import enqueue


def tell(
    connection: Connection,
    at: datetime,
    title: Text,
    doctype: str | None,
    name: str | None,
    *,
    key: str,
    role: str | None = None,
    user: str | None = None,
) -> None:
    """Tell everybody in a role, or one person."""
    if not role and not user:
        return
    payload: dict[str, Any] = {
        "role": role,
        "user": user,
        "title": {"zh": title.zh, "en": title.en},
        "doctype": doctype,
        "name": name,
        "key": key,
    }
    enqueue(connection, "notification", payload, key, at)
