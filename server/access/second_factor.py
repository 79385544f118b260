"""The second factor of a user: the secret of their authenticator, sealed with the site's key, and codes for when it is lost.

Works inside the caller's transaction. What codes are is `totp`; when one is asked for is `accounts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from ..core.ids import digest, new_id
from ..storage import audit
from ..storage.system import recovery_code, second_factor
from ..storage.upserts import upsert
from . import totp
from .vault import Vault

AUDITED_AS = "Second Factor"  # the DocType of its entries in the audit trail; there are no records of it
NUMBER_OF_CODES = 10


@dataclass(frozen=True, slots=True)
class SecondFactor:
    user: str
    secret: str  # in clear
    confirmed_at: datetime | None
    last_step: int


def of_user(connection: Connection, vault: Vault, user: str) -> SecondFactor | None:
    """The factor that a user has begun or confirmed. Raises SealBroken when the site's key was changed."""
    row = connection.execute(select(second_factor).where(second_factor.c.user == user)).first()
    if row is None or not row.secret:
        return None
    return SecondFactor(user, vault.open(row.secret), row.confirmed_at, int(row.last_step or 0))


def is_confirmed(connection: Connection, user: str) -> bool:
    asked = select(second_factor.c.confirmed_at).where(second_factor.c.user == user)
    return connection.execute(asked).scalar() is not None


def begin(connection: Connection, vault: Vault, user: str, now: datetime) -> str:
    """A new secret, not in force before a code of it was typed; returns it."""
    secret = totp.new_secret()
    values = {"secret": vault.seal(secret), "created_at": now, "confirmed_at": None, "last_step": 0}
    connection.execute(upsert(connection, second_factor, {"user": user, **values}, ["user"], values))
    return secret


def confirm(connection: Connection, user: str, step: int, now: datetime) -> list[str]:
    """The secret is in force from now; returns the recovery codes, which cannot be shown again."""
    connection.execute(update(second_factor).where(second_factor.c.user == user).values(confirmed_at=now, last_step=step))
    connection.execute(delete(recovery_code).where(recovery_code.c.user == user))
    codes = [f"{new_id(5)}-{new_id(5)}" for _ in range(NUMBER_OF_CODES)]
    connection.execute(
        insert(recovery_code), [{"user": user, "code_hash": _hash(user, code), "created_at": now} for code in codes]
    )
    audit_change(connection, user, "confirmed", user, now)
    return codes


def use_code(connection: Connection, factor: SecondFactor, code: str, now: datetime) -> bool:
    """Whether this is the authenticator's code of this moment; it counts once, whoever sends it a second time."""
    step = totp.matching_step(factor.secret, code, now, factor.last_step)
    if step is None:
        return False
    mine = (second_factor.c.user == factor.user, second_factor.c.last_step < step)
    return connection.execute(update(second_factor).where(*mine).values(last_step=step)).rowcount == 1


def use_recovery_code(connection: Connection, user: str, code: str, now: datetime) -> bool:
    """Whether this is a recovery code that was not used yet; it is used now."""
    mine = (recovery_code.c.user == user, recovery_code.c.code_hash == _hash(user, code), recovery_code.c.used_at.is_(None))
    if connection.execute(update(recovery_code).where(*mine).values(used_at=now)).rowcount != 1:
        return False
    audit_change(connection, user, "recovery code used", user, now)
    return True


def codes_left(connection: Connection, user: str) -> int:
    mine = (recovery_code.c.user == user, recovery_code.c.used_at.is_(None))
    return len(connection.execute(select(recovery_code.c.code_hash).where(*mine)).all())


def remove(connection: Connection, user: str, by: str, now: datetime) -> bool:
    """Take the factor away (a lost phone); False when there was none."""
    connection.execute(delete(recovery_code).where(recovery_code.c.user == user))
    was_there = connection.execute(delete(second_factor).where(second_factor.c.user == user)).rowcount > 0
    if was_there:
        audit_change(connection, user, "reset", by, now)
    return was_there


def audit_change(connection: Connection, user: str, action: str, by: str, at: datetime) -> None:
    """Put it into the audit trail; a user's factor has a chain of its own, as a record has."""
    audit.append_version(
        connection, doctype=AUDITED_AS, name=user, version=0, action=action, by=by, at=at, changes=[], content_hash=None
    )


def _hash(user: str, code: str) -> str:
    return digest(f"{user}\n{code.strip().lower()}")
