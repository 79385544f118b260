"""What people do about obligations: done by hand, taken, passed on, waived, one or many at a time; and who may not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import GuijuError, PermissionRefused, ValidationFailed
from server.obligations.book import ObligationBook
from server.obligations.model import Obligation
from server.site import Site

ON_SQLITE = pytest.mark.parametrize("empty_site", ["sqlite"], indirect=True)
ROOT = User.administrator()
CALL = {
    "doctype": "DocType", "name": "Call", "module": "tests", "autoname": "format:C-{####}", "track_changes": 1,
    "fields": [{"fieldname": "topic", "fieldtype": "Data", "label": "Topic"}, {"fieldname": "answered", "fieldtype": "Check", "label": "Answered"}],
    "permissions": [{"role": role, "read": 1, "write": 1, "create": 1} for role in ("Service", "Head")] + [{"role": "Guard", "read": 1}],
}  # fmt: skip


def owing(name: str, **more: Any) -> dict[str, Any]:
    body = {
        "role": "Service",
        "title": {"zh": f"{name} {{name}}", "en": f"{name} {{name}}"},
        "due": "8 h",
        "escalate_to": "Head",
    }
    return {"name": name, "title": name, "applies_to": "Call", "then": [{"oblige": body}], **more}


RULES = (
    owing("phone-back"),
    owing("answer"),
    {"name": "answered", "title": "Answered", "applies_to": "Call", "when": {"all": [["answered", "=", 1]]}, "then": [{"fulfil": "answer"}]},
    {"name": "agree", "title": "Agree", "applies_to": "Call", "when": {"all": [["topic", "=", "dear"]]},
     "then": [{"require_approval": {"role": "Head", "title": {"zh": "同意 {name}", "en": "Agree to {name}"}, "show": ["topic"]}}]},
)  # fmt: skip
LI, CHEN, GAO, WU = (
    User(login, login.title(), roles=frozenset({"All", role}))
    for login, role in (("li", "Service"), ("chen", "Service"), ("gao", "Head"), ("wu", "Guard"))
)


@pytest.fixture
def site(empty_site: Site, publish: Callable[..., int], shipped_doctypes: Mapping[str, dict[str, object]]) -> Site:
    people = ("User", "Role", "Has Role", "Department", "User Permission")
    publish(empty_site, *(shipped_doctypes[name] for name in people), CALL, *RULES)
    for role in ("Service", "Head", "Guard"):
        empty_site.documents.save(ROOT, "Role", {"role_name": role, "title": role})
    for login, roles in (("li", ["Service"]), ("chen", ["Service"]), ("gao", ["Head"]), ("zhu", [])):
        values = {"login": login, "full_name": login.title(), "enabled": 1, "roles": [{"role": role} for role in roles]}
        empty_site.documents.save(ROOT, "User", values)
    return empty_site


def owed(site: Site, rule: str, topic: str = "cheap") -> Obligation:
    name = site.documents.save(LI, "Call", {"topic": topic}).name
    return of(site, name, rule)


def of(site: Site, name: str, rule: str) -> Obligation:
    with site.database.read() as connection:
        return ObligationBook(connection).of_record("Call", name, rule)[0]


def told(site: Site, login: str) -> list[str]:
    site.worker.run_once()
    return [item.title.en for item in site.told.notifications(site.user(login))]


@ON_SQLITE
def test_what_no_rule_finds_done_is_marked_as_done_by_hand(site: Site, clock: SettableClock) -> None:
    item = owed(site, "phone-back")
    clock.advance(minutes=90)
    done = site.owed.done(LI, item.id, "the customer is content")
    assert (done.state, done.decided_by, done.comment, done.elapsed_seconds) == ("met", "li", "the customer is content", 5400)
    newest = site.queries.history(LI, "Call", item.name)[0]
    assert (newest.action, newest.by, newest.reason.en) == ("done", "li", f'"phone-back {item.name}" the customer is content')
    with pytest.raises(ValidationFailed, match="settled already"):
        site.owed.done(LI, item.id)


@ON_SQLITE
def test_what_a_rule_finds_done_is_not_marked_by_hand(site: Site) -> None:
    item = owed(site, "answer")
    with pytest.raises(ValidationFailed, match="not marked done by hand"):
        site.owed.done(LI, item.id)
    site.documents.save(LI, "Call", {"answered": 1}, name=item.name)
    assert of(site, item.name, "answer").state == "met"


@ON_SQLITE
def test_it_is_taken_by_one_and_passed_on_by_them_or_who_is_in_charge(site: Site) -> None:
    item = owed(site, "phone-back")
    assert site.owed.take(LI, item.id).owed_by_user == "li"
    with pytest.raises(PermissionRefused):
        site.owed.take(CHEN, item.id)
    with pytest.raises(ValidationFailed, match="share it with them first"):
        site.owed.transfer(LI, item.id, "zhu")
    with pytest.raises(ValidationFailed, match="no enabled user"):
        site.owed.transfer(LI, item.id, "nobody")
    site.owed.transfer(LI, item.id, "chen", "on holiday")
    assert "Passed on to you: phone-back C-0001" in told(site, "chen")
    with pytest.raises(PermissionRefused, match="not owed by you"):
        site.owed.transfer(LI, item.id, "li")
    assert site.owed.transfer(GAO, item.id, "li").owed_by_user == "li"
    assert [item.obligation.id for item in site.inbox.items(LI) if item.obligation.rule == "phone-back"] == [item.id]


@ON_SQLITE
def test_whom_a_note_names_is_told_if_they_may_read_it_and_the_writer_if_not(site: Site) -> None:
    item = owed(site, "phone-back")
    site.owed.done(site.user("li"), item.id, "@chen请看，@zhu @li 也看")
    assert "Li mentions you: @Chen请看，@Zhu @Li 也看" in told(site, "chen")
    assert [text for text in told(site, "li") if "mention" in text] == [
        f"Zhu, whom you mention, may not read {item.name} and was not told; share it with them first."
    ]
    assert told(site, "zhu") == []


@ON_SQLITE
def test_it_is_waived_with_a_reason_by_who_is_in_charge(site: Site, clock: SettableClock) -> None:
    item = owed(site, "answer")
    site.due.pause(LI, item.id, "on the way")
    with pytest.raises(PermissionRefused):
        site.owed.waive(LI, item.id, "no time")
    with pytest.raises(ValidationFailed, match="reason"):
        site.owed.waive(GAO, item.id, "  ")
    clock.advance(hours=1)
    assert site.owed.waive(GAO, item.id, "the customer withdrew").state == "waived"
    (shown,) = [one for one in site.inbox.for_record(LI, "Call", item.name) if one.obligation.id == item.id]
    (pause,) = shown.pauses
    assert (pause.by, pause.ended_by, pause.reason.en, pause.kept.ended_at) == ("Li", "Gao", "on the way", clock.now())


@ON_SQLITE
@pytest.mark.parametrize("act", ["done", "take", "transfer", "waive", "pause", "resume", "approve"])
def test_who_only_reads_the_record_does_nothing_about_it(site: Site, act: Any) -> None:
    item = owed(site, "phone-back")
    with pytest.raises(GuijuError):
        site.owed_bulk.one(WU, act, item.id, reason="why not", person="chen")
    stranger = User("x", "X", roles=frozenset({"All"}))
    with pytest.raises(GuijuError):
        site.owed_bulk.one(stranger, act, item.id, reason="why not", person="chen")
    assert of(site, item.name, "phone-back") == item


@ON_SQLITE
def test_of_many_each_is_done_or_says_why_not(site: Site) -> None:
    by_hand, by_rule, taken = owed(site, "phone-back"), owed(site, "answer"), owed(site, "phone-back")
    site.owed.take(CHEN, taken.id)
    outcome = site.owed_bulk.do(LI, "done", [by_hand.id, by_rule.id, taken.id, "none"], reason="by phone")
    assert outcome.done == [by_hand.id]
    assert [(name, type(error).__name__) for name, error in outcome.refused] == [
        (by_rule.id, "ValidationFailed"), (taken.id, "PermissionRefused"), ("none", "NotFound"),
    ]  # fmt: skip
    with pytest.raises(ValidationFailed, match="reason is required"):
        site.owed_bulk.do(GAO, "waive", [by_rule.id])


@ON_SQLITE
def test_approvals_are_given_together_as_they_were_shown(site: Site) -> None:
    first, second, unseen = (owed(site, "agree", "dear") for _ in range(3))
    outcome = site.owed_bulk.do(
        GAO, "approve", [first.id, second.id, unseen.id], seen={first.id: str(first.content_hash), second.id: "0" * 64}
    )
    assert outcome.done == [first.id]
    (changed, why), (not_shown, why_not) = outcome.refused
    assert (changed, not_shown) == (second.id, unseen.id)
    assert "was changed after you opened it" in why.text.en
    assert why_not.text.en.startswith("Look at what")


@pytest.mark.parametrize("empty_site", ["postgresql"], indirect=True)
def test_of_two_who_take_it_at_once_one_has_it(site: Site) -> None:
    item = owed(site, "phone-back")
    ready, refused = threading.Barrier(2), []

    def take(user: User) -> None:
        ready.wait()
        try:
            site.owed.take(user, item.id)
        except GuijuError as error:
            refused.append((user.name, error))

    people = [threading.Thread(target=take, args=(user,)) for user in (LI, CHEN)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    ((loser, _),) = refused
    assert of(site, item.name, "phone-back").owed_by_user == {"li": "chen", "chen": "li"}[loser]
