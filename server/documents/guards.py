"""DocTypes that the program itself relies on: what must hold of their records beyond what metadata can say.

A small table by DocType; the save path asks it for every change, so that no form, program or rule gets around it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from ..access.user_records import last_manager_fault, login_fault
from ..core.errors import Fault
from .complete import Record

# (connection, the record before, the record after or None when it is deleted) -> what stands against the change
Guard = Callable[[Connection, Record | None, Record | None], list[Fault]]


def user_faults(connection: Connection, before: Record | None, after: Record | None) -> list[Fault]:
    """A new login can be typed and is nobody else's; the last enabled System Manager stays."""
    faults = []
    if before is None and after is not None and after.get("login") and (said := login_fault(str(after["login"]))):
        faults.append(Fault("login", said))
    if said := last_manager_fault(connection, before, after):
        disabled = after is not None and not after.get("enabled")
        faults.append(Fault("enabled" if disabled else "roles", said))
    return faults


GUARDS: Mapping[str, Guard] = {"User": user_faults}


def guard_faults(connection: Connection, doctype: str, before: Record | None, after: Record | None) -> list[Fault]:
    """What stands against a change of a record, `after` being None for its deletion; empty for a DocType without a guard."""
    guard = GUARDS.get(doctype)
    return guard(connection, before, after) if guard else []
