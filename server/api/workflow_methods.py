"""Workflows over REST: Frappe's two methods, a record's progress, and what people do with steps beside deciding them."""

from __future__ import annotations

from typing import Any

from .. import web
from ..workflow.model import Transition
from .arguments import Arguments, refuse
from .methods import WRITING, method
from .records_json import record_json


@method("frappe.model.workflow.get_transitions")
def get_transitions(arguments: Arguments) -> list[dict[str, Any]]:
    """The transitions that the caller may take, of the record in `doc` (`doctype` and `name` of it count)."""
    doctype, name = _about(arguments)
    found = web.services().workflows.transitions(web.current_user(), doctype, name)
    return [_transition_json(item) for item in found]


@method("frappe.model.workflow.apply_workflow", WRITING)
def apply_workflow(arguments: Arguments) -> dict[str, Any]:
    """Take a transition; `comment` is ours. Answers the record as Frappe does."""
    doctype, name = _about(arguments)
    site = web.services()
    saved = site.documents.transition(
        web.current_user(), doctype, name, arguments.required("action"), comment=arguments.text("comment")
    )
    return record_json(site.snapshot().model, site.snapshot().doctype(doctype), saved.record, site.zone)


@method("guiju.workflow.progress")
def progress(arguments: Arguments) -> dict[str, Any] | None:
    """How far a record is: states, steps, who did what, who is next."""
    found = web.services().workflows.progress(web.current_user(), arguments.required("doctype"), arguments.required("name"))
    return found.to_json(web.language()) if found is not None else None


@method("guiju.workflow.decide", WRITING)
def decide(arguments: Arguments) -> dict[str, Any] | None:
    """Approve or refuse what the caller is asked for; answers how far the record is now. With `content_hash`, as `progress` gave it
    for this voice, nothing is decided where what it is about has changed since."""
    site, user = web.services(), web.current_user()
    item = site.inbox.decide(
        user, arguments.required("obligation"), arguments.required("decision"), arguments.text("comment"),
        arguments.text("content_hash") or None,
    )  # fmt: skip
    found = site.workflows.progress(user, item.doctype, item.name)
    return found.to_json(web.language()) if found is not None else None


@method("guiju.workflow.withdraw", WRITING)
def withdraw(arguments: Arguments) -> None:
    web.services().workflows.withdraw(
        web.current_user(), arguments.required("doctype"), arguments.required("name"), arguments.text("comment")
    )


@method("guiju.workflow.send_back", WRITING)
def send_back(arguments: Arguments) -> None:
    """`obligation` is the voice that the caller is asked for, `to` a step or a state that `progress` offers under `returns`."""
    web.services().workflows.send_back(
        web.current_user(), arguments.required("obligation"), arguments.required("to"), arguments.text("comment")
    )


@method("guiju.workflow.add_signer", WRITING)
def add_signer(arguments: Arguments) -> None:
    web.services().workflows.add_signer(
        web.current_user(), arguments.required("obligation"), arguments.required("person"),
        before=arguments.text("when", "after") == "before", comment=arguments.text("comment"),
    )  # fmt: skip


@method("guiju.workflow.transfer", WRITING)
def transfer(arguments: Arguments) -> None:
    web.services().workflows.transfer(
        web.current_user(), arguments.required("obligation"), arguments.required("person"), arguments.text("comment")
    )


@method("guiju.workflow.urge", WRITING)
def urge(arguments: Arguments) -> int:
    return web.services().workflows.urge(
        web.current_user(), arguments.required("doctype"), arguments.required("name"), arguments.text("comment")
    )


def _about(arguments: Arguments) -> tuple[str, str]:
    doc = arguments.record("doc")
    if not doc.get("doctype") or not doc.get("name"):
        raise refuse("doc", "应含 doctype 和 name。", "expected a record with doctype and name.")
    return str(doc["doctype"]), str(doc["name"])


def _transition_json(item: Transition) -> dict[str, Any]:
    return {
        "state": item.state, "action": item.action, "next_state": item.next_state, "allowed": item.allowed,
        "allow_self_approval": int(item.allow_self_approval), "condition": item.condition or None, "title": item.title.to(web.language()),
    }  # fmt: skip
