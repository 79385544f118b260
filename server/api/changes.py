"""One record made or changed, as Frappe's clients ask for it: the lock by `version` or `modified`, submitting by `docstatus`.

`owner`, `creation`, `modified_by` and the number of a record cannot be sent: they are left out of account, as Frappe does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request

from .. import web
from ..core.errors import NotFound, ValidationFailed
from ..core.text import Text
from ..documents.save_path import Saved
from ..metadata.model import CANCELLED, DRAFT, SUBMITTED, DocType
from ..web.errors import server_messages
from .arguments import refuse
from .records_json import record_json, value_json

NEVER = 0  # a version that no stored record has


def doctype_of(name: str) -> DocType:
    """The DocType whose records are asked for. Raises NotFound; rows of child tables have no address of their own."""
    found = web.services().snapshot().doctype(name)
    if found.istable:
        raise NotFound(
            Text(
                f"{found.label.zh}是子表，请经由所属单据读写。",
                f"{found.label.en} is a child table; use the record it belongs to.",
            )
        )
    return found


def insert(doctype: str, values: Mapping[str, Any], *, number: int = 0) -> Saved:
    """Make a record. The header `Idempotency-Key` makes a repeated request harmless; `number` counts records of one request."""
    doctype_of(doctype)
    if _docstatus(values) not in (None, DRAFT):
        raise refuse(
            "docstatus",
            "新记录只能是草稿；请先保存，再以 run_method=submit 提交。",
            "a new record is a draft; save it first, then submit it with run_method=submit.",
        )
    return web.services().documents.save(web.current_user(), doctype, values, idempotency_key=_idempotency_key(number))


def change(doctype: str, name: str, values: Mapping[str, Any]) -> Saved:
    """Change a record; a `docstatus` of 1 or 2 that it has not yet submits or cancels it."""
    doctype_of(doctype)
    site, user = web.services(), web.current_user()
    version, wanted = _version(values), _docstatus(values)
    if "modified" in values or wanted is not None:
        present = site.documents.load(user, doctype, name)
        if version is None and values.get("modified"):
            version = present["version"] if value_json(present["modified"], site.zone) == values["modified"] else NEVER
        if wanted not in (None, present["docstatus"]):
            return _move(doctype, name, values, version, present["docstatus"], wanted)
    return site.documents.save(user, doctype, values, name=name, version=version, idempotency_key=_idempotency_key())


def submit(doctype: str, name: str, values: Mapping[str, Any]) -> Saved:
    doctype_of(doctype)
    return web.services().documents.submit(web.current_user(), doctype, name, version=_version(values), values=values)


def cancel(doctype: str, name: str, values: Mapping[str, Any]) -> Saved:
    doctype_of(doctype)
    reason = values.get("reason")
    return web.services().documents.cancel(
        web.current_user(), doctype, name, version=_version(values), reason=str(reason) if reason else None
    )


def _move(doctype: str, name: str, values: Mapping[str, Any], version: int | None, present: int, wanted: int | None) -> Saved:
    documents, user = web.services().documents, web.current_user()
    if (present, wanted) == (DRAFT, SUBMITTED):
        return documents.submit(user, doctype, name, version=version, values=values)
    if (present, wanted) == (SUBMITTED, CANCELLED):
        return documents.cancel(user, doctype, name, version=version)
    raise refuse("docstatus", f"不能由 {present} 变为 {wanted}。", f"cannot go from {present} to {wanted}.")


def _version(values: Mapping[str, Any]) -> int | None:
    """The version that the client read; None when it did not say."""
    return _whole("version", values.get("version"))


def _docstatus(values: Mapping[str, Any]) -> int | None:
    return _whole("docstatus", values.get("docstatus"))


def _whole(name: str, value: Any) -> int | None:
    if value in (None, ""):
        return None
    if isinstance(value, bool | float | list | dict) or not str(value).isdecimal():
        raise refuse(name, f"“{str(value)[:40]}”应为整数。", f'"{str(value)[:40]}" should be a whole number.')
    return int(value)


def _idempotency_key(number: int = 0) -> str | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > 200:
        raise ValidationFailed(Text("Idempotency-Key 最多 200 个字符。", "Idempotency-Key may have at most 200 characters."))
    return f"{key}#{number}" if key and number else key or None


def saved_json(doctype: str, saved: Saved) -> dict[str, Any]:
    """The record as it was stored and this user may see it."""
    site = web.services()
    model = site.snapshot().model
    return record_json(model, model[doctype], saved.record, site.zone)


def answer(key: str, doctype: str, saved: Saved, status: int = 200) -> tuple[Response, int]:
    """`{key: record}` with the rules' warnings, in Frappe's form and with their places."""
    found: dict[str, Any] = {key: saved_json(doctype, saved)}
    if saved.warnings:
        language = web.language()
        found["warnings"] = [fault.to_json(language) for fault in saved.warnings]
        found["_server_messages"] = server_messages((fault.text.to(language) for fault in saved.warnings), "orange")
    return jsonify(found), status
