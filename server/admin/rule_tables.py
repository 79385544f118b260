"""Decision tables of a rule as files, in and out: DMN 1.3, CSV, and what a spreadsheet puts on the clipboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..core.errors import Fault, MetadataInvalid
from ..core.text import Text
from ..metadata.model import Model
from ..rulebook.model import Rule
from ..rulebook.read import read_rule
from ..rulebook.tables.dmn import dmn_of
from ..rulebook.tables.read_dmn import read_dmn
from ..rulebook.tables.sheet import TAB, read_sheet, sheet_of

MAX_BYTES = 5_000_000
_PLACE = re.compile(r"then\[(\d+)\]\.table\Z")
Write = Callable[[Rule, Model], bytes]
FILES: Mapping[str, tuple[str, Write]] = {
    "dmn": ("application/xml", dmn_of),
    "csv": ("text/csv", lambda rule, model: sheet_of(rule.tables[0], ",").encode("utf-8-sig")),
}


def written(raw: Mapping[str, Any], at: str, to: str, model: Model) -> bytes:
    """The table at `at` of a rule's JSON as a file. Raises MetadataInvalid while the rule cannot be read."""
    place = _place(raw, at)
    rule = read_rule({**raw, "then": [raw["then"][place]], "tests": [], "name": raw.get("name") or "table"})
    return FILES[to][1](replace(rule, then=rule.tables), model)


@dataclass(frozen=True)
class TableFile:
    """The tables (as JSON) that a file holds, by what they are called there, and what was left out of it."""

    tables: Mapping[str, dict[str, Any]]
    notes: tuple[Text, ...] = ()


def read_file(raw: Mapping[str, Any], at: str, filename: str, content: bytes, model: Model) -> TableFile:
    """What may take the place of the table at `at`. Raises MetadataInvalid naming what does not fit."""
    if len(content) > MAX_BYTES:
        raise _refused(Text("文件太大", "the file is too large"))
    if filename.lower().endswith((".dmn", ".xml")):
        found = read_dmn(content, str(raw.get("applies_to") or ""), model)
        return TableFile({rule["name"]: rule["then"][0]["table"] for rule in found.rules}, found.notes)
    before = raw["then"][_place(raw, at)]["table"]
    return TableFile({filename: read_sheet(_text(content), "," if filename.lower().endswith(".csv") else TAB, before)})


def _place(raw: Mapping[str, Any], at: str) -> int:
    found = _PLACE.match(at)
    then = raw.get("then")
    if found and isinstance(then, list) and int(found[1]) < len(then):
        item = then[int(found[1])]
        if isinstance(item, dict) and isinstance(item.get("table"), dict):
            return int(found[1])
    raise _refused(Text(f"没有决策表 {at!r}", f"there is no table at {at!r}"))


def _text(content: bytes) -> str:
    """UTF-8, or what Excel writes on a Chinese Windows."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused(Text("文件不是 UTF-8 或 GB 18030 的文字", "the file is no text in UTF-8 or GB 18030"))


def _refused(text: Text) -> MetadataInvalid:
    return MetadataInvalid.of([Fault("", text)])
