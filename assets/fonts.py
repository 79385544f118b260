"""Cuts Noto Sans SC down to a Chinese character set and draws the check-box glyphs that it lacks.

Noto Sans SC is under the SIL Open Font License 1.1, which allows this; the cut font has a name of its own, as two weights
under one PostScript name would be drawn alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

SYMBOLS = (
    (0x20, 0x17F),
    (0x370, 0x3FF),
    (0x2000, 0x206F),
    (0x20A0, 0x20BF),
    (0x2100, 0x23FF),
    (0x2460, 0x27BF),
    (0x3000, 0x33FF),
    (0xFF00, 0xFFEF),
)

Point = tuple[int, int]
BOX_OUTSIDE: list[Point] = [(80, -60), (80, 780), (920, 780), (920, -60)]
BOX_INSIDE: list[Point] = [(150, 10), (850, 10), (850, 710), (150, 710)]
CHECK: list[Point] = [(240, 370), (310, 430), (430, 280), (720, 640), (790, 580), (435, 150)]
STROKE_DOWN: list[Point] = [(230, 620), (300, 690), (770, 170), (700, 100)]
STROKE_UP: list[Point] = [(230, 170), (700, 690), (770, 620), (300, 100)]
DRAWN: dict[str, list[list[Point]]] = {
    "☐": [BOX_OUTSIDE, BOX_INSIDE],
    "☑": [BOX_OUTSIDE, BOX_INSIDE, CHECK],
    "☒": [BOX_OUTSIDE, BOX_INSIDE, STROKE_DOWN, STROKE_UP],
    "✔": [CHECK],
    "✗": [STROKE_DOWN, STROKE_UP],
}


def _encoded(encoding: str, leads: range, trails: Callable[[], Iterator[int]]) -> Iterator[str]:
    for lead in leads:
        for trail in trails():
            try:
                yield bytes((lead, trail)).decode(encoding)
            except UnicodeDecodeError:
                continue


def character_set(encoding: str) -> str:
    """Every character of GB2312 or GBK, with Latin, Greek and the symbols of technical forms."""
    if encoding == "gb2312":
        found = set(_encoded("gb2312", range(0xA1, 0xF8), lambda: iter(range(0xA1, 0xFF))))
    else:
        found = set(_encoded("gbk", range(0x81, 0xFF), lambda: (trail for trail in range(0x40, 0xFF) if trail != 0x7F)))
    for first, last in SYMBOLS:
        found.update(map(chr, range(first, last + 1)))
    return "".join(sorted(found))


def make_font(source: Path, target: Path, family: str, style: str, encoding: str) -> None:
    """Write `target`: the characters of `encoding` out of `source`, under a family name of its own."""
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, glyph_names=False, name_IDs=["*"])
    font = TTFont(source)
    cutter = subset.Subsetter(options)
    cutter.populate(text=character_set(encoding))
    cutter.subset(font)
    for glyph, contours in DRAWN.items():
        _draw(font, ord(glyph), contours)
    postscript = f"GuijuSans-{style}"
    for record in font["name"].names:
        named = {1: family, 2: "Regular", 3: postscript, 4: f"{family} {style}", 6: postscript, 16: family, 17: style}.get(
            record.nameID
        )
        if named:
            record.string = named
    font.save(target)


def _draw(font: TTFont, code: int, contours: list[list[Point]]) -> None:
    scale = font["head"].unitsPerEm / 1000
    pen = TTGlyphPen(None)
    for contour in contours:
        pen.moveTo(tuple(round(part * scale) for part in contour[0]))
        for point in contour[1:]:
            pen.lineTo(tuple(round(part * scale) for part in point))
        pen.closePath()
    name = f"uni{code:04X}"
    if name not in font.getGlyphOrder():
        font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = pen.glyph()
    font["hmtx"][name] = (font["head"].unitsPerEm, round(80 * scale))
    if "vmtx" in font:
        font["vmtx"][name] = (font["head"].unitsPerEm, 0)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[code] = name
