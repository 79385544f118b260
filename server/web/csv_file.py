"""A CSV file as an answer: whole, or an error in its place.

It is written to a temporary file before the first byte goes out, so that a publication or a failure in the middle never leaves the
reader with half a list that looks like a whole one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from typing import IO, cast
from urllib.parse import quote

from flask import Response, request
from werkzeug.wsgi import wrap_file

IN_MEMORY_BYTES = 1_000_000  # larger ones wait on the disk


def csv_file(title: str, lines: Iterable[str]) -> Response:
    """`lines` as the download `title`.csv."""
    file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 (the answer closes it)
    try:
        for line in lines:
            file.write(line.encode())
    except BaseException:
        file.close()
        raise
    length = file.tell()
    file.seek(0)
    answer = Response(wrap_file(request.environ, cast(IO[bytes], file)), mimetype="text/csv", direct_passthrough=True)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(title, safe='')}.csv"
    answer.content_length = length
    answer.call_on_close(file.close)
    return answer
