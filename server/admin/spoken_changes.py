"""What differs between two versions of a DocType, a rule or a print format, in words.

Fields added, removed and moved; properties with both their values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..core.text import Text
from ..exchange.merge import differences
from ..metadata.fieldtypes.numbers import YES_NO
from .builder_words import PALETTE, WORDS

Json = Any
TYPES = {kind: text for _, items in PALETTE for kind, text in items}
UNSEEN = ("modified", "modified_by", "creation", "idx", "field_order", "migration_hash")  # of Frappe's own keeping
LONGEST = 80


def spoken_changes(before: Mapping[str, Json] | None, after: Mapping[str, Json], language: str) -> list[str]:
    """A line for each difference; of a new DocType only how many fields it has."""
    if before is None and "fields" not in after:
        return [Text("第一版", "The first version").to(language)]
    if before is None:
        label, count = Text.of(after.get("label") or after.get("name")), len(after.get("fields") or [])
        return [
            Text(f"新单据类型“{label.zh}”，{count} 个字段", f'New record type "{label.en}" with {count} fields').to(language)
        ]
    lines = [
        line.to(language) for place, old, new in differences(before, after) if (line := _line(place, old, new, before, after))
    ]
    return [*lines, *(text.to(language) for text in _moved(before, after))]


def _line(place: str, old: Json, new: Json, before: Mapping[str, Json], after: Mapping[str, Json]) -> Text | None:
    part, _, rest = place.partition(".")
    if part in UNSEEN:
        return None
    if part == "fields" and rest:
        name, _, what = rest.partition(".")
        return _field_line(name, what, old, new, _field(after, name) or _field(before, name) or {})
    if part == "permissions" and rest:
        row, _, what = rest.partition(".")
        role, word = row.split("/")[0], _property({"export": "export_right", "import": "import_right"}.get(what, what))
        return _between(Text(f"权限 {role} {word.zh}".rstrip(), f"Permissions of {role}: {word.en}".rstrip(": ")), old, new)
    return _between(_property(place), old, new)


def _field_line(name: str, what: str, old: Json, new: Json, field: Mapping[str, Json]) -> Text:
    label = Text.of(field.get("label") or name)
    kind = TYPES.get(str(field.get("fieldtype")), Text(str(field.get("fieldtype")), str(field.get("fieldtype"))))
    if not what and old is None:
        return Text(f"新增字段“{label.zh}”（{kind.zh}）", f'New field "{label.en}" ({kind.en.lower()})')
    if not what and new is None:
        return Text(f"移除字段“{label.zh}”（数据归档保留）", f'Field "{label.en}" removed (its data is archived)')
    word = _property(what)
    return _between(Text(f"“{label.zh}”{word.zh}", f'"{label.en}": {word.en}'), old, new)


def _property(name: str) -> Text:
    return WORDS.get(name) or Text(name, name)


def _between(what: Text, old: Json, new: Json) -> Text:
    if all(value in (None, "", 0, 1, "0", "1") for value in (old, new)):  # a tick
        old, new = (YES_NO[0 if value in (1, "1") else 1].to_json() for value in (old, new))
        return Text(f"{what.zh}：{old['zh']} → {new['zh']}", f"{what.en}: {old['en'].lower()} → {new['en'].lower()}")
    return Text(
        f"{what.zh}：{_plain(old, 'zh')} → {_plain(new, 'zh')}", f"{what.en}: {_plain(old, 'en')} → {_plain(new, 'en')}"
    )


def _plain(value: Json, language: str) -> str:
    if value in (None, ""):
        return "—"
    if isinstance(value, dict) and set(value) <= {"zh", "en"}:
        return " / ".join(str(value[code]) for code in ("zh", "en") if value.get(code))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.replace("\n", " / ")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _field(raw: Mapping[str, Json], name: str) -> Mapping[str, Json] | None:
    return next((item for item in raw.get("fields") or [] if item.get("fieldname") == name), None)


def _moved(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Text]:
    """Whether the fields that both have stand in another order."""
    old, new = ([item.get("fieldname") for item in raw.get("fields") or []] for raw in (before, after))
    kept = set(old) & set(new)
    if [name for name in old if name in kept] != [name for name in new if name in kept]:
        yield Text("字段的顺序有变化", "Fields stand in another order")
