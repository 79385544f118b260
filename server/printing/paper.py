"""A document that is no record: HTML in our own words with drawings between, such as a report. Made in the worker process too.

Drawings are SVG that this server drew itself; nothing of a user's is let through as SVG.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ..core.text import Text
from ..core.translations import Catalogue
from . import display
from .markup import clean
from .page import Page
from .sheet import Sheet, document

FONT = "GuijuSans-Regular"  # as the engine registers it; SVG names faces, not families
INK = "#1f2933"
UPRIGHT = Page()
_VIEW_BOX = re.compile(r'viewBox="0 0 (\d+) (\d+)"')


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG element with a viewBox, drawn as wide as the page or, where that would be too high, `most_mm` high."""

    svg: str
    most_mm: float = 110


@dataclass(frozen=True, slots=True)
class PaperJob:
    """One document in one language: parts of HTML and drawings, one below the other."""

    title: str
    parts: tuple[str | Drawing, ...]
    company: str
    language: str
    zone: ZoneInfo
    printed_at: datetime
    printed_by: str = ""
    page: Page = UPRIGHT
    catalogue: Catalogue | None = None

    def html(self, fonts: Path) -> str:
        """The whole HTML document. Raises MarkupRefused where it is larger than can be printed."""
        body = "".join(self._drawn(part) if isinstance(part, Drawing) else clean(part) for part in self.parts)
        printed = Text("打印", "Printed").to(self.language)
        line = f"{printed} {display.moment(self.printed_at, self.zone)} {self.printed_by}".strip()
        sheet = Sheet(self.page, self.language, self.company, self.title, f"{self.title}{display.GAP}{line}")
        return document(body, sheet, fonts)

    def _drawn(self, drawing: Drawing) -> str:
        found = _VIEW_BOX.search(drawing.svg)
        width, height = (int(found[1]), int(found[2])) if found else (760, 300)
        room = self.page.size_mm[0] - self.page.margins_mm[1] - self.page.margins_mm[3]
        shown = min(room, drawing.most_mm * width / height)
        svg = drawing.svg.replace("currentColor", INK)
        svg = svg.replace("<svg ", f'<svg font-family="{FONT}" width="{width}" height="{height}" ', 1)
        data = base64.b64encode(svg.encode()).decode("ascii")
        return f'<div class="center" style="margin: 2pt 0 6pt 0"><img style="width: {shown:.1f}mm" src="data:image/svg+xml;base64,{data}"/></div>'
