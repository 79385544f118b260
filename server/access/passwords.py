"""Passwords: argon2id hashes in `gj_credential`, and what a new password has to satisfy.

Checking costs the same whether the user exists or not. One check takes 64 MiB and both cores for a tenth of a second, so only
few run at once and the rest wait their turn.
"""

from __future__ import annotations

import threading
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, select

from ..core.errors import Fault, TooManyAttempts, ValidationFailed
from ..core.text import Text
from ..storage import audit
from ..storage.system import credential
from ..storage.upserts import upsert

AUDITED_AS = "Password"  # the DocType of its entries in the audit trail; there are no records of it
MIN_LENGTH = 8
MAX_LENGTH = 256  # argon2 reads all of it: a megabyte of password would be a way to keep the server busy
CHECKS_AT_ONCE = 2
WAIT_SECONDS = 10.0

_HASHER = PasswordHasher()  # argon2id with the library's present parameters
_TURNS = threading.BoundedSemaphore(CHECKS_AT_ONCE)
# The hash of a password nobody has, with the same parameters: what an unknown user is checked against.
_NOBODY = _HASHER.hash("correct horse battery staple is what nobody types here")


def check_new(login: str, password: str) -> None:
    """Raises ValidationFailed when `password` may not be used."""
    faults = []
    if len(password) < MIN_LENGTH:
        faults.append(
            Text(
                f"密码只有 {len(password)} 个字符，至少需要 {MIN_LENGTH} 个。",
                f"The password has {len(password)} characters; it needs at least {MIN_LENGTH}.",
            )
        )
    if len(password) > MAX_LENGTH:
        faults.append(Text(f"密码超过 {MAX_LENGTH} 个字符。", f"The password has more than {MAX_LENGTH} characters."))
    if password and password.casefold() == login.casefold():
        faults.append(Text("密码不能与登录名相同。", "The password must differ from the login."))
    if len(set(password)) == 1:
        faults.append(Text("密码不能只是同一个字符。", "The password must not be one character repeated."))
    if faults:
        raise ValidationFailed(
            Text("密码未更改：", "The password was not changed:"), [Fault("password", text) for text in faults]
        )


def hash_of(password: str) -> str:
    """A new argon2id hash, with its own salt."""
    with _Turn():
        return _HASHER.hash(password)


def matches(stored_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; takes as long for no hash at all."""
    if len(password) > MAX_LENGTH:
        stored_hash, password = None, password[:MAX_LENGTH]
    with _Turn():
        try:
            return _HASHER.verify(stored_hash or _NOBODY, password) and stored_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def stored_hash(connection: Connection, user: str) -> str | None:
    return connection.execute(select(credential.c.password_hash).where(credential.c.user == user)).scalar_one_or_none()


def must_change(connection: Connection, user: str, oldest: datetime | None) -> bool:
    """Whether the user must choose another password: somebody else chose this one, or it is from before `oldest`."""
    asked = select(credential.c.must_change, credential.c.changed_at).where(credential.c.user == user)
    row = connection.execute(asked).first()
    return row is not None and (bool(row.must_change) or (oldest is not None and row.changed_at < oldest))


def is_temporary(connection: Connection, user: str) -> bool:
    """Whether somebody else chose the user's password."""
    return bool(connection.execute(select(credential.c.must_change).where(credential.c.user == user)).scalar())


def store_hash(connection: Connection, user: str, password_hash: str, at: datetime, *, temporary: bool = False) -> None:
    """Keep a new password; a `temporary` one, chosen by somebody else, signs nothing and has to be changed first."""
    changes = {"password_hash": password_hash, "changed_at": at, "must_change": int(temporary)}
    connection.execute(upsert(connection, credential, {"user": user, **changes}, ["user"], changes))


def audit_change(connection: Connection, user: str, by: str, at: datetime) -> None:
    """Put the change of a password into the audit trail: who changed whose, never what it is."""
    audit.append_version(
        connection, doctype=AUDITED_AS, name=user, version=0, action="save", by=by, at=at, changes=[], content_hash=None
    )  # fmt: skip


class _Turn:
    """One of the few places at the hasher. Raises TooManyAttempts when none gets free in time."""

    def __enter__(self) -> None:
        if not _TURNS.acquire(timeout=WAIT_SECONDS):
            raise TooManyAttempts(
                Text(
                    "正在登录的人太多，请稍后再试。", "Too many people are signing in at this moment; please try again shortly."
                )
            )

    def __exit__(self, *_: object) -> None:
        _TURNS.release()
