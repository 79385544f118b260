"""What an import may fill in, and which column of a file is meant for it.

A target is called by its key: `name`, a fieldname, or `table.fieldname` for a column of child rows. Proposals go by the labels in both
languages, by fieldnames, and by what earlier imports of the same record type settled.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...access.permissions import Permissions
from ...access.user import User
from ...core.text import Text
from ...metadata.model import DocField, DocType, Model

NAME = "name"
NAME_LABEL = Text("编号", "Name")
FOUND_BY_NAME = Text("编号（用于查找）", "Name (to find by)")  # where the program gives names
UNFILLABLE = {"signature", "password", "geolocation"}  # drawn, sealed or pointed at: no cell holds them
HEADER_SEARCHED = 20  # rows among which the line of heads is looked for
_BRACKETS = re.compile(r"[(\[【].*?[)\]】]")
_BLANKS = re.compile(r"[\s*:_：、/.-]+")


@dataclass(frozen=True)
class Target:
    """One thing that a column can fill in. `item` is None for the record's name; `table` is the table field of a child column."""

    key: str
    label: Text
    item: DocField | None = None
    table: DocField | None = None
    is_required: bool = False

    @property
    def full_label(self) -> Text:
        """With the table before it: `明细：数量`."""
        if self.table is None:
            return self.label
        return Text(f"{self.table.label.zh}：{self.label.zh}", f"{self.table.label.en}: {self.label.en}")


def targets(model: Model, user: User, doctype: DocType) -> list[Target]:
    """Everything that this user may fill in by importing, in form order: the name first, child columns after their record."""
    permissions = Permissions(model)
    levels = permissions.levels(user, "create", doctype.name) | permissions.levels(user, "write", doctype.name)
    found = [Target(NAME, NAME_LABEL if doctype.asks_name else FOUND_BY_NAME, is_required=doctype.asks_name)]
    found += [
        Target(item.fieldname, item.label or Text.of(item.fieldname), item, is_required=item.reqd and not item.default)
        for item in doctype.stored_fields
        if item.permlevel in levels and _may_be_filled(item)
    ]
    for table in doctype.table_fields:
        if table.permlevel not in levels or table.read_only or table.is_computed:
            continue
        child = model.child(table)
        found += [
            Target(
                f"{table.fieldname}.{item.fieldname}", item.label or Text.of(item.fieldname), item, table, item.reqd and not item.default
            )
            for item in child.stored_fields
            if item.permlevel in levels and _may_be_filled(item)
        ]  # fmt: skip
    return found


def _may_be_filled(item: DocField) -> bool:
    return not (item.is_computed or item.read_only or item.type.widget in UNFILLABLE or item.fieldname == "amended_from")


def keys_for(doctype: DocType) -> list[str]:
    """What a record may be found by when it is to be changed: its name, or a field whose values are unique."""
    named = (doctype.autoname or "").removeprefix("field:").strip() if (doctype.autoname or "").startswith("field:") else ""
    return [
        NAME,
        *(item.fieldname for item in doctype.stored_fields if (item.unique or item.fieldname == named) and item.type.is_short),
    ]


def headers_in(cells: Sequence[object]) -> list[str]:
    """The heads of a line as text."""
    return ["" if cell is None else " ".join(str(cell).split()) for cell in cells]


def find_header(rows: Iterable[tuple[int, Sequence[object]]], offered: Sequence[Target], kind: Text) -> int:
    """Where the line of heads stands (counted from 0 among `rows`): the first line that names most targets, else the first of several texts."""
    known = _words(offered, kind)
    best, most = 0, 0
    first_of_several: int | None = None
    for place, (_, cells) in enumerate(rows):
        if place >= HEADER_SEARCHED:
            break
        heads = headers_in(cells)
        hits = len({known[word] for head in heads for word in _forms(head) if word in known})
        if hits > most:
            best, most = place, hits
        if first_of_several is None and sum(isinstance(cell, str) for cell in cells) > 1:
            first_of_several = place
    return best if most else first_of_several or 0


def propose(heads: Sequence[str], offered: Sequence[Target], earlier: Mapping[str, str], kind: Text) -> list[str]:
    """The key for each head, empty where nothing fits; each key once. `earlier` maps heads of former imports to keys; `kind` is what the
    record type is called, which people put before its fields."""
    known = _words(offered, kind)
    keys = {target.key for target in offered}
    chosen: list[str] = []
    for head in heads:
        wanted = earlier.get(head, "")
        if wanted not in keys:
            wanted = next((known[word] for word in _forms(head) if word in known), "")
        chosen.append(wanted if wanted and wanted not in chosen else "")
    return chosen


def _words(offered: Sequence[Target], kind: Text) -> dict[str, str]:
    """Every way to say a target. What a child column shares with another one or with the record itself is said with its table only."""
    words: dict[str, str] = {}
    doubtful: set[str] = set()
    for target in sorted(offered, key=lambda one: one.table is not None):
        short = {target.label.zh, target.label.en, target.item.fieldname if target.item else NAME}
        if target.item is None:
            short |= {NAME_LABEL.zh, NAME_LABEL.en, "ID"}
        for said in {_folded(word) for word in short} - {""}:
            if said in words:
                doubtful.add(said)
            words.setdefault(said, target.key)
    for target in offered:
        if target.table is None and target.item is not None:
            words.setdefault(_folded(f"{kind.zh}{target.label.zh}"), target.key)
            words.setdefault(_folded(f"{kind.en}{target.label.en}"), target.key)
    by_key = {target.key: target for target in offered}
    for said in doubtful:
        if by_key[words[said]].table is not None:
            del words[said]
    for target in offered:
        if target.table is not None:
            full = target.full_label
            tables = (target.table.label.zh, target.table.label.en, target.table.fieldname)
            words |= {_folded(word): target.key for word in (full.zh, full.en, target.key)}
            words |= {_folded(f"{table}{target.label.zh}"): target.key for table in tables}
            if target.is_required:  # a column headed by the table alone (Contacts) holds what makes a row of it: the name
                for table in tables:
                    words.setdefault(_folded(table), target.key)
    return words


def _forms(head: str) -> list[str]:
    """A head as it stands and without what brackets add: `重量（kg）*` is `重量`."""
    whole = _folded(head)
    bare = _folded(_BRACKETS.sub("", unicodedata.normalize("NFKC", head)))
    return [form for form in dict.fromkeys((whole, bare)) if form]


def _folded(text: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text or "").lower())
