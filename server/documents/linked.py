"""What keeps a record from being deleted or cancelled: others that refer to it."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import LinkExists, Reference
from ..core.text import EMPTY, Text
from ..metadata.model import Model
from ..storage import records

SHOWN = 10
_VERBS = {"delete": Text("删除", "deleted"), "cancel": Text("作废", "cancelled")}


def refuse_linked(
    connection: Connection, model: Model, user: User, doctype: str, name: str, action: Literal["delete", "cancel"]
) -> None:
    """Raises LinkExists naming what refers to the record, as far as the user may read it (for a cancellation: what is submitted)."""
    referring = records.referring(connection, model, doctype, name, submitted_only=action == "cancel")
    if not referring:
        return
    permissions = Permissions(model)
    named: list[Reference] = []
    for owner, record in referring:
        head = records.heads(connection, model[owner], [record]).get(record) if len(named) < SHOWN else None
        if head is not None and permissions.may(user, "read", owner, head):
            named.append(Reference(owner, record, model[owner].label))
    rest = len(referring) - len(named)
    zh = "、".join(f"{item.label.zh} {item.name}" for item in named)
    en = ", ".join(f"{item.label.en} {item.name}" for item in named)
    more = EMPTY
    if rest:
        more = (
            Text(f"，另有 {rest} 条", f", and {rest} more")
            if named
            else Text(f"您无权查看的 {rest} 条", f"{rest} that you may not see")
        )
    label, verb = model[doctype].label, _VERBS[action]
    said = Text(
        f"{label.zh} {name} 不能{verb.zh}，以下记录引用了它",
        f"{label.en} {name} cannot be {verb.en}; these records refer to it",
    )
    raise LinkExists(
        Text(f"{said.zh}：{zh}{more.zh}。", f"{said.en}: {en}{more.en}."),
        named,
        Text(f"{said.zh}（共 {len(referring)} 条）：", f"{said.en} ({len(referring)} in all):") if named else None,
    )
