"""Records that rules change: once for each value, under the guard of any save, put back on cancelling where that is asked.

What a record last made of a field of another stands in `gj_changed`, with what had stood there. The entries about one field are
a pile: who takes back an entry that others lie on hands what had stood there on to the one above.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from ..core.errors import Fault, FaultList, ValidationFailed
from ..core.text import Text
from ..core.values import canonical
from ..metadata.model import CANCELLED, DocType
from ..rulebook.effects import ChangeRecord
from ..storage import records
from ..storage.system import changed as table
from .complete import Record
from .making import MAX_CHAIN, by_rule, told_here
from .validate import read_values

if TYPE_CHECKING:
    from .save_path import SavePath


def change(path: SavePath, record: Record, effect: ChangeRecord) -> None:
    """Give fields of another record the values that a rule asks for, unless this record asked for the same ones before.

    It is done with the program's own right, in the transaction of the save, and everything that guards a save guards it.
    Raises ValidationFailed with the reasons of the record that cannot be changed: then nothing of all is saved.
    """
    _refuse_endless(path, record, effect)
    doctype = path.snapshot.doctype(effect.doctype)
    records.hold(path.connection, doctype, effect.name)
    current = records.load(path.connection, path.model, doctype, effect.name)
    faults = FaultList()
    wanted = read_values(path.model, doctype, effect.values, faults)
    if current is None or faults:
        gone = (Fault("", Text(f"{effect.name} 不存在", f"{effect.name} is not there"), effect.clauses, effect.rule),)
        raise told_here(path, effect, ValidationFailed(Text("不能更改：", "cannot be changed:"), tuple(faults) or gone))
    new = {field: value for field, value in wanted.items() if _note(path, record, effect, field, value, current.get(field))}
    if all(canonical(current.get(field)) == canonical(value) for field, value in new.items()):
        return
    try:
        path.change(doctype, effect.name, new, by_rule(path, record, effect.rule))
    except ValidationFailed as refused:
        raise told_here(path, effect, refused) from None


def take_back(path: SavePath, name: str) -> None:
    """The record is being cancelled or deleted: what its rules changed is put back where they say so, the last first.

    A value that somebody has changed since stays; so does a record that has been cancelled.
    """
    mine = select(table).where(table.c.doctype == path.doctype.name, table.c.name == name).order_by(table.c.id.desc())
    back: dict[tuple[str, str], dict[str, Any]] = {}
    rules: dict[tuple[str, str], str] = {}
    for entry in path.connection.execute(mine).all():
        doctype = path.model.get(entry.changed_doctype)
        if entry.take_back and doctype is not None and entry.field in doctype.by_name:
            records.hold(path.connection, doctype, entry.changed_name)
            if not _handed_on(path.connection, entry):
                key = (doctype.name, entry.changed_name)
                back.setdefault(key, {})[entry.field] = entry
                rules[key] = entry.rule
        path.connection.execute(delete(table).where(table.c.id == entry.id))
    for (of, there), entries in back.items():
        _put_back(path, path.model[of], there, name, entries, rules[of, there])


def forget(connection: Connection, doctype: str, name: str) -> None:
    """A record is gone: nothing is remembered of what it changed, or of what was changed in it."""
    own = and_(table.c.doctype == doctype, table.c.name == name)
    gone = and_(table.c.changed_doctype == doctype, table.c.changed_name == name)
    connection.execute(delete(table).where(or_(own, gone)))


def _refuse_endless(path: SavePath, record: Record, effect: ChangeRecord) -> None:
    if path.depth >= MAX_CHAIN:
        text = Text(
            f"规则 {effect.rule} 连环更改单据超过 {MAX_CHAIN} 层。",
            f"Rule {effect.rule} changes records in a chain longer than {MAX_CHAIN}.",
        )
    elif (effect.doctype, effect.name) == (path.doctype.name, record["name"]):
        text = Text(
            f"规则 {effect.rule} 更改的是本单自己：请用 set。",
            f"Rule {effect.rule} changes the record itself: let it use `set`.",
        )
    else:
        return
    raise ValidationFailed(text, [Fault(effect.where, text, effect.clauses, effect.rule)])


def _note(path: SavePath, record: Record, effect: ChangeRecord, field: str, value: Any, stood: Any) -> bool:
    """Keep what this record makes of a field now; whether it is something else than what it last made of it."""
    own = and_(
        table.c.doctype == path.doctype.name, table.c.name == record["name"], *_about(effect.doctype, effect.name, field)
    )
    before = path.connection.execute(select(table).where(own)).first()
    now = {"value": canonical(value), "rule": effect.rule, "take_back": int(effect.take_back), "at": path.now}
    if before is not None and before.value == now["value"]:
        return False
    if before is not None and not _handed_on(path.connection, before):
        path.connection.execute(update(table).where(table.c.id == before.id).values(now))
        return True
    path.connection.execute(delete(table).where(own))
    path.connection.execute(
        insert(table).values(
            **now, doctype=path.doctype.name, name=record["name"], changed_doctype=effect.doctype, changed_name=effect.name,
            field=field, before=canonical(stood),
        )
    )  # fmt: skip
    return True


def _about(doctype: str, name: str, field: str) -> tuple[Any, ...]:
    return table.c.changed_doctype == doctype, table.c.changed_name == name, table.c.field == field


def _handed_on(connection: Connection, entry: Row[Any]) -> bool:
    """Whether another entry lies on this one; then it takes over what had stood there."""
    about = _about(entry.changed_doctype, entry.changed_name, entry.field)
    above = connection.execute(select(table.c.id).where(*about, table.c.id > entry.id).order_by(table.c.id).limit(1)).scalar()
    if above is None:
        return False
    connection.execute(update(table).where(table.c.id == above).values(before=entry.before))
    return True


def _put_back(path: SavePath, doctype: DocType, there: str, name: str, entries: dict[str, Row[Any]], rule: str) -> None:
    current = records.load(path.connection, path.model, doctype, there)
    if current is None or current["docstatus"] == CANCELLED:
        return
    values = {
        field: json.loads(entry.before) for field, entry in entries.items() if canonical(current.get(field)) == entry.value
    }
    if values:
        path.change(doctype, there, values, by_rule(path, {"name": name}, rule))
