"""What a phone keeps: its reader's own open work, what they may read of it, and a save that is sent twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.access.user import User
from server.site import Site

Lends = Callable[..., str]
JSON = {"Accept": "application/json"}


@pytest.fixture
def kept(signed_in: FlaskClient) -> dict[str, Any]:
    return signed_in.get("/mine/kept").get_json()


def test_only_ones_own_open_work_is_kept(signed_in: FlaskClient, lends: Lends) -> None:
    mine, somebody_elses, done = lends(borrower="li"), lends(), lends(borrower="li", kind="Cutter")

    kept = signed_in.get("/mine/kept").get_json()
    page = signed_in.get("/mine").get_data(as_text=True)

    assert kept["user"] == "li"
    assert f"/form/Tool%20Loan/{mine}" in kept["pages"]
    assert {f"/form/Tool%20Loan/{name}" for name in (somebody_elses, done)} & set(kept["pages"]) == set()
    assert (mine in page, somebody_elses in page, done in page) == (True, False, False)


def test_the_stamp_of_a_page_changes_with_its_record_only(signed_in: FlaskClient, site: Site, li: User, lends: Lends) -> None:
    changed, same = lends(borrower="li"), lends(borrower="li")
    before = signed_in.get("/mine/kept").get_json()["pages"]

    site.documents.save(li, "Tool Loan", {"qty": 2}, name=changed)

    after = signed_in.get("/mine/kept").get_json()["pages"]
    places = [f"/form/Tool%20Loan/{name}" for name in (changed, same)]
    assert [before[place] == after[place] for place in places] == [False, True]


def test_the_choices_of_link_fields_are_kept(signed_in: FlaskClient, kept: dict[str, Any]) -> None:
    found = signed_in.get("/mine/choices/User", headers=JSON).get_json()

    assert (kept["choices"], "li" in {item["value"] for item in found["choices"]}) == (["User"], True)


@pytest.mark.parametrize("path", ["/mine", "/mine/kept", "/mine/session", "/mine/choices/User"])
def test_nothing_is_told_to_whoever_is_not_signed_in(visitor: FlaskClient, path: str) -> None:
    assert visitor.get(path, headers=JSON).status_code == 401


def test_the_app_is_installable_and_its_worker_goes_with_the_release(visitor: FlaskClient) -> None:
    manifest, worker = visitor.get("/manifest.webmanifest"), visitor.get("/service-worker.js")

    files = re.findall(r'"(/(?:static|assets)/[^"]+)"', worker.get_data(as_text=True).splitlines()[1])
    icons = [icon["src"] for icon in manifest.get_json()["icons"]]
    assert (manifest.mimetype, worker.mimetype, worker.headers["Cache-Control"]) == (
        "application/manifest+json",
        "text/javascript",
        "no-cache",
    )
    assert {visitor.get(address).status_code for address in [*files, *icons, "/offline"]} == {200}
    assert "li" not in re.findall(r'data-user="([^"]*)"', visitor.get("/offline").get_data(as_text=True))


def test_the_worker_keeps_every_script_that_a_kept_one_imports(visitor: FlaskClient) -> None:
    files = re.findall(r'"(/static/[^"]+\.js)\?', visitor.get("/service-worker.js").get_data(as_text=True).splitlines()[1])

    texts = [visitor.get(path).get_data(as_text=True) for path in files]
    imported = {name for text in texts for name in re.findall(r'^import .*"\./([\w-]+\.js)"', text, re.MULTILINE)}

    assert imported - {path.rpartition("/")[2] for path in files} == set()
    assert "/static/guiju/form.js" in files


def test_a_change_that_is_sent_twice_happens_once_and_tells_the_version(
    signed_in: FlaskClient, site: Site, li: User, lends: Lends
) -> None:
    name = lends(borrower="li")
    csrf = signed_in.get("/mine/session").get_json()["csrf"]
    sent = {"csrf_token": csrf, "_key": f"key-{name}", "_replay": "1", "_version": "1", "_action": "save", "tool": "内径千分尺"}

    first, again = (signed_in.post(f"/form/Tool%20Loan/{name}", data=sent, headers=JSON).get_json() for _ in range(2))

    assert (first["ok"], again["ok"], first["version"], again["version"]) == (True, True, 2, 2)
    assert site.documents.load(li, "Tool Loan", name)["version"] == 2


@pytest.mark.parametrize(
    ("waited", "told"),
    [
        ("59", None),
        ("60", "2026-06-15 08:59"),
        ("5400", "2026-06-15 07:30"),
        (str(90 * 86400), "2026-03-17 09:00"),
        (str(90 * 86400 + 1), None),
        ("-5400", None),
        ("long", None),
    ],
)
def test_the_timeline_tells_when_a_save_was_made_that_waited_for_the_network(
    signed_in: FlaskClient, site: Site, li: User, lends: Lends, waited: str, told: str | None
) -> None:
    name = lends(borrower="li")
    csrf = signed_in.get("/mine/session").get_json()["csrf"]
    sent = {
        "csrf_token": csrf,
        "_key": f"late-{name}",
        "_replay": "1",
        "_version": "1",
        "_action": "save",
        "tool": "内径千分尺",
    }

    signed_in.post(f"/form/Tool%20Loan/{name}", data={**sent, "_waited": waited}, headers=JSON)

    newest = site.queries.history(li, "Tool Loan", name, 1)[0]
    said = newest.reason
    assert (said and said.zh, said and said.en) == (
        (f"无网络时保存于 {told}（按该设备计时）", f"saved without network at {told}, as the device counts")
        if told
        else (None, None)
    )
    assert newest.at == site.clock.now()  # by the server's clock, whatever the device says


def test_after_somebody_elses_change_a_repeated_save_tells_no_version(signed_in: FlaskClient, site: Site, lends: Lends) -> None:
    """What comes after it on the phone is then judged as a conflict, not put on top unseen."""
    name = lends(borrower="li")
    csrf = signed_in.get("/mine/session").get_json()["csrf"]
    sent = {"csrf_token": csrf, "_key": f"key-{name}", "_replay": "1", "_version": "1", "_action": "save", "tool": "内径千分尺"}
    signed_in.post(f"/form/Tool%20Loan/{name}", data=sent, headers=JSON)
    site.documents.save(User.administrator(), "Tool Loan", {"qty": 9}, name=name)

    again = signed_in.post(f"/form/Tool%20Loan/{name}", data=sent, headers=JSON).get_json()

    assert (again["ok"], again["version"]) == (True, None)


@pytest.mark.parametrize(("chosen", "root"), [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"'), ("auto", "")])
def test_the_appearance_is_this_browsers_choice(signed_in: FlaskClient, chosen: str, root: str) -> None:
    signed_in.get(f"/theme/{chosen}", headers={"Referer": "http://localhost/mine?x=1"})

    page = signed_in.get("/mine").get_data(as_text=True)

    assert re.findall(r"<html[^>]*?(data-theme=\"\w+\")?>", page) == [root]
    assert signed_in.get("/theme/pink").status_code == 404
