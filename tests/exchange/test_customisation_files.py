"""Customisations carried to another site: ours as a file with the values they were made on, and Frappe's exports."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exchange_desk import HALL, SHIPPED, copy, edits, ships, stored, with_field, without_field

from server.core.errors import MetadataInvalid
from server.exchange.customisation_files import Application, CustomisationConflict, propose_application, to_file
from server.site import Site


def applies(site: Site, raw: Any, **options: Any) -> Application:
    found = propose_application(site.publisher, [("custom.json", json.loads(json.dumps(raw)))], **options)
    site.publisher.publish(found.proposal, "li", origin="site")
    return found


def exported(site: Site) -> dict[str, Any]:
    return to_file(site.customisations.all())


def customised(**more: Any) -> dict[str, Any]:
    """A field added, one taken away, a property, a permission of each kind, another order."""
    raw = without_field(
        with_field(with_field(SHIPPED, "hall", after="subject", fieldtype="Data"), "subject", length=40), "note"
    )
    raw["permissions"] = [
        {"role": "System Manager", "read": 1, "write": 1, "create": 1, "export": 1},
        {"role": "Guest", "read": 1},
    ]
    return copy(raw, fields=raw["fields"][::-1], **more)


def test_a_customisation_is_carried_to_another_site_whole_and_twice(make_site: Callable[[], Site]) -> None:
    here, there = make_site(), make_site()
    for site in (here, there):
        ships(site, SHIPPED)
    edits(here, customised(label={"zh": "工单", "en": "Job"}))

    applies(there, exported(here))

    assert stored(there) == stored(here)
    assert exported(there) == exported(here)
    assert applies(there, exported(here)).is_empty


def test_it_fits_beside_what_a_newer_pack_ships_there(make_site: Callable[[], Site]) -> None:
    here, there = make_site(), make_site()
    ships(here, SHIPPED)
    ships(there, with_field(SHIPPED, "urgency", after="subject", fieldtype="Data"))
    edits(here, with_field(with_field(SHIPPED, "hall", after="subject", fieldtype="Data"), "hours", reqd=1))

    applies(there, exported(here))

    assert [row["fieldname"] for row in stored(there)["fields"]] == ["subject", "hall", "urgency", "hours", "note"]


def test_where_the_shipped_piece_is_another_one_every_place_is_named_and_nothing_done(make_site: Callable[[], Site]) -> None:
    here, there = make_site(), make_site()
    ships(here, SHIPPED)
    edits(
        here,
        copy(
            with_field(with_field(with_field(SHIPPED, **HALL | {"name": "hall"}), "hours", length=5), "note", reqd=1), label="J"
        ),
    )
    theirs = with_field(with_field(without_field(SHIPPED, "note"), "hours", length=9), "hall", fieldtype="Int")
    ships(there, theirs)

    with pytest.raises(CustomisationConflict) as refused:
        applies(there, exported(here))

    assert [fault.where for fault in refused.value.faults] == [
        "Ticket.fields.hall",
        "Ticket.fields.hours.length",
        "Ticket.fields.note.reqd",
    ]
    assert "here it is 9" in refused.value.faults[1].text.en
    assert "note is not there" in refused.value.faults[2].text.en
    assert stored(there) == theirs
    found = applies(there, exported(here), skip_conflicts=True)
    assert (stored(there), len(found.notes)) == (copy(theirs, label="J"), 3)


def test_a_piece_that_is_not_there_and_a_file_that_is_none_are_named(site: Site) -> None:
    with pytest.raises(CustomisationConflict, match="nothing was changed"):
        applies(site, {"format": "customisations", "pieces": [{"kind": "DocType", "name": "Lost", "changes": []}]})
    piece = {"kind": "DocType", "name": "Ticket"}
    odd: list[dict[str, Any]] = [{"at": ["name"], "ours": "Other"}, {"at": []}, {"at": ["fields", "(order)"], "ours": 5}]
    odd.append({"at": ["fields", "hall"], "ours": {"fieldname": "hall"}, "after": ["subject"]})
    pieces = [{"kind": "DocType", "changes": 1}, *(piece | {"changes": [one]} for one in odd)]
    for wrong in ({"pieces": []}, [], *({"format": "customisations", "pieces": [one]} for one in pieces)):
        with pytest.raises(MetadataInvalid, match=r"custom\.json"):
            applies(site, wrong)


# Frappe's files

BOOKKEEPING = {"name": "Ticket-x", "owner": "Administrator", "creation": "2024-01-01 00:00:00", "docstatus": 0, "idx": 0}
FRAPPES: dict[str, Any] = {
    "custom_fields": [
        BOOKKEEPING | {"dt": "Ticket", "fieldname": "custom_b", "fieldtype": "Int", "insert_after": "custom_a", "label": "B", "reqd": 0},
        BOOKKEEPING | {"dt": "Ticket", "fieldname": "custom_a", "fieldtype": "Data", "insert_after": "subject", "label": "A",
                       "sort_options": 1},
    ],
    "property_setters": [
        BOOKKEEPING | {"doc_type": "Ticket", "doctype_or_field": "DocField", "field_name": "hours", "property": "reqd",
                       "property_type": "Check", "value": "1"},
        BOOKKEEPING | {"doc_type": "Ticket", "doctype_or_field": "DocType", "field_name": None, "property": "title_field",
                       "property_type": "Data", "value": "subject"},
        BOOKKEEPING | {"doc_type": "Ticket", "doctype_or_field": "DocType", "property": "default_email_template",
                       "property_type": "Data", "value": "Hello"},
        BOOKKEEPING | {"doc_type": "Ticket", "doctype_or_field": "DocType", "property": "field_order", "property_type": "Data",
                       "value": "[\"note\", \"subject\", \"custom_a\", \"custom_b\", \"hours\"]"},
    ],
    "custom_perms": [BOOKKEEPING | {"parent": "Ticket", "role": "Clerk", "permlevel": 0, "read": 1, "write": 1, "set_user_permissions": 1}],
    "links": [{"link_doctype": "Visit", "parent": "Ticket"}],
    "doctype": "Ticket",
    "sync_on_migrate": 1,
}  # fmt: skip


@pytest.fixture
def shipping(site: Site) -> Site:
    ships(site, SHIPPED)
    return site


def as_records(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """The same as `bench export-fixtures` writes it."""
    parts = {"custom_fields": "Custom Field", "property_setters": "Property Setter", "custom_perms": "Custom DocPerm"}
    return [row | {"doctype": name} for part, name in parts.items() for row in raw[part]]


@pytest.mark.parametrize("shape", [lambda raw: raw, as_records], ids=["of one DocType", "as records"])
def test_frappes_customisations_are_read_and_what_is_unknown_is_told(shipping: Site, shape: Callable[[Any], Any]) -> None:
    found = applies(shipping, shape(FRAPPES))

    raw = stored(shipping)
    rows = {row["fieldname"]: row for row in raw["fields"]}
    assert list(rows) == ["note", "subject", "custom_a", "custom_b", "hours"]
    assert rows["custom_b"] == {"fieldname": "custom_b", "fieldtype": "Int", "label": "B"}
    assert (rows["hours"]["reqd"], raw["title_field"]) == (1, "subject")
    assert raw["permissions"] == [{"role": "Clerk", "read": 1, "write": 1}], "they stand in the place of what was shipped"
    told = " ".join(note.en for note in found.notes)
    for unknown in ("sort_options", "default_email_template", "set_user_permissions"):
        assert unknown in told
    assert ("links" in told) == (shape(FRAPPES) is FRAPPES)
    assert len(shipping.customisations.all()) == 1
    assert applies(shipping, FRAPPES).is_empty


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param(
            {"doctype": "Lost", "custom_fields": [], "custom_perms": []}, "there is no such record type", id="no DocType"
        ),
        pytest.param(
            {"property_setters": [{"doc_type": "Ticket", "field_name": "lost", "property": "reqd", "value": "1"}]},
            "the field whose reqd it sets is not there",
            id="no field",
        ),
        pytest.param(
            {"custom_fields": [{"dt": "Ticket", "fieldname": "hours", "fieldtype": "Float"}]}, "another one", id="name is taken"
        ),
    ],
)
def test_frappes_customisations_that_fit_nowhere_are_refused(shipping: Site, changed: dict[str, Any], said: str) -> None:
    setters = [{"doc_type": "Lost", "property": "title_field", "value": "x"}] if "doctype" in changed else []
    raw = {"doctype": "Ticket", "custom_fields": [], "property_setters": setters, "custom_perms": []} | changed

    with pytest.raises(MetadataInvalid) as refused:
        applies(shipping, raw)

    assert said in refused.value.faults[0].text.en
    assert stored(shipping) == SHIPPED


def test_the_example_of_the_documentation_is_one(site: Site) -> None:
    written = (Path(__file__).parents[2] / "docs/metadata.md").read_text("utf-8")
    example = next(
        json.loads(block) for block in re.findall(r"```json\n(.*?)```", written, re.S) if '"customisations"' in block
    )
    item = next(source.raw for source in site.read_packs().sources if source.name == "Item")
    ships(site, item | {"permissions": [*item["permissions"], {"role": "Clerk", "read": 1}]})

    applies(site, example)

    made = site.customisations.of("DocType", "Item")
    assert made is not None
    assert {one.spelled for one in made.changes} == {"fields.drawing_number.reqd", "fields.hall", "label", "permissions.Clerk"}
