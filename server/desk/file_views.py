"""Files up and down, and prints."""

from __future__ import annotations

from typing import BinaryIO, cast
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request, send_file

from .. import web
from ..core.errors import ValidationFailed
from ..core.text import Text, language_of
from ..documents.printouts import PDF, Printout

files = Blueprint("files", __name__)


@files.post("/upload")
@web.login_required
def upload() -> Response:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise ValidationFailed(Text("没有选择文件。", "No file was chosen."))
    original = request.form.get("marked_from") or None
    address = web.services().files.upload(web.current_user(), cast(BinaryIO, sent.stream), sent.filename, marked_from=original)
    return jsonify(ok=True, address=address, name=sent.filename)


@files.get("/files/<public_id>/<path:filename>")
@files.get("/files/<public_id>")
@web.login_required
def download(public_id: str, filename: str = "") -> Response:
    """Pictures and PDFs open in the browser, everything else is saved; nothing of it may run."""
    found = web.services().files.open(web.current_user(), public_id)
    inline = found.is_image or found.mimetype == "application/pdf"
    answer = send_file(found.path, mimetype=found.mimetype, as_attachment=not inline, download_name=found.filename)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@files.get("/print/<doctype>/<path:name>")
@web.login_required
def print_record(doctype: str, name: str) -> Response:
    """A PDF opens in the browser, an Excel file is saved."""
    found = web.services().printouts.printout(
        web.current_user(), doctype, name, format_name=request.args.get("format"),
        language=language_of(request.args.get("language", web.language())), origin=request.host_url,
    )  # fmt: skip
    return printed(found)


def printed(found: Printout) -> Response:
    """The answer that carries a printout."""
    opening = "inline" if found.mimetype == PDF else "attachment"
    disposition = f"{opening}; filename*=UTF-8''{quote(found.filename, safe='')}"
    return Response(found.content, mimetype=found.mimetype, headers={"Content-Disposition": disposition})
