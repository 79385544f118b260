"""Texts leave compressed: pages, styles, scripts and JSON, in what the browser asks for (zstd, Brotli, gzip).

What a page reflects and what it keeps secret stand in one body, which over TLS can be told apart by its length (BREACH). That attack needs
many requests made from another site with the victim's cookie; ours are SameSite=Lax and go with none of these.
"""

from __future__ import annotations

from flask import Flask, Response
from flask_compress import Compress

SMALLEST_BYTES = 1000  # below that the header costs what is saved


class _Compressed(Compress):
    def after_request(self, response: Response | None) -> Response:
        """A part of a file is told by its bytes in the file, so it stays as it is."""
        return response if response is not None and response.status_code == 206 else super().after_request(response)


def init_app(app: Flask) -> None:
    app.config.update(
        COMPRESS_MIN_SIZE=SMALLEST_BYTES,
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=True,
        COMPRESS_ALGORITHM_STREAMING=["zstd", "br", "gzip"],  # files too, which its own list refuses to older browsers
    )
    _Compressed(app)
