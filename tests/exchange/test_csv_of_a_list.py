"""A list as a file: what the reader may read and export, masked as they see it, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from server.access.user import User
from server.core.errors import PermissionRefused
from server.documents import queries
from server.exchange.csv_list import csv_lines
from server.site import Site

Publish = Callable[..., int]
ADMIN = User.administrator()
PART: dict[str, Any] = {
    "doctype": "DocType", "name": "Part", "autoname": "field:code",
    "fields": [
        {"fieldname": "code", "fieldtype": "Data", "label": {"zh": "编码", "en": "Code"}},
        {"fieldname": "title", "fieldtype": "Data"}, {"fieldname": "price", "fieldtype": "Currency", "permlevel": 1},
        {"fieldname": "stock", "fieldtype": "Float"}, {"fieldname": "in_use", "fieldtype": "Check"},
        {"fieldname": "phone", "fieldtype": "Data", "options": "Phone", "mask": 1}, {"fieldname": "key", "fieldtype": "Password"},
    ],
    "permissions": [
        {"role": "Clerk", "read": 1}, {"role": "Clerk", "export": 1, "if_owner": 1}, {"role": "Boss", "read": 1, "export": 1, "mask": 1},
        {"role": "Boss", "read": 1, "permlevel": 1}, {"role": "Reader", "read": 1}, {"role": "Maker", "create": 1},
    ],
}  # fmt: skip


def person(role: str) -> User:
    return User("li", "李工", frozenset({role}), language="en")


@pytest.fixture
def parts(empty_site: Site, publish: Publish) -> Site:
    publish(empty_site, PART)
    texts = ("plain", '=HYPERLINK("http://x")', "-1+1", "@SUM(A1)", 'a,"b"\nc', "+86 10")
    for number, title in enumerate(texts):
        values = {
            "code": f"P{number}",
            "title": title,
            "price": 7,
            "stock": "-1.50",
            "in_use": 1,
            "phone": "13812345678",
            "key": "k",
        }
        user = replace(person("Maker"), name="li" if number < 2 else "wu")
        empty_site.documents.save(ADMIN, "Part", values) if number >= 2 else empty_site.documents.save(
            user, "Part", {"code": f"P{number}", "title": title}
        )
    return empty_site


def table(site: Site, user: User, **asked: Any) -> list[list[str]]:
    fields, rows = site.queries.export(user, "Part", order_by="name asc", **asked)
    text = "".join(csv_lines(fields, rows, "en", site.zone))
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_file_holds_what_one_sees_and_numbers_stay_numbers(parts: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PORTION", 2)

    found = table(parts, person("Boss"))

    assert found[0][:7] == ["Name", "Code", "title", "price", "stock", "in_use", "phone"]
    assert [row[0] for row in found[1:]] == ["P0", "P1", "P2", "P3", "P4", "P5"]
    assert found[3][1:8] == ["P2", "'-1+1", "7", "-1.5", "Yes", "13812345678", "Draft"]


def test_no_text_is_a_formula_to_a_spreadsheet(parts: Site) -> None:
    titles = [row[2] for row in table(parts, person("Boss"))[1:]]

    assert titles == ["plain", '\'=HYPERLINK("http://x")', "'-1+1", "'@SUM(A1)", 'a,"b"\nc', "'+86 10"]


def test_one_exports_what_one_may_and_as_masked_as_one_sees_it(parts: Site) -> None:
    assert [row[0] for row in table(parts, person("Clerk"))[1:]] == ["P0", "P1"]
    shared = replace(person("Clerk"), shared={"Part": {"P4": frozenset({"read"})}})
    assert [row[0] for row in table(parts, shared)[1:]] == ["P0", "P1"]
    assert "price" not in table(parts, person("Clerk"))[0]
    assert table(parts, person("Boss"), filters=[("code", "=", "P3")])[1][6] == "13812345678"
    with pytest.raises(PermissionRefused):
        table(parts, person("Reader"))
