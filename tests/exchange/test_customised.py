"""What an administrator changed in the browser survives the pack's next version, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from typing import Any

from server.exchange.customised import with_site_changes
from server.exchange.packs import Source
from server.site import Site

SHIPPED: dict[str, Any] = {
    "doctype": "DocType", "name": "Ticket", "label": "Ticket", "permissions": [{"role": "System Manager", "read": 1}],
    "fields": [{"fieldname": "subject", "fieldtype": "Data"}, {"fieldname": "note", "fieldtype": "Text"}],
}  # fmt: skip


def copy(**more: Any) -> dict[str, Any]:
    return json.loads(json.dumps(SHIPPED)) | more


def ships(site: Site, raw: dict[str, Any]) -> list[tuple[str, ...]]:
    """Publish a pack of one DocType; the places where the site's change stood against the pack's."""
    sources, kept = with_site_changes(site.publisher, [Source("DocType", "ticket.json", raw)])
    site.publisher.publish(site.publisher.propose(sources), "pack")
    return [piece.conflicts for piece in kept]


def edits(site: Site, raw: dict[str, Any]) -> None:
    site.publisher.publish(site.publisher.propose([Source("DocType", "ticket.json", raw)]), "admin", origin="site")


def test_a_restart_with_the_same_pack_changes_nothing(empty_site: Site) -> None:
    ships(empty_site, SHIPPED)
    edits(empty_site, copy(label="Service ticket"))
    version = empty_site.snapshot().version

    assert ships(empty_site, SHIPPED) == [()]
    assert empty_site.snapshot().version == version
    assert empty_site.snapshot().model["Ticket"].label.en == "Service ticket"


def test_an_upgrade_brings_its_news_beside_the_sites_changes_again_and_again(empty_site: Site) -> None:
    ships(empty_site, SHIPPED)
    edited = copy()
    edited["fields"].append({"fieldname": "hall", "fieldtype": "Data"})
    edits(empty_site, edited)

    for number in range(2):
        next_pack = copy()
        next_pack["fields"] += [{"fieldname": f"new_{each}", "fieldtype": "Int"} for each in range(number + 1)]
        assert ships(empty_site, next_pack) == [()]

    assert set(empty_site.snapshot().model["Ticket"].by_name) == {"subject", "note", "hall", "new_0", "new_1"}
    assert empty_site.publisher.shipped("DocType", "Ticket") == next_pack


def test_where_both_changed_the_site_stands_and_the_place_is_named(empty_site: Site) -> None:
    ships(empty_site, SHIPPED)
    edits(empty_site, copy(label="Ours"))

    assert ships(empty_site, copy(label="Theirs")) == [("label",)]
    assert empty_site.snapshot().model["Ticket"].label.en == "Ours"


def test_a_piece_that_is_the_packs_again_is_no_longer_customised(empty_site: Site) -> None:
    ships(empty_site, SHIPPED)
    edits(empty_site, copy(label="Ours"))
    edits(empty_site, copy())

    assert ships(empty_site, copy(label="Theirs")) == []
    assert empty_site.snapshot().model["Ticket"].label.en == "Theirs"


def test_a_pack_does_not_take_over_what_the_site_made_under_its_name(empty_site: Site) -> None:
    edits(empty_site, copy(label="Ours"))

    assert ships(empty_site, SHIPPED) == [("*",)]
    assert empty_site.snapshot().model["Ticket"].label.en == "Ours"
