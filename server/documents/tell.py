"""Telling people: a notification goes into the outbox of the running transaction and is delivered once per key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from ..core.text import Text
from ..jobs.outbox import enqueue
from ..rulebook.effects import Guarded

# What a notification is about; people choose their channels by it.
Kind = Literal["approval", "assignment", "due", "share", "mention", "follow", "rule", "print"]


def tell(
    connection: Connection,
    at: datetime,
    title: Text,
    doctype: str | None,
    name: str | None,
    *,
    key: str,
    kind: Kind = "rule",
    role: str | None = None,
    user: str | None = None,
    users: Sequence[str] = (),
    via: Sequence[str] = (),
    urgent: bool = False,
    clauses: Sequence[str] = (),
    guarded: Sequence[Guarded] = (),
    attach: str | None = None,
) -> None:
    """Tell everybody in a role, one person, or several.

    `guarded` are places of the title that each reader gets filled as far as they may see the field. `attach` is a print format whose PDF goes along
    by e-mail. `via` names channels that it goes out by whatever people chose; what is `urgent` waits for no digest and no quiet hours.
    """
    if not (role or user or users or via):
        return
    payload: dict[str, Any] = {
        "role": role, "user": user, "users": list(users), "title": {"zh": title.zh, "en": title.en}, "doctype": doctype, "name": name,
        "key": key, "kind": kind, "via": list(via), "urgent": urgent, "clauses": list(clauses), "attach": attach,
        "guarded": [{"written": one.written, "level": one.level, "mask": one.mask, "of": one.of, "value": one.value.to_json()} for one in guarded],
    }  # fmt: skip
    enqueue(connection, "notification", payload, key, at)
