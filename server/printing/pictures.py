"""Pictures on paper: PNG and JPEG only, opened and written anew by Pillow, made as small as the paper needs.

Nothing that a user uploaded reaches the PDF engine as it was; addresses never do.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image, ImageOps

from ..core import code128

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000
_DOTS_PER_MM = 8  # 200 dpi
_DOTS_PER_MODULE = 4
_FORMATS = ("PNG", "JPEG")


class PictureRefused(ValueError):
    """Not a picture that can be printed."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A checked picture as a data: address, with the size it takes on paper."""

    address: str
    width_mm: float
    height_mm: float


def picture(content: bytes, width_mm: float, height_mm: float) -> Picture:
    """The picture fitted into a box, turned as the camera held it, its metadata left behind.

    Raises PictureRefused when it is neither PNG nor JPEG, damaged, or too large.
    """
    if len(content) > MAX_BYTES:
        raise PictureRefused(f"{len(content):,} bytes; at most {MAX_BYTES:,}")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise PictureRefused(f"{opened.width} x {opened.height} pixels; at most {MAX_PIXELS:,} in all")
            opened.draft("RGB", (int(width_mm * _DOTS_PER_MM), int(height_mm * _DOTS_PER_MM)))  # JPEG: decode small at once
            image = ImageOps.exif_transpose(opened)
            image.thumbnail((max(1, int(width_mm * _DOTS_PER_MM)), max(1, int(height_mm * _DOTS_PER_MM))))
            return _written(image, width_mm, height_mm)
    except PictureRefused:
        raise
    except Exception as error:  # Pillow raises whatever its decoders meet
        raise PictureRefused(f"not a readable PNG or JPEG: {type(error).__name__}") from error


def _written(image: Image.Image, width_mm: float, height_mm: float) -> Picture:
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    stream = io.BytesIO()
    if has_alpha:
        image.convert("RGBA").save(stream, "PNG")
    else:
        image.convert("RGB").save(stream, "JPEG", quality=85)
    kind = "png" if has_alpha else "jpeg"
    scale = min(width_mm / image.width, height_mm / image.height)
    encoded = base64.b64encode(stream.getvalue()).decode("ascii")
    return Picture(f"data:image/{kind};base64,{encoded}", round(image.width * scale, 2), round(image.height * scale, 2))


def bar_code(text: str, module_mm: float, height_mm: float) -> Picture | None:
    """The bars of a text (Code 128); None for one that has none."""
    widths = code128.bars(text)
    if widths is None:
        return None
    modules = sum(widths) + 2 * code128.QUIET
    image = Image.new("1", (modules * _DOTS_PER_MODULE, 1), 1)
    at = code128.QUIET
    for index, width in enumerate(widths):
        if index % 2 == 0:
            image.paste(0, (at * _DOTS_PER_MODULE, 0, (at + width) * _DOTS_PER_MODULE, 1))
        at += width
    stream = io.BytesIO()
    image.save(stream, "PNG")
    address = f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"
    return Picture(address, round(modules * module_mm, 2), height_mm)


def drawing(value: object) -> bytes | None:
    """The bytes of a Signature value (`{"image": "data:image/png;base64,..."}`), None where nothing was drawn."""
    image = value.get("image") if isinstance(value, Mapping) else value
    if not isinstance(image, str) or not image.startswith("data:image/png;base64,"):
        return None
    try:
        return base64.b64decode(image.split(",", 1)[1], validate=True)
    except (binascii.Error, ValueError):
        return None


def embedded(address: str, width_mm: float) -> Picture:
    """A picture that a format carries itself (`data:image/png;base64,...`), so wide. Raises PictureRefused."""
    head, comma, encoded = address.partition(",")
    if not comma or head not in ("data:image/png;base64", "data:image/jpeg;base64"):
        raise PictureRefused("not a data: address of a PNG or JPEG")
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PictureRefused("not base64") from error
    return picture(content, width_mm, 200)
