"""Values that are there and that a field's new definition would no longer take: told before a publication, kept by it.

A shorter length, fewer choices, fewer decimals or "not negative" rewrite nothing. But who next edits such a record would be
refused for a value they never typed, so the administrator is told how many there are, and which.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from ..core.errors import Fault
from ..core.text import Text
from ..metadata.fieldtypes import ValueRefused
from ..metadata.model import DocField, DocType, Model
from .rows import portions
from .schema import recorded_schema
from .tables import StoredColumn, columns_of, table_name

SHOWN = 5


def narrowed(connection: Connection, before: Model, after: Model) -> list[Fault]:
    """One warning for each field of `after` that would refuse values which records hold, with their number and up to five."""
    tables = recorded_schema(connection).tables
    found: list[Fault] = []
    for doctype in after:
        old = before.get(doctype.name)
        if old is None or table_name(doctype.name) not in tables:
            continue
        for item, column in _changed(old, doctype):
            found += _refused(connection, doctype, item, column)
    return found


def _changed(old: DocType, new: DocType) -> Iterator[tuple[DocField, StoredColumn]]:
    """The fields that keep their kind and column but whose definition of a good value is another one."""
    stored = {column.fieldname: column for column in columns_of(old)}
    for item in new.stored_fields:
        was, column = old.by_name.get(item.fieldname), stored.get(item.fieldname)
        if was is not None and column is not None and was.type.kind == item.type.kind and _measure(was) != _measure(item):
            yield item, column


def _measure(item: DocField) -> tuple[Any, ...]:
    return item.fieldtype, item.length, item.precision, item.choices, item.non_negative


def _refused(connection: Connection, doctype: DocType, item: DocField, column: StoredColumn) -> list[Fault]:
    count, reason = 0, Text("", "")
    shown: list[tuple[str, str]] = []
    for portion in portions(connection, table_name(doctype.name), column):
        for name, value in portion:
            try:
                item.type.parse(value, item)
            except ValueRefused as refused:
                count += 1
                reason = refused.text
                if len(shown) < SHOWN:
                    shown.append(("" if doctype.istable else f"{name} ", str(value)[:40]))
    if not count:
        return []
    zh = "、".join(f"{name}“{value}”" for name, value in shown)
    en = ", ".join(f'{name}"{value}"' for name, value in shown)
    text = Text(
        f"“{doctype.label.zh}”的{item.label.zh}（{item.fieldname}）：现有 {count} 个值不符合新的定义（{reason.zh}）：{zh}。"
        "这些值保留不变，但再次修改这些记录时须先更正。",
        f'"{doctype.label.en}", {item.label.en} ({item.fieldname}): {count} value{"s" if count > 1 else ""} that records hold '
        f"would not fit the new definition ({reason.en}): {en}. They are kept, but must be corrected when such a record is "
        "next changed.",
    )
    return [Fault(f"{doctype.name}.{item.fieldname}", text)]
