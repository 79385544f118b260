"""What people do beside a record's content: comments, following, assignments, tags; who may, who is told, and what stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from server.access.user import User
from server.assets import builtin_pack
from server.core.clock import SettableClock
from server.core.errors import GuijuError, NotFound, PermissionRefused, ValidationFailed
from server.exchange.packs import Source
from server.site import Site, open_site
from server.storage import audit

ADMIN = User.administrator()
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
CORE = ("department", "has_role", "role", "user", "user_permission", "tag")
ALL = {"read": 1, "write": 1, "create": 1, "delete": 1, "submit": 1, "cancel": 1, "share": 1}
TICKET = {
    "name": "Ticket", "label": {"zh": "工单", "en": "Ticket"}, "autoname": "field:code", "title_field": "subject", "is_submittable": 1,
    "allow_rename": 1,
    "fields": [
        {"fieldname": "code", "fieldtype": "Data", "reqd": 1},
        {"fieldname": "subject", "fieldtype": "Data", "label": {"zh": "简述", "en": "Subject"}, "allow_on_submit": 1},
        {"fieldname": "urgent", "fieldtype": "Check", "allow_on_submit": 1},
        {"fieldname": "technician", "fieldtype": "Link", "options": "User"},
    ],
    "permissions": [{"role": "Sales", **ALL}, {"role": "Reader", "read": 1}],
}  # fmt: skip
PEOPLE = (("li", "李工", "Sales"), ("wang", "Wang", "Sales"), ("qian", "钱读", "Reader"), ("guest", "客人", "Visitor"))


@pytest.fixture
def office(tmp_path: Path, clock: SettableClock) -> Iterator[Site]:
    """Sales write tickets, Readers read them, the Visitor may do neither."""
    site = open_site(tmp_path, clock=clock, environ={}, embedded_worker=False)
    core = [json.loads((builtin_pack() / f"doctypes/core/{name}.json").read_text("utf-8")) for name in CORE]
    publish(site, *core, TICKET)
    for role in ("Sales", "Reader", "Visitor"):
        site.documents.save(ADMIN, "Role", {"role_name": role})
    for login, name, role in PEOPLE:
        values = {"login": login, "full_name": name, "enabled": 1, "language": "en", "roles": [{"role": role}]}
        site.documents.save(ADMIN, "User", values)
    site.documents.save(ADMIN, "Ticket", {"code": "T-1", "subject": "noise"})
    yield site
    site.close()


def publish(site: Site, *pieces: dict[str, Any]) -> None:
    sources = [Source("Rule" if "applies_to" in piece else "DocType", str(piece["name"]), piece) for piece in pieces]
    site.publisher.publish(site.publisher.propose(sources), "tests")


def told(site: Site, login: str) -> list[str]:
    site.worker.run_once()
    return [item.title.en for item in reversed(site.told.notifications(site.user(login)))]


def signed_hash(site: Site) -> tuple[int, str]:
    with site.database.read() as connection:
        last = audit.history(connection, "Ticket", "T-1")[0]
    return last["version"], last["content_hash"]


def all_is_well(site: Site) -> bool:
    with site.database.read() as connection:
        return not list(audit.verify(connection, site.snapshot().model))


# Comments


def test_a_comment_on_a_submitted_record_changes_nothing_of_it_and_tells_whom_it_names(office: Site) -> None:
    li = office.user("li")
    office.documents.submit(li, "Ticket", "T-1")
    before = signed_hash(office)

    made = office.comments.add(office.user("qian"), "Ticket", "T-1", "please look @li, and @guest")

    assert [(item.by_name, item.text) for item in office.comments.of_record(li, "Ticket", "T-1")] == [("钱读", made.text)]
    assert told(office, "li") == ["钱读 mentions you: please look @李工, and @客人"]
    assert told(office, "guest") == []
    assert told(office, "qian") == ["客人, whom you mention, may not read T-1 and was not told; share it with them first."]
    assert signed_hash(office) == before
    assert office.documents.load(li, "Ticket", "T-1")["version"] == 2


def test_its_author_alone_changes_it_and_takes_it_back_and_what_it_said_stays_in_the_history(office: Site) -> None:
    li, wang = office.user("li"), office.user("wang")
    made = office.comments.add(li, "Ticket", "T-1", "first words")
    for refused in (lambda: office.comments.change(wang, made.id, "x"), lambda: office.comments.remove(wang, made.id)):
        with pytest.raises(PermissionRefused, match="Only who wrote"):
            refused()

    assert office.comments.change(li, made.id, "other words @wang").edited_at is not None
    office.comments.remove(li, made.id)

    assert office.comments.of_record(li, "Ticket", "T-1") == []
    kept = [
        (entry.action, entry.changes[0]["old"], entry.changes[0]["new"])
        for entry in office.queries.history(li, "Ticket", "T-1")
    ]
    assert kept[:2] == [
        ("comment removed", "other words @wang", None), ("comment edited", "first words", "other words @wang"),
    ]  # fmt: skip
    assert told(office, "wang") == ["李工 mentions you: other words @Wang"]
    assert all_is_well(office)


def test_nobody_reads_writes_or_is_offered_beside_a_record_they_may_not_read(office: Site) -> None:
    li, guest = office.user("li"), office.user("guest")
    made = office.comments.add(li, "Ticket", "T-1", "among us")
    office.tags.add(li, "Ticket", "T-1", "secret word")
    office.assignments.assign(li, "Ticket", "T-1", ["wang"], note="hidden work")
    for refused in (
        lambda: office.comments.of_record(guest, "Ticket", "T-1"),
        lambda: office.comments.one(guest, made.id),
        lambda: office.comments.add(guest, "Ticket", "T-1", "x"),
        lambda: office.comments.mentionable(guest, "Ticket", "T-1", ""),
        lambda: office.following.follow(guest, "Ticket", "T-1"),
        lambda: office.following.followers(guest, "Ticket", "T-1"),
        lambda: office.assignments.of_record(guest, "Ticket", "T-1"),
        lambda: office.assignments.assign(guest, "Ticket", "T-1", ["guest"]),
        lambda: office.tags.of_record(guest, "Ticket", "T-1"),
        lambda: office.tags.add(guest, "Ticket", "T-1", "x"),
        lambda: office.queries.list(guest, "Ticket", filters=[("_user_tags", "=", "secret word")]),
    ):
        with pytest.raises(PermissionRefused):
            refused()
    assert [item.login for item in office.comments.mentionable(li, "Ticket", "T-1", "")] == ["qian", "wang"]
    assert [item.login for item in office.comments.mentionable(li, "Ticket", "T-1", "钱")] == ["qian"]


def test_a_deleted_record_takes_everything_beside_it_along(office: Site) -> None:
    li = office.user("li")
    office.comments.add(li, "Ticket", "T-1", "old words")
    office.following.follow(li, "Ticket", "T-1")
    office.tags.add(li, "Ticket", "T-1", "old")
    office.documents.rename(li, "Ticket", "T-1", "T-2")
    assert [item.text for item in office.comments.of_record(li, "Ticket", "T-2")] == ["old words"]
    assert [item.tag for item in office.tags.of_record(li, "Ticket", "T-2")] == ["old"]

    office.documents.delete(li, "Ticket", "T-2")
    office.documents.save(li, "Ticket", {"code": "T-2"})

    assert office.comments.of_record(li, "Ticket", "T-2") == []
    assert (office.following.followers(li, "Ticket", "T-2"), office.tags.of_record(li, "Ticket", "T-2")) == ([], [])


# Following


def test_a_follower_hears_of_changes_steps_and_comments_until_they_may_not_read_it_any_more(office: Site) -> None:
    li, qian = office.user("li"), office.user("qian")
    office.following.follow(qian, "Ticket", "T-1")
    office.documents.save(li, "Ticket", {"subject": "louder noise"}, name="T-1")
    office.comments.add(li, "Ticket", "T-1", "bearing?")
    office.comments.add(qian, "Ticket", "T-1", "my own words")
    office.documents.submit(li, "Ticket", "T-1")
    assert told(office, "qian") == [
        "李工 changed Ticket T-1", "李工 commented on Ticket T-1: bearing?", "李工 submitted Ticket T-1",
    ]  # fmt: skip
    assert [item.full_name for item in office.following.followers(li, "Ticket", "T-1")] == ["钱读"]

    office.documents.save(ADMIN, "User", {"roles": [{"role": "Visitor"}]}, name="qian")
    office.comments.add(li, "Ticket", "T-1", "not for all ears")

    assert told(office, "qian") == []
    assert office.following.followers(li, "Ticket", "T-1") == []


# Assignments


def test_an_assignment_stands_in_the_inbox_comes_due_and_its_giver_hears_that_it_is_done(
    office: Site, clock: SettableClock
) -> None:
    li, wang = office.user("li"), office.user("wang")

    (given,) = office.assignments.assign(li, "Ticket", "T-1", ["wang"], note="call the customer", due="2026-03-03")

    assert [item.title.en for item in office.inbox.items(wang)] == ["call the customer"]
    assert told(office, "wang") == ["李工 assigns to you: call the customer"]
    with pytest.raises(ValidationFailed, match="assigned to Wang already"):
        office.assignments.assign(li, "Ticket", "T-1", ["wang"])
    clock.advance(days=2)
    office.due.sweep()
    assert office.inbox.items(wang)[0].obligation.state == "late"
    office.owed.done(wang, given.id, "they were glad")
    assert told(office, "li") == ["Wang has done: call the customer"]
    assert office.assignments.of_record(li, "Ticket", "T-1") == []
    assert [entry.action for entry in office.queries.history(li, "Ticket", "T-1")][:2] == ["done", "assigned"]
    assert all_is_well(office)


def test_who_gave_it_takes_it_back_and_nobody_else(office: Site) -> None:
    (given,) = office.assignments.assign(office.user("li"), "Ticket", "T-1", ["qian"])
    for login in ("wang", "qian"):
        with pytest.raises(PermissionRefused, match="was not assigned by you"):
            office.owed.withdraw(office.user(login), given.id)
    office.owed.withdraw(office.user("li"), given.id)
    assert office.inbox.items(office.user("qian")) == []
    assert told(office, "qian")[-1] == "李工 took back: See to Ticket T-1 noise"


@pytest.mark.parametrize(
    ("by", "people", "due", "why"),
    [
        ("li", ["guest"], "", "may not read T-1"),
        ("li", ["nobody"], "", "no enabled user"),
        ("li", [], "", "Assign to whom"),
        ("li", ["wang"], "2026-03-01", "has passed"),
        ("li", ["wang"], "soon", "not a day"),
        ("qian", ["wang"], "", "may not change Ticket T-1"),
    ],
)
def test_what_cannot_be_assigned(office: Site, by: str, people: list[str], due: str, why: str) -> None:
    with pytest.raises(GuijuError, match=why):
        office.assignments.assign(office.user(by), "Ticket", "T-1", people, due=due)
    assert office.assignments.of_record(office.user("li"), "Ticket", "T-1") == []


def test_a_reader_may_take_it_on_and_many_are_assigned_at_once(office: Site) -> None:
    office.assignments.assign(office.user("qian"), "Ticket", "T-1", ["qian"])
    office.documents.save(ADMIN, "Ticket", {"code": "T-2"})

    outcome = office.assignments.assign_many(office.user("li"), "Ticket", ["T-1", "T-2", "T-9"], ["qian"])

    assert outcome.done == ["T-2"]
    assert [(name, type(error)) for name, error in outcome.refused] == [("T-1", ValidationFailed), ("T-9", NotFound)]


# Files


def test_a_file_beside_a_submitted_record_is_opened_by_its_readers_and_stays(office: Site) -> None:
    li = office.user("li")
    first = office.attachments.attach(li, "Ticket", "T-1", BytesIO(PDF), "first.pdf").split("/")[2]
    office.attachments.remove(li, "Ticket", "T-1", first)
    office.documents.submit(li, "Ticket", "T-1")
    before = signed_hash(office)

    kept = office.attachments.attach(li, "Ticket", "T-1", BytesIO(PDF), "report.pdf").split("/")[2]

    (shown,) = office.attachments.of_record(office.user("qian"), "Ticket", "T-1")
    assert (shown.id, shown.filename, shown.by_name, shown.is_image) == (kept, "report.pdf", "李工", False)
    assert office.files.open(office.user("qian"), kept).path.read_bytes() == PDF
    assert signed_hash(office) == before
    assert [entry.action for entry in office.queries.history(li, "Ticket", "T-1")][:4] == [
        "attached", "submit", "detached", "attached",
    ]  # fmt: skip
    for refused in (
        lambda: office.files.open(office.user("guest"), kept),
        lambda: office.attachments.of_record(office.user("guest"), "Ticket", "T-1"),
        lambda: office.attachments.attach(office.user("qian"), "Ticket", "T-1", BytesIO(PDF), "mine.pdf"),
        lambda: office.attachments.remove(office.user("qian"), "Ticket", "T-1", kept),
    ):
        with pytest.raises(PermissionRefused):
            refused()
    with pytest.raises(ValidationFailed, match="its files stay"):
        office.attachments.remove(li, "Ticket", "T-1", kept)
    with pytest.raises(NotFound):
        office.files.open(li, first)
    assert all_is_well(office)


# Tags


def test_words_on_a_record_are_found_by_and_only_its_writers_put_them_on(office: Site) -> None:
    li = office.user("li")
    office.documents.submit(li, "Ticket", "T-1")
    office.documents.save(li, "Ticket", {"code": "T-2"})
    before = signed_hash(office)

    office.tags.add(li, "Ticket", "T-1", "  rush   job ")
    office.tags.add(li, "Ticket", "T-1", "spare part")
    outcome = office.tags.add_to_many(li, "Ticket", ["T-1", "T-2"], "spare part")

    assert outcome.done == ["T-1", "T-2"]
    assert [item.tag for item in office.tags.of_record(li, "Ticket", "T-1")] == ["rush job", "spare part"]
    assert office.tags.used(li, "Ticket", "spare") == ["spare part"]
    assert office.tags.used(office.user("guest"), "Ticket", "spare") == []  # who may not read tickets
    found = {
        operator: sorted(
            row["name"] for row in office.queries.list(li, "Ticket", filters=[("_user_tags", operator, value)]).rows
        )
        for operator, value in (("=", "rush job"), ("like", "%part%"), ("not in", "rush job,x"), ("is", "not set"))
    }
    assert found == {"=": ["T-1"], "like": ["T-1", "T-2"], "not in": ["T-2"], "is": []}
    with pytest.raises(PermissionRefused):
        office.tags.add(office.user("qian"), "Ticket", "T-1", "mine")
    with pytest.raises(ValidationFailed, match="no comma"):
        office.tags.add(li, "Ticket", "T-1", "a, b")
    office.tags.remove(li, "Ticket", "T-1", "rush job")
    assert [item.tag for item in office.tags.of_record(li, "Ticket", "T-1")] == ["spare part"]
    assert signed_hash(office) == before
    office.documents.delete(ADMIN, "Tag", "spare part")
    assert office.tags.of_record(li, "Ticket", "T-2") == []


# By rule


RULE = {
    "name": "urgent-ones", "title": {"zh": "加急", "en": "Urgent ones"}, "applies_to": "Ticket", "on": ["validate"],
    "when": {"all": [["urgent", "=", 1]]},
    "then": [
        {"assign": {"user_field": "technician", "role": "Reader", "due": "2 h", "note": {"zh": "处理 {subject}", "en": "see to {subject}"}}},
        {"tag": {"add": ["urgent"], "remove": ["can wait"]}},
    ],
    "tests": [{"title": "urgent", "doc": {"urgent": 1}, "then": ["assign", "tag"]}],
}  # fmt: skip


def owed(site: Site) -> list[tuple[str, str]]:
    items = site.inbox.for_record(ADMIN, "Ticket", "T-1")
    return sorted((str(item.obligation.owed_by_user or item.obligation.owed_by_role), item.obligation.state) for item in items)


def test_a_rule_assigns_while_it_holds_and_follows_the_field(office: Site) -> None:
    publish(office, RULE)
    li = office.user("li")
    office.tags.add(li, "Ticket", "T-1", "can wait")

    office.documents.save(li, "Ticket", {"urgent": 1, "technician": "wang"}, name="T-1")
    assert owed(office) == [("Reader", "open"), ("wang", "open")]
    assert [item.title.en for item in office.inbox.items(office.user("qian"))] == ["see to noise"]
    assert [(item.tag, item.rule) for item in office.tags.of_record(li, "Ticket", "T-1")] == [("urgent", "urgent-ones")]
    (entry,) = [one for one in (office.queries.why(li, "Ticket", "T-1") or {})["rules"] if one["matched"]]
    assert entry["then"] == ["assign", "tag"]

    office.documents.save(li, "Ticket", {"technician": "qian"}, name="T-1")
    assert owed(office) == [("Reader", "open"), ("qian", "open"), ("wang", "void")]

    office.documents.save(li, "Ticket", {"urgent": 0}, name="T-1")
    assert {state for _, state in owed(office)} == {"void"}

    office.documents.save(li, "Ticket", {"urgent": 1}, name="T-1")
    assert [who for who, state in owed(office) if state == "open"] == ["Reader", "qian"]
