"""What stands on paper for a character that the print fonts do not have.

A box says nothing, and a missing character is worse: a name could be read as another. So the character is spelled out in
square brackets, a symbol by its Unicode name (`[thumbs up sign]`), everything else by its code (`[U+4DAE]`); marks that only
change how the character before them looks are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from functools import lru_cache
from pathlib import Path

_TEXT = re.compile(r"(?<=>)[^<>]+(?=<)")
_ENTITY = re.compile(r"&#(x[0-9a-fA-F]{1,6}|\d{1,7});")
_SPELLED_BY_NAME = frozenset({"So", "Sm", "Sc"})
# Default-ignorable characters, variation selectors and combining marks, the skin tones of emoji, control characters.
_LEFT_OUT = frozenset({"Cf", "Cc", "Mn", "Me", "Sk"})
_SPACES = frozenset("\n\t\r ")
_SURROGATES = (0xD800, 0xDFFF)


def spell_out(html: str, drawable: Container[int]) -> tuple[str, list[str]]:
    """The document with no character in its texts that is not `drawable` (code points), and the codes of those replaced.

    Tags and attributes stay as they are: a bar code holds what was typed.
    """
    missing = {character for character in set(html) - _SPACES if ord(character) not in drawable}
    if not missing and not _ENTITY.search(html):
        return html, []
    replaced: list[str] = []

    def text(found: re.Match[str]) -> str:
        written = _ENTITY.sub(_decoded, found[0])
        if all(ord(character) in drawable or character in _SPACES for character in written):
            return written
        return "".join(map(shown, unicodedata.normalize("NFC", written)))

    def shown(character: str) -> str:
        if ord(character) in drawable or character in _SPACES:
            return character
        instead, code = stand_in(character), f"U+{ord(character):04X}"
        if instead and code not in replaced:
            replaced.append(code)
        return instead

    return _TEXT.sub(text, html), replaced


def undrawable(text: str, font: Path) -> str:
    """The characters of a text that would be spelled out on paper, each once; none when the font cannot be read."""
    drawable = _drawable(font)
    return "".join(sorted(c for c in set(text) - _SPACES if drawable and ord(c) not in drawable and stand_in(c)))


@lru_cache(maxsize=1)
def _drawable(font: Path) -> frozenset[int]:
    from reportlab.pdfbase.ttfonts import TTFError, TTFontFace  # here, so that the server itself never loads the engine

    try:
        return frozenset(TTFontFace(str(font)).charToGlyph)
    except (TTFError, OSError):
        return frozenset()


def stand_in(character: str) -> str:
    """What is printed instead.

    >>> stand_in("👍"), stand_in("䶮"), stand_in("\\ufe0f")
    ('[thumbs up sign]', '[U+4DAE]', '')
    """
    category = unicodedata.category(character)
    if category in _LEFT_OUT:
        return ""
    if category in _SPELLED_BY_NAME:
        name = unicodedata.name(character, "").lower()
        if name:
            return f"[{name}]"
    return f"[U+{ord(character):04X}]"


def _decoded(entity: re.Match[str]) -> str:
    """A numeric entity as its character; those that HTML needs, and impossible ones, as they are."""
    digits = entity[1]
    code = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    if code > 0x10FFFF or _SURROGATES[0] <= code <= _SURROGATES[1] or code < 0x80:
        return entity[0]
    return chr(code)
