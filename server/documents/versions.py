"""The versions of a record as a reader may see them: who did what, and the values that differ, hidden and masked as the record is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..access.sight import Sight
from ..core.errors import NotFound
from ..core.text import Text
from ..metadata.model import DocField, DocType, Model
from .as_of import as_of
from .changes import differences
from .complete import Record
from .masking import seen, shown_value

Change = Mapping[str, Any]
STANDARD_LABELS = {
    "docstatus": Text("状态", "Status"),
    "name": Text("编号", "Name"),
    "doctype": Text("单据类型", "Record type"),
}  # of what is no field and yet changes


@dataclass(frozen=True)
class VersionEntry:
    """One entry of a record's timeline: who did what, and the fields that differ."""

    version: int
    action: str
    by: str
    by_name: str
    at: datetime
    reason: Text | None  # what the person wrote, or by which rule or import it was done
    changes: list[dict[str, Any]]


def said_of(entry: Mapping[str, Any]) -> Text | None:
    """The reason that an entry of the audit chain keeps."""
    return Text.read(entry["reason"]) if entry["reason"] else None


def seen_changes(model: Model, doctype: DocType, changes: Iterable[Change], sight: Sight) -> Iterator[dict[str, Any]]:
    """The changes that the reader sees, each with its label (and the table's). What a field was that is there no more is told to
    nobody: it is not known who might have seen it."""
    places: dict[tuple[str, str], _Place | None] = {}  # a version of many rows names a few columns again and again
    for change in changes:
        key = change.get("table") or "", change.get("field") or ""
        if key not in places:
            places[key] = _place(model, doctype, *key, sight)
        place = places[key]
        if place is None:
            continue
        told = {**change, **place.words}
        if place.item is not None:
            told |= {side: shown_value(place.item, change.get(side), sight) for side in ("old", "new")}
        elif isinstance(change.get("old"), dict):  # a row that is gone, with what stood in it
            told["old"] = seen(place.owner, change["old"], sight)
        yield told


@dataclass(frozen=True)
class _Place:
    """Where a change happened: the DocType or child table, the field unless it is a whole row, and what is said of them."""

    owner: DocType
    item: DocField | None
    words: Mapping[str, Any]


def _place(model: Model, doctype: DocType, table_name: str, name: str, sight: Sight) -> _Place | None:
    """None for what the reader does not see."""
    table = doctype.by_name.get(table_name)
    if table_name and (table is None or not sight.sees(table) or (table.options or "") not in model):
        return None
    owner = doctype if table is None else model.child(table)
    item = owner.by_name.get(name)
    if name and (not sight.sees(item) if item else name not in STANDARD_LABELS):
        return None
    words = {
        "label": item.label if item else STANDARD_LABELS.get(name),
        "table_label": table.label if table else None,
        "fieldtype": item.fieldtype if item else None,
    }
    return _Place(owner, item, words)


def compared(
    model: Model, doctype: DocType, record: Record, entries: Sequence[Mapping[str, Any]], versions: Sequence[int], sight: Sight
) -> VersionEntry:
    """The later of two versions with everything in which it differs from the earlier. `entries` are those of `record`, the newest
    first. Raises NotFound."""
    earlier, later = versions
    known = {entry["version"]: entry for entry in reversed(entries)}
    for version in versions:
        if version not in known:
            raise NotFound(
                Text(
                    f"{doctype.label.zh} {record['name']} 没有第 {version} 版，请从时间线中选择。",
                    f"{doctype.label.en} {record['name']} has no version {version}; choose one from its timeline.",
                )
            )
    before, after = (as_of(model, doctype, record, entries, version) for version in (earlier, later))
    for values in (before, after):
        for item in doctype.table_fields:
            values[item.fieldname] = [{**row, "idx": index} for index, row in enumerate(values[item.fieldname], 1)]
    changes = [*_spread(model, doctype, seen_changes(model, doctype, differences(model, doctype, before, after), sight))]
    entry = known[later]
    return VersionEntry(later, "compare", entry["by"], entry["by"], entry["at"], said_of(entry), changes)


def _spread(model: Model, doctype: DocType, changes: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row that is gone as what stood in each of its columns, so that it reads like one that was added."""
    for change in changes:
        if change.get("change") != "removed":
            yield change
            continue
        columns = model.child(doctype.by_name[change["table"]]).by_name
        for name, value in change["old"].items():
            if name in columns:
                item = columns[name]
                yield change | {"field": name, "old": value, "new": None, "label": item.label, "fieldtype": item.fieldtype}
