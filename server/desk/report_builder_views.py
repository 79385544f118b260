"""The report builder: a report made in the browser, previewed under its maker's rights, saved as a record or published.

The page holds the JSON of report files; what the forms do not know stays untouched in it. Without scripts the JSON is written as text.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import Fault, GuijuError, PermissionRefused, StaleVersion, ValidationFailed
from ..core.text import Text
from ..documents.report_fields import field_groups, reportable
from ..documents.saved_reports import DOCTYPE
from ..reporting.model import AGGREGATES, CHART_TYPES, FORMULA_TYPES, Report
from ..reporting.spans import OFFERED, span_text
from ..storage.calendar_units import UNITS
from .drawing_saves import refused_drawing, save_drawn
from .list_filters import OPERATOR_TEXTS
from .presenting import role_titles
from .report_builder_words import WORDS
from .report_page import ReportPage

report_builder = Blueprint("report_builder", __name__)
STARTER = {"doctype": "Report", "title": "", "ref_doctype": "", "columns": []}
LARGEST = 200_000  # characters of a report's JSON


@report_builder.get("/reports/build")
@web.login_required
def new() -> str:
    """An empty canvas, or that of `?from=` another report to begin with."""
    start = request.args.get("from", "")
    raw = dict(web.services().reports.report(web.current_user(), start).raw) if start else dict(STARTER)
    return _page("", raw, [])


@report_builder.get("/reports/build/<path:name>")
@web.login_required
def edit(name: str) -> str:
    """A saved report of one's own, as it stands, faults and all."""
    record = web.services().documents.load(web.current_user(), DOCTYPE, name)
    raw = {"doctype": "Report", **json.loads(str(record["content"]))}
    return _page(name, raw, [str(row["role"]) for row in record.get("shared_with") or ()], version=record["version"])


@report_builder.get("/reports/fields/<path:doctype>")
@web.login_required
def fields(doctype: str) -> Response:
    """What a report on this record type may be made of."""
    user, model = web.current_user(), web.services().snapshot().model
    if doctype not in {item.name for item in reportable(model, user)}:
        raise PermissionRefused(Text("您没有对该单据做报表的权限。", "You have no right to report on these records."))
    return jsonify(field_groups(model, user, doctype, web.language()))


@report_builder.post("/reports/preview")
@web.login_required
def preview() -> str | tuple[str, int]:
    """The report as its maker would read it, or what is wrong with it."""
    try:
        report = _drawn("preview")
        page = ReportPage(web.services(), web.current_user(), report, MultiDict(), web.language(), limit=100)
        answer = page.answer
        return render_template("desk/report_preview.html", page=page, answer=answer, faults=[])
    except GuijuError as error:
        lines = [fault.text.to(web.language()) for fault in error.faults] or error.lines(web.language())
        return render_template("desk/report_preview.html", page=None, answer=None, faults=lines)


@report_builder.post("/reports/save")
@web.login_required
def save() -> Response | str | tuple[str, int] | tuple[Response, int]:
    """Keep it as a record: a new one, or the one of `name`."""
    name, roles = request.form.get("name", ""), request.form.getlist("role")
    try:
        report = _drawn(name or "new")
        content = {key: value for key, value in report.raw.items() if key != "name"}
        title = report.title.to(web.language()).strip()
        if not title or title in ("new", name):
            raise ValidationFailed(Text("请填写名称。", "Give the report a title."))
        values: dict[str, Any] = {
            "title": title, "ref_doctype": report.doctype, "content": json.dumps(content, ensure_ascii=False, indent=1),
            "shared_with": [{"role": role} for role in roles],
        }  # fmt: skip
        saved = save_drawn(DOCTYPE, values, name or None)
    except GuijuError as error:
        if request.headers.get("Accept") == "application/json":
            return refused_drawing(error)
        version = error.current_version if isinstance(error, StaleVersion) else request.form.get("version")
        return _page(name, _text_as_typed(), roles, error, version=version), error.status
    if request.headers.get("Accept") == "application/json":
        return jsonify(name=saved.name, url=f"/report/{saved.name}")
    return redirect(f"/report/{saved.name}", 303)


def _drawn(name: str) -> Report:
    """The report that was sent. Raises ValidationFailed, PermissionRefused."""
    return web.services().reports.draft(web.current_user(), {**_sent(), "name": name})


def _sent() -> dict[str, Any]:
    text = request.form.get("content", "")
    try:
        found = json.loads(text) if len(text) <= LARGEST else None
    except (ValueError, RecursionError) as error:
        said = Text(f"不是有效的 JSON：{error}", f"This is not valid JSON: {error}")
        raise ValidationFailed(said, [Fault("content", said)]) from None
    if not isinstance(found, dict):
        raise ValidationFailed(Text("应为 JSON 对象。", "A JSON object is expected."))
    return found


def _text_as_typed() -> dict[str, Any] | str:
    try:
        return _sent()
    except ValidationFailed:
        return request.form.get("content", "")


def _page(
    name: str, raw: dict[str, Any] | str, roles: list[str], error: GuijuError | None = None, *, version: object = None
) -> str:
    language, user, model = web.language(), web.current_user(), web.services().snapshot().model
    text = raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False, indent=1)
    every_role = sorted(role_titles(model.roles).items(), key=lambda item: item[1])
    data = {
        "name": name,
        "language": language,
        "csrf": web.csrf_token(),
        "doctypes": [[item.name, item.label.to(language)] for item in reportable(model, user)],
        "operators": [[key, text.to(language)] for key, text in OPERATOR_TEXTS.items() if "descend" not in key],
        "aggregates": AGGREGATES,
        "units": UNITS,
        "charts": CHART_TYPES,
        "formula_types": FORMULA_TYPES,
        "spans": [[span, span_text(span).to(language)] for span in OFFERED],
        "words": {key: words.to(language) for key, words in WORDS.items()},
    }
    shared = [(role, title, role in roles) for role, title in every_role if role not in ("All", "Guest")]
    return render_template(
        "desk/report_builder.html", name=name, version=version, text=text, data=data, shared=shared, error=error
    )
