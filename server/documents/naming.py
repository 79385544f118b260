"""Numbers of new records: `autoname` in the forms of this version, series without gaps inside the save's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, select

from ..core.errors import Fault, ValidationFailed
from ..core.ids import new_id
from ..core.text import Text
from ..metadata.model import DocType
from ..storage import series
from ..storage.tables import record_table
from .complete import Record

MAX_NAME = 140


def name_record(connection: Connection, doctype: DocType, record: Record, now: datetime) -> str:
    """The name of a new record. Raises ValidationFailed when what it is made from is missing or unfit."""
    if record.get("amended_from"):
        return _amended(connection, doctype, str(record["amended_from"]))
    if doctype.issingle:
        return doctype.name
    form = doctype.autoname or "hash"
    if form.startswith("field:"):
        return given_name(doctype, record, form.removeprefix("field:").strip())
    if doctype.asks_name:
        return given_name(doctype, record, "name")
    if form.startswith("naming_series:"):
        chosen = record.get("naming_series") or (doctype.naming_series or ("",))[0]
        if not chosen:  # it follows another field, which says none
            item = doctype.by_name["naming_series"]
            text = Text(
                f"{item.label.zh}：没有编号规则，请检查它所依据的字段（{item.fetch_from or item.formula}）。",
                f"{item.label.en}: there is no series to number by; check what it follows ({item.fetch_from or item.formula}).",
            )
            title = Text(f"{doctype.label.zh}不能保存：", f"{doctype.label.en} cannot be saved:")
            raise ValidationFailed(title, [Fault("naming_series", text)])
        record["naming_series"] = chosen
        return series.expand(connection, str(chosen), record, now)
    if form == "hash":
        return new_id()
    if form == "UUID":
        return str(uuid4())
    if form == "autoincrement":
        return str(series.next_number(connection, f"{doctype.name} #"))
    return series.expand(connection, form, record, now)


def next_name(connection: Connection, doctype: DocType, now: datetime, language: str) -> str:
    """What the next record would be called, nothing counted; a field stands as its label, empty for a name that is given or random."""
    rule = doctype.autoname or ""
    if doctype.istable or doctype.issingle or doctype.asks_name or rule.startswith("field:") or rule in ("", "hash", "UUID"):
        return ""
    if rule == "autoincrement":
        return str(series.current_number(connection, f"{doctype.name} #") + 1)
    if rule.startswith("naming_series:"):
        rule = (doctype.naming_series or ("",))[0]
    labels = {item.fieldname: f"‹{item.label.to(language)}›" for item in doctype.stored_fields}
    return series.example(connection, rule, labels, now)


def given_name(doctype: DocType, record: Record, fieldname: str) -> str:
    """The name that a person gives to a record in a field. Raises ValidationFailed for one that is empty, too long or of several lines."""
    item: Any = doctype.by_name.get(fieldname)
    label = item.label if item else Text("编号", "Name")
    value = str(record.get(fieldname) or "").strip()
    if not value or len(value) > MAX_NAME or "\x00" in value or "\n" in value:
        text = Text(
            f"{label.zh}：用作编号，须填 1 到 {MAX_NAME} 个字符且不换行。",
            f"{label.en}: names the record; 1 to {MAX_NAME} characters on one line.",
        )
        raise ValidationFailed(
            Text(f"{doctype.label.zh}不能保存：", f"{doctype.label.en} cannot be saved:"), [Fault(fieldname, text)]
        )
    return value


def _amended(connection: Connection, doctype: DocType, original: str) -> str:
    """`QT-00017` amended is `QT-00017-1`, that amended again `QT-00017-2`."""
    table = record_table(doctype)
    before = connection.execute(select(table.c.amended_from).where(table.c.name == original)).scalar_one_or_none()
    if before is None:
        return f"{original}-1"
    stem, _, number = original.rpartition("-")
    return f"{stem}-{int(number) + 1}"
