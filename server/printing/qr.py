"""QR codes as pictures for pages: the squares as one SVG path, drawn sharp at any size."""

from __future__ import annotations

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

QUIET = 4  # squares of white around it, as ISO/IEC 18004 asks


def qr_squares(text: str) -> list[list[bool]]:
    """The rows of the code, dark squares True."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    return [[bool(dark) for dark in row] for row in code.modules]


def qr_path(text: str) -> tuple[int, str]:
    """(width of the picture in squares, the path of the dark ones) for `<svg viewBox="0 0 width width"><path d="...">`."""
    squares = qr_squares(text)
    parts = [f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(squares) for x, dark in enumerate(row) if dark]
    return len(squares) + 2 * QUIET, "".join(parts)
