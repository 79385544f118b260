"""Links that a user sets: only to records that they may choose, for what is fetched through a link is shown to them.

Where a link leads already is left alone: somebody else set it. Links that a rule, a default or a fetched value sets are not asked
about either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import FaultList
from ..core.text import Text
from ..metadata.model import DOCTYPE, DocField, DocType, Model
from ..storage import records
from .complete import Record


def refuse_unchoosable(
    connection: Connection, permissions: Permissions, user: User, model: Model, doctype: DocType, old: Record | None, sent: Record, faults: FaultList
) -> None:  # fmt: skip
    """A fault for every newly set link to a record that the user may not choose, in the words for one that is not there: whether it
    is, is not for them to know. A link beyond a user permission is refused later, with the choices that there are."""
    for link in _unchoosable(connection, permissions, user, model, doctype, old or {}, sent):
        label = model[link.target].label
        text = Text(
            f"{link.item.label.zh}：没有编号为“{link.name}”的{label.zh}，请从列表中选择。",
            f'{link.item.label.en}: there is no {label.en} "{link.name}"; choose one from the list.',
        )
        faults.add(link.where, text)


def leave_out_unchoosable(
    connection: Connection, permissions: Permissions, user: User, model: Model, doctype: DocType, sent: Record, old: Record | None = None
) -> None:  # fmt: skip
    """The same links taken out of what was sent."""
    for link in _unchoosable(connection, permissions, user, model, doctype, old or {}, sent, with_confined=True):
        link.holder[link.item.fieldname] = None


class _Link:
    """A link that was newly set: where it stands, and where it leads."""

    def __init__(self, holder: Record, item: DocField, target: str, table: DocField | None = None, index: int = 0) -> None:
        self.holder = holder
        self.item = item
        self.target = target
        self.name = str(holder[item.fieldname])
        self.table = table
        self.index = index

    @property
    def where(self) -> str:
        return f"{self.table.fieldname}[{self.index}].{self.item.fieldname}" if self.table else self.item.fieldname


def _unchoosable(
    connection: Connection, permissions: Permissions, user: User, model: Model, doctype: DocType, old: Record, sent: Record, *, with_confined: bool = False
) -> list[_Link]:  # fmt: skip
    if user.is_administrator:
        return []
    found: list[_Link] = []
    by_target: dict[str, list[_Link]] = {}
    for link in _new_links(model, doctype, old, sent):
        by_target.setdefault(link.target, []).append(link)
    only = user.works_with(doctype.name)
    for target, links in by_target.items():
        if permissions.scope(user, target, "select") == "all" and not permissions.confined(user, model[target]):
            continue  # whichever it is, they may choose it
        heads = records.heads(connection, model[target], {link.name for link in links})
        for link in links:
            head = heads.get(link.name)
            if head is None:
                continue  # that it is not there is told with the other faults
            is_confined = link.name not in only.get(target, {link.name}) and not link.item.ignore_user_permissions
            if is_confined and not with_confined:
                continue
            judged = user.unconfined() if link.item.ignore_user_permissions else user
            if not permissions.may(judged, "select", target, head):
                found.append(link)
    return found


def _new_links(model: Model, doctype: DocType, old: Mapping[str, Any], sent: Record) -> Iterator[_Link]:
    yield from _changed(model, doctype, old, sent)
    for table in doctype.table_fields:
        before = {row.get("name"): row for row in old.get(table.fieldname) or ()}
        for index, row in enumerate(sent.get(table.fieldname) or ()):
            yield from _changed(model, model.child(table), before.get(row.get("name")) or {}, row, table, index)


def _changed(
    model: Model, doctype: DocType, old: Mapping[str, Any], sent: Record, table: DocField | None = None, index: int = 0
) -> Iterator[_Link]:
    for item in doctype.link_fields:
        value = sent.get(item.fieldname)
        if not value or value == old.get(item.fieldname):
            continue
        if item.is_computed or (item.fetch_from and item.read_only):
            continue
        kind = item.options or ""
        target = kind if item.fieldtype == "Link" else str(sent.get(kind) or old.get(kind) or "")
        if target in model and target != DOCTYPE and not model[target].istable:
            yield _Link(sent, item, target, table, index)
