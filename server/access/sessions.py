"""Sessions: kept by the server, so that they end at once when they are told to.

The browser holds a random token; the table holds its SHA-256, so that a copy of the database opens no session. A session ends
some hours after it was last used, when it is signed out, and when the user's password changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ..core.ids import digest, new_token
from ..storage.system import session as table

RENEW_AFTER = timedelta(minutes=5)  # a session in use is written at most this often
KEPT_AFTER_END = timedelta(days=30)
# Asked with every request, so built once.
_BY_TOKEN = select(
    table.c.token_hash, table.c.user, table.c.seen_at, table.c.expires_at, table.c.revoked_at, table.c.must
).where(table.c.token_hash == bindparam("hash"))


@dataclass(frozen=True, slots=True)
class Session:
    token_hash: str
    user: str
    seen_at: datetime
    expires_at: datetime
    must: str | None = None  # what the user has to do before anything else: "password", "second factor"

    def is_due_for_renewal(self, now: datetime, idle: timedelta = timedelta()) -> bool:
        """Whether its use is worth writing down; often enough that somebody at work is not taken for `idle`."""
        return now - self.seen_at >= (min(RENEW_AFTER, idle / 10) if idle else RENEW_AFTER)


def start(
    connection: Connection,
    user: str,
    now: datetime,
    length: timedelta,
    *,
    address: str = "",
    agent: str = "",
    must: str | None = None,
) -> str:
    """A new session of `user`; returns its token, which is kept nowhere else."""
    token = new_token()
    connection.execute(
        insert(table).values(
            token_hash=digest(token),
            user=user,
            created_at=now,
            seen_at=now,
            expires_at=now + length,
            address=address[:100],
            agent=agent[:300],
            must=must,
        )
    )
    connection.execute(delete(table).where(table.c.expires_at < now - KEPT_AFTER_END))
    return token


def find(connection: Connection, token: str, now: datetime) -> Session | None:
    """The session of that token when it is still open."""
    row = connection.execute(_BY_TOKEN, {"hash": digest(token)}).first()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    return Session(row.token_hash, row.user, row.seen_at, row.expires_at, row.must)


def renew(connection: Connection, session: Session, now: datetime, length: timedelta) -> None:
    """The session was used: it lasts `length` from now. One that ended meanwhile stays ended."""
    change = update(table).where(table.c.token_hash == session.token_hash, table.c.revoked_at.is_(None))
    connection.execute(change.values(seen_at=now, expires_at=now + length))


def last_signing(connection: Connection, token: str, user: str, now: datetime) -> datetime | None:
    """When an e-signature was last given in this open session of the user; None when none was."""
    asked = select(table.c.signed_at).where(
        table.c.token_hash == digest(token), table.c.user == user, table.c.revoked_at.is_(None), table.c.expires_at > now
    )
    found: datetime | None = connection.execute(asked).scalar_one_or_none()
    return found


def release(connection: Connection, token: str) -> None:
    """What had to be done first is done."""
    connection.execute(update(table).where(table.c.token_hash == digest(token)).values(must=None))


def note_signing(connection: Connection, token: str, now: datetime) -> None:
    connection.execute(update(table).where(table.c.token_hash == digest(token)).values(signed_at=now))


def end(connection: Connection, token: str, now: datetime) -> None:
    connection.execute(
        update(table).where(table.c.token_hash == digest(token), table.c.revoked_at.is_(None)).values(revoked_at=now)
    )


def end_all(connection: Connection, user: str, now: datetime) -> int:
    """End every session of a user; returns how many there were."""
    change = update(table).where(table.c.user == user, table.c.revoked_at.is_(None), table.c.expires_at > now)
    return int(connection.execute(change.values(revoked_at=now)).rowcount)
