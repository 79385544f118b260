"""Workflows in the browser: the diagram on which states are placed and joined, and the same as JSON (`MetadataView`).

The page holds the JSON that files hold (`workflow-*.js`); after every change it asks what is wrong and what publishing would do. Only
`publish` changes what is in force, by the publisher.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import jsonify, request
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import GuijuError
from ..core.text import Text
from ..desk.presenting import role_titles
from ..documents.meanings import meanings
from ..exchange.packs import Source
from ..exchange.proposal import Proposal
from ..metadata.model import DocType
from ..rulebook.tables.model import HIT_POLICIES
from ..rulebook.vocabulary import HITS
from . import opened_piece
from .label import METADATA, Label
from .metadata_views import MetadataView, Property, fault_at, faults_at, origin_of, parse_piece
from .spoken_changes import spoken_changes
from .workflow_words import APPROVERS, DOC_STATUSES, STYLE_WORDS, WORDS

KIND, LABEL = "Workflow", Text("流程", "workflow")
PROPERTIES: tuple[Property, ...] = (
    ("document_type", Text("适用单据", "Record type"), "text"),
    ("workflow_state_field", Text("状态字段", "State field"), "text"),
    ("is_active", Text("启用", "Active"), "check"),
    ("allow_withdraw", Text("可撤回", "May be withdrawn"), "check"),
)


class WorkflowView(MetadataView):
    """The workflows of a site."""

    kind = KIND
    canvas = "admin_workflows.diagram"
    properties = PROPERTIES
    starter: ClassVar[dict[str, Any]] = {
        "doctype": "Workflow", "name": "", "document_type": "", "workflow_state_field": "workflow_state", "is_active": 1,
        "states": [], "transitions": [],
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(name=Label("流程", "Workflows"), endpoint="admin_workflows", url="/admin/workflows", category=METADATA)

    @expose("/diagram")
    def diagram(self) -> str:
        """The canvas of `?name=`, of one of its earlier versions (`?version=`, counted from the newest), or of a new workflow,
        for `?doctype=` where that is asked."""
        name = request.args.get("name")
        opened_piece.require_known(KIND, name)
        return self.render(
            "guiju_admin/workflow_diagram.html",
            name=name,
            page=self._page(name),
            origin=origin_of(KIND, name) if name else None,
        )

    @expose("/fields")
    def fields(self) -> Response:
        """What the forms can name of `?doctype=`."""
        doctype = web.services().snapshot().model.get(request.args.get("doctype", ""))
        return jsonify(fields=_fields(doctype) if doctype is not None else [])

    @expose("/check", methods=("POST",))
    def check(self) -> Response:
        """What is wrong with the drawing, each at its place, or what publishing it would do."""
        raw = {}
        try:
            raw = parse_piece(request.form.get("workflow", ""))
            return jsonify(_planned(_proposal(raw), raw))
        except GuijuError as error:
            return jsonify(faults=faults_at(error, str(raw.get("name") or KIND)))

    @expose("/publish", methods=("POST",))
    def publish(self) -> Response | tuple[Response, int]:
        """Put the drawing in force, as it was planned: a plan that is no longer true is refused."""
        raw = {}
        try:
            raw = parse_piece(request.form.get("workflow", ""))
            proposal = _proposal(raw)
            opened_piece.require_as_planned(proposal)
            web.services().publisher.publish(proposal, by=web.current_user().name, origin="site")
        except GuijuError as error:
            return jsonify(faults=faults_at(error, str(raw.get("name") or KIND))), 409
        return jsonify(published=True, name=raw["name"])

    def _page(self, name: str | None) -> dict[str, Any]:
        """Everything that the canvas works with, as JSON."""
        site, language = web.services(), web.language()
        model = site.snapshot().model
        in_force = opened_piece.in_force(KIND, name)
        roles = sorted(model.roles)
        titles = role_titles(roles)
        with site.database.read() as connection:
            signed = meanings(connection, model)
        return {
            "raw": opened_piece.earlier(KIND, name) or in_force or {**self.starter, "name": name or "", **opened_piece.begun_for(KIND, "document_type")},
            "name": name if in_force is not None else None,
            "published": in_force,
            "based_on": opened_piece.state_of(in_force),
            "doctypes": [
                [item.name, (item.label or Text.of(item.name)).to(language), item.is_submittable] for item in model if not item.istable
            ],
            "roles": [[role, Text(titles.get(role, role), role).to(language)] for role in roles],
            "meanings": [[meaning, text.to(language)] for meaning, text in signed.items()],
            "approvers": [[kind, text.to(language)] for kind, text in APPROVERS.items()],
            "styles": [[style, text.to(language)] for style, text in STYLE_WORDS.items()],
            "statuses": [[status, text.to(language)] for status, text in DOC_STATUSES.items()],
            "hits": [[name, HITS[name].to(language)] for name in HIT_POLICIES],
            "words": {word: text.to(language) for word, text in WORDS.items()},
            "language": language,
            "csrf": web.csrf_token(),
        }  # fmt: skip


def _proposal(raw: dict[str, Any]) -> Proposal:
    """The drawing, checked together with everything in force."""
    opened_piece.refuse_other_name(KIND, LABEL, raw)
    return web.services().publisher.propose([Source(KIND, str(raw.get("name") or KIND), raw)])


def _planned(proposal: Proposal, raw: Mapping[str, Any]) -> dict[str, Any]:
    language, in_force = web.language(), opened_piece.in_force(KIND, str(raw["name"]))
    name = str(raw["name"])
    return {
        "faults": [],
        "warnings": [fault_at(one, name) for one in proposal.warnings if not one.where or one.where.startswith(f"{name}: ")],
        "changes": spoken_changes(in_force, raw, language) if proposal.changed else [],
        "steps": [step.to(language) for step in proposal.steps],
        "moved": opened_piece.moved(KIND, in_force),
        "is_empty": proposal.is_empty,
        "base_version": proposal.base_version,
    }


def _fields(doctype: DocType) -> list[dict[str, str]]:
    language = web.language()
    return [
        {"name": item.fieldname, "label": (item.label or Text.of(item.fieldname)).to(language), "target": item.options or ""}
        | ({} if item.fieldtype == "Link" else {"target": ""})
        for item in doctype.data_fields
    ]
