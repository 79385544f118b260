"""Trees as people work with them: what may stand below what, one branch at a time, and filters over whole branches.

A record's place is its link to its own kind (`nsm_parent_field`); where the DocType has a check box `is_group`, only groups have
records below them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from ..core.errors import FaultList, NotFound
from ..core.text import Text
from ..metadata.model import DocField, DocType
from ..storage import query, records, tree
from ..storage.tables import record_table
from .ask import Ask
from .complete import Record

GROUP = "is_group"


@dataclass(frozen=True)
class Branch:
    """The records directly below one record (or at the root): a page of them, those that have more below, and the way there."""

    rows: list[Record]
    open_below: frozenset[str]
    path: list[Record]
    has_more: bool


def read_branch(connection: Connection, ask: Ask, upper: str | None, limit: int, offset: int) -> Branch:
    """What the asker may see directly below `upper`, or at the root. Raises NotFound where there is no tree."""
    doctype, link = ask.doctype, ask.doctype.parent_link
    if link is None or link.fieldname not in ask.plain:
        raise NotFound(Text(f"{doctype.label.zh}不是树形的。", f"{doctype.label.en} has no tree."))
    readable = ask.condition()
    here = at_root(doctype, link, readable) if upper is None else record_table(doctype).c[link.fieldname] == upper
    condition = here if readable is None else and_(readable, here)
    columns, order = ask.columns(None), ask.order(None)
    rows = query.select_page(
        connection, doctype, columns=columns, condition=condition, order_by=order, limit=limit + 1, offset=offset
    )
    below = tree.has_below(connection, doctype, link, [row["name"] for row in rows], readable)
    way: list[Record] = []
    if upper is not None:
        names = [*tree.path(connection, doctype, link, upper), upper]
        filters = [("name", "in", names)]
        way = query.select_page(connection, doctype, columns=columns, filters=filters, condition=readable, limit=len(names))
        way.sort(key=lambda row: names.index(row["name"]))
    shown = [ask.shown(row) for row in rows[:limit]]
    return Branch(shown, frozenset(below), [ask.shown(row) for row in way], len(rows) > limit)


def at_root(doctype: DocType, link: DocField, readable: ColumnElement[bool] | None) -> ColumnElement[bool]:
    """What a reader sees at the top: records below none, and those below one that the reader may not see."""
    table = record_table(doctype)
    upper = table.c[link.fieldname]
    if readable is None:
        return upper.is_(None)
    return or_(upper.is_(None), upper.not_in(select(table.c.name).where(readable)))


def refuse_misplaced(connection: Connection, doctype: DocType, record: Record, old: Record | None, faults: FaultList) -> None:
    """A record stands below neither itself nor what stands below it, and only below a group where there are groups."""
    link = doctype.parent_link
    if link is None:
        return
    upper, name = record.get(link.fieldname), record.get("name") if old is not None else None
    if upper and (old is None or old.get(link.fieldname) != upper):
        _refuse_place(connection, doctype, link, str(upper), name, faults)
    was_group = GROUP in doctype.by_name and old is not None and old.get(GROUP)
    if name and was_group and not record.get(GROUP) and tree.has_below(connection, doctype, link, [name]):
        label = doctype.by_name[GROUP].label
        faults.add(
            GROUP,
            Text(
                f"{label.zh}：“{name}”下还有记录，不能改为非分组；请先把它们移走。",
                f'{label.en}: there are records below "{name}", so it stays a group; move them elsewhere first.',
            ),
        )


def _refuse_place(
    connection: Connection, doctype: DocType, link: DocField, upper: str, name: str | None, faults: FaultList
) -> None:
    if name and (upper == name or name in tree.path(connection, doctype, link, upper)):
        faults.add(
            link.fieldname,
            Text(
                f"{link.label.zh}：“{upper}”就是“{name}”本身或在其之下，不能作为它的上级，请另选。",
                f'{link.label.en}: "{upper}" is "{name}" itself or stands below it; choose another one.',
            ),
        )
    if GROUP in doctype.by_name:
        there = records.heads(connection, doctype, [upper]).get(upper)
        if there is not None and not there.get(GROUP):
            label = doctype.by_name[GROUP].label
            faults.add(
                link.fieldname,
                Text(
                    f"{link.label.zh}：“{upper}”不是分组，其下不能有记录；请另选，或先勾选它的“{label.zh}”。",
                    f'{link.label.en}: "{upper}" is no group, so nothing stands below it; choose another one, or tick its '
                    f'"{label.en}" first.',
                ),
            )
