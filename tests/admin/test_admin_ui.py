"""The admin UI: metadata is checked before it is published, records go through the services, and only administrators get in."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from admin_people import signed_in
from flask.testing import FlaskClient
from sqlalchemy import insert

from server.access.user import User
from server.app import create_app
from server.core.errors import NotFound, NotSignedIn
from server.exchange.packs import Source
from server.jobs import outbox
from server.site import Site
from server.storage.system import timer

CHECKLIST = {
    "name": "Line Clearance", "module": "site", "label": {"zh": "清场检查", "en": "Line Clearance"}, "autoname": "LC-.####", "title_field": "line",
    "fields": [
        {"fieldname": "line", "fieldtype": "Data", "label": {"zh": "产线", "en": "Line"}, "reqd": 1, "in_list_view": 1},
        {"fieldname": "clean", "fieldtype": "Check", "label": {"zh": "已清洁", "en": "Clean"}},
    ],
    "permissions": [{"role": "System Manager", "read": 1, "write": 1, "create": 1, "delete": 1}],
}  # fmt: skip


def said(answer: Any) -> str:
    return html.unescape(answer.text)


@pytest.mark.parametrize(
    "address",
    ["/admin/", "/admin/doctypes/", "/admin/rules/", "/admin/formats/", "/admin/series/", "/admin/outbox/", "/admin/audit/",
     "/admin/plans/", "/admin/packs/", "/admin/customisations/", "/admin/passwords/", "/admin/signatures/", "/admin/keys/", "/admin/doc/User/", "/admin/doc/Customer/new/", "/admin/doctypes/edit?name=Customer"],
)  # fmt: skip
def test_every_page_opens_for_an_administrator_and_for_nobody_else(site: Site, address: str) -> None:
    assert signed_in(site, "root").get(address).status_code == 200
    assert signed_in(site, "clerk").get(address).status_code == 403


def test_the_overview_tells_what_of_the_first_hour_is_done(site: Site) -> None:
    root = signed_in(site, "root")
    before = said(root.get("/admin/"))
    drawn = Source("DocType", "first_hour.json", CHECKLIST | {"name": "First Hour Checklist"})

    site.publisher.publish(site.publisher.propose([drawn]), "root", origin="site")
    after = said(root.get("/admin/"))

    step = r'<li class="(is-done|)">(?:(?!</li>).)*href="/admin/builder/"'
    assert [found.group(1) for page in (before, after) if (found := re.search(step, page, re.DOTALL))] == ["", "is-done"]


def test_a_list_of_metadata_leads_to_where_a_piece_is_drawn_by_its_title(site: Site) -> None:
    root = signed_in(site, "root")
    root.set_cookie("language", "zh")

    shown = said(root.get("/admin/doctypes/?q=Customer"))

    assert '<a href="/admin/builder/?name=Customer">客户</a>' in shown
    assert '<a href="/admin/doctypes/edit?name=Customer">JSON</a>' in shown
    assert "<td>基础资料</td>" in shown  # the module as people call it
    assert "<td>masters</td>" not in shown


@pytest.mark.parametrize(("language", "said"), [("zh", "展开或收起菜单"), ("en", "Open or close the menu")])
def test_the_button_of_the_menu_says_what_it_does(admin: FlaskClient, language: str, said: str) -> None:
    admin.set_cookie("language", language)
    page = admin.get("/admin/").text

    assert f'aria-label="{said}"' in page
    assert "Toggle navigation" not in page


EDITORS = {
    "/admin/builder/": "单据类型", "/admin/doctypes/edit": "单据类型", "/admin/rules/edit": "规则", "/admin/formats/design": "打印格式",
    "/admin/formats/edit": "打印格式", "/admin/workflows/diagram": "流程", "/admin/workflows/edit": "流程", "/admin/reports/edit": "报表",
}  # fmt: skip


@pytest.mark.parametrize(("address", "kind"), EDITORS.items(), ids=[address.strip("/") for address in EDITORS])
def test_an_editor_says_that_there_is_no_such_piece(admin: FlaskClient, address: str, kind: str) -> None:
    admin.set_cookie("language", "zh")
    answer = admin.get(f"{address}?name=Customr")

    assert (answer.status_code, f"没有名为“Customr”的{kind}" in answer.text) == (404, True)
    assert admin.get(address, follow_redirects=True).status_code == 200  # without a name it begins a new one


def test_an_english_sentence_names_a_kind_of_piece_in_small_letters(admin: FlaskClient) -> None:
    admin.set_cookie("language", "en")

    assert "There is no record type called" in admin.get("/admin/builder/?name=Customr").text


def test_a_publication_names_the_kinds_of_its_pieces_in_the_readers_language(admin: FlaskClient) -> None:
    pages = []
    for language in ("zh", "en"):
        admin.set_cookie("language", language)
        pages.append(admin.get("/admin/plans/").text)

    for said in (
        ("单据类型 Customer（新增）", "Record type Customer (new)"),
        ("规则 ticket-emergency（新增）", "Rule ticket-emergency (new)"),
    ):
        assert tuple(text in page for text, page in zip(said, pages, strict=True)) == (True, True)
        assert said[1].split(" (")[0] not in pages[0]


def test_who_is_not_signed_in_is_sent_to_sign_in(site: Site) -> None:
    answer = create_app(site).test_client().get("/admin/doctypes/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login")


def test_a_new_doctype_is_usable_at_once(site: Site, admin: FlaskClient, post: Callable[..., Any]) -> None:
    text = json.dumps(CHECKLIST, ensure_ascii=False)

    checked = post("/admin/doctypes/edit", json=text, action="check")
    assert "create" in said(checked).lower()
    assert "Line Clearance" not in site.snapshot().model
    assert post("/admin/doctypes/edit", json=text, action="publish").status_code == 302

    assert admin.get("/list/Line Clearance").status_code == 200
    assert admin.get("/form/Line Clearance/new").status_code == 200
    assert admin.get("/api/resource/Line Clearance").json == {"data": []}
    assert post("/admin/doc/Line Clearance/new/", line="L1", clean="1").status_code == 302
    record = site.documents.load(User.administrator(), "Line Clearance", "LC-0001")
    assert (record["line"], record["clean"], record["owner"]) == ("L1", 1, "root")


def test_a_changed_property_is_planned_published_and_in_the_history(
    site: Site, post: Callable[..., Any], admin: FlaskClient
) -> None:
    text = json.dumps(CHECKLIST)
    post("/admin/doctypes/edit", json=text, action="publish")
    changed = {**CHECKLIST, "fields": [*CHECKLIST["fields"], {"fieldname": "due", "fieldtype": "Date"}]}  # type: ignore[misc]

    plan = post(
        "/admin/doctypes/edit?name=Line Clearance",
        json=json.dumps(changed),
        action="check",
        p__retention_years="5",
        was__retention_years="",
    )

    assert "due" in said(plan)
    assert '"retention_years": 5' in said(plan)
    post("/admin/doctypes/edit?name=Line Clearance", json=json.dumps(changed), action="publish")
    assert admin.get("/admin/doctypes/history?name=Line Clearance").text.count('class="admin-version"') == 2


@pytest.mark.parametrize(
    ("address", "piece", "expected"),
    [
        pytest.param(
            "/admin/doctypes/edit", {**CHECKLIST, "fields": [{"fieldname": "a", "fieldtype": "Selec"}, {"fieldname": "b", "fieldtype": "Link"}]},
            ['fields[0].fieldtype', 'Did you mean "Select"?', "fields[1].options"], id="a wrong DocType",
        ),
        pytest.param(
            "/admin/formats/edit",
            {"doctype": "Print Format", "name": "p", "doc_type": "Customer", "title": "P", "html": "<p>{{ doc.custmer_name }}</p>"},
            ["custmer_name"], id="a print format naming an unknown field",
        ),
    ],
)  # fmt: skip
def test_every_fault_is_shown_in_words_and_nothing_changes(
    site: Site, post: Callable[..., Any], address: str, piece: dict[str, Any], expected: list[str]
) -> None:
    version = site.snapshot().version
    answer = post(address, json=json.dumps(piece), action="publish")
    assert answer.status_code == 422
    for word in expected:
        assert word in said(answer)
    assert site.snapshot().version == version


def test_text_that_is_no_json_stays_on_the_page(post: Callable[..., Any]) -> None:
    answer = post("/admin/doctypes/edit", json='{"name": "Half', action="publish")
    assert answer.status_code == 422
    assert "not valid JSON" in said(answer)
    assert '{"name": "Half' in said(answer)


def test_records_are_changed_through_the_services(site: Site, post: Callable[..., Any]) -> None:
    refused = post("/admin/doc/Customer/new/", customer_name="")
    assert refused.status_code == 200
    assert "required" in said(refused)
    assert site.queries.count(User.administrator(), "Customer").value == 0

    root = site.documents.load(User.administrator(), "User", "clerk")
    page = "/admin/doc/User/edit/?id=clerk"
    fields = {
        "login": "clerk",
        "full_name": "Clerk Kent",
        "enabled": "1",
        "language": root["language"] or "",
        "version_read": str(root["version"]),
    }
    rows = json.dumps([{"name": row["name"], "role": row["role"]} for row in root["roles"]])
    assert post(page, **fields, roles=rows).status_code == 302
    changed = site.documents.load(User.administrator(), "User", "clerk")
    assert changed["full_name"] == "Clerk Kent"
    assert [row["role"] for row in changed["roles"]] == ["Customer Service"]
    assert site.queries.history(User.administrator(), "User", "clerk")[0].by == "root"

    stale = post(page, **{**fields, "full_name": "Again"}, roles=rows)
    assert "was changed by" in said(stale)


def test_a_password_is_changed(site: Site, post: Callable[..., Any]) -> None:
    assert "is changed" in said(post("/admin/passwords/", login="clerk", password="another-good-one"))
    assert post("/admin/passwords/", login="clerk", password="short").status_code == 417
    assert post("/admin/passwords/", login="nobody", password="a-good-one").status_code == NotFound.status
    assert site.accounts.sign_in("clerk", "another-good-one")


def test_a_new_password_for_a_disabled_user_says_that_they_stay_disabled(site: Site, post: Callable[..., Any]) -> None:
    site.documents.save(User.administrator(), "User", {"enabled": 0}, name="clerk")

    assert "stays disabled" in said(post("/admin/passwords/", login="clerk", password="another-good-one"))


def test_a_key_is_shown_once_listed_and_revoked(site: Site, admin: FlaskClient, post: Callable[..., Any]) -> None:
    made = said(post("/admin/keys/", login="clerk", title="MES"))
    key, secret = made.split("token ")[1].split("<")[0].split(":")
    assert site.accounts.user_of_api_key(key, secret).name == "clerk"
    assert post("/admin/keys/", login="nobody").status_code == NotFound.status

    listed = said(admin.get("/admin/keys/?login=clerk"))
    assert key in listed
    assert "MES" in listed
    assert "in force" in listed
    assert secret not in listed
    assert key not in said(admin.get("/admin/keys/?login=root"))

    assert post("/admin/keys/", address_of_form="/admin/keys/revoke", key=key).status_code == 302
    assert "revoked" in said(admin.get("/admin/keys/"))
    with pytest.raises(NotSignedIn):
        site.accounts.user_of_api_key(key, secret)
    trail = said(admin.get("/admin/audit/"))
    assert trail.count(f"API Key {key}") == 2
    assert "chain is whole" in said(post("/admin/audit/"))


def test_the_outbox_tells_when_to_whom_and_what_went_wrong(site: Site, admin: FlaskClient, post: Callable[..., Any]) -> None:
    payload = {"title": {"zh": "请处理", "en": "Please act"}, "doctype": "User", "name": "clerk"}
    now = site.clock.now()
    with site.database.write() as connection:
        outbox.enqueue(connection, "notification", payload | {"user": "clerk"}, "one", now)
        outbox.enqueue(connection, "notification", payload | {"role": "Customer Service"}, "two", now)
        connection.exec_driver_sql(
            "UPDATE gj_outbox SET state = 'dead', attempts = 8, error = 'no answer' WHERE payload LIKE '%%role%%'"
        )

    page = said(admin.get("/admin/outbox/"))
    assert page.count("2026-03-02 09:00") == 3, "both were made then, and the first is due"
    for words in ("Clerk", "Customer Service", "in-app notification", "Please act", "waiting", "given up", "no answer"):
        assert words in page

    number = re.search(r'name="id" value="(\d+)"', page)
    assert number is not None
    assert post("/admin/outbox/", address_of_form="/admin/outbox/retry", id=number.group(1)).status_code == 302
    assert "given up" not in said(admin.get("/admin/outbox/"))


def test_a_change_without_the_pages_token_is_refused(site: Site, admin: FlaskClient) -> None:
    answer = admin.post("/admin/doctypes/edit", data={"json": json.dumps(CHECKLIST), "action": "publish"})
    assert answer.status_code == 403
    assert "Line Clearance" not in site.snapshot().model


def test_no_address_takes_a_change_without_the_pages_token(admin: FlaskClient) -> None:
    adapter = admin.application.url_map.bind("localhost")
    changes = [
        (method, adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "1"), method=method))
        for rule in admin.application.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"})
        if rule.rule != "/login"  # nobody is signed in yet
    ]

    answers = {change: admin.open(change[1], method=change[0], headers={"Accept": "application/json"}) for change in changes}

    assert {change: answer.status_code for change, answer in answers.items() if b"CSRFTokenError" not in answer.data} == {}
    assert {"POST", "PUT", "DELETE"} <= {method for method, _ in changes}


def test_a_publication_is_undone_after_its_plan_was_shown(site: Site, admin: FlaskClient, post: Callable[..., Any]) -> None:
    post("/admin/doctypes/edit", json=json.dumps(CHECKLIST, ensure_ascii=False), action="publish")
    version = site.snapshot().version
    assert "Record type Line Clearance (new)" in said(admin.get("/admin/plans/"))

    shown = said(post("/admin/plans/", address_of_form="/admin/plans/undo", version=version))
    assert "take out of force: Record type Line Clearance" in shown
    assert "Line Clearance" in site.snapshot().model
    done = post("/admin/plans/", address_of_form="/admin/plans/undo", version=version, base=version)
    assert done.status_code == 302

    assert "Line Clearance" not in site.snapshot().model
    refused = post("/admin/plans/", address_of_form="/admin/plans/undo", version=version)
    assert (refused.status_code, "was undone already" in said(refused)) == (417, True)


def test_a_time_rule_that_failed_stands_on_the_first_page(site: Site, admin: FlaskClient) -> None:
    assert "Time rules failed" not in said(admin.get("/admin/"))
    row = {"doctype": "User", "name": "clerk", "rule": "gone", "place": 0, "state": "failed", "fire_at": site.clock.now()}
    with site.database.write() as connection:
        connection.execute(insert(timer).values(row))

    page = said(admin.get("/admin/"))

    assert "Time rules failed" in page
    assert re.search(r'<a href="/form/User/clerk">clerk</a> · gone', page)


def test_the_audit_page_speaks_as_people_do(admin: FlaskClient) -> None:
    admin.set_cookie("language", "zh")

    page = admin.get("/admin/audit/").text

    assert "新建" in page
    assert re.search(r'<a href="/form/User/clerk">用户 clerk</a>', page)


def test_the_audit_page_verifies_the_chain(site: Site, post: Callable[..., Any]) -> None:
    assert "chain is whole" in said(post("/admin/audit/"))
    with site.database.write() as connection:
        connection.exec_driver_sql("UPDATE tab_user SET full_name = 'Mallory' WHERE name = 'clerk'")
    assert "clerk" in said(post("/admin/audit/"))


def test_the_rights_page_answers_for_a_user_and_says_why(admin: FlaskClient) -> None:
    asked = admin.get("/admin/rights/").text
    page = admin.get("/admin/rights/?login=root&doctype=User").text

    assert '<option value="User">' in asked
    assert "System Manager" in page
    assert admin.get("/admin/rights/?login=nobody&doctype=User").status_code == 404


def test_a_decision_table_goes_out_as_dmn_and_csv(admin: FlaskClient) -> None:
    assert b'hitPolicy="FIRST"' in admin.get("/admin/rules/table?name=ticket-dispatch-time&to=dmn").data
    assert b"set dispatch_hours" in admin.get("/admin/rules/table?name=ticket-dispatch-time&to=csv").data
    assert admin.get("/admin/rules/table?name=ticket-emergency").status_code == 404


def test_a_publication_of_hundreds_of_pieces_is_folded(admin: FlaskClient, post: Callable[..., Any]) -> None:
    assert '<details class="admin-version" open>' not in admin.get("/admin/plans/").text

    post("/admin/doctypes/edit", json=json.dumps(CHECKLIST, ensure_ascii=False), action="publish")

    assert admin.get("/admin/plans/").text.count('<details class="admin-version" open>') == 1
