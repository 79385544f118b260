"""The texts in metadata as written: where each stands, and the same piece with one of them said in Chinese or English too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from ..core.text import Text
from ..exchange.packs import Source
from ..metadata.model import LANGUAGES_OPTION
from ..printing.format import template_of
from .entries import ROLES, Entry, is_worth_translating
from .program_texts import template_entries

_TEXTS = {
    "DocType": {"label", "description", "placeholder"},
    "Rule": {"title", "description", "message", "label", "reason", "comment"},
    "Print Format": {"title", "description"},
    "Workflow": {"title"},
    "Report": {"title", "description", "label"},
    "List View": {"title"},
}
_NOT_SHOWN = {"tests", "permissions", "html", "when", "facts"}
_VALUES = ("values", "set")  # of a rule: what it puts into fields, whatever these are called
_WITH_LABELS = {"Select"}
Path = tuple[str | int, ...]


def metadata_entries(sources: Iterable[Source]) -> Iterator[Entry]:
    """Every text of some pieces that people read, each with its piece as its area, and the roles that they name."""
    roles: set[str] = set()
    for source in sources:
        permissions = source.raw.get("permissions") if source.kind == "DocType" else None
        roles.update(str(item.get("role") or "") for item in permissions or () if isinstance(item, Mapping))
        area = (f"{source.kind} {source.name}",)
        for path, text in texts_of(source):
            if is_worth_translating(text.en):
                yield Entry(text.zh, text.en, "", (f"{area[0]}: {_place(source.raw, path)}",), area)
        if source.kind == "Print Format":
            yield from template_entries(template_of(source.raw), f"{area[0]}: html", area)
    for role in sorted(filter(is_worth_translating, roles)):
        yield Entry(role, role, "", (f"{ROLES} {role}",), (ROLES,))


def texts_of(source: Source) -> Iterator[tuple[Path, Text]]:
    """The texts of a piece with their paths in its JSON; a DocType that has no label is called by its name."""
    if source.kind == "DocType":
        if not source.raw.get("label") and source.name:
            yield ("label",), Text.of(source.name)
        yield from _choices(source.raw)
    if source.kind in _TEXTS:
        yield from _walk(source.raw, (), _TEXTS[source.kind])


def _walk(value: Any, path: Path, names: set[str]) -> Iterator[tuple[Path, Text]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if (
                key in _NOT_SHOWN
                or (names is _TEXTS["Rule"] and key in _VALUES)
                or (path[:1] == ("maps_from",) and key in ("fields", "tables", "values"))
            ):  # names, not texts
                continue
            if (key in names and isinstance(item, str) and item.strip()) or _is_text(item):
                yield (*path, key), Text.of(item)
            else:
                yield from _walk(item, (*path, key), names)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index), names)


def _is_text(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and set(value) <= {"zh", "en"}
        and all(isinstance(v, str) for v in value.values())
    )


def _choices(raw: Mapping[str, Any]) -> Iterator[tuple[Path, Text]]:
    """What a Select offers and has no label of its own: the stored value is what people read."""
    fields = raw.get("fields")
    for index, item in enumerate(fields if isinstance(fields, list) else ()):
        if isinstance(item, Mapping) and item.get("fieldtype") in _WITH_LABELS and item.get("fieldname") != "naming_series":
            labels = item.get("option_labels") or {}
            options = str(item.get("options") or "")
            for line in dict.fromkeys(options.split("\n")) if options != LANGUAGES_OPTION else ():
                if line.strip() and line.strip() not in labels:
                    yield ("fields", index, "option_labels", line.strip()), Text.of(line.strip())


def _place(raw: Mapping[str, Any], path: Path) -> str:
    """`customer.label` rather than `fields[3].label`."""
    if len(path) > 1 and path[0] == "fields" and isinstance(path[1], int):
        name = raw["fields"][path[1]].get("fieldname") or f"fields[{path[1]}]"
        return ".".join([name, *map(str, path[2:])])
    return ".".join(map(str, path))


def with_text(source: Source, changes: Mapping[tuple[str, str], Text]) -> Source | None:
    """The piece with texts replaced, found by their Chinese and English; None when it holds none of them."""
    raw = deepcopy(source.raw)
    changed = False
    for path, text in texts_of(source):
        new = changes.get((text.zh, text.en))
        if new is not None and new != text:
            _put(raw, path, new.to_json())
            changed = True
    return replace(source, raw=raw) if changed else None


def _put(raw: dict[str, Any], path: Path, value: Any) -> None:
    owner: Any = raw
    for step in path[:-1]:
        owner = owner.setdefault(step, {}) if isinstance(owner, dict) else owner[step]
    owner[path[-1]] = value
