"""A publication is taken back: the metadata as it was, the data as it was, on every database."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.access.user import User
from server.core.errors import MetadataInvalid, NotFound, ValidationFailed
from server.exchange.customised import with_site_changes
from server.exchange.packs import Source
from server.exchange.undo import described, propose_undo
from server.site import Site

ADMIN = User.administrator()
EVERYTHING = [{"role": "System Manager", "read": 1, "write": 1, "create": 1}]


def ticket(name: str = "Ticket", **fields: str) -> dict[str, Any]:
    listed = [{"fieldname": key, "fieldtype": value} for key, value in fields.items()]
    return {"doctype": "DocType", "name": name, "autoname": "hash", "fields": listed, "permissions": EVERYTHING}


def publishes(site: Site, *pieces: dict[str, Any], removed: tuple[str, ...] = (), origin: str = "site") -> int:
    gone = [("DocType", name) for name in removed]
    sources = [Source("DocType", piece["name"], piece) for piece in pieces]
    return site.publisher.publish(site.publisher.propose(sources, removed=gone), "admin", origin=origin, removed=gone)


def undoes(site: Site, version: int) -> int:
    return propose_undo(site.publisher, version).publish(site.publisher, "admin")


def stored(site: Site, name: str = "Ticket") -> Any:
    return next((source.raw for source in site.publisher.stored() if source.name == name), None)


def test_fields_that_went_come_back_with_their_data_and_new_ones_go(empty_site: Site) -> None:
    publishes(empty_site, ticket(subject="Data", hours="Int"))
    kept = empty_site.documents.save(ADMIN, "Ticket", {"subject": "异响", "hours": 4}).name
    changed = publishes(empty_site, ticket(subject="Data", room="Data"))
    empty_site.documents.save(ADMIN, "Ticket", {"room": "A1"}, name=kept)

    undone = undoes(empty_site, changed)

    record = empty_site.documents.load(ADMIN, "Ticket", kept)
    assert (record["subject"], record["hours"], "room" in record) == ("异响", 4, False)
    undoes(empty_site, undone)  # and that again
    assert empty_site.documents.load(ADMIN, "Ticket", kept)["room"] == "A1"


def test_a_new_record_type_goes_and_a_removed_one_comes_back_with_its_records(empty_site: Site) -> None:
    publishes(empty_site, ticket(subject="Data"))
    kept = empty_site.documents.save(ADMIN, "Ticket", {"subject": "x"}).name
    changed = publishes(empty_site, ticket("Visit", note="Data"), removed=("Ticket",))
    assert stored(empty_site) is None

    undoes(empty_site, changed)

    assert "Visit" not in empty_site.snapshot().model
    assert empty_site.documents.load(ADMIN, "Ticket", kept)["subject"] == "x"


def test_what_was_published_again_since_is_undone_first(empty_site: Site) -> None:
    publishes(empty_site, ticket(a="Data"))
    second = publishes(empty_site, ticket(a="Data", b="Data"))
    third = publishes(empty_site, ticket(a="Data", b="Data", c="Data"))

    with pytest.raises(ValidationFailed) as refused:
        undoes(empty_site, second)
    assert [fault.where for fault in refused.value.faults] == ["Ticket"]
    undoes(empty_site, third)
    undoes(empty_site, second)

    assert [item["fieldname"] for item in stored(empty_site)["fields"]] == ["a"]
    with pytest.raises(ValidationFailed, match="was undone already"):
        undoes(empty_site, second)


def test_what_others_need_by_now_is_not_taken_away(empty_site: Site) -> None:
    first = publishes(empty_site, ticket("Room", title="Data") | {"istable": 1})
    rooms = {"fieldname": "rooms", "fieldtype": "Table", "options": "Room"}
    publishes(empty_site, ticket(subject="Data") | {"fields": [rooms]})

    with pytest.raises(MetadataInvalid) as refused:
        undoes(empty_site, first)
    assert "Room" in refused.value.faults[0].text.en
    with pytest.raises(NotFound):
        undoes(empty_site, 999)


def test_a_site_keeps_its_users(empty_site: Site) -> None:
    core = [s.raw for s in empty_site.read_packs().sources if s.kind == "DocType" and s.raw.get("module") == "core"]
    first = publishes(empty_site, *core, origin="pack")

    with pytest.raises(ValidationFailed, match="nobody could sign in"):
        undoes(empty_site, first)


def test_the_pack_does_not_bring_back_what_was_undone(empty_site: Site) -> None:
    publishes(empty_site, ticket(a="Data"), origin="pack")
    shipped = ticket(a="Data", b="Data")
    second = publishes(empty_site, shipped, origin="pack")
    undoes(empty_site, second)

    sources, kept = with_site_changes(empty_site.publisher, [Source("DocType", "ticket.json", shipped)])
    assert [piece.name for piece in kept] == ["Ticket"]
    assert empty_site.publisher.propose(sources).is_empty


def test_the_list_of_publications_says_what_each_did(empty_site: Site) -> None:
    publishes(empty_site, ticket(a="Data"))
    publishes(empty_site, ticket(a="Data") | {"title_field": "a"})
    last = publishes(empty_site, removed=("Ticket",))

    told = [[described(piece).en for piece in item["pieces"]] for item in empty_site.publisher.publications()]

    assert told == [["Record type Ticket (removed)"], ["Record type Ticket (changed)"], ["Record type Ticket (new)"]]
    assert empty_site.publisher.publications()[0]["version"] == last


NUMBERS = count()
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "Data": st.sampled_from(["x", "中文", "12", "2026-03-02"]),
    "Int": st.integers(-5, 5),
    "Float": st.decimals(-9, 9, places=2).map(str),
    "Date": st.sampled_from(["2026-03-02", "2000-02-29"]),
    "Datetime": st.sampled_from(["2026-03-02 09:00:00", "1999-12-31 23:59:59"]),
    "Check": st.sampled_from([0, 1]),
}
FIELDS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(sorted(VALUES)), min_size=1)
# what a kind becomes without losing anything; a narrower one that some value does not fit is refused
BECOMES = {"Int": ["Float", "Data"], "Float": ["Data"], "Date": ["Data", "Datetime"], "Datetime": ["Data", "Date"]}


@st.composite
def changed(draw: Callable[..., Any], before: dict[str, str]) -> dict[str, str]:
    """Some fields go, some change their type, some come."""
    kept = {key: draw(st.sampled_from([kind, *BECOMES.get(kind, [])])) for key, kind in before.items() if draw(st.booleans())}
    return draw(FIELDS.map(lambda new: {f"{key}_new": kind for key, kind in new.items()})) | kept


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_that_is_undone_leaves_the_data_equal(empty_site: Site, data: st.DataObject) -> None:
    name = f"Ticket {next(NUMBERS)}"
    before = data.draw(FIELDS)
    publishes(empty_site, ticket(name, **before))
    values = [{key: data.draw(VALUES[kind] | st.none()) for key, kind in before.items()} for _ in range(2)]
    names = [empty_site.documents.save(ADMIN, name, one).name for one in values]
    was = [empty_site.documents.load(ADMIN, name, one) for one in names]
    try:
        version = publishes(empty_site, ticket(name, **data.draw(changed(before))) | {"description": "changed"})
    except ValidationFailed:  # a time of day that a date would lose: nothing is changed
        assert [empty_site.documents.load(ADMIN, name, one) for one in names] == was
        return

    undoes(empty_site, version)

    assert [empty_site.documents.load(ADMIN, name, one) for one in names] == was
