"""Properties of Frappe's DocTypes that shape a form: which records a link offers, folded sections, the record's picture, copies."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.access.user import User
from server.exchange.packs import Source
from server.site import Site

ADMIN = User.administrator()
RIGHTS = [{"role": "All", "read": 1, "write": 1, "create": 1, "delete": 1}]
MACHINE: dict[str, Any] = {
    "doctype": "DocType", "name": "Shop Machine", "autoname": "field:code", "permissions": RIGHTS, "image_field": "photo",
    "fields": [
        {"fieldname": "code", "fieldtype": "Data", "reqd": 1},
        {"fieldname": "hall", "fieldtype": "Data"},
        {"fieldname": "retired", "fieldtype": "Check"},
        {"fieldname": "photo", "fieldtype": "Attach Image"},
    ],
}  # fmt: skip
JOB: dict[str, Any] = {
    "doctype": "DocType", "name": "Shop Job", "autoname": "format:SJ-{####}", "permissions": RIGHTS, "retention_years": 3,
    "source": ["S08-01"],
    "fields": [
        {"fieldname": "hall", "fieldtype": "Data"},
        {"fieldname": "machine", "fieldtype": "Link", "options": "Shop Machine",
         "link_filters": json.dumps([["Shop Machine", "retired", "=", 0], ["Shop Machine", "hall", "=", "eval: doc.hall"]])},
        {"fieldname": "signed", "fieldtype": "Signature"},
        {"fieldname": "counter", "fieldtype": "Int", "no_copy": 1},
        {"fieldname": "rest", "fieldtype": "Section Break", "label": "Rest", "collapsible": 1,
         "collapsible_depends_on": "eval: doc.hall == 'B'"},
        {"fieldname": "note", "fieldtype": "Data"},
        {"fieldname": "steps", "fieldtype": "Table", "options": "Shop Step"},
    ],
}  # fmt: skip
STEP: dict[str, Any] = {
    "doctype": "DocType", "name": "Shop Step", "istable": 1,
    "fields": [
        {"fieldname": "on", "fieldtype": "Date", "default": "Today"},
        {"fieldname": "who", "fieldtype": "Data", "default": "__user"},
        {"fieldname": "qty", "fieldtype": "Float", "default": "1.5"},
        {"fieldname": "company", "fieldtype": "Data", "default": ":Company"},
        {"fieldname": "done", "fieldtype": "Check"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def published(site: Site) -> None:
    sources = [Source("DocType", piece["name"], piece) for piece in (MACHINE, STEP, JOB)]
    site.publisher.publish(site.publisher.propose(sources), "tests")
    for code, hall, retired in (("M1", "A", 0), ("M2", "B", 0), ("M3", "A", 1)):
        site.documents.save(ADMIN, "Shop Machine", {"code": code, "hall": hall, "retired": retired})


def offered(browser: FlaskClient, **doc: str) -> list[str]:
    asked = {"for": "Shop Job/machine", "doc": json.dumps(doc)}
    answer: Any = browser.get("/link/Shop Machine", query_string=asked).json
    return [choice["value"] for choice in answer["choices"]]


def test_a_link_offers_what_its_filters_let_through(signed_in: FlaskClient) -> None:
    assert offered(signed_in, hall="A") == ["M1"]
    assert offered(signed_in, hall="B") == ["M2"]
    assert offered(signed_in) == ["M1", "M2"], "a filter that asks for what is not filled in yet waits"


@pytest.mark.parametrize("asked", ["Shop Job/none", "None/machine", "machine", ""])
def test_a_filter_of_no_field_is_none(signed_in: FlaskClient, asked: str) -> None:
    answer: Any = signed_in.get("/link/Shop Machine", query_string={"for": asked, "doc": "["}).json

    assert [choice["value"] for choice in answer["choices"]] == ["M1", "M2", "M3"]


@pytest.mark.parametrize(("hall", "is_open"), [("A", False), ("B", True)])
def test_a_collapsible_section_opens_by_its_condition(site: Site, signed_in: FlaskClient, hall: str, is_open: bool) -> None:
    name = site.documents.save(ADMIN, "Shop Job", {"hall": hall}).name

    fold = re.search(r"<details class=\"fold\" data-fold ?(open)?>", signed_in.get(f"/form/Shop Job/{name}").text)

    assert fold is not None
    assert bool(fold[1]) is is_open


def test_a_new_row_starts_with_its_defaults_as_values(signed_in: FlaskClient) -> None:
    page = signed_in.get("/form/Shop Job/new").text
    data = json.loads(page.partition('id="form-data">')[2].partition("</script>")[0])

    assert data["meta"]["tables"]["steps"]["blank"] == {"on": "2026-06-15", "who": "li", "qty": {"$n": "1.5"}}


def test_a_copy_takes_the_values_but_neither_signature_nor_what_is_not_copied(site: Site) -> None:
    drawn = {"image": "data:image/png;base64,iVBORw0KGgo=", "name": "李工"}
    name = site.documents.save(ADMIN, "Shop Job", {"hall": "A", "machine": "M1", "counter": 7, "signed": drawn}).name

    copy = site.new_records.duplicate(ADMIN, "Shop Job", name)

    assert (copy["hall"], copy["machine"], copy["counter"], copy["signed"]) == ("A", "M1", None, None)
    assert copy.get("name") is None


def test_a_record_that_must_be_kept_has_no_delete_button_and_says_until_when(site: Site, signed_in: FlaskClient) -> None:
    name = site.documents.save(ADMIN, "Shop Job", {"hall": "A"}).name

    page = signed_in.get(f"/form/Shop Job/{name}").text

    assert 'value="delete"' not in page
    assert "?copy=" in page
