"""What differs between two versions of a DocType, a rule or a print format: a line for each difference, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.text import Text
from ..exchange.changes import Change, differences
from ..exchange.places import ORDER
from ..metadata.model import Model
from ..rulebook.differences import rule_differences
from .customisation_words import shown, what

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
    return f"{said} {shown(change, change.shipped, language)} → {shown(change, change.ours, language)}"
