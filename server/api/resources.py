"""`/api/resource/<DocType>` and `/api/resource/<DocType>/<name>`: records by the verbs of HTTP."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from .. import web
from . import changes
from .arguments import Arguments, body_record, refuse
from .listing import rows_of
from .records_json import record_json

resources = Blueprint("resources", __name__, url_prefix="/api/resource")
Answer = tuple[Response, int]


@resources.get("/<doctype>")
@web.login_required
def list_records(doctype: str) -> Response:
    """`{"data": [...]}`; `next_cursor` beside it continues by key, however far the list goes."""
    arguments = Arguments.of_request()
    rows, cursor = rows_of(doctype, arguments)
    if not arguments.flag("as_dict", True):
        return jsonify(data=[list(row.values()) for row in rows])
    return jsonify(data=rows, **({"next_cursor": cursor} if cursor else {}))


@resources.post("/<doctype>")
@web.login_required
def create(doctype: str) -> Answer:
    return changes.answer("data", doctype, changes.insert(doctype, body_record()))


@resources.get("/<doctype>/<path:name>")
@web.login_required
def read(doctype: str, name: str) -> Response:
    site = web.services()
    found = changes.doctype_of(doctype)
    record = site.documents.load(web.current_user(), doctype, name)
    return jsonify(data=record_json(site.snapshot().model, found, record, site.zone))


@resources.put("/<doctype>/<path:name>")
@web.login_required
def update(doctype: str, name: str) -> Answer:
    """A partial change. With the `version` (or `modified`) that was read, a meanwhile changed record answers 409."""
    return changes.answer("data", doctype, changes.change(doctype, name, body_record()))


@resources.delete("/<doctype>/<path:name>")
@web.login_required
def delete(doctype: str, name: str) -> Answer:
    changes.doctype_of(doctype)
    web.services().documents.delete(web.current_user(), doctype, name)
    return jsonify(data="ok"), 202


@resources.post("/<doctype>/<path:name>")
@web.login_required
def run(doctype: str, name: str) -> Answer:
    """`run_method=submit` or `cancel`; further arguments are values to save along (submit) or a `reason` (cancel)."""
    method = Arguments.of_request().required("run_method")
    wanted: Any = {"submit": changes.submit, "cancel": changes.cancel}.get(method)
    if wanted is None:
        raise refuse("run_method", f"“{method[:40]}”应为 submit 或 cancel。", f'"{method[:40]}" should be submit or cancel.')
    return changes.answer("data", doctype, wanted(doctype, name, body_record()))
