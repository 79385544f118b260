"""The last look at the HTML before the PDF engine sees it: known tags and attributes only, spans and nesting bounded.

Print formats are written by administrators and filled with what anybody typed; escaping is the template's work. This is
the second wall: no script, no resource but pictures written into the document, no table or nesting that stalls the engine.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

MAX_HTML_CHARACTERS = 8_000_000
MAX_DEPTH = 60
MAX_SPAN = 100
MAX_CELLS = 60_000

_VOID = frozenset({"br", "hr", "img", "col", "pdf:nextpage", "pdf:barcode", "pdf:pagenumber", "pdf:pagecount", "pdf:spacer"})
_CONTAINERS = (
    "p div span b strong i em u s strike del ins sub sup small big center blockquote pre code h1 h2 h3 h4 h5 h6 "
    "ul ol li dl dt dd table thead tbody tfoot tr th td caption colgroup font"
)
_TAGS = _VOID | frozenset(_CONTAINERS.split())
_DROPPED_WITH_CONTENT = frozenset({"script", "style", "title", "iframe", "object", "noscript", "template", "svg", "math"})
_ATTRIBUTE_NAMES = (
    "class style align valign width height colspan rowspan repeat border cellpadding cellspacing bgcolor color size "
    "start type value barwidth barheight humanreadable vertical alt src"
)
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_SPANS = frozenset({"colspan", "rowspan", "repeat"})
_PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+\Z")
_FETCHING_STYLE = re.compile(r"url\s*\(|@import|expression\s*\(|-pdf-frame|\\", re.IGNORECASE)
_HUGE_SIZE = re.compile(r"(?<![\d.])\d{5,}")


class MarkupRefused(ValueError):
    """The document is too large or too deeply nested to be printed."""


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.open: list[str] = []
        self.skipping: list[str] = []
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.skipping or tag in _DROPPED_WITH_CONTENT:
            if tag in _DROPPED_WITH_CONTENT:
                self.skipping.append(tag)
            return
        if tag not in _TAGS:
            return
        written = "".join(f' {name}="{escape(value)}"' for name, value in _kept(tag, attrs))
        if tag in _VOID:
            self.parts.append(f"<{tag}{written}/>" if tag != "img" or " src=" in written else "")
            return
        self.open.append(tag)
        if len(self.open) > MAX_DEPTH:
            raise MarkupRefused(f"elements are nested more than {MAX_DEPTH} deep")
        self.cells += tag in ("td", "th")
        if self.cells > MAX_CELLS:
            raise MarkupRefused(f"more than {MAX_CELLS:,} table cells")
        self.parts.append(f"<{tag}{written}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.skipping:
            if tag == self.skipping[-1]:
                self.skipping.pop()
            return
        if tag in self.open:  # close what was left open inside it too
            while True:
                closed = self.open.pop()
                self.parts.append(f"</{closed}>")
                if closed == tag:
                    return

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.parts.append(escape(data, quote=False))


def _kept(tag: str, attrs: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    kept = []
    for name, given in attrs:
        value = str(_bounded(given or "")) if name in _SPANS else given or ""
        if name in _ATTRIBUTES and _is_harmless(tag, name, value):
            kept.append((name, value))
    return kept


def _is_harmless(tag: str, name: str, value: str) -> bool:
    if name == "src":
        return tag == "img" and bool(_PICTURE.match(value))
    if name == "style" and _FETCHING_STYLE.search(value):
        return False
    return name in ("value", "alt") or not _HUGE_SIZE.search(value)


def _bounded(value: str) -> int:
    digits = value.strip()
    if not digits.isascii() or not digits.isdigit():
        return 1
    return max(1, min(MAX_SPAN, int(digits[:9])))


def clean(html: str) -> str:
    """`html` with known tags and attributes only, well nested.

    Raises MarkupRefused when it is larger or deeper than a printed form can be.
    """
    if len(html) > MAX_HTML_CHARACTERS:
        raise MarkupRefused(f"the document has {len(html):,} characters; at most {MAX_HTML_CHARACTERS:,} can be printed")
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    while cleaner.open:
        cleaner.parts.append(f"</{cleaner.open.pop()}>")
    return "".join(cleaner.parts)
