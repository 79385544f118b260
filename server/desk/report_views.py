"""Reports: which there are, one with its filters, table and chart, and the same as a file."""

from __future__ import annotations

from itertools import groupby
from urllib.parse import quote

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..access.permissions import Permissions
from ..documents.report_fields import reportable
from ..documents.report_files import ReportFiles
from ..documents.report_mail import DOCTYPE as MAIL
from ..exchange.csv_list import csv_table
from ..reporting.model import Report
from .dashboard_views import dashboards
from .empty_state import no_reports
from .presenting import module_title
from .report_builder_views import report_builder
from .report_mail_views import report_mail
from .report_page import ReportPage, asked_by

reports = Blueprint("reports", __name__)
reports.register_blueprint(report_builder)
reports.register_blueprint(dashboards)
reports.register_blueprint(report_mail)


@reports.get("/reports")
@web.login_required
def index() -> str:
    site, user = web.services(), web.current_user()
    offered, saved = site.reports.offered(user), site.reports.saved(user)
    groups = [(module_title(module), list(items)) for module, items in groupby(offered, key=lambda item: item.module)]
    model = site.snapshot().model
    may_build, may_mail = bool(reportable(model, user)), MAIL in model and Permissions(model).may(user, "create", MAIL)
    return render_template(
        "desk/reports.html", groups=groups, saved=saved, may_build=may_build, may_mail=may_mail, empty=no_reports()
    )


@reports.get("/report/<path:name>.xlsx")
@web.login_required
def as_workbook(name: str) -> Response:
    report = _report(name)
    user, asked, language = web.current_user(), asked_by(report, request.args), web.language()
    return web.xlsx_file(report.title.to(language), lambda file: _files().write_xlsx(file, user, report, asked, language))


@reports.get("/report/<path:name>.pdf")
@web.login_required
def as_pdf(name: str) -> Response:
    report = _report(name)
    body = _files().pdf(web.current_user(), report, asked_by(report, request.args), web.language())
    return _file(report, body, "pdf", "application/pdf", "inline")


@reports.get("/report/<path:name>.csv")
@web.login_required
def as_csv(name: str) -> Response:
    report = _report(name)
    head, rows = _files().table(web.current_user(), report, asked_by(report, request.args), web.language())
    return web.csv_file(report.title.to(web.language()), csv_table(head, rows))


@reports.get("/report/<path:name>")
@web.login_required
def show(name: str) -> str | tuple[str, int]:
    page = ReportPage(web.services(), web.current_user(), _report(name), request.args, web.language())
    answer = page.answer  # read first: a filter that cannot be read shows in the answer's status
    permissions = Permissions(web.services().snapshot().model)
    may = {right: permissions.may(web.current_user(), right, page.report.doctype) for right in ("export", "print")}
    may["copy"] = permissions.may(web.current_user(), "report", page.report.doctype)
    may["edit"] = not page.report.is_published and page.report.name in {
        item.name for item in web.services().reports.saved(web.current_user()) if item.is_own
    }
    html = render_template("desk/report.html", page=page, answer=answer, may=may)
    return (html, page.error.status) if page.error else html


def _report(name: str) -> Report:
    return web.services().reports.report(web.current_user(), name)


def _files() -> ReportFiles:
    return web.services().report_files


def _file(report: Report, body: bytes, ending: str, mimetype: str, disposition: str) -> Response:
    title = quote(report.title.to(web.language()), safe="")
    return Response(
        body, mimetype=mimetype, headers={"Content-Disposition": f"{disposition}; filename*=UTF-8''{title}.{ending}"}
    )
