"""Numbers by what a record is: each kind of document has a series of its own, chosen by a formula or by a linked record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from documents_shop import ROLE
from test_at_once import both

from server.access.user import User
from server.site import Site

KIND = {
    "name": "Document Kind", "autoname": "field:kind",
    "fields": [{"fieldname": "kind", "fieldtype": "Data", "reqd": 1}, {"fieldname": "series", "fieldtype": "Data", "reqd": 1}],
    "permissions": [{"role": "Clerk", **ROLE}],
}  # fmt: skip
LETTER = {
    "name": "Letter", "autoname": "naming_series:",
    "fields": [
        {"fieldname": "kind", "fieldtype": "Link", "options": "Document Kind", "reqd": 1},
        {"fieldname": "naming_series", "fieldtype": "Data", "fetch_from": "kind.series", "read_only": 1},
    ],
    "permissions": [{"role": "Clerk", **ROLE}],
}  # fmt: skip
FORM = {
    "name": "Form", "autoname": "naming_series:",
    "fields": [
        {"fieldname": "kind", "fieldtype": "Select", "options": "Procedure\nRecord", "reqd": 1},
        {"fieldname": "naming_series", "fieldtype": "Select", "options": "QP-.###\nQR-.YYYY.-.##",
         "formula": "if(kind == 'Procedure', 'QP-.###', 'QR-.YYYY.-.##')"},
    ],
    "permissions": [{"role": "Clerk", **ROLE}],
}  # fmt: skip


def test_a_series_follows_a_field(empty_site: Site, publish: Callable[..., int], clerk: User) -> None:
    publish(empty_site, KIND, LETTER, FORM)
    for kind, series in (("Procedure", "QP-.###"), ("Record", "QR-.YYYY.-.##")):
        empty_site.documents.save(clerk, "Document Kind", {"kind": kind, "series": series})

    def make(doctype: str, kind: str) -> str:
        return empty_site.documents.save(clerk, doctype, {"kind": kind}).name

    assert [make("Form", kind) for kind in ("Procedure", "Record", "Procedure")] == ["QP-001", "QR-2026-01", "QP-002"]
    assert [make("Letter", kind) for kind in ("Record", "Procedure")] == ["QR-2026-02", "QP-003"]

    names: list[Any] = []
    ends = both(*[lambda: names.append(make("Form", "Procedure"))] * 4)
    assert ends == [None] * 4
    assert sorted(names) == ["QP-004", "QP-005", "QP-006", "QP-007"]
