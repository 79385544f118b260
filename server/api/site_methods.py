"""Methods around records: what a link field offers, uploads, prints."""

from __future__ import annotations

from typing import BinaryIO, cast
from urllib.parse import quote

from flask import Response, request

from .. import web
from ..core.errors import ValidationFailed
from ..core.text import Text, language_of
from .arguments import Arguments
from .methods import WRITING, method


@method("frappe.desk.search.search_link")
def search_link(arguments: Arguments) -> list[dict[str, str]]:
    """Records whose name, title or search fields hold the words of `txt`."""
    doctype = arguments.required("doctype")
    found = web.services().queries.search_link(
        web.current_user(),
        doctype,
        arguments.text("txt"),
        filters=arguments.filters("filters", doctype),
        limit=arguments.number("page_length", 10) or 10,
    )
    return [{"value": item.value, "label": item.title, "description": item.description} for item in found]


@method("upload_file", WRITING)
def upload_file(arguments: Arguments) -> dict[str, str | int]:
    """Keep the file of the form field `file`. It belongs to the record that is saved with its address in an attachment field; with `doctype`
    and `docname`, and no `fieldname`, it is laid beside that record at once."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise ValidationFailed(Text("没有文件：表单字段 file 必填。", "No file: the form field file is required."))
    site, user, stream = web.services(), web.current_user(), cast(BinaryIO, sent.stream)
    doctype, name = arguments.text("doctype"), arguments.text("docname")
    if doctype and name and not arguments.text("fieldname"):
        address = site.attachments.attach(user, doctype, name, stream, sent.filename)
    else:
        address = site.files.upload(user, stream, sent.filename)
    public_id, filename = address.split("/", 3)[2:]
    return {"name": public_id, "file_name": filename, "file_url": address, "is_private": 1}


@method("frappe.utils.print_format.download_pdf")
def download_pdf(arguments: Arguments) -> Response:
    """The record as PDF, or as the Excel file that its format fills in; `format` as its default, `_lang` as the reader's language
    unless said."""
    found = web.services().printouts.printout(
        web.current_user(), arguments.required("doctype"), arguments.required("name"),
        format_name=arguments.text("format") or None, origin=request.host_url,
        language=language_of(arguments.text("_lang") or arguments.text("language") or web.language()),
    )  # fmt: skip
    disposition = f"inline; filename*=UTF-8''{quote(found.filename, safe='')}"
    return Response(found.content, mimetype=found.mimetype, headers={"Content-Disposition": disposition})
