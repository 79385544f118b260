"""Renaming a record: the new name, every link that leads to it, and a version at each record that this changes.

A record under another name is the same record: its timeline goes on, its files, comments and obligations follow, and who opens
an old address is led to the new one. What was submitted keeps the number under which it was signed (S01-24).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ..access.user import User
from ..core.errors import DuplicateValue, Fault, FaultList, ValidationFailed
from ..core.ids import new_id
from ..core.text import Text
from ..metadata.model import DRAFT, DocField, DocType, Model
from ..obligations.book import ObligationBook
from ..obligations.model import reference
from ..storage import audit, records, renaming
from ..storage.links import pointing_fields
from ..storage.verification import is_tracked
from .changes import differences
from .complete import Record
from .naming import given_name
from .validate import read_values

Change = Mapping[str, Any]


class Renaming:
    """The change of one record's name, by one user at one moment, in the caller's transaction."""

    def __init__(self, connection: Connection, model: Model, doctype: DocType, user: User, now: datetime) -> None:
        self._connection = connection
        self._model = model
        self._doctype = doctype
        self._user = user
        self._now = now

    def run(self, record: Record, wanted: str) -> str:
        """Carry it out; returns the new name. Raises ValidationFailed, DuplicateValue."""
        old = str(record["name"])
        refuse_fixed_name(self._doctype, record)
        new = given_name(self._doctype, {"name": wanted}, "name")
        if new == old:
            return new
        if records.exists(self._connection, self._doctype, [new]):
            label = self._doctype.label
            text = Text(
                f"已有编号为“{new}”的{label.zh}，请另取一个。", f'There is a {label.en} "{new}" already; choose another name.'
            )
            raise DuplicateValue(text, [Fault("name", text)])
        self._check_named_field(new)
        self._move(record, new)
        held = renaming.holders(self._connection, self._model, self._doctype.name, old)
        renaming.repoint(self._connection, self._model, self._doctype.name, old, new)
        for owner, names in held.items():
            for some in renaming.portions(names):
                self._tell_change(self._model[owner], some, old, new)
        return new

    def _check_named_field(self, new: str) -> None:
        """The field that names the record must be able to hold the name."""
        item, faults = naming_field(self._doctype), FaultList()
        if item is not None:
            read_values(self._model, self._doctype, {item.fieldname: new}, faults)
        if faults:
            label = self._doctype.label
            raise ValidationFailed(Text(f"{label.zh}不能重命名：", f"{label.en} cannot be renamed:"), tuple(faults))

    def _move(self, record: Record, new: str) -> None:
        """The record itself; a field that names it (`autoname: field:...`) follows."""
        old, naming = record["name"], naming_field(self._doctype)
        named = {naming.fieldname: new} if naming else {}
        renaming.move(self._connection, self._model, self._doctype, old, new)
        after = {**record, **named, "name": new, "modified": self._now, "modified_by": self._user.name}
        before = {**record, "name": new}
        records.update(
            self._connection,
            self._model,
            self._doctype,
            {**after, "version": record["version"] + 1},
            expected_version=record["version"],
            before=before,
        )
        ObligationBook(self._connection).met_by_renamed(reference(self._doctype.name, old), reference(self._doctype.name, new))
        after["version"] = record["version"] + 1
        called = {"field": "name", "old": old, "new": new}
        self._append(self._doctype, {**after, "name": old}, [called], kept=False)
        self._append(self._doctype, after, [called, *differences(self._model, self._doctype, before, after)])
        trace = audit.last_trace(self._connection, self._doctype.name, old)
        if trace is not None:
            audit.append_trace(
                self._connection,
                new_id(16),
                doctype=self._doctype.name,
                name=new,
                version=after["version"],
                at=self._now,
                trace=trace,
                spoke=(),  # they spoke at the save that the trace is of
            )

    def _tell_change(self, owner: DocType, names: list[str], old: str, new: str) -> None:
        """A version at each record whose links were led on, so that its history says why its content is another."""
        found = records.load_many(self._connection, self._model, owner, names)
        renaming.touch(self._connection, owner, names, self._user.name, self._now)
        for after in found.values():
            before = {**after, **self._led(owner, after, new, old)}
            after |= {"version": after["version"] + 1, "modified": self._now, "modified_by": self._user.name}
            self._append(owner, after, differences(self._model, owner, before, after))

    def _led(self, owner: DocType, record: Record, there: str, back: str) -> Record:
        """The fields of a record that lead `there`, leading `back`."""
        values: Record = {}
        for holder, item in pointing_fields(self._model, self._doctype.name):
            if holder.name == owner.name and self._leads(item, record, there):
                values[item.fieldname] = back
            for table in owner.table_fields if holder.istable else ():
                if table.options == holder.name:
                    rows: list[Record] = values.get(table.fieldname) or record.get(table.fieldname) or []
                    values[table.fieldname] = [
                        {**row, item.fieldname: back} if self._leads(item, row, there) else row for row in rows
                    ]
        return values

    def _leads(self, item: DocField, values: Mapping[str, Any], there: str) -> bool:
        is_ours = item.fieldtype == "Link" or values.get(item.options or "") == self._doctype.name
        return is_ours and values.get(item.fieldname) == there

    def _append(self, doctype: DocType, record: Record, changes: Iterable[Change], *, kept: bool = True) -> None:
        """A version that tells the renaming; without content (`kept` false) where no record of that name is left."""
        if is_tracked(doctype):
            audit.append_version(
                self._connection, doctype=doctype.name, name=record["name"], version=record["version"], action=audit.RENAMED,
                by=self._user.name, at=self._now, changes=changes,
                content_hash=audit.content_hash(record, self._model, doctype) if kept else None,
            )  # fmt: skip


def naming_field(doctype: DocType) -> DocField | None:
    """The field whose value is the name (`autoname: field:...`)."""
    form = doctype.autoname or ""
    return doctype.by_name.get(form.removeprefix("field:").strip()) if form.startswith("field:") else None


def is_renamed(doctype: DocType) -> bool:
    """Whether records of a DocType may get another name: it says so, and they are not named after a record of their own."""
    item = naming_field(doctype)
    return doctype.allow_rename and not doctype.issingle and (item is None or item.fieldtype not in ("Link", "Dynamic Link"))


def may_be_renamed(doctype: DocType, record: Record) -> bool:
    """Whether this record's name may change: its DocType allows it, and it was neither submitted nor amended."""
    return is_renamed(doctype) and record.get("docstatus") == DRAFT and not record.get("amended_from")


def refuse_fixed_name(doctype: DocType, record: Record) -> None:
    """Raises ValidationFailed, saying why, for a record whose name must stay."""
    if may_be_renamed(doctype, record):
        return
    reason = (
        Text("此类单据不允许重命名（allow_rename）", "records of this type are not renamed (allow_rename)")
        if not is_renamed(doctype)
        else Text(
            "已提交或修订的单据保留签署时的编号", "what was submitted or amended keeps the name under which it was signed"
        )
    )
    name = record["name"]
    raise ValidationFailed(
        Text(
            f"{doctype.label.zh} {name} 不能重命名：{reason.zh}。", f"{doctype.label.en} {name} cannot be renamed: {reason.en}."
        )
    )


__all__ = ["Renaming", "may_be_renamed", "refuse_fixed_name"]
