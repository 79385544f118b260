"""Metadata in the browser: DocTypes and reports as validated JSON, common properties as a form. Rules have `rule_views`, workflows
`workflow_views`, print formats `print_views`.

What is typed is checked together with everything in force, shown as a plan, and published only then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import Fault, GuijuError, MetadataInvalid
from ..core.text import Text
from ..desk.presenting import module_title
from ..exchange.packs import Source
from ..exchange.proposal import Proposal
from ..metadata.load import dump_text
from . import opened_piece
from .access import Guarded
from .label import METADATA, Label
from .spoken_changes import spoken_changes

# Common properties a form offers beside the JSON: (property, label, kind).
Property = tuple[str, Text, str]
DOCTYPE_PROPERTIES: tuple[Property, ...] = (
    ("module", Text("模块", "Module"), "text"),
    ("autoname", Text("编号规则", "Naming"), "text"),
    ("title_field", Text("标题字段", "Title field"), "text"),
    ("search_fields", Text("搜索字段（逗号分隔）", "Search fields (comma separated)"), "text"),
    ("is_submittable", Text("可提交", "Submittable"), "check"),
    ("istable", Text("子表", "Child table"), "check"),
    ("is_tree", Text("树形", "Tree"), "check"),
    ("quick_entry", Text("快速录入", "Quick entry"), "check"),
    ("allow_rename", Text("可重命名", "May be renamed"), "check"),
    ("track_changes", Text("记录更改", "Track changes"), "check"),
    ("retention_years", Text("保存年限", "Retention in years"), "number"),
)


@dataclass(frozen=True)
class Origin:
    """The pack that ships a piece, and what the site changed of it."""

    pack: Text
    changes: int
    conflicts: int


class MetadataView(Guarded):
    """One kind of metadata: list, edit, plan, publish, history."""

    kind: ClassVar[str]
    canvas: ClassVar[str] = ""  # the page on which pieces of this kind are drawn; else they are written as JSON only
    properties: ClassVar[tuple[Property, ...]]
    starter: ClassVar[dict[str, Any]]

    @expose("/")
    def index(self) -> str:
        pieces = [source for source in web.services().publisher.stored() if source.kind == self.kind]
        wanted = request.args.get("q", "").lower()
        shown = [
            piece
            for piece in pieces
            if wanted in piece.name.lower() or wanted in json.dumps(piece.raw, ensure_ascii=False).lower()
        ]
        site = web.services()
        labels = {item.name: item.label.to(web.language()) for item in site.snapshot().model}
        modules = {module: module_title(module) for piece in shown if (module := str(piece.raw.get("module") or ""))}
        return self._render(
            "guiju_admin/metadata_list.html",
            pieces=shown,
            owners=modules | labels,
            packs=site.packs.titles(),
            customised=site.packs.customised(),
            q=request.args.get("q", ""),
        )

    @expose("/edit", methods=("GET", "POST"))
    def edit(self) -> str | Response | tuple[str, int]:
        name = request.args.get("name")
        if request.method == "GET":
            opened_piece.require_known(self.kind, name)
            return self._editor(name, dump_text(self._raw(name)))
        return self._posted(name)

    def _posted(self, name: str | None) -> str | Response | tuple[str, int]:
        """Check what was typed; show the plan, or publish when the plan was shown and confirmed."""
        text = request.form.get("json", "")
        try:
            raw = self._with_properties(parse_piece(text), request.form)
            if request.form.get("html") is not None:
                raw["html"] = request.form["html"].replace("\r\n", "\n")
            source = Source(self.kind, str(raw.get("name") or self.kind), raw)
            proposal = web.services().publisher.propose([source])
        except GuijuError as error:
            return self._editor(name, text, error=error), 422
        shown = dump_text({key: value for key, value in raw.items() if key != "html"})
        if request.form.get("action") != "publish":
            return self._editor(name, shown, proposal=proposal, html=raw.get("html"))
        reason = request.form.get("reason", "")
        try:
            web.services().publisher.publish(proposal, by=web.current_user().name, origin="site", reason=reason)
        except GuijuError as error:
            return self._editor(name, shown, error=error, proposal=proposal, html=raw.get("html")), error.status
        return redirect(url_for(f"{self.endpoint}.edit", name=source.name, published=1))

    @expose("/history")
    def history(self) -> str:
        name = request.args.get("name", "")
        publisher = web.services().publisher
        versions = publisher.history(self.kind, name)
        customisation = web.services().customisations.of(self.kind, name)
        bodies = [version["body"] for version in versions]
        steps = [self._steps(new, old) for new, old in zip(bodies, [*bodies[1:], None], strict=False)]
        return self._render(
            "guiju_admin/metadata_history.html",
            name=name, versions=versions, steps=steps, customisation=customisation, dump=dump_text,
        )  # fmt: skip

    def _steps(self, new: Mapping[str, Any], old: Mapping[str, Any] | None) -> list[str]:
        """What a version changed."""
        return spoken_changes(old, new, web.language())

    def _raw(self, name: str | None) -> dict[str, Any]:
        if name is None:
            return self.starter
        found = next((s for s in web.services().publisher.stored() if (s.kind, s.name) == (self.kind, name)), None)
        return found.raw if found else {**self.starter, "name": name}

    def _with_properties(self, raw: dict[str, Any], form: Any) -> dict[str, Any]:
        """The JSON with the properties that were changed in the form beside it."""
        for name, _, kind in self.properties:
            if f"p__{name}" not in form and f"shown__{name}" not in form:
                continue
            before, typed = form.get(f"was__{name}", ""), form.get(f"p__{name}", "").strip()
            if typed == before:
                continue
            if kind == "check":
                raw[name] = 1 if typed else 0
            elif not typed:
                raw.pop(name, None)
            else:
                raw[name] = int(typed) if kind == "number" and typed.lstrip("-").isdigit() else typed
        return raw

    def _editor(
        self,
        name: str | None,
        text: str,
        *,
        error: GuijuError | None = None,
        proposal: Proposal | None = None,
        html: str | None = None,
    ) -> str:
        try:
            raw = json.loads(text)
        except ValueError:
            raw = {}
        page = html if html is not None else request.form.get("html") or (raw.get("html") if isinstance(raw, dict) else None)
        if isinstance(raw, dict) and "html" in raw:
            text = dump_text({key: value for key, value in raw.items() if key != "html"})
        return self._render(
            "guiju_admin/metadata_edit.html",
            name=name,
            text=text,
            html=page,
            raw=raw if isinstance(raw, dict) else {},
            properties=self.properties,
            error=error,
            proposal=proposal,
            published=request.args.get("published"),
            origin=origin_of(self.kind, name),
        )

    def _render(self, template: str, **values: Any) -> str:
        return self.render(template, kind=self.kind, **values)


def origin_of(kind: str, name: str | None) -> Origin | None:
    """Which pack ships a piece, and how many places of it the site changed; None for a piece of the site's own."""
    site = web.services()
    pack = next((s.pack for s in site.publisher.stored() if (s.kind, s.name) == (kind, name)), "")
    if not pack:
        return None
    found = site.customisations.of(kind, name or "")
    return Origin(
        site.packs.titles().get(pack) or Text(pack, pack),
        len(found.changes) if found else 0,
        len(found.conflicts) if found else 0,
    )


def parse_piece(text: str) -> dict[str, Any]:
    """One piece of metadata as it was typed. Raises MetadataInvalid for what is no JSON object."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        said = Text(f"不是有效的 JSON：{error}", f"This is not valid JSON: {error}")
        raise MetadataInvalid.of([Fault("json", said)]) from None
    if not isinstance(raw, dict):
        raise MetadataInvalid.of([Fault("json", Text("应为一个 JSON 对象。", "Expected one JSON object."))])
    return raw


def faults_at(error: GuijuError, file: str) -> list[dict[str, str]]:
    """What is wrong, each at its place within the piece that `file` names."""
    return [fault_at(fault, file) for fault in error.faults] or [{"where": "", "message": error.text.to(web.language())}]


def fault_at(fault: Fault, file: str) -> dict[str, str]:
    """One fault at its place within the piece that `file` names, its text without that place."""
    text = fault.text.to(web.language())
    message = text.removeprefix(f"{fault.where}：").removeprefix(f"{fault.where}: ")
    return {"where": fault.where.removeprefix(f"{file}: "), "message": message}


class DocTypeView(MetadataView):
    kind = "DocType"
    canvas = "admin_builder.index"
    properties = DOCTYPE_PROPERTIES
    starter: ClassVar[dict[str, Any]] = {
        "doctype": "DocType", "name": "", "module": "site", "label": {"zh": "", "en": ""}, "autoname": "naming_series:",
        "title_field": "title",
        "fields": [
            {"fieldname": "naming_series", "fieldtype": "Select", "label": {"zh": "编号规则", "en": "Series"}, "options": "XX-.YYYY.-.#####",
             "default": "XX-.YYYY.-.#####", "hidden": 1},
            {"fieldname": "title", "fieldtype": "Data", "label": {"zh": "标题", "en": "Title"}, "reqd": 1, "in_list_view": 1},
        ],
        "permissions": [{"role": "System Manager", "read": 1, "write": 1, "create": 1, "delete": 1, "print": 1}],
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(
            name=Label("单据类型", "DocTypes"), endpoint="admin_doctypes", url="/admin/doctypes", category=METADATA
        )


class ReportView(MetadataView):
    kind = "Report"
    properties = ()
    starter: ClassVar[dict[str, Any]] = {
        "doctype": "Report", "name": "", "title": {"zh": "", "en": ""}, "ref_doctype": "", "module": "", "source": [],
        "columns": ["owner", {"field": "creation", "by": "month"}, {"count": "name", "key": "number"}],
        "filters": [{"field": "creation", "default": "this year"}], "chart": {"type": "bar", "x": "creation", "y": "number"},
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(name=Label("报表", "Reports"), endpoint="admin_reports", url="/admin/reports", category=METADATA)
