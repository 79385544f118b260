"""A record under another name: what refers to it follows, its timeline goes on, and the audit chain still holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from documents_shop import LINE, ORDER, PART, order, person

from server.access.user import User
from server.core.errors import DuplicateValue, PermissionRefused, StaleVersion, ValidationFailed
from server.site import Site
from server.storage import audit, renaming

Publish = Callable[..., int]
TAG = {
    "name": "Tag", "autoname": "hash",
    "fields": [
        {"fieldname": "kind", "fieldtype": "Link", "options": "DocType"},
        {"fieldname": "about", "fieldtype": "Dynamic Link", "options": "kind"},
        {"fieldname": "text", "fieldtype": "Data"},
    ],
    "permissions": [{"role": "Clerk", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip
NODE = {
    "name": "Node", "autoname": "prompt", "allow_rename": 1,
    "fields": [{"fieldname": "above", "fieldtype": "Link", "options": "Node"}],
    "permissions": [{"role": "Clerk", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip


@pytest.fixture
def shop(any_site: Site, publish: Publish, clerk: User) -> Site:
    """Parts that may be renamed, orders with them, tags on anything."""
    publish(any_site, {**PART, "allow_rename": 1}, LINE, {**ORDER, "allow_rename": 1}, TAG, NODE)
    for code, price in (("P1", "6800"), ("P2", "12.50")):
        any_site.documents.save(clerk, "Part", {"code": code, "title": f"Part {code}", "price": price})
    return any_site


def actions(site: Site, user: User, doctype: str, name: str) -> list[str]:
    return [entry.action for entry in site.queries.history(user, doctype, name)]


def findings(site: Site) -> list[Any]:
    with site.database.read() as connection:
        return list(audit.verify(connection, site.snapshot().model))


def test_links_in_rows_and_dynamic_links_follow_with_a_version_each(shop: Site, clerk: User) -> None:
    placed = shop.documents.save(clerk, "Order", order()).name
    tag = shop.documents.save(clerk, "Tag", {"kind": "Part", "about": "P1", "text": "x"}).name
    other = shop.documents.save(clerk, "Tag", {"kind": "Node", "text": "P1"}).name

    assert shop.documents.rename(clerk, "Part", "P1", " P1-A ") == "P1-A"

    part = shop.documents.load(clerk, "Part", "P1-A")
    assert (part["code"], part["version"]) == ("P1-A", 2)
    led = shop.documents.load(clerk, "Order", placed)
    assert ([row["part"] for row in led["lines"]], led["version"], led["total"]) == (["P1-A", "P2"], 2, Decimal("13637.50"))
    assert shop.documents.load(clerk, "Tag", tag)["about"] == "P1-A"
    assert shop.documents.load(clerk, "Tag", other)["version"] == 1
    assert actions(shop, clerk, "Order", placed) == ["rename", "create"]
    change = shop.queries.history(clerk, "Order", placed)[0].changes[0]
    assert (change["field"], change["old"], change["new"]) == ("part", "P1", "P1-A")
    assert findings(shop) == []


def test_the_timeline_goes_on_under_every_name(shop: Site, clerk: User) -> None:
    shop.documents.save(clerk, "Part", {"title": "first"}, name="P1")
    shop.documents.rename(clerk, "Part", "P1", "A")
    shop.documents.save(clerk, "Part", {"title": "second"}, name="A")
    shop.documents.rename(clerk, "Part", "A", "P1")  # and back

    assert actions(shop, clerk, "Part", "P1") == ["rename", "save", "rename", "save", "create"]
    versions = [entry.version for entry in shop.queries.history(clerk, "Part", "P1")]
    assert versions == [5, 4, 3, 2, 1]
    for newest in (1, 2, 3, 4, 5, 6):  # a page asks for no more than it shows
        some = shop.queries.history(clerk, "Part", "P1", newest)
        assert [entry.version for entry in some] == versions[:newest]
    shop.documents.restore(clerk, "Part", "P1", 2)
    assert shop.documents.load(clerk, "Part", "P1")["title"] == "first"
    assert findings(shop) == []


def test_who_gets_a_name_that_was_given_up_does_not_get_its_history(shop: Site, clerk: User) -> None:
    shop.documents.rename(clerk, "Part", "P1", "A")
    shop.documents.save(clerk, "Part", {"code": "P1", "title": "another"})

    assert actions(shop, clerk, "Part", "P1") == ["create"]
    assert actions(shop, clerk, "Part", "A") == ["rename", "create"]
    assert findings(shop) == []


def test_an_old_name_leads_to_the_new_one_for_those_who_may_read_it(shop: Site, clerk: User) -> None:
    shop.documents.rename(clerk, "Part", "P1", "A")
    shop.documents.rename(clerk, "Part", "A", "B")

    assert shop.queries.renamed_to(clerk, "Part", "P1") == "B"
    assert shop.queries.renamed_to(clerk, "Part", "P2") is None
    assert shop.queries.renamed_to(person("stranger"), "Part", "P1") is None


def test_a_record_that_refers_to_itself(shop: Site, clerk: User) -> None:
    shop.documents.save(clerk, "Node", {"name": "top"})
    shop.documents.save(clerk, "Node", {"above": "top"}, name="top")

    shop.documents.rename(clerk, "Node", "top", "root")

    assert shop.documents.load(clerk, "Node", "root")["above"] == "root"
    assert findings(shop) == []


def test_an_open_form_is_told_that_a_link_of_it_was_led_on(shop: Site, clerk: User) -> None:
    placed = shop.documents.save(clerk, "Order", order())
    shop.documents.rename(clerk, "Part", "P1", "A")

    with pytest.raises(StaleVersion):
        shop.documents.save(clerk, "Order", {"subject": "late"}, name=placed.name, version=placed.record["version"])


@pytest.mark.parametrize(
    ("new", "error", "said"),
    [
        ("P2", DuplicateValue, 'There is a Part "P2" already'),
        ("   ", ValidationFailed, "names the record; 1 to 140 characters"),
        ("x" * 141, ValidationFailed, "names the record; 1 to 140 characters"),
        ("two\nlines", ValidationFailed, "on one line"),
    ],
)
def test_names_that_are_refused_leave_everything_as_it_was(
    shop: Site, clerk: User, new: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as refused:
        shop.documents.rename(clerk, "Part", "P1", new)

    assert re.search(re.escape(said), f"{refused.value.text.en} {[fault.text.en for fault in refused.value.faults]}")  # type: ignore[attr-defined]
    assert shop.documents.load(clerk, "Part", "P1")["version"] == 1


def test_what_was_submitted_keeps_the_name_under_which_it_was_signed(shop: Site, clerk: User) -> None:
    name = shop.documents.save(clerk, "Order", order()).name
    assert "rename" in shop.documents.actions(clerk, "Order", shop.documents.load(clerk, "Order", name))
    shop.documents.submit(clerk, "Order", name)

    with pytest.raises(ValidationFailed, match="keeps the name under which it was signed"):
        shop.documents.rename(clerk, "Order", name, "MY-ORDER")
    assert "rename" not in shop.documents.actions(clerk, "Order", shop.documents.load(clerk, "Order", name))


def test_only_who_may_change_the_record_and_only_where_the_type_allows_it(shop: Site, clerk: User, boss: User) -> None:
    with pytest.raises(PermissionRefused):
        shop.documents.rename(boss, "Part", "P1", "A")
    tag = shop.documents.save(clerk, "Tag", {"text": "x"}).name
    with pytest.raises(ValidationFailed, match="records of this type are not renamed"):
        shop.documents.rename(clerk, "Tag", tag, "A")


def test_a_name_that_somebody_takes_in_the_same_moment_is_refused_in_words(shop: Site) -> None:
    part = shop.publisher.snapshot().doctype("Part")

    with pytest.raises(DuplicateValue, match="P2"), shop.database.write() as connection:  # past the look whether it is free
        renaming.move(connection, shop.publisher.snapshot().model, part, "P1", "P2")
