"""The analysis of all rules in force, as a page: each finding with its rules, an example and what to do."""

from __future__ import annotations

from flask import request
from flask_admin import expose

from .. import web
from ..rulebook.analysis.finding import KINDS
from .access import Guarded
from .label import METADATA, Label


class AnalysisView(Guarded):
    def __init__(self) -> None:
        super().__init__(
            name=Label("规则分析", "Rule analysis"), endpoint="admin_analysis", url="/admin/analysis", category=METADATA
        )

    @expose("/")
    def index(self) -> str:
        """Every finding, or those of one kind (`?kind=`)."""
        site, wanted = web.services(), request.args.get("kind", "")
        found = site.rule_analysis.findings()
        numbers = {kind: sum(item.kind == kind for item in found) for kind in KINDS}
        return self.render(
            "guiju_admin/analysis.html", findings=[item for item in found if wanted in ("", item.kind)], kinds=KINDS, numbers=numbers,
            kind=wanted, whole=len(found), number_of_rules=len(site.snapshot().rulebook.rules),
            labels={item.name: item.label for item in site.snapshot().model},
        )  # fmt: skip
