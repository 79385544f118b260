"""A user changes their own password; whoever else uses their account is out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk_tool_crib import PASSWORD
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.access.user import User
from server.site import Site

HTML = {"Accept": "text/html"}
PATH = "/account/password"
NEW = "qianfen-chi-25"


@pytest.fixture(autouse=True)
def as_before(site: Site) -> Iterator[None]:
    yield
    site.accounts.set_password("li", PASSWORD)


def change(client: FlaskClient, present: str = PASSWORD, wanted: str = NEW, again: str = NEW, **more: str) -> TestResponse:
    token = client.get(PATH, headers=HTML).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    values = {"csrf_token": token, "present": present, "password": wanted, "again": again} | more
    return client.post(PATH, data=values, headers=HTML)


def test_the_menu_of_the_account_leads_to_it(signed_in: FlaskClient) -> None:
    assert f'href="{PATH}"' in signed_in.get("/", headers=HTML).text
    assert "至少 8 个字符" in signed_in.get(PATH, headers=HTML).text


def test_whoever_changes_it_goes_on_and_all_other_sessions_end(signed_in: FlaskClient, site: Site, li: User) -> None:
    elsewhere, _ = site.accounts.sign_in("li", PASSWORD, "10.0.0.2", "another browser")

    answer = change(signed_in)

    assert answer.status_code == 303
    assert "密码已更改" in signed_in.get(answer.headers["Location"], headers=HTML).text
    assert site.accounts.session(elsewhere) is None
    assert site.accounts.is_password(li, NEW)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"present": "wrong"}, "当前密码不正确"),
        ({"again": "qianfen-chi-26"}, "两次输入的新密码不一致"),
        ({"wanted": "kurz", "again": "kurz"}, "密码只有 4 个字符，至少需要 8 个"),
        ({"wanted": "", "again": ""}, "密码只有 0 个字符"),
    ],
)
def test_what_may_not_be_is_told_and_changes_nothing(
    signed_in: FlaskClient, site: Site, li: User, typed: dict[str, str], said: str
) -> None:
    answer = change(signed_in, **typed)

    assert answer.status_code == 417
    assert said in answer.text
    assert PASSWORD not in answer.text
    assert site.accounts.is_password(li, PASSWORD)


def test_it_is_said_in_english_too(signed_in: FlaskClient) -> None:
    signed_in.set_cookie("language", "en")

    answer = change(signed_in, again="other")

    assert "The two entries of the new password differ." in answer.text


def test_guessing_the_present_one_is_paused(signed_in: FlaskClient) -> None:
    answers = [change(signed_in, present=f"guess {number}") for number in range(7)]

    assert answers[0].status_code == 417
    assert answers[-1].status_code == 429
    assert "登录失败次数过多" in answers[-1].text


def test_nobody_changes_it_from_another_page(signed_in: FlaskClient, visitor: FlaskClient) -> None:
    assert change(signed_in, csrf_token="x" * 40).status_code == 403


def test_it_needs_a_session(visitor: FlaskClient) -> None:
    assert visitor.get(PATH, headers=HTML).status_code == 302
