"""Records below records of their own kind: where they may stand, whole branches in filters, and what each reader sees of a tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from documents_shop import person

from server.access.user import User
from server.core.errors import LinkExists, MetadataInvalid, NotFound, ValidationFailed
from server.site import Site
from server.storage.tables import record_table

Publish = Callable[..., int]
ADMIN = User.administrator()
PLACE = {
    "name": "Place", "label": {"zh": "库位", "en": "Place"}, "autoname": "field:code", "is_tree": 1, "title_field": "title",
    "nsm_parent_field": "inside", "sort_field": "code", "sort_order": "ASC", "allow_rename": 1,
    "fields": [
        {"fieldname": "code", "fieldtype": "Data", "reqd": 1},
        {"fieldname": "title", "fieldtype": "Data"},
        {"fieldname": "inside", "fieldtype": "Link", "options": "Place", "label": {"zh": "上级库位", "en": "Inside"}},
        {"fieldname": "is_group", "fieldtype": "Check", "default": "1", "label": {"zh": "分组", "en": "Group"}},
    ],
    "permissions": [{"role": "Clerk", "read": 1, "write": 1, "create": 1, "delete": 1}, {"role": "Guest", "read": 1, "create": 1, "if_owner": 1}],
}  # fmt: skip
STOCK = {
    "name": "Stock", "autoname": "hash",
    "fields": [{"fieldname": "place", "fieldtype": "Link", "options": "Place"}, {"fieldname": "item", "fieldtype": "Data"}],
    "permissions": [{"role": "Clerk", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip


@pytest.fixture
def store(any_site: Site, publish: Publish, clerk: User) -> Site:
    """HALL > (A > (A1, A2), B), and YARD."""
    publish(any_site, PLACE, STOCK)
    for code, inside in (("HALL", None), ("YARD", None), ("A", "HALL"), ("B", "HALL"), ("A1", "A"), ("A2", "A")):
        any_site.documents.save(clerk, "Place", {"code": code, "title": f"Place {code}", "inside": inside})
    return any_site


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


@pytest.mark.parametrize(
    ("operator", "name", "found"),
    [
        ("descendants of", "HALL", ["A", "A1", "A2", "B"]),
        ("descendants of (inclusive)", "A", ["A", "A1", "A2"]),
        ("not descendants of", "HALL", ["HALL", "YARD"]),
        ("ancestors of", "A2", ["A", "HALL"]),
        ("not ancestors of", "A2", ["A1", "A2", "B", "YARD"]),
        ("descendants of", "A2", []),
        ("Descendants Of", "nowhere", []),
    ],
)
def test_filters_over_a_branch(store: Site, clerk: User, operator: str, name: str, found: list[str]) -> None:
    assert names(store.queries.list(clerk, "Place", filters=[("name", operator, name)], order_by="name asc").rows) == found


def test_what_lies_anywhere_in_a_hall_is_found_through_its_link(store: Site, clerk: User) -> None:
    for place, item in (("A1", "bolt"), ("B", "nut"), ("YARD", "beam"), (None, "lost")):
        store.documents.save(clerk, "Stock", {"place": place, "item": item})

    def items(operator: str) -> list[str]:
        rows = store.queries.list(clerk, "Stock", filters=[("place", operator, "HALL")], fields=["item"], order_by="item").rows
        return [row["item"] for row in rows]

    assert items("descendants of") == ["bolt", "nut"]
    assert items("not descendants of") == ["beam", "lost"]
    with pytest.raises(ValidationFailed, match='no operator "descendants of"'):
        store.queries.list(clerk, "Stock", filters=[("item", "descendants of", "HALL")])


@pytest.mark.parametrize("below", ["HALL", "A", "A2"])
def test_a_record_does_not_stand_below_itself(store: Site, clerk: User, below: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        store.documents.save(clerk, "Place", {"inside": below}, name="HALL")
    [fault] = refused.value.faults
    assert (fault.where, f'"{below}"' in fault.text.en, f"“{below}”" in fault.text.zh) == ("inside", True, True)
    store.documents.save(clerk, "Place", {"inside": "YARD"}, name="HALL")  # with all that is in it
    assert names(store.queries.branch(clerk, "Place", "A1").path) == ["YARD", "HALL", "A", "A1"]


def test_only_groups_have_something_below_them(store: Site, clerk: User) -> None:
    store.documents.save(clerk, "Place", {"is_group": 0}, name="A1")

    with pytest.raises(ValidationFailed) as refused:
        store.documents.save(clerk, "Place", {"inside": "A1"}, name="A2")
    assert [(fault.where, '"A1" is no group' in fault.text.en) for fault in refused.value.faults] == [("inside", True)]
    with pytest.raises(ValidationFailed) as refused:
        store.documents.save(clerk, "Place", {"is_group": 0}, name="A")
    assert [(fault.where, 'records below "A"' in fault.text.en) for fault in refused.value.faults] == [("is_group", True)]
    store.documents.save(clerk, "Place", {"title": "with the rest unchanged"}, name="A")


def test_one_branch_at_a_time(store: Site, clerk: User) -> None:
    top = store.queries.branch(clerk, "Place")
    assert (names(top.rows), top.open_below, top.path) == (["HALL", "YARD"], {"HALL"}, [])

    hall = store.queries.branch(clerk, "Place", "HALL", limit=1)
    assert (names(hall.rows), hall.open_below, hall.has_more) == (["A"], {"A"}, True)
    assert names(store.queries.branch(clerk, "Place", "HALL", limit=1, offset=1).rows) == ["B"]
    with pytest.raises(NotFound, match="Stock has no tree"):
        store.queries.branch(clerk, "Stock")


def test_a_reader_of_few_records_sees_them_at_the_top(store: Site, clerk: User) -> None:
    guest = person("guest", "Guest")
    store.documents.save(guest, "Place", {"code": "OWN"})
    store.documents.save(clerk, "Place", {"inside": "A"}, name="OWN")
    store.documents.save(guest, "Place", {"code": "OWN1", "inside": "OWN"})

    top = store.queries.branch(guest, "Place")

    assert (names(top.rows), top.open_below) == (["OWN"], {"OWN"})
    assert names(store.queries.branch(guest, "Place", "OWN1").path) == ["OWN", "OWN1"]
    assert store.queries.branch(guest, "Place", "HALL").rows == []


def test_renaming_takes_the_branch_along_and_deleting_is_refused(store: Site, clerk: User) -> None:
    store.documents.rename(clerk, "Place", "A", "AISLE")

    assert names(store.queries.branch(clerk, "Place", "AISLE").rows) == ["A1", "A2"]
    with pytest.raises(LinkExists, match="Place A1, Place A2"):
        store.documents.delete(clerk, "Place", "AISLE")


def test_a_loop_made_behind_the_back_of_the_program_locks_nothing_up(store: Site, clerk: User) -> None:
    place = store.publisher.snapshot().doctype("Place")
    table = record_table(place)
    with store.database.write() as connection:
        connection.execute(table.update().where(table.c.name == "HALL").values(inside="A2"))

    assert names(store.queries.list(clerk, "Place", filters=[("name", "descendants of", "A")], order_by="name").rows) == [
        "A", "A1", "A2", "B", "HALL",
    ]  # fmt: skip
    assert set(names(store.queries.branch(clerk, "Place", "A").path)) == {"A2", "HALL", "A"}
    store.documents.save(clerk, "Place", {"inside": None}, name="HALL")


def test_a_tree_needs_a_link_to_its_own_kind(any_site: Site, publish: Publish) -> None:
    fields = [item for item in PLACE["fields"] if item["fieldname"] != "inside"]
    for piece, said in (
        ({**PLACE, "fields": fields}, "a tree needs a Link field to 'Place' itself"),
        ({**PLACE, "istable": 1}, "cannot be a tree"),
    ):
        with pytest.raises(MetadataInvalid) as refused:
            publish(any_site, piece)
        assert any(said in fault.text.en for fault in refused.value.faults)
