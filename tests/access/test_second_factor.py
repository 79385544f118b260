"""The second factor: turning it on, signing in with it, losing it; passwords that others chose or that are too old; idle sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from server.access import totp
from server.access.accounts import Accounts, CodeNeeded
from server.access.identity import Credentials, Identity
from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import NotSignedIn, TooManyAttempts, ValidationFailed
from server.core.settings import Settings
from server.storage.database import Database
from server.storage.system import second_factor, version

pytestmark = pytest.mark.parametrize(
    "database", ["sqlite"], indirect=True
)  # the statements are plain; each test has its own site

PASSWORD = "方正-Right-1"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(site_dir=tmp_path, secret_key="a key for these tests")


@pytest.fixture
def identity(database: Database, clock: SettableClock, accounts: Accounts, settings: Settings) -> Identity:
    return Identity(database, clock, settings, accounts)


@pytest.fixture
def wang(add_user: Callable[..., None]) -> User:
    add_user("wangfang", "Service Engineer", password=PASSWORD)
    return User("wangfang")


@pytest.fixture
def code(identity: Identity, wang: User, clock: SettableClock) -> Callable[[], str]:
    """The authenticator of Wang Fang, turned on a minute ago."""
    secret, _ = identity.begin_second_factor(wang, PASSWORD)
    identity.confirm_second_factor(wang, totp.code_at(secret, totp.step_of(clock.now())))
    clock.advance(minutes=1)
    return lambda: totp.code_at(secret, totp.step_of(clock.now()))


def test_it_is_asked_for_once_it_was_confirmed_and_not_before(accounts: Accounts, identity: Identity, wang: User) -> None:
    identity.begin_second_factor(wang, PASSWORD)
    assert accounts.sign_in("wangfang", PASSWORD)[1].name == "wangfang"


def test_signing_in_asks_for_the_code_after_the_password(accounts: Accounts, code: Callable[[], str]) -> None:
    with pytest.raises(CodeNeeded) as asked:
        accounts.sign_in("wangfang", PASSWORD)
    assert accounts.sign_in("wangfang", "", code=code(), ticket=asked.value.ticket)[1].name == "wangfang"


def test_a_wrong_password_does_not_tell_that_a_code_is_needed(accounts: Accounts, code: Callable[[], str]) -> None:
    with pytest.raises(NotSignedIn) as refused:
        accounts.sign_in("wangfang", "wrong")
    assert not isinstance(refused.value, CodeNeeded)


def test_a_code_alone_or_with_a_made_up_or_old_ticket_opens_nothing(
    accounts: Accounts, code: Callable[[], str], clock: SettableClock
) -> None:
    with pytest.raises(CodeNeeded) as asked:
        accounts.sign_in("wangfang", PASSWORD)
    for ticket in ("", "99999999999.made-up", asked.value.ticket.replace(".", "0.", 1)):
        with pytest.raises(NotSignedIn):
            accounts.sign_in("wangfang", "", code=code(), ticket=ticket)
    clock.advance(minutes=5)
    with pytest.raises(NotSignedIn):
        accounts.sign_in("wangfang", "", code=code(), ticket=asked.value.ticket)


def test_a_code_counts_once(accounts: Accounts, code: Callable[[], str]) -> None:
    accounts.sign_in("wangfang", PASSWORD, code=code())
    with pytest.raises(NotSignedIn):
        accounts.sign_in("wangfang", PASSWORD, code=code())


def test_guesses_of_codes_are_paused_like_those_of_passwords(accounts: Accounts, code: Callable[[], str]) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            accounts.sign_in("wangfang", PASSWORD, code="000000")
    with pytest.raises(TooManyAttempts):
        accounts.sign_in("wangfang", PASSWORD, code=code())


def test_a_recovery_code_signs_in_once(accounts: Accounts, identity: Identity, wang: User, clock: SettableClock) -> None:
    secret, _ = identity.begin_second_factor(wang, PASSWORD)
    first, *_ = identity.confirm_second_factor(wang, totp.code_at(secret, totp.step_of(clock.now())))

    accounts.sign_in("wangfang", PASSWORD, code=first.upper())

    with pytest.raises(NotSignedIn):
        accounts.sign_in("wangfang", PASSWORD, code=first)
    assert identity.codes_left(wang) == 9


def test_an_administrator_resets_it_and_the_audit_trail_tells_who(
    accounts: Accounts, identity: Identity, code: Callable[[], str], database: Database
) -> None:
    token, _ = accounts.sign_in("wangfang", PASSWORD, code=code())

    assert identity.reset_second_factor("wangfang", by="xutao")

    assert accounts.session(token) is None
    assert accounts.sign_in("wangfang", PASSWORD)[1].name == "wangfang"
    with database.read() as connection:
        entries = connection.execute(select(version.c.action, version.c.by).where(version.c.doctype == "Second Factor")).all()
    assert [tuple(entry) for entry in entries] == [("confirmed", "wangfang"), ("reset", "xutao")]


def test_the_database_does_not_hold_the_secret_in_clear(identity: Identity, wang: User, database: Database) -> None:
    secret, _ = identity.begin_second_factor(wang, PASSWORD)
    with database.read() as connection:
        assert secret not in str(connection.execute(select(second_factor)).all())


def test_only_who_knows_the_password_turns_it_on_or_off(identity: Identity, wang: User, code: Callable[[], str]) -> None:
    with pytest.raises(ValidationFailed):
        identity.end_second_factor(wang, "wrong")
    with pytest.raises(ValidationFailed):
        identity.begin_second_factor(wang, "wrong")


# What has to be done before anything else


def test_a_password_that_somebody_else_chose_signs_nothing_and_must_be_changed(
    accounts: Accounts, identity: Identity, wang: User
) -> None:
    accounts.set_password("wangfang", "chosen-By-xutao", temporary=True, by="xutao")
    token, _ = accounts.sign_in("wangfang", "chosen-By-xutao")
    signed_in = accounts.session(token)
    assert signed_in is not None
    assert signed_in.must == "password"
    with pytest.raises(ValidationFailed, match="Nothing was signed"):
        identity.prove(wang, Credentials("wangfang", "chosen-By-xutao"))

    accounts.change_password(wang, "chosen-By-xutao", PASSWORD)

    token, _ = accounts.sign_in("wangfang", PASSWORD)
    signed_in = accounts.session(token)
    assert signed_in is not None
    assert signed_in.must is None
    assert identity.prove(wang, Credentials("wangfang", PASSWORD)).method == "password"


def test_a_password_is_changed_once_it_is_too_old(database: Database, clock: SettableClock, tmp_path: Path, wang: User) -> None:
    accounts = Accounts(database, clock, Settings(site_dir=tmp_path, secret_key="k", password_days=90))

    def must_on(days: int) -> str | None:
        clock.advance(days=days)
        signed_in = accounts.session(accounts.sign_in("wangfang", PASSWORD)[0])
        return signed_in.must if signed_in else "no session"

    assert [must_on(90), must_on(1)] == [None, "password"]


def test_a_role_may_have_to_turn_it_on_first(database: Database, clock: SettableClock, tmp_path: Path, wang: User) -> None:
    settings = Settings(site_dir=tmp_path, secret_key="k", second_factor_roles=("Service Engineer",))
    accounts = Accounts(database, clock, settings)
    identity = Identity(database, clock, settings, accounts)
    token, user = accounts.sign_in("wangfang", PASSWORD)
    held_up = accounts.session(token)
    assert held_up is not None
    assert held_up.must == "second factor"

    secret, _ = identity.begin_second_factor(user, PASSWORD)
    identity.confirm_second_factor(user, totp.code_at(secret, totp.step_of(clock.now())), token)

    free = accounts.session(token)
    assert free is not None
    assert free.must is None


def test_a_session_that_nobody_uses_ends_and_news_asked_for_in_the_background_are_no_use(
    database: Database, clock: SettableClock, tmp_path: Path, wang: User
) -> None:
    accounts = Accounts(database, clock, Settings(site_dir=tmp_path, secret_key="k", session_idle_minutes=15))
    token, _ = accounts.sign_in("wangfang", PASSWORD)

    def use(minutes: int, *, is_use: bool = True) -> datetime | None:
        clock.advance(minutes=minutes)
        return clock.now() if accounts.session(token, is_use=is_use) else None

    assert use(14) is not None
    assert use(14) is not None  # each use counts from itself
    assert use(14, is_use=False) is not None
    assert use(1, is_use=False) is None
