"""Who decides in whose place: the standing delegations (DocType Delegation) that hold today.

A delegation passes on what its giver is asked to decide, by name or by role; nothing else of the giver's rights. The decision is kept
as the stand-in's, for the giver.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, or_, select

from ..access.directory import load_user
from ..access.user import User
from ..metadata.model import Model
from ..storage.tables import record_table
from ..storage.view import seen

DELEGATION = "Delegation"


@dataclass(frozen=True)
class Standin:
    """Whose place is taken, and for which DocType (empty: for all)."""

    giver: User
    doctype: str = ""

    def covers(self, doctype: str) -> bool:
        return not self.doctype or self.doctype == doctype


def _asked(table: Table) -> Select[Any]:
    """Made once per table: every page counts what its reader owes."""
    if "standing_in" not in table.info:
        day = bindparam("the_day", type_=table.c.from_date.type)
        table.info["standing_in"] = select(table.c.from_user, table.c.for_doctype).where(
            table.c.to_user == bindparam("the_user"),
            table.c.from_date <= day,
            or_(table.c.to_date.is_(None), table.c.to_date >= day),
            table.c.enabled == 1,
        )
    found: Select[Any] = table.info["standing_in"]
    return found


def standing_in(connection: Connection, model: Model, user: User, today: date) -> list[Standin]:
    """The people in whose place this user may decide today."""
    doctype = model.get(DELEGATION)
    if doctype is None or "User" not in model:
        return []
    remembered, key = seen(connection), ("standing in", user.name, today)
    if remembered is not None and key in remembered:
        return list(remembered[key])
    found = []
    for row in connection.execute(_asked(record_table(doctype)), {"the_user": user.name, "the_day": today}).all():
        giver = load_user(connection, row.from_user)
        if giver is not None and giver.enabled and giver.name != user.name:
            found.append(Standin(giver, row.for_doctype or ""))
    if remembered is not None:
        remembered[key] = tuple(found)
    return found
