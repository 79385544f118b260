"""Proving that it is really this user: what an e-signature asks for, and the second factor that may be part of it.

Guesses count with failed sign-ins (`attempts`). The first signing of a session asks for everything that the user has, each further
one of an unbroken row for one part that only they know (21 CFR 11.200).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..core.clock import Clock
from ..core.errors import Fault, FaultList, PermissionRefused, ValidationFailed
from ..core.settings import Settings
from ..core.text import Text
from ..storage.database import Database
from . import attempts, passwords, second_factor, sessions, totp
from .accounts import Accounts
from .directory import load_user
from .second_factor import SecondFactor
from .user import User
from .vault import Vault

NOT_SIGNED = Text("未签名：", "Nothing was signed:")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody gives to show who they are."""

    login: str = ""
    password: str = ""
    code: str = ""

    def __repr__(self) -> str:  # never into a log
        return f"Credentials({self.login!r}, ...)"


@dataclass(frozen=True, slots=True)
class Proof:
    """That this user gave their credentials at this moment, and which: made by `Identity.prove` alone."""

    user: User
    at: datetime
    method: str  # "password", "code", "password+code"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the next signing asks for: everything, or (`is_continued`) the password or a code."""

    is_continued: bool
    has_code: bool


class Identity:
    def __init__(self, database: Database, clock: Clock, settings: Settings, accounts: Accounts) -> None:
        self._accounts = accounts
        self._database = database
        self._clock = clock
        self._zone = ZoneInfo(settings.timezone)
        self._window = timedelta(minutes=settings.signing_minutes)
        self._vault = Vault(settings.secret_key)
        self._site_name = settings.company_in(settings.language) or "Guiju"

    # Proving

    def asked(self, user: User, token: str | None) -> Asked:
        """What this user must give for the next signing in the session of that token (None: no session, as with an API key)."""
        with self._database.read() as connection:
            return self._asked(connection, user, token)

    def _asked(self, connection: Connection, user: User, token: str | None) -> Asked:
        now = self._clock.now()
        last = sessions.last_signing(connection, token, user.name, now) if token else None
        return Asked(
            is_continued=last is not None and now - last < self._window,
            has_code=second_factor.is_confirmed(connection, user.name),
        )

    def prove(self, user: User, given: Credentials, token: str | None = None) -> Proof:
        """That it is this user. Call it before the transaction that signs: checking a password takes its time.

        Raises ValidationFailed (something is missing, or does not belong to this user: it is not said which), TooManyAttempts,
        PermissionRefused (the built-in Administrator, who is no person; a disabled user).
        """
        if user.is_administrator:
            raise PermissionRefused(
                Text(
                    "内置管理员不是某一个人，不能签名；请用您本人的账号登录后签名。",
                    "The built-in Administrator is no person and cannot sign; sign in with an account of your own.",
                )
            )
        now = self._clock.now()
        with self._database.read() as connection:
            asked = self._asked(connection, user, token)
        self._refuse_missing(given, asked)
        with self._database.write() as connection:
            attempt = attempts.begin(connection, user.name, f"signing by {user.name}", now, self._zone)
        with self._database.read() as connection:
            stored = passwords.stored_hash(connection, user.name)
            present = load_user(connection, user.name)
            is_temporary = passwords.is_temporary(connection, user.name)
        if is_temporary:
            text = Text(
                "您的密码由他人设置，请先改为自己的密码，再签名。",
                "Somebody else chose your password; change it to your own before you sign.",
            )
            raise ValidationFailed(NOT_SIGNED, [Fault("password", text)])
        is_right = not given.login or given.login.strip() == user.name
        if given.password:
            is_right = passwords.matches(stored, given.password) and is_right
        with self._database.write() as connection:
            if is_right and given.code:
                factor = second_factor.of_user(connection, self._vault, user.name)
                is_right = (
                    factor is not None
                    and factor.confirmed_at is not None
                    and second_factor.use_code(connection, factor, given.code, now)
                )
            if is_right and present is not None and present.enabled:
                attempts.succeed(connection, attempt, user.name, now)
                if token:
                    sessions.note_signing(connection, token, now)
        if not is_right or present is None or not present.enabled:
            fault = Text(
                "登录名、密码或验证码不正确，或不属于当前登录的用户。签名只能由本人作出。",
                "The login, the password or the code is not right, or is not of the user who is signed in. Nobody signs for another.",
            )
            raise ValidationFailed(NOT_SIGNED, [Fault("password" if given.password else "code", fault)])
        return Proof(present, now, "+".join(part for part in ("password", "code") if getattr(given, part)))

    def _refuse_missing(self, given: Credentials, asked: Asked) -> None:
        faults = FaultList()
        if asked.is_continued:
            if not given.password and not given.code:
                faults.add("password", Text("请输入密码或验证码。", "Type your password or a code."))
        else:
            if not given.login.strip():
                faults.add("login", Text("首次签名须输入登录名。", "The first signing asks for your login."))
            if not given.password:
                faults.add("password", Text("首次签名须输入密码。", "The first signing asks for your password."))
            if asked.has_code and not given.code.strip():
                faults.add(
                    "code",
                    Text("首次签名须输入验证器上的验证码。", "The first signing asks for the code of your authenticator."),
                )
        if faults:
            raise ValidationFailed(NOT_SIGNED, tuple(faults))

    # The second factor

    def second_factor(self, user: User) -> SecondFactor | None:
        """What the user has begun or confirmed."""
        with self._database.read() as connection:
            return second_factor.of_user(connection, self._vault, user.name)

    def codes_left(self, user: User) -> int:
        """How many recovery codes were not used yet."""
        with self._database.read() as connection:
            return second_factor.codes_left(connection, user.name)

    def begin_second_factor(self, user: User, password: str) -> tuple[str, str]:
        """A new secret and the address for the QR code; in force once `confirm_second_factor` was given a code of it.

        Raises ValidationFailed when the password is not the user's, or a factor is in force already.
        """
        self._require_password(user, password)
        with self._database.write() as connection:
            if second_factor.is_confirmed(connection, user.name):
                raise ValidationFailed(
                    Text(
                        "验证器已启用；要换新的，请先停用或请管理员重置。",
                        "An authenticator is in force; turn it off first, or ask an administrator to reset it.",
                    )
                )
            secret = second_factor.begin(connection, self._vault, user.name, self._clock.now())
        return secret, totp.address(secret, user.name, self._site_name)

    def address_of(self, factor: SecondFactor) -> str:
        """What its QR code says."""
        return totp.address(factor.secret, factor.user, self._site_name)

    def confirm_second_factor(self, user: User, code: str, token: str | None = None) -> list[str]:
        """Put the begun factor in force; returns the recovery codes, which cannot be shown again. The session of that token was
        perhaps held up until now."""
        now = self._clock.now()
        with self._database.write() as connection:
            attempt = attempts.begin(connection, user.name, f"re-entry by {user.name}", now, self._zone)
        with self._database.write() as connection:
            factor = second_factor.of_user(connection, self._vault, user.name)
            step = totp.matching_step(factor.secret, code, now) if factor and factor.confirmed_at is None else None
            if step is not None:
                attempts.succeed(connection, attempt, user.name, now)
                found = sessions.find(connection, token, now) if token else None
                if token and found is not None and found.must == "second factor":
                    sessions.release(connection, token)
                return second_factor.confirm(connection, user.name, step, now)
        fault = Text(
            "验证码不正确：请输入验证器现在显示的六位数字，并检查手机的时间是否准确。",
            "The code is not right: type the six digits shown now, and check that the phone's clock is right.",
        )
        raise ValidationFailed(Text("验证器未启用：", "The authenticator is not in force:"), [Fault("code", fault)])

    def end_second_factor(self, user: User, password: str) -> None:
        """The user takes their own factor away; the password is asked for again."""
        self._require_password(user, password)
        with self._database.write() as connection:
            second_factor.remove(connection, user.name, user.name, self._clock.now())

    def reset_second_factor(self, login: str, *, by: str) -> bool:
        """An administrator takes somebody's factor away (a lost phone), and ends their sessions; False when there was none. Audited."""
        now = self._clock.now()
        with self._database.write() as connection:
            was_there = second_factor.remove(connection, login, by, now)
            if was_there:
                sessions.end_all(connection, login, now)
        return was_there

    def _require_password(self, user: User, password: str) -> None:
        if not self._accounts.is_password(user, password):
            text = Text("当前密码不正确。", "The present password is not right.")
            raise ValidationFailed(text, [Fault("password", text)])
