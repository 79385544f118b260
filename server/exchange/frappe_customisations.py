"""Frappe's files of customisations: custom fields, property setters and custom permissions, as changes of a DocType.

Two shapes occur: one object for a DocType (`{"doctype": "X", "custom_fields": [...], "property_setters": [...], "custom_perms": [...]}`,
written by Customize Form) and a list of records (`[{"doctype": "Custom Field", ...}]`, written by `bench export-fixtures`).
What has no counterpart here is told, never lost silently.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..core.errors import Fault
from ..core.text import Text
from ..metadata.model import DocField, DocPerm, DocType
from .changes import Change
from .places import ORDER, Json, in_order, rows_by_key, value_at, with_value

PieceOf = Callable[[str, str], Mapping[str, Any] | None]
RECORDS = {"Custom Field": "custom_fields", "Property Setter": "property_setters", "Custom DocPerm": "custom_perms"}
OWNERS = {"custom_fields": "dt", "property_setters": "doc_type", "custom_perms": "parent"}
# Of the record that holds a customisation rather than of the field or permission itself.
BOOKKEEPING = frozenset({
    "name", "owner", "creation", "modified", "modified_by", "docstatus", "idx", "doctype", "dt", "parent", "parentfield", "parenttype",
    "insert_after", "is_system_generated", "module", "_user_tags", "_comments", "_assign", "_liked_by", "__islocal", "is_virtual",
})  # fmt: skip
FIELD_PROPERTIES = {item.name for item in dataclasses.fields(DocField)} - {"extra", "fieldname"}
DOCTYPE_PROPERTIES = {item.name for item in dataclasses.fields(DocType)} - {
    "extra",
    "fields",
    "permissions",
    "states",
    "maps_from",
}
FLAGS = {item.name.rstrip("_") for item in dataclasses.fields(DocPerm)} - {"role", "permlevel", "if_owner"}
NUMBERS = {"Check", "Int"}


def is_frappes_customisation(raw: Json) -> bool:
    """Whether a file was written by Frappe's Customize Form or is a list of such records."""
    if isinstance(raw, list):
        return bool(raw) and all(isinstance(one, dict) and one.get("doctype") in RECORDS for one in raw)
    return isinstance(raw, dict) and isinstance(raw.get("doctype"), str) and any(key in raw for key in OWNERS)


def from_frappe(
    raw: Json, piece_of: PieceOf, label: str, notes: list[Text], faults: list[Fault]
) -> Iterator[tuple[str, list[Change]]]:
    """(DocType, its changes); what is unknown here goes to `notes`, what cannot be put anywhere to `faults`."""
    for doctype, parts in _by_doctype(raw, label, notes).items():
        piece = piece_of("DocType", doctype)
        if piece is None:
            faults.append(_fault(label, doctype, Text("本站没有该单据类型", "there is no such record type on this site")))
            continue
        made = dict(piece)
        reader = _Reader(label, doctype, notes, faults)
        changes: list[Change] = []
        for read in (
            reader.fields(parts["custom_fields"], made),
            reader.properties(parts["property_setters"], made),
            reader.permissions(parts["custom_perms"], made),
        ):
            changes += read
        yield doctype, changes


def _by_doctype(raw: Json, label: str, notes: list[Text]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}

    def put(doctype: str, part: str, row: dict[str, Any]) -> None:
        found.setdefault(doctype, {name: [] for name in OWNERS})[part].append(row)

    if isinstance(raw, list):
        for row in raw:
            part = RECORDS[row["doctype"]]
            put(str(row.get(OWNERS[part]) or ""), part, row)
        return found
    for part, owner in OWNERS.items():
        for row in raw.get(part) or []:
            if isinstance(row, dict):
                put(str(row.get(owner) or raw["doctype"]), part, row)
    for key, value in raw.items():
        if key not in OWNERS and key not in ("doctype", "sync_on_migrate") and value:
            notes.append(
                Text(f"{label}：{key} 在此没有对应内容，未采用。", f"{label}: {key} has no counterpart here and is left out.")
            )
    return found


class _Reader:
    """Reads the three parts for one DocType; each takes the piece as the parts before have made it, and goes on with it."""

    def __init__(self, label: str, doctype: str, notes: list[Text], faults: list[Fault]) -> None:
        self._label = label
        self._doctype = doctype
        self._notes = notes
        self._faults = faults

    def fields(self, rows: Iterable[Mapping[str, Any]], made: dict[str, Any]) -> Iterator[Change]:
        """Custom fields, each after the field that it names; those that follow one another in any order of the file."""
        waiting = sorted(rows, key=lambda row: (int(row.get("idx") or 0), str(row.get("fieldname") or "")))
        while waiting:
            present = rows_by_key(("fields",), made.get("fields") or []) or {}
            follows = [row for row in waiting if not row.get("insert_after") or row["insert_after"] in present]
            row = (follows or waiting)[0]
            waiting.remove(row)
            name, after = str(row.get("fieldname") or ""), row.get("insert_after")
            if not name:
                self._refuse("custom_fields", Text("自定义字段缺少 fieldname", "a custom field has no fieldname"))
                continue
            if after and not follows:
                self._note(
                    f"{name}.insert_after", Text(f"没有字段 {after}，放在最后", f"there is no field {after}; it stands last")
                )
                after = None
            ours = {"fieldname": name, **self._known(row, FIELD_PROPERTIES, name)}
            if (here := value_at(made, ("fields", name))) is not None:
                if {key: value for key, value in here.items() if value} != {key: value for key, value in ours.items() if value}:
                    said = Text("已有同名字段，且定义不同", "there is a field of that name already, and it is another one")
                    self._refuse(f"fields.{name}", said)
                continue
            change = Change(("fields", name), None, ours, str(after) if after else None)
            made.update(change.put_on(made))
            yield change

    def properties(self, rows: Iterable[Mapping[str, Any]], made: dict[str, Any]) -> Iterator[Change]:
        """Property setters of the DocType and of its fields."""
        for row in rows:
            name, value = str(row.get("property") or ""), _value(row)
            field = row.get("field_name")
            kind = row.get("doctype_or_field") or ("DocField" if field else "DocType")
            if kind == "DocType" and name == "field_order":
                yield from self._order(value, made)
                continue
            known = {"DocField": FIELD_PROPERTIES, "DocType": DOCTYPE_PROPERTIES}.get(str(kind))
            if known is None or name not in known:
                self._note(
                    f"{f'{field}.' if field else ''}{name}", Text("该属性在此没有作用，未采用", "has no effect here; left out")
                )
                continue
            if kind == "DocField" and value_at(made, ("fields", str(field))) is None:
                gone = Text(f"要设置 {name} 的字段不存在", f"the field whose {name} it sets is not there")
                self._refuse(f"fields.{field}", gone)
                continue
            place = ("fields", str(field), name) if kind == "DocField" else (name,)
            shipped = value_at(made, place)
            if shipped != value:
                yield Change(place, shipped, value)
                made.update(with_value(made, place, value))

    def permissions(self, rows: Iterable[Mapping[str, Any]], made: dict[str, Any]) -> Iterator[Change]:
        """Custom permissions stand in the place of all that were shipped, as in Frappe."""
        given = [self._permission(row) for row in rows]
        if not given:
            return
        shipped = rows_by_key(("permissions",), made.get("permissions") or []) or {}
        wanted = rows_by_key(("permissions",), given) or {}
        for key, row in shipped.items():
            if key not in wanted:
                yield Change(("permissions", key), row, None)
        for key, row in wanted.items():
            before = {name: value for name, value in shipped.get(key, {}).items() if value}
            if before != row:
                yield Change(("permissions", key), shipped.get(key), row)

    def _permission(self, row: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"role": str(row.get("role") or "")}
        found |= {name: row[name] for name in ("permlevel", "if_owner") if row.get(name)}
        found |= {name: 1 for name in sorted(FLAGS) if row.get(name)}
        unknown = {name for name, value in row.items() if value} - FLAGS - BOOKKEEPING - {"role", "permlevel", "if_owner"}
        for name in sorted(unknown):
            self._note(
                f"permissions.{found['role']}.{name}", Text("该权限在此没有，未采用", "there is no such right here; left out")
            )
        return found

    def _order(self, value: Json, made: dict[str, Any]) -> Iterator[Change]:
        try:
            wanted = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            wanted = None
        present = list(rows_by_key(("fields",), made.get("fields") or []) or {})
        if not isinstance(wanted, list):
            self._note("field_order", Text("不是字段名的列表，未采用", "is no list of fieldnames; left out"))
        elif (order := in_order(present, [str(name) for name in wanted])) != present:
            yield Change(("fields", ORDER), present, order)

    def _known(self, row: Mapping[str, Any], known: set[str], where: str) -> dict[str, Any]:
        """The properties that mean something here and say something; what is set and unknown is told."""
        found = {}
        for name, value in row.items():
            if name in BOOKKEEPING or value in (None, "", 0) or name == "fieldname":
                continue
            if name in known:
                found[name] = value
            else:
                self._note(f"{where}.{name}", Text("该属性在此没有作用，未采用", "has no effect here; left out"))
        return found

    def _note(self, where: str, said: Text) -> None:
        place = f"{self._label}: {self._doctype}.{where}"
        self._notes.append(Text(f"{place}：{said.zh}。", f"{place}: {said.en}."))

    def _refuse(self, where: str, said: Text) -> None:
        self._faults.append(_fault(self._label, f"{self._doctype}.{where}", said))


def _value(row: Mapping[str, Any]) -> Json:
    """The value of a property setter: Frappe writes all of them as text."""
    value = row.get("value")
    if row.get("property_type") in NUMBERS and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    return None if value == "" else value


def _fault(label: str, where: str, said: Text) -> Fault:
    return Fault(f"{label}: {where}", Text(f"{label}: {where}：{said.zh}。", f"{label}: {where}: {said.en}."))
