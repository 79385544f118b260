"""Lists: shown, exported, arranged; views of them kept, begun with and removed."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from .. import web
from ..access.permissions import Permissions
from ..documents.list_views import ViewGone
from ..exchange.csv_list import csv_lines, csv_of
from ..exchange.record_table import record_heads, record_lines
from ..exchange.table_workbook import heads_of, write_table
from ..web.json import body_object
from .form_views import form_url
from .list_columns import STANDARD
from .list_page import ListPage

lists = Blueprint("lists", __name__)


@lists.get("/list/<doctype>")
@web.login_required
def show(doctype: str) -> tuple[str, int] | Response:
    if now := web.services().snapshot().called_now(doctype):
        return redirect(f"/list/{quote(now, safe='')}")
    if web.services().snapshot().record_type(doctype).issingle:  # one record: its form is its list
        return redirect(form_url(doctype, doctype))
    gone: ViewGone | None = None
    try:
        page = ListPage(web.services(), web.current_user(), doctype, request.args, web.language())
    except ViewGone as error:  # said over the plain list; a file or a bulk change of the view is refused instead
        gone = error
        page = ListPage(web.services(), web.current_user(), doctype, MultiDict([("view", "")]), web.language())
    if not request.args and page.settings.default_view:
        return redirect(f"/list/{quote(doctype, safe='')}?view={page.settings.default_view}")
    rows = page.rows  # read first: a filter that cannot be read shows in the answer's status
    refused = page.error or gone
    return render_template("desk/list.html", page=page, rows=rows, gone=gone), refused.status if refused else 200


@lists.get("/export/<doctype>")
@web.login_required
def export(doctype: str) -> Response:
    """Everything that the list finds, under the same filters, as a CSV or Excel file (`as`), of all fields or of the `shown` columns;
    or the records that were ticked in it (`n`)."""
    site, user, language = web.services(), web.current_user(), web.language()
    page = ListPage(site, user, doctype, request.args, language)
    is_xlsx, title = request.args.get("as") == "xlsx", page.doctype.label.to(language)
    only = [column.fieldname for column in page.columns] if request.args.get("columns") == "shown" else None
    chosen = request.args.getlist("n")
    asked = {"filters": [("name", "in", chosen)]} if chosen else page.asked
    fields, rows = site.queries.export(user, page.doctype.name, **asked, only=only)
    if only is not None:
        there = {item.fieldname: item for item in fields} | dict(STANDARD)
        heads = heads_of([STANDARD["name"], *(there[name] for name in only if name in there)])
    elif is_xlsx:
        heads = heads_of(
            [STANDARD["name"], *fields, *(STANDARD[name] for name in ("docstatus", "owner", "creation", "modified"))]
        )
    else:
        return web.csv_file(title, csv_lines(fields, rows, language, site.zone))
    if is_xlsx:
        return web.xlsx_file(title, lambda file: write_table(file, title, heads, rows, language, site.zone))
    return web.csv_file(title, csv_of(heads, rows, language, site.zone))


@lists.get("/export/<doctype>/<path:name>")
@web.login_required
def export_record(doctype: str, name: str) -> Response:
    """One record with its child rows as a CSV or Excel file, in the form of the import's template."""
    site, user, language = web.services(), web.current_user(), web.language()
    model, found = site.snapshot().model, site.snapshot().record_type(doctype)
    record = site.documents.load(user, doctype, name)
    permissions = Permissions(model)
    permissions.require(user, "export", doctype, record)
    heads = record_heads(model, found, permissions.sight(user, doctype, record))
    rows = record_lines(found, record)
    title = f"{found.label.to(language)} {name}"
    if request.args.get("as") == "csv":
        return web.csv_file(title, csv_of(heads, rows, language, site.zone))
    return web.xlsx_file(title, lambda file: write_table(file, found.label.to(language), heads, rows, language, site.zone))


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
