"""Reports: which there are, one with its filters, table and chart, and the same as a file."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from urllib.parse import quote

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..access.permissions import Permissions
from ..core.text import Text
from ..documents.reports import MOST_ROWS_OF_A_FILE
from ..exchange.csv_list import csv_table
from ..reporting.answer import Row, Shown
from ..reporting.workbook import workbook
from .presenting import module_title
from .report_page import ReportPage

reports = Blueprint("reports", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@reports.get("/reports")
@web.login_required
def index() -> str:
    offered = web.services().reports.offered(web.current_user())
    groups = [(module_title(module), list(items)) for module, items in groupby(offered, key=lambda item: item.module)]
    return render_template("desk/reports.html", groups=groups)


@reports.get("/report/<path:name>.xlsx")
@web.login_required
def as_workbook(name: str) -> Response:
    page = _file_page(name)
    site = web.services()
    made_at = Text("制表时间", "Made at").to(page.language), site.clock.now().astimezone(site.zone).strftime("%Y-%m-%d %H:%M")
    notes = [(box.item.label.to(page.language), dict(box.choices).get(box.value, box.value)) for box in page.boxes if box.value]
    body = workbook(page.answer, page.title, [*notes, made_at], page.cell, site.zone, page.language)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(page.title, safe='')}.xlsx"}
    return Response(body, mimetype=XLSX, headers=headers)


@reports.get("/report/<path:name>.csv")
@web.login_required
def as_csv(name: str) -> Response:
    page = _file_page(name)
    head = [column.label.to(page.language) for column in page.answer.columns]
    return web.csv_file(
        page.title, csv_table(head, ([_cell(page, column, row) for column in page.answer.columns] for row in page.answer.rows))
    )


@reports.get("/report/<path:name>")
@web.login_required
def show(name: str) -> str | tuple[str, int]:
    page = ReportPage(web.services(), web.current_user(), name, request.args, web.language())
    answer = page.answer  # read first: a filter that cannot be read shows in the answer's status
    may_export = Permissions(web.services().snapshot().model).may(web.current_user(), "export", page.report.doctype)
    html = render_template("desk/report.html", page=page, answer=answer, may_export=may_export)
    return (html, page.error.status) if page.error else html


def _cell(page: ReportPage, column: Shown, row: Row) -> str | int | Decimal:
    value = row.get(column.key)
    return value if column.is_measure and isinstance(value, int | Decimal) else page.cell(column, value)


def _file_page(name: str) -> ReportPage:
    """A report with all its rows, for who may export them. Raises PermissionRefused, ValidationFailed."""
    site, user = web.services(), web.current_user()
    page = ReportPage(site, user, name, request.args, web.language(), limit=MOST_ROWS_OF_A_FILE)
    permissions = Permissions(site.snapshot().model)
    for doctype in (page.report.doctype, *(other.doctype for other in page.report.beside)):
        permissions.require(user, "export", doctype)
    _ = page.answer
    if page.error is not None:
        raise page.error
    return page
