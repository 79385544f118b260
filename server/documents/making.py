"""Records that rules make: once for each record, rule and key, whoever saves how often; and what becomes of them on cancelling."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, and_, delete, select, update

from ..access.user import User
from ..core.errors import Fault, ValidationFailed
from ..core.ids import new_id
from ..core.text import Text
from ..rulebook.effects import ChangeRecord, CreateRecord
from ..storage.system import made as table
from ..storage.upserts import upsert
from .complete import Record

if TYPE_CHECKING:
    from .save_path import SavePath

MAX_CHAIN = 5  # records made by rules of records made by rules ...


def make(path: SavePath, record: Record, effect: CreateRecord) -> None:
    """Make what a rule asks for, unless it was made before: with the program's own right, in the transaction of the save.

    Raises ValidationFailed with the reasons of the record that cannot be made: then nothing of all is saved.
    """
    if path.depth >= MAX_CHAIN:
        text = Text(
            f"规则 {effect.rule} 连环生成单据超过 {MAX_CHAIN} 层。",
            f"Rule {effect.rule} makes records in a chain longer than {MAX_CHAIN}.",
        )
        raise ValidationFailed(text, [Fault("", text, effect.clauses, effect.rule)])
    claim = {
        "doctype": path.doctype.name, "name": record["name"], "rule": effect.rule, "key": effect.key, "at": path.now,
        "made_doctype": effect.doctype, "on_cancel": effect.on_cancel, "token": new_id(),
    }  # fmt: skip
    keys = ("doctype", "name", "rule", "key")
    # Two saves at once: the second waits here for the first, and then finds it made.
    path.connection.execute(upsert(path.connection, table, claim, keys))
    mine = and_(*(table.c[key] == claim[key] for key in keys))
    if path.connection.execute(select(table.c.token).where(mine)).scalar_one() != claim["token"]:
        return
    try:
        reason = by_rule(path, record, effect.rule)
        name = path.make(effect.doctype, effect.values, User.administrator(), submit=effect.submit, reason=reason)
    except ValidationFailed as refused:
        raise told_here(path, effect, refused) from None
    path.connection.execute(update(table).where(mine).values(made_name=name))


def made_by_rules(connection: Connection, doctype: str, name: str, made_doctype: str) -> str | None:
    """The first record of `made_doctype` that rules made for this one, if they made any."""
    ask = select(table.c.made_name).where(
        table.c.doctype == doctype, table.c.name == name, table.c.made_doctype == made_doctype, table.c.made_name.is_not(None)
    )
    return connection.execute(ask.order_by(table.c.at, table.c.made_name).limit(1)).scalar_one_or_none()


def by_rule(path: SavePath, record: Record, rule: str) -> str:
    """What the history of a record says of an entry that no person made: by which rule, of which record, who had saved that."""
    title, label = path.snapshot.rulebook.title(rule), path.doctype.label
    who = path.user.full_name or path.user.name
    text = Text(
        f"由规则“{title.zh}”（{rule}）：{label.zh} {record['name']}，{who}",
        f'By the rule "{title.en}" ({rule}): {label.en} {record["name"]}, {who}',
    )
    return text.kept()


def told_here(path: SavePath, effect: CreateRecord | ChangeRecord, refused: ValidationFailed) -> ValidationFailed:
    """The reasons of the other record, as reasons against this one: they stand at the row that it was made or changed for."""
    label = path.snapshot.doctype(effect.doctype).label
    faults = [
        replace(fault, where=effect.where, text=Text(f"{label.zh}：{fault.text.zh}", f"{label.en}: {fault.text.en}"))
        for fault in refused.faults or (Fault("", refused.text, effect.clauses, effect.rule),)
    ]
    return ValidationFailed(refused.text, faults)


def forget(connection: Connection, doctype: str, name: str) -> None:
    """A record is gone: what was made for it is not kept from being made for another one of its name."""
    own = and_(table.c.doctype == doctype, table.c.name == name)
    gone = and_(table.c.made_doctype == doctype, table.c.made_name == name)
    connection.execute(delete(table).where(own))
    connection.execute(update(table).where(gone).values(made_name=None))
