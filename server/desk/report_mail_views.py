"""A report sent by mail regularly: chosen from a list, filtered as on its own page, sent at once if so wished, with what was sent.

The form works without scripts: choosing another report shows its filters with the next page.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any
from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..access.permissions import Permissions
from ..access.user import SYSTEM_MANAGER
from ..core.errors import GuijuError
from ..documents.report_mail import DOCTYPE
from ..jobs.messages import STATE_TEXTS
from ..web.errors import name_roles
from .presenting import module_title, role_titles
from .report_page import ReportPage, filled_in, filters_text

report_mail = Blueprint("report_mail", __name__)
PLAIN = ("title", "report", "format", "frequency", "weekday", "day_of_month", "send_at")
CHECKS = ("enabled", "on_working_days")
FILTER = "filter."  # before the names of the report's filters, among the fields of the schedule


@report_mail.get("/reports/mail/new")
@web.login_required
def new() -> str:
    """A schedule for oneself, of the report and under the filters of the address."""
    site, user = web.services(), web.current_user()
    given = {name: request.args[name] for name in ("report", "filters") if name in request.args}
    record = {**site.new_records.blank(user, DOCTYPE, given), "receivers": [{"user": user.name}]}
    return _page("", record)


@report_mail.get("/reports/mail/<path:name>")
@web.login_required
def show(name: str) -> str:
    return _page(name, web.services().documents.load(web.current_user(), DOCTYPE, name))


@report_mail.post("/reports/mail/save")
@web.login_required
def save() -> Response | str | tuple[str, int]:
    """Keep it; with `_choose` only show the filters of the report that was chosen."""
    name, typed = request.form.get("_name", ""), _typed(request.form)
    if "_choose" in request.form:
        return _page(name, typed)
    version = request.form.get("_version", type=int) if name else None
    try:
        values = {key: value for key, value in typed.items() if key != "version"}
        saved = web.services().documents.save(web.current_user(), DOCTYPE, values, name=name or None, version=version)
    except GuijuError as error:
        return _page(name, typed, error), error.status
    return redirect(f"{_address(saved.name)}?saved=1", 303)


@report_mail.post("/reports/mail/<path:name>/send")
@web.login_required
def send(name: str) -> Response | tuple[str, int]:
    """Send it now: to who asks, or to all its receivers."""
    site, user = web.services(), web.current_user()
    record = site.documents.load(user, DOCTYPE, name)
    try:
        site.report_mail.send_now(record, user, only_to_me=request.form.get("to") != "all")
    except GuijuError as error:
        return _page(name, record, error), error.status
    site.wake()
    return redirect(f"{_address(name)}#sent", 303)


def _address(name: str) -> str:
    return f"/reports/mail/{quote(name, safe='')}"


def _typed(form: Mapping[str, Any]) -> dict[str, Any]:
    """The record as the form says it. The filters shown are those of `_shown`; another report begins with its own."""
    values: dict[str, Any] = {name: form.get(name, "").strip() or None for name in PLAIN}
    values |= {name: int(name in form) for name in CHECKS}
    values["receivers"] = [{"user": user} for user in dict.fromkeys(_several("user"))]
    values["roles"] = [{"role": role} for role in dict.fromkeys(_several("role"))]
    values["version"] = form.get("_version")
    values["filters"] = None
    if shown := form.get("_shown"):
        report = web.services().reports.report(web.current_user(), shown)
        if values["report"] == shown:
            values["filters"] = filters_text(report, filled_in(report, form, FILTER)) or None
        elif values["title"] == report.title.to(web.language()):
            values["title"] = None  # it was the title of the other report
    return values


def _several(name: str) -> list[str]:
    return [value.strip() for value in request.form.getlist(name) if value.strip()]


def _page(name: str, record: Mapping[str, Any], error: GuijuError | None = None) -> str:
    site, user, language = web.services(), web.current_user(), web.language()
    page, unseen = None, error
    try:
        if record.get("report"):
            report = site.reports.report(user, str(record["report"]))
            page = ReportPage.kept(site, user, report, str(record.get("filters") or ""), language)
    except GuijuError as refused:  # the report is gone, or not this reader's: another one can be chosen
        name_roles(refused)
        unseen = error or refused
    offered = [
        (module_title(module), [(item.name, item.title.to(language)) for item in items])
        for module, items in groupby(site.reports.offered(user), key=lambda item: item.module)
    ]
    saved = [(item.name, item.title) for item in site.reports.saved(user)]
    receivers = [str(row["user"]) for row in record.get("receivers") or () if row.get("user")]
    sent = site.report_mail.sent(name) if name else []
    people = {*receivers, *(str(item["user"]) for item in sent)}
    return render_template(
        "desk/report_mail.html", name=name, record=record, error=unseen, page=page, offered=offered, saved=saved,
        doctype=site.snapshot().doctype(DOCTYPE), filter_prefix=FILTER, receivers=receivers, sent=sent, states=STATE_TEXTS,
        names=site.queries.titles(user, "User", people), roles=_roles(), chosen_roles=[str(row["role"]) for row in record.get("roles") or ()],
        may_send=_may_send(page),
    )  # fmt: skip


def _roles() -> list[tuple[str, str]]:
    found = role_titles(web.services().snapshot().model.roles)
    return sorted(((role, title) for role, title in found.items() if role != "Guest"), key=lambda item: item[1])


def _may_send(page: ReportPage | None) -> bool:
    """Whether this person may send the report to others."""
    user = web.current_user()
    if user.has_role(SYSTEM_MANAGER) or user.is_administrator:
        return True
    return page is not None and Permissions(web.services().snapshot().model).may(user, "email", page.report.doctype)
