"""A save that is sent twice with one key happens once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from ..access.user import User
from ..core.errors import ValidationFailed
from ..core.ids import digest
from ..core.text import Text
from ..core.values import canonical
from ..storage import locks
from ..storage.system import idempotency as table
from .save_path import Intent

_NAME = select(table.c.name).where(table.c.key == bindparam("the_key"))
_EARLIER = select(table.c.digest, table.c.name).where(table.c.key == bindparam("the_key"))
_KEEP = insert(table)


def _own(user: User, key: str) -> str:
    """Keys are each user's own: two people may use the same."""
    return digest(f"{user.name}\n{key}")


def kept_name(connection: Connection, user: User, key: str) -> str | None:
    """The name of the record that a save with this key made."""
    return connection.execute(_NAME, {"the_key": _own(user, key)}).scalar_one_or_none()


class Once:
    """One idempotency key within the transaction of its save; without a key nothing is kept."""

    def __init__(self, connection: Connection, key: str | None, user: User, doctype: str, intent: Intent) -> None:
        self._connection = connection
        self._key = _own(user, key) if key else None
        self._doctype = doctype
        self._digest = digest(canonical([doctype, intent.action, intent.name, dict(intent.values)])) if key else ""

    def earlier(self) -> str | None:
        """The name of the record that an earlier save with this key made; one that is under way with it is waited for.

        Raises ValidationFailed when the key was used for other content.
        """
        if self._key is None:
            return None
        locks.take(self._connection, f"once\n{self._key}")
        row = self._connection.execute(_EARLIER, {"the_key": self._key}).first()
        if row is None:
            return None
        if row.digest != self._digest:
            raise ValidationFailed(
                Text(
                    "同一个 Idempotency-Key 已用于不同的内容，请换一个。",
                    "This Idempotency-Key was used for other content; use a new one.",
                )
            )
        return str(row.name)

    def keep(self, name: str, at: datetime) -> None:
        if self._key is not None:
            values = {"key": self._key, "digest": self._digest, "doctype": self._doctype, "name": name, "at": at}
            self._connection.execute(_KEEP, values)
