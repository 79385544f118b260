"""People by their place in the company: the head of a department, the members of a group. Only those who are enabled."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection

from ..metadata.model import Model
from ..storage import records
from ..workflow.check import GROUP

DEPARTMENT, LEADER = "Department", "leader"
HIGHEST = 20  # departments above one another


def heads_of(connection: Connection, model: Model, department: str, excluded: Collection[str] = ()) -> list[str]:
    """The head of the department, or of the nearest above it that has one who is not excluded."""
    doctype = model.get(DEPARTMENT)
    for _ in range(HIGHEST):
        if doctype is None or not department:
            return []
        row = records.heads(connection, doctype, [department]).get(department) or {}
        head = enabled(connection, model, [str(row.get(LEADER) or "")])
        if head and head[0] not in excluded:
            return head
        department = str(row.get(doctype.parent_link.fieldname) or "") if doctype.parent_link else ""
    return []


def members_of(connection: Connection, model: Model, group: str) -> list[str]:
    """The members of a User Group, in its order."""
    doctype = model.get(GROUP)
    found = records.load(connection, model, doctype, group) if doctype is not None else None
    return enabled(connection, model, [str(row.get("user") or "") for row in (found or {}).get("members") or ()])


def enabled(connection: Connection, model: Model, names: Iterable[str]) -> list[str]:
    """Those of the people who have an account that is enabled."""
    asked = [name for name in names if name]
    if not asked or "User" not in model:
        return asked
    known = records.heads(connection, model["User"], asked)
    return [name for name in asked if (known.get(name) or {}).get("enabled", 1) and name in known]
