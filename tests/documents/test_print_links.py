"""What a print reads of other records: no more than whoever prints may read of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from signing_office import Office, open_office

from server.documents.print_links import linked_rows
from server.exchange.packs import Source
from server.printing.linked import read_linked
from server.site import open_site

NOTE = {
    "name": "Order Note", "doctype": "DocType", "autoname": "format:NOTE-{####}",
    "fields": [
        {"fieldname": "for_order", "fieldtype": "Link", "options": "Order", "label": "For order"},
        {"fieldname": "part", "fieldtype": "Link", "options": "Part", "label": "Part"},
        {"fieldname": "kind", "fieldtype": "Select", "options": "Late\nShort", "label": "Kind", "option_labels": {"Late": {"zh": "迟", "en": "Too late"}}},
        {"fieldname": "penalty", "fieldtype": "Currency", "label": "Penalty", "permlevel": 1},
    ],
    "permissions": [
        {"role": "Clerk", "read": 1, "write": 1, "create": 1}, {"role": "Boss", "read": 1}, {"role": "Boss", "permlevel": 1, "read": 1},
        {"role": "Clerk", "permlevel": 1, "write": 1},
    ],
}  # fmt: skip
FIELDS = ["kind", "part", "penalty"]
ASKED = read_linked(
    {
        "notes": {"doctype": "Order Note", "by": "for_order", "fields": FIELDS, "order_by": "name desc"},
        "by_penalty": {"doctype": "Order Note", "by": "for_order", "fields": ["kind"], "order_by": "penalty asc"},
    }
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    site = open_site(tmp_path_factory.mktemp("office"), environ={}, embedded_worker=False)
    open_office(site)
    site.publisher.publish(site.publisher.propose([Source("DocType", "note.json", NOTE)]), "tests")
    yield Office(site)
    site.close()


@pytest.fixture(scope="module")
def order(office: Office) -> dict[str, Any]:
    """With two notes; another order has one of its own."""
    record, other = office.order(), office.order()
    administrator = office.site.user("Administrator")
    for name, kind in ((record["name"], "Late"), (record["name"], "Short"), (other["name"], "Late")):
        values = {"for_order": name, "kind": kind, "part": "P1", "penalty": "12.50"}
        office.site.documents.save(administrator, "Order Note", values)
    return record


def rows(office: Office, login: str, order: dict[str, Any]) -> dict[str, list[Any]]:
    snapshot = office.site.snapshot()
    return linked_rows(office.site.queries, snapshot, office.user(login), ASKED, snapshot.doctype("Order"), order)  # type: ignore[return-value]


def test_records_that_lead_here_are_read_in_their_order_choices_by_their_labels(office: Office, order: dict[str, Any]) -> None:
    assert [row["kind"] for row in rows(office, "boss", order)["notes"]] == ["Short", "迟"]


def test_a_field_that_the_reader_may_not_see_is_left_out_and_orders_nothing(office: Office, order: dict[str, Any]) -> None:
    seen, hidden = rows(office, "boss", order), rows(office, "clerk", order)

    assert [str(row["penalty"]) for row in seen["notes"]] == ["12.50", "12.50"]
    assert [set(row) for row in hidden["notes"]] == [{"kind", "part"}] * 2
    assert (len(seen["by_penalty"]), hidden["by_penalty"]) == (2, [])


def test_who_may_not_read_the_records_gets_none(office: Office, order: dict[str, Any]) -> None:
    assert rows(office, "chief", order)["notes"] == []


def test_the_record_that_a_field_leads_to_is_read_and_none_where_it_is_empty(office: Office) -> None:
    snapshot, clerk = office.site.snapshot(), office.user("clerk")
    asked = read_linked({"part": {"link": "part", "fields": ["title"]}})

    def read(record: dict[str, Any]) -> Any:
        return linked_rows(office.site.queries, snapshot, clerk, asked, snapshot.doctype("Order Note"), record)["part"]

    assert read({"name": "NOTE-1", "part": "P2"}) == [{"title": "Part P2"}]
    assert read({"name": "NOTE-1", "part": None}) == []
