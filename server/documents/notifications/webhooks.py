"""Webhooks: another program is told of a change, in the transaction that makes it, with the record as it is then.

What is sent the administrator chooses by naming fields. Without names it is every field but secrets, masked ones and those at a
permission level: whoever gets the request is no user whose rights could be asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, column, select
from sqlalchemy import table as plain_table

from ...core.errors import Fault
from ...core.ids import new_id
from ...core.text import Text, nearest
from ...core.values import to_json
from ...expressions import ExpressionRefused, Scope, parse_condition
from ...jobs import messages
from ...jobs.channels import channels
from ...jobs.messages import Letter
from ...metadata.model import SUBMITTED, DocType, Model
from ...storage import records
from ...storage.tables import table_name
from ..complete import Record, user_scope
from ..validate import condition_holds

if TYPE_CHECKING:
    from ..save_path import SavePath

DOCTYPE = "Webhook"
_hooks = plain_table(table_name(DOCTYPE), column("name"), column("webhook_doctype"), column("enabled"))
_ENABLED = (  # made once: every save asks it
    select(_hooks.c.name).where(_hooks.c.webhook_doctype == bindparam("doctype"), _hooks.c.enabled == 1).order_by(_hooks.c.name)
)
ALWAYS = ("name", "owner", "creation", "modified", "modified_by", "docstatus", "version")
HEADER_SIGNS = set("!#$%&'*+-.^_`|~")


def events_of(action: str, old: Record | None) -> frozenset[str]:
    """The names of events, Frappe's, that one change stands for."""
    if action in ("create", "save"):
        if old is None:
            return frozenset({"after_insert", "on_update", "on_change"})
        later = "on_update_after_submit" if old.get("docstatus") == SUBMITTED else "on_update"
        return frozenset({later, "on_change"})
    return {
        "submit": frozenset({"on_submit", "on_update", "on_change"}), "cancel": frozenset({"on_cancel", "on_change"}),
        "delete": frozenset({"on_trash", "on_change"}),
    }[action]  # fmt: skip


def emit(path: SavePath, action: str, record: Record, old: Record | None) -> None:
    """Queue a message for each webhook that this change concerns. One short query where there is none."""
    hooks = path.model.get(DOCTYPE)
    if hooks is None:
        return
    if path.doctype is hooks:
        path.remembered.clear()
    names = path.remembered.get(path.doctype.name)
    if names is None:
        names = path.connection.execute(_ENABLED, {"doctype": path.doctype.name}).scalars().all()
        path.remembered[path.doctype.name] = names
    if not names:
        return
    events = events_of(action, old)
    for name in names:
        hook = records.load(path.connection, path.model, hooks, name)
        if hook is None or hook.get("webhook_docevent") not in events:
            continue
        scope = Scope(doc=record, user=user_scope(path.user), today=path.completion.today, now=path.now)
        if condition_holds(hook.get("condition"), scope, absent=True):
            _queue(path, hook, record)


def _queue(path: SavePath, hook: Record, record: Record) -> None:
    delivery = new_id(20)
    content = {
        "event": hook["webhook_docevent"], "doctype": path.doctype.name, "name": record["name"], "at": path.now, "by": path.user.name,
        "delivery": delivery, "doc": chosen(path.model, path.doctype, record, hook.get("webhook_data") or ()),
    }  # fmt: skip
    letter = Letter(
        key=f"webhook:{delivery}", channel="webhook", target=hook["name"], due_at=path.now, kind=hook["webhook_docevent"],
        doctype=path.doctype.name, name=record["name"], payload={"content": to_json(content)},
    )  # fmt: skip
    messages.write(path.connection, letter, path.now)


def chosen(model: Model, doctype: DocType, record: Record, rows: Any) -> dict[str, Any]:
    """What of the record is sent."""
    named = {str(row["fieldname"]): str(row["key"]) for row in rows}
    if not named:
        return {name: record.get(name) for name in ALWAYS if name in record} | _open(model, doctype, record)
    return {key: _named(model, doctype, record, name) for name, key in named.items()}


def _open(model: Model, doctype: DocType, record: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for item in doctype.data_fields:
        if item.permlevel or item.mask or item.type.is_secret or item.fieldname not in record:
            continue
        value = record[item.fieldname]
        if item.type.holds_rows:
            value = [_open(model, model.child(item), row) for row in value or ()]
        found[item.fieldname] = value
    return found


def _named(model: Model, doctype: DocType, record: Record, name: str) -> Any:
    """A field that is named is sent whatever its permission level; a table as it is open, a secret never."""
    item = doctype.by_name.get(name)
    if item is None:
        return record.get(name) if name in ALWAYS else None
    if item.type.is_secret:
        return None
    if item.type.holds_rows:
        return [_open(model, model.child(item), row) for row in record.get(name) or ()]
    return record.get(name)


def webhook_faults(model: Model, record: Record) -> list[Fault]:
    """Everything that is wrong with a record of Webhook."""
    found = channels()["webhook"].faults(record)
    doctype = model.get(str(record.get("webhook_doctype") or ""))
    if doctype is not None and doctype.istable:
        text = Text(
            "子表没有自己的事件，请选择所属单据。", "A child table has no events of its own; choose the DocType it belongs to."
        )
        found.append(Fault("webhook_doctype", text))
    if record.get("condition"):
        found += _condition_faults(doctype, str(record["condition"]))
    for place, row in enumerate(record.get("webhook_data") or ()):
        if doctype is not None and (fault := _field_fault(doctype, str(row.get("fieldname") or ""))):
            found.append(Fault(f"webhook_data[{place}].fieldname", fault))
    for place, row in enumerate(record.get("webhook_headers") or ()):
        key = str(row.get("key") or "")
        if key and not all(sign.isascii() and (sign.isalnum() or sign in HEADER_SIGNS) for sign in key):
            text = Text(f"“{key}”不是请求头的名称。", f'"{key}" is not the name of a header.')
            found.append(Fault(f"webhook_headers[{place}].key", text))
    return found


def _condition_faults(doctype: DocType | None, condition: str) -> list[Fault]:
    try:
        reads = parse_condition(condition).reads
    except ExpressionRefused as refused:
        return [Fault("condition", Text(f"条件：{refused.text.zh}", f"Condition: {refused.text.en}"))]
    heads = sorted({read.split(".")[1] for read in reads if read.startswith("doc.")})
    faults = [_field_fault(doctype, head) for head in heads] if doctype else []
    return [Fault("condition", Text(f"条件：{said.zh}", f"Condition: {said.en}")) for said in faults if said]


def _field_fault(doctype: DocType, name: str) -> Text | None:
    item = doctype.by_name.get(name)
    if item is not None and item.type.is_secret:
        return Text(f"{item.label.zh}是密码，从不发送。", f"{item.label.en} is a password and is never sent.")
    if name in ALWAYS or (item is not None and not item.type.is_layout):
        return None
    near = nearest(name, [*(field.fieldname for field in doctype.data_fields), *ALWAYS])
    return Text(f"{doctype.label.zh}没有字段“{name}”。{near.zh}", f'{doctype.label.en} has no field "{name}".{near.en}')


__all__ = ["DOCTYPE", "chosen", "emit", "events_of", "webhook_faults"]
