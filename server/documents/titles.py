"""What a person reads for a record: its title field, and where that is a link, the title behind the link; as far as they may see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.sight import Sight
from ..access.user import User
from ..core.errors import PermissionRefused
from ..metadata.model import DocField, DocType
from ..storage import query
from .ask import Ask
from .complete import Record
from .masking import shown_value
from .snapshot import Snapshot

Titles = dict[str, str]
UTC = ZoneInfo("UTC")


def titles_of(
    connection: Connection, snapshot: Snapshot, user: User, doctype: DocType, rows: Iterable[Record], steps: int = 1
) -> Titles:
    """Titles by name, of records that the user may read or choose. A link is followed one step (`steps`), in one query."""
    rows = list(rows)
    names = {str(row["name"]): str(row["name"]) for row in rows}
    item = doctype.by_name.get(doctype.title_field or "")
    sight = Permissions(snapshot.model).sight(user, doctype.name)
    if item is None or (item.permlevel and not sight.sees(item)):
        return names
    found = names | {str(row["name"]): _title(item, row[item.fieldname], sight) for row in rows if row.get(item.fieldname)}
    target = snapshot.model.get(item.options or "") if item.fieldtype == "Link" else None
    if target is None or not target.title_field or sight.masks(item) or not steps:
        return found
    behind = linked_titles(connection, snapshot, user, target, set(found.values()), steps - 1)
    return {name: behind.get(title, title) for name, title in found.items()}


def _title(item: DocField, value: Any, sight: Sight) -> str:
    """A value as a title; of a date that means its month, the month."""
    shown = shown_value(item, value, sight)
    return item.type.words(shown, item, "en", UTC) if item.fieldtype == "Date" else str(shown)


def linked_titles(
    connection: Connection, snapshot: Snapshot, user: User, doctype: DocType, names: Iterable[str], steps: int = 1
) -> Titles:
    """Titles by name of those of the records that the user may choose in a link; for the others there is none."""
    wanted = sorted(names)
    try:
        ask = Ask(snapshot, user, doctype.name, action="select")
    except PermissionRefused:
        return {}
    if not wanted or not ask.title_column:
        return {}
    rows = query.select_page(
        connection, doctype, columns=["name", *ask.title_column], filters=[("name", "in", wanted)], condition=ask.condition(),
        order_by="name asc", limit=len(wanted),
    )  # fmt: skip
    return titles_of(connection, snapshot, user, doctype, rows, steps)
