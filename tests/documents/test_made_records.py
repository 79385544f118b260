"""Records that rules make: a stock ledger posted row by row at submission, each entry once, undone with its record, never below zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from documents_shop import ORDER, PART, ROLE
from test_at_once import both

from server.access.user import User
from server.core.errors import ValidationFailed
from server.documents.copies import mapped_values
from server.metadata.check import check_model
from server.metadata.check_shape import check_shape
from server.metadata.load import read_doctype
from server.metadata.model import Model
from server.site import Site
from server.storage import query

ADMIN = User.administrator()
ENTRY = {
    "name": "Stock Entry", "label": {"zh": "库存台账", "en": "Stock Entry"}, "is_submittable": 1,
    "fields": [
        {"fieldname": "part", "fieldtype": "Link", "options": "Part", "reqd": 1},
        {"fieldname": "qty", "fieldtype": "Float", "reqd": 1},
        {"fieldname": "voucher", "fieldtype": "Link", "options": "Stock Voucher"},
    ],
    "permissions": [{"role": "Keeper", "read": 1}],
}  # fmt: skip
ROW = {
    "name": "Stock Voucher Row", "istable": 1,
    "fields": [
        {"fieldname": "part", "fieldtype": "Link", "options": "Part", "label": {"zh": "零件", "en": "Part"}, "reqd": 1},
        {"fieldname": "qty", "fieldtype": "Float", "label": {"zh": "数量", "en": "Quantity"}, "reqd": 1},
    ],
}  # fmt: skip
VOUCHER = {
    "name": "Stock Voucher", "label": {"zh": "出入库单", "en": "Stock Voucher"}, "is_submittable": 1, "autoname": "SV-.###",
    "fields": [
        {"fieldname": "kind", "fieldtype": "Select", "options": "Receipt\nIssue", "label": {"zh": "类别", "en": "Kind"}},
        {"fieldname": "rows", "fieldtype": "Table", "options": "Stock Voucher Row", "label": {"zh": "明细", "en": "Rows"}},
        {"fieldname": "amended_from", "fieldtype": "Link", "options": "Stock Voucher", "read_only": 1, "no_copy": 1},
    ],
    "permissions": [{"role": "Clerk", **ROLE}],
}  # fmt: skip
POST = {
    "name": "post-stock", "applies_to": "Stock Voucher", "on": ["submit"],
    "then": [{"create": {
        "doctype": "Stock Entry", "each_row": "rows", "submit": True, "on_cancel": "cancel",
        "values": {"part": {"path": "part"}, "voucher": {"path": "parent.name"},
                   "qty": {"expr": "if(parent.kind == 'Issue', 0 - doc.qty, doc.qty)"}}}}],
}  # fmt: skip
GUARD = {
    "name": "no-more-than-on-hand", "applies_to": "Stock Voucher", "on": ["submit"], "source": ["S18-01"],
    "facts": {
        "on_hand": {"sum": "qty", "of": "Stock Entry", "each_row": "rows", "lock": "part",
                    "where": [["part", "=", {"path": "part"}], ["docstatus", "=", 1]]},
        "taken": {"sum": "rows.qty", "each_row": "rows", "where": [["part", "=", {"path": "part"}]]},
    },
    "when": {"all": [["kind", "=", "Issue"]]},
    "then": [{"block": {
        "each_row": "rows", "where": [["@taken", ">", {"path": "@on_hand"}]], "field": "qty",
        "message": {"zh": "{row.part} 结存 {@on_hand}，不能发出 {@taken}。", "en": "{row.part}: {@on_hand} on hand, {@taken} wanted."}}}],
}  # fmt: skip
UNLUCKY = {
    "name": "unlucky", "applies_to": "Stock Entry", "when": {"all": [["qty", "=", 13]]}, "then": [{"block": "not thirteen"}],
}  # fmt: skip
CARD = {
    "name": "Part Card",
    "fields": [{"fieldname": "part", "fieldtype": "Data"}, {"fieldname": "price", "fieldtype": "Currency"}],
    "permissions": [{"role": "Clerk", **ROLE}],
}  # fmt: skip
MAKE_CARD = {
    "name": "card", "applies_to": "Part", "when": {"all": [["price", "is", "set"]]},
    "then": [{"create": {"doctype": "Part Card", "per": "price", "values": {"part": {"path": "name"}, "price": {"path": "price"}}}}],
}  # fmt: skip


@pytest.fixture
def store(empty_site: Site, publish: Callable[..., int], clerk: User) -> Site:
    publish(empty_site, PART, ROW, VOUCHER, ENTRY, POST, GUARD, UNLUCKY, CARD, MAKE_CARD)
    for code in ("P1", "P2"):
        empty_site.documents.save(clerk, "Part", {"code": code, "title": f"Part {code}"})
    move(empty_site, clerk, "Receipt", P1=8, P2=5)
    return empty_site


def draft(site: Site, user: User, kind: str, **quantities: int) -> str:
    rows = [{"part": part, "qty": qty} for part, qty in quantities.items()]
    return site.documents.save(user, "Stock Voucher", {"kind": kind, "rows": rows}).name


def move(site: Site, user: User, kind: str, **quantities: int) -> str:
    name = draft(site, user, kind, **quantities)
    site.documents.submit(user, "Stock Voucher", name)
    return name


def on_hand(site: Site, part: str) -> Any:
    with site.database.read() as connection:
        where = [("part", "=", part), ("docstatus", "=", 1)]
        return query.aggregate(connection, site.snapshot().model["Stock Entry"], "sum", "qty", where)


def entries(site: Site) -> int:
    return len(site.queries.list(ADMIN, "Stock Entry", limit=100).rows)


def test_an_issue_posts_its_rows_and_never_more_than_there_is(store: Site, clerk: User) -> None:
    move(store, clerk, "Issue", P1=8, P2=1)
    assert (on_hand(store, "P1"), on_hand(store, "P2")) == (0, 4)

    with pytest.raises(ValidationFailed) as refused:
        move(store, clerk, "Issue", P2=5)

    assert [(fault.where, fault.text.en) for fault in refused.value.faults] == [
        ("rows[0].qty", "Part P2: 4 on hand, 5 wanted (clause S18-01).")
    ]
    assert on_hand(store, "P2") == 4


def test_two_issues_at_once_do_not_both_pass(store: Site, clerk: User) -> None:
    names = [draft(store, clerk, "Issue", P1=5, P2=1), draft(store, clerk, "Issue", P2=1, P1=5)]

    ends = both(*[lambda name=name: store.documents.submit(clerk, "Stock Voucher", name) for name in names])  # type: ignore[misc]

    assert sorted(end is None for end in ends) == [False, True]
    assert [fault.where for end in ends if isinstance(end, ValidationFailed) for fault in end.faults][:1] in (
        ["rows[0].qty"],
        ["rows[1].qty"],
    )
    assert (on_hand(store, "P1"), on_hand(store, "P2")) == (3, 4)


def test_cancelling_takes_the_entries_along_and_amending_posts_again(store: Site, clerk: User) -> None:
    name = move(store, clerk, "Issue", P1=3)
    before = entries(store)
    store.documents.cancel(clerk, "Stock Voucher", name)
    assert on_hand(store, "P1") == 8

    amended = store.documents.save(clerk, "Stock Voucher", store.new_records.amend(clerk, "Stock Voucher", name)).name
    store.documents.submit(clerk, "Stock Voucher", amended)

    assert on_hand(store, "P1") == 5
    assert entries(store) == before + 1


def test_a_refused_entry_refuses_the_whole_and_says_where(store: Site, clerk: User) -> None:
    before = entries(store)

    with pytest.raises(ValidationFailed) as refused:
        move(store, clerk, "Receipt", P1=2, P2=13)

    assert [(fault.where, fault.text.en) for fault in refused.value.faults] == [("rows[1]", "Stock Entry: not thirteen")]
    assert entries(store) == before


def test_a_mapping_gives_constants_and_refuses_keys_that_it_does_not_know() -> None:
    mapping = {"doctype": "Order", "fields": {"part": "number"}, "values": {"price": 5}}
    card = CARD | {"maps_from": [mapping]}
    model = Model({item.name: item for item in (read_doctype(card), read_doctype(ORDER))})
    (said,) = model["Part Card"].maps_from

    assert mapped_values(model["Order"], model["Part Card"], said, {"number": "7"}) == {"part": "7", "price": 5}
    wrong = CARD | {"maps_from": [mapping | {"feilds": {}, "values": {"price": ["x"]}}]}
    assert [fault.where.partition(": ")[2] for fault in check_shape(wrong, "f")] == [
        "maps_from[0].feilds",
        "maps_from[0].values.price",
    ]


def test_mapped_rows_take_values_of_their_record_and_a_column_that_is_not_there_is_named() -> None:
    line = {"name": "Line", "istable": 1, "fields": [{"fieldname": "part"}, {"fieldname": "of_order"}]}
    rows = {"fieldname": "lines", "fieldtype": "Table", "options": "Line"}
    mapping = {"doctype": "Sheet", "tables": {"lines": ["lines", {"part": "part", "of_order": "parent.name"}]}}
    model = Model(
        {
            item.name: item
            for item in (
                read_doctype(line),
                read_doctype({"name": "Sheet", "fields": [rows]}),
                read_doctype({"name": "Copy", "fields": [rows], "maps_from": [mapping]}),
            )
        }
    )
    (said,) = model["Copy"].maps_from
    sheet = {"name": "S-1", "lines": [{"part": "A"}, {"part": "B"}]}

    made = mapped_values(model["Sheet"], model["Copy"], said, sheet)

    assert made["lines"] == [{"part": "A", "of_order": "S-1"}, {"part": "B", "of_order": "S-1"}]
    wrong = replace(said, tables={"lines": ("lines", {"part": "parrt", "of_ordr": "parent.nmae"}), "rows": ("lines", {})})
    faulty = Model({**model.doctypes, "Copy": replace(model["Copy"], maps_from=(wrong,))})
    found = check_model(faulty, {"Copy": "f"}).faults
    assert [fault.where.partition(": ")[2] for fault in found] == [
        "maps_from[0].tables.lines.part", "maps_from[0].tables.lines.of_ordr", "maps_from[0].tables.lines.of_ordr", "maps_from[0].tables.rows"
    ]  # fmt: skip


def test_a_record_is_made_once_for_every_value_that_asks_for_one(store: Site, clerk: User) -> None:
    def cards() -> list[tuple[str, Any]]:
        return sorted(
            (row["part"], row["price"]) for row in store.queries.list(ADMIN, "Part Card", fields=["part", "price"]).rows
        )

    assert cards() == []
    for price, title in (("5", "one"), ("5", "two"), ("6", "two"), ("5", "three")):
        store.documents.save(clerk, "Part", {"price": price, "title": title}, name="P1")

    assert cards() == [("P1", Decimal(5)), ("P1", Decimal(6))]


def test_a_draft_that_must_be_kept_is_not_deleted_with_what_it_was_made_for(
    store: Site, publish: Callable[..., int], clerk: User
) -> None:
    note = {"name": "Part Note", "fields": [{"fieldname": "of", "fieldtype": "Data"}], "retention_years": 5, "source": ["S08-12"],
            "permissions": [{"role": "Clerk", **ROLE}]}  # fmt: skip
    made = {"create": {"doctype": "Part Note", "on_cancel": "delete", "values": {"of": {"path": "name"}}}}
    publish(store, note, {"name": "note", "applies_to": "Stock Voucher", "on": ["submit"], "then": [made]})
    name = move(store, clerk, "Receipt", P1=1)

    with pytest.raises(ValidationFailed, match="kept for 5 years"):
        store.documents.cancel(clerk, "Stock Voucher", name)

    assert len(store.queries.list(ADMIN, "Part Note").rows) == 1
    assert on_hand(store, "P1") == 9
