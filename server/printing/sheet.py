"""The paper around a form: page size and margins, header, footer, watermark and the house style, as one HTML document.

The body comes from a print format or from the generated default. Sizes are points; the look follows the printed forms of
a careful manufacturer: thin dark rules, label cells in a pale blue-grey, one type face in two weights.
"""

from __future__ import annotations

import base64
import io
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import accumulate
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ..core.text import Text
from ..core.translations import fill
from .columns import text_width
from .page import MM, Page

FONT_FAMILY = "guijusans, guijuwide"
_HEADER_MM, _FOOTER_MM = 9, 8
_EDGE_POINTS = 8.5
_NUMBERS = Text("第 {page} 页 / 共 {pages} 页", "Page {page} of {pages}")
_WATERMARK_DOTS_PER_MM = 3

STYLE = """
html { font-family: %(family)s; font-size: 9.5pt; line-height: 145%%; color: #000000; -pdf-word-wrap: CJK; display: inline; }
body, div, p, h1, h2, h3, h4, h5, h6, ul, ol, dl, dt, dd, blockquote, center, pre, hr { display: block; margin: 0; }
table { display: block; -pdf-keep-with-next: false; }
thead, tbody, tfoot, tr, th, td { display: block; vertical-align: top; }
b, strong, th, h1, h2, h3, h4, h5, h6 { font-weight: bold; }
i, em { font-style: italic; }
u, ins { text-decoration: underline; }
s, strike, del { text-decoration: line-through; }
sub { vertical-align: sub; } sup { vertical-align: super; }
pre { white-space: pre; }
center { text-align: center; }
ul { margin: 2pt 0 4pt 14pt; list-style-type: disc; } ol { margin: 2pt 0 4pt 16pt; list-style-type: decimal; }
li { display: list-item; }
p { margin: 0 0 3pt 0; }
h1 { font-size: 18pt; line-height: 130%%; text-align: center; margin: 0 0 6pt 0; }
h2 { font-size: 11.5pt; margin: 9pt 0 4pt 0; -pdf-keep-with-next: true; }
h3 { font-size: 10pt; margin: 7pt 0 3pt 0; -pdf-keep-with-next: true; }
h4 { font-size: 9.5pt; margin: 5pt 0 2pt 0; -pdf-keep-with-next: true; }
hr { height: 0.6pt; color: #333333; margin: 4pt 0; }
.subtitle { text-align: center; color: #444444; margin: -3pt 0 7pt 0; font-size: 9pt; }
table.grid, table.fields, table.signing { border: 0.6pt solid #333333; margin: 0 0 7pt 0; }
table.grid th, table.fields th { background-color: #e8edf4; }
table.grid th, table.grid td, table.fields th, table.fields td, table.signing td {
  border: 0.6pt solid #333333; padding: 3.4pt 4pt 2.2pt 4pt; text-align: left; vertical-align: middle; }
table.grid th { text-align: center; }
table.dense th, table.dense td { font-size: 8pt; padding: 2.8pt 3pt 1.8pt 3pt; }
table.tiny th, table.tiny td { font-size: 7pt; padding: 2.4pt 2pt 1.4pt 2pt; }
table.grid td.right, table.plain td.right, table.fields td.right { text-align: right; }
table.grid td.center, table.plain td.center, table.fields td.center { text-align: center; }
table.beside { border: 0; }
table.beside td.gap { border: 0; padding: 0; }
table.plain td, table.plain th { padding: 1pt 3pt; }
table.plain td.stamp { border: 1.6pt solid #b3161b; padding: 6pt 4pt 5pt 4pt; color: #b3161b; font-weight: bold; text-align: center; }
table.kept { -pdf-keep-with-next: true; }
table.signing td { vertical-align: top; }
table.seal td { border: 0.6pt dashed #999999; padding: 4pt; vertical-align: middle; text-align: center; }
div.text { margin: 0 0 8pt 0; }
div.text h1, div.text h2, div.text h3 { font-size: 10pt; text-align: left; margin: 4pt 0 2pt 0; }
div.text table { border: 0.6pt solid #333333; margin: 2pt 0 4pt 0; }
div.text th, div.text td { border: 0.6pt solid #333333; padding: 2.4pt 4pt 1.6pt 4pt; text-align: left; }
div.text blockquote { margin: 2pt 0 4pt 10pt; color: #444444; }
.center { text-align: center; } .right { text-align: right; }
.muted { color: #666666; } .small { font-size: 8pt; } .strong { font-weight: bold; }
.danger { color: #b3161b; font-weight: bold; }
.nowrap { white-space: nowrap; }
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands around the body on every page."""

    page: Page
    language: str
    company: str
    form_line: str
    footer_line: str
    watermark: str = ""
    copy_mark: str = ""


def document(body: str, sheet: Sheet, fonts: Path) -> str:
    """The whole HTML document; `fonts` is the folder with the print fonts (the watermark is drawn with them)."""
    head = f"<style>{_page_rule(sheet, fonts)}</style>"
    if sheet.page.is_label:
        return f"<html><head>{head}</head><body>{body}</body></html>"
    numbers = fill(escape(_NUMBERS.to(sheet.language)), {"page": "<pdf:pagenumber/>", "pages": "<pdf:pagecount/>"})
    room = sheet.page.room_points / _EDGE_POINTS
    footer = _edge("page-footer", _one_line(sheet.footer_line, room * 0.8), numbers, 80, "border-top: 0.4pt solid #888888;")
    return f"<html><head>{head}</head><body>{_header(sheet, room)}{footer}{body}</body></html>"


def _header(sheet: Sheet, room: float) -> str:
    """Company, form number and version; which copy it is. A form with a header of its own has only the mark of the copy here."""
    if not _has_head(sheet):
        return ""
    rule = "border-bottom: 0.6pt solid #333333;" if sheet.page.running_head else ""
    company, form_line = (sheet.company, sheet.form_line) if sheet.page.running_head else ("", "")
    share = 62 - 16 * bool(sheet.copy_mark)
    left, right = _one_line(company, room * share / 100), _one_line(form_line, room * 0.38)
    mark = _one_line(sheet.copy_mark, room * 0.16)
    return _edge("page-header", f"<b>{left}</b>", right, share, rule, f"<b>{mark}</b>" if mark else "")


def _has_head(sheet: Sheet) -> bool:
    return sheet.page.running_head or bool(sheet.copy_mark)


def _one_line(text: str, room: float) -> str:
    """The text, escaped, shortened to `room` em: there is one line at each edge of the page."""
    ends = list(accumulate(map(text_width, text)))
    fitting = bisect_right(ends, room - 1)
    return escape(text if not ends or ends[-1] <= room else text[:fitting] + "…")


def _edge(name: str, left: str, right: str, share: int, rule: str, middle: str = "") -> str:
    """Two texts at the ends of a line; `share` is the left one's part of it in per cent. One between them takes 16."""
    cell = f"font-size: {_EDGE_POINTS}pt; padding: 1.5pt 0 2pt 0; {rule}"
    between = f'<td width="16%" style="{cell} text-align: center;">{middle}</td>' if middle else ""
    rest = 100 - share - (16 if middle else 0)
    return (
        f'<div id="{name}"><table><tr><td width="{share}%" style="{cell}">{left}</td>{between}'
        f'<td width="{rest}%" style="{cell} text-align: right;">{right}</td></tr></table></div>'
    )


def _page_rule(sheet: Sheet, fonts: Path) -> str:
    width, height = sheet.page.size_mm
    top, right, bottom, left = sheet.page.margins_mm
    inner = width - left - right
    header_top = max(4.0, top - _HEADER_MM)
    footer_top = height - bottom + 2
    size = f"size: {width * MM:.1f}pt {height * MM:.1f}pt;"
    background = f'background-image: url("{_watermark(sheet.watermark, width, height, fonts)}");' if sheet.watermark else ""
    if sheet.page.is_label:
        main = _frame("main", None, left, top, inner, height - top - bottom)
        return f"@page {{ {size} {background} {main} }}"
    head = _frame("head", "page-header", left, header_top, inner, _HEADER_MM - 1) if _has_head(sheet) else ""
    frames = (
        head
        + _frame("foot", "page-footer", left, footer_top, inner, min(_FOOTER_MM, bottom - 3))
        + _frame("main", None, left, top + 2, inner, height - top - bottom - 2)
    )
    return f"@page {{ {size} {background} {frames} }}"


def _frame(name: str, content: str | None, left: float, top: float, width: float, height: float) -> str:
    shown = f"-pdf-frame-content: {content};" if content else ""
    return f"@frame {name} {{ {shown} left: {left}mm; top: {top}mm; width: {width}mm; height: {height}mm; }} "


@lru_cache(maxsize=16)
def _watermark(text: str, width_mm: float, height_mm: float, fonts: Path) -> str:
    """The word across the page, as a picture with a transparent ground."""
    size = (int(width_mm * _WATERMARK_DOTS_PER_MM), int(height_mm * _WATERMARK_DOTS_PER_MM))
    letters = min(size) // max(4, len(text) if text.isascii() else len(text) + 2)
    face = ImageFont.truetype(str(fonts / "GuijuSans-Bold.ttf"), int(letters * (1.5 if text.isascii() else 0.95)))
    picture = Image.new("L", (max(size), max(size)), 0)
    draw = ImageDraw.Draw(picture)
    draw.text((max(size) / 2, max(size) / 2), text, fill=255, font=face, anchor="mm")
    turned = picture.rotate(40, resample=Image.Resampling.BICUBIC)
    left, upper = (max(size) - size[0]) // 2, (max(size) - size[1]) // 2
    shape = turned.crop((left, upper, left + size[0], upper + size[1])).point(lambda level: level * 26 // 255)
    page = Image.new("RGBA", size, (178, 34, 34, 0))
    page.putalpha(shape)
    stream = io.BytesIO()
    page.save(stream, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
