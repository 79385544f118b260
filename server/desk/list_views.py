"""Lists: shown, exported, arranged; views of them kept, begun with and removed."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug import Response

from .. import web
from ..exchange.csv_list import csv_lines
from ..web.json import body_object
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
    if not request.args and page.settings.default_view:
        return redirect(f"/list/{quote(doctype, safe='')}?view={page.settings.default_view}")
    rows = page.page.rows  # read first: a filter that cannot be read shows in the answer's status
    return render_template("desk/list.html", page=page, rows=rows), page.error.status if page.error else 200


@lists.get("/export/<doctype>")
@web.login_required
def export(doctype: str) -> Response:
    """Everything that the list finds, under the same filters, as a CSV file."""
    site, user = web.services(), web.current_user()
    page = ListPage(site, user, doctype, request.args, web.language())
    fields, rows = site.queries.export(user, page.doctype.name, **page.asked)
    return web.csv_file(page.doctype.label.to(web.language()), csv_lines(fields, rows, web.language(), site.zone))


@lists.post("/list/<doctype>/views")
@web.login_required
def keep(doctype: str) -> Response:
    """Keep what the list shows as a view: a new one, or (`key`) in place of the one it came of."""
    site, user, form = web.services(), web.current_user(), request.form
    audience, _, role = form.get("audience", "private").partition(":")
    view = site.list_views.keep(
        user, doctype, form.get("title", ""), form.get("query", ""), audience, role, key=form.get("key", "")
    )
    if "begin" in form:
        site.list_views.begin_with(user, doctype, view.id)
    return _shown(doctype, view.id)


@lists.post("/list/<doctype>/views/<key>")
@web.login_required
def change(doctype: str, key: str) -> Response:
    """Remove a view, or begin with it (or with none) from now on."""
    site, user, action = web.services(), web.current_user(), request.form.get("action")
    if action == "remove":
        site.list_views.remove(user, doctype, key)
        return _shown(doctype, "")
    if action not in ("begin", "end"):
        abort(400)
    site.list_views.begin_with(user, doctype, key if action == "begin" else "")
    return _shown(doctype, key)


@lists.post("/list/<doctype>/widths")
@web.login_required
def widths(doctype: str) -> tuple[str, int]:
    """How wide the reader made the columns: `{"customer": 180}`, 0 for as wide as it needs."""
    web.services().list_views.keep_widths(web.current_user(), doctype, body_object())
    return "", 204


def _shown(doctype: str, key: str) -> Response:
    return redirect(f"/list/{quote(doctype, safe='')}?view={key}", 303)
