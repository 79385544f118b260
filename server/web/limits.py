"""How large a request may be: a record's worth, and a file's worth where files are sent."""

from __future__ import annotations

from flask import Flask, request

from ..core.errors import TooLarge
from ..core.text import Text
from .context import services

UPLOAD_PATHS = ("/upload", "/api/method/upload_file", "/api/method/guiju.import.create", "/data-import")
FORM_AROUND_FILE = 64 * 1024


def init_app(app: Flask) -> None:
    app.before_request(_limit)


def _limit() -> None:
    settings = services().settings
    is_upload = request.path in UPLOAD_PATHS
    most = settings.max_file_bytes + FORM_AROUND_FILE if is_upload else settings.max_body_bytes
    request.max_content_length = most  # for a body that does not tell its length beforehand
    request.max_form_memory_size = settings.max_body_bytes
    if (request.content_length or 0) > most:
        raise too_large(request.content_length)


def too_large(length: int | None = None) -> TooLarge:
    """What is said of a body past the limit of its address."""
    most = (request.max_content_length or services().settings.max_body_bytes) / 1_048_576
    sent = f" {length / 1_048_576:.1f} MB" if length else ""
    return TooLarge(
        Text(
            f"提交的内容{sent}过大，最多 {most:.0f} MB，未保存任何内容。请减少内容或附件后再试。",
            f"What was sent{f' ({sent.strip()})' if sent else ''} is too large; the limit is {most:.0f} MB and nothing was saved. "
            "Make the text or the attachment smaller and try again.",
        )
    )
