"""The print designer: a format built from blocks, written as HTML or filled into an Excel file, beside a live picture of its pages.

The page holds the JSON that files hold (`print-*.js`) and asks after every change: what is wrong and where, what the paper looks like
with a record that the reader may print. Only `publish` changes what is in force, by the publisher.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import jsonify, request
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import GuijuError, MetadataInvalid, PermissionRefused
from ..core.text import Text, language_of
from ..documents.printouts import PDF, XLSX
from ..exchange.packs import Source
from ..exchange.proposal import Proposal
from ..metadata.model import DocType
from ..printing.check import check_templates
from ..printing.design import KINDS, ONLY_IF
from ..printing.design import Property as DesignProperty
from ..printing.format import PrintFormat, check_format, read_format
from ..printing.service import PrintFailed
from ..printing.suggestion import suggested_blocks
from . import opened_piece
from .access import say
from .builder_sample import sample_record
from .label import METADATA, Label
from .metadata_views import MetadataView, Property, fault_at, faults_at, origin_of, parse_piece
from .print_words import CHOICES, KIND_WORDS, PLACE_WORDS, PROPERTY_WORDS, WORDS
from .spoken_changes import spoken_changes

KIND, LABEL = "Print Format", Text("打印格式", "print format")
UNNAMED = "Preview"
FORMAT_PROPERTIES: tuple[Property, ...] = (
    ("form_number", Text("表单编号", "Form number"), "text"),
    ("form_version", Text("表单版本", "Form version"), "text"),
)


class PrintFormatView(MetadataView):
    """The print formats of a site."""

    kind = KIND
    canvas = "admin_formats.design"
    properties = FORMAT_PROPERTIES
    starter: ClassVar[dict[str, Any]] = {
        "doctype": KIND, "name": "", "doc_type": "", "title": {"zh": "", "en": ""}, "form_number": "", "form_version": "A/0",
        "source": [], "html": "{{ title() }}\n",
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(
            name=Label("打印格式", "Print formats"), endpoint="admin_formats", url="/admin/formats", category=METADATA
        )

    @expose("/design")
    def design(self) -> str:
        """The designer of `?name=`, of one of its earlier versions (`?version=`, 0 being the newest), or of a new format,
        for `?doctype=` where that is asked."""
        name = request.args.get("name")
        opened_piece.require_known(KIND, name)
        origin = origin_of(KIND, name) if name else None
        return self.render("guiju_admin/print_designer.html", name=name, page=self._page(name), origin=origin)

    @expose("/fields")
    def fields(self) -> Response:
        """What blocks can name of `?doctype=`, and the blocks that a new format begins with."""
        model = web.services().snapshot().model
        doctype = model.get(request.args.get("doctype", ""))
        if doctype is None:
            return jsonify(fields=[], tables={}, suggested=[])
        tables = {item.fieldname: _fields(model.child(item)) for item in doctype.table_fields if model.get(item.options or "")}
        return jsonify(fields=_fields(doctype), tables=tables, suggested=suggested_blocks(doctype, model))

    @expose("/look", methods=("POST",))
    def look(self) -> Response:
        """What is wrong, each at its block; the pages as pictures, and the template that the blocks are written as."""
        try:
            raw = parse_piece(request.form.get("format", ""))
        except GuijuError as error:
            return jsonify(faults=faults_at(error, KIND))
        try:
            opened_piece.refuse_other_name(KIND, LABEL, raw)
            form = _read(raw, named=True)
        except GuijuError as error:
            return jsonify(_pages(raw) | {"faults": faults_at(error, str(raw.get("name") or KIND))})
        return jsonify(_pages(raw, form))

    @expose("/plan", methods=("POST",))
    def plan(self) -> Response:
        """What publishing would change, checked together with everything in force."""
        raw: dict[str, Any] = {}
        try:
            raw = parse_piece(request.form.get("format", ""))
            return jsonify(_planned(_proposal(raw), raw))
        except GuijuError as error:
            return jsonify(faults=faults_at(error, str(raw.get("name") or KIND)))

    @expose("/paper", methods=("POST",))
    def paper(self) -> Response | tuple[str, int]:
        """The whole print as a file: a PDF to look at, or the filled-in Excel file to open."""
        try:
            form = _read(parse_piece(request.form.get("format", "")))
            content = _printed(form)
        except GuijuError as error:
            return self.render("guiju_admin/builder_faults.html", lines=error.lines(web.language())), 422
        kind = XLSX if form.workbook else PDF
        opening = 'attachment; filename="preview.xlsx"' if form.workbook else "inline"
        return Response(content, mimetype=kind, headers={"Content-Disposition": opening})

    @expose("/publish", methods=("POST",))
    def publish(self) -> Response | tuple[Response, int]:
        """Put the format in force, as it was planned: a plan that is no longer true is refused."""
        raw: dict[str, Any] = {}
        try:
            raw = parse_piece(request.form.get("format", ""))
            proposal = _proposal(raw)
            opened_piece.require_as_planned(proposal)
            reason = request.form.get("reason", "")
            web.services().publisher.publish(proposal, by=web.current_user().name, origin="site", reason=reason)
        except GuijuError as error:
            return jsonify(faults=faults_at(error, str(raw.get("name") or KIND))), 409
        return jsonify(published=True, name=raw["name"])

    def _page(self, name: str | None) -> dict[str, Any]:
        """Everything that the designer works with, as JSON."""
        language = web.language()
        in_force = opened_piece.in_force(KIND, name)
        new = {"doctype": KIND, "name": name or "", "doc_type": "", "form_number": "", "form_version": "A/0", "blocks": []}
        begun = opened_piece.begun_for(KIND, "doc_type")
        if begun:
            model = web.services().snapshot().model
            new |= begun | {"blocks": suggested_blocks(model[begun["doc_type"]], model)}
        return {
            "raw": opened_piece.earlier(KIND, name) or in_force or new,
            "name": name if in_force is not None else None,
            "published": in_force,
            "based_on": opened_piece.state_of(in_force),
            "doctypes": [
                [item.name, (item.label or Text.of(item.name)).to(language)]
                for item in web.services().snapshot().model
                if not item.istable
            ],
            "kinds": [_kind_said(name, language) for name in KINDS],
            "only_if": _property_said(ONLY_IF, language),
            "place_words": [[word, text.to(language)] for word, text in PLACE_WORDS.items()],
            "words": {word: text.to(language) for word, text in WORDS.items()},
            "language": language,
            "csrf": web.csrf_token(),
        }


def _kind_said(name: str, language: str) -> dict[str, Any]:
    kind = KINDS[name]
    return {
        "name": name, "label": KIND_WORDS[name].to(language), "beside": kind.beside,
        "properties": [_property_said(item, language, name) for item in kind.properties],
    }  # fmt: skip


def _property_said(item: DesignProperty, language: str, kind: str = "") -> dict[str, Any]:
    words = PROPERTY_WORDS.get(f"{kind}.{item.name}") or PROPERTY_WORDS[item.name]
    return {
        "name": item.name, "type": item.type, "label": words.to(language), "usual": item.usual,
        "required": item.required, "low": item.low, "high": item.high,
        "choices": [[choice, CHOICES[choice].to(language)] for choice in item.choices],
    }  # fmt: skip


def _fields(doctype: DocType) -> list[dict[str, str]]:
    language = web.language()
    return [
        {"name": item.fieldname, "label": (item.label or Text.of(item.fieldname)).to(language), "type": item.fieldtype}
        for item in doctype.data_fields
    ]


def _proposal(raw: dict[str, Any]) -> Proposal:
    """The format, checked together with everything in force."""
    opened_piece.refuse_other_name(KIND, LABEL, raw)
    return web.services().publisher.propose([Source(KIND, str(raw.get("name") or KIND), raw)])


def _planned(proposal: Proposal, raw: Mapping[str, Any]) -> dict[str, Any]:
    language, in_force = web.language(), opened_piece.in_force(KIND, str(raw["name"]))
    return {
        "faults": [],
        "warnings": [fault_at(one, str(raw["name"])) for one in proposal.warnings if one.where.startswith(f"{raw['name']}: ")],
        "changes": spoken_changes(in_force, raw, language) if proposal.changed else [],
        "moved": opened_piece.moved(KIND, in_force),
        "is_empty": proposal.is_empty,
        "base_version": proposal.base_version,
    }


def _read(raw: dict[str, Any], *, named: bool = False) -> PrintFormat:
    """The format by itself. Unless it is to be `named`, one without a name is looked at too. Raises MetadataInvalid."""
    given = raw if named else raw | {"name": raw.get("name") or UNNAMED}
    file = str(raw.get("name") or KIND)
    faults = check_format(given, file)
    if not faults:
        faults = check_templates({file: read_format(given)}, web.services().snapshot().model)
    if faults:
        raise MetadataInvalid.of(faults)
    return read_format(given)


def _printed(form: PrintFormat) -> bytes:
    """The chosen record on paper, else the newest that the reader may print."""
    site, language = web.services(), language_of(request.form.get("language", web.language()))
    name = request.form.get("record") or _newest(form.doctype)
    if name:
        return site.printouts.preview(web.current_user(), form, name, language, request.host_url)
    snapshot = site.snapshot()
    blank = site.new_records.blank(User.administrator(), form.doctype)  # nobody's values: made up
    record = sample_record(snapshot.model, form.doctype, blank, site.clock.now(), language)
    return site.printouts.sample(web.current_user(), snapshot, form.doctype, record, language, form)


def _newest(doctype: str) -> str:
    """The name of the newest record that the reader may print; empty where there is none: values are made up then."""
    try:
        rows = web.services().queries.list(web.current_user(), doctype, limit=1).rows
        Permissions(web.services().snapshot().model).require(web.current_user(), "print", doctype, rows[0] if rows else None)
    except PermissionRefused:
        return ""
    return str(rows[0]["name"]) if rows else ""


def _pages(raw: dict[str, Any], form: PrintFormat | None = None) -> dict[str, Any]:
    """The pages as pictures, or the cells of an Excel file; nothing, and why, where there are none."""
    from ..printing.seen import pages_seen

    try:
        form = form or _read(raw)
    except GuijuError:
        return {"faults": []}
    found: dict[str, Any] = {"faults": [], "html": form.html}
    try:
        content = _printed(form)
    except PrintFailed as error:
        return found | {"faults": [{"where": error.block, "message": error.text.to(web.language())}]}
    except GuijuError as error:
        return found | {"note": " ".join(error.lines(web.language()))}
    made_up = not request.form.get("record") and not _newest(form.doctype)
    said = say("示例数据：没有您可以打印的单据。", "Made-up values: there is no record that you may print.") if made_up else ""
    found["said"] = said
    if form.workbook:
        from ..printing.workbook_check import cells_seen

        return found | {"sheets": cells_seen(content)}
    count, pages = pages_seen(content)
    over = form.page.is_label and count > 1 and not form.page.two_up and len(form.copies) < count
    note = say("内容超出一张标签。", "The content runs over more than one label.") if over else ""
    return found | {"count": count, "pages": pages, "note": note}
