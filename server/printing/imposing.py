"""Several prints in one PDF, and two small pages on one sheet of A4."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .page import MM, SHEET_MM

if TYPE_CHECKING:
    from pypdf import PageObject, PdfWriter


def joined(pdfs: Sequence[bytes], *, two_up: bool = False) -> bytes:
    """One PDF of all of them, in their order; with `two_up` each sheet of A4 holds two pages, to be cut."""
    if len(pdfs) == 1 and not two_up:
        return pdfs[0]
    from pypdf import PdfReader, PdfWriter  # loaded by the first print of several

    writer = PdfWriter()
    readers = [PdfReader(io.BytesIO(pdf)) for pdf in pdfs]
    if two_up:
        pages = [page for reader in readers for page in reader.pages]
        for first in range(0, len(pages), 2):
            _put_two(writer, pages[first : first + 2])
    else:
        for reader in readers:
            writer.append(reader, import_outline=False)
    if readers and readers[0].metadata and readers[0].metadata.title:
        writer.add_metadata({"/Title": readers[0].metadata.title})
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _put_two(writer: PdfWriter, pages: Sequence[PageObject]) -> None:
    """Upright pages stand side by side on a sheet that lies across, pages that lie across one above the other."""
    from pypdf import Transformation

    width, height = float(pages[0].mediabox.width), float(pages[0].mediabox.height)
    short, long = (side * MM for side in SHEET_MM)
    beside = width <= height
    sheet = writer.add_blank_page(*((long, short) if beside else (short, long)))
    for index, page in enumerate(pages):
        if beside:
            at = ((long / 2) * index + (long / 2 - width) / 2, (short - height) / 2)
        else:
            at = ((short - width) / 2, (long / 2) * (1 - index) + (long / 2 - height) / 2)
        sheet.merge_transformed_page(page, Transformation().translate(*at))
