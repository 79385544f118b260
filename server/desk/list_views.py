"""Lists."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request
from werkzeug import Response

from .. import web
from ..exchange.csv_list import csv_lines
from .form_views import form_url
from .list_page import ListPage

lists = Blueprint("lists", __name__)


@lists.get("/list/<doctype>")
@web.login_required
def show(doctype: str) -> tuple[str, int] | Response:
    if now := web.services().snapshot().called_now(doctype):
        return redirect(f"/list/{quote(now, safe='')}")
    if web.services().snapshot().record_type(doctype).issingle:  # one record: its form is its list
        return redirect(form_url(doctype, doctype))
    page = ListPage(web.services(), web.current_user(), doctype, request.args, web.language())
    rows = page.page.rows  # read first: a filter that cannot be read shows in the answer's status
    return render_template(
        "desk/list.html", page=page, rows=rows, operators=page.operators
    ), page.error.status if page.error else 200


@lists.get("/export/<doctype>")
@web.login_required
def export(doctype: str) -> Response:
    """Everything that the list finds, under the same filters, as a CSV file."""
    site, user = web.services(), web.current_user()
    page = ListPage(site, user, doctype, request.args, web.language())
    fields, rows = site.queries.export(user, page.doctype.name, **page.asked)
    return web.csv_file(page.doctype.label.to(web.language()), csv_lines(fields, rows, web.language(), site.zone))
