"""Packs on a site: added, upgraded, removed, exported and added elsewhere, each as planned; wheels as well as folders."""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from exchange_desk import SHIPPED, copy, edits, pack_folder, ships, stored, with_field, without_field

from server.access.user import User
from server.core.errors import MetadataInvalid, NotFound, ValidationFailed
from server.exchange.manifest import Manifest
from server.exchange.pack_export import own_content, pack_content, write_pack
from server.exchange.pack_service import PackDone
from server.exchange.pack_upload import FOLDER, unpack, uploaded
from server.exchange.undo import propose_undo
from server.site import Site

ADMIN = User.administrator()
VISIT: dict[str, Any] = {
    "doctype": "DocType", "name": "Visit", "autoname": "hash", "permissions": SHIPPED["permissions"],
    "fields": [{"fieldname": "ticket", "fieldtype": "Link", "options": "Ticket"}, {"fieldname": "day", "fieldtype": "Date"}],
}  # fmt: skip
RULE: dict[str, Any] = {
    "name": "hours-known", "title": "Hours", "applies_to": "Ticket", "on": ["validate"],
    "when": {"all": [["hours", "is", "not set"]]}, "then": [{"warn": {"message": "How many hours?"}}],
}  # fmt: skip
FIXTURE = {"doctype": "Ticket", "records": [{"subject": "first"}]}


def adds(site: Site, wanted: object) -> PackDone:
    return site.pack_service.carry_out(site.pack_service.plan_add(str(wanted)), "li")


def upgrades(site: Site, name: str, folder: object = None) -> PackDone:
    return site.pack_service.carry_out(site.pack_service.plan_upgrade(name, str(folder) if folder else None), "li")


def removes(site: Site, name: str) -> PackDone:
    return site.pack_service.carry_out(site.pack_service.plan_remove(name), "li")


def packs(site: Site) -> dict[str, tuple[str, list[str]]]:
    return {state.name: (state.manifest.version, [name for _, name in state.pieces]) for state in site.packs.all()}


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    return pack_folder(tmp_path / "tickets", "tickets", SHIPPED, RULE, FIXTURE, title={"zh": "工单", "en": "Tickets"})


@pytest.fixture
def visits(tmp_path: Path) -> Path:
    return pack_folder(tmp_path / "visits", "visits", VISIT, requires=["tickets >= 1.0"])


def test_what_a_pack_brought_is_known_and_its_records_come_once(empty_site: Site, tickets: Path) -> None:
    done = adds(empty_site, tickets)

    assert done.records == 1
    assert packs(empty_site) == {"tickets": ("1.0.0", ["Ticket", "hours-known"])}
    assert empty_site.packs.get("tickets").manifest.called().en == "Tickets (tickets)"
    pack_folder(tickets, "tickets", SHIPPED, RULE, FIXTURE, version="1.1.0")
    assert upgrades(empty_site, "tickets").records == 0
    assert empty_site.packs.get("tickets").manifest.version == "1.1.0"


def test_an_upgrade_is_planned_with_the_sites_changes_and_drops_what_is_no_longer_shipped(
    empty_site: Site, tickets: Path
) -> None:
    adds(empty_site, tickets)
    edits(empty_site, with_field(with_field(SHIPPED, "hall", fieldtype="Data"), "hours", length=5))
    next_version = with_field(with_field(SHIPPED, "hours", length=9), "urgency", fieldtype="Data")
    pack_folder(tickets, "tickets", next_version, version="2.0.0")
    assert empty_site.packs.get("tickets").available == "2.0.0"

    plan = empty_site.pack_service.plan_upgrade("tickets")

    assert (plan.before, plan.manifest.version, plan.removed) == ("1.0.0", "2.0.0", (("Rule", "hours-known"),))
    assert [piece.conflicts for piece in plan.kept] == [("fields.hours.length",)]
    assert [type(step).__name__ for step in plan.proposal.plan.steps] == ["AddColumn"]
    assert packs(empty_site)["tickets"][0] == "1.0.0", "a plan changes nothing"
    empty_site.pack_service.carry_out(plan, "li")
    assert set(empty_site.snapshot().model["Ticket"].by_name) == {"subject", "hours", "note", "hall", "urgency"}
    assert packs(empty_site) == {"tickets": ("2.0.0", ["Ticket"])}
    assert empty_site.pack_service.plan_upgrade("tickets").is_empty


def test_a_pack_is_removed_with_its_data_kept_and_that_is_undone(empty_site: Site, tickets: Path) -> None:
    adds(empty_site, tickets)
    name = empty_site.documents.save(ADMIN, "Ticket", {"subject": "异响"}).name
    edits(empty_site, with_field(SHIPPED, "hall", fieldtype="Data"))

    done = removes(empty_site, "tickets")

    assert "Ticket" not in empty_site.snapshot().model
    assert packs(empty_site) == {}
    undo = propose_undo(empty_site.publisher, done.version)
    undo.publish(empty_site.publisher, "li")
    assert empty_site.documents.load(ADMIN, "Ticket", name)["subject"] == "异响"
    assert packs(empty_site)["tickets"][0] == "1.0.0"
    assert [item.name for item in empty_site.customisations.all()] == ["Ticket"]


def test_what_others_need_is_not_removed_and_they_are_named(site: Site, tickets: Path, visits: Path) -> None:
    adds(site, tickets)
    adds(site, visits)
    edits(site, RULE | {"name": "own-rule"})

    with pytest.raises(ValidationFailed) as refused:
        site.pack_service.plan_remove("tickets")

    assert [fault.where for fault in refused.value.faults] == ["visits", "Visit.ticket", "own-rule.applies_to"]
    removes(site, "visits")
    with pytest.raises(ValidationFailed, match="Others need"):
        site.pack_service.plan_remove("tickets")


def test_a_field_that_the_next_version_drops_and_a_rule_of_others_reads_stops_the_upgrade(site: Site, tickets: Path) -> None:
    adds(site, tickets)
    edits(site, RULE | {"name": "own-rule"})
    pack_folder(tickets, "tickets", without_field(SHIPPED, "hours"), version="2.0.0")

    with pytest.raises(MetadataInvalid, match="own-rule"):
        site.pack_service.plan_upgrade("tickets")


def test_a_record_type_that_the_next_version_renames_takes_the_sites_changes_and_records_along(
    site: Site, tickets: Path
) -> None:
    adds(site, tickets)
    edits(site, with_field(SHIPPED, "hall", fieldtype="Data"))
    edits(site, VISIT)
    name = site.documents.save(ADMIN, "Ticket", {"subject": "x", "hall": "A1"}).name
    pack_folder(tickets, "tickets", copy(SHIPPED, name="Case", renamed_from="Ticket"), version="2.0.0")

    upgrades(site, "tickets")

    assert site.documents.load(ADMIN, "Case", name)["hall"] == "A1"
    assert packs(site) == {"tickets": ("2.0.0", ["Case"])}
    assert [[one.spelled for one in item.changes] for item in site.customisations.all()] == [["fields.hall"]]
    assert stored(site, "Visit")["fields"][0]["options"] == "Case"
    assert site.publisher.shipped("DocType", "Visit") is None, "what follows a rename is not shipped by that"


def test_a_record_type_that_the_site_renames_goes_on_as_the_packs(site: Site, tickets: Path) -> None:
    pack_folder(tickets, "tickets", SHIPPED)
    adds(site, tickets)
    edits(site, copy(SHIPPED, name="Case", renamed_from="Ticket"))
    pack_folder(tickets, "tickets", with_field(SHIPPED, "urgency", fieldtype="Data"), version="2.0.0")

    for _ in range(2):
        upgrades(site, "tickets")

    assert packs(site) == {"tickets": ("2.0.0", ["Case"])}
    assert "urgency" in site.snapshot().model["Case"].by_name


def test_what_the_site_had_first_stays_its_own_when_the_pack_goes(site: Site, tickets: Path) -> None:
    edits(site, copy(SHIPPED, label="Ours"))
    adds(site, tickets)
    assert packs(site)["tickets"][1] == ["Ticket", "hours-known"]

    removes(site, "tickets")

    assert (stored(site)["label"], packs(site)) == ("Ours", {})
    edits(site, copy(SHIPPED, label="Ours still"))
    assert site.customisations.all() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"requires": ["tickets >= 2.0"]}, "the site has 1.0.0", id="too old"),
        pytest.param({"requires": ["lost"]}, "which the site has not", id="absent"),
        pytest.param({"name": "Visits"}, "is not a pack name", id="name"),
        pytest.param({"version": "new"}, "is not a version", id="version"),
        pytest.param({"requires": "tickets"}, "expected a list", id="requires"),
    ],
)
def test_a_pack_that_does_not_fit_is_refused_with_the_reason(
    site: Site, tickets: Path, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    adds(site, tickets)
    manifest = {"name": "visits", **change}
    folder = pack_folder(tmp_path / "wrong", manifest.pop("name"), VISIT, **manifest)

    with pytest.raises(MetadataInvalid) as refused:
        adds(site, folder)

    assert said in refused.value.faults[0].text.en
    assert list(packs(site)) == ["tickets"]


def test_a_pack_does_not_take_another_ones_pieces(site: Site, tickets: Path, tmp_path: Path) -> None:
    adds(site, tickets)

    with pytest.raises(MetadataInvalid) as refused:
        adds(site, pack_folder(tmp_path / "other", "other", copy(SHIPPED, label="Other")))

    assert "shipped by the pack tickets" in refused.value.faults[0].text.en
    with pytest.raises(ValidationFailed, match="on this site already"):
        adds(site, tickets)
    with pytest.raises(NotFound, match='Did you mean "tickets"'):
        site.pack_service.plan_remove("ticket")


# Carried to another site


def test_the_sites_own_metadata_makes_a_pack_that_gives_another_site_the_same(
    make_site: Callable[[], Site], tickets: Path, tmp_path: Path
) -> None:
    here, there = make_site(), make_site()
    for site in (here, there):
        adds(site, tickets)
    edits(here, VISIT)
    edits(here, RULE | {"name": "own rule", "applies_to": "Visit", "when": {"all": [["day", "is", "not set"]]}})
    edits(here, RULE | {"name": "own-rule"})  # a name that makes the same file name
    edits(here, copy(with_field(SHIPPED, "hall", after="subject", fieldtype="Data"), label="Ours"))
    own = own_content(here.publisher.stored(), here.customisations.all(), here.packs.all(), Manifest("works", "1.0.0"))

    write_pack(own, here.snapshot().model, tmp_path / "works")
    adds(there, tmp_path / "works")

    assert json.loads((tmp_path / "works/pack.json").read_text())["requires"] == ["tickets >= 1.0.0"]
    assert {(s.kind, s.name): s.raw for s in there.publisher.stored()} == {
        (s.kind, s.name): s.raw for s in here.publisher.stored()
    }
    changes = [
        [(item.name, [one.change for one in item.changes]) for item in site.customisations.all()] for site in (here, there)
    ]
    assert changes[0] == changes[1] != []
    assert packs(there)["works"][1] == ["Visit", "own rule", "own-rule"]
    removes(there, "works")
    assert "hall" in there.snapshot().model["Ticket"].by_name, "customisations are the site's, and stay"


def test_a_customisation_in_a_pack_that_does_not_fit_stops_all_of_it(
    make_site: Callable[[], Site], tickets: Path, tmp_path: Path
) -> None:
    here, there = make_site(), make_site()
    adds(here, tickets)
    edits(here, with_field(SHIPPED, "hours", length=5))
    edits(here, VISIT)
    write_pack(own_content(here.publisher.stored(), here.customisations.all(), [], Manifest("works", "1.0.0")),
               here.snapshot().model, tmp_path / "works")  # fmt: skip
    adds(there, pack_folder(tmp_path / "elsewhere", "tickets", with_field(SHIPPED, "hours", length=9)))

    with pytest.raises(ValidationFailed) as refused:
        adds(there, tmp_path / "works")

    assert [fault.where for fault in refused.value.faults] == ["Ticket.fields.hours.length"]
    assert "Visit" not in there.snapshot().model


def test_records_that_were_not_entered_are_entered_by_the_next_upgrade(site: Site, tmp_path: Path) -> None:
    of_many_hours = {"doctype": "Ticket", "records": [{"subject": "first"}, {"subject": "second", "hours": "many"}]}
    folder = pack_folder(tmp_path / "tickets", "tickets", SHIPPED, of_many_hours)
    with pytest.raises(ValidationFailed, match="upgrade it again"):
        adds(site, folder)

    pack_folder(
        folder, "tickets", SHIPPED, {"doctype": "Ticket", "records": [{"subject": "first"}, {"subject": "second", "hours": 3}]}
    )
    plan = site.pack_service.plan_upgrade("tickets")
    done = site.pack_service.carry_out(plan, "li")

    assert (plan.is_empty, done.records) == (False, 1)
    assert site.pack_service.plan_upgrade("tickets").is_empty


def test_a_pack_is_exported_as_it_is_here_and_its_folder_follows_what_goes(site: Site, tickets: Path, tmp_path: Path) -> None:
    adds(site, tickets)
    edits(site, with_field(SHIPPED, "hall", fieldtype="Data"))
    out = tmp_path / "out"

    write_pack(pack_content(site.packs.get("tickets"), site.publisher.stored()), site.snapshot().model, out)

    assert json.loads((out / "pack.json").read_text())["version"] == "1.0.0+site"
    assert json.loads((out / "doctypes/site/ticket.json").read_text()) == stored(site)
    assert (out / "fixtures/records.json").is_file()
    assert (out / "rules/site/hours_known.json").is_file()
    pack_folder(tickets, "tickets", SHIPPED, version="2.0.0")
    upgrades(site, "tickets")
    write_pack(pack_content(site.packs.get("tickets"), site.publisher.stored()), site.snapshot().model, out)
    assert not (out / "rules/site/hours_known.json").exists()
    with pytest.raises(ValidationFailed, match="holds another pack"):
        write_pack(own_content(site.publisher.stored(), [], [], Manifest("works", "1.0.0")), site.snapshot().model, out)


# Wheels


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed distribution that names a pack, as a wheel unpacks it."""
    root = tmp_path / "site-packages"
    pack_folder(root / "acme_tickets" / "pack", "tickets", SHIPPED)
    (root / "acme_tickets" / "__init__.py").write_text("raise AssertionError('a pack is found, never imported')")
    info = root / "acme_tickets-1.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-tickets\nVersion: 1.0.0\n")
    (info / "entry_points.txt").write_text("[guiju.packs]\ntickets = acme_tickets:pack\nlost = acme_lost\n")
    monkeypatch.setattr(sys, "path", [str(root), *sys.path])
    return root / "acme_tickets" / "pack"


def test_a_pack_of_an_installed_wheel_is_offered_added_and_upgraded_with_it(site: Site, wheel: Path) -> None:
    offered, faults = site.packs.offered()
    assert [(one.name, one.version, one.place) for one in offered] == [("tickets", "1.0.0", "wheel acme-tickets")]
    assert ["lost" in fault.text.en for fault in faults] == [True]

    adds(site, "tickets")
    assert site.packs.offered()[0] == []
    pack_folder(wheel, "tickets", with_field(SHIPPED, "hall", fieldtype="Data"), version="1.1.0")
    upgrades(site, "tickets")

    assert packs(site)["tickets"][0] == "1.1.0"
    assert "hall" in site.snapshot().model["Ticket"].by_name
    with pytest.raises(NotFound, match="no installed pack"):
        adds(site, "lost-too")


# Zips


def zipped(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def with_flags(packed: bytes, flags: int) -> bytes:
    """The zip of one entry with general purpose flags in its head and in the directory."""
    made, directory = bytearray(packed), packed.index(b"PK\x01\x02")
    made[6] = made[directory + 8] = flags
    return bytes(made)


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        pytest.param(zipped(**{"../pack.json": "{}"}), "not allowed", id="above"),
        pytest.param(zipped(**{"/pack.json": "{}"}), "not allowed", id="absolute"),
        pytest.param(zipped(**{"..\\pack.json": "{}"}), "not allowed", id="above on Windows"),
        pytest.param(zipped(**{"doctypes/x.json": "{}"}), "should hold a pack.json", id="no pack"),
        pytest.param(b"", "not a zip", id="no zip"),
        pytest.param(zipped(**{"x.json": "{}", "x.json/y.json": "{}"}), "damaged", id="a file that is a folder"),
        pytest.param(zipped(**{"x" * 300 + ".json": "{}"}), "not allowed", id="too long a name"),
        pytest.param(zipped(**{"x.json": "{} "}).replace(b"{} ", b"[] "), "damaged", id="damaged"),
        pytest.param(with_flags(zipped(**{"x.json": "{}"}), 1), "encrypted", id="encrypted"),
    ],
)
def test_a_zip_that_is_no_pack_is_refused_and_writes_nothing_elsewhere(tmp_path: Path, packed: bytes, said: str) -> None:
    with pytest.raises(ValidationFailed, match=said):
        unpack(packed, tmp_path / "site", [])

    assert not list(tmp_path.rglob("pack.json"))


def test_uploads_of_another_day_that_no_pack_came_from_are_cleared_away(tmp_path: Path) -> None:
    abandoned = unpack(zipped(**{"one/pack.json": "{}"}), tmp_path, [])
    waiting = unpack(zipped(**{"three/pack.json": "{}"}), tmp_path, [])
    added = unpack(zipped(**{"two/pack.json": "{}", "two/run.sh": "rm"}), tmp_path, [])
    place = uploaded(added, tmp_path)
    assert place is not None
    for old in (abandoned, added):
        os.utime(tmp_path / FOLDER / old, (0, 0))

    unpack(zipped(**{"pack.json": "{}"}), tmp_path, [str(place)])

    assert uploaded(waiting, tmp_path) is not None, "what another administrator has just uploaded"
    assert (uploaded(abandoned, tmp_path), uploaded(added, tmp_path)) == (None, place)
    assert [file.name for file in place.iterdir()] == ["pack.json"], "metadata alone is unpacked"
    assert uploaded("../..", tmp_path) is None


# Sites made before packs had names


def test_a_site_of_before_learns_whose_its_pieces_are_without_a_new_version(site: Site) -> None:
    pack = site.read_packs()
    ships(site, *(source.raw for source in pack.sources), pack="")
    item = stored(site, "Item")
    edits(site, copy(item, label="Material"))
    version = site.snapshot().version
    assert packs(site) == {}

    site.packs.record(pack, "Administrator")

    assert site.snapshot().version == version
    assert len(packs(site)["builtin"][1]) == len(pack.sources)
    assert [(found.name, [one.spelled for one in found.changes]) for found in site.customisations.all()] == [
        ("Item", ["label"])
    ]
    with pytest.raises(ValidationFailed, match="could sign in"):
        site.pack_service.plan_remove("builtin")
