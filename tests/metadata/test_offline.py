"""`offline` of a DocType: read, written again, and every fault named."""

from __future__ import annotations

from typing import Any

import pytest

from server.metadata.check import check_model
from server.metadata.check_shape import check_shape
from server.metadata.load import dump_doctype, read_doctype
from server.metadata.model import Model

FIELDS = [
    {"fieldname": "technician", "fieldtype": "Link", "options": "User"},
    {"fieldname": "status", "fieldtype": "Data"},
]


def visit(offline: Any) -> dict[str, Any]:
    return {"doctype": "DocType", "name": "Visit", "fields": FIELDS, "offline": offline}


def test_it_survives_a_round_trip() -> None:
    offline = {"mine": ["technician", "owner"], "filters": [["status", "in", ["Open", "Late"]], ["docstatus", "=", 0]]}

    assert dump_doctype(read_doctype(visit(offline)))["offline"] == offline


@pytest.mark.parametrize(
    ("offline", "place"),
    [
        (["technician"], "offline"),
        ({"mine": []}, "offline.mine"),
        ({"mine": ["owner"], "filters": [["status", "Open"]]}, "offline.filters[0]"),
        ({"mine": ["owner"], "filters": [["status", "like", "O%"]]}, "offline.filters[0]"),
        ({"of": ["owner"]}, "offline"),
    ],
)
def test_a_wrong_shape_is_named(offline: Any, place: str) -> None:
    assert [fault.where for fault in check_shape(visit(offline), "visit.json")] == [f"visit.json: {place}"]


def test_fields_that_are_not_there_or_hold_no_user_are_named() -> None:
    doctype = read_doctype(visit({"mine": ["status", "owner"], "filters": [["state", "=", "Open"]]}))
    user = read_doctype({"doctype": "DocType", "name": "User", "fields": []})

    found = check_model(Model({"Visit": doctype, "User": user}), {"Visit": "visit.json"})

    assert [fault.where for fault in found.faults] == ["visit.json: offline.mine[0]", "visit.json: offline.filters[0]"]
