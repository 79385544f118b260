"""The procedures with their clauses: what implements each, what its tests say, how often its rules spoke."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from flask import Blueprint, render_template, request, url_for

from .. import web
from ..access.permissions import Permissions
from ..core.text import Text
from ..documents.clauses import Kind
from ..exchange.clause_coverage import DAYS, SHOWN, Implementation
from .presenting import is_admin

clauses = Blueprint("clauses", __name__)
KINDS: dict[Kind, Text] = {
    "DocType": Text("单据", "Record type"),
    "Rule": Text("规则", "Rule"),
    "Workflow": Text("流程", "Workflow"),
    "Print Format": Text("打印格式", "Print format"),
    "Report": Text("报表", "Report"),
}


@clauses.get("/clauses")
@web.login_required
def index() -> str:
    """All clauses by procedure; those of `?procedure=`, and of `?show=` (see `SHOWN`)."""
    every = web.services().clause_coverage.procedures(web.current_user())
    wanted, show = request.args.get("procedure", ""), request.args.get("show", "")
    _, is_shown = SHOWN.get(show, (None, lambda clause: True))
    chosen = (replace(item, clauses=tuple(filter(is_shown, item.clauses))) for item in every if wanted in ("", item.code))
    return render_template(
        "desk/clauses.html", procedures=every, chosen=[item for item in chosen if item.clauses or not show], wanted=wanted,
        show=show, shown=SHOWN, kinds=KINDS, days=DAYS, address=_addresses(),
    )  # fmt: skip


def _addresses() -> Callable[[Implementation], str]:
    """Where each piece of metadata is to be seen; empty for what the reader may not open."""
    site, user, admin = web.services(), web.current_user(), is_admin()
    model = site.snapshot().model
    permissions, offered = Permissions(model), {report.name for report in site.reports.offered(user)}
    pages: dict[Kind, str] = {
        "DocType": "admin_doctypes.edit", "Rule": "admin_rules.edit", "Workflow": "admin_workflows.diagram",
        "Print Format": "admin_formats.edit", "Report": "admin_reports.edit",
    }  # fmt: skip

    def address(item: Implementation) -> str:
        if item.kind == "DocType" and not model[item.name].istable and permissions.may(user, "read", item.name):
            return f"/list/{quote(item.name)}"
        if item.kind == "Report" and item.name in offered:
            return f"/report/{quote(item.name)}"
        return url_for(pages[item.kind], name=item.name) if admin else ""

    return address
