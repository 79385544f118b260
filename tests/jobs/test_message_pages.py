"""What the bell asks, what the settings page keeps, what the log shows, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from local_servers import Mailbox
from notified_office import ADMIN, furnish, log, mail_channel, say

from server.app import create_app
from server.core.clock import SettableClock
from server.doctor import examine
from server.site import Site, open_site


@pytest.fixture
def office(tmp_path: Path, clock: SettableClock) -> Iterator[Site]:
    site = open_site(tmp_path, clock=clock, environ={}, embedded_worker=False)
    furnish(site)
    site.documents.save(ADMIN, "Role", {"role_name": "System Manager"})
    site.documents.save(
        ADMIN,
        "User",
        {"login": "root", "full_name": "Root", "enabled": 1, "language": "en", "roles": [{"role": "System Manager"}]},
    )
    yield site
    site.close()


def signed_in(site: Site, login: str) -> FlaskClient:
    site.accounts.set_password(login, "a-good-one")
    token, _ = site.accounts.sign_in(login, "a-good-one", "127.0.0.1", "tests")
    client = create_app(site).test_client()
    client.set_cookie("sid", token)
    return client


def post(client: FlaskClient, page: str, to: str, **fields: Any) -> Any:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
    assert token is not None
    return client.post(to, data={"csrf_token": token[1], **fields})


def test_the_bell_answers_without_a_body_while_nothing_happened(office: Site, clock: SettableClock) -> None:
    li = signed_in(office, "li")
    first = li.get("/notifications/news")
    assert (first.json["unread"], first.json["fresh"]) == (0, [])
    tag = {"If-None-Match": first.headers["ETag"]}
    same = li.get("/notifications/news", headers=tag)
    assert (same.status_code, same.data) == (304, b"")
    say(office, user="li")
    news = li.get("/notifications/news", headers=tag)
    assert (news.status_code, news.json["unread"]) == (200, 1)
    assert news.json["fresh"][0]["url"] == "/form/Ticket/T-1"
    assert signed_in(office, "wang").get("/notifications/news", headers=tag).json["unread"] == 0


def test_a_page_that_is_left_open_keeps_no_session_alive(office: Site, clock: SettableClock) -> None:
    li = signed_in(office, "li")
    for _ in range(office.settings.session_hours):
        last = li.get("/notifications/news")
        clock.advance(hours=1)
    assert last.status_code == 200
    assert li.get("/notifications/news").status_code in (302, 401)


def test_the_settings_page_keeps_what_was_chosen_and_names_what_was_wrong(office: Site, mailbox: Mailbox) -> None:
    mail_channel(office, mailbox)
    li = signed_in(office, "li")
    page = "/account/notifications"
    fields = {
        "offered": "Mail",
        "channel:Mail": ["share", "due"],
        "when:due": "digest",
        "digest_hour": "7",
        "zone": "Asia/Tokyo",
    }
    assert post(li, page, page, **fields).status_code == 303
    chosen = office.notifications.choices(office.user("li")).preferences.to_json()
    assert chosen["channels"] == {"Mail": ["due", "share"]}
    assert (chosen["digest"], chosen["digest_hour"], chosen["quiet_from"], chosen["zone"]) == (["due"], 7, None, "Asia/Tokyo")
    refused = post(li, page, page, **fields | {"quiet": "on", "quiet_from": "7 o'clock", "quiet_to": "", "zone": "Mars"})
    assert refused.status_code == 422 or refused.status_code == 417
    assert refused.text.count("field-error") == 2
    assert office.notifications.choices(office.user("li")).preferences.to_json() == chosen


def test_the_log_shows_an_administrator_no_record_that_they_may_not_read(office: Site, mailbox: Mailbox) -> None:
    mail_channel(office, mailbox)
    say(office, title="客户名称", user="li")
    root = signed_in(office, "root")
    (row,) = log(office)
    listed, one = root.get("/admin/messages/"), root.get(f"/admin/messages/{row['id']}")
    assert listed.status_code == one.status_code == 200
    assert "li@example.com" in listed.text
    assert "T-1" not in listed.text
    assert "客户名称" not in one.text
    assert signed_in(office, "li").get("/admin/messages/").status_code == 403


def test_an_administrator_filters_sends_again_and_tests(office: Site, mailbox: Mailbox) -> None:
    mail_channel(office, mailbox)
    mailbox.answers = {"RCPT": "550 unknown"}
    say(office, role="Sales")
    root = signed_in(office, "root")
    assert "wang@example.com" not in root.get("/admin/messages/?user=li&state=dead").text
    row = log(office, user="li")[0]
    mailbox.answers = {}
    assert post(root, f"/admin/messages/{row['id']}", f"/admin/messages/{row['id']}/again").status_code == 302
    assert office.post_office.run_once() == 1
    tested = post(root, "/admin/messages/", "/admin/messages/test", target="email:Mail", address="me@example.com")
    assert "The test message was sent." in tested.text
    assert [mail["To"] for mail in mailbox.mails] == ["li@example.com", "me@example.com"]
    assert post(root, "/admin/messages/", "/admin/messages/test", target="email:Gone").status_code == 404


def test_doctor_names_messages_that_do_not_leave(office: Site, mailbox: Mailbox, clock: SettableClock) -> None:
    mail_channel(office, mailbox)
    clock.set(datetime(2020, 1, 1, tzinfo=UTC))  # long ago by the wall clock that doctor reads
    mailbox.answers = {"RCPT": "451 later"}
    say(office, user="li")
    found = [finding.text.en for finding in examine(office.settings.site_dir) if not finding.is_good]
    assert any(text.startswith("email: 1 messages wait for more than 15 minutes") for text in found)
