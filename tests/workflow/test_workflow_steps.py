"""Who is asked by a step, how votes count, and what people do with steps beside deciding them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from workflow_shop import Office, with_steps

from server.access.identity import Credentials
from server.access.user import User
from server.core.errors import GuijuError, MetadataInvalid, PermissionRefused, StaleVersion, ValidationFailed
from server.documents.signing import Signing

QUALITY = {"step": "quality", "by": {"role": "Quality"}}
BOSS = {"step": "boss", "by": {"role": "Boss"}}


def owed(office: Office, name: str) -> dict[str, list[str]]:
    """Whom each step asks now."""
    return {
        step.step.name: sorted(voice.asked for voice in step.voices if voice.state == "open")
        for step in office.progress("clara", name).steps
    }


@pytest.mark.parametrize(
    ("needs", "votes", "state"),
    [
        ("all", ["approved", "approved"], "Countersigning"),
        ("all", ["approved", "approved", "approved"], "Approved"),
        ("all", ["rejected"], "Draft"),
        (2, ["approved", "approved"], "Approved"),
        (2, ["rejected", "approved"], "Countersigning"),
        (2, ["rejected", "rejected"], "Draft"),
        ("60%", ["approved"], "Countersigning"),
        ("60%", ["approved", "approved"], "Approved"),
        ("34%", ["approved"], "Countersigning"),
        ("33%", ["approved"], "Approved"),
    ],
)
def test_votes_of_everybody_in_a_role(office: Office, needs: Any, votes: list[str], state: str) -> None:
    office.begins(with_steps({**QUALITY, "needs": needs}))
    name = office.sends("clara", "votes")
    assert owed(office, name) == {"quality": ["Quentin", "Quincy", "Zoe"]}
    for who, vote in zip(("quentin", "quincy", "zoe"), votes, strict=False):
        office.decides(who, name, vote, "because")
    assert office.state(name)[0] == state


def test_two_of_three_branches_are_enough(office: Office) -> None:
    branches = [{"step": role.lower(), "by": {"role": role}} for role in ("Quality", "Production", "Engineering")]
    office.begins(with_steps({"parallel": branches, "needs": 2}))
    name = office.sends("clara", "branches")
    office.decides("quentin", name, "rejected", "no")
    office.approve(name, "paula", "emil")
    assert office.state(name) == ("Approved", 1)


def test_approvers_come_from_the_record(office: Office) -> None:
    admin = User.administrator()
    for values in (
        {"department_name": "Works", "leader": "berta@office"}, {"department_name": "Shop", "parent_department": "Works", "leader": "clara@office"},
    ):  # fmt: skip
        office.site.documents.save(admin, "Department", values)
    office.begins(
        with_steps(
            {"step": "head", "by": {"department_head": "department"}}, {"step": "reviewer", "by": {"user_field": "reviewer"}}
        )
    )
    name = office.sends("carl", "head", department="Shop", reviewer="emil@office")
    assert owed(office, name)["head"] == ["Clara"]
    office.decides("clara", name)
    assert owed(office, name)["reviewer"] == ["Emil"]
    # the head does not approve what they sent in themselves: the one above does
    assert owed(office, office.sends("clara", "own head", department="Shop"))["head"] == ["Berta"]


def test_a_named_group_and_a_fixed_person(office: Office) -> None:
    group = f"Committee {office.made}"
    members = [{"user": f"{name}@office"} for name in ("paula", "emil")]
    office.site.documents.save(User.administrator(), "User Group", {"group_name": group, "members": members})
    office.begins(with_steps({"step": "committee", "by": [{"group": group}, {"user": "berta@office"}], "needs": "all"}))
    assert owed(office, office.sends("clara", "group")) == {"committee": ["Berta", "Emil", "Paula"]}


TABLE = {
    "inputs": ["kind", "amount"], "outputs": ["reviewer", "approver"], "hit": "first",
    "rows": [['"manual"', "-", "Quality", "Boss"], ["-", "> 1000", "Production", "Boss"], ["-", "-", "Engineering", "Quality"]],
}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ({"kind": "manual", "amount": 1}, [["Quality"], ["Boss"]]),
        ({"kind": "note", "amount": 1000}, [["Engineering"], ["Quality"]]),
        ({"kind": "note", "amount": 1001}, [["Production"], ["Boss"]]),
    ],
)
def test_a_decision_table_says_who_is_asked(office: Office, values: dict[str, Any], asked: list[list[str]]) -> None:
    steps = [{"step": column, "by": {"table": f"signers.{column}"}} for column in ("reviewer", "approver")]
    office.begins(with_steps({"parallel": steps}), tables={"signers": TABLE})
    assert list(owed(office, office.sends("clara", "table", **values)).values()) == asked


def test_a_fallback_where_nobody_fills_the_role(office: Office) -> None:
    office.begins(with_steps({"step": "x", "by": {"role": "Nobody"}, "fallback": {"role": "Boss"}}))
    assert owed(office, office.sends("clara", "fallback")) == {"x": ["Boss"]}
    office.begins(with_steps({"step": "x", "by": {"user_field": "reviewer"}}))
    assert owed(office, office.sends("clara", "nobody at all")) == {"x": ["System Manager"]}


def test_who_has_approved_already_is_passed_over(office: Office) -> None:
    office.begins(with_steps(QUALITY, {"step": "production", "by": {"role": "Production"}, "skip_approved": 1}))
    name = office.sends("clara", "passed over")
    office.decides("zoe", name)  # who has both roles
    assert office.state(name) == ("Approved", 1)
    other = office.sends("clara", "not passed over")
    office.decides("quentin", other)
    assert office.statuses(other)["production"] == "asked"


def test_a_step_is_asked_only_while_its_condition_holds(office: Office) -> None:
    office.begins(with_steps({**BOSS, "condition": "doc.amount > 100"}, QUALITY))
    assert office.statuses(office.sends("clara", "small", amount=100)) == {"boss": "skipped", "quality": "asked"}
    assert office.statuses(office.sends("clara", "large", amount=101)) == {"boss": "asked", "quality": "waiting"}


def test_a_comment_may_be_asked_for_on_agreeing_too(office: Office) -> None:
    office.begins(with_steps({**QUALITY, "comment": "always"}))
    name = office.sends("clara", "comment")
    with pytest.raises(ValidationFailed):
        office.decides("quentin", name)
    office.decides("quentin", name, comment="looked at the drawing")
    assert office.state(name)[0] == "Approved"


def test_a_step_that_is_late_is_told(office: Office) -> None:
    office.begins(with_steps({**QUALITY, "due": "2 h"}))
    name = office.sends("clara", "late")
    office.clock.set(office.clock.now() + timedelta(hours=2, minutes=1))
    office.site.due.sweep()
    assert office.progress("clara", name).steps[0].voices[0].is_late


def test_sending_back_to_a_step_asks_again_from_there(office: Office) -> None:
    office.begins(with_steps(QUALITY, {"step": "production", "by": {"role": "Production"}}, BOSS))
    name = office.sends("clara", "back")
    office.approve(name, "quentin", "paula")
    mine = office.progress("berta", name)
    assert [title.en for _, title in mine.returns] == ["quality", "production", "Draft"]
    workflows, seat = office.site.workflows, mine.mine.id
    with pytest.raises(ValidationFailed):
        workflows.send_back(office.user("berta"), seat, "production", "")
    with pytest.raises(PermissionRefused):
        workflows.send_back(office.user("emil"), seat, "production", "I would rather")
    workflows.send_back(office.user("berta"), seat, "production", "count again")
    sent_back = office.progress("berta", name).history[-1].what
    assert (sent_back.zh, sent_back.en) == ("退回到production：count again", "sent back to production: count again")
    assert office.statuses(name) == {"quality": "approved", "production": "asked", "boss": "waiting"}
    office.approve(name, "paula", "berta")
    assert office.state(name)[0] == "Approved"


def test_sending_back_to_who_sent_it_in(office: Office) -> None:
    office.begins(with_steps(QUALITY, BOSS))
    name = office.sends("clara", "to the beginning")
    office.decides("quentin", name)
    office.site.workflows.send_back(office.user("berta"), office.progress("berta", name).mine.id, "Draft", "all of it")
    assert office.state(name)[0] == "Draft"
    assert office.asked("berta", name) == []


def test_whoever_sent_it_in_takes_it_back(office: Office) -> None:
    office.begins(with_steps(QUALITY, BOSS))
    name = office.sends("clara", "withdrawn")
    office.decides("quentin", name)
    with pytest.raises(PermissionRefused):
        office.site.workflows.withdraw(office.user("carl"), office.doctype, name)
    assert office.progress("clara", name).may_withdraw
    assert not office.progress("carl", name).may_withdraw
    office.site.workflows.withdraw(office.user("clara"), office.doctype, name, "a mistake")
    assert office.state(name)[0] == "Draft"
    assert office.asked("berta", name) == []
    office.begins(with_steps(QUALITY), allow_withdraw=0)
    name = office.sends("clara", "not withdrawn")
    with pytest.raises(PermissionRefused):
        office.site.workflows.withdraw(office.user("clara"), office.doctype, name)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_signer_is_added(office: Office, before: bool) -> None:
    office.begins(with_steps(QUALITY, BOSS))
    name = office.sends("clara", f"added {before}")
    office.site.workflows.add_signer(
        office.user("quentin"), office.progress("quentin", name).mine.id, "emil@office", before=before
    )
    drawn = [step.name for step in office.progress("clara", name).tree.steps()]
    assert drawn == (["+1", "quality", "boss"] if before else ["quality", "+1", "boss"])
    if before:
        assert office.asked("quentin", name) == []
        office.decides("emil", name)
        office.decides("quentin", name)
    else:
        office.decides("quentin", name)
        assert office.asked("berta", name) == []
        office.decides("emil", name)
    office.decides("berta", name)
    assert office.state(name)[0] == "Approved"


def test_what_one_is_asked_is_passed_on_and_urged(office: Office) -> None:
    office.begins(with_steps(QUALITY))
    name = office.sends("clara", "passed on")
    workflows = office.site.workflows
    workflows.transfer(office.user("quentin"), office.progress("quentin", name).mine.id, "emil@office", "he knows it")
    assert office.asked("quincy", name) == []
    assert office.asked("emil", name) == ["quality"]
    assert workflows.urge(office.user("clara"), office.doctype, name, "please") == 1
    workflows.copy_to(office.user("clara"), office.doctype, name, ["berta@office"])
    while office.site.worker.run_once():
        pass
    told = [
        item.title.en
        for who in ("emil", "berta")
        for item in office.site.told.notifications(office.user(who))
        if item.name == name
    ]
    assert any("asks you to decide: please" in title for title in told)
    assert any("Clara sent you a copy" in title for title in told)
    with pytest.raises(ValidationFailed):
        workflows.transfer(office.user("emil"), office.progress("emil", name).mine.id, "clara@office")  # who sent it in


def test_a_delegation_lets_one_decide_for_another(office: Office) -> None:
    office.begins(with_steps(QUALITY, BOSS))
    name = office.sends("clara", "for another")
    office.decides("quentin", name)
    days = {"from_date": "2026-06-10", "to_date": "2026-06-20"}
    documents, berta = office.site.documents, office.user("berta")
    kept = documents.save(
        berta, "Delegation", {"from_user": "berta@office", "to_user": "emil@office", **days, "for_doctype": office.doctype}
    )
    item = next(item for item in office.site.inbox.items(office.user("emil")) if item.obligation.name == name)
    assert item.may_act
    assert item.in_place_of == "Berta"
    assert office.site.inbox.count(office.user("emil")) >= 1
    office.decides("emil", name)
    voice = office.progress("clara", name).history[-2]
    assert (voice.by, voice.for_whom) == ("Emil", "Berta")
    assert office.state(name)[0] == "Approved"
    # neither before nor after it, nor for another record type
    other = office.sends("clara", "when it is over")
    office.decides("quentin", other)
    office.clock.set(office.clock.now() + timedelta(days=6))
    assert office.asked("emil", other) == []
    office.clock.set(office.clock.now() - timedelta(days=6))
    assert office.asked("emil", other) == ["boss"]
    office.begins(with_steps(BOSS))
    assert office.asked("emil", office.sends("clara", "another type")) == []
    documents.delete(berta, "Delegation", kept.name)


def test_nobody_takes_anothers_approvals_for_oneself(office: Office) -> None:
    for taken in ({"from_user": "berta@office", "to_user": "emil@office"}, {"from_user": "emil@office", "to_user": "emil@office"},
                  {"from_user": "emil@office", "to_user": "paula@office", "from_date": "2026-06-10", "to_date": "2026-06-09"}):  # fmt: skip
        with pytest.raises(GuijuError):
            office.site.documents.save(office.user("emil"), "Delegation", {"from_date": "2026-06-10", **taken})


def test_a_delegate_does_not_approve_what_either_sent_in(office: Office) -> None:
    office.begins(with_steps({"step": "clerk", "by": {"role": "Clerk"}}))
    name = office.sends("clara", "own by another")
    kept = office.site.documents.save(
        office.user("clara"), "Delegation", {"from_user": "clara@office", "to_user": "emil@office", "from_date": "2026-06-10"}
    )
    assert office.asked("emil", name) == []
    office.site.documents.delete(office.user("clara"), "Delegation", kept.name)


def test_a_step_that_asks_for_a_signature_is_approved_with_one_and_later_steps_leave_it_valid(office: Office) -> None:
    site = office.site
    quentin = site.user("quentin@office")
    site.accounts.set_password(quentin.name, "quality-Word-1")
    office.begins(with_steps({**QUALITY, "signature": "reviewed"}, BOSS))
    name = office.sends("clara", "signed")
    (item,) = [one for one in site.inbox.items(quentin) if one.name == name]
    doctype = item.obligation.doctype
    assert (item.is_signed_for, item.meaning) == (True, "reviewed")
    with pytest.raises(ValidationFailed, match="with an e-signature only"):
        site.inbox.decide(quentin, item.obligation.id, "approved")

    version = site.documents.load(quentin, doctype, name)["version"]
    given, signing = Credentials(quentin.name, "quality-Word-1"), Signing("", "checked", item.obligation.id)
    with pytest.raises(ValidationFailed):
        site.signing.sign(quentin, doctype, name, signing, Credentials(quentin.name, "wrong"), version=version)
    with pytest.raises(StaleVersion):
        site.signing.sign(quentin, doctype, name, signing, given, version=version - 1)
    site.signing.sign(quentin, doctype, name, signing, given, version=version)
    office.approve(name, "berta")

    assert office.state(name)[0] == "Approved"
    (signed,) = site.signing.of_record(quentin, doctype, name)
    assert (signed.meaning, signed.reason, signed.is_valid) == ("reviewed", "checked", True)


ALL_OF_QUALITY = {**QUALITY, "needs": "all"}
PRODUCTION = {"step": "production", "by": {"role": "Production"}}


def test_a_signer_added_before_a_step_leaves_nobody_of_it_out(office: Office) -> None:
    office.begins(with_steps(ALL_OF_QUALITY))
    name = office.sends("clara", "before half a step")
    office.decides("quentin", name)
    seat = office.progress("quincy", name).mine.id
    office.site.workflows.add_signer(office.user("quincy"), seat, "berta@office", before=True)
    assert office.statuses(name)["quality"] == "waiting"
    office.approve(name, "berta", "quentin", "quincy")
    assert office.state(name)[0] == "Countersigning"
    office.decides("zoe", name)
    assert office.state(name)[0] == "Approved"


def test_sending_back_in_one_branch_leaves_the_votes_of_another(office: Office) -> None:
    branch = {"sequence": [PRODUCTION, {"step": "engineering", "by": {"role": "Engineering"}}]}
    office.begins(with_steps({"parallel": [branch, ALL_OF_QUALITY]}))
    name = office.sends("clara", "back in a branch")
    office.approve(name, "paula", "quentin")
    office.site.workflows.send_back(office.user("emil"), office.progress("emil", name).mine.id, "production", "again")
    office.approve(name, "paula", "emil", "quincy")
    assert office.state(name)[0] == "Countersigning"  # zoe is still asked
    office.decides("zoe", name)
    assert office.state(name)[0] == "Approved"


def test_nobody_is_passed_two_votes_of_one_step(office: Office) -> None:
    office.begins(with_steps({**QUALITY, "needs": 2}))
    name = office.sends("clara", "two votes")
    with pytest.raises(ValidationFailed, match="has one vote"):
        office.site.workflows.transfer(office.user("quentin"), office.progress("quentin", name).mine.id, "zoe@office")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"allow_self": 1}, {}),  # zoe sends it in herself
        ({}, {"different_from": ["quality"]}),
        ({}, {"signature": "approved"}),
    ],
    ids=["own", "another person", "signature"],
)
def test_passing_over_is_no_way_around(office: Office, first: dict[str, Any], second: dict[str, Any]) -> None:
    flow = with_steps({**QUALITY, **first}, {**PRODUCTION, "skip_approved": 1, **second})
    sender = "zoe" if first else "clara"
    flow["transitions"][0]["allowed"] = "Quality" if first else "Clerk"
    office.begins(flow)
    name = office.enters("clara", "passed over")
    office.does(sender, "Send", name)
    office.decides("zoe", name)
    assert office.statuses(name)["production"] == "asked"


def test_nothing_submitted_goes_back_to_a_draft(office: Office) -> None:
    flow = with_steps(QUALITY)
    flow["states"][1]["doc_status"] = "1"
    flow["transitions"].pop()
    with pytest.raises(MetadataInvalid, match="lead nowhere once refused"):
        office.begins(flow)
    flow["states"].append({"state": "Refused", "doc_status": "2"})
    flow["transitions"].append({"state": "Countersigning", "action": "Refuse", "next_state": "Refused", "when": "refused"})
    office.begins(flow)
    name = office.sends("clara", "submitted")
    assert not office.progress("clara", name).may_withdraw
    with pytest.raises(PermissionRefused):
        office.site.workflows.withdraw(office.user("clara"), office.doctype, name)
    office.decides("quentin", name, "rejected", "no")
    assert office.state(name) == ("Refused", 2)


@pytest.mark.parametrize("before", [False, True], ids=["while it is their turn", "before it is"])
def test_whom_the_state_lets_edit_does_not_approve_their_own_change(office: Office, before: bool) -> None:
    office.begins(with_steps(QUALITY, {**BOSS, "fallback": {"user": "paula@office"}}, allow_edit="Boss"))
    name = office.sends("clara", "changed on the way", amount=100)
    if not before:
        office.approve(name, "quentin")
    office.changes("berta", name, amount=100_000)
    assert owed(office, name) == {"quality": ["Quality"], "boss": []}  # what was approved before is asked again
    office.approve(name, "quincy")
    assert (office.asked("berta", name), office.asked("paula", name)) == ([], ["boss"])
    waits = office.progress("clara", name).steps[1].voices[-1].id
    with pytest.raises(PermissionRefused):
        office.site.inbox.decide(office.user("berta"), waits, "approved")
    office.changes("berta", name, amount=100)  # putting it back does not make it unseen
    office.approve(name, "quentin", "paula")
    assert office.state(name) == ("Approved", 1)


def test_an_only_approver_who_changes_the_record_is_asked_no_longer(office: Office) -> None:
    office.begins(with_steps({**BOSS, "fallback": {"user": "paula@office"}}, allow_edit="Boss"))
    name = office.sends("clara", "changed unseen", amount=100)
    assert office.asked("berta", name) == ["boss"]
    office.changes("berta", name, amount=100_000)
    assert (office.asked("berta", name), office.asked("paula", name)) == ([], ["boss"])


def test_the_change_is_theirs_in_the_states_that_follow_by_themselves(office: Office) -> None:
    flow = with_steps(QUALITY)
    flow["states"].insert(
        2,
        {
            "state": "Deciding",
            "doc_status": "0",
            "allow_edit": "Boss",
            "steps": [{**BOSS, "fallback": {"user": "paula@office"}}],
        },
    )
    flow["transitions"][1]["next_state"] = "Deciding"
    flow["transitions"].append({"state": "Deciding", "action": "Decide", "next_state": "Approved", "when": "approved"})
    office.begins(flow)
    name = office.sends("clara", "two states", amount=100)
    office.approve(name, "quentin")
    office.changes("berta", name, amount=100_000)
    assert office.state(name)[0] == "Countersigning"
    office.approve(name, "quincy")
    assert (office.asked("berta", name), office.asked("paula", name)) == ([], ["boss"])


def test_a_step_that_allows_it_lets_them_approve_their_own_change(office: Office) -> None:
    office.begins(with_steps({**BOSS, "allow_self": 1}, allow_edit="Boss"))
    name = office.sends("clara", "own change", amount=100)
    office.changes("berta", name, amount=100_000)
    office.approve(name, "berta")
    assert office.state(name) == ("Approved", 1)


def test_what_is_sent_back_to_the_start_is_changed_there_and_sent_again(office: Office) -> None:
    flow = with_steps(QUALITY)
    flow["states"].insert(2, {"state": "Deciding", "doc_status": "0", "steps": [BOSS]})
    flow["transitions"][1]["next_state"] = "Deciding"
    flow["transitions"] += [
        {"state": "Deciding", "action": "Decide", "next_state": "Approved", "when": "approved"},
        {"state": "Deciding", "action": "Refuse", "next_state": "Draft", "when": "refused"},
    ]
    office.begins(flow)
    name = office.sends("clara", "back to the start", amount=100)
    office.approve(name, "quentin")
    office.decides("berta", name, "rejected", "too much")
    office.changes("clara", name, amount=50)
    assert office.state(name)[0] == "Draft"  # the approval of before does not pull it in again


def test_a_step_is_due_in_working_time(office: Office) -> None:
    office.begins(with_steps({**QUALITY, "due": "1 working days"}, {**BOSS, "due": "3 working hours"}))
    office.clock.advance(days=4)  # Friday
    name = office.sends("clara", "before the weekend")
    [voice] = office.progress("clara", name).steps[0].voices
    assert voice.due_at is not None
    assert voice.due_at.astimezone(office.site.zone).strftime("%a") == "Mon"
    office.clock.advance(hours=7)  # 16:00
    office.approve(name, "quentin")
    [voice] = office.progress("clara", name).steps[1].voices
    assert voice.due_at is not None
    assert voice.due_at.astimezone(office.site.zone).strftime("%a") == "Mon"


def test_who_may_not_read_the_record_is_not_waited_for(office: Office) -> None:
    office.begins(with_steps({"step": "named", "by": {"user_field": "reviewer"}, "fallback": {"role": "Boss"}}))
    stranger = {"login": "stranger@office", "full_name": "Stranger"}
    office.site.documents.save(User.administrator(), "User", stranger)
    name = office.sends("clara", "for a stranger", reviewer="stranger@office")
    assert owed(office, name) == {"named": ["Boss"]}
