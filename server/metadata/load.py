"""DocType JSON to `DocType` and back.

The format is Frappe's with ours beside it (README of `doctypes/`). Reading is lenient about what it does not know, which
goes to `extra` and comes back unchanged; finding faults is `check`'s work, so nothing here judges.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..core.text import EMPTY, Text
from .model import DocField, DocPerm, DocState, DocType, MapsFrom
from .offline import dump_offline, read_offline

# Written by Frappe's editor, of no meaning to a reader: carried along in `extra`.
_FIELD_NAMES = {item.name for item in dataclasses.fields(DocField)} - {"extra", "position"}
_DOCTYPE_NAMES = {item.name for item in dataclasses.fields(DocType)} - {"extra"}
_PERM_FLAGS = [item.name for item in dataclasses.fields(DocPerm) if item.name not in ("role", "permlevel", "if_owner")]
POSITION = "__position"  # on a field of a file whose fields were put in another order: where it stood
_TEXTS = {"label", "description", "placeholder"}


def read_doctype(raw: Mapping[str, Any]) -> DocType:
    """Build a `DocType` from its JSON object, whose shape `check.check_shape` has found right."""
    values: dict[str, Any] = {}
    for name, value in raw.items():
        if name in _DOCTYPE_NAMES and name not in ("fields", "permissions", "states", "maps_from", "offline"):
            values[name] = _convert(DocType, name, value)
    values["label"] = Text.of(raw.get("label") or raw.get("name") or "")
    values["fields"] = tuple(_read_fields(raw.get("fields") or []))
    values["permissions"] = tuple(_read_permission(item) for item in raw.get("permissions") or [])
    values["states"] = tuple(DocState(item["title"], item.get("color") or "Gray") for item in raw.get("states") or [])
    values["maps_from"] = tuple(_read_mapping(item) for item in raw.get("maps_from") or [])
    values["offline"] = read_offline(raw.get("offline"))
    known = _DOCTYPE_NAMES | {"doctype", "naming_rule"}
    values["extra"] = {name: value for name, value in raw.items() if name not in known}
    return DocType(**values)


def _read_fields(raw: Iterable[Mapping[str, Any]]) -> Iterable[DocField]:
    seen: list[Mapping[str, Any]] = []
    for position, item in enumerate(raw):
        if item.get("fieldname") and item in seen:
            continue  # Frappe's own files hold a field twice now and then
        seen.append(item)
        values = {name: _convert(DocField, name, value) for name, value in item.items() if name in _FIELD_NAMES}
        values.setdefault("fieldtype", "Data")
        values["position"] = item.get(POSITION, position)
        if not values.get("fieldname"):  # breaks are often left unnamed
            values["fieldname"] = f"{values['fieldtype'].lower().replace(' ', '_')}_{position}"
        known = _FIELD_NAMES | {"label", "description", "placeholder", POSITION}
        values["extra"] = {name: value for name, value in item.items() if name not in known}
        yield DocField(**values)


def _read_permission(raw: Mapping[str, Any]) -> DocPerm:
    flags = {name: bool(raw.get(name.rstrip("_"), 0)) for name in _PERM_FLAGS}
    return DocPerm(
        role=str(raw.get("role") or ""), permlevel=int(raw.get("permlevel") or 0), if_owner=bool(raw.get("if_owner")), **flags
    )


def _read_mapping(raw: Mapping[str, Any]) -> MapsFrom:
    tables = {ours: (theirs[0], dict(theirs[1])) for ours, theirs in (raw.get("tables") or {}).items()}
    return MapsFrom(
        doctype=raw["doctype"],
        label=Text.of(raw.get("label") or raw["doctype"]),
        fields=dict(raw.get("fields") or {}),
        tables=tables,
        values=dict(raw.get("values") or {}),
        only_listed=bool(raw.get("only_listed")),
        condition=raw.get("condition"),
    )


def _convert(owner: type, name: str, value: Any) -> Any:
    """One property from JSON: Frappe writes booleans as 0/1 and several lists as text."""
    if name in _TEXTS:
        return Text.of(value) if value else EMPTY
    if name == "option_labels":
        return {key: Text.of(label) for key, label in (value or {}).items()}
    if name in ("source", "print_formats", "search_fields"):
        items = value.split(",") if isinstance(value, str) else value or []
        return tuple(str(item).strip() for item in items if str(item).strip())
    if name == "prefill":
        return tuple(dict(row) for row in value or [])
    if name == "default":
        return None if value in (None, "") else str(value)
    if name == "precision":
        return None if value in (None, "") else int(value)
    declared = _annotations(owner)[name]
    if declared == "bool":
        return bool(int(value)) if str(value).isdigit() else bool(value)
    if declared == "int":
        return int(value or 0)
    if declared == "int | None":
        return None if value in (None, "") else int(value)
    if declared == "str":
        return str(value or "")
    return None if value in (None, "") else str(value)


def _annotations(owner: type) -> dict[str, str]:
    return {item.name: str(item.type) for item in dataclasses.fields(owner)}


def dump_doctype(doctype: DocType) -> dict[str, Any]:
    """The JSON object again: only what differs from the defaults, in the order of our model, unknown properties last."""
    found: dict[str, Any] = {"doctype": "DocType", "name": doctype.name}
    for item in dataclasses.fields(DocType):
        value = getattr(doctype, item.name)
        if item.name in ("name", "fields", "permissions", "states", "maps_from", "offline", "extra") or value == item.default:
            continue
        if item.name == "label" and value == Text.of(doctype.name):
            continue
        found[item.name] = _plain(value)
    found["fields"] = [_dump_field(item) for item in doctype.fields]
    if doctype.permissions:
        found["permissions"] = [_dump_permission(item) for item in doctype.permissions]
    if doctype.states:
        found["states"] = [dataclasses.asdict(item) for item in doctype.states]
    if doctype.maps_from:
        found["maps_from"] = [_dump_mapping(item) for item in doctype.maps_from]
    if doctype.offline:
        found["offline"] = dump_offline(doctype.offline)
    return found | dict(doctype.extra)


def _dump_field(item: DocField) -> dict[str, Any]:
    found: dict[str, Any] = {"fieldname": item.fieldname, "fieldtype": item.fieldtype}
    for part in dataclasses.fields(DocField):
        value = getattr(item, part.name)
        if part.name in ("fieldname", "fieldtype", "position", "extra") or value == part.default or value in ({}, EMPTY):
            continue
        found[part.name] = _plain(value)
    return found | dict(item.extra)


def _dump_permission(item: DocPerm) -> dict[str, Any]:
    found: dict[str, Any] = {"role": item.role}
    if item.permlevel:
        found["permlevel"] = item.permlevel
    if item.if_owner:
        found["if_owner"] = 1
    return found | {name.rstrip("_"): 1 for name in _PERM_FLAGS if getattr(item, name)}


def _dump_mapping(item: MapsFrom) -> dict[str, Any]:
    found: dict[str, Any] = {"doctype": item.doctype, "label": item.label.to_json(), "fields": dict(item.fields)}
    if item.tables:
        found["tables"] = {ours: [theirs, dict(columns)] for ours, (theirs, columns) in item.tables.items()}
    if item.values:
        found["values"] = dict(item.values)
    if item.only_listed:
        found["only_listed"] = 1
    if item.condition:
        found["condition"] = item.condition
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return value.to_json()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def dump_text(raw: Mapping[str, Any]) -> str:
    """Metadata as it is written to files: readable, stable for git."""
    return json.dumps(raw, ensure_ascii=False, indent=1) + "\n"
