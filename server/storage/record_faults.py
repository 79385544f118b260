"""What the database refuses of a record, said by the field: a value that is taken, one that is too long or of another kind.

`unfit` tells apart what a whole statement may hold; the doors of the save path (`documents`) say the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError

from ..core.errors import DuplicateValue, Fault, ValidationFailed
from ..core.text import Text
from ..metadata.model import DocType
from . import mariadb
from .tables import record_table

_EXPECTED = {
    "text": Text("不含空字符的文字", "text without NUL characters"),
    "integer": Text("整数", "a whole number"),
    "decimal": Text("不超过 15 位的数字", "a number of at most 15 digits"),
    "date": Text("日期", "a date"),
    "datetime": Text("日期时间", "a date and time"),
    "time": Text("时间", "a time"),
    "json": Text("签名", "a signature"),
}


@contextmanager
def named_duplicates(doctype: DocType, row: Mapping[str, Any]) -> Iterator[None]:
    """Turns a unique violation inside the block into DuplicateValue with the field's label and the value, and what is too long for
    MariaDB into ValidationFailed."""
    try:
        yield
    except (DataError, OperationalError) as error:
        if (column := mariadb.too_long(error.orig)) is None:
            raise
        raise _too_long(doctype, column) from error
    except IntegrityError as error:
        fieldname, value = violated(doctype, error)
        if fieldname is None:
            raise
        raise duplicate(doctype, fieldname, row.get(fieldname) if value is None else value) from error


def violated(doctype: DocType, error: DBAPIError) -> tuple[str | None, str | None]:
    """The field whose uniqueness was broken, and the value where the database tells it."""
    table = record_table(doctype)
    diagnosis = getattr(error.orig, "diag", None)
    value: str | None
    if (told_by_mariadb := mariadb.duplicate(error.orig)) is not None:
        key, value = told_by_mariadb
        column = "name" if key == "PRIMARY" else table.info["unique"].get(key)
    elif diagnosis is not None:
        if getattr(error.orig, "sqlstate", "") != "23505":
            return None, None
        constraint = diagnosis.constraint_name or ""
        column = "name" if constraint.endswith("_pkey") else table.info["unique"].get(constraint)
        told = re.search(r"=\((.*)\) ", diagnosis.message_detail or "")
        value = told.group(1) if told else None
    else:
        found = re.search(r"UNIQUE constraint failed: .+?\.(\w+)", str(error.orig))
        column, value = (found.group(1) if found else None), None
    return next((item.fieldname for item in table.info["columns"] if item.column == column), None), value


def unfit_value(doctype: DocType, prefix: str, fieldname: str, kind: str, value: Any) -> Fault:
    label, expected, shown = label_of(doctype, fieldname), _EXPECTED[kind], str(value)[:40]
    return Fault(
        prefix + fieldname, Text(f"{label.zh}：“{shown}”应为{expected.zh}。", f'{label.en}: "{shown}" should be {expected.en}.')
    )


def label_of(doctype: DocType, fieldname: str) -> Text:
    item = doctype.by_name.get(fieldname)
    return (
        item.label
        if item is not None and item.label
        else Text("编号", "Name")
        if fieldname == "name"
        else Text(fieldname, fieldname)
    )


def duplicate(doctype: DocType, fieldname: str, value: Any) -> DuplicateValue:
    label = label_of(doctype, fieldname)
    text = Text(
        f"{doctype.label.zh}的{label.zh}“{value}”已存在，不能重复，请改用其他值。",
        f'{doctype.label.en}: {label.en} "{value}" exists already; choose another one.',
    )
    return DuplicateValue(text, [Fault(fieldname, text)])


def _too_long(doctype: DocType, column: str) -> ValidationFailed:
    stored = next((item for item in record_table(doctype).info["columns"] if item.column == column), None)
    if stored is None:
        text = Text(
            f"{doctype.label.zh}填写的内容超出数据库一行所能容纳，请缩短部分内容。",
            f"{doctype.label.en}: more is filled in than a row of the database holds; shorten some of it.",
        )
        return ValidationFailed(text)
    label = label_of(doctype, stored.fieldname)
    text = Text(f"{label.zh}：最多 {stored.size} 个字符。", f"{label.en}: at most {stored.size} characters.")
    return ValidationFailed(text, [Fault(stored.fieldname, text)])
