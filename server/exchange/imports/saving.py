"""One portion of a file through the save path: found or new, judged by every rule, written with the import's number as its reason.

A trial takes the same way and is rolled back. What is wrong is told at the cell it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ...access.user import User
from ...core.errors import Fault, GuijuError, PermissionRefused, StorageUnavailable
from ...core.text import Text
from ...core.values import to_json
from ...documents.batch import Batch
from ...documents.queries import QueryService
from ...metadata.model import DocType
from .book import DataImport, LoggedRow, Options, RowState
from .columns import NAME
from .entries import CellFault, Entry, Reading, said, settle_links, shown

_IN_ROW = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")


class Portions:
    """Saves the entries of one import, portion by portion, for the person who imports."""

    def __init__(self, queries: QueryService, user: User, doctype: DocType, found: DataImport, reading: Reading) -> None:
        self._queries = queries
        self._user = user
        self._doctype = doctype
        self._import = found
        self._options: Options = found.options
        self._reading = reading
        self._keys: dict[str, int] = {}  # key -> the row that has it, over the whole file
        self._unique = [item for item in doctype.stored_fields if item.unique and reading.place_of(item.fieldname) is not None]
        self._values: dict[tuple[str, Any], int] = {}
        self._called: dict[str, dict[str, Sequence[str]]] = {}

    def pass_over(self, entry: Entry) -> None:
        """An entry that an earlier attempt has dealt with: its key counts as used."""
        self._note_key(entry)

    def prepare(self, found: Sequence[Entry]) -> dict[str, str]:
        """Settle the links of a portion and find the records that its keys mean: key -> name."""
        settle_links(found, self._resolve, self._reading.columns)
        for entry in found:
            self._note_key(entry)
        return self._existing([key for entry in found if (key := self._key_of(entry))])

    def _resolve(self, doctype: str, words: set[str]) -> dict[str, Sequence[str]]:
        """Asked of the database once for each word; words that were not found are asked again, since a row may make what they mean."""
        known = self._called.setdefault(doctype, {})
        if fresh := words - known.keys():
            known |= self._queries.called(self._user, doctype, fresh)
        return known

    def _key_of(self, entry: Entry) -> str:
        value = entry.values.get(self._options.key) if self._options.key else None
        return said(value) if value is not None else ""

    def _note_key(self, entry: Entry) -> None:
        """Two records of one key in a file, or two of one unique value, are a fault: which of them holds?"""
        checked: list[tuple[str, Any]] = [(self._options.key, self._key_of(entry))] if self._options.key else []
        checked += [
            (item.fieldname, entry.values.get(item.fieldname)) for item in self._unique if item.fieldname != self._options.key
        ]
        for name, value in checked:
            if value in (None, ""):
                continue
            first = self._values.setdefault((name, value), entry.number)
            if first != entry.number:
                place = self._reading.place_of(name)
                target = self._reading.columns[place] if place is not None else None
                label = target.label if target is not None else Text.of(name)
                text = Text(
                    f"{label.zh}：“{value}”在第 {first} 行已出现，同一文件中不能重复。",
                    f'{label.en}: "{value}" stands in row {first} already; it must not be repeated in one file.',
                )
                entry.faults.append(CellFault(entry.number, place, str(value), text))

    def _existing(self, keys: Sequence[str]) -> dict[str, str]:
        if self._options.mode == "insert" or not keys:
            return {}
        field = self._options.key or NAME
        try:
            page = self._queries.list(
                self._user, self._doctype.name, fields=["name", field], filters=[(field, "in", list(keys))], order_by="name asc", limit=len(keys)
            )  # fmt: skip
        except PermissionRefused:
            return {}
        return {said(row[field]): row["name"] for row in page.rows}

    def save(self, batch: Batch, entry: Entry, existing: dict[str, str]) -> LoggedRow:
        """What became of one entry. Raises StorageUnavailable alone: the same portion may be tried again."""
        name: str | None = None
        if not entry.faults:
            name = self._meant(entry, existing)
        if entry.faults:
            return self._refused(entry)
        before = batch.stored(self._doctype.name, name) if name is not None else None
        if batch.is_spoilt:
            return self._refused(entry)
        values = self._values_for(entry, before)
        try:
            saved = batch.save(self._doctype.name, values, name=name, reason=self._reason(entry), submit=self._options.submit)
        except StorageUnavailable:
            raise
        except GuijuError as error:
            entry.faults += [self._at_cell(entry, fault, before) for fault in error.faults or (Fault("", error.text),)]
            return self._refused(entry)
        warned = [self._at_cell(entry, warning, before, is_warning=True).to_json() for warning in saved.warnings]
        version = saved.record["version"]
        if before is not None and version == before["version"]:
            return LoggedRow(entry.number, entry.last, "unchanged", saved.name, version, faults=warned)
        kept = _replaced(before, values) if before is not None else None
        state: RowState = "created" if before is None else "changed"
        return LoggedRow(entry.number, entry.last, state, saved.name, version, kept, warned, _lost(before, values))

    def _refused(self, entry: Entry) -> LoggedRow:
        return LoggedRow(entry.number, entry.last, "refused", faults=[fault.to_json() for fault in entry.faults])

    def _meant(self, entry: Entry, existing: dict[str, str]) -> str | None:
        """The name of the record that an entry changes, None for a new one; what cannot be is a fault of the entry."""
        key, mode = self._key_of(entry), self._options.mode
        if mode == "insert" or (mode == "both" and not key):
            return None
        if key in existing:
            return existing[key]
        if mode == "both" and (self._options.key != NAME or self._doctype.asks_name):
            return None
        place = self._reading.place_of(self._options.key)
        target = self._reading.columns[place] if place is not None else None
        label = target.label if target is not None else Text("编号", "Name")
        kind = self._doctype.label
        if not key:
            text = Text(
                f"{label.zh}：更新须填写，用来找到要改的{kind.zh}。", f"{label.en}: needed to find the {kind.en} to change."
            )
        else:
            text = Text(
                f"{label.zh}：没有您可查看的{kind.zh}“{key}”；若要新建，请留空编号或改为新增。",
                f'{label.en}: there is no {kind.en} "{key}" that you may read; to make a new one leave it empty, or import as new.',
            )
        entry.faults.append(CellFault(entry.number, place, key, text))
        return None

    def _values_for(self, entry: Entry, before: dict[str, Any] | None) -> dict[str, Any]:
        """What is sent to the save path: empty cells say nothing (defaults and present values stay) unless they are to clear values."""
        clears = self._options.clears and before is not None
        values: dict[str, Any] = {}
        for name, value in entry.values.items():
            if name == NAME:
                if before is None and value and self._doctype.asks_name:
                    values["__newname"] = value
            elif isinstance(value, list):
                stored = (before or {}).get(name) or []
                if before is None or self._options.child_rows == "replace":
                    values[name] = _rows(value, stored, clears=clears)
                elif self._options.child_rows == "add":
                    values[name] = [*({"name": row["name"]} for row in stored), *_rows(value, [], clears=False)]
            elif value is not None or clears:
                values[name] = value
        return values

    def _reason(self, entry: Entry) -> str:
        return Text(
            f"数据导入 {self._import.id} 第 {entry.number} 行", f"data import {self._import.id}, row {entry.number}"
        ).kept()

    def _at_cell(self, entry: Entry, fault: Fault, before: dict[str, Any] | None, *, is_warning: bool = False) -> CellFault:
        """A fault of the save path at the cell that it is about, as far as the file has one. Rows that are added stand below those there were."""
        row, key = entry.number, fault.where
        if not key:  # of the record as a whole
            return CellFault(row, None, "", fault.text, is_warning)
        if found := _IN_ROW.fullmatch(key):
            rows = entry.child_rows.get(found[1], [])
            above = len((before or {}).get(found[1]) or ()) if self._options.child_rows == "add" else 0
            index = int(found[2]) - above
            row = rows[index] if 0 <= index < len(rows) else entry.number
            key = f"{found[1]}.{found[3]}"
        place = self._reading.place_of(key)
        line = next((one for one in entry.rows if one.number == row), entry.rows[0])
        value = shown(line.cells[place]) if place is not None and place < len(line.cells) else ""
        return CellFault(row, place, value, fault.text, is_warning)


def _rows(sent: Sequence[dict[str, Any]], stored: Sequence[dict[str, Any]], *, clears: bool) -> list[dict[str, Any]]:
    """Child rows: those of a record that is changed are met by their order, and keep what the file does not say."""
    made = []
    for number, row in enumerate(sent):
        values = {name: value for name, value in row.items() if value is not None or clears}
        made.append({"name": stored[number]["name"], **values} if number < len(stored) else values)
    return made


def _lost(before: dict[str, Any] | None, values: dict[str, Any]) -> int:
    """How many child rows the record has no more."""
    tables = [name for name, value in values.items() if isinstance(value, list)]
    return sum(max(0, len((before or {}).get(name) or ()) - len(values[name])) for name in tables)


def _replaced(before: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """What stood where the import wrote, to be put back: whole tables with the names of their rows."""
    return {name: to_json(before.get(name)) for name in values if not name.startswith("__")}
