"""Comments, tags, assignments and following on a page without scripts, and what a script gets back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from server.access.user import User
from server.site import Site


@pytest.fixture
def page(signed_in: FlaskClient, lends: Callable[..., str]) -> tuple[FlaskClient, str, str]:
    """A browser, the address of a record, and the token of its forms."""
    name = lends()
    token = signed_in.get(f"/form/Tool Loan/{name}").get_data(as_text=True).partition('name="csrf_token" value="')[2]
    return signed_in, f"Tool Loan/{name}", token.partition('"')[0]


def test_everything_is_done_by_plain_forms(page: tuple[FlaskClient, str, str], site: Site, li: User) -> None:
    browser, about, token = page
    name = about.partition("/")[2]

    def press(act: str, **typed: str) -> str:
        answer = browser.post(f"/beside/{about}", data={"csrf_token": token, "_act": act, **typed}, follow_redirects=True)
        return answer.get_data(as_text=True)

    assert "a &lt;b&gt; for <span" in press("comment", _comment="a <b> for @li")
    (comment,) = site.comments.of_record(li, "Tool Loan", name)
    assert 'title="@li">@李工</span>' in press(f"edit:{comment.id}", **{f"_text_{comment.id}": "see @li"})
    assert "修改了评论" in press(f"remove:{comment.id}")
    assert ">急件</a>" in press("tag", _tag="急件")
    listed = browser.get("/list/Tool Loan?f=_user_tags&o==&v=急件").get_data(as_text=True)
    assert f'data-name="{name}"' in listed
    assert "标签 等于 急件" in listed
    assert ">急件</a>" not in press("untag:急件")
    assert "★ 已关注" in press("follow")
    assert "☆ 关注" in press("unfollow")
    assert "核对数量" in press("assign", _person="li", _note="核对数量", _due="2026-06-20")
    assert "已过" in press("assign", _person="li", _due="2020-01-01")
    assert browser.post(f"/beside/{about}", data={"csrf_token": token, "_act": "nonsense"}).status_code == 400


def test_a_script_gets_the_part_that_changed_or_the_reason(page: tuple[FlaskClient, str, str]) -> None:
    browser, about, token = page
    wants = {"Accept": "application/json"}
    sent = {"csrf_token": token, "_act": "comment", "_comment": "hello"}
    answer = browser.post(f"/beside/{about}", data=sent, headers=wants).get_json()
    assert (answer["part"], "hello" in answer["html"]) == ("talk", True)
    refused = browser.post(f"/beside/{about}", data={**sent, "_comment": " "}, headers=wants)
    assert (refused.status_code, "评论应有" in refused.get_json()["message"]) == (417, True)
    assert browser.get(f"/mentions/{about}?q=l").get_json() == {"choices": []}, "nobody but oneself"
