"""What a site changed of shipped metadata: listed with its story, kept through upgrades, taken back; conflicts are named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from exchange_desk import HALL, SHIPPED, copy, edits, ships, stored, with_field, without_field

from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import NotFound
from server.exchange.customisations import Standing
from server.site import Site

ADMIN = User.administrator()


def standing(site: Site) -> dict[str, Standing]:
    found = site.customisations.of("DocType", "Ticket")
    return {one.spelled: one for one in found.changes} if found else {}


def conflicts(site: Site) -> dict[str, str]:
    return {place: one.conflict for place, one in standing(site).items() if one.conflict}


def test_every_difference_is_listed_with_who_made_it_and_when(empty_site: Site, clock: SettableClock) -> None:
    ships(empty_site, SHIPPED)
    made = clock.now()
    edits(empty_site, with_field(SHIPPED, name="hours", reqd=1), by="li")
    clock.set(made + timedelta(days=1))
    edited = with_field(with_field(SHIPPED, "hours", reqd=1), "hall", after="subject", fieldtype="Data")
    edited["permissions"][1]["print"] = 1
    edits(empty_site, edited, by="wang")

    found = standing(empty_site)

    assert {place: (one.by, one.since) for place, one in found.items()} == {
        "fields.hours.reqd": ("li", made),
        "fields.hall": ("wang", made + timedelta(days=1)),
        "permissions.Clerk.print": ("wang", made + timedelta(days=1)),
    }
    assert (found["fields.hours.reqd"].change.shipped, found["fields.hours.reqd"].change.ours) == (None, 1)
    assert [(item.name, item.pack) for item in empty_site.customisations.all()] == [("Ticket", "tickets")]


def test_an_upgrade_keeps_them_and_what_they_were_made_by(site: Site, clock: SettableClock) -> None:
    ships(site, SHIPPED)
    edits(site, with_field(copy(SHIPPED, fields=SHIPPED["fields"][::-1]), "hall", after="note", fieldtype="Data"))
    made = clock.now()
    clock.set(made + timedelta(days=30))

    ships(site, with_field(SHIPPED, "urgency", after="subject", fieldtype="Data"))

    assert [row["fieldname"] for row in stored(site)["fields"]] == ["note", "hall", "hours", "subject", "urgency"]
    assert {place: (one.by, one.since) for place, one in standing(site).items()} == {
        "fields.hall": ("li", made),
        "fields.(order)": ("li", made),
    }
    assert conflicts(site) == {}


@pytest.mark.parametrize(
    ("ours", "theirs", "named"),
    [
        pytest.param(
            with_field(SHIPPED, "hours", reqd=1),
            without_field(SHIPPED, "hours"),
            {"fields.hours": "no longer shipped"},
            id="gone",
        ),
        pytest.param(
            with_field(SHIPPED, "hours", length=5),
            with_field(SHIPPED, "hours", length=9),
            {"fields.hours.length": "shipped value changed"},
            id="other value",
        ),
        pytest.param(
            with_field(SHIPPED, "hall", fieldtype="Data", reqd=1),
            with_field(SHIPPED, "hall", fieldtype="Data", length=9),
            {"fields.hall.reqd": "shipped too", "fields.hall.length": "shipped too"},
            id="shipped too",
        ),
        pytest.param(copy(SHIPPED, autoname="UUID"), copy(SHIPPED, label="T"), {}, id="elsewhere"),
        pytest.param(with_field(SHIPPED, "hours", length=5), with_field(SHIPPED, "hours", length=5), {}, id="the same"),
    ],
)
def test_where_the_pack_changed_the_same_place_the_site_stands_and_the_conflict_stays_named(
    site: Site, ours: dict[str, Any], theirs: dict[str, Any], named: dict[str, str]
) -> None:
    ships(site, SHIPPED)
    edits(site, ours)

    for _ in range(2):  # at the next start as well
        ships(site, theirs)
        assert conflicts(site) == named


def test_a_conflict_is_decided_for_ours_until_the_pack_changes_again(site: Site) -> None:
    ships(site, SHIPPED)
    edits(site, with_field(SHIPPED, "hours", length=5))
    ships(site, with_field(SHIPPED, "hours", length=9))

    site.customisations.confirm("DocType", "Ticket", [standing(site)["fields.hours.length"].key])

    assert (conflicts(site), standing(site)["fields.hours.length"].change.ours) == ({}, 5)
    ships(site, with_field(SHIPPED, "hours", length=12))
    assert conflicts(site) == {"fields.hours.length": "shipped value changed"}


def takes_back(site: Site, *places: str) -> None:
    keys = [standing(site)[place].key for place in places] if places else None
    site.publisher.publish(site.customisations.propose_taking_back("DocType", "Ticket", keys), "li", origin="site")


def test_one_is_taken_back_and_the_others_stay_with_their_data(empty_site: Site) -> None:
    ships(empty_site, SHIPPED)
    edits(empty_site, copy(with_field(without_field(SHIPPED, "hours"), "hall", fieldtype="Data"), label="Ours"))
    name = empty_site.documents.save(ADMIN, "Ticket", {"subject": "x", "hall": "A1"}).name

    takes_back(empty_site, "fields.hours", "label")

    assert list(standing(empty_site)) == ["fields.hall"]
    assert [row["fieldname"] for row in stored(empty_site)["fields"]] == ["subject", "hours", "note", "hall"]
    assert empty_site.documents.load(ADMIN, "Ticket", name)["hall"] == "A1"


def test_all_are_taken_back_and_the_piece_is_as_shipped(site: Site) -> None:
    ships(site, SHIPPED)
    edits(site, copy(with_field(SHIPPED, **{"name": "hall"} | {"fieldtype": "Data"}), label="Ours", permissions=[]))
    ships(site, copy(SHIPPED, autoname="UUID"))

    takes_back(site)

    assert stored(site) == copy(SHIPPED, autoname="UUID")
    assert site.customisations.all() == []
    with pytest.raises(NotFound):
        site.customisations.propose_taking_back("DocType", "Ticket")


def test_a_flag_that_is_written_as_off_is_no_difference(site: Site) -> None:
    ships(site, SHIPPED)
    edits(site, with_field(SHIPPED, "hours", reqd=0, hidden=0))
    assert standing(site) == {}
    edits(site, with_field(SHIPPED, "hours", default="0", precision=0))
    assert set(standing(site)) == {"fields.hours.default", "fields.hours.precision"}


def test_what_the_site_made_itself_is_no_customisation(site: Site) -> None:
    edits(site, copy(SHIPPED, name="Own"))
    edits(site, with_field(copy(SHIPPED, name="Own"), HALL["fieldname"], fieldtype="Data"))
    assert site.customisations.all() == []
