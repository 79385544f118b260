"""HTML to PDF with xhtml2pdf, the only module (beside `line_breaker` and `page_breaks`) that imports it.

Runs inside the worker process. A document may read nothing but the folder of the print fonts; remote addresses are refused;
size, depth and spans were bounded by `markup`. Time is not bounded here: the worker is killed by its owner's clock.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from xhtml2pdf import default as upstream_defaults
from xhtml2pdf.config.resources import ResourceAccessPolicy
from xhtml2pdf.document import pisaDocument

from . import glyphs, line_breaker, page_breaks
from .sheet import FONT_FAMILY, STYLE

REGULAR, BOLD = "GuijuSans-Regular.ttf", "GuijuSans-Bold.ttf"
_MAX_NOTES = 20


class EngineFailed(Exception):
    """No PDF came out; the message is the engine's, in English, for the log."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The PDF and what the engine had to say about it (characters no font can draw, refused resources)."""

    pdf: bytes
    notes: tuple[str, ...] = ()


class _Notes(logging.Handler):
    """Collects the engine's warnings of one document."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage().split("\n", 1)[0][:300]
        if line not in self.lines and len(self.lines) < _MAX_NOTES:
            self.lines.append(line)


class Engine:
    """Fonts registered and line breaker installed once; then one document after the other."""

    def __init__(self, fonts: Path) -> None:
        self.fonts = fonts
        line_breaker.install()
        page_breaks.install()
        _register_fonts(self.fonts)
        self._drawable = pdfmetrics.getFont("GuijuSans-Regular").face.charToGlyph
        self._style = STYLE % {"family": FONT_FAMILY}
        self._policy = ResourceAccessPolicy.server(base_dir=fonts, allow_remote=False)

    def render(self, html: str, title: str, author: str) -> Rendered:
        """Raises EngineFailed with the engine's reason."""
        html, missing = glyphs.spell_out(html, self._drawable)
        notes = _Notes()
        if missing:
            notes.lines.append(f"No print font has {', '.join(missing[:_MAX_NOTES])}; spelled out in brackets.")
        logger = logging.getLogger("xhtml2pdf")
        logger.addHandler(notes)
        logger.propagate = False
        try:
            result = pisaDocument(
                html,
                default_css=self._style,
                encoding="utf-8",
                resource_policy=self._policy,
                context_meta={"title": title, "author": author},
            )
        except Exception as error:  # it raises a dozen kinds, and returns errors as well
            raise EngineFailed(f"{type(error).__name__}: {str(error)[:500]}") from error
        finally:
            logger.removeHandler(notes)
        if result.err:
            raise EngineFailed("; ".join(str(line) for line in notes.lines) or f"{result.err} errors")
        return Rendered(result.dest.getvalue(), tuple(notes.lines))


def _register_fonts(folder: Path) -> None:
    """The family `guijusans` in four faces, and `guijuwide`, which is regular throughout.

    The bold face holds fewer characters; named second in font-family, `guijuwide` draws in regular what bold lacks. Italic
    is upright, as in Chinese print: undeclared, the engine would draw italic text in bold.
    """
    try:
        for name, file in (("GuijuSans-Regular", REGULAR), ("GuijuSans-Bold", BOLD)):
            if name not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    except (TTFError, OSError) as error:
        raise EngineFailed(f"print font {folder / file}: {error}") from error
    for italic in (0, 1):
        addMapping("guijusans", 0, italic, "GuijuSans-Regular")
        addMapping("guijusans", 1, italic, "GuijuSans-Bold")
        addMapping("guijuwide", 0, italic, "GuijuSans-Regular")
        addMapping("guijuwide", 1, italic, "GuijuSans-Regular")
    for name in ("guijusans", "guijuwide"):
        upstream_defaults.DEFAULT_FONT[name] = name
