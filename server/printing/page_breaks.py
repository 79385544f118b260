"""A heading stays with what follows it, but not with all of it: our rule in place of reportlab's KeepTogether.

Why: a heading before a table (`-pdf-keep-with-next`) is kept together with the whole table, so that a table longer than the
rest of the page leaves that rest empty. Here a heading needs room for itself, the table's repeated heading and its first
rows (or the first lines of a text); the rest runs on. The version of xhtml2pdf is pinned
because of `line_breaker`; a test holds what this module changes.
"""

from __future__ import annotations

from typing import Any

from reportlab.platypus.flowables import KeepTogether
from reportlab.platypus.tables import Table
from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc

FIRST_ROWS = 2
FIRST_LINES_POINTS = 42  # three lines of the usual type


def install() -> None:
    """Put our rule in place; calling it again changes nothing."""
    PmlBaseDoc.handle_keepWithNext = _keep_with_next


def _keep_with_next(document: Any, flowables: list[Any]) -> None:
    document.keepTogetherClass = _HeadingKept
    super(PmlBaseDoc, document).handle_keepWithNext(flowables)


class _HeadingKept(KeepTogether):
    """Headings and what follows them."""

    def split(self, width: float, height: float) -> list[Any]:
        self.wrap(width, height)  # measures what follows, for this width
        *headings, following = self._content
        above = sum(self._height(part, width) for part in headings) + following.getSpaceBefore()
        if height < self._H and above + self._first_part(following, width) <= height:
            return list(self._content)
        parts: list[Any] = super().split(width, height)
        return parts

    def _first_part(self, following: Any, width: float) -> float:
        """The height of as much as must stand under a heading."""
        if not isinstance(following, Table):
            return float(min(following.wrapOn(self.canv, width, 0xFFFFFF)[1], FIRST_LINES_POINTS))
        repeated = following.repeatRows if isinstance(following.repeatRows, int) else max(following.repeatRows, default=0)
        return float(sum(following._rowHeights[: repeated + FIRST_ROWS]))

    def _height(self, part: Any, width: float) -> float:
        _, height = part.wrapOn(self.canv, width, 0xFFFFFF)
        return float(height + part.getSpaceBefore() + part.getSpaceAfter())
