"""What differs between two versions of a DocType, a rule or a print format: a line for each difference, in the reader's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..core.text import Text
from ..exchange.changes import Change, differences
from ..exchange.places import ORDER
from ..metadata.model import Model
from ..rulebook.differences import rule_differences
from .customisation_words import cut, shown, what

UNSEEN = ("modified", "modified_by", "creation", "idx", "field_order", "migration_hash")  # of Frappe's own keeping


def spoken_changes(before: Mapping[str, Any] | None, after: Mapping[str, Any], language: str) -> list[str]:
    """What is different in `after`; of a new DocType only how many fields it has."""
    if before is not None:
        found = (change for change in differences(before, after) if change.place[0] not in UNSEEN)
        return [_line(change, (after, before), language) for change in found]
    if "fields" not in after:
        return [Text("第一版", "The first version").to(language)]
    label, count = Text.of(after.get("label") or after.get("name")), len(after.get("fields") or [])
    return [Text(f"新单据类型“{label.zh}”，{count} 个字段", f'New record type "{label.en}" with {count} fields').to(language)]


def spoken_rule_changes(before: Mapping[str, Any] | None, after: Mapping[str, Any], model: Model, language: str) -> list[str]:
    """What is different in a rule: in words as it is read aloud, and by its keys where there are no words for it."""
    if before is None:
        return spoken_changes(before, after, language)
    said = rule_differences(before, after, model)
    found = [change for change in differences(before, after) if change.place[0] not in (*UNSEEN, *said)]
    lines = [_line(change, (after, before), language) for change in found]
    return [*(text.to(language) for texts in said.values() for text in texts), *lines]


def _line(change: Change, pieces: tuple[Mapping[str, Any], ...], language: str) -> str:
    said = what(change, pieces, language)
    if change.is_row:
        row = change.ours if change.shipped is None else change.shipped
        return f"{said} · {shown(change, row, language)}"
    if change.place[-1] == ORDER:
        return said
    before, after = _narrowed(change.shipped, change.ours)
    if _is_rows(before) and _is_rows(after):
        gone = [f"− {_named(row, language)}" for row in before if row not in after]
        return f"{said} {' · '.join([*gone, *(f'+ {_named(row, language)}' for row in after if row not in before)])}"
    return f"{said} {shown(change, change.shipped, language)} → {shown(change, change.ours, language)}"


def _narrowed(before: Any, after: Any) -> tuple[Any, Any]:
    """The rows within which two values differ: of one changed row among others, or one changed key, only that."""
    while True:
        if _is_rows(before) and _is_rows(after) and len(before) == len(after):
            apart = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
            keys = (
                [key for key in {**apart[0][0], **apart[0][1]} if apart[0][0].get(key) != apart[0][1].get(key)]
                if len(apart) == 1
                else []
            )
            if len(keys) == 1 and _is_rows(apart[0][0].get(keys[0])) and _is_rows(apart[0][1].get(keys[0])):
                before, after = apart[0][0][keys[0]], apart[0][1][keys[0]]
                continue
        return before, after


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _named(row: Mapping[str, Any], language: str) -> str:
    """A row by its title where it has one; else by what it says, on one line."""
    title = next((row[key] for key in ("title", "label", "name") if row.get(key)), None)
    if title is not None:
        return Text.of(title).to(language)
    return cut(json.dumps(row, ensure_ascii=False))
