"""What every page and answer carries, and how errors are told to people and to scripts."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from rest_client import Client, resource
from rest_company import PASSWORD

from server.app import create_app
from server.core.errors import NotSignedIn, StorageUnavailable
from server.core.settings import Settings
from server.core.text import Text
from server.site import Site
from server.web import assets, request_log
from server.web.json import MAX_DEPTH, read_json

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"  # what browsers send for a page


@pytest.mark.parametrize("path", ["/page", "/api/method/ping", "/nowhere", "/broken", "/health", "/static/guiju/none.js"])
def test_every_answer_carries_the_security_headers(anonymous: Client, path: str) -> None:
    headers = anonymous.request("GET", path, Accept=HTML).headers

    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'self'", "'self'", "'self'")
    assert (policy["frame-ancestors"], policy["object-src"], policy["base-uri"]) == ("'self'", "'none'", "'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-request-id"]
    assert "strict-transport-security" not in headers


def test_behind_https_cookies_are_secure_and_the_browser_is_told_to_stay(
    app: Flask, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure: Settings = replace(site.settings, secure_cookies=True)
    monkeypatch.setattr(site, "settings", secure)

    answer = app.test_client().post("/api/method/login", json={"usr": "li", "pwd": PASSWORD})

    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(("proxies", "counted"), [(0, "10.0.0.1"), (1, "203.0.113.9")])
def test_the_address_a_proxy_names_is_believed_where_the_site_says_so(
    site: Site, monkeypatch: pytest.MonkeyPatch, proxies: int, counted: str
) -> None:
    monkeypatch.setattr(site, "settings", replace(site.settings, trusted_proxies=proxies))
    seen: list[str] = []

    def refuse(login: str, password: str, address: str, agent: str, code: str) -> None:
        seen.append(address)
        raise NotSignedIn(Text("否", "no"))

    monkeypatch.setattr(site.accounts, "sign_in", refuse)
    create_app(site).test_client().post(
        "/api/method/login",
        json={"usr": "li", "pwd": "x"},
        headers={"X-Forwarded-For": "203.0.113.9"},
        environ_base={"REMOTE_ADDR": "10.0.0.1"},
    )
    assert seen == [counted]


def test_answers_about_records_are_not_kept_by_the_browser(li: Client) -> None:
    assert li.list("Repair Ticket").headers["cache-control"] == "no-store"
    assert li.request("GET", "/page").headers["cache-control"] == "no-store"


def test_own_files_are_kept_for_good_under_their_version(app: Flask) -> None:
    found = app.jinja_env.globals["static"]("form.js")
    client = app.test_client()

    versioned, bare = client.get(found), client.get(found.split("?")[0])

    assert versioned.status_code == bare.status_code == 200
    assert "immutable" in versioned.headers["Cache-Control"]
    assert bare.headers["Cache-Control"] == "no-cache"
    assert client.get(found.split("?")[0], headers={"If-None-Match": bare.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/static/../web/json.py", "/static/%2e%2e/%2e%2e/web/json.py", "/assets/vendor/../../site.py"]
)
def test_no_file_outside_the_folders_is_served(anonymous: Client, path: str) -> None:
    assert anonymous.request("GET", path).status == 404


# A page without a session


def test_a_browser_is_sent_to_sign_in_and_back(anonymous: Client) -> None:
    answer = anonymous.request("GET", "/page?tab=%E4%B8%80&x=1", Accept=HTML)

    assert answer.status == 302
    assert unquote(answer.headers["location"]) == "/login?next=/page?tab=%E4%B8%80&x=1"


def test_a_script_gets_its_401_as_json(anonymous: Client) -> None:
    answer = anonymous.request("GET", "/page")

    assert (answer.status, answer.json["exc_type"]) == (401, "AuthenticationError")


def test_a_form_sent_without_a_session_is_not_redirected_away(anonymous: Client) -> None:
    answer = anonymous.request("POST", "/page", "subject=x", Accept=HTML, Content_Type="application/x-www-form-urlencoded")

    assert answer.status == 401


# Errors


def test_an_unexpected_error_shows_a_number_and_nothing_inside(anonymous: Client) -> None:
    answer = anonymous.request("GET", "/broken", X_Request_Id="seen-by-the-person-1")

    assert answer.status == 500
    assert "seen-by-the-person-1" in answer.json["message"]
    assert "secret inside" not in answer.body.decode()
    assert "Traceback" not in answer.body.decode()


@pytest.mark.parametrize("sent", ["x" * 65, "a b", "a\tb", "<script>", "", "编号".encode().decode("latin-1")])
def test_a_request_id_that_is_no_id_is_replaced(anonymous: Client, sent: str) -> None:
    assert re.fullmatch(r"[0-9a-z]{16}", anonymous.request("GET", "/health", X_Request_Id=sent).headers["x-request-id"])


def test_a_database_that_is_gone_answers_503_in_words(app: Flask, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> Any:
        raise StorageUnavailable(Text("数据库暂时无法使用。", "The database is not available."))

    monkeypatch.setattr(site.database, "read", gone)
    client = app.test_client()
    client.set_cookie("sid", "x")

    for path in ("/health", "/api/resource/Repair%20Ticket"):
        answer = client.get(path)
        assert (answer.status_code, answer.json["exc_type"]) == (503, "DatabaseUnavailable")


def test_a_wrong_address_or_verb_is_told_in_the_envelope(li: Client) -> None:
    missing = li.request("GET", "/api/nowhere")
    assert (missing.status, missing.json["exc_type"]) == (404, "DoesNotExistError")
    wrong = li.request("PATCH", resource("Repair Ticket", "x"))
    assert wrong.status == 405
    assert json.loads(json.loads(wrong.json["_server_messages"])[0])["message"] == wrong.json["message"]


def test_what_an_error_quotes_is_not_run_as_a_page(li: Client) -> None:
    answer = li.request("GET", "/api/resource/%3Cscript%3Ealert(1)%3C%2Fscript%3E", Accept=HTML)

    assert answer.headers["content-type"] == "application/json"


# Language


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({}, "请先登录。", id="the site's"),
        pytest.param({"Accept-Language": "en-GB,en;q=0.9"}, "Please sign in first.", id="the browser's wish"),
        pytest.param({"Accept-Language": "en", "Cookie": "language=zh"}, "请先登录。", id="the switch before the browser"),
        pytest.param({"Accept-Language": "fr"}, "请先登录。", id="a language there is not"),
    ],
)
def test_messages_speak_the_readers_language(anonymous: Client, headers: dict[str, str], expected: str) -> None:
    anonymous.headers |= headers

    assert anonymous.request("GET", "/api/method/frappe.auth.get_logged_user").json["message"] == expected


def test_a_signed_in_reader_has_their_own_language_or_the_switch(li: Client) -> None:
    li.headers["Accept-Language"] = "en"
    assert "没有" in li.request("GET", "/nowhere").json["message"]
    li.headers["Cookie"] += "; language=en"
    assert "There is no" in li.request("GET", "/nowhere").json["message"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param("en", "There is no", id="another than the user's own"),
        pytest.param("en-GB,en;q=0.9,zh;q=0.1", "There is no", id="with regions and weights"),
        pytest.param("zh-CN", "没有编号", id="the user's own"),
        pytest.param("fr", "没有编号", id="a language there is not"),
        pytest.param("", "没有编号", id="none"),
    ],
)
def test_a_call_of_the_api_is_answered_in_the_language_it_asks_for(li: Client, asked: str, expected: str) -> None:
    li.headers["Accept-Language"] = asked

    assert expected in li.request("GET", "/api/resource/Repair%20Ticket/none").json["message"]


def test_signing_out_forgets_session_and_switch(signed_in: Callable[[str], Client], app: Flask) -> None:
    client = app.test_client()
    client.post("/api/method/login", json={"usr": "li", "pwd": PASSWORD})
    client.set_cookie("language", "en")

    client.get("/api/method/logout")

    assert client.get_cookie("sid") is None
    assert client.get_cookie("language") is None


# JSON


def test_json_may_be_as_deep_as_the_limit_and_no_deeper() -> None:
    what = Text("内容", "The content")

    assert read_json("[" * MAX_DEPTH + "]" * MAX_DEPTH, what)
    with pytest.raises(Exception, match="nested more than 20"):
        read_json("[" * MAX_DEPTH + "[1]" + "]" * MAX_DEPTH, what)
    assert len(read_json("[" + ",".join(["[]"] * 500) + "]", what)) == 500


def test_the_version_of_a_file_is_its_content_whatever_its_time(tmp_path: Path) -> None:
    file = tmp_path / "form.js"
    versions = set()
    for text in ("one", "two"):
        file.write_text(text, "utf-8")
        os.utime(file, (1_580_601_600, 1_580_601_600))  # every release may carry the same time
        assets._digest.cache_clear()
        versions.add(assets._version(file))

    assert len(versions) == 2


# Compressed on the way


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_text_leaves_in_the_coding_that_the_browser_takes(app: Flask, coding: str) -> None:
    browser = app.test_client()
    plain = browser.get("/static/guiju/form-grid.js")
    sent = browser.get("/static/guiju/form-grid.js", headers={"Accept-Encoding": coding})

    assert plain.headers.get("Content-Encoding") is None
    assert sent.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in sent.headers["Vary"]
    assert len(sent.data) < len(plain.data) / 2


def test_small_answers_and_parts_of_files_leave_as_they_are(app: Flask) -> None:
    browser = app.test_client()
    small = browser.get("/api/method/ping", headers={"Accept-Encoding": "gzip"})
    part = browser.get("/static/guiju/form-grid.js", headers={"Accept-Encoding": "gzip", "Range": "bytes=0-1999"})

    assert small.headers.get("Content-Encoding") is None
    assert (part.status_code, part.headers.get("Content-Encoding"), len(part.data)) == (206, None, 2000)


@pytest.mark.parametrize(
    "value", ["\ud800", 2**70, {(1, 2): 2**70}, object(), "两\n行"], ids=["half a character", "large", "key", "object", "words"]
)
def test_whatever_is_told_is_a_line_of_the_log(value: Any) -> None:
    told = request_log.line({"event": "failed", "value": value})

    assert "\n" not in told
    assert json.loads(told)["event"] == "failed"
    assert told.encode()
