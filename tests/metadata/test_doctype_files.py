"""DocType files: read, written again, and every fault found at once with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.metadata.check import check_model
from server.metadata.check_shape import check_shape
from server.metadata.fieldtypes import field_types
from server.metadata.load import dump_doctype, read_doctype
from server.metadata.model import Model

ROOT = Path(__file__).parent.parent.parent
SHIPPED = sorted((ROOT / "doctypes").rglob("*.json"))

# As Frappe's editor writes it: numbers for booleans, unnamed breaks, properties that we do not use.
FRAPPE = {
    "actions": [], "autoname": "naming_series:", "creation": "2013-01-10 16:34:30", "doctype": "DocType", "document_type": "Document",
    "email_append_to": 1, "engine": "InnoDB", "field_order": ["naming_series", "sb", "subject"],
    "fields": [
        {"fieldname": "naming_series", "fieldtype": "Select", "label": "Series", "options": "ISS-.YYYY.-", "no_copy": 1, "print_hide": 1,
         "oldfieldname": "naming_series"},
        {"fieldtype": "Section Break", "options": "fa fa-flag"},
        {"fieldname": "subject", "fieldtype": "Data", "in_global_search": 1, "label": "Subject", "reqd": 1, "bold": 1},
        {"fieldname": "qty", "fieldtype": "Float", "precision": "2", "depends_on": "eval:doc.subject && doc.docstatus === 0"},
        {"default": "0", "fieldname": "is_split", "fieldtype": "Check", "hidden": 1, "columns": 2},
    ],
    "icon": "fa fa-ticket", "idx": 7, "links": [], "module": "Support", "name": "Issue", "naming_rule": "By \"Naming Series\" field",
    "owner": "Administrator", "permissions": [{"create": 1, "email": 1, "role": "Support Team", "share": 1, "write": 1, "read": 1}],
    "quick_entry": 1, "search_fields": "subject, qty", "sort_field": "creation", "sort_order": "DESC",
    "states": [{"color": "Light Blue", "title": "Open"}], "title_field": "subject", "track_seen": 1,
}  # fmt: skip


def test_a_frappe_file_reads_unchanged() -> None:
    assert check_shape(FRAPPE, "issue.json") == []
    issue = read_doctype(FRAPPE)

    assert issue.search_fields == ("subject", "qty")
    assert issue.by_name["subject"].reqd
    assert issue.by_name["qty"].precision == 2
    assert issue.permissions[0].grants("write")
    assert not issue.permissions[0].grants("submit")
    assert issue.naming_series == ("ISS-.YYYY.-",)
    assert check_model(Model({"Issue": issue}), {"Issue": "issue.json"}).faults == ()


def test_what_we_do_not_know_survives_the_round_trip() -> None:
    written = dump_doctype(read_doctype(FRAPPE))
    assert written["email_append_to"] == 1
    assert written["fields"][0]["oldfieldname"] == "naming_series"
    assert dump_doctype(read_doctype(written)) == written


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_doctypes_survive_the_round_trip(path: Path) -> None:
    raw = json.loads(path.read_text("utf-8"))
    once = read_doctype(raw)
    again = read_doctype(dump_doctype(once))
    assert dump_doctype(again) == dump_doctype(once)
    assert again.fields == once.fields


def doctype(*fields: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"name": "Ticket", "fields": list(fields), **properties}


@pytest.mark.parametrize(
    ("raw", "where", "said"),
    [
        pytest.param([], "", "JSON object", id="a list"),
        pytest.param({"name": ""}, "name", "needs a name", id="no name"),
        pytest.param({"name": "tab; DROP"}, "name", "record type name", id="a name with a semicolon"),
        pytest.param(doctype({"fieldname": "a", "fieldtype": "Selec"}), "fields[0].fieldtype", '"Select"', id="misspelt type"),
        pytest.param(doctype({"fieldname": "a b", "fieldtype": "Data"}), "fields[0].fieldname", "letters", id="a blank in the name"),
        pytest.param(doctype({"fieldname": "owner", "fieldtype": "Data"}), "fields[0].fieldname", "reserved", id="a reserved name"),
        pytest.param(doctype({"fieldtype": "Data"}), "fields[0].fieldname", "no fieldname", id="no fieldname"),
        pytest.param(doctype({"fieldname": "a", "fieldtype": "Link"}), "fields[0].options", "DocType", id="a link to nothing"),
        pytest.param(doctype({"fieldname": "a", "fieldtype": "Data", "length": "x"}), "fields[0].length", "whole number", id="length"),
        pytest.param(
            doctype({"fieldname": "a", "fieldtype": "Data"}, {"fieldname": "A", "fieldtype": "Data"}),
            "fields[1].fieldname", "fields[0]", id="the same name in capitals",
        ),
        pytest.param(doctype(states=[{"title": "Open", "color": "Bleu"}]), "states[0].color", '"Blue"', id="misspelt colour"),
        pytest.param(doctype(permissions=[{"read": 1}]), "permissions[0].role", "role", id="a right without role"),
        pytest.param(doctype(label={"de": "x"}), "label", "zh", id="a label in another language"),
    ],
)  # fmt: skip
def test_a_wrong_file_names_place_value_and_the_right_word(raw: Any, where: str, said: str) -> None:
    faults = check_shape(raw, "ticket.json")
    assert len(faults) == 1
    assert faults[0].where == (f"ticket.json: {where}" if where else "ticket.json")
    assert said in faults[0].text.en
    assert faults[0].text.zh.startswith("ticket.json")


def test_faults_across_doctypes_are_found_together() -> None:
    raw = doctype(
        {"fieldname": "customer", "fieldtype": "Link", "options": "Custmer"},
        {"fieldname": "phone", "fieldtype": "Data", "fetch_from": "custmer.phone"},
        {"fieldname": "lines", "fieldtype": "Table", "options": "Customer"},
        {"fieldname": "total", "fieldtype": "Float", "formula": "sum(lines.amunt) + totl"},
        {"fieldname": "shown", "fieldtype": "Data", "depends_on": "eval:doc.total >"},
        title_field="titel",
        autoname="field:nummer",
    )
    model = Model(
        {"Ticket": read_doctype(raw), "Customer": read_doctype({"name": "Customer", "fields": [{"fieldname": "amount"}]})}
    )

    result = check_model(model, {"Ticket": "ticket.json"})

    assert [fault.where.removeprefix("ticket.json: ") for fault in result.faults] == [
        "fields[1].fetch_from", "fields[2].options", "fields[3].formula", "fields[3].formula", "fields[4].depends_on", "title_field", "autoname",
    ]  # fmt: skip
    assert 'Did you mean "customer"?' in result.faults[0].text.en
    assert 'Did you mean "amount"?' in result.faults[2].text.en
    assert 'Did you mean "total"?' in result.faults[3].text.en
    assert [warning.where for warning in result.warnings] == ["ticket.json: fields[0].options"]
    assert 'Did you mean "Customer"?' in result.warnings[0].text.en


def test_formulas_that_read_each_other_are_named_in_their_circle() -> None:
    raw = doctype(
        {"fieldname": "a", "fieldtype": "Float", "formula": "b + 1"},
        {"fieldname": "b", "fieldtype": "Float", "formula": "c * 2"},
        {"fieldname": "c", "fieldtype": "Float", "formula": "a"},
    )
    faults = check_model(Model({"Ticket": read_doctype(raw)}), {"Ticket": "ticket.json"}).faults
    assert len(faults) == 1
    assert "circle" in faults[0].text.en
    assert all(name in faults[0].text.en for name in ("a", "b", "c"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
odd_fields = st.fixed_dictionaries(
    {},
    optional={
        "fieldname": json_values, "fieldtype": st.sampled_from([*field_types(), "Nope", 3]), "options": json_values, "label": json_values,
        "prefill": json_values, "option_labels": json_values, "permlevel": json_values, "formula": json_values, "precision": json_values,
    },
)  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries(
        {"name": st.just("X")},
        optional={
            "fields": st.lists(odd_fields, max_size=4),
            "label": json_values,
            "states": json_values,
            "permissions": json_values,
            "maps_from": json_values,
            "retention_years": json_values,
            "source": json_values,
        },
    )
)
def test_whatever_is_written_is_either_named_as_wrong_or_can_be_read(raw: dict[str, Any]) -> None:
    if not check_shape(raw, "x.json"):
        read = read_doctype(raw)
        check_model(Model({"X": read}), {"X": "x.json"})
        assert read_doctype(dump_doctype(read)).fields == read.fields


@pytest.mark.parametrize("is_masked", [False, True])
def test_a_masked_value_that_is_taken_over_in_full_is_told(is_masked: bool) -> None:
    customer = read_doctype({"name": "Customer", "fields": [{"fieldname": "phone", "fieldtype": "Data", "mask": 1}]})
    fields = [
        {"fieldname": "customer", "fieldtype": "Link", "options": "Customer"},
        {"fieldname": "phone", "fieldtype": "Data", "fetch_from": "customer.phone", "mask": int(is_masked)},
    ]
    ticket = read_doctype({"name": "Ticket", "fields": fields})

    told = check_model(Model({"Customer": customer, "Ticket": ticket}), {"Ticket": "ticket.json"}).warnings

    assert [fault.where for fault in told] == ([] if is_masked else ["ticket.json: fields[1].fetch_from"])
