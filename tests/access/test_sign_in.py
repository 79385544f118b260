"""Passwords, sessions and the limit of guesses."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from server.access import passwords
from server.access.accounts import Accounts
from server.access.attempts import SignInPaused
from server.core.clock import SettableClock
from server.core.errors import NotFound, NotSignedIn, TooManyAttempts, ValidationFailed
from server.storage.database import Database
from server.storage.system import credential, session

PASSWORD = "方正-Right-1"


@pytest.fixture
def wang(add_user: Callable[..., None]) -> str:
    add_user("wangfang", "Service Engineer", password=PASSWORD)
    return "wangfang"


def test_the_right_password_starts_a_session(accounts: Accounts, wang: str) -> None:
    token, user = accounts.sign_in(wang, PASSWORD, "10.0.0.1")

    assert (user.name, user.full_name) == ("wangfang", "wangfang 全名")
    assert user.roles == {"Service Engineer", "All"}
    assert accounts.user_of_session(token) == user


@pytest.mark.parametrize(
    ("login", "password"),
    [
        pytest.param("wangfang", "方正-wrong-1", id="wrong password"),
        pytest.param("wangfang", "", id="no password"),
        pytest.param("nobody", PASSWORD, id="unknown login"),
        pytest.param("", PASSWORD, id="no login"),
        pytest.param("wangfang\x00", "wrong", id="null character"),
        pytest.param("wangfang", PASSWORD * 40, id="password longer than any can be"),
        pytest.param("Administrator", PASSWORD, id="Administrator without a password"),
    ],
)
def test_a_wrong_sign_in_is_refused_without_saying_what_was_wrong(
    accounts: Accounts, wang: str, login: str, password: str
) -> None:
    with pytest.raises(NotSignedIn) as refused:
        accounts.sign_in(login, password, "10.0.0.1")

    assert refused.value.text.en == "The login or the password is not right, or the account is disabled."


def test_an_unknown_login_costs_a_hash_like_a_known_one(accounts: Accounts, wang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str | None] = []
    matches = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda stored, given: checked.append(stored) or matches(stored, given))

    for login in (wang, "nobody"):
        with pytest.raises(NotSignedIn):
            accounts.sign_in(login, "wrong-guess", "10.0.0.1")

    assert [stored is None for stored in checked] == [False, True]


def test_a_disabled_user_cannot_sign_in_and_open_sessions_end(
    accounts: Accounts, wang: str, change_user: Callable[..., None]
) -> None:
    token, _ = accounts.sign_in(wang, PASSWORD)

    change_user(wang, enabled=0)

    assert accounts.user_of_session(token) is None
    with pytest.raises(NotSignedIn):
        accounts.sign_in(wang, PASSWORD)


def test_a_role_that_is_taken_away_counts_from_the_next_request(
    accounts: Accounts, wang: str, change_user: Callable[..., None]
) -> None:
    token, _ = accounts.sign_in(wang, PASSWORD)

    change_user(wang, roles=[])

    user = accounts.user_of_session(token)
    assert user is not None
    assert user.roles == {"All"}


def test_the_administrator_signs_in_once_a_password_is_set(accounts: Accounts) -> None:
    accounts.set_password("Administrator", PASSWORD)

    _, user = accounts.sign_in("Administrator", PASSWORD)

    assert user.is_administrator


# Sessions


def test_a_session_lasts_twelve_hours_after_its_last_use(accounts: Accounts, wang: str, clock: SettableClock) -> None:
    token, _ = accounts.sign_in(wang, PASSWORD)

    clock.advance(hours=11, minutes=59)
    assert accounts.user_of_session(token) is not None
    clock.advance(hours=11, minutes=59)
    assert accounts.user_of_session(token) is not None
    clock.advance(hours=12)
    assert accounts.user_of_session(token) is None


def test_signing_out_ends_the_session_at_once_and_no_other(accounts: Accounts, wang: str) -> None:
    here, _ = accounts.sign_in(wang, PASSWORD)
    there, _ = accounts.sign_in(wang, PASSWORD)

    accounts.sign_out(here)

    assert accounts.user_of_session(here) is None
    assert accounts.user_of_session(there) is not None


def test_a_new_password_ends_every_session(accounts: Accounts, wang: str) -> None:
    tokens = [accounts.sign_in(wang, PASSWORD)[0] for _ in range(2)]

    accounts.set_password(wang, "another-secret")

    assert [accounts.user_of_session(token) for token in tokens] == [None, None]
    assert accounts.sign_in(wang, "another-secret")


def test_the_database_holds_neither_passwords_nor_session_tokens(accounts: Accounts, wang: str, database: Database) -> None:
    token, _ = accounts.sign_in(wang, PASSWORD)

    with database.read() as connection:
        stored = str(connection.execute(select(session)).all()) + str(connection.execute(select(credential)).all())

    assert token not in stored
    assert PASSWORD not in stored
    assert "$argon2id$" in stored


def test_the_csrf_token_belongs_to_one_session(accounts: Accounts, wang: str) -> None:
    first, second = (accounts.session(accounts.sign_in(wang, PASSWORD)[0]) for _ in range(2))

    assert first is not None
    assert second is not None
    assert first.csrf != second.csrf


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "a" * 10_000, "中文"])
def test_a_made_up_token_opens_nothing(accounts: Accounts, token: str) -> None:
    assert accounts.user_of_session(token) is None


# Guessing


def _fail(accounts: Accounts, login: str, address: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(NotSignedIn):
            accounts.sign_in(login, "wrong-guess", address)


def test_five_wrong_guesses_pause_the_login_and_say_until_when(accounts: Accounts, wang: str, clock: SettableClock) -> None:
    _fail(accounts, wang, "10.0.0.1", 5)

    with pytest.raises(SignInPaused) as paused:
        accounts.sign_in(wang, PASSWORD, "10.0.0.1")
    assert "09:15" in paused.value.text.zh
    assert paused.value.retry_after_seconds == pytest.approx(900, abs=2)

    clock.advance(minutes=15, seconds=1)
    assert accounts.sign_in(wang, PASSWORD, "10.0.0.1")


def test_a_pause_at_one_address_does_not_lock_the_person_out_elsewhere(accounts: Accounts, wang: str) -> None:
    _fail(accounts, wang, "10.0.0.1", 5)

    assert accounts.sign_in(wang, PASSWORD, "10.0.0.2")


def test_a_right_password_starts_the_count_anew(accounts: Accounts, wang: str) -> None:
    _fail(accounts, wang, "10.0.0.1", 4)
    accounts.sign_in(wang, PASSWORD, "10.0.0.1")
    _fail(accounts, wang, "10.0.0.1", 4)

    assert accounts.sign_in(wang, PASSWORD, "10.0.0.1")


def test_one_address_trying_many_logins_is_paused(accounts: Accounts, wang: str) -> None:
    for number in range(30):
        _fail(accounts, f"guess-{number}", "10.0.0.9", 1)

    with pytest.raises(TooManyAttempts):
        accounts.sign_in(wang, PASSWORD, "10.0.0.9")
    assert accounts.sign_in(wang, PASSWORD, "10.0.0.1")


def test_many_addresses_trying_one_login_are_paused(accounts: Accounts, wang: str) -> None:
    for number in range(50):
        _fail(accounts, wang, f"10.1.0.{number}", 1)

    with pytest.raises(TooManyAttempts):
        accounts.sign_in(wang, PASSWORD, "10.0.0.1")


def test_guesses_sent_at_the_same_moment_all_count(accounts: Accounts, wang: str) -> None:
    outcomes: list[type[Exception]] = []

    def guess() -> None:
        try:
            accounts.sign_in(wang, "wrong-guess", "10.0.0.1")
        except (NotSignedIn, TooManyAttempts) as refused:
            outcomes.append(type(refused))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(kind.__name__ for kind in outcomes) == ["NotSignedIn"] * 5 + ["SignInPaused"] * 7


# Passwords


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("seven77", id="too short"),
        pytest.param("", id="empty"),
        pytest.param("x" * 257, id="too long"),
        pytest.param("aaaaaaaaaa", id="one character"),
        pytest.param("WangFangLong", id="the login itself"),
    ],
)
def test_an_unfit_password_is_refused_and_the_old_one_stays(
    accounts: Accounts, add_user: Callable[..., None], password: str
) -> None:
    add_user("wangfanglong", password=PASSWORD)

    with pytest.raises(ValidationFailed):
        accounts.set_password("wangfanglong", password)

    assert accounts.sign_in("wangfanglong", PASSWORD)


def test_eight_characters_are_enough(accounts: Accounts, wang: str) -> None:
    accounts.set_password(wang, "八个字也可以用的")

    assert accounts.sign_in(wang, "八个字也可以用的")


def test_a_password_for_nobody_is_refused(accounts: Accounts) -> None:
    with pytest.raises(NotFound):
        accounts.set_password("nobody", PASSWORD)


def test_ones_own_change_asks_for_the_present_password(accounts: Accounts, wang: str) -> None:
    _, user = accounts.sign_in(wang, PASSWORD)

    with pytest.raises(ValidationFailed):
        accounts.change_password(user, "not the present one", "another-secret")
    accounts.change_password(user, PASSWORD, "another-secret")

    assert accounts.sign_in(wang, "another-secret")


# API keys


def test_an_api_key_acts_as_its_user_until_it_is_revoked(accounts: Accounts, wang: str) -> None:
    key, secret = accounts.create_api_key(wang, "MES")
    assert accounts.user_of_api_key(key, secret).name == wang
    assert [(item.title, item.used_at is not None) for item in accounts.keys_of(wang)] == [("MES", True)]

    accounts.revoke_api_key(key, by="xutao")

    with pytest.raises(NotSignedIn):
        accounts.user_of_api_key(key, secret)


def test_a_key_needs_its_own_secret_and_an_enabled_user(
    accounts: Accounts, wang: str, change_user: Callable[..., None]
) -> None:
    key, secret = accounts.create_api_key(wang)
    _, other_secret = accounts.create_api_key(wang)

    for wrong in ("", other_secret, secret[:-1]):
        with pytest.raises(NotSignedIn):
            accounts.user_of_api_key(key, wrong)
    change_user(wang, enabled=0)
    with pytest.raises(NotSignedIn):
        accounts.user_of_api_key(key, secret)
