"""Several prints in one PDF, and two small pages on one sheet of A4.

Few are joined in memory. Hundreds are joined from files to a file by a process of its own (`join_files`), with PDFium where pages are only
put one after the other: it is twelve times as fast as pypdf at that, and what it takes of memory goes with the process.
"""

from __future__ import annotations

import io
import multiprocessing
from collections.abc import Sequence
from pathlib import Path
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


def join_files(sources: Sequence[Path], target: Path, *, two_up: bool, timeout_seconds: float = 300) -> None:
    """The same from files, whatever their number. Raises OSError when the process does not bring it about."""
    unfinished = target.with_suffix(".unfinished")
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=_join, args=(list(sources), unfinished, two_up), name="guiju-join", daemon=True)
    process.start()
    process.join(timeout_seconds)
    if process.exitcode != 0:
        process.kill()
        unfinished.unlink(missing_ok=True)
        raise OSError(f"{len(sources)} prints were not joined (exit code {process.exitcode})")
    unfinished.replace(target)


def _join(sources: Sequence[Path], target: Path, two_up: bool) -> None:
    if two_up:
        target.write_bytes(joined([source.read_bytes() for source in sources], two_up=True))
        return
    import pypdfium2

    whole = pypdfium2.PdfDocument.new()
    for source in sources:
        one = pypdfium2.PdfDocument(source)
        whole.import_pages(one)
        one.close()
    whole.save(target)


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
