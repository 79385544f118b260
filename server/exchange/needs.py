"""What would miss a piece of metadata that goes: links, child tables, rules and print formats of others, by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ..core.errors import Fault
from ..core.text import Text
from ..metadata.fieldtypes import field_types
from .packs import Source, piece_title

Key = tuple[str, str]


def needing(sources: Iterable[Source], gone: Collection[Key]) -> list[Fault]:
    """One fault for each place of `sources` that names a piece among `gone`."""
    doctypes = {name for kind, name in gone if kind == "DocType"}
    formats = {name for kind, name in gone if kind == "Print Format"}
    found: list[Fault] = []
    for source in sources:
        for place, what in named_by(source):
            if what in (formats if "print_format" in place else doctypes):
                where = f"{source.name}.{place}"
                called = piece_title(source.kind, where)
                text = Text(f"{called.zh} 要用 {what}", f"{called.en} needs {what}")
                found.append(Fault(where, text))
    return found


def named_by(source: Source) -> Iterator[tuple[str, str]]:
    """(place, name) of every piece that a piece refers to by itself; what its expressions read is found by checking."""
    raw = source.raw
    if source.kind == "Rule":
        yield "applies_to", str(raw.get("applies_to") or "")
    elif source.kind == "Print Format":
        yield "doc_type", str(raw.get("doc_type") or "")
    elif source.kind == "Report":
        yield "ref_doctype", str(raw.get("ref_doctype") or "")
        for number, other in enumerate(raw.get("beside") or ()):
            yield f"beside[{number}].ref_doctype", str(other.get("ref_doctype") or "")
    elif source.kind in ("Workflow", "List View"):
        yield "document_type", str(raw.get("document_type") or "")
    else:
        yield from _named_by_doctype(raw)


def _named_by_doctype(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for item in raw.get("fields") or []:
        kind = field_types().get(item.get("fieldtype") or "Data")
        if item.get("fieldtype") == "Link" or (kind is not None and kind.holds_rows):
            yield str(item.get("fieldname")), str(item.get("options") or "")
    for mapping in raw.get("maps_from") or []:
        yield "maps_from", str(mapping.get("doctype") or "")
    for name in [raw.get("default_print_format"), *(raw.get("print_formats") or [])]:
        yield "print_formats", str(name or "")
