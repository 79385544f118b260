"""Steps 1 (field level) and 3 of the save path: reading what was sent, and judging the whole record.

`read_values` turns JSON or form values into plain ones; `judge` finds what is missing or wrong in a completed record. Both
collect every fault, with the place a form can jump to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ..core.errors import FaultList
from ..core.text import Text, in_row, nearest
from ..expressions import ExpressionRefused, Scope, parse_condition
from ..metadata.fieldtypes import ValueRefused
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocField, DocType, Model
from .complete import Record

# What Frappe's clients send along with a record; not fields, not faults.
ENVELOPE = {*STANDARD_FIELDS, *CHILD_FIELDS, "doctype", "amended_from"}


def read_values(model: Model, doctype: DocType, values: Mapping[str, Any], faults: FaultList) -> Record:
    """The plain values of the fields that were sent; unknown names and unfit values become faults."""
    found: Record = {}
    for name, value in values.items():
        item = doctype.by_name.get(name)
        if item is None or (item.type.kind is None and not item.type.holds_rows):
            if item is None and name not in ENVELOPE and not name.startswith("_"):
                hint = nearest(name, doctype.by_name)
                faults.add(
                    name,
                    Text(
                        f"“{doctype.label.zh}”没有字段 {name}。{hint.zh}",
                        f'"{doctype.label.en}" has no field "{name}".{hint.en}',
                    ),
                )
            continue
        try:
            found[name] = item.type.parse(value, item)
        except ValueRefused as refused:
            faults.add(name, _said(item, refused.text))
            continue
        if item.type.holds_rows:
            found[name] = [
                read_row(model.child(item), row, f"{name}[{index}]", item, faults) for index, row in enumerate(found[name])
            ]
    return found


def read_row(child: DocType, row: Mapping[str, Any], where: str, table: DocField, faults: FaultList) -> Record:
    """The plain values of one child row; its `name` (when it has one already) is kept."""
    found: Record = {"name": str(row["name"]) if row.get("name") else None}
    for name, value in row.items():
        item = child.by_name.get(name)
        if item is None or item.type.kind is None:
            if item is None and name not in ENVELOPE and not name.startswith("_"):
                hint = nearest(name, child.by_name)
                faults.add(
                    f"{where}.{name}",
                    Text(
                        f"“{table.label.zh}”的行没有字段 {name}。{hint.zh}",
                        f'Rows of "{table.label.en}" have no field "{name}".{hint.en}',
                    ),
                )
            continue
        try:
            found[name] = item.type.parse(value, item)
        except ValueRefused as refused:
            index = int(where[where.rindex("[") + 1 : -1])
            faults.add(f"{where}.{name}", in_row(table.label, index, _said(item, refused.text)))
    return found


def _said(item: DocField, text: Text) -> Text:
    return Text(f"{item.label.zh}：{text.zh}。", f"{item.label.en}: {text.en}.")


def condition_holds(source: str | None, scope: Scope, *, absent: bool) -> bool:
    """Whether a `depends_on`-like condition holds; `absent` is the answer for no condition.

    A condition that cannot be read was reported when the DocType was checked; here it never hides or demands a field.
    """
    if not source:
        return absent
    try:
        return parse_condition(source).truth(scope)
    except ExpressionRefused:
        return absent


def judge(model: Model, doctype: DocType, record: Record, scope: Scope, faults: FaultList) -> None:
    """Mandatory fields, also conditional ones, in the record and its rows; fields already at fault are passed over."""
    known = {fault.where for fault in faults}
    _judge_fields(doctype, record, scope, "", None, 0, known, faults)
    for item in doctype.table_fields:
        child = model.child(item)
        for index, row in enumerate(record.get(item.fieldname) or ()):
            inner = Scope(doc=row, parent=record, user=scope.user, today=scope.today, now=scope.now)
            _judge_fields(child, row, inner, f"{item.fieldname}[{index}].", item, index, known, faults)


def _judge_fields(
    doctype: DocType,
    values: Record,
    scope: Scope,
    prefix: str,
    table: DocField | None,
    index: int,
    known: set[str],
    faults: FaultList,
) -> None:
    demands = _demands(doctype)
    hidden = hidden_fields(doctype, scope) if demands else ()
    for item in demands:
        demanded = item.reqd or condition_holds(item.mandatory_depends_on, scope, absent=False)
        if not demanded or item.fieldname in hidden:
            continue
        value = values.get(item.fieldname)
        if value is None or value == [] or (item.fieldtype == "Check" and item.mandatory_depends_on and not value):
            text = Text(f"{item.label.zh}必填。", f"{item.label.en} is required.")
            where = prefix + item.fieldname
            if where not in known:
                faults.add(where, in_row(table.label, index, text) if table else text)


@lru_cache(maxsize=512)
def _demands(doctype: DocType) -> tuple[DocField, ...]:
    """The fields that are mandatory, always or at times."""
    return tuple(
        item
        for item in doctype.data_fields
        if (item.reqd or item.mandatory_depends_on) and (item.fieldname != "naming_series" or doctype.naming_series)
    )


def hidden_fields(doctype: DocType, scope: Scope) -> set[str]:
    """Fields that a condition hides at present, those of a hidden section or tab included."""
    hidden: set[str] = set()
    if not _may_hide(doctype):
        return hidden
    tab_hidden = section_hidden = False
    for item in doctype.fields:
        shown = condition_holds(item.depends_on, scope, absent=True)
        if item.type.widget == "tab":
            tab_hidden, section_hidden = not shown, False
        elif item.type.widget == "section":
            section_hidden = not shown
        if not shown or tab_hidden or section_hidden:
            hidden.add(item.fieldname)
    return hidden


@lru_cache(maxsize=512)
def _may_hide(doctype: DocType) -> bool:
    return any(item.depends_on for item in doctype.fields)


def links_of(model: Model, doctype: DocType, record: Mapping[str, Any]) -> Iterator[tuple[str, DocField, str, str]]:
    """Every filled link of the record and its rows: (where, field, DocType, name)."""
    yield from _links(doctype, record, "")
    for item in doctype.table_fields:
        child = model.child(item)
        for index, row in enumerate(record.get(item.fieldname) or ()):
            yield from _links(child, row, f"{item.fieldname}[{index}].")


def _links(doctype: DocType, values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, DocField, str, str]]:
    for item in doctype.link_fields:
        if not values.get(item.fieldname):
            continue
        target = item.options if item.fieldtype == "Link" else values.get(item.options or "")
        if target:
            yield prefix + item.fieldname, item, str(target), values[item.fieldname]
