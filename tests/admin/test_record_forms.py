"""The admin UI's form of a record: what a new one starts with, links to choose from, rows of child tables."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

from every_type import EVERY_TYPE, FILLED
from flask.testing import FlaskClient

from server.access.user import User
from server.site import Site

ADMINISTRATOR = User.administrator()


def columns(page: str) -> list[dict[str, Any]]:
    found = re.search(r'data-columns="([^"]*)"', page)
    assert found is not None
    return list(json.loads(html.unescape(found.group(1))))


def test_a_new_record_starts_with_its_defaults(admin: FlaskClient) -> None:
    page = admin.get("/admin/doc/User/new/").text

    assert re.search(r'<input[^>]*name="enabled"[^>]*checked|<input[^>]*checked[^>]*name="enabled"', page)
    assert re.search(r'<option selected value="zh">', page)


def test_a_default_that_is_taken_out_stays_out(site: Site, post: Callable[..., Any]) -> None:
    rows = json.dumps([{"role": "Customer Service"}])

    assert post("/admin/doc/User/new/", login="li", full_name="Li", language="zh", roles=rows).status_code == 302

    record = site.documents.load(ADMINISTRATOR, "User", "li")
    assert record["enabled"] == 0, "the box was not ticked"
    assert [row["role"] for row in record["roles"]] == ["Customer Service"]


def test_a_link_offers_what_it_may_take(site: Site, admin: FlaskClient) -> None:
    site.documents.save(ADMINISTRATOR, "Department", {"department_name": "Assembly <1>"})

    page = admin.get("/admin/doc/User/new/").text

    select = re.search(r'<select[^>]*name="department".*?</select>', page, re.DOTALL)
    assert select is not None
    assert "Assembly &lt;1&gt;</option>" in select.group(0)


def test_a_link_to_many_records_is_searched_instead(site: Site, admin: FlaskClient) -> None:
    for number in range(51):
        site.documents.save(ADMINISTRATOR, "Department", {"department_name": f"D{number}"})

    assert 'data-link="Department"' in admin.get("/admin/doc/User/new/").text


def test_a_link_to_what_is_gone_keeps_its_value(site: Site, admin: FlaskClient) -> None:
    with site.database.write() as connection:
        connection.exec_driver_sql("UPDATE tab_user SET department = 'Closed' WHERE name = 'clerk'")

    assert re.search(r'<option selected value="Closed">', admin.get("/admin/doc/User/edit/?id=clerk").text)


def test_rows_of_a_child_table_know_their_columns(admin: FlaskClient) -> None:
    (role,) = columns(admin.get("/admin/doc/User/edit/?id=clerk").text)

    assert (role["name"], role["kind"], role["required"]) == ("role", "select", True)
    assert ["Customer Service", "Customer Service"] in role["choices"]


def test_a_wrong_row_is_told_at_its_table(post: Callable[..., Any]) -> None:
    rows = json.dumps([{"role": "Customer Service"}, {"role": "Nobody"}])

    answer = post("/admin/doc/User/new/", login="li", full_name="Li", enabled="1", language="zh", roles=rows)

    assert answer.status_code == 200
    after_table = html.unescape(answer.text).partition('id="roles"')[2]
    assert 'no Role "Nobody"' in after_table


def test_the_last_administrator_is_told_why_he_stays(site: Site, post: Callable[..., Any]) -> None:
    record = site.documents.load(ADMINISTRATOR, "User", "root")
    rows = json.dumps([{"name": row["name"], "role": row["role"]} for row in record["roles"]])
    fields = {"login": "root", "full_name": "Root", "language": "zh", "version_read": str(record["version"])}

    answer = post("/admin/doc/User/edit/?id=root", **fields, roles=rows)

    assert "the last enabled user" in html.unescape(answer.text)
    assert site.user("root").enabled


def test_only_what_the_reader_may_open_is_listed(site: Site, admin: FlaskClient) -> None:
    page = admin.get("/admin/").text

    listed = re.findall(r'href="/admin/doc/([^"/]+)/"', page)
    assert "User" in listed
    for doctype in listed:
        assert admin.get(f"/admin/doc/{doctype}/").status_code == 200, doctype


def test_what_the_reader_may_not_do_has_no_button(admin: FlaskClient) -> None:
    page = admin.get("/admin/doc/User/").text

    assert "/admin/doc/User/edit/" in page
    assert "/admin/doc/User/delete/" not in page, "users are disabled, not deleted"


def test_a_record_that_is_named_by_its_maker_asks_the_name(
    site: Site, publish: Callable[..., int], admin: FlaskClient, post: Callable[..., Any]
) -> None:
    publish(site, *EVERY_TYPE)

    asked = admin.get("/admin/doc/Site Visit/new/").text
    assert post("/admin/doc/Site Visit/new/", new_name="回访-乙", password="诊断-2026").status_code == 302

    assert asked.index('name="new_name"') < asked.index('name="phone"')
    assert site.documents.secret(ADMINISTRATOR, "Site Visit", "回访-乙", "password") == "诊断-2026"


def test_a_secret_is_not_on_the_page_that_edits_its_record(site: Site, publish: Callable[..., int], admin: FlaskClient) -> None:
    publish(site, *EVERY_TYPE)
    name = site.documents.save(ADMINISTRATOR, "Site Visit", FILLED | {"symptoms": []}).name

    page = admin.get(f"/admin/doc/Site Visit/edit/?id={name}").text

    assert 'type="password"' in page
    assert FILLED["password"] not in page
    assert "sealed:" not in page
