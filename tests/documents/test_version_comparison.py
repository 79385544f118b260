"""Two versions of a record compared: every field and row that differs, as if one save had made the one out of the other."""

from __future__ import annotations

from typing import Any

import pytest
from documents_shop import order, person

from server.access.user import User
from server.core.errors import NotFound, PermissionRefused
from server.site import Site


@pytest.fixture
def changed(shop: Site, clerk: User, boss: User) -> str:
    """An order of four versions: two parts; a third one and another subject; the first part gone; a discount."""
    name = shop.documents.save(clerk, "Order", order()).name
    rows = shop.documents.load(clerk, "Order", name)["lines"]
    shop.documents.save(clerk, "Order", {"subject": "three parts", "lines": [*rows, {"part": "P1", "qty": 9}]}, name=name)
    rows = shop.documents.load(clerk, "Order", name)["lines"]
    shop.documents.save(clerk, "Order", {"subject": "two parts", "lines": [{**rows[1], "qty": "4"}, rows[2]]}, name=name)
    shop.documents.save(boss, "Order", {"discount": 5}, name=name)
    return name


def told(shop: Site, user: User, name: str, one: int, other: int) -> list[tuple[Any, ...]]:
    changes = shop.queries.compare(user, "Order", name, one, other).changes
    return [
        (item.get("change"), item["field"], item["old"], item["new"])
        for item in changes
        if item["field"] not in ("price", "amount", "total")
    ]


def test_all_that_lies_between_two_versions_is_one_difference(shop: Site, clerk: User, changed: str) -> None:
    found = told(shop, clerk, changed, 1, 3)

    assert ("changed", "qty", 3, 4) in found
    assert ("added", "part", None, "P1") in found
    assert [(item[1], item[2], item[3]) for item in found if item[0] == "removed"] == [("part", "P1", None), ("qty", 2, None)]
    assert "subject" not in [item[1] for item in found]  # it was changed and changed back
    assert told(shop, clerk, changed, 3, 1) == found


def test_a_comparison_shows_no_more_than_the_record(shop: Site, clerk: User, boss: User, changed: str) -> None:
    assert told(shop, boss, changed, 3, 4) == [(None, "discount", None, 5)]
    assert told(shop, clerk, changed, 3, 4) == []
    with pytest.raises(PermissionRefused):
        shop.queries.compare(person("x", "Nobody"), "Order", changed, 1, 2)
    with pytest.raises(NotFound, match="has no version 9"):
        shop.queries.compare(clerk, "Order", changed, 1, 9)
