"""Marks that a machine or a stamp leaves on paper: QR and bar codes, and the place where a seal goes."""

from __future__ import annotations

from markupsafe import Markup

from .pictures import bar_code
from .reading import image_html

SIZE_MM = (10.0, 90.0)
_MODULE_MM = (0.19, 0.6)  # the narrowest bar that label printers draw well, the widest that looks like one
_BARS_SHARE = 0.4


def code(content: object, kind: str, size_mm: float) -> Markup:
    """A QR code so wide, or bars (Code 128) at most so wide; nothing for nothing, the text itself where bars cannot say it."""
    text = str(content or "")
    size = max(SIZE_MM[0], min(SIZE_MM[1], float(size_mm)))
    if not text:
        return Markup()
    if kind != "bar":
        return Markup('<pdf:barcode type="qr" value="{}" barwidth="{}mm" barheight="{}mm"/>').format(text, size, size)
    measured = bar_code(text, 1, 1)
    if measured is None:
        return Markup("{}").format(text)
    module = max(_MODULE_MM[0], min(_MODULE_MM[1], size / measured.width_mm))
    return image_html(bar_code(text, module, max(7.0, min(18.0, size * _BARS_SHARE))))


def seal_place(words: str, size_mm: float) -> Markup:
    """An empty box, as large as the seal, that says what is stamped here."""
    size = max(15.0, min(80.0, float(size_mm)))
    return Markup(
        '<table class="seal" style="width: {0}mm; height: {1}mm"><tr><td class="center muted small">{2}</td></tr></table>'
    ).format(size, size * 0.7, words)
