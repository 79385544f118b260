"""Writing metadata in force as the files of a content pack, for git or for another site."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ..metadata.load import dump_text
from ..metadata.model import Model
from .packs import FOLDERS, Source

FOLDER_OF = {kind: folder for folder, kind in FOLDERS.items()}


def export_metadata(sources: Iterable[Source], model: Model, directory: Path) -> int:
    """Write every piece below `directory`; returns the number of files."""
    written = 0
    for source in sources:
        folder = directory / FOLDER_OF[source.kind] / _slug(_module(source, model))
        folder.mkdir(parents=True, exist_ok=True)
        raw = dict(source.raw)
        html = raw.pop("html", None) if source.kind == "Print Format" else None
        (folder / f"{_slug(source.name)}.json").write_text(dump_text(raw), "utf-8")
        written += 1
        if html is not None:
            (folder / f"{_slug(source.name)}.html").write_text(html, "utf-8")
            written += 1
    return written


def _module(source: Source, model: Model) -> str:
    owner = source.name if source.kind == "DocType" else source.raw.get("applies_to") or source.raw.get("doc_type") or ""
    doctype = model.get(str(owner))
    return (doctype.module if doctype else "") or "site"


def _slug(name: str) -> str:
    """A file name: lower case, words joined by `_`; nothing that could leave the folder."""
    return re.sub(r"[^\w]+", "_", name.strip().lower()).strip("_") or "unnamed"
