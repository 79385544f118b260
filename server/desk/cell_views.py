"""One cell of a list: what its editor begins with, and its new value saved as any change is. Refusals go back as they are told."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..documents.bulk import changeable
from ..documents.complete import Record
from ..metadata.model import DRAFT, DocField
from .form_values import typed
from .list_page import ListPage

cells = Blueprint("cells", __name__)


@cells.get("/cell/<doctype>/<path:name>")
@web.login_required
def begin(doctype: str, name: str) -> Response:
    """The value of `field` as an input takes it, and the version that is edited. Raises ValidationFailed where it is closed."""
    site = web.services()
    record = site.documents.load(web.current_user(), doctype, name)
    item = _open_field(doctype, record, request.args.get("field", ""))
    return jsonify(value=typed(item, record.get(item.fieldname), site.zone), version=record["version"])


@cells.post("/cell/<doctype>/<path:name>")
@web.login_required
def save(doctype: str, name: str) -> Response:
    """Save `value` in `field` over `version`; answers with what the row (its columns `cols`) shows now."""
    site, user = web.services(), web.current_user()
    field = request.form.get("field", "")
    record = site.documents.load(user, doctype, name)
    item = _open_field(doctype, record, field)
    value = request.form.get("value", "")
    if value != typed(item, record.get(field), site.zone):  # an input shows minutes where the record keeps seconds
        site.documents.save(user, doctype, {field: value}, name=name, version=request.form.get("version", type=int))
    return jsonify(cells=_shown(doctype, name, request.form.get("cols", "")))


def _open_field(doctype: str, record: Record, fieldname: str) -> DocField:
    """The field, where this user may change it in this record as it stands."""
    site, user = web.services(), web.current_user()
    found = site.snapshot().record_type(doctype)
    item = next((each for each in changeable(site.snapshot().model, user, found) if each.fieldname == fieldname), None)
    is_open = "save" in site.documents.actions(user, doctype, record) and (
        record.get("docstatus", DRAFT) == DRAFT or (item is not None and item.allow_on_submit)
    )
    if item is None or not is_open:
        label = found.by_name[fieldname].label if fieldname in found.by_name else Text(fieldname, fieldname)
        text = Text(
            f"{record['name']} 的“{label.zh}”现在不能由您修改（已提交、流程所处的步骤，或没有权限）。",
            f'You may not change "{label.en}" of {record["name"]} now: it is submitted, its workflow stands elsewhere, or you lack the right.',
        )
        raise ValidationFailed(text, [Fault(fieldname, text)])
    return item


def _shown(doctype: str, name: str, columns: str) -> dict[str, Any]:
    """The texts of a row's cells by field, as the list shows them; nothing where the reader does not find it any more."""
    args = MultiDict([("cols", columns), ("f", "name"), ("o", "="), ("v", name)])
    page = ListPage(web.services(), web.current_user(), doctype, args, web.language())
    if not page.page.rows:
        return {}
    [row] = page.page.rows
    found: dict[str, Any] = {
        column.fieldname: page.cell(column, row) for column in page.columns if column.role in ("value", "title")
    }
    state = next((column.fieldname for column in page.columns if column.role == "state"), None)
    return found | ({state: page.pill(row)} if state else {})
