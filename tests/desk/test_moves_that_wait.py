"""A card that is moved to a state before which signatures are asked for: the mover is led to the one that this move waits for."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from server.access.user import User
from server.exchange.packs import Source
from server.site import Site

TURN = {
    "doctype": "DocType", "name": "Crib Turn", "autoname": "format:TURN-{####}",
    "fields": [
        {"fieldname": "tool", "fieldtype": "Data", "label": "Tool"},
        {"fieldname": "stage", "fieldtype": "Select", "label": "Stage", "options": "Open\nChecked\nSealed"},
    ],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip
FLOW = {
    "doctype": "Workflow", "name": "Crib Turn Flow", "title": "Turn", "document_type": "Crib Turn", "workflow_state_field": "stage", "is_active": 1,
    "states": [{"state": state, "doc_status": "0", "allow_edit": "All"} for state in ("Open", "Checked", "Sealed")],
    "transitions": [
        {"state": "Open", "action": "Check", "next_state": "Checked", "allowed": "All"},
        {"state": "Open", "action": "Seal", "next_state": "Sealed", "allowed": "All"},
    ],
}  # fmt: skip
ASKED = {"verified": "Check", "approved": "Seal"}  # meaning to the step that waits for it, both asked for by one rule
RULE = {
    "name": "crib-turn-is-signed", "title": "Signed", "applies_to": "Crib Turn", "when": {"all": [["tool", "is", "set"]]},
    "then": [{"require_signature": {"meaning": meaning, "role": "All", "before": step}} for meaning, step in ASKED.items()],
}  # fmt: skip


@pytest.fixture(scope="module")
def turn(site: Site) -> str:
    pieces = [Source("DocType", "turn.json", TURN), Source("Workflow", "flow.json", FLOW), Source("Rule", "rule.json", RULE)]
    site.publisher.publish(site.publisher.propose(pieces), "Administrator")
    return site.documents.save(User.administrator(), "Crib Turn", {"tool": "环规"}).name


@pytest.mark.parametrize(("state", "meaning"), [("Checked", "verified"), ("Sealed", "approved")])
def test_where_one_rule_asks_for_two_signatures_a_move_leads_to_the_one_it_waits_for(
    site: Site, signed_in: FlaskClient, turn: str, state: str, meaning: str
) -> None:
    token = signed_in.get("/list/Crib%20Turn").text.split('name="csrf_token" value="')[1].split('"')[0]

    refused = signed_in.post(
        f"/move/Crib%20Turn/{turn}",
        data={"by": "stage", "to": state},
        headers={"X-CSRF-Token": token, "Accept": "application/json"},
    )

    asked = {item.obligation.id: item.obligation.row_key for item in site.inbox.for_record(site.user("li"), "Crib Turn", turn)}
    assert asked[refused.json["sign"].partition("obligation=")[2]] == meaning  # type: ignore[index]
