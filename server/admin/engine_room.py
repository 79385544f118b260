"""The engine room: number series, the outbox, the audit trail, applied migration plans. Reading, and the few safe actions."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from .access import Guarded


class SeriesView(Guarded):
    def __init__(self) -> None:
        super().__init__(name="编号 Number series", endpoint="admin_series", url="/admin/series", category="运行 Operation")

    @expose("/")
    def index(self) -> str:
        return self.render("guiju_admin/series.html", series=web.services().engine.series())


class OutboxView(Guarded):
    def __init__(self) -> None:
        super().__init__(name="发件箱 Outbox", endpoint="admin_outbox", url="/admin/outbox", category="运行 Operation")

    @expose("/")
    def index(self) -> str:
        messages = web.services().engine.outbox()
        return self.render("guiju_admin/outbox.html", messages=messages)

    @expose("/retry", methods=("POST",))
    def retry(self) -> Response:
        web.services().engine.retry(request.form.get("id", 0, type=int))
        return redirect(url_for("admin_outbox.index"))


class AuditView(Guarded):
    def __init__(self) -> None:
        super().__init__(name="审计 Audit", endpoint="admin_audit", url="/admin/audit", category="运行 Operation")

    @expose("/", methods=("GET", "POST"))
    def index(self) -> str:
        engine = web.services().engine
        findings = engine.verify() if request.method == "POST" else None
        entries = engine.audit(before=request.args.get("before", type=int))
        return self.render("guiju_admin/audit.html", entries=entries, findings=findings)


class PlansView(Guarded):
    def __init__(self) -> None:
        super().__init__(name="结构变更 Migrations", endpoint="admin_plans", url="/admin/plans", category="运行 Operation")

    @expose("/")
    def index(self) -> str:
        return self.render("guiju_admin/plans.html", plans=web.services().engine.plans())
