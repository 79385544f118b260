"""Channels of notification. In the product itself: a row for every person concerned, shown in their inbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, column, select
from sqlalchemy import table as plain_table

from ..storage.system import notification, upsert
from ..storage.tables import table_name
from .outbox import Delivery

EVERYBODY = "All"

_users = plain_table(table_name("User"), column("name"), column("enabled"))
_roles = plain_table(table_name("Has Role"), column("parent"), column("parenttype"), column("role"))


def deliver_notification(connection: Connection, delivery: Delivery, now: datetime) -> None:
    """Write the notification for `user`, or for every enabled user who has `role`; a second delivery adds nothing."""
    payload = delivery.payload
    for user in _receivers(connection, payload):
        values = {
            "user": user, "at": now, "title": payload["title"], "doctype": payload.get("doctype"), "name": payload.get("name"),
            "key": payload.get("key") or delivery.key,
        }  # fmt: skip
        connection.execute(upsert(connection, notification, values, ["user", "key"]))


def _receivers(connection: Connection, payload: Mapping[str, Any]) -> list[str]:
    """The user named, else everybody with the role. A named user is told even when they have the role too."""
    if payload.get("user"):
        return [str(payload["user"])]
    role = payload.get("role")
    if not role:
        return []
    asked = select(_users.c.name).where(_users.c.enabled == 1).order_by(_users.c.name)
    if role != EVERYBODY:
        having = select(_roles.c.parent).where(_roles.c.parenttype == "User", _roles.c.role == role)
        asked = asked.where(_users.c.name.in_(having))
    return list(connection.execute(asked).scalars())
