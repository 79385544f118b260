"""What a person reads for a record: its title field, and where that is a link, the title behind the link."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..metadata.model import DocType, Model
from ..storage import records
from .complete import Record


def titles_of(connection: Connection, model: Model, user: User, doctype: DocType, rows: Iterable[Record]) -> dict[str, str]:
    """Titles by name. A link is followed one step, in one query, where the user may choose from the linked DocType."""
    rows = list(rows)
    found = {str(row["name"]): doctype.title_of(row) for row in rows}
    item = doctype.by_name.get(doctype.title_field or "")
    target = model.get(item.options or "") if item is not None and item.fieldtype == "Link" else None
    if target is None or not target.title_field or not Permissions(model).may(user, "select", target.name):
        return found
    linked = {str(row[item.fieldname]) for row in rows if item is not None and row.get(item.fieldname)}
    behind = {name: target.title_of(head) for name, head in records.heads(connection, target, linked).items()}
    return {name: behind.get(title, title) for name, title in found.items()}
