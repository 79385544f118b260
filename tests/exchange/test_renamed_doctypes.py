"""A record type that gets another name: its records move along with all that is kept about them, and back again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from server.access.user import User
from server.app import create_app
from server.core.errors import MetadataInvalid
from server.exchange.packs import Source
from server.exchange.undo import propose_undo
from server.site import Site
from server.storage import audit, system

ADMIN = User.administrator()
RIGHTS = [{"role": "System Manager", "read": 1, "write": 1, "create": 1, "delete": 1}]
Publish = Callable[..., int]


def doctype(name: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    rights = {} if more.get("istable") else {"permissions": RIGHTS}
    return {"doctype": "DocType", "name": name, "autoname": "hash", "fields": list(fields), **rights, **more}


def field(name: str, kind: str = "Data", **more: Any) -> dict[str, Any]:
    return {"fieldname": name, "fieldtype": kind, **more}


PART = doctype("Ticket Part", field("item", in_list_view=1), istable=1)
TICKET = doctype(
    "Ticket", field("code", unique=1), field("subject", search_index=1), field("parts", "Table", options="Ticket Part"),
    field("above", "Link", options="Ticket"), autoname="autoincrement",
)  # fmt: skip
VISIT = doctype("Visit", field("ticket", "Link", options="Ticket"), field("about_type"), field("about", "Dynamic Link", options="about_type"))  # fmt: skip
NOTE_ROW = doctype("Note Row", field("kind"), field("record", "Dynamic Link", options="kind"), istable=1)
NOTE = doctype("Note", field("rows", "Table", options="Note Row"))
RENAMED_PART = {**PART, "name": "Case Part", "renamed_from": "Ticket Part"}
CASE = {
    **TICKET, "name": "Case", "renamed_from": "Ticket",
    "fields": [
        {**item, "options": {"Ticket": "Case", "Ticket Part": "Case Part"}[item["options"]]} if "options" in item else item
        for item in TICKET["fields"]
    ],
}  # fmt: skip


@pytest.fixture
def site(any_site: Site, publish: Publish) -> Site:
    """Tickets with rows, one below the other, links to them of both kinds, a comment and a file."""
    publish(any_site, PART, TICKET, VISIT, NOTE_ROW, NOTE)
    save = any_site.documents.save
    first = save(ADMIN, "Ticket", {"code": "A", "subject": "first", "parts": [{"item": "bolt"}, {"item": "nut"}]}).name
    save(ADMIN, "Ticket", {"code": "B", "subject": "second", "above": first})
    save(ADMIN, "Ticket", {"subject": "changed"}, name=first)
    save(ADMIN, "Visit", {"ticket": first, "about_type": "Ticket", "about": first})
    save(ADMIN, "Note", {"rows": [{"kind": "Ticket", "record": first}, {"kind": "Visit", "record": None}]})
    with any_site.database.write() as connection:
        kept = {"doctype": "Ticket", "name": first, "at": any_site.clock.now()}
        connection.execute(system.comment.insert().values(by="li", text="hello", **kept))
    return any_site


def the_one(site: Site, doctype: str) -> dict[str, Any]:
    return site.documents.load(ADMIN, doctype, site.queries.list(ADMIN, doctype, fields=["name"], limit=1).rows[0]["name"])


def findings(site: Site) -> list[str]:
    with site.database.read() as connection:
        return [item.text.en for item in audit.verify(connection, site.snapshot().model)]


def test_its_records_move_along_with_all_that_is_kept_about_them(site: Site, publish: Publish) -> None:
    publish(site, RENAMED_PART, CASE)

    assert {"Ticket", "Ticket Part"}.isdisjoint(site.snapshot().model.doctypes)
    record = site.documents.load(ADMIN, "Case", "1")
    assert (record["subject"], [row["item"] for row in record["parts"]]) == ("changed", ["bolt", "nut"])
    assert site.documents.load(ADMIN, "Case", "2")["above"] == "1"
    assert site.documents.save(ADMIN, "Case", {"code": "C"}).name == "3"  # its series goes on
    visit = the_one(site, "Visit")
    assert (visit["ticket"], visit["about_type"], visit["about"]) == ("1", "Case", "1")
    assert [row["kind"] for row in the_one(site, "Note")["rows"]] == ["Case", "Visit"]
    assert site.snapshot().doctype("Visit").field("ticket").options == "Case"
    with site.database.read() as connection:
        assert connection.execute(select(system.comment.c.doctype)).scalars().all() == ["Case"]


def test_the_history_goes_on_and_the_chain_still_verifies(site: Site, publish: Publish) -> None:
    publish(site, RENAMED_PART, CASE)
    site.documents.save(ADMIN, "Case", {"subject": "later"}, name="1")

    told = site.queries.history(ADMIN, "Case", "1")

    assert [(entry.version, entry.action) for entry in told] == [(3, "save"), (2, "rename"), (2, "save"), (1, "create")]
    assert [(change["old"], change["new"]) for change in told[1].changes] == [("Ticket", "Case")]
    assert findings(site) == []


def test_it_is_undone_with_its_records_and_may_be_renamed_again(site: Site, publish: Publish) -> None:
    version = publish(site, RENAMED_PART, CASE)
    site.documents.save(ADMIN, "Case", {"subject": "later"}, name="1")

    propose_undo(site.publisher, version).publish(site.publisher, "admin")

    assert "Case" not in site.snapshot().model
    assert (site.documents.load(ADMIN, "Ticket", "1")["subject"], the_one(site, "Visit")["about_type"]) == ("later", "Ticket")
    assert [entry.action for entry in site.queries.history(ADMIN, "Ticket", "1")] == [
        "rename",
        "save",
        "rename",
        "save",
        "create",
    ]
    publish(site, RENAMED_PART, CASE)
    assert site.documents.load(ADMIN, "Case", "1")["subject"] == "later"
    assert findings(site) == []


def test_a_renamed_child_table_alone_keeps_its_rows(site: Site, publish: Publish) -> None:
    publish(site, RENAMED_PART)

    assert [row["item"] for row in site.documents.load(ADMIN, "Ticket", "1")["parts"]] == ["bolt", "nut"]
    assert findings(site) == []


def test_rules_and_print_formats_that_say_the_old_name_are_named(site: Site, publish: Publish) -> None:
    rule = {
        "name": "a-subject", "title": "a subject", "applies_to": "Ticket", "on": ["validate"],
        "when": {"all": [["subject", "is", "not set"]]}, "then": [{"block": {"message": {"zh": "填主题", "en": "fill it in"}}}],
    }  # fmt: skip
    paper = {
        "doctype": "Print Format",
        "name": "Paper",
        "doc_type": "Ticket",
        "title": "Paper",
        "html": "<p>{{ doc.subject }}</p>",
    }
    publish(site, rule, paper)

    with pytest.raises(MetadataInvalid) as refused:
        publish(site, RENAMED_PART, CASE)

    assert {fault.where.split(":")[0] for fault in refused.value.faults} == {"Rule a-subject", "Print Format Paper"}
    publish(site, RENAMED_PART, CASE, rule | {"applies_to": "Case"}, paper | {"doc_type": "Case"})
    assert site.documents.load(ADMIN, "Case", "1")["subject"] == "changed"


def test_old_addresses_lead_to_the_new_name(site: Site, publish: Publish) -> None:
    core = [item for item in site.read_packs().sources if item.raw.get("module") == "core"]
    site.publisher.publish(site.publisher.propose(core), "tests")
    publish(site, RENAMED_PART, CASE)
    site.accounts.set_password("Administrator", "a-good-one")
    client = create_app(site).test_client()
    client.set_cookie("sid", site.accounts.sign_in("Administrator", "a-good-one", "127.0.0.1", "tests")[0])

    answers = [client.get(address) for address in ("/form/Ticket/1", "/list/Ticket")]

    assert [answer.headers["Location"] for answer in answers] == ["/form/Case/1", "/list/Case"]


def test_the_plan_says_how_many_records_move(site: Site) -> None:
    proposal = site.publisher.propose([Source("DocType", piece["name"], piece) for piece in (RENAMED_PART, CASE)])

    said = [step.en for step in proposal.steps if "becomes" in step.en]
    assert any('"Ticket" becomes "Case"' in text and "2 records" in text for text in said)
    assert {type(step).__name__ for step in proposal.plan.steps} == {"RenameTable"}
