"""Records on their way: who may do what in a state, countersigning, what a refusal or a change brings, and no way around."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from workflow_shop import FRAPPES, PEOPLE, Office, with_steps, workflow

from server.access.identity import Credentials
from server.access.user import User
from server.core.errors import GuijuError, PermissionRefused, ValidationFailed
from server.documents.signing import Signing
from server.obligations.book import ObligationBook
from server.storage import records


def test_three_departments_countersign_in_parallel(office: Office) -> None:
    office.begins()
    name = office.sends("clara", "three")
    assert office.state(name) == ("Countersigning", 0)
    assert office.statuses(name) == {"quality": "asked", "production": "asked", "engineering": "asked"}
    office.approve(name, "paula", "emil")
    assert office.state(name) == ("Countersigning", 0)
    assert office.asked("quentin", name) == ["quality"] == office.asked("quincy", name)
    office.decides("quincy", name)
    assert office.state(name) == ("Approved", 1)
    assert office.asked("quentin", name) == []
    history = [(passage.by, passage.what.en) for passage in office.progress("clara", name).history]
    assert [by for by, _ in history] == ["Clara", "Clara", "Paula", "Emil", "Quincy", "Quincy"]
    assert history[-1][1] == "→ Approved"


def test_one_refusal_sends_it_back_and_says_why(office: Office) -> None:
    office.begins()
    name = office.sends("clara", "refused")
    office.decides("paula", name)
    with pytest.raises(ValidationFailed) as refused:
        office.decides("quentin", name, "rejected")
    assert "needs a comment" in refused.value.faults[0].text.en
    office.decides("quentin", name, "rejected", "the drawing is missing")
    assert office.state(name) == ("Draft", 0)
    assert office.asked("emil", name) == []  # nobody decides in vain
    office.does("clara", "Send", name)  # and all are asked again
    assert office.statuses(name) == {"quality": "asked", "production": "asked", "engineering": "asked"}


def test_steps_in_order_by_different_people(office: Office) -> None:
    office.begins(
        with_steps(
            {"step": "review", "by": {"role": "Quality"}},
            {"step": "approve", "by": {"role": "Quality"}, "different_from": "review"},
        )
    )
    name = office.sends("clara", "in order")
    assert office.statuses(name) == {"review": "asked", "approve": "waiting"}
    office.decides("quentin", name)
    assert office.asked("quentin", name) == []
    assert office.asked("quincy", name) == ["approve"]
    with pytest.raises(PermissionRefused) as refused:
        office.decides("quentin", name)
    assert "for a different person" in refused.value.text.en
    office.decides("quincy", name)
    assert office.state(name) == ("Approved", 1)


def test_nobody_approves_what_they_sent_in_unless_allowed(office: Office) -> None:
    office.begins(with_steps({"step": "check", "by": {"role": "Clerk"}}))
    name = office.sends("clara", "own")
    assert office.asked("clara", name) == []
    assert office.asked("carl", name) == ["check"]
    office.begins(with_steps({"step": "check", "by": {"role": "Clerk"}, "allow_self": 1}))
    assert office.asked("clara", office.sends("clara", "own")) == ["check"]


def test_direct_ways_around_are_refused(office: Office) -> None:
    office.begins()
    documents, clara, admin = office.site.documents, office.user("clara"), User.administrator()
    name = office.enters("clara", "around")
    ways = [
        lambda: documents.submit(clara, office.doctype, name),
        lambda: documents.submit(admin, office.doctype, name),
        lambda: documents.save(clara, office.doctype, {"workflow_state": "Approved"}, name=name),
        lambda: documents.save(admin, office.doctype, {"workflow_state": "Approved"}, name=name),
        lambda: documents.save(clara, office.doctype, {"title": "new", "workflow_state": "Approved"}),
        lambda: office.does("clara", "Approve", name),  # the program's own transition
        lambda: office.does("quentin", "Send", name),
    ]
    for way in ways:
        with pytest.raises(GuijuError):
            way()
    assert office.state(name) == ("Draft", 0)
    with pytest.raises(ValidationFailed) as refused:
        documents.submit(clara, office.doctype, name)
    assert 'goes through the workflow "Flow' in refused.value.text.en
    assert "Actions open to you: Send" in refused.value.text.en
    assert not {"submit", "cancel"} & documents.actions(clara, office.doctype, documents.load(clara, office.doctype, name))


def test_a_bulk_submit_does_not_get_around(office: Office) -> None:
    office.begins()
    name = office.enters("clara", "bulk")
    done = office.site.bulk.submit(office.user("clara"), office.doctype, [name])
    assert office.state(name) == ("Draft", 0)
    assert "workflow" in str(done)


def test_only_who_the_state_names_may_change_the_record(office: Office) -> None:
    flow = workflow()
    flow["states"][0]["allow_edit"] = "Clerk"
    office.begins(flow)
    name = office.enters("clara", "edit")
    with pytest.raises(PermissionRefused) as refused:
        office.changes("berta", name, amount=3)
    assert 'is "Draft"; only Clerk may change it' in refused.value.text.en
    assert office.changes("carl", name, amount=3)["amount"] == 3


def test_a_state_keeps_fields_closed(office: Office) -> None:
    flow = with_steps({"step": "check", "by": {"role": "Quality"}}, editable=["opinion"])
    office.begins(flow)
    name = office.sends("clara", "closed", amount=1)
    with pytest.raises(ValidationFailed) as refused:
        office.changes("clara", name, amount=2, opinion="fine")
    assert refused.value.faults[0].where == "amount"
    office.changes("clara", name, opinion="fine")
    assert office.asked("quentin", name) == ["check"]
    closed = office.site.documents.closed_fields(
        office.doctype, office.site.documents.load(User.administrator(), office.doctype, name)
    )
    assert "amount" in closed
    assert "opinion" not in closed


def test_who_approves_needs_no_right_to_change(office: Office) -> None:
    office.begins()  # Quality may only read
    name = office.sends("clara", "read only")
    with pytest.raises(GuijuError):
        office.changes("quentin", name, amount=3)
    office.decides("quentin", name)


def test_a_change_while_it_is_countersigned_begins_anew(office: Office) -> None:
    office.begins()
    name = office.sends("clara", "changed", amount=1)
    office.decides("paula", name)
    office.changes("clara", name, amount=2)
    assert office.statuses(name) == {"quality": "asked", "production": "asked", "engineering": "asked"}
    office.approve(name, "paula", "emil", "quentin")
    assert office.state(name) == ("Approved", 1)


def test_what_was_seen_before_a_change_is_not_approved(office: Office) -> None:
    office.begins()
    name = office.sends("clara", "seen", amount=1)
    seen = next(item for item in office.site.inbox.items(office.user("paula")) if item.obligation.name == name).obligation
    office.changes("clara", name, amount=2)
    with pytest.raises(ValidationFailed) as refused:
        office.site.inbox.decide(office.user("paula"), seen.id, "approved", None, seen.content_hash)
    assert "was changed after you opened it" in refused.value.text.en


def test_a_change_of_what_was_approved_opens_it_again(office: Office) -> None:
    flow = with_steps({"step": "check", "by": {"role": "Quality"}}, again_when=["amount"])
    flow["states"][2:] = [
        {"state": "Checked", "doc_status": 0, "allow_edit": "Clerk"}, {"state": "Done", "doc_status": 1, "allow_edit": "Clerk"}
    ]  # fmt: skip
    flow["transitions"][1]["next_state"] = "Checked"
    flow["transitions"].append({"state": "Checked", "action": "Finish", "next_state": "Done", "allowed": "Clerk"})
    office.begins(flow)
    name = office.sends("clara", "again", amount=1)
    office.decides("quentin", name)
    office.changes("clara", name, kind="other")  # nobody approved that
    assert office.state(name) == ("Checked", 0)
    office.changes("clara", name, amount=2)
    assert office.state(name) == ("Countersigning", 0)
    assert office.asked("quentin", name) == ["check"]


def test_running_records_keep_the_version_they_started_with(office: Office) -> None:
    office.begins()
    name = office.sends("clara", "old")
    flow = with_steps({"step": "boss", "by": {"role": "Boss"}})
    office.publishes(flow | {"name": f"Flow {office.made}", "document_type": office.doctype})
    assert office.statuses(name) == {"quality": "asked", "production": "asked", "engineering": "asked"}
    office.approve(name, "paula", "emil", "quentin")
    assert office.state(name) == ("Approved", 1)
    assert office.asked("berta", office.sends("clara", "new")) == ["boss"]


def test_a_state_that_a_later_version_has_not_can_still_be_saved(office: Office) -> None:
    office.begins()
    name = office.sends("clara", "gone")
    text = json.dumps(workflow()).replace("Countersigning", "Being looked at")
    office.publishes(json.loads(text) | {"name": f"Flow {office.made}", "document_type": office.doctype})
    assert office.changes("clara", name, amount=5)["workflow_state"] == "Countersigning"


def test_frappes_workflow_submits_sets_its_field_and_cancels(office: Office) -> None:
    office.begins(FRAPPES)
    name = office.enters("clara", "frappe", amount=5)
    assert office.state(name)[0] == "Open"
    assert [item.action for item in office.site.workflows.transitions(office.user("berta"), office.doctype, name)] == [
        "Approve",
        "Reject",
    ]
    assert office.does("berta", "Approve", name)["settled"] == 1
    assert office.state(name) == ("Approved", 1)
    office.does("berta", "Cancel", name)
    assert office.state(name) == ("Cancelled", 2)


def test_no_self_approval_on_a_transition(office: Office) -> None:
    flow = FRAPPES | {"transitions": [FRAPPES["transitions"][0] | {"allowed": "Clerk"}, *FRAPPES["transitions"][1:]]}
    office.begins(flow)
    name = office.enters("clara", "self", amount=5)
    with pytest.raises(ValidationFailed):
        office.does("clara", "Approve", name)
    assert office.does("carl", "Approve", name)["docstatus"] == 1


def test_a_condition_decides_which_way_is_open(office: Office) -> None:
    office.begins(FRAPPES)
    name = office.enters("clara", "condition", amount=0)
    with pytest.raises(ValidationFailed) as refused:
        office.does("berta", "Approve", name)
    assert "Open to you: Reject" in refused.value.text.en


def test_a_rule_that_blocks_refuses_the_last_approval_and_keeps_nothing(office: Office) -> None:
    office.begins(with_steps({"step": "check", "by": {"role": "Quality"}}))
    office.publishes({
        "name": f"no-zero-{office.made}", "applies_to": office.doctype, "on": ["submit"], "when": {"all": [["amount", "=", 0]]},
        "then": [{"block": {"message": "no amount"}}], "tests": [],
    })  # fmt: skip
    name = office.enters("clara", "blocked", amount=0)
    with pytest.raises(ValidationFailed, match="cannot be saved"):
        office.does("clara", "Send", name)  # nobody is asked for what cannot be submitted
    office.changes("clara", name, amount=1)
    office.does("clara", "Send", name)
    office.changes("clara", name, amount=0)
    with pytest.raises(ValidationFailed) as refused:
        office.decides("quentin", name)
    assert "no amount" in refused.value.faults[0].text.en
    assert office.asked("quentin", name) == ["check"]


def test_records_from_before_the_workflow_stand_where_their_docstatus_says(office: Office) -> None:
    office.begins(workflow(is_active=0))
    name = office.enters("clara", "before")
    office.site.documents.submit(office.user("clara"), office.doctype, name)
    office.publishes(workflow(name=f"Flow {office.made}", document_type=office.doctype))
    assert office.progress("clara", name).state.name == "Approved"


def test_a_deleted_record_leaves_no_way_behind(office: Office) -> None:
    office.begins()
    name = office.enters("clara", "deleted")
    office.site.documents.delete(office.user("clara"), office.doctype, name)
    assert office.enters("carl", "deleted") == name
    assert office.state(name) == ("Draft", 0)


def test_a_signature_that_a_rule_wants_before_a_transition_holds_that_one_up(office: Office) -> None:
    office.begins()
    rule = {
        "name": f"sign-{office.made}", "applies_to": office.doctype, "when": {"all": [["amount", ">", 100]]},
        "then": [{"require_signature": {"meaning": "reviewed", "role": "Boss", "before": "Send"}}],
    }  # fmt: skip
    office.publishes(rule)
    name = office.enters("clara", "dear", amount=101)

    with pytest.raises(ValidationFailed) as refused:
        office.does("clara", "Send", name)

    assert "waiting for the e-signature of Boss" in refused.value.faults[0].text.en
    assert office.state(name) == ("Draft", 0)
    office.changes("clara", name, amount=100)
    office.does("clara", "Send", name)
    assert office.state(name) == ("Countersigning", 0)


def test_what_was_approved_of_a_deleted_record_is_not_of_another_with_its_name(office: Office) -> None:
    office.begins()
    name = office.sends("clara", "deleted on the way", amount=1)
    office.approve(name, "quentin", "paula")
    office.site.documents.delete(office.user("clara"), office.doctype, name)
    assert office.sends("clara", "deleted on the way", amount=100_000) == name
    assert office.statuses(name) == {"quality": "asked", "production": "asked", "engineering": "asked"}


def test_who_may_not_change_a_record_does_not_delete_it(office: Office) -> None:
    flow = workflow()
    flow["states"][1]["allow_edit"] = "Boss"
    office.begins(flow)
    name = office.sends("clara", "out of her hands")
    record = office.site.documents.load(office.user("clara"), office.doctype, name)
    assert "delete" not in office.site.documents.actions(office.user("clara"), office.doctype, record)
    with pytest.raises(PermissionRefused, match="only Boss may change it"):
        office.site.documents.delete(office.user("clara"), office.doctype, name)


def test_of_two_who_decide_at_once_the_second_is_refused(office: Office) -> None:
    office.begins(with_steps({"step": "quality", "by": {"role": "Quality"}}))
    site, name = office.site, office.sends("clara", "at once")
    seat = office.progress("quentin", name).mine.id
    met: list[GuijuError] = []

    def approve() -> None:
        try:
            site.inbox.decide(office.user("quincy"), seat, "approved")
        except GuijuError as error:
            met.append(error)

    second = Thread(target=approve)
    with site.database.write() as connection:  # quentin's decision, that is not written to its end
        records.hold(connection, site.snapshot().doctype(office.doctype), name)
        second.start()
        second.join(0.3)
        by = {"decision": "rejected", "decided_by": "quentin@office", "decided_at": site.clock.now()}
        ObligationBook(connection).settle(seat, state="met", **by)
    second.join()
    assert [type(error) for error in met] == [ValidationFailed]
    assert office.state(name)[0] == "Countersigning"


@pytest.mark.parametrize("on_failure", ["record", "refuse"])
def test_a_rule_that_fails_on_a_decision_is_told(office: Office, on_failure: str) -> None:
    office.begins()
    name = office.sends("clara", f"fails {on_failure}", kind="no day")
    rule = {
        "name": f"fails-{office.made}", "applies_to": office.doctype, "on": ["submit"], "on_failure": on_failure,
        "when": {"all": [["kind", "is", "set"]]}, "then": [{"set": {"day": {"expr": "doc.kind"}}}],
    }  # fmt: skip
    office.publishes(rule)
    office.approve(name, "quentin", "paula")
    if on_failure == "record":
        office.decides("emil", name)
    else:
        with pytest.raises(ValidationFailed, match="cannot be submitted"):
            office.decides("emil", name)
    (incident,) = [item for item in office.site.engine.incidents() if item["rule"] == rule["name"]]
    assert (incident["name"], incident["refused"]) == (name, int(on_failure == "refuse"))
    if on_failure == "refuse":  # nor is anything sent that could not be submitted
        other = office.enters("clara", "not even sent", kind="no day")
        with pytest.raises(ValidationFailed):
            office.does("clara", "Send", other)
        assert {item["name"] for item in office.site.engine.incidents() if item["rule"] == rule["name"]} == {name, other}


def test_what_the_next_state_sets_leaves_the_signature_of_a_step_valid(office: Office) -> None:
    flow = with_steps({"step": "quality", "by": {"role": "Quality"}, "signature": "reviewed"})
    flow["states"][2].update(update_field="settled", update_value="1")
    office.begins(flow)
    quentin, site = office.user("quentin"), office.site
    site.accounts.set_password(quentin.name, "quality-Word-1")
    name = office.sends("clara", "signed")
    (item,) = [item for item in site.inbox.items(quentin) if item.name == name]
    version = site.documents.load(quentin, office.doctype, name)["version"]

    signing = Signing("", "looked at", item.obligation.id)
    site.signing.sign(quentin, office.doctype, name, signing, Credentials(quentin.name, "quality-Word-1"), version=version)

    assert office.state(name) == ("Approved", 1)
    assert [signature.is_valid for signature in site.signing.of_record(quentin, office.doctype, name)] == [True]


def test_what_a_time_rule_changes_of_the_approved_is_asked_again(office: Office) -> None:
    office.begins()
    office.publishes({
        "name": f"later-{office.made}", "applies_to": office.doctype, "on": [{"after": "1 h", "of": "creation"}],
        "then": [{"set": {"amount": 5}}],
    })  # fmt: skip
    name = office.sends("clara", "later", amount=1)
    office.decides("paula", name)
    office.clock.set(office.clock.now() + timedelta(hours=1, minutes=1))

    office.site.timers.sweep()

    assert office.site.documents.load(User.administrator(), office.doctype, name)["amount"] == 5
    assert office.statuses(name) == {"quality": "asked", "production": "asked", "engineering": "asked"}


def test_a_time_rule_does_not_move_a_record(office: Office) -> None:
    office.begins()
    office.publishes({
        "name": f"mover-{office.made}", "applies_to": office.doctype, "on": [{"after": "1 h", "of": "creation"}],
        "then": [{"set": {"workflow_state": "Approved"}}],
    })  # fmt: skip
    name = office.sends("clara", "moved")
    office.clock.set(office.clock.now() + timedelta(hours=1, minutes=1))

    office.site.timers.sweep()

    assert office.state(name) == ("Countersigning", 0)
    assert [item["name"] for item in office.site.engine.failed_timers()] == [name]


@pytest.mark.parametrize("told", [True, False])
def test_who_is_next_is_told_where_the_workflow_says_so(office: Office, told: bool) -> None:
    flow = workflow()
    flow["states"][1] = {"state": "Checking", "doc_status": "0"}
    flow["transitions"] = [
        {"state": "Draft", "action": "Send", "next_state": "Checking", "allowed": "Clerk"},
        {"state": "Checking", "action": "Approve", "next_state": "Approved", "allowed": "Boss"},
        {"state": "Checking", "action": "Return", "next_state": "Draft", "allowed": "All"},
    ]
    office.begins(flow, send_email_alert=int(told))
    office.sends("clara", "for the next one")
    office.site.worker.run_once()
    told_to = [
        who for who in PEOPLE for item in office.site.told.notifications(office.user(who)) if item.doctype == office.doctype
    ]
    assert told_to == (["berta"] if told else [])


@pytest.mark.parametrize(("given", "refused"), [({}, True), ({"comment": 0}, False)])
def test_what_cancels_a_record_needs_a_comment_unless_its_file_says_no(
    office: Office, given: dict[str, int], refused: bool
) -> None:
    flow = workflow()
    flow["states"][1] = {"state": "Cancelled", "doc_status": "2"}
    flow["transitions"] = [
        {"state": "Draft", "action": "Approve", "next_state": "Approved", "allowed": "Clerk"},
        {"state": "Approved", "action": "Cancel", "next_state": "Cancelled", "allowed": "Clerk", **given},
    ]
    office.begins(flow)
    name = office.enters("clara", "to be cancelled")
    office.does("clara", "Approve", name)
    if refused:
        with pytest.raises(ValidationFailed):
            office.does("clara", "Cancel", name)
    office.does("clara", "Cancel", name, "entered twice")
    assert office.state(name) == ("Cancelled", 2)


def test_the_rights_say_what_the_workflow_lets_somebody_do(office: Office) -> None:
    table = {"inputs": ["kind"], "outputs": ["signer"], "hit": "first", "rows": [["x", "Boss"], ["-", "-"]]}
    flow = with_steps(
        {"step": "quality", "by": {"role": "Quality"}},
        {"step": "signed", "by": {"table": "who.signer"}, "condition": "doc.amount > 5"},
    )
    office.begins(flow, tables={"who": table})
    name = office.sends("clara", "rights")
    admin = User.administrator()

    def said(who: str) -> list[tuple[str, str]]:
        found = office.site.rights.of_user(admin, office.user(who), office.doctype, name).workflow
        assert found is not None
        return [(right.state, right.what.en + ("" if found.holds_now(right) else " (not now)")) for right in found.given]

    assert said("clara") == [
        ("Draft", "change the record (not now)"), ("Draft", "Send → Being countersigned (not now)"),
        ("Countersigning", "change the record"), ("Approved", "change the record (not now)"),
    ]  # fmt: skip
    assert said("quentin") == [("Countersigning", 'decide "quality"')]
    assert said("berta") == [("Countersigning", 'decide "signed", while doc.amount > 5')]
    answers = {one.action: one for one in office.site.rights.of_user(admin, office.user("berta"), office.doctype, name).answers}
    assert (answers["write"].allowed, answers["write"].holds_now) == (True, False)
    clara = {one.action: one for one in office.site.rights.of_user(admin, office.user("clara"), office.doctype, name).answers}
    assert (clara["write"].holds_now, clara["submit"].holds_now) == (True, False)


def test_a_card_moves_to_a_state_by_the_action_that_leads_there(office: Office) -> None:
    office.begins()
    name = office.enters("clara", "on the board")
    site, clara = office.site, office.user("clara")

    with pytest.raises(ValidationFailed) as refused:
        site.moving.to_choice(clara, office.doctype, name, "workflow_state", "Approved")
    assert "may go to: Being countersigned" in refused.value.text.en
    site.moving.to_choice(clara, office.doctype, name, "workflow_state", "Countersigning")

    assert office.state(name) == ("Countersigning", 0)


@pytest.mark.parametrize(("language", "said"), [("zh", "会签中"), ("en", "Beingcountersigned")])
def test_the_generated_print_says_how_far_the_record_is(
    office: Office, pdf_text: Callable[[bytes], str], language: str, said: str
) -> None:
    office.begins()
    name = office.sends("clara", f"on paper {language}")

    paper = office.site.printouts.pdf(User.administrator(), office.doctype, name, language=language)

    assert f"onpaper{language}{said}" in pdf_text(paper)  # beside its number
