"""What Frappe's properties of a field do to a save: each refuses, keeps or fills in as it does there."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from server.access.user import User
from server.core.errors import GuijuError
from server.site import Site

Publish = Callable[..., int]
ADMIN = User.administrator()
RIGHTS = [{"role": "System Manager", "read": 1, "write": 1, "create": 1, "submit": 1}]
PART: dict[str, Any] = {
    "name": "Shelf Part", "autoname": "field:code", "permissions": RIGHTS,
    "fields": [{"fieldname": "code", "fieldtype": "Data"}, {"fieldname": "maker", "fieldtype": "Data"}],
}  # fmt: skip
SHELF: dict[str, Any] = {
    "name": "Shelf", "permissions": RIGHTS, "is_submittable": 1,
    "fields": [
        {"fieldname": "part", "fieldtype": "Link", "options": "Shelf Part"},
        {"fieldname": "maker", "fieldtype": "Data", "fetch_from": "part.maker"},
        {"fieldname": "maker_once", "fieldtype": "Data", "fetch_from": "part.maker", "fetch_if_empty": 1},
        {"fieldname": "place", "fieldtype": "Data", "set_only_once": 1, "length": 8},
        {"fieldname": "stock", "fieldtype": "Float", "non_negative": 1, "precision": "1"},
        {"fieldname": "tag", "fieldtype": "Data", "unique": 1},
        {"fieldname": "remark", "fieldtype": "Data", "allow_on_submit": 1},
        {"fieldname": "checked", "fieldtype": "Check"},
        {"fieldname": "reason", "fieldtype": "Data", "mandatory_depends_on": "eval:doc.checked"},
    ],
}  # fmt: skip


@pytest.fixture
def shelf(empty_site: Site, publish: Publish) -> Site:
    publish(empty_site, PART, SHELF)
    empty_site.documents.save(ADMIN, "Shelf Part", {"code": "P1", "maker": "临江"})
    return empty_site


@pytest.mark.parametrize(
    ("first", "then", "where"),
    [
        pytest.param({"place": "A-01"}, {"place": "A-02"}, "place", id="set only once"),
        pytest.param({}, {"place": "A-01-0000"}, "place", id="longer than its length"),
        pytest.param({}, {"stock": "-0.5"}, "stock", id="negative where it must not be"),
        pytest.param({}, {"checked": 1}, "reason", id="mandatory under a condition"),
    ],
)
def test_what_a_property_forbids_is_refused_at_its_field(
    shelf: Site, first: dict[str, Any], then: dict[str, Any], where: str
) -> None:
    name = shelf.documents.save(ADMIN, "Shelf", first).name

    with pytest.raises(GuijuError) as refused:
        shelf.documents.save(ADMIN, "Shelf", then, name=name)

    assert [fault.where for fault in refused.value.faults] == [where]


def test_what_is_set_only_once_may_be_set_later_and_numbers_keep_their_places(shelf: Site) -> None:
    name = shelf.documents.save(ADMIN, "Shelf", {}).name

    shelf.documents.save(ADMIN, "Shelf", {"place": "A-01", "stock": "2.25"}, name=name)

    kept = shelf.documents.load(ADMIN, "Shelf", name)
    assert (kept["place"], kept["stock"]) == ("A-01", Decimal("2.3"))


def test_a_unique_value_is_taken_by_one_record_and_emptiness_by_many(shelf: Site) -> None:
    for _ in range(2):
        shelf.documents.save(ADMIN, "Shelf", {})
    shelf.documents.save(ADMIN, "Shelf", {"tag": "T1"})

    with pytest.raises(GuijuError):
        shelf.documents.save(ADMIN, "Shelf", {"tag": "T1"})


def test_a_value_is_taken_over_always_or_only_where_there_is_none(shelf: Site) -> None:
    name = shelf.documents.save(ADMIN, "Shelf", {"part": "P1", "maker_once": "自有"}).name
    other = shelf.documents.save(ADMIN, "Shelf", {"part": "P1"}).name

    kept, filled = (shelf.documents.load(ADMIN, "Shelf", each) for each in (name, other))
    assert (kept["maker"], kept["maker_once"]) == ("临江", "自有")
    assert (filled["maker"], filled["maker_once"]) == ("临江", "临江")


def test_after_submitting_only_what_is_open_may_change(shelf: Site) -> None:
    name = shelf.documents.save(ADMIN, "Shelf", {"tag": "T2"}).name
    shelf.documents.submit(ADMIN, "Shelf", name)

    shelf.documents.save(ADMIN, "Shelf", {"remark": "later"}, name=name)

    with pytest.raises(GuijuError):
        shelf.documents.save(ADMIN, "Shelf", {"stock": 3}, name=name)
    assert shelf.documents.load(ADMIN, "Shelf", name)["remark"] == "later"
