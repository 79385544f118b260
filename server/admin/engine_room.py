"""The engine room: number series, the outbox, the audit trail, applied migration plans. Reading, and the few safe actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import GuijuError
from ..core.text import Text
from ..desk.phrases import PHRASES
from ..exchange.undo import Undo, described, propose_undo
from .access import Guarded, say
from .label import OPERATION, Label

CHANNELS: Mapping[str, Text] = {
    "notification": Text("站内通知", "in-app notification"),
    "recount": Text("重算时限", "counting due times anew"),
}
STATES: Mapping[str, Text] = {
    "pending": Text("等待发送", "waiting"),
    "claimed": Text("发送中", "being sent"),
    "done": Text("已送达", "delivered"),
    "dead": Text("未送达，不再重试", "given up"),
}


def _receivers(messages: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Who each message is for: a person's name, or what people call the role."""
    site, reader = web.services(), web.current_user()
    asked = {"User": "user", "Role": "role"}
    names = {
        doctype: site.queries.titles(reader, doctype, {str((item["payload"] or {}).get(key) or "") for item in messages})
        for doctype, key in asked.items()
    }
    return {
        item["id"]: next(
            (
                names[doctype].get(str(to), str(to))
                for doctype, key in asked.items()
                if (to := (item["payload"] or {}).get(key))
            ),
            "",
        )
        for item in messages
    }


class SeriesView(Guarded):
    def __init__(self) -> None:
        super().__init__(name=Label("编号", "Number series"), endpoint="admin_series", url="/admin/series", category=OPERATION)

    @expose("/")
    def index(self) -> str:
        return self.render("guiju_admin/series.html", series=web.services().engine.series())


class OutboxView(Guarded):
    def __init__(self) -> None:
        super().__init__(name=Label("发件箱", "Outbox"), endpoint="admin_outbox", url="/admin/outbox", category=OPERATION)

    @expose("/")
    def index(self) -> str:
        """What is sent; of records that the reader may not read only that something is."""
        messages = web.services().engine.outbox()
        about = {
            (str(payload["doctype"]), str(payload["name"]))
            for item in messages
            if (payload := item["payload"] or {}).get("name")
        }
        return self.render(
            "guiju_admin/outbox.html", messages=messages, receivers=_receivers(messages), channels=CHANNELS, states=STATES,
            readable=web.services().queries.readable(web.current_user(), about),
        )  # fmt: skip

    @expose("/retry", methods=("POST",))
    def retry(self) -> Response:
        site = web.services()
        site.engine.retry(request.form.get("id", 0, type=int))
        site.wake()
        flash(say("将立即重试。", "It will be tried again now."), "success")
        return redirect(url_for("admin_outbox.index"))


class IncidentsView(Guarded):
    """Rules that could not be judged: on which record, why, and whether the save was refused."""

    def __init__(self) -> None:
        super().__init__(
            name=Label("规则故障", "Rule failures"), endpoint="admin_incidents", url="/admin/incidents", category=OPERATION
        )

    @expose("/")
    def index(self) -> str:
        site, reader = web.services(), web.current_user()
        found = site.engine.incidents()
        model = site.snapshot().model
        return self.render(
            "guiju_admin/incidents.html", incidents=found, title_of=site.snapshot().rulebook.title,
            labels={item["doctype"]: model[item["doctype"]].label.to(web.language()) for item in found if item["doctype"] in model},
            people=site.queries.titles(reader, "User", {item["by"] for item in found}),
            readable=site.queries.readable(reader, {(item["doctype"], item["name"]) for item in found if item["name"]}),
        )  # fmt: skip

    @expose("/settle", methods=("POST",))
    def settle(self) -> Response:
        web.services().engine.settle_incident(request.form.get("key", ""), web.current_user().name)
        flash(say("已标记为已处理。", "Marked as settled."), "success")
        return redirect(url_for("admin_incidents.index"))


class AuditView(Guarded):
    def __init__(self) -> None:
        super().__init__(name=Label("审计", "Audit"), endpoint="admin_audit", url="/admin/audit", category=OPERATION)

    @expose("/", methods=("GET", "POST"))
    def index(self) -> str:
        engine = web.services().engine
        findings = engine.verify() if request.method == "POST" else None
        entries = engine.audit(before=request.args.get("before", type=int))
        return self.render("guiju_admin/audit.html", entries=entries, findings=findings, **_said(entries))


def _said(entries: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, str]]:
    """What an audit entry's user, action and DocType are called by people."""
    site, reader = web.services(), web.current_user()
    model, language = site.snapshot().model, web.language()
    words = {action: PHRASES.get(f"action.{action}") for action in {entry["action"] for entry in entries}}
    return {
        "people": site.queries.titles(reader, "User", {entry["by"] for entry in entries}),
        "actions": {action: word.to(language) if word else action for action, word in words.items()},
        "doctypes": {name: model[name].label.to(language) for name in {entry["doctype"] for entry in entries} if name in model},
    }


class PlansView(Guarded):
    """The publications of metadata with what each did to the tables; one is taken back after its plan was shown."""

    def __init__(self) -> None:
        super().__init__(name=Label("发布记录", "Publications"), endpoint="admin_plans", url="/admin/plans", category=OPERATION)

    @expose("/")
    def index(self) -> str:
        return self._page()

    @expose("/undo", methods=("POST",))
    def undo(self) -> Response | str | tuple[str, int]:
        """Show what taking back a publication would do; do it when that was shown and confirmed."""
        publisher = web.services().publisher
        try:
            undo = propose_undo(publisher, request.form.get("version", 0, type=int))
            if request.form.get("base", type=int) != undo.proposal.base_version:
                return self._page(undo=undo)
            undo.publish(publisher, by=web.current_user().name, reason=request.form.get("reason", ""))
        except GuijuError as error:
            return self._page(error=error), error.status
        flash(say("已撤销，立即生效。", "Undone; it is in force."), "success")
        return redirect(url_for("admin_plans.index"))

    def _page(self, undo: Undo | None = None, error: GuijuError | None = None) -> str:
        plans = web.services().publisher.publications()
        return self.render("guiju_admin/plans.html", plans=plans, undo=undo, error=error, described=described)
