"""Pages of a PDF as pictures, for a preview that needs no PDF viewer: in this process for our own, as a `PagesJob` of a worker process for
a file that somebody else made."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.translations import Catalogue

MOST_PAGES = 12
_DOTS_PER_POINT = 1.6
_SMALL, _WANTED = 400, 620  # points of width under which a page is drawn larger, dots that it then has
_MOST_DOTS = 2400  # of a page's longer side: a drawing of A0, or a page that is made to fill the memory


@dataclass(frozen=True, slots=True)
class PagesJob:
    """The pages of one PDF, to be drawn. The worker reads of the file what the first pages need: it never is in memory as a whole."""

    file: Path
    title: str
    catalogue: Catalogue | None = None


class NoPages(Exception):
    """The file cannot be read as a PDF, or only with a password."""


def pages_seen(pdf: bytes | Path) -> tuple[int, list[str]]:
    """How many pages it has, and the first of them as data: addresses of PNG pictures. Raises NoPages."""
    import pypdfium2  # a native library: loaded by whoever previews

    try:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return len(document), [_drawn(document[index]) for index in range(min(len(document), MOST_PAGES))]
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        raise NoPages(str(error)) from error


def _drawn(page: Any) -> str:
    width, height = page.get_width(), page.get_height()
    scale = min(3.0, max(_DOTS_PER_POINT, _WANTED / width)) if width < _SMALL else _DOTS_PER_POINT
    stream = io.BytesIO()
    picture = page.render(scale=min(scale, _MOST_DOTS / max(width, height))).to_pil().convert("RGB").quantize(32)
    picture.save(stream, "PNG")
    page.close()
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
