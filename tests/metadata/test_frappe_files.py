"""Files written for Frappe load as they are: what they hold beyond our reach is told as a warning and does no harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.access.user import User
from server.core.errors import MetadataInvalid
from server.exchange.packs import Source
from server.exchange.proposal import Proposal
from server.metadata.check_shape import check_shape
from server.metadata.load import read_doctype
from server.site import Site

Publish = Callable[..., int]


STAMPS = {"creation": "2022-01-02 03:04:05", "modified": "2023-01-02 03:04:05", "owner": "Administrator"}


def doctype(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A DocType as Frappe exports it, with its stamps."""
    permissions = [{"role": "System Manager", "read": 1, "write": 1, "create": 1}]
    return {"doctype": "DocType", "name": "Loan Note", "fields": list(fields), "permissions": permissions, **STAMPS, **more}


def proposed(site: Site, raw: dict[str, Any]) -> Proposal:
    return site.publisher.propose([Source("DocType", str(raw["name"]), raw)])


def test_a_field_written_twice_is_read_once() -> None:
    twice = {"fieldname": "amended_from", "fieldtype": "Link", "options": "Loan Note"}
    raw = doctype(twice, {"fieldname": "note", "fieldtype": "Text"}, twice)

    assert check_shape(raw, "loan_note.json") == []
    assert [item.fieldname for item in read_doctype(raw).fields] == ["amended_from", "note"]


def test_two_different_fields_of_one_name_are_a_fault_in_a_file_of_ours() -> None:
    raw = {"name": "Loan Note", "fields": [{"fieldname": "note", "fieldtype": kind} for kind in ("Text", "Data")]}

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
            "is not understood here",
            id="a condition that asks the browser",
        ),
        pytest.param(
            [{"fieldname": "apps", "fieldtype": "Data", "depends_on": "eval:doc.x = 1"}],
            "compare with ==",
            id="a condition with a mistake that nobody here can mend",
        ),
        pytest.param(
            [{"fieldname": "taxes", "fieldtype": "Table", "options": "Sales Taxes and Charges"}],
            "Table needs the name of a child DocType",
            id="a child table of another application",
        ),
        pytest.param(
            [{"fieldname": "version", "fieldtype": "Data"}, {"fieldname": "note", "fieldtype": "Data"}],
            "version is reserved for the system; it is not kept",
            id="a field under a name of ours",
        ),
        pytest.param(
            [{"fieldname": "party", "fieldtype": "Dynamic Link", "options": "party_type"}],
            "'party_type' is not a field of Loan Note",
            id="a dynamic link that nothing directs",
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
    name = empty_site.documents.save(User.administrator(), "Loan Note", {}).name
    assert empty_site.documents.load(User.administrator(), "Loan Note", name)["name"] == name


@pytest.mark.parametrize(
    "field",
    [
        {"fieldname": "haircut", "fieldtype": "Percent", "fetch_from": "security.haircut"},
        {"fieldname": "apps", "fieldtype": "Data", "depends_on": "eval:frappe.boot.developer_mode"},
        {"fieldname": "taxes", "fieldtype": "Table", "options": "Sales Taxes and Charges"},
    ],
    ids=["fetch_from", "condition", "table"],
)
def test_in_a_file_of_ours_the_same_is_a_fault(empty_site: Site, field: dict[str, Any]) -> None:
    ours = {key: value for key, value in doctype(field).items() if key not in STAMPS}

    with pytest.raises(MetadataInvalid):
        proposed(empty_site, ours)


def test_a_table_waits_for_its_rows_and_titles_for_their_fields(empty_site: Site, publish: Publish) -> None:
    table = {"fieldname": "taxes", "fieldtype": "Table", "options": "Tax Row"}
    raw = doctype({"fieldname": "note", "fieldtype": "Data"}, table, title_field="gone", search_fields="note, gone")
    publish(empty_site, raw)
    before = empty_site.snapshot().model["Loan Note"]

    publish(
        empty_site,
        {"doctype": "DocType", "name": "Tax Row", "istable": 1, "fields": [{"fieldname": "rate", "fieldtype": "Float"}]},
    )
    name = empty_site.documents.save(User.administrator(), "Loan Note", {"note": "x", "taxes": [{"rate": 13}]}).name

    assert (before.title_field, before.search_fields, "taxes" in before.by_name) == (None, ("note",), False)
    assert empty_site.documents.load(User.administrator(), "Loan Note", name)["taxes"][0]["rate"] == 13
    assert [found.name for found in empty_site.queries.find(User.administrator(), "x")] == [name]
    stored = next(source.raw for source in empty_site.publisher.stored() if source.name == "Loan Note")
    assert stored["title_field"] == "gone", "the file itself stays as it was written"


def test_a_virtual_doctype_is_refused_with_what_to_do() -> None:
    faults = check_shape(doctype({"fieldname": "note", "fieldtype": "Text"}, is_virtual=1), "loan_note.json")

    assert [fault.where for fault in faults] == ["loan_note.json: is_virtual"]
    assert "take is_virtual out" in faults[0].text.en
