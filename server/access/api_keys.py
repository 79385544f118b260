"""API keys: a public key and a secret for programs, in Frappe's header `Authorization: token key:secret`.

The secret has 256 random bits, so its SHA-256 is kept (a slow hash protects only guessable secrets); it is shown once.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from ..core.ids import digest, new_id, new_token
from ..storage import audit
from ..storage.system import api_key as table

AUDITED_AS = "API Key"  # what the audit trail calls a key; there is no such DocType
NOTED_EVERY = timedelta(hours=1)  # how exact "last used" is; not worth a write per request


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What may be shown of a key: everything but its secret."""

    key: str
    user: str
    title: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


_FIELDS = select(
    table.c.key, table.c.user, table.c.title, table.c.created_at, table.c.used_at, table.c.revoked_at, table.c.secret_hash
)
_BY_KEY = _FIELDS.where(table.c.key == bindparam("asked"))


def create(connection: Connection, user: str, now: datetime, title: str = "") -> tuple[str, str]:
    """A new (key, secret) of `user`."""
    key, secret = new_id(20), new_token()
    connection.execute(insert(table).values(key=key, secret_hash=digest(secret), user=user, title=title[:100], created_at=now))
    return key, secret


def find(connection: Connection, key: str, secret: str) -> ApiKey | None:
    """The key, when it is in force and the secret is its own."""
    row = connection.execute(_BY_KEY, {"asked": key}).first()
    expected = row.secret_hash if row is not None else ""
    if not hmac.compare_digest(expected, digest(secret)) or row is None or row.revoked_at is not None:
        return None
    return _shown(row)


def of_user(connection: Connection, user: str) -> list[ApiKey]:
    """The keys of a user, the newest first, revoked ones too."""
    return [_shown(row) for row in connection.execute(_FIELDS.where(table.c.user == user).order_by(table.c.created_at.desc()))]


def of_all(connection: Connection) -> list[ApiKey]:
    """The keys of all users: those in force first, the newest first."""
    keys = [_shown(row) for row in connection.execute(_FIELDS.order_by(table.c.created_at.desc()))]
    return sorted(keys, key=lambda item: item.revoked_at is not None)


def audit_change(
    connection: Connection, key: str, action: str, by: str, at: datetime, changes: Sequence[tuple[str, str]] = ()
) -> None:
    """Put the making or revoking of a key into the audit trail; a key has a chain of its own, as a record has."""
    audit.append_version(
        connection,
        doctype=AUDITED_AS,
        name=key,
        version=1 if action == "create" else 2,
        action=action,
        by=by,
        at=at,
        changes=[{"field": name, "old": None, "new": value} for name, value in changes if value],
        content_hash=None,
    )


def note_use(connection: Connection, found: ApiKey, now: datetime) -> None:
    connection.execute(update(table).where(table.c.key == found.key).values(used_at=now))


def is_use_due(found: ApiKey, now: datetime) -> bool:
    return found.used_at is None or now - found.used_at >= NOTED_EVERY


def revoke(connection: Connection, key: str, now: datetime) -> bool:
    """Put a key out of force; False when there was none in force."""
    change = update(table).where(table.c.key == key, table.c.revoked_at.is_(None))
    return connection.execute(change.values(revoked_at=now)).rowcount > 0


def _shown(row: object) -> ApiKey:
    return ApiKey(*(getattr(row, name) for name in ("key", "user", "title", "created_at", "used_at", "revoked_at")))
