"""Customisations and packs as an administrator's browser shows and changes them: the plan first, then the deed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from admin_people import signed_in
from flask.testing import FlaskClient

from server.exchange.customised import with_site_changes
from server.exchange.packs import Source
from server.site import Site

Post = Callable[..., Any]
PIECE = "/admin/customisations/piece?kind=DocType&name=Item"
VISIT = {
    "doctype": "DocType", "name": "Site Visit", "permissions": [{"role": "System Manager", "read": 1}],
    "fields": [{"fieldname": "item", "fieldtype": "Link", "options": "Item"}],
}  # fmt: skip


@pytest.fixture
def customised(site: Site) -> Site:
    """Item with another title and a field of the site's own."""
    raw = json.loads(json.dumps(next(source.raw for source in site.publisher.stored() if source.name == "Item")))
    raw["label"] = {"zh": "料号", "en": "Material"}
    raw["fields"].append({"fieldname": "hall", "fieldtype": "Data", "label": {"zh": "车间", "en": "Hall"}})
    site.publisher.publish(site.publisher.propose([Source("DocType", "Item", raw)]), "root", origin="site")
    return site


def changes(site: Site) -> list[str]:
    found = site.customisations.of("DocType", "Item")
    return [one.spelled for one in found.changes] if found else []


def base_of(page: Any) -> str:
    found = re.search(r'name="base" value="(\d+)"', page.text)
    assert found is not None, page.text[:2000]
    return found.group(1)


def test_a_page_lists_what_was_changed_and_one_change_is_taken_back_after_its_plan(
    customised: Site, admin: FlaskClient, post: Post
) -> None:
    assert ">Item</a>" in admin.get("/admin/customisations/").text
    for place in (
        "/admin/doctypes/",
        "/admin/doctypes/edit?name=Item",
        "/admin/doctypes/history?name=Item",
        "/admin/builder/?name=Item",
    ):
        assert PIECE.replace("&", "&amp;") in admin.get(place).text, place
    page = admin.get(PIECE).text
    for shown in ("Item / 物料", "Material / 料号", "Field Hall (hall): added", "Root"):
        assert shown in page, shown
    found = customised.customisations.of("DocType", "Item")
    key = next(one.key for one in found.changes if one.spelled == "fields.hall") if found else ""
    asked = {"kind": "DocType", "name": "Item", "key": key, "address_of_form": "/admin/customisations/take-back"}

    plan = post(PIECE, **asked)

    assert (len(changes(customised)), "hall" in plan.text) == (2, True)
    assert post(PIECE, **asked, base=base_of(plan)).status_code == 302
    assert changes(customised) == ["label"]
    plan = post(PIECE, kind="DocType", name="Item", address_of_form="/admin/customisations/take-back")
    post(PIECE, kind="DocType", name="Item", base=base_of(plan), address_of_form="/admin/customisations/take-back")
    assert changes(customised) == []


def test_a_file_is_exported_and_imported_again_with_its_plan_shown(customised: Site, admin: FlaskClient, post: Post) -> None:
    text = admin.get("/admin/customisations/export").text
    customised.publisher.publish(customised.customisations.propose_taking_back("DocType", "Item"), "root", origin="site")
    address = {"address_of_form": "/admin/customisations/import"}

    plan = post("/admin/customisations/", file=(io.BytesIO(text.encode()), "ours.json"), **address)

    assert ("Material / 料号" in plan.text, changes(customised)) == (True, [])
    assert post("/admin/customisations/", text=text, label="ours.json", base=base_of(plan), **address).status_code == 302
    assert set(changes(customised)) == {"label", "fields.hall"}
    broken = post("/admin/customisations/", file=(io.BytesIO(b"{"), "broken.json"), **address)
    assert (broken.status_code, "broken.json" in broken.text) == (417, True)
    other = json.dumps({"format": "customisations", "pieces": [{"kind": "DocType", "name": "Item", "changes": [
        {"at": ["label"], "shipped": "Thing", "ours": "Stuff"}, {"at": ["fields", "hall", "reqd"], "ours": 1}]}]})  # fmt: skip
    refused = post("/admin/customisations/", file=(io.BytesIO(other.encode()), "other.json"), **address)
    assert (refused.status_code, "Item.label" in refused.text) == (417, True)
    plan = post("/admin/customisations/", text=other, label="other.json", skip_conflicts="1", **address)
    post("/admin/customisations/", text=other, label="other.json", skip_conflicts="1", base=base_of(plan), **address)
    assert customised.snapshot().model["Item"].by_name["hall"].reqd


def test_a_conflict_is_shown_until_it_is_decided(customised: Site, admin: FlaskClient, post: Post) -> None:
    pack = customised.read_packs()
    news = [Source(s.kind, s.file, {**s.raw, "label": "Article"}, pack=s.pack) for s in pack.sources if s.name == "Item"]
    customised.publisher.publish(customised.publisher.propose(with_site_changes(customised.publisher, news)[0]), "pack")
    found = customised.customisations.of("DocType", "Item")
    assert found is not None
    assert "the pack changed the shipped value" in admin.get(PIECE).text

    post(PIECE, kind="DocType", name="Item", key=found.conflicts[0].key, address_of_form="/admin/customisations/keep")

    assert "the pack changed the shipped value" not in admin.get(PIECE).text
    assert customised.snapshot().model["Item"].label.en == "Material"


def test_packs_are_upgraded_removed_and_exported_after_their_plan(
    site: Site, admin: FlaskClient, post: Post, tmp_path: Path
) -> None:
    folder = tmp_path / "visits"
    (folder / "doctypes").mkdir(parents=True)
    (folder / "doctypes" / "visit.json").write_text(json.dumps(VISIT))
    (folder / "pack.json").write_text(json.dumps({"name": "visits", "version": "1.0.0", "requires": ["builtin"]}))
    site.pack_service.carry_out(site.pack_service.plan_add(str(folder)), "root")
    (folder / "pack.json").write_text(json.dumps({"name": "visits", "version": "1.1.0", "requires": ["builtin"]}))
    change = {"name": "visits", "address_of_form": "/admin/packs/change"}
    assert "1.1.0" in admin.get("/admin/packs/").text

    plan = post("/admin/packs/", action="upgrade", **change)
    assert site.packs.get("visits").manifest.version == "1.0.0"
    post("/admin/packs/", action="upgrade", base=base_of(plan), **change)
    assert site.packs.get("visits").manifest.version == "1.1.0"

    packed = admin.get("/admin/packs/export?name=visits")
    plan = post("/admin/packs/", action="remove", **change)
    post("/admin/packs/", action="remove", base=base_of(plan), **change)
    assert "Site Visit" not in site.snapshot().model

    plan = post("/admin/packs/", file=(io.BytesIO(packed.data), "visits.zip"), address_of_form="/admin/packs/upload")
    assert "Site Visit" not in site.snapshot().model
    token = re.search(r'name="upload" value="(\w+)"', plan.text)
    assert token is not None
    post("/admin/packs/", action="add", base=base_of(plan), upload=token.group(1), **change)
    assert next(source.raw for source in site.publisher.stored() if source.name == "Site Visit") == VISIT
    assert site.pack_service.plan_upgrade("visits").is_empty, "its folder stays as its place"
    refused = post("/admin/packs/", action="remove", name="builtin", address_of_form="/admin/packs/change")
    assert refused.status_code == 417


def test_they_are_for_administrators(site: Site) -> None:
    clerk = signed_in(site, "clerk")
    for address in (
        "/admin/packs/",
        "/admin/packs/export?name=builtin",
        "/admin/customisations/",
        "/admin/customisations/export",
    ):
        assert clerk.get(address).status_code == 403
