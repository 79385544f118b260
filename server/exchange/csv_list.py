"""A list as a CSV file: a line of labels, then one line for each record, written as it is read.

Spreadsheets take a cell that begins like a formula for one; such a text gets an apostrophe before it. Numbers stay numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ..core.text import Language, Text
from ..core.values import Masked, canonical, plain_number, to_json
from ..metadata.model import DocField
from .table_workbook import Head

BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets take Chinese for something else
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
STANDARD = (
    ("docstatus", Text("单据状态", "Document status")),
    ("owner", Text("创建人", "Created by")),
    ("creation", Text("创建时间", "Created")),
    ("modified", Text("更新时间", "Changed")),
)
STATES = {0: Text("草稿", "Draft"), 1: Text("已提交", "Submitted"), 2: Text("已作废", "Cancelled")}


def csv_lines(
    fields: Iterable[DocField], rows: Iterable[Mapping[str, Any]], language: Language, zone: ZoneInfo
) -> Iterator[str]:
    """The file in pieces; links by the name of their record, choices by their labels, times in the site's zone."""
    fields = list(fields)
    writer = csv.writer(_Lines(), lineterminator="\r\n")
    labels = [
        Text("编号", "Name"),
        *(item.label or Text(item.fieldname, item.fieldname) for item in fields),
        *(label for _, label in STANDARD),
    ]
    yield BYTE_ORDER_MARK + writer.writerow([_harmless(label.to(language)) for label in labels])  # type: ignore[operator]
    for row in rows:
        cells = [_harmless(row["name"]), *(_cell(item, row.get(item.fieldname), language, zone) for item in fields)]
        rest = [
            STATES[row["docstatus"] or 0].to(language),
            row["owner"],
            *(_moment(row[name], zone) for name in ("creation", "modified")),
        ]
        yield writer.writerow([*cells, *rest])  # type: ignore[misc]


def csv_of(heads: Iterable[Head], rows: Iterable[Mapping[str, Any]], language: Language, zone: ZoneInfo) -> Iterator[str]:
    """The same for chosen columns."""
    heads = list(heads)
    writer = csv.writer(_Lines(), lineterminator="\r\n")
    yield BYTE_ORDER_MARK + writer.writerow([_harmless(head.label.to(language)) for head in heads])  # type: ignore[operator]
    for row in rows:
        yield writer.writerow([_cell(head.item, row.get(head.key), language, zone) for head in heads])  # type: ignore[misc]


def csv_table(head: Iterable[str], rows: Iterable[Iterable[str | int | Decimal]]) -> Iterator[str]:
    """Any table as such a file: a line of labels, then its rows of texts and numbers."""
    writer = csv.writer(_Lines(), lineterminator="\r\n")
    yield BYTE_ORDER_MARK + writer.writerow(list(map(_harmless, head)))  # type: ignore[operator]
    for row in rows:
        yield writer.writerow([_harmless(cell) if isinstance(cell, str) else plain_number(Decimal(cell)) for cell in row])  # type: ignore[misc]


class _Lines:
    """A file to `csv` that hands every line back."""

    def write(self, line: str) -> str:
        return line


def _cell(item: DocField, value: Any, language: Language, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, datetime):
        return _moment(value, zone)
    if not isinstance(value, Masked) and (item.fieldtype == "Check" or item.type.choices(item)):
        return _harmless(item.type.words(value, item, language, zone))
    if isinstance(value, dict | list):
        return _harmless(canonical(value))
    return str(value) if isinstance(value, int) else _harmless(str(to_json(value)))


def _moment(value: datetime, zone: ZoneInfo) -> str:
    return value.astimezone(zone).replace(tzinfo=None).isoformat(" ", "seconds")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
