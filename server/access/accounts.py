"""`Accounts`: signing in and out, and whose request this is. What the edges use of this package, beside permissions."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..core.clock import Clock
from ..core.errors import NotFound, NotSignedIn, StorageUnavailable, ValidationFailed
from ..core.settings import Settings
from ..core.text import Text
from ..storage.database import Database
from . import api_keys, attempts, passwords, second_factor, sessions
from .api_keys import ApiKey
from .directory import load_user
from .user import User
from .vault import Vault

MAX_LOGIN = 140
TICKET_FOR = timedelta(minutes=5)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open session: its user, and the token that every change made by its cookie must carry."""

    user: User
    csrf: str
    must: str | None = None  # what has to be done before anything else: "password", "second factor"


class CodeNeeded(NotSignedIn):
    """Login and password are right; this user signs in with a code as well. `ticket` stands for the password for some minutes."""

    exc_type = "SecondFactorNeeded"

    def __init__(self, ticket: str) -> None:
        self.ticket = ticket
        super().__init__(
            Text("请输入验证器上的六位验证码，或一个恢复码。", "Type the six digits of your authenticator, or a recovery code.")
        )


class Accounts:
    """Users' secrets: passwords, sessions, API keys."""

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        self._secret_key = settings.secret_key.encode()
        self._zone = ZoneInfo(settings.timezone)
        self._session_length = timedelta(hours=settings.session_hours)
        self._vault = Vault(settings.secret_key)
        self._idle = timedelta(minutes=settings.session_idle_minutes)
        self._password_age = timedelta(days=settings.password_days)
        self._second_factor_roles = frozenset(settings.second_factor_roles)

    # Sessions

    def sign_in(
        self, login: str, password: str, address: str = "", agent: str = "", code: str = "", ticket: str = ""
    ) -> tuple[str, User]:
        """Start a session: its token and its user. Who has a second factor gives a `code` of it too; a `ticket` of CodeNeeded then
        stands for the password.

        Raises NotSignedIn when login and password do not belong together (it does not say which was wrong), CodeNeeded when
        nothing but the code is missing, TooManyAttempts (naming when to try again) after too many failures.
        """
        login = login.strip()[:MAX_LOGIN].replace("\x00", "")
        now = self._clock.now()
        with self._database.write() as connection:
            attempt = attempts.begin(connection, login, address, now, self._zone)
        with self._database.read() as connection:
            stored = passwords.stored_hash(connection, login)
            user = load_user(connection, login) if stored else None
        usable = stored if user is not None and user.enabled else None
        is_known = bool(usable and ticket and self._is_ticket(ticket, login, usable)) or passwords.matches(usable, password)
        if not is_known or user is None:
            raise NotSignedIn(
                Text(
                    "登录名或密码不正确，或账号已停用。", "The login or the password is not right, or the account is disabled."
                )
            )
        with self._database.write() as connection:
            is_right = self._is_code(connection, login, code, now)
            if not is_right and not code.strip():
                attempts.withdraw(connection, attempt)  # nothing was guessed
        if not is_right:
            raise _wrong_code() if code.strip() else CodeNeeded(self._ticket(login, stored or "", now + TICKET_FOR))
        with self._database.write() as connection:
            attempts.succeed(connection, attempt, login, now)
            must = self._must(connection, user, now)
            token = sessions.start(connection, user.name, now, self._session_length, address=address, agent=agent, must=must)
        return token, user

    def _must(self, connection: Connection, user: User, now: datetime) -> str | None:
        """What this user has to do before anything else."""
        if passwords.must_change(connection, user.name, now - self._password_age if self._password_age else None):
            return "password"
        if self._second_factor_roles & user.roles and not second_factor.is_confirmed(connection, user.name):
            return "second factor"
        return None

    def _ticket(self, login: str, stored: str, until: datetime) -> str:
        """That the password was right, for some minutes: worth nothing without a code, nor after the password was changed."""
        seconds = int(until.timestamp())
        return f"{seconds}.{self._vault.stamp(f'ticket {login} {seconds} {stored}')}"

    def _is_ticket(self, ticket: str, login: str, stored: str) -> bool:
        seconds = ticket.partition(".")[0]
        if not seconds.isdecimal() or len(seconds) > 12:
            return False
        until = datetime.fromtimestamp(int(seconds), UTC)
        return self._clock.now() < until and hmac.compare_digest(self._ticket(login, stored, until).encode(), ticket.encode())

    def _is_code(self, connection: Connection, login: str, code: str, now: datetime) -> bool:
        """Whether the code is one of the user's, or none is asked of them."""
        factor = second_factor.of_user(connection, self._vault, login)
        if factor is None or factor.confirmed_at is None:
            return True
        return second_factor.use_code(connection, factor, code, now) or second_factor.use_recovery_code(
            connection, login, code, now
        )

    def session(self, token: str, *, is_use: bool = True) -> SignedIn | None:
        """Whose open session this is; using a session prolongs it, asking for news in the background (not `is_use`) does not.
        None for an ended one, one that nobody used for too long, or a disabled user."""
        now = self._clock.now()
        with self._database.read() as connection:
            found = sessions.find(connection, token, now)
            user = load_user(connection, found.user) if found else None
        if found is None or user is None or not user.enabled:
            return None
        if self._idle and now - found.seen_at >= self._idle:
            return None
        if is_use and found.is_due_for_renewal(now, self._idle):
            self._note(lambda connection: sessions.renew(connection, found, now, self._session_length))
        return SignedIn(user, self._csrf(token), found.must)

    def _csrf(self, token: str) -> str:
        """Made from the session's own token, so it is worth nothing in another session and needs no storing."""
        return hmac.new(self._secret_key, f"csrf {token}".encode(), hashlib.sha256).hexdigest()

    def user_of_session(self, token: str) -> User | None:
        """The user of an open session."""
        found = self.session(token)
        return found.user if found else None

    def sign_out(self, token: str) -> None:
        """End one session."""
        with self._database.write() as connection:
            sessions.end(connection, token, self._clock.now())

    # Passwords

    def set_password(self, login: str, password: str, *, temporary: bool = False, by: str | None = None) -> None:
        """Give a user a new password; all their sessions end. A `temporary` one must be changed by its user before anything else,
        and signs nothing. Audited as done `by`.

        Raises NotFound when there is no such user, ValidationFailed when the password may not be used.
        """
        store = self.prepare_password(login, password, temporary=temporary, by=by)
        with self._database.write() as connection:
            self._existing(connection, login)
            store(connection)

    def prepare_password(
        self, login: str, password: str, *, temporary: bool = False, by: str | None = None
    ) -> Callable[[Connection], None]:
        """Check and hash a new password now; what comes back stores it within somebody's transaction.

        So a new user is made together with the password or not at all. Raises ValidationFailed when it may not be used.
        """
        passwords.check_new(login, password)
        hashed = passwords.hash_of(password)
        now = self._clock.now()

        def store(connection: Connection) -> None:
            passwords.store_hash(connection, login, hashed, now, temporary=temporary)
            if by is not None:
                passwords.audit_change(connection, login, by, now)
            sessions.end_all(connection, login, now)

        return store

    def change_password(self, user: User, present: str, wanted: str) -> None:
        """A user's own change: the present password is asked for again. All their sessions end, the one in use too."""
        if not self.is_password(user, present):
            raise ValidationFailed(Text("当前密码不正确。", "The present password is not right."))
        self.set_password(user.name, wanted, by=user.name)

    def is_password(self, user: User, password: str) -> bool:
        """Whether this is the user's password. Wrong guesses count as failed sign-ins: TooManyAttempts."""
        now = self._clock.now()
        with self._database.write() as connection:
            attempt = attempts.begin(connection, user.name, f"re-entry by {user.name}", now, self._zone)
        with self._database.read() as connection:
            stored = passwords.stored_hash(connection, user.name)
        if not passwords.matches(stored, password):
            return False
        with self._database.write() as connection:
            attempts.succeed(connection, attempt, user.name, now)
        return True

    # API keys

    def create_api_key(self, login: str, title: str = "", *, by: str | None = None) -> tuple[str, str]:
        """A new (key, secret) with which a program acts as this user. The secret cannot be shown again. Audited as done `by`."""
        now = self._clock.now()
        with self._database.write() as connection:
            self._existing(connection, login)
            key, secret = api_keys.create(connection, login, now, title)
            api_keys.audit_change(connection, key, "create", by or login, now, [("user", login), ("title", title)])
        return key, secret

    def user_of_api_key(self, key: str, secret: str) -> User:
        """The user in whose name this key acts. Raises NotSignedIn for a wrong or revoked key, or a disabled user."""
        now = self._clock.now()
        with self._database.read() as connection:
            found = api_keys.find(connection, key, secret)
            user = load_user(connection, found.user) if found else None
        if found is None or user is None or not user.enabled:
            raise NotSignedIn(
                Text("API 密钥无效、已吊销，或其用户已停用。", "The API key is wrong or revoked, or its user is disabled.")
            )
        if api_keys.is_use_due(found, now):
            self._note(lambda connection: api_keys.note_use(connection, found, now))
        return user

    def keys_of(self, login: str) -> list[ApiKey]:
        """A user's keys, without their secrets."""
        with self._database.read() as connection:
            return api_keys.of_user(connection, login)

    def all_keys(self) -> list[ApiKey]:
        """Everybody's keys, without their secrets: those in force first, the newest first."""
        with self._database.read() as connection:
            return api_keys.of_all(connection)

    def revoke_api_key(self, key: str, *, by: str) -> bool:
        """Put a key out of force at once; False when there was none in force. Audited as done `by`."""
        now = self._clock.now()
        with self._database.write() as connection:
            was_in_force = api_keys.revoke(connection, key, now)
            if was_in_force:
                api_keys.audit_change(connection, key, "revoke", by, now)
        return was_in_force

    def _existing(self, connection: Connection, login: str) -> User:
        user = load_user(connection, login)
        if user is None:
            raise NotFound(Text(f"没有用户“{login}”。", f'There is no user "{login}".'))
        return user

    def _note(self, write: Callable[[Connection], None]) -> None:
        """Write what may as well be written by the next request: a busy database must not refuse a page for it."""
        try:
            with self._database.write() as connection:
                write(connection)
        except StorageUnavailable as busy:
            log.info("not noted: %s", busy)


def _wrong_code() -> NotSignedIn:
    return NotSignedIn(
        Text(
            "验证码不正确或已用过，请输入验证器上当前的六位数字。",
            "The code is not right or was used already; type the six digits that your authenticator shows now.",
        )
    )
