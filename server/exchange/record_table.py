"""One record as a table: a column for each field and each column of its child rows, a line for each child row.

It is the form of the import's template, so that a record that left as a file can come back as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..access.sight import Sight
from ..core.text import Text
from ..metadata.model import DocField, DocType, Model
from .table_workbook import Head

NAME_ITEM = DocField("name", "Data", Text("编号", "Name"))


def record_heads(model: Model, doctype: DocType, sight: Sight) -> list[Head]:
    """The columns that this reader sees; secrets have none."""
    heads = [Head(NAME_ITEM.label, NAME_ITEM, "name")]
    heads += [
        Head(item.label or Text.of(item.fieldname), item, item.fieldname)
        for item in doctype.stored_fields
        if sight.sees(item) and not item.type.is_secret
    ]
    for table in doctype.table_fields:
        if not sight.sees(table):
            continue
        for item in model.child(table).stored_fields:
            if sight.sees(item) and not item.type.is_secret:
                label = item.label or Text.of(item.fieldname)
                said = Text(f"{table.label.zh}：{label.zh}", f"{table.label.en}: {label.en}")
                heads.append(Head(said, item, f"{table.fieldname}.{item.fieldname}"))
    return heads


def record_lines(doctype: DocType, record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines: the record's own values stand in the first."""
    tables = {table.fieldname: record.get(table.fieldname) or [] for table in doctype.table_fields}
    for number in range(max(1, *(len(rows) for rows in tables.values())) if tables else 1):
        line = dict(record) if number == 0 else {}
        for fieldname, rows in tables.items():
            if number < len(rows):
                line |= {f"{fieldname}.{name}": value for name, value in rows[number].items()}
        yield line
