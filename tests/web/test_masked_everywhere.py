"""A field of any type may be masked: whoever lacks the right sees the same mask in form, list, REST, export, print, timeline and
comparison, and every page still works."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from every_type import EVERY_TYPE, FILLED
from flask.testing import FlaskClient

from server.access.user import User
from server.app import create_app
from server.core.clock import SettableClock
from server.core.values import Masked
from server.exchange.packs import Source
from server.site import Site, open_site

ADMIN = User.administrator()
CORE = ("User", "Role", "Has Role", "Department", "User Permission")
EVERYDAY: dict[str, tuple[str, Any, str]] = {
    "price": ("Currency", "7788.99", "7,788.99"), "rate": ("Percent", "77.88", "77.88"), "hours": ("Float", "77.889", "77.889"),
    "pieces": ("Int", 778899, "778899"), "since": ("Date", "2017-08-09", "2017-08-09"), "at": ("Datetime", "2017-08-09 10:11", "08-09 10:11"),
    "clock": ("Time", "07:58:59", "07:58"), "took": ("Duration", 98765, "98765"), "kind": ("Select", "Red", "Red"), "yes": ("Check", 1, ""),
    "who": ("Link", "主轴异响", "主轴异响"), "long": ("Text", "机密正文", "机密正文"), "rich": ("Text Editor", "<p>机密格式</p>", "机密格式"),
    "account": ("Data", "6222020200112233445", "62220202001122"),
}  # fmt: skip
OPTIONS = {"kind": "Red\nGreen", "who": "Symptom"}


def masked_type() -> dict[str, Any]:
    visit: Any = EVERY_TYPE[-1]
    fields = [{**item, **({} if item["fieldtype"] == "Password" else {"mask": 1})} for item in visit["fields"]]
    further = [
        {
            "fieldname": name,
            "fieldtype": kind,
            "options": OPTIONS.get(name),
            "mask": 1,
            "in_list_view": name in ("price", "since"),
        }
        for name, (kind, _, _) in EVERYDAY.items()
    ]
    role = {"role": "Clerk", "read": 1, "write": 1, "print": 1, "export": 1}
    return {**visit, "fields": [*fields, *further], "permissions": [*visit["permissions"], role]}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    clock = SettableClock(datetime(2026, 6, 15, 1, 0, tzinfo=UTC))
    site = open_site(tmp_path_factory.mktemp("masked"), clock=clock, environ={}, embedded_worker=False)
    core = [source for source in site.read_packs().sources if source.kind == "DocType" and source.name in CORE]
    pieces = [Source("DocType", str(piece["name"]), dict(piece)) for piece in (*EVERY_TYPE[:-1], masked_type())]
    site.publisher.publish(site.publisher.propose([*core, *pieces]), "tests")
    for role in ("Clerk", "System Manager"):
        site.documents.save(ADMIN, "Role", {"role_name": role})
    for title in ("主轴异响", "漏油"):
        site.documents.save(ADMIN, "Symptom", {"title": title})
    site.documents.save(ADMIN, "User", {"login": "li", "full_name": "李工", "enabled": 1, "roles": [{"role": "Clerk"}]})
    site.accounts.set_password("li", "masked-Password-1")
    site.documents.save(ADMIN, "Site Visit", {"name": "回访-001"})
    values = {name: value for name, value in FILLED.items() if name != "name"} | {
        name: value for name, (_, value, _) in EVERYDAY.items()
    }
    site.documents.save(ADMIN, "Site Visit", values, name="回访-001")
    yield site
    site.close()


@pytest.fixture(scope="module")
def browser(site: Site) -> FlaskClient:
    client = create_app(site).test_client()
    token, _ = site.accounts.sign_in("li", "masked-Password-1", "127.0.0.1", "tests")
    client.set_cookie("sid", token)
    return client


def hidden_texts() -> list[str]:
    everyday = [
        shown for _, _, shown in EVERYDAY.values() if shown not in ("", "主轴异响", "Red")
    ]  # tags and choices hold them, too
    rare = [str(FILLED[name]) for name in ("phone", "mail", "manual", "barcode", "place", "lamp")]
    return [*everyday, *rare, "2000 rpm", "G1 Z-20", "max_rpm", "已安排", "2017-08-09"]


@pytest.mark.parametrize("path", ["/form/Site Visit/回访-001", "/list/Site Visit", "/api/resource/Site Visit/回访-001", '/api/resource/Site Visit?fields=["*"]', "/export/Site Visit", "/versions/Site Visit/回访-001"])  # fmt: skip
def test_no_page_shows_what_is_masked(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 200
    assert [text for text in hidden_texts() if text in answer.text] == []
    assert "****" in answer.text


def test_no_print_shows_what_is_masked(browser: FlaskClient, tmp_path: Path) -> None:
    answer = browser.get("/print/Site Visit/回访-001?format=Standard")
    (tmp_path / "visit.pdf").write_bytes(answer.data)

    assert answer.status_code == 200
    read = subprocess.run(["pdftotext", "-layout", str(tmp_path / "visit.pdf"), "-"], capture_output=True, check=True)
    text = read.stdout.decode()
    assert [hidden for hidden in hidden_texts() if hidden in text] == []
    assert "****" in text


def test_what_the_form_sends_back_leaves_every_masked_value(site: Site, browser: FlaskClient) -> None:
    clerk = site.user("li")
    shown = site.documents.load(clerk, "Site Visit", "回访-001")
    before = site.documents.load(ADMIN, "Site Visit", "回访-001")

    site.documents.save(
        clerk, "Site Visit", {name: value for name, value in shown.items() if name != "symptoms"}, name="回访-001"
    )

    masked = [name for name, value in shown.items() if isinstance(value, Masked)]
    after = site.documents.load(ADMIN, "Site Visit", "回访-001")
    assert len(masked) > 24
    assert {name: after[name] for name in masked} == {name: before[name] for name in masked}


def test_the_admin_ui_masks_and_keeps_masked_values_like_the_desk(site: Site) -> None:
    fields = [{"fieldname": "title", "fieldtype": "Data", "in_list_view": 1}, {"fieldname": "since", "fieldtype": "Date", "mask": 1, "in_list_view": 1},
              {"fieldname": "level", "fieldtype": "Data", "permlevel": 1, "in_list_view": 1}, {"fieldname": "fee", "fieldtype": "Currency", "mask": 1}]  # fmt: skip
    kept = {
        "doctype": "DocType",
        "name": "Kept",
        "fields": fields,
        "permissions": [{"role": "System Manager", "read": 1, "write": 1}],
    }
    site.publisher.publish(site.publisher.propose([Source("DocType", "Kept", kept)]), "tests")
    name = site.documents.save(ADMIN, "Kept", {"title": "x", "since": "2017-08-09", "level": "hidden-one", "fee": 7788}).name
    site.documents.save(
        ADMIN, "User", {"login": "zhang", "full_name": "张工", "enabled": 1, "roles": [{"role": "System Manager"}]}
    )
    site.accounts.set_password("zhang", "masked-Password-2")
    client = create_app(site).test_client()
    token, _ = site.accounts.sign_in("zhang", "masked-Password-2", "127.0.0.1", "tests")
    client.set_cookie("sid", token)
    session = site.accounts.session(token)
    assert session is not None

    pages = [client.get("/admin/doc/Kept/"), client.get(f"/admin/doc/Kept/edit/?id={name}")]
    assert [page.status_code for page in pages] == [200, 200]
    assert not any(text in page.text for page in pages for text in ("2017-08-09", "hidden-one", "7788", "7,788"))
    sent = {"csrf_token": session.csrf, "title": "y", "since": "****", "fee": "****"}
    client.post(f"/admin/doc/Kept/edit/?id={name}", data=sent)
    record = site.documents.load(ADMIN, "Kept", name)
    assert (record["title"], str(record["since"]), record["fee"], record["level"]) == ("y", "2017-08-09", 7788, "hidden-one")
