"""Pages of a PDF of ours as pictures, for a preview that needs no PDF viewer."""

from __future__ import annotations

import base64
import io

MOST_PAGES = 12
_DOTS_PER_POINT = 1.6


def pages_seen(pdf: bytes) -> tuple[int, list[str]]:
    """How many pages it has, and the first of them as data: addresses of PNG pictures."""
    import pypdfium2  # a native library: loaded by whoever previews

    document = pypdfium2.PdfDocument(pdf)
    try:
        count = len(document)
        shown = []
        for index in range(min(count, MOST_PAGES)):
            page = document[index]
            scale = min(3.0, max(_DOTS_PER_POINT, 620 / page.get_width())) if page.get_width() < 400 else _DOTS_PER_POINT
            stream = io.BytesIO()
            picture = page.render(scale=scale).to_pil().convert("RGB").quantize(32)
            picture.save(stream, "PNG")
            shown.append("data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii"))
            page.close()
        return count, shown
    finally:
        document.close()
