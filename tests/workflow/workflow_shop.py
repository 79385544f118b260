"""A request that goes through hands, the people who have it in theirs, and Frappe's own kind of workflow file."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from server.access.user import User
from server.core.clock import SettableClock
from server.documents.inbox_items import InboxItem
from server.documents.progress import Progress
from server.exchange.packs import Source
from server.site import Site

ALL_RIGHTS = {"read": 1, "write": 1, "create": 1, "delete": 1, "submit": 1, "cancel": 1, "amend": 1}
REQUEST: dict[str, Any] = {
    "name": "Request", "label": {"zh": "申请", "en": "Request"}, "autoname": "field:title", "is_submittable": 1, "title_field": "title",
    "fields": [
        {"fieldname": "title", "fieldtype": "Data", "label": {"zh": "标题", "en": "Title"}, "reqd": 1},
        {"fieldname": "amount", "fieldtype": "Currency", "label": {"zh": "金额", "en": "Amount"}},
        {"fieldname": "kind", "fieldtype": "Data", "label": {"zh": "类别", "en": "Kind"}},
        {"fieldname": "opinion", "fieldtype": "Small Text", "label": {"zh": "意见", "en": "Opinion"}},
        {"fieldname": "reviewer", "fieldtype": "Link", "options": "User", "label": {"zh": "复核人", "en": "Reviewer"}},
        {"fieldname": "department", "fieldtype": "Link", "options": "Department", "label": {"zh": "部门", "en": "Department"}},
        {"fieldname": "day", "fieldtype": "Date", "label": {"zh": "日期", "en": "Day"}},
        {"fieldname": "settled", "fieldtype": "Check", "label": {"zh": "已结", "en": "Settled"}},
        {"fieldname": "amended_from", "fieldtype": "Link", "options": "Request", "read_only": 1, "no_copy": 1},
    ],
    "permissions": [
        {"role": "Clerk", **ALL_RIGHTS}, {"role": "Quality", "read": 1}, {"role": "Production", "read": 1},
        {"role": "Engineering", "read": 1}, {"role": "Boss", "read": 1, "write": 1}, {"role": "Nobody", "read": 1},
    ],
}  # fmt: skip
# As Frappe's `bench export-fixtures` writes one, row columns of its database and all.
FRAPPES: dict[str, Any] = {
    "docstatus": 0, "doctype": "Workflow", "document_type": "Request", "enable_action_confirmation": 0, "is_active": 1,
    "modified": "2024-05-02 10:11:12.123456", "name": "Request Approval", "override_status": 1, "send_email_alert": 0,
    "states": [
        {"allow_edit": "Clerk", "avoid_status_override": 0, "doc_status": "0", "is_optional_state": 0, "message": None,
         "next_action_email_template": None, "parent": "Request Approval", "parentfield": "states", "parenttype": "Workflow",
         "send_email": 1, "state": "Open", "update_field": None, "update_value": None, "workflow_builder_id": "1"},
        {"allow_edit": "Boss", "doc_status": "1", "is_optional_state": 0, "parent": "Request Approval", "parentfield": "states",
         "parenttype": "Workflow", "state": "Approved", "update_field": "settled", "update_value": "1", "workflow_builder_id": "2"},
        {"allow_edit": "Boss", "doc_status": "0", "is_optional_state": 0, "state": "Rejected", "workflow_builder_id": "3"},
        {"allow_edit": "Boss", "doc_status": "2", "is_optional_state": 0, "state": "Cancelled", "workflow_builder_id": "4"},
    ],
    "transitions": [
        {"action": "Approve", "allow_self_approval": 0, "allowed": "Boss", "condition": "doc.amount > 0 and doc.kind not in ('x', \"y\")",
         "next_state": "Approved", "state": "Open", "send_email_to_creator": 0, "workflow_builder_id": "action-1"},
        {"action": "Reject", "allow_self_approval": 1, "allowed": "Boss", "condition": None, "next_state": "Rejected", "state": "Open"},
        {"action": "Reopen", "allow_self_approval": 1, "allowed": "Clerk", "condition": "", "next_state": "Open", "state": "Rejected"},
        {"action": "Cancel", "allow_self_approval": 1, "allowed": "Boss", "condition": "", "next_state": "Cancelled", "state": "Approved"},
    ],
    "workflow_data": "[{\"type\": \"state\"}]", "workflow_name": "Request Approval", "workflow_state_field": "workflow_state",
}  # fmt: skip


def workflow(**changes: Any) -> dict[str, Any]:
    """Three departments countersign at once; all must agree."""
    made = {
        "name": "Countersigning", "document_type": "Request", "workflow_state_field": "workflow_state", "is_active": 1,
        "states": [
            {"state": "Draft", "title": {"zh": "草稿", "en": "Draft"}, "doc_status": "0", "allow_edit": "Clerk"},
            {"state": "Countersigning", "title": {"zh": "会签中", "en": "Being countersigned"}, "doc_status": "0", "allow_edit": "Clerk",
             "style": "Warning", "steps": [{"parallel": [
                 {"step": "quality", "title": {"zh": "质量部", "en": "Quality"}, "by": {"role": "Quality"}},
                 {"step": "production", "title": {"zh": "生产部", "en": "Production"}, "by": {"role": "Production"}},
                 {"step": "engineering", "title": {"zh": "工程部", "en": "Engineering"}, "by": {"role": "Engineering"}},
             ]}]},
            {"state": "Approved", "title": {"zh": "已批准", "en": "Approved"}, "doc_status": "1", "style": "Success", "allow_edit": "Clerk"},
        ],
        "transitions": [
            {"state": "Draft", "action": "Send", "title": {"zh": "送审", "en": "Send"}, "next_state": "Countersigning", "allowed": "Clerk"},
            {"state": "Countersigning", "action": "Approve", "next_state": "Approved", "when": "approved"},
            {"state": "Countersigning", "action": "Refuse", "next_state": "Draft", "when": "refused"},
        ],
    }  # fmt: skip
    return made | changes


PEOPLE: dict[str, tuple[str, ...]] = {
    "clara": ("Clerk",), "carl": ("Clerk",), "quentin": ("Quality",), "quincy": ("Quality",), "paula": ("Production",),
    "emil": ("Engineering",), "berta": ("Boss",), "zoe": ("Quality", "Production"),
}  # fmt: skip


@dataclass
class Office:
    """A site, its clock, and what people do in it; everything goes through the services."""

    site: Site
    clock: SettableClock
    doctype: str = ""
    made: int = 0

    def begins(self, flow: dict[str, Any] | None = None, **changes: Any) -> None:
        """A record type of its own goes through this workflow from now on."""
        self.made += 1
        self.doctype = f"Request {self.made}"
        raw = json.loads(json.dumps(REQUEST).replace('"Request"', f'"{self.doctype}"'))
        self.publishes(raw, (flow or workflow()) | {"name": f"Flow {self.made}", "document_type": self.doctype} | changes)

    def publishes(self, *pieces: dict[str, Any]) -> None:
        kinds = ["Workflow" if "transitions" in piece else "Rule" if "applies_to" in piece else "DocType" for piece in pieces]
        sources = [Source(kind, piece["name"], piece) for kind, piece in zip(kinds, pieces, strict=True)]
        self.site.publisher.publish(self.site.publisher.propose(sources), "tests", origin="site")

    def user(self, name: str) -> User:
        return self.site.user(f"{name}@office")

    def enters(self, who: str, title: str, **values: Any) -> str:
        return self.site.documents.save(self.user(who), self.doctype, {"title": title, **values}).name

    def changes(self, who: str, name: str, **values: Any) -> dict[str, Any]:
        return self.site.documents.save(self.user(who), self.doctype, values, name=name).record

    def does(self, who: str, action: str, name: str, comment: str | None = None) -> dict[str, Any]:
        return self.site.documents.transition(self.user(who), self.doctype, name, action, comment=comment).record

    def sends(self, who: str, title: str, **values: Any) -> str:
        name = self.enters(who, title, **values)
        self.does(who, "Send", name)
        return name

    def asked(self, who: str, name: str) -> list[str]:
        """The steps of a record that this person is asked to decide now."""
        items = self.site.inbox.items(self.user(who))
        return [item.obligation.terms["step"] for item in items if self._is(item, name) and item.may_act]

    def decides(self, who: str, name: str, decision: str = "approved", comment: str | None = None, step: str = "") -> None:
        mine = [
            item
            for item in self.site.inbox.items(self.user(who))
            if self._is(item, name) and (not step or item.obligation.terms["step"] == step)
        ]
        assert mine, f"{who} is asked nothing about {name}"
        self.site.inbox.decide(self.user(who), mine[0].obligation.id, decision, comment)

    def _is(self, item: InboxItem, name: str) -> bool:
        return (item.obligation.doctype, item.obligation.name) == (self.doctype, name)

    def approve(self, name: str, *people: str) -> None:
        for who in people:
            self.decides(who, name)

    def state(self, name: str) -> tuple[str, int]:
        record = self.site.documents.load(User.administrator(), self.doctype, name)
        return record["workflow_state"], record["docstatus"]

    def progress(self, who: str, name: str) -> Progress:
        found = self.site.workflows.progress(self.user(who), self.doctype, name)
        assert found is not None
        return found

    def statuses(self, name: str) -> dict[str, str]:
        return {step.step.name: step.status for step in self.progress("clara", name).steps}


def with_steps(*steps: dict[str, Any], **state: Any) -> dict[str, Any]:
    """The workflow with other steps in its middle state."""
    made = deepcopy(workflow())
    made["states"][1].update({"steps": list(steps), **state})
    return made
