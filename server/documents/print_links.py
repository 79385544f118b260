"""What a print shows of other records (`linked` of its format): read as lists are, with the rights of whoever prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..access.user import User
from ..core.errors import PermissionRefused
from ..metadata.model import DocField, DocType
from ..printing.linked import Linked
from .ask import Ask
from .complete import Record
from .queries import QueryService
from .snapshot import Snapshot

MOST_LINKED = 200  # rows of one kind on one print

Row = Mapping[str, Any]


def linked_rows(
    queries: QueryService, snapshot: Snapshot, user: User, asked: Sequence[Linked], doctype: DocType, record: Record
) -> dict[str, list[Row]]:
    """The rows under their keys, links by title and choices by label. Records and fields that the user may not see are left out."""
    return {one.key: _rows(queries, snapshot, user, one, doctype, record) for one in asked}


def _rows(queries: QueryService, snapshot: Snapshot, user: User, one: Linked, doctype: DocType, record: Record) -> list[Row]:
    target = one.target(doctype)
    wanted = ("name", record.get(one.link)) if one.link else (one.by, record["name"])
    try:
        ask = Ask(snapshot, user, target)
    except PermissionRefused:
        return []
    sorted_by = one.order_by.partition(" ")[0]
    if not wanted[1] or any(name not in ask.plain for name in (wanted[0], sorted_by, *(row[0] for row in one.where))):
        return []  # what leads to it is not to be seen
    seen = [name for name in one.fields if name in ask.readable]
    order = one.order_by if " " in one.order_by else f"{one.order_by} asc"
    page = queries.list(
        user, target, fields=seen, filters=[(wanted[0], "=", wanted[1]), *one.where], order_by=order, limit=MOST_LINKED
    )
    fields = {name: ask.doctype.by_name[name] for name in seen if name in ask.doctype.by_name}
    titles = {
        name: queries.titles(user, item.options or "", [str(row[name]) for row in page.rows if row.get(name)])
        for name, item in fields.items()
        if item.fieldtype == "Link"
    }
    return [{name: _said(fields.get(name), row.get(name), titles.get(name, {}), user) for name in seen} for row in page.rows]


def _said(item: DocField | None, value: Any, titles: Mapping[str, str], user: User) -> Any:
    if item is None or value in (None, ""):
        return value
    if item.fieldtype == "Link":
        return titles.get(str(value), value)
    return item.choice_label(str(value)).to(user.language) if item.fieldtype == "Select" else value
