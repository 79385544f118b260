"""`guiju user ...`: all or nothing, and every refusal says what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from console_session import run

User = Callable[..., tuple[int, str]]


@pytest.fixture
def user(made_site: Path, tmp_path: Path) -> User:
    """Run `guiju user ...` on a site of the test's own."""
    shutil.copytree(made_site, tmp_path / "site")

    def command(*words: str, **options: str) -> tuple[int, str]:
        return run("--site", str(tmp_path / "site"), "user", *words, **options)  # type: ignore[arg-type]

    return command


def test_a_user_is_added_with_a_password_that_is_asked_for(user: User) -> None:
    code, output = user("add", "li", "--name", "Li", "--role", "Finance", typed="a-good-one\na-good-one\n")

    assert code == 0, output
    assert user("roles", "li")[1].strip() == "Finance"
    assert "li" in user("list")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("li", "--password", "short"), "at least 8", id="password too short"),
        pytest.param(("li", "--role", "Finanse", "--password", "a-good-one"), 'Did you mean "Finance"?', id="unknown role"),
        pytest.param(("a b/<x>", "--password", "a-good-one"), "1 to 140 letters, digits", id="login that cannot be typed"),
        pytest.param(("Administrator", "--password", "a-good-one"), "built-in", id="built-in name"),
        pytest.param(("xu", "--password", "a-good-one"), "already", id="login taken"),
    ],
)
def test_a_user_that_is_refused_leaves_nothing(user: User, words: tuple[str, ...], said: str) -> None:
    before = user("list")[1]

    code, output = user("add", *words, "--name", "Li")

    assert code == 1
    assert said in output
    assert user("list")[1] == before


def test_a_role_that_is_unknown_is_told_before_the_password_is_asked(user: User) -> None:
    code, output = user("add", "li", "--name", "Li", "--role", "Nonsense")

    assert code == 1
    assert "Password" not in output
    assert "System Manager" in output


@pytest.mark.parametrize(
    "words", [("passwd", "nobody"), ("roles", "nobody", "Finance"), ("enable", "nobody"), ("keys", "nobody")]
)
def test_an_unknown_user_is_told_before_anything_is_asked(user: User, words: tuple[str, ...]) -> None:
    code, output = user(*words)

    assert code == 1
    assert output.strip() == 'There is no user "nobody".'


def test_disabling_and_enabling(user: User) -> None:
    user("add", "li", "--name", "Li", "--password", "a-good-one")

    assert user("disable", "li") == (0, "Disabled li.\n")
    assert "[disabled]" in user("list")[1]
    code, output = user("passwd", "li", "--password", "another-good-one")
    assert code == 0
    assert "stays disabled" in output
    assert "guiju user enable li" in output
    assert user("enable", "li") == (0, "Enabled li.\n")
    assert "disabled" not in user("passwd", "li", "--password", "another-good-one")[1]


@pytest.mark.parametrize("words", [("disable", "xu"), ("roles", "xu", "Finance")])
@pytest.mark.parametrize(("language", "said"), [("en", "the last enabled user"), ("zh", "最后一名")])
def test_the_last_administrator_stays(user: User, words: tuple[str, ...], language: str, said: str) -> None:
    code, output = user(*words, language=language)

    assert code == 1
    assert said in output
    assert user("roles", "xu")[1].strip() == "System Manager"


def test_the_built_in_administrator_cannot_be_disabled(user: User) -> None:
    code, output = user("disable", "Administrator")

    assert code == 1
    assert "built in" in output


def test_keys_are_listed_without_secrets_and_revoked(user: User, tmp_path: Path) -> None:
    from server.site import open_site

    assert "no API keys" in user("keys", "xu")[1]
    site = open_site(tmp_path / "site")
    key, secret = site.accounts.create_api_key("xu", "MES", by="xu")
    site.close()

    listed = user("keys", "xu")[1]
    assert key in listed
    assert "MES" in listed
    assert secret not in listed
    assert user("revoke-key", "xu", "wrong")[0] == 1
    assert user("revoke-key", "xu", key)[0] == 0
    assert "revoked" in user("keys", "xu")[1]
    code, output = run("--site", str(tmp_path / "site"), "audit", "verify")
    assert code == 0, output
