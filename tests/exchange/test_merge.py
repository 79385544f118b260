"""What a site made of a shipped piece survives the pack's next version; where both changed the same place, that is named."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.exchange.changes import differences, with_changes
from server.exchange.merge import merge
from server.exchange.places import spelled

BASE: dict[str, Any] = {
    "name": "Ticket", "label": {"zh": "报修单", "en": "Ticket"},
    "fields": [
        {"fieldname": "subject", "fieldtype": "Data", "reqd": 1},
        {"fieldname": "customer", "fieldtype": "Link", "options": "Customer"},
        {"fieldname": "note", "fieldtype": "Text"},
    ],
    "permissions": [{"role": "Clerk", "read": 1}],
}  # fmt: skip


def changed(**fields: dict[str, Any] | None) -> dict[str, Any]:
    """BASE with fields changed, added, or (None) removed."""
    found = json.loads(json.dumps(BASE))
    rows = {row["fieldname"]: row for row in found["fields"]}
    for name, more in fields.items():
        if more is None:
            rows.pop(name)
        else:
            rows[name] = {"fieldname": name, **rows.get(name, {}), **more}
    return found | {"fields": list(rows.values())}


def names(raw: dict[str, Any]) -> list[str]:
    return [row["fieldname"] for row in raw["fields"]]


def test_changes_of_both_sides_stand_together() -> None:
    pack = changed(subject={"length": 80}, urgency={"fieldtype": "Select"}) | {"label": {"zh": "服务报修单", "en": "Ticket"}}
    site = changed(customer={"reqd": 1}, hall={"fieldtype": "Data"}, note=None)

    found = merge(BASE, pack, site)

    assert found.conflicts == ()
    assert names(found.value) == ["subject", "customer", "hall", "urgency"]
    assert found.value["fields"][0]["length"] == 80
    assert found.value["fields"][1]["reqd"] == 1
    assert found.value["label"]["zh"] == "服务报修单"


def test_where_both_changed_one_place_the_sites_stands_and_is_named() -> None:
    pack = changed(subject={"length": 80}, note=None)
    site = changed(subject={"length": 40}, note={"hidden": 1})

    found = merge(BASE, pack, site)

    assert found.conflicts == ("fields.subject.length", "fields.note")
    assert found.value["fields"][0]["length"] == 40
    assert "note" in names(found.value)


def test_permissions_are_matched_by_their_role() -> None:
    pack = BASE | {"permissions": [{"role": "Clerk", "read": 1, "print": 1}]}
    site = BASE | {"permissions": [{"role": "Clerk", "read": 1}, {"role": "Guest", "read": 1}]}

    assert merge(BASE, pack, site).value["permissions"] == [
        {"role": "Clerk", "read": 1, "print": 1},
        {"role": "Guest", "read": 1},
    ]


def test_the_order_of_whoever_moved_fields_stands() -> None:
    moved = BASE | {"fields": BASE["fields"][::-1]}
    grown = changed(hall={"fieldtype": "Data"})

    assert names(merge(BASE, moved, grown).value) == ["note", "hall", "customer", "subject"]
    assert names(merge(BASE, grown, moved).value) == ["note", "hall", "customer", "subject"]


def test_differences_name_each_place_with_both_values() -> None:
    site = changed(subject={"reqd": 0}, hall={"fieldtype": "Data"}, note=None)

    assert told(BASE, site) == [
        ("fields.subject.reqd", 1, 0),
        ("fields.note", {"fieldname": "note", "fieldtype": "Text"}, None),
        ("fields.hall", None, {"fieldname": "hall", "fieldtype": "Data"}),
    ]


def told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Every difference: its place as it is read, both values."""
    return [(spelled(change.place), change.shipped, change.ours) for change in differences(before, after)]


EDIT = st.fixed_dictionaries(
    {}, optional={"reqd": st.sampled_from([0, 1]), "length": st.integers(1, 3), "fieldtype": st.just("Int")}
)
EDITS = st.dictionaries(st.sampled_from(["subject", "customer", "note", "hall", "urgency"]), st.none() | EDIT, max_size=4)


def drawn(edits: dict[str, dict[str, Any] | None]) -> dict[str, Any]:
    known = names(BASE)
    return changed(**{name: edit for name, edit in edits.items() if edit is not None or name in known})


@given(edits=EDITS)
def test_one_side_alone_is_taken_whole(edits: dict[str, Any]) -> None:
    other = drawn(edits)

    assert merge(BASE, other, BASE).value == other
    assert merge(BASE, BASE, other).value == other
    assert merge(BASE, other, other).value == other
    assert merge(BASE, other, other).conflicts == ()


@given(ours=EDITS, theirs=EDITS)
def test_every_change_stands_or_its_place_is_named(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    pack, site = drawn(theirs), drawn(ours)

    found = merge(BASE, pack, site)

    for place, _, value in told(BASE, site):
        assert value in [kept for where, _, kept in told(BASE, found.value) if where == place] or place in found.conflicts
    lost = {place for place, _, _ in told(BASE, pack)} - {place for place, _, _ in told(BASE, found.value)}
    assert all(any(place.startswith(where) or where.startswith(place) for where in found.conflicts) for place in lost)


@given(ours=EDITS, theirs=EDITS, shuffled=st.randoms(use_true_random=False))
def test_changes_make_the_one_of_the_other_and_are_taken_back(
    ours: dict[str, Any], theirs: dict[str, Any], shuffled: Any
) -> None:
    """The list of differences is the whole of a customisation: it can be carried, and undone."""
    shipped, site = drawn(theirs), drawn(ours)
    shuffled.shuffle(site["fields"])
    changes = list(differences(shipped, site))

    assert told(with_changes(shipped, changes), site) == []
    assert told(with_changes(site, [change.taken_back() for change in changes]), shipped) == []


def test_breaks_without_a_name_are_told_apart() -> None:
    break_, data = {"fieldtype": "Section Break"}, {"fieldname": "a", "fieldtype": "Data"}
    shipped = {"name": "T", "fields": [break_, data, break_]}
    site = {"name": "T", "fields": [break_, data | {"reqd": 1}, break_ | {"label": "More"}]}

    assert told(shipped, site) == [("fields.a.reqd", None, 1), ("fields.Section Break#2.label", None, "More")]
    assert merge(shipped, shipped | {"label": "X"}, site).value["fields"] == site["fields"]
