"""Records shared one by one: somebody who may share a record opens it to another person, beyond what that person's roles give.

Kept in a fixed table, read with the user at every request, so that a share that is taken back counts from the next one on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, or_, select

from ..storage.system import share as table
from ..storage.upserts import upsert

READING = frozenset(("read", "select", "print"))


@dataclass(frozen=True, slots=True)
class Share:
    """One record opened to one person: to read, perhaps to change, perhaps to share on."""

    doctype: str
    name: str
    user: str
    may_write: bool
    may_share: bool
    by: str
    at: datetime


def given(rows: Iterable[tuple[str, str, int, int]]) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """By DocType and record the actions that these shares (DocType, record, may write, may share) give one user."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for doctype, name, may_write, may_share in rows:
        more = [action for action, is_given in (("write", may_write), ("share", may_share)) if is_given]
        found.setdefault(doctype, {})[name] = READING | frozenset(more)
    return found


def of_record(connection: Connection, doctype: str, name: str) -> list[Share]:
    """With whom a record is shared, in the order in which it happened."""
    asked = select(table).where(table.c.doctype == doctype, table.c.name == name).order_by(table.c.at, table.c.user)
    return [
        Share(row.doctype, row.name, row.user, bool(row.may_write), bool(row.may_share), row.by, row.at)
        for row in connection.execute(asked)
    ]


def one(connection: Connection, doctype: str, name: str, user: str) -> Share | None:
    """What this person was given of this record; None when it is not shared with them."""
    return next((item for item in of_record(connection, doctype, name) if item.user == user), None)


def keep(connection: Connection, item: Share) -> None:
    """Share a record, or change what an earlier share gives."""
    given = {"may_write": int(item.may_write), "may_share": int(item.may_share), "by": item.by, "at": item.at}
    key = {"doctype": item.doctype, "name": item.name, "user": item.user}
    connection.execute(upsert(connection, table, key | given, list(key), given))


def take_back(connection: Connection, doctype: str, name: str, user: str) -> bool:
    """End a share; whether there was one."""
    mine = and_(table.c.doctype == doctype, table.c.name == name, table.c.user == user)
    return connection.execute(delete(table).where(mine)).rowcount > 0


def forget(connection: Connection, doctype: str, name: str) -> None:
    """A record is deleted: its shares go; with a user everything that was shared with them, so that who gets the login later has none of it."""
    gone = and_(table.c.doctype == doctype, table.c.name == name)
    connection.execute(delete(table).where(or_(gone, table.c.user == name) if doctype == "User" else gone))
