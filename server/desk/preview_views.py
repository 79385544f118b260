"""Glimpses beside a form: the record behind a link, the paper as it will print, the pages of an attached PDF."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from .. import web
from ..core.text import language_of
from ..documents.printouts import PDF
from ..metadata.model import DOCTYPE, DocField
from .form_page import FormPage

previews = Blueprint("previews", __name__)
MOST_FIELDS, MOST_LETTERS = 8, 160
SHOWN_APART = ("signature", "attach", "attach-image", "password", "code", "html-editor")


@previews.get("/preview/<doctype>/<path:name>")
@web.login_required
def record(doctype: str, name: str) -> Response:
    """Title, state and main fields of a record, as far as the reader sees them; refused as the record itself would be."""
    site, user = web.services(), web.current_user()
    if doctype == DOCTYPE:
        return jsonify(title=site.snapshot().doctype(name).label.to(web.language()), note="", status=None, fields=[])
    page = FormPage(site, user, doctype, site.documents.load(user, doctype, name), web.language())
    fields = [(item.label.to(page.language), page.shown(item)[:MOST_LETTERS]) for item in _main_fields(page)]
    return jsonify(
        title=page.title,
        note=f"{page.doctype.label.to(page.language)} {page.name if page.title != page.name else ''}".strip(),
        status=page.status[0] if page.status else None,
        fields=[[label, text] for label, text in fields if text][:MOST_FIELDS],
    )


def _main_fields(page: FormPage) -> list[DocField]:
    """What lists show of such a record, else its first fields; the title stands above them already."""
    seen = [
        item
        for item in page.doctype.stored_fields
        if item.permlevel in page.levels
        and not item.hidden
        and item.type.widget not in SHOWN_APART
        and item.fieldname not in (page.doctype.title_field, "status", "naming_series")
    ]
    named = [item for item in seen if item.in_list_view or item.fieldname in page.doctype.search_fields]
    return named or seen


@previews.get("/print-pages/<doctype>/<path:name>")
@web.login_required
def paper(doctype: str, name: str) -> Response:
    """The pages of a print as pictures. A format that makes an Excel file has none."""
    from ..printing.seen import pages_seen

    found = web.services().printouts.printout(
        web.current_user(), doctype, name, format_name=request.args.get("format"),
        language=language_of(request.args.get("language", web.language())), origin=request.host_url,
    )  # fmt: skip
    count, pages = pages_seen(found.content) if found.mimetype == PDF else (0, [])
    return jsonify(count=count, pages=pages)


@previews.get("/file-pages/<public_id>")
@web.login_required
def file(public_id: str) -> Response:
    """The pages of an attached PDF as pictures, for whoever may open the file."""
    site, user = web.services(), web.current_user()
    found = site.files.open(user, public_id)
    if found.mimetype != PDF:
        return jsonify(count=0, pages=[])
    count, pages = site.printing.pages(found.path, found.filename)
    return jsonify(count=count, pages=pages)
