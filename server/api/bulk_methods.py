"""The same change for many records, as Frappe's list does it."""

from __future__ import annotations

from typing import Any

from .. import web
from . import changes
from .arguments import Arguments, refuse
from .methods import WRITING, method

ACTIONS = ("submit", "cancel", "update", "delete")


@method("frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs", WRITING)
def submit_cancel_or_update_docs(arguments: Arguments) -> list[str]:
    """Submit, cancel (with `reason`), update (with the values of `data`) or delete the records `docnames`; returns the names of those refused."""
    doctype = changes.doctype_of(arguments.required("doctype")).name
    names, action = arguments.structure("docnames"), arguments.text("action") or "submit"
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise refuse("docnames", "应为编号的列表。", "expected a list of names.")
    if action not in ACTIONS:
        raise refuse("action", f"应为 {'、'.join(ACTIONS)} 之一。", f"expected one of {', '.join(ACTIONS)}.")
    bulk, user = web.services().bulk, web.current_user()
    if action == "submit":
        outcome = bulk.submit(user, doctype, names)
    elif action == "cancel":
        outcome = bulk.cancel(user, doctype, names, arguments.text("reason") or "")
    elif action == "delete":
        outcome = bulk.delete(user, doctype, names)
    else:
        values: Any = arguments.structure("data")
        if not isinstance(values, dict):
            raise refuse("data", "应为字段和值的对象。", "expected an object of fields and values.")
        outcome = bulk.change(user, doctype, names, values)
    return [name for name, _ in outcome.refused]
