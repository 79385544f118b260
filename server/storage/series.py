"""Number series without gaps: `ST-.YYYY.-.#####` and `format:RCDF-{YYYY}-{####}`.

The counter is a row that the save's transaction holds, so a number that is not used is never given away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, select, update

from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..core.values import plain_number
from ..metadata.fieldtypes import times
from ..metadata.naming import DATES, name_parts
from .system import series as table
from .upserts import upsert

MAX_NAME = 140


_COUNTED = "guiju series"


@contextmanager
def counted_together(connection: Connection) -> Iterator[None]:
    """Within the block a counter is read once, counted on in memory and written at the end: its row is held by the transaction all the while.

    Not for blocks that roll back to a savepoint.
    """
    counted: dict[str, int] = {}
    kept = connection.info  # a connection that was lost meanwhile gives it out no more
    kept[_COUNTED] = counted
    try:
        yield
        for prefix, current in counted.items():
            connection.execute(update(table).where(table.c.prefix == prefix).values(current=current))
    finally:
        kept.pop(_COUNTED, None)


def next_number(connection: Connection, prefix: str) -> int:
    """The next number of `prefix`, starting at 1; concurrent transactions wait for each other, so there is never a gap."""
    counted: dict[str, int] | None = connection.info.get(_COUNTED)
    if counted is None:
        return _count_on(connection, prefix)
    counted[prefix] = counted[prefix] + 1 if prefix in counted else _count_on(connection, prefix)
    return counted[prefix]


def _count_on(connection: Connection, prefix: str) -> int:
    dialect = connection.dialect.name
    if dialect not in _COUNT_ON:
        first = {"prefix": bindparam("the_prefix"), "current": 1}
        counted = upsert(connection, table, first, ["prefix"], {"current": table.c.current + 1})
        _COUNT_ON[dialect] = counted.returning(table.c.current)
    return int(connection.execute(_COUNT_ON[dialect], {"the_prefix": prefix}).scalar_one())


_COUNT_ON: dict[str, Executable] = {}  # by dialect, made once: every new record with a series runs it


def current_number(connection: Connection, prefix: str) -> int:
    """The last number given for `prefix`; 0 when none was."""
    counted: dict[str, int] = connection.info.get(_COUNTED) or {}
    if prefix in counted:
        return counted[prefix]
    return int(connection.execute(select(table.c.current).where(table.c.prefix == prefix)).scalar() or 0)


def expand(connection: Connection, series: str, record: Mapping[str, Any], now: datetime) -> str:
    """The name that a series or `format:` makes for a record; dates are those of the site's time zone.

    Raises ValidationFailed when a field it is made from is empty, or when the name would be too long.
    """
    day = now.astimezone(times.SITE_ZONE).date()
    name = ""
    for part in name_parts(series, record):
        if part.kind == "digits":
            name += f"{next_number(connection, name):0{len(part.content)}d}"
        elif part.kind == "date":
            name += DATES[part.content](day)
        elif part.kind == "field":
            name += _field_text(series, part.content, record)
        else:
            name += part.content
    if not name or len(name) > MAX_NAME:
        raise ValidationFailed(
            Text(
                f"按“{series}”生成的编号“{name[:60]}”应为 1 到 {MAX_NAME} 个字符。",
                f'The name "{name[:60]}" made by "{series}" must have 1 to {MAX_NAME} characters.',
            )
        )
    return name


def example(connection: Connection, series: str, shown: Mapping[str, str], now: datetime) -> str:
    """What `expand` would give next, nothing counted; `shown` stands for the values of fields."""
    day = now.astimezone(times.SITE_ZONE).date()
    name = ""
    for part in name_parts(series, shown):
        if part.kind == "digits":
            name += f"{current_number(connection, name) + 1:0{len(part.content)}d}"
        elif part.kind == "date":
            name += DATES[part.content](day)
        else:
            name += shown[part.content] if part.kind == "field" else part.content
    return name


def _field_text(series: str, fieldname: str, record: Mapping[str, Any]) -> str:
    value = record.get(fieldname)
    if value is None or isinstance(value, list | dict):
        text = Text(
            f"编号规则“{series}”需要字段 {fieldname}，请先填写。",
            f'The series "{series}" needs the field "{fieldname}"; fill it in first.',
        )
        raise ValidationFailed(text, [Fault(fieldname, text)])
    if isinstance(value, datetime | date):
        return value.strftime("%Y%m%d")
    shown = plain_number(value) if hasattr(value, "as_tuple") else str(value)
    return re.sub(r"[\x00-\x1f]", " ", shown).strip()
