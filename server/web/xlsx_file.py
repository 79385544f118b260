"""An Excel file as an answer: written to a temporary file before the first byte goes out, whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import IO, cast
from urllib.parse import quote

from flask import Response, request
from werkzeug.wsgi import wrap_file

IN_MEMORY_BYTES = 1_000_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx_file(title: str, write: Callable[[IO[bytes]], object]) -> Response:
    """What `write` writes as the download `title`.xlsx."""
    file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 (the answer closes it)
    try:
        write(cast(IO[bytes], file))
    except BaseException:
        file.close()
        raise
    length = file.seek(0, 2)
    file.seek(0)
    answer = Response(wrap_file(request.environ, cast(IO[bytes], file)), mimetype=XLSX, direct_passthrough=True)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(title, safe='')}.xlsx"
    answer.content_length = length
    answer.call_on_close(file.close)
    return answer
