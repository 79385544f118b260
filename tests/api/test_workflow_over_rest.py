"""Workflows over REST: Frappe's two methods, progress and decisions, and no way around by a record's own address."""

from __future__ import annotations

from typing import Any

import pytest
from rest_client import Client

from server.exchange.packs import Source
from server.site import Site

LEAVE = {
    "name": "Leave", "autoname": "hash", "is_submittable": 1,
    "fields": [{"fieldname": "days", "fieldtype": "Int", "label": "Days", "in_list_view": 1}],
    "permissions": [
        {"role": "Repairer", "read": 1, "write": 1, "create": 1, "submit": 1, "cancel": 1}, {"role": "Repair Manager", "read": 1}
    ],
}  # fmt: skip
FLOW = {
    "name": "Leave Approval", "document_type": "Leave", "workflow_state_field": "workflow_state", "is_active": 1,
    "states": [
        {"state": "Open", "doc_status": "0", "allow_edit": "Repairer"},
        {"state": "Waiting", "doc_status": "0", "allow_edit": "Repairer", "steps": [{"step": "manager", "by": {"role": "Repair Manager"}}]},
        {"state": "Granted", "doc_status": "1", "allow_edit": "Repairer"},
    ],
    "transitions": [
        {"state": "Open", "action": "Ask", "next_state": "Waiting", "allowed": "Repairer"},
        {"state": "Waiting", "action": "Grant", "next_state": "Granted", "when": "approved"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def flowing(site: Site) -> None:
    sources = [Source("DocType", "leave.json", LEAVE), Source("Workflow", "flow.json", FLOW)]
    site.publisher.publish(site.publisher.propose(sources), "tests")


@pytest.fixture
def leave(flowing: None, li: Client) -> dict[str, Any]:
    return dict(li.create("Leave", {"days": 3}).data)


def test_frappes_methods_take_a_record_through(li: Client, zhao: Client, leave: dict[str, Any]) -> None:
    assert leave["workflow_state"] == "Open"
    offered = li.call("frappe.model.workflow.get_transitions", doc=leave).data
    assert [(item["action"], item["next_state"], item["allowed"]) for item in offered] == [("Ask", "Waiting", "Repairer")]
    assert zhao.call("frappe.model.workflow.get_transitions", doc=leave).data == []
    asked = li.call("frappe.model.workflow.apply_workflow", doc=leave, action="Ask").data
    assert (asked["workflow_state"], asked["docstatus"]) == ("Waiting", 0)
    voice = zhao.call("guiju.workflow.progress", doctype="Leave", name=leave["name"]).data["steps"][0]["voices"][0]
    assert voice["may_decide"]
    done = zhao.call("guiju.workflow.decide", obligation=voice["id"], decision="approved").data
    assert done["state"] == "Granted"
    found = li.get("Leave", leave["name"]).data
    assert (found["workflow_state"], found["docstatus"]) == ("Granted", 1)
    assert {"name": leave["name"]} in li.list("Leave", filters={"workflow_state": "Granted"}).data


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (lambda li, leave: li.update("Leave", leave["name"], {"workflow_state": "Granted"}), "cannot be set"),
        (lambda li, leave: li.update("Leave", leave["name"], {"docstatus": 1}), "goes through the workflow"),
        (lambda li, leave: li.call("frappe.client.submit", doc=leave), "goes through the workflow"),
        (lambda li, leave: li.create("Leave", {"days": 1, "workflow_state": "Granted"}), "cannot be set"),
        (lambda li, leave: li.call("frappe.model.workflow.apply_workflow", doc=leave, action="Grant"), "you cannot take the action"),
    ],
    ids=["state", "docstatus", "submit", "insert", "the program's own action"],
)  # fmt: skip
def test_no_address_leads_around(li: Client, leave: dict[str, Any], way: Any, said: str) -> None:
    li.headers["Accept-Language"] = "en"
    reply = way(li, leave)
    assert reply.status == 417
    assert said in reply.body.decode()
    found = li.get("Leave", leave["name"]).data
    assert (found["workflow_state"], found["docstatus"]) == ("Open", 0)


def test_a_step_is_passed_on_and_approved_over_the_one_method_for_obligations(
    li: Client, zhao: Client, leave: dict[str, Any], site: Site
) -> None:
    asked = li.call("frappe.model.workflow.apply_workflow", doc=leave, action="Ask").data
    voice = zhao.call("guiju.workflow.progress", doctype="Leave", name=asked["name"]).data["steps"][0]["voices"][0]["id"]
    assert zhao.call("guiju.obligation.act", obligation=voice, action="waive", reason="no").status == 417
    assert zhao.call("guiju.obligation.act", obligation=voice, action="steal").status == 417
    assert li.call("guiju.obligation.act", obligation=voice, action="approve").status == 403
    shown = site.inbox.owed(site.user("zhao"), voice).content_hash
    assert zhao.call("guiju.obligation.act", obligation=voice, action="approve", content_hash=shown).data == "met"
    assert li.get("Leave", asked["name"]).data["workflow_state"] == "Granted"


def test_what_was_read_before_a_change_is_not_decided(li: Client, zhao: Client, leave: dict[str, Any]) -> None:
    li.call("frappe.model.workflow.apply_workflow", doc=leave, action="Ask")
    where = {"doctype": "Leave", "name": leave["name"]}
    read = zhao.call("guiju.workflow.progress", **where).data["steps"][0]["voices"][0]
    assert li.call("guiju.workflow.progress", **where).data["steps"][0]["voices"][0]["content_hash"] is None
    li.update("Leave", leave["name"], {"days": 30})
    given = {"obligation": read["id"], "decision": "approved"}
    assert zhao.call("guiju.workflow.decide", **given, content_hash=read["content_hash"]).status == 417
    assert li.get("Leave", leave["name"]).data["workflow_state"] == "Waiting"
    now = zhao.call("guiju.workflow.progress", **where).data["steps"][0]["voices"][0]
    assert zhao.call("guiju.workflow.decide", **given, content_hash=now["content_hash"]).data["state"] == "Granted"
