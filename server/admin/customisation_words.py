"""How a customisation reads on a page: what was changed and both values, in the reader's words."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from ..access.permissions import ACTION_TEXTS
from ..core.text import Text
from ..exchange.changes import Change
from ..exchange.places import ORDER, is_text, value_at
from ..metadata.model import DocField, DocType
from .builder_words import WORDS

FLAGS = {item.name for owner in (DocField, DocType) for item in dataclasses.fields(owner) if item.type == "bool"} | {
    *ACTION_TEXTS
}
YES, NO = Text("是", "yes"), Text("否", "no")
LONGEST = 140


def what(change: Change, pieces: tuple[Mapping[str, Any], ...], language: str) -> str:
    """The field, permission or property that was changed; `pieces` are looked through for the field's label."""
    kind, *rest = change.place
    if not rest or change.place[-1] == ORDER or kind not in ("fields", "permissions"):
        return _property(change.place[0], language) if len(change.place) == 1 else change.describe().to(language)
    rows = (value_at(piece, change.place[:2]) for piece in pieces)
    whole = (change.ours or change.shipped) if change.is_row else None
    row: Mapping[str, Any] = whole or next((found for found in rows if found), {})
    if kind == "fields":
        label = Text.of(row.get("label") or None).to(language)
        name = f"{label} ({rest[0]})" if label and label != rest[0] else rest[0]
        said = Text(f"字段 {name}", f"Field {name}")
    else:
        level = f" {row['permlevel']}" if row.get("permlevel") else ""
        said = Text(f"权限 {row.get('role') or rest[0]}{level}", f"Permission of {row.get('role') or rest[0]}{level}")
    if change.is_row:
        done = Text("新增", "added") if change.shipped is None else Text("去掉", "taken away")
        return Text(f"{said.zh}：{done.zh}", f"{said.en}: {done.en}").to(language)
    named = _property(rest[1], language) if kind == "fields" else _right(rest[1], language)
    inside = ".".join([named, *rest[2:]])
    return Text(f"{said.zh}：{inside}", f"{said.en}: {inside}").to(language)


def shown(change: Change, value: Any, language: str) -> str:
    """A value on one line; a dash for none."""
    if change.place[-1] in FLAGS and not change.is_row:
        return (YES if value else NO).to(language)
    if value is None:
        return "–"
    if is_text(value):
        first = sorted(value, key=lambda key: key != language)  # the reader's language first
        return " / ".join(dict.fromkeys(str(value[key]) for key in first))
    if change.is_row and isinstance(value, dict):
        return _row(change.place[0], value, language)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return cut(", ".join(value))
    return cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _row(kind: str, row: Mapping[str, Any], language: str) -> str:
    """A field by its type, label and what is set; a permission by its rights."""
    if kind == "fields":
        label = Text.of(row.get("label") or None).to(language)
        flags = [_property(name, language) for name, value in row.items() if name in FLAGS and value]
        options = str(row["options"]).replace("\n", " | ") if row.get("options") else ""
        return cut(" · ".join(part for part in (str(row.get("fieldtype") or "Data"), label, options, *flags) if part))
    if kind == "permissions":
        rights = [text.to(language) for name, text in ACTION_TEXTS.items() if row.get(name)]
        return cut(Text("、", ", ").to(language).join(rights))
    return cut(json.dumps(row, ensure_ascii=False))


def _property(name: str, language: str) -> str:
    """A property by its word in the builder, where it has one, with its name."""
    words = WORDS.get(name)
    return f"{words.to(language)} ({name})" if words else name


def _right(name: str, language: str) -> str:
    words = ACTION_TEXTS.get(name)
    return words.to(language) if words else _property(name, language)


def cut(text: str) -> str:
    """A text short enough for one line."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
