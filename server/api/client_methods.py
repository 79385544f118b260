"""`frappe.client.*`: records by method calls, over the same services as `/api/resource`."""

from __future__ import annotations

from typing import Any

from .. import web
from ..core.errors import GuijuError, NotFound, ValidationFailed
from ..core.text import Text
from . import changes
from .arguments import Arguments, refuse
from .listing import rows_of
from .methods import WRITING, method
from .records_json import record_json, rows_json

MAX_INSERTS = 200
MAX_COUNT = 10**12


@method("frappe.client.get_list")
def get_list(arguments: Arguments) -> list[dict[str, Any]]:
    return rows_of(arguments.required("doctype"), arguments)[0]


@method("frappe.client.get_count")
def get_count(arguments: Arguments) -> int:
    """How many records there are, exactly: clients page by it."""
    doctype = arguments.required("doctype")
    filters = arguments.filters("filters", doctype)
    return web.services().queries.count(web.current_user(), doctype, filters=filters, cap=MAX_COUNT).value


@method("frappe.client.get")
def get(arguments: Arguments) -> dict[str, Any]:
    """One record by `name`, or the first that `filters` find."""
    site = web.services()
    doctype = changes.doctype_of(arguments.required("doctype"))
    name = arguments.text("name") or _first(doctype.name, arguments, ["name"]).get("name")
    if not name:
        raise NotFound(Text(f"没有符合条件的{doctype.label.zh}。", f"There is no {doctype.label.en} that fits the filters."))
    return record_json(site.snapshot().model, doctype, site.documents.load(web.current_user(), doctype.name, name), site.zone)


@method("frappe.client.get_value")
def get_value(arguments: Arguments) -> dict[str, Any]:
    """The fields `fieldname` of one record, found by its name or by `filters`; empty when there is none."""
    wanted = arguments.structure("fieldname") or "name"
    fields = wanted if isinstance(wanted, list) else [wanted]
    if not all(isinstance(name, str) for name in fields):
        raise refuse("fieldname", "应为字段名或其列表。", "expected a field name or a list of them.")
    return _first(arguments.required("doctype"), arguments, fields)


def _first(doctype: str, arguments: Arguments, fields: list[str]) -> dict[str, Any]:
    site = web.services()
    given = arguments.structure("filters")
    filters = [("name", "=", given)] if isinstance(given, str | int) else arguments.filters("filters", doctype)
    page = site.queries.list(web.current_user(), doctype, fields=fields, filters=filters, limit=1)
    return next(iter(rows_json(page.rows, fields, site.zone)), {})


@method("frappe.client.insert", WRITING)
def insert(arguments: Arguments) -> Any:
    doc = arguments.record("doc")
    doctype = _doctype(doc)
    return changes.answer("message", doctype, changes.insert(doctype, doc))[0]


@method("frappe.client.insert_many", WRITING)
def insert_many(arguments: Arguments) -> list[str]:
    """Make up to 200 records, one after the other; returns their names.

    A record that is refused ends it: the answer says which, and that those before it were saved.
    """
    docs = arguments.structure("docs")
    if not isinstance(docs, list) or not all(isinstance(doc, dict) for doc in docs) or len(docs) > MAX_INSERTS:
        raise refuse("docs", f"应为最多 {MAX_INSERTS} 条记录的列表。", f"expected a list of at most {MAX_INSERTS} records.")
    names: list[str] = []
    for doc in docs:
        try:
            names.append(changes.insert(_doctype(doc), doc, number=len(names) + 1).name)
        except GuijuError as refused:
            number = len(names) + 1
            raise ValidationFailed(
                Text(
                    f"第 {number} 条未保存，其前 {len(names)} 条已保存：{refused.text.zh}",
                    f"Record {number} was not saved; the {len(names)} before it were: {refused.text.en}",
                ),
                refused.faults,
            ) from refused
    return names


@method("frappe.client.save", WRITING)
def save(arguments: Arguments) -> Any:
    """Make or change a record: it is new without a `name`, or with `__islocal`."""
    doc = arguments.record("doc")
    doctype = _doctype(doc)
    is_new = not doc.get("name") or doc.get("__islocal")
    saved = changes.insert(doctype, doc) if is_new else changes.change(doctype, str(doc["name"]), doc)
    return changes.answer("message", doctype, saved)[0]


@method("frappe.client.set_value", WRITING)
def set_value(arguments: Arguments) -> Any:
    """Set one field to `value`, or several given as an object in `fieldname`."""
    doctype, name = arguments.required("doctype"), arguments.required("name")
    given = arguments.structure("fieldname")
    values = given if isinstance(given, dict) else {arguments.required("fieldname"): arguments.structure("value")}
    return changes.answer("message", doctype, changes.change(doctype, name, values))[0]


@method("frappe.client.submit", WRITING)
def submit(arguments: Arguments) -> Any:
    """Submit a saved record; the fields sent with it are saved along."""
    doc = arguments.record("doc")
    doctype = _doctype(doc)
    if not doc.get("name"):
        raise refuse("doc", "请先保存记录再提交。", "save the record before submitting it.")
    return changes.answer("message", doctype, changes.submit(doctype, str(doc["name"]), doc))[0]


@method("frappe.client.cancel", WRITING)
def cancel(arguments: Arguments) -> Any:
    doctype, name = arguments.required("doctype"), arguments.required("name")
    return changes.answer("message", doctype, changes.cancel(doctype, name, {"reason": arguments.text("reason")}))[0]


@method("frappe.client.delete", WRITING)
def delete(arguments: Arguments) -> None:
    doctype = changes.doctype_of(arguments.required("doctype")).name
    web.services().documents.delete(web.current_user(), doctype, arguments.required("name"))


@method("frappe.client.rename_doc", WRITING)
def rename_doc(arguments: Arguments) -> str:
    """Give a record another name; links to it follow. Returns the new name; merging two records into one is not offered."""
    doctype = changes.doctype_of(arguments.required("doctype")).name
    if arguments.flag("merge", default=False):
        raise refuse("merge", "不支持合并单据。", "records cannot be merged.")
    old, new = arguments.required("old_name"), arguments.required("new_name")
    return web.services().documents.rename(web.current_user(), doctype, old, new)


def _doctype(doc: dict[str, Any]) -> str:
    found = doc.get("doctype")
    if not isinstance(found, str) or not found:
        raise refuse("doc.doctype", "必填。", "is required.")
    return found
