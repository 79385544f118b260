"""Files written for Frappe load as they are: what they hold beyond our reach is told as a warning and does no harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.exchange.packs import Source
from server.exchange.publisher import Proposal
from server.expressions import is_script
from server.metadata.check_shape import check_shape
from server.metadata.load import read_doctype
from server.site import Site

Publish = Callable[..., int]


def doctype(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    permissions = [{"role": "System Manager", "read": 1, "write": 1, "create": 1}]
    return {"doctype": "DocType", "name": "Loan Note", "fields": list(fields), "permissions": permissions, **more}


def proposed(site: Site, raw: dict[str, Any]) -> Proposal:
    return site.publisher.propose([Source("DocType", str(raw["name"]), raw)])


def test_a_field_written_twice_is_read_once() -> None:
    twice = {"fieldname": "amended_from", "fieldtype": "Link", "options": "Loan Note"}
    raw = doctype(twice, {"fieldname": "note", "fieldtype": "Text"}, twice)

    assert check_shape(raw, "loan_note.json") == []
    assert [item.fieldname for item in read_doctype(raw).fields] == ["amended_from", "note"]


def test_two_different_fields_of_one_name_are_a_fault() -> None:
    raw = doctype({"fieldname": "note", "fieldtype": "Text"}, {"fieldname": "note", "fieldtype": "Data"})

    assert "already the fieldname of fields[0]" in check_shape(raw, "loan_note.json")[0].text.en


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param(
            [{"fieldname": "haircut", "fieldtype": "Percent", "fetch_from": "security.haircut"}],
            "'security' is not a Link field of Loan Note; nothing is taken over",
            id="a value fetched through no link",
        ),
        pytest.param(
            [{"fieldname": "company", "fieldtype": "Link", "options": "Company"}],
            '"Company" is not one',
            id="a link to a DocType of another application",
        ),
        pytest.param(
            [{"fieldname": "apps", "fieldtype": "Data", "depends_on": "eval:frappe.boot.developer_mode"}],
            "needs a browser script",
            id="a condition that asks the browser",
        ),
    ],
)
def test_what_is_beyond_our_reach_is_a_named_warning(
    empty_site: Site, publish: Publish, fields: list[dict[str, Any]], said: str
) -> None:
    raw = doctype(*fields)

    warnings = proposed(empty_site, raw).warnings
    publish(empty_site, raw)

    assert said in warnings[0].text.en
    assert "Loan Note" in empty_site.snapshot().model


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("eval:frappe.boot.developer_mode", True),
        ("eval:doc.items.filter(row => row.qty).length", True),
        ("eval:typeof doc.x == 'string'", True),
        ("eval:cint(doc.x) in [1, 2]", True),
        ("eval:doc.status === `Open`", True),
        ("eval:doc.note == 'frappe.x('", False),
        ("eval:doc.a +", False),
        ("eval:doc.status = 'Open'", False),
        ("eval:in_lst(['a'], doc.x)", False),
    ],
)
def test_a_script_is_told_from_an_expression_with_a_mistake(source: str, expected: bool) -> None:
    assert is_script(source) is expected


def test_a_virtual_doctype_is_refused_with_what_to_do() -> None:
    faults = check_shape(doctype({"fieldname": "note", "fieldtype": "Text"}, is_virtual=1), "loan_note.json")

    assert [fault.where for fault in faults] == ["loan_note.json: is_virtual"]
    assert "take is_virtual out" in faults[0].text.en
