"""Writing metadata in force as the files of a content pack, for git or for another site."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..metadata.load import dump_text
from ..metadata.model import Model
from .packs import FOLDERS, Source

FOLDER_OF = {kind: folder for folder, kind in FOLDERS.items()}


def export_metadata(
    sources: Iterable[Source], model: Model, directory: Path, present: Mapping[tuple[str, str], Path] | None = None
) -> int:
    """Write every piece below `directory`, where its file is `present` or in the folder of its module; returns the number of files."""
    written = 0
    taken = set((present or {}).values())
    for source in sources:
        file = (present or {}).get((source.kind, source.name))
        if file is None:
            folder = directory / FOLDER_OF[source.kind]
            if source.kind not in (
                "Workflow",
                "Report",
                "List View",
            ):  # they stand together, whatever module their DocType is of
                folder /= slug(_module(source, model))
            file = _free(folder, slug(source.name), taken)
        file.parent.mkdir(parents=True, exist_ok=True)
        raw = dict(source.raw)
        html, book = (raw.pop(part, None) if source.kind == "Print Format" else None for part in ("html", "workbook"))
        file.write_text(dump_text(raw), "utf-8")
        written += 1
        if html is not None:
            file.with_suffix(".html").write_text(html, "utf-8")
            written += 1
        if book is not None:
            file.with_suffix(".xlsx").write_bytes(base64.b64decode(book))
            written += 1
    return written


def _free(folder: Path, name: str, taken: set[Path]) -> Path:
    """A file of that name which no other piece has: names that differ in signs alone would share one."""
    number = 1
    while (file := folder / (f"{name}.json" if number == 1 else f"{name}_{number}.json")) in taken:
        number += 1
    taken.add(file)
    return file


def _module(source: Source, model: Model) -> str:
    owner = source.name if source.kind == "DocType" else source.raw.get("applies_to") or source.raw.get("doc_type") or ""
    doctype = model.get(str(owner))
    return (doctype.module if doctype else "") or "site"


def slug(name: str) -> str:
    """A file name: lower case, words joined by `_`; nothing that could leave the folder."""
    return re.sub(r"[^\w]+", "_", name.strip().lower()).strip("_") or "unnamed"
