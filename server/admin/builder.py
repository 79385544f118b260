"""The DocType builder: a record type drawn in the browser, checked while it is drawn, planned and published with its child tables.

The page holds the same JSON that files hold (`builder*.js`); nothing is kept on the server before it is published. Editing that
JSON as text is `metadata_views`; both publish through the publisher.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask import jsonify, render_template, request
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..access.user import User
from ..core.errors import Fault, GuijuError, MetadataInvalid
from ..core.text import Text
from ..desk.form_page import FormPage
from ..desk.presenting import MODULES, module_title, role_titles
from ..documents.naming import next_name
from ..documents.snapshot import Snapshot
from ..exchange.packs import Source
from ..exchange.proposal import Proposal
from ..metadata.fieldtypes import field_types
from ..metadata.model import DocType
from ..site import Site
from . import opened_piece
from .access import Guarded
from .builder_sample import sample_record
from .builder_words import PALETTE, WORDS
from .label import METADATA, Label
from .metadata_views import origin_of
from .spoken_changes import spoken_changes

MAX_PIECES = 20  # a record type and the child tables changed with it


class DocTypeBuilderView(Guarded):
    """One record type on a canvas."""

    def __init__(self) -> None:
        super().__init__(name=Label("设计器", "Builder"), endpoint="admin_builder", url="/admin/builder", category=METADATA)

    def is_visible(self) -> bool:
        return False  # reached from the list of DocTypes

    @expose("/")
    def index(self) -> str:
        """The canvas of `?name=`, of one of its earlier versions (`?version=`, counted from the newest), or of a new DocType."""
        name = request.args.get("name")
        opened_piece.require_known("DocType", name)
        return self.render("guiju_admin/builder.html", name=name, page=self._page(name), origin=origin_of("DocType", name))

    @expose("/check", methods=("POST",))
    def check(self) -> Response:
        """What is wrong with the drawing, or what publishing it would do."""
        try:
            return jsonify(_plan(_proposal()))
        except GuijuError as error:
            return jsonify(faults=[fault.to_json(web.language()) for fault in error.faults] or [_whole(error)])

    @expose("/publish", methods=("POST",))
    def publish(self) -> Response | tuple[Response, int]:
        """Put the drawing in force, as it was planned: a plan that is no longer true is refused."""
        try:
            proposal = _proposal()
            opened_piece.require_as_planned(proposal)
            web.services().publisher.publish(
                proposal, by=web.current_user().name, origin="site", reason=request.form.get("reason", "")
            )
        except GuijuError as error:
            return jsonify(faults=[fault.to_json(web.language()) for fault in error.faults] or [_whole(error)]), 409
        return jsonify(published=True)

    @expose("/preview", methods=("POST",))
    def preview(self) -> str | tuple[str, int]:
        """The form of a new record as staff would see it, were the drawing published."""
        try:
            web.speak(request.form.get("language", ""))
            site, name = _previewed(), request.form["name"]
            anybody = User.administrator()  # whoever fills the form in has rights that the builder may lack
            page = FormPage(site, anybody, name, site.new_records.blank(anybody, name), web.language())
            return render_template("guiju_admin/builder_preview.html", page=page, error=None, stale=None)
        except GuijuError as error:
            return render_template("guiju_admin/builder_faults.html", lines=error.lines(web.language())), 422

    @expose("/paper", methods=("POST",))
    def paper(self) -> Response | tuple[str, int]:
        """The generated print of a record with made-up values, were the drawing published."""
        try:
            web.speak(request.form.get("language", ""))
            site, name = _previewed(), request.form["name"]
            anybody = User.administrator()
            record = sample_record(
                site.snapshot().model, name, site.new_records.blank(anybody, name), site.clock.now(), web.language()
            )
            pdf = site.printouts.sample(anybody, site.snapshot(), name, record, web.language())
            return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": "inline"})
        except GuijuError as error:
            return render_template("guiju_admin/builder_faults.html", lines=error.lines(web.language())), 422

    def _page(self, name: str | None) -> dict[str, Any]:
        """Everything the canvas works with, as JSON."""
        language = web.language()
        stored = {source.name: source.raw for source in web.services().publisher.stored() if source.kind == "DocType"}
        raw = opened_piece.earlier("DocType", name) or stored.get(name or "")
        return {
            "raw": raw,
            "known": sorted(stored),
            "doctypes": [
                [key, _label(piece, key, language), bool(piece.get("istable"))] for key, piece in sorted(stored.items())
            ],
            "modules": _modules(stored.values()),
            "children": {key: piece for key, piece in stored.items() if piece.get("istable")},
            "types": {
                item.name: {
                    "layout": item.is_layout,
                    "rows": item.holds_rows,
                    "stored": item.kind is not None,
                    "widget": item.widget,
                }
                for item in field_types().values()
            },
            "palette": [
                [title.to(language), [[kind, words.to(language)] for kind, words in items]] for title, items in PALETTE
            ],
            "roles": _roles(),
            "words": {key: text.to(language) for key, text in WORDS.items()},
            "language": language,
            "csrf": web.csrf_token(),
        }


def _modules(pieces: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What a record type may belong to, as the desk calls it; the site's own first."""
    names = {*MODULES, *(str(piece.get("module") or "site") for piece in pieces)} - {"site"}
    return [("site", module_title("site")), *sorted(((name, module_title(name)) for name in names), key=lambda one: one[1])]


def _before(stored: Mapping[str, dict[str, Any]], source: Source) -> dict[str, Any] | None:
    """What is in force of it, also under the name that it had before."""
    return stored.get(source.name) or stored.get(str(source.raw.get("renamed_from") or ""))


def _changes(before: dict[str, Any] | None, source: Source, main: Mapping[str, Any], language: str) -> list[str]:
    """What is different; of a child table under its title."""
    lines = spoken_changes(before, source.raw, language)
    if before is None or source.name == main.get("name"):
        return lines
    return [f"{_label(source.raw, source.name, language)} · {line}" for line in lines]


def _next_name(doctype: DocType) -> str:
    """What the next record would be called; empty where that is not known before it is filled in."""
    site = web.services()
    with site.database.read() as connection:
        return next_name(connection, doctype, site.clock.now(), web.language())


def _proposal() -> Proposal:
    """The drawing and its child tables, checked together with everything in force."""
    try:
        pieces = json.loads(request.form.get("pieces", ""))
    except (ValueError, RecursionError) as error:
        raise MetadataInvalid.of([Fault("", Text(f"不是有效的 JSON：{error}", f"This is not valid JSON: {error}"))]) from None
    if not isinstance(pieces, list) or len(pieces) > MAX_PIECES or not all(isinstance(piece, dict) for piece in pieces):
        said = Text(f"应为 1 到 {MAX_PIECES} 个单据类型的列表。", f"Expected a list of 1 to {MAX_PIECES} record types.")
        raise MetadataInvalid.of([Fault("", said)])
    return web.services().publisher.propose([Source("DocType", str(piece.get("name") or ""), piece) for piece in pieces])


def _previewed() -> Site:
    """The site as if the drawing were published."""
    proposal, in_force = _proposal(), web.services().snapshot()
    return web.services().previewing(Snapshot(proposal.model, in_force.rulebook, in_force.print_formats))


def _plan(proposal: Proposal) -> dict[str, Any]:
    language = web.language()
    stored = {source.name: source.raw for source in web.services().publisher.stored() if source.kind == "DocType"}
    main = json.loads(request.form["pieces"])[0]
    return {
        "faults": [],
        "changes": [line for source in proposal.changed for line in _changes(_before(stored, source), source, main, language)],
        "next_name": _next_name(proposal.model[str(main["name"])]),
        "warnings": [warning.to_json(language) for warning in proposal.warnings],
        "steps": [step.to(language) for step in proposal.steps],
        "failing": [f"{one.rule}: {one.title.to(language)}: {one.message.to(language)}" for one in proposal.failing],
        "is_empty": proposal.is_empty,
        "base_version": proposal.base_version,
    }


def _roles() -> list[tuple[str, str]]:
    """Every role and what people call it."""
    names = sorted(web.services().snapshot().model.roles)
    return list(role_titles(names).items())


def _whole(error: GuijuError) -> dict[str, Any]:
    return {"where": "", "message": error.text.to(web.language())}


def _label(raw: Mapping[str, Any], name: str, language: str) -> str:
    return Text.of(raw.get("label") or name).to(language)
