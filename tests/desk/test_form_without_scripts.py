"""The form as plain HTML: saved, refused with everything kept, stale with both values; and the way back after signing in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pytest
from desk_tool_crib import PASSWORD, SCRAPPING
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.access.user import User
from server.core.text import Text
from server.exchange.packs import Source
from server.site import Site

HTML = {"Accept": "text/html"}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def send(client: FlaskClient, path: str, **values: str) -> TestResponse:
    """Open the form, type, press."""
    page = client.get(path, headers=HTML).text
    marks = {name: hidden(page, name) for name in ("csrf_token", "_version", "_key")}
    return client.post(path, data={"_action": "save"} | marks | values, headers=HTML)


def test_a_record_is_saved_and_shown(signed_in: FlaskClient, site: Site, li: User) -> None:
    answer = send(signed_in, "/form/Tool%20Loan/new", tool="塞规", qty="2", borrower="li")

    assert answer.status_code == 303
    name = answer.headers["Location"].rpartition("/")[2]
    assert site.documents.load(li, "Tool Loan", name)["tool"] == "塞规"
    assert "塞规" in signed_in.get(answer.headers["Location"], headers=HTML).text


def test_a_record_that_is_never_submitted_is_no_draft(signed_in: FlaskClient, lends: Callable[..., str]) -> None:
    page = signed_in.get(f"/form/Tool%20Loan/{lends()}", headers=HTML).text
    assert "草稿" not in page
    assert "提交" not in re.sub(r"<script.*", "", page, flags=re.DOTALL)

    assert "状态" not in signed_in.get("/list/Tool%20Loan", headers=HTML).text


def test_a_refused_record_is_the_same_page_with_what_was_typed_and_every_fault(signed_in: FlaskClient) -> None:
    answer = send(signed_in, "/form/Tool%20Loan/new", tool="", qty="3", borrower="nobody")

    assert answer.status_code == 417
    assert 'value="3"' in answer.text
    assert 'value="nobody"' in answer.text
    for where in ("tool", "borrower"):
        assert f'data-where="{where}"' in answer.text


@pytest.mark.parametrize("may_write", [1, 0], ids=["saved along", "submitted only"])
def test_a_submission_whose_answer_was_lost_is_sent_again_and_happens_once(
    signed_in: FlaskClient, site: Site, li: User, may_write: int
) -> None:
    doctype = f"Tool Verdict {may_write}"
    piece = SCRAPPING | {"name": doctype, "permissions": [{"role": "All", "read": 1, "submit": 1, "write": may_write}]}
    site.publisher.publish(site.publisher.propose([Source("DocType", doctype, piece)]), "tests")
    name = site.documents.save(User.administrator(), doctype, {"tool": "断裂的铣刀"}).name
    path = f"/form/{doctype}/{name}"
    page = signed_in.get(path, headers=HTML).text
    sent = {key: hidden(page, key) for key in ("csrf_token", "_version", "_key")} | {"_action": "submit", "_replay": "1"}

    for _ in range(2):
        answer = signed_in.post(path, data=sent | {"tool": "断裂的立铣刀"}, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json.get("ok")) == (200, True)

    assert [one.action for one in site.queries.history(li, doctype, name)].count("submit") == 1


def test_a_stale_save_names_both_values_and_changes_nothing(
    signed_in: FlaskClient, site: Site, li: User, lends: Callable[..., str]
) -> None:
    name = lends(tool="环规")
    page = signed_in.get(f"/form/Tool%20Loan/{name}", headers=HTML).text
    site.documents.save(li, "Tool Loan", {"tool": "螺纹环规"}, name=name)
    marks = {key: hidden(page, key) for key in ("csrf_token", "_version", "_key")}

    answer = signed_in.post(f"/form/Tool%20Loan/{name}", data={"_action": "save", "tool": "光面环规"} | marks, headers=HTML)

    assert answer.status_code == 409
    assert "螺纹环规" in answer.text
    assert "光面环规" in answer.text
    assert site.documents.load(li, "Tool Loan", name)["tool"] == "螺纹环规"


def test_a_time_that_was_not_touched_keeps_its_seconds(
    signed_in: FlaskClient, site: Site, li: User, lends: Callable[..., str]
) -> None:
    at = datetime(2026, 6, 15, 0, 20, 37, tzinfo=UTC)
    name = lends(lent_at=at, parts=[{"part": "校对棒", "checked_at": at}])
    [row] = site.documents.load(li, "Tool Loan", name)["parts"]
    rows = json.dumps([{"name": row["name"], "part": "校对棒", "count": "2", "checked_at": "2026-06-15 08:20"}])
    page = signed_in.get(f"/form/Tool%20Loan/{name}", headers=HTML).text
    marks = {key: hidden(page, key) for key in ("csrf_token", "_version", "_key")}

    sent = {"_action": "save", "tool": "深度尺", "lent_at": "2026-06-15 08:20", "table__parts": rows}
    assert signed_in.post(f"/form/Tool%20Loan/{name}", data=sent | marks, headers=HTML).status_code == 303

    record = site.documents.load(li, "Tool Loan", name)
    assert (record["tool"], record["lent_at"], record["parts"][0]["checked_at"]) == ("深度尺", at, at)
    newest, *_ = site.queries.history(li, "Tool Loan", name)
    assert [change["field"] for change in newest.changes] == ["tool", "count"]


def test_pressing_twice_saves_once(signed_in: FlaskClient, site: Site, li: User) -> None:
    page = signed_in.get("/form/Tool%20Loan/new", headers=HTML).text
    marks = {name: hidden(page, name) for name in ("csrf_token", "_version", "_key")}

    places = {
        signed_in.post("/form/Tool%20Loan/new", data={"tool": "两次", "_action": "save"} | marks).headers["Location"]
        for _ in range(2)
    }

    assert len(places) == 1
    found = site.queries.list(li, "Tool Loan", filters=[("tool", "=", "两次")])
    assert len(found.rows) == 1


@pytest.mark.parametrize("missing", ["csrf_token", "wrong"])
def test_a_form_of_another_site_is_refused(signed_in: FlaskClient, missing: str) -> None:
    token = {} if missing == "csrf_token" else {"csrf_token": "x" * 40}

    answer = signed_in.post("/form/Tool%20Loan/new", data={"tool": "x", "_action": "save"} | token, headers=HTML)

    assert answer.status_code == 403


@pytest.mark.parametrize("action", ["drop", "delete", "cancel"])
def test_what_a_new_form_cannot_be_asked_is_refused(signed_in: FlaskClient, action: str) -> None:
    assert send(signed_in, "/form/Tool%20Loan/new", tool="x", _action=action).status_code == 400


# Cancelling


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_record_is_not_cancelled_without_a_reason(
    signed_in: FlaskClient, site: Site, li: User, scraps: Callable[..., str], reason: str
) -> None:
    path = f"/form/Tool%20Scrapping/{(name := scraps())}"
    assert 'name="_reason"' in signed_in.get(path, headers=HTML).text

    answer = send(signed_in, path, _action="cancel", _reason=reason)

    assert answer.status_code == 417
    assert "作废原因必填" in answer.text
    assert site.documents.load(li, "Tool Scrapping", name)["docstatus"] == 1


def test_the_reason_of_a_cancellation_stands_in_the_timeline(
    signed_in: FlaskClient, site: Site, li: User, scraps: Callable[..., str]
) -> None:
    path = f"/form/Tool%20Scrapping/{(name := scraps())}"

    assert send(signed_in, path, _action="cancel", _reason=" 还能修磨。 ").status_code == 303

    newest, *_ = site.queries.history(li, "Tool Scrapping", name)
    assert (newest.action, newest.reason) == ("cancel", Text("还能修磨。", "还能修磨。"))
    assert "还能修磨。" in signed_in.get(path, headers=HTML).text


def test_a_reason_may_not_be_longer_than_two_thousand_characters(signed_in: FlaskClient, scraps: Callable[..., str]) -> None:
    answer = send(signed_in, f"/form/Tool%20Scrapping/{scraps()}", _action="cancel", _reason="长" * 2001)

    assert answer.status_code == 417
    assert "2,001" in answer.text


# The way back after signing in


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        ("/list/Tool%20Loan?q=%E5%B0%BA", "/list/Tool%20Loan?q=%E5%B0%BA"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\t/evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("list/Tool", "/"),
    ],
)
def test_signing_in_leads_to_addresses_of_this_server_only(visitor: FlaskClient, asked: str, goes_to: str) -> None:
    answer = visitor.post("/login", data={"login": "li", "password": PASSWORD, "next": asked}, headers=HTML)

    assert (answer.status_code, answer.headers["Location"]) == (303, goes_to)


def test_after_a_wrong_password_the_login_is_still_there(visitor: FlaskClient) -> None:
    answer = visitor.post("/login", data={"login": '"><b>li', "password": "wrong", "next": "/inbox"}, headers=HTML)

    assert answer.status_code == 401
    assert 'value="&#34;&gt;&lt;b&gt;li"' in answer.text
    assert hidden(answer.text, "next") == "/inbox"


def test_a_draft_goes_back_to_a_version_of_its_timeline(
    signed_in: FlaskClient, site: Site, li: User, lends: Callable[..., str]
) -> None:
    name = lends(tool="塞规")
    site.documents.save(li, "Tool Loan", {"tool": "千分尺"}, name=name)
    address = f"/form/Tool%20Loan/{name}"

    page = signed_in.get(address, headers=HTML).text
    answer = send(signed_in, address, _action="restore-1")

    assert 'value="restore-1"' in page
    assert 'value="restore-2"' not in page, "it is that version already"
    assert answer.status_code == 303
    assert site.documents.load(li, "Tool Loan", name)["tool"] == "塞规"
    assert "恢复到第 1 版" in signed_in.get(address, headers=HTML).text
