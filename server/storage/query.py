"""Lists, counts and aggregates over one DocType's table.

Pages continue by key (the sort value and the name of the last row), so that page 1,000 costs what page 1 does; counts stop at
a cap. An empty sort value comes first in ascending order and last in descending, on every database.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, Connection, and_, func, literal, or_, select, tuple_

from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..metadata.model import DocType
from .exact import exact_average, exact_sum
from .filters import Filter, stored_column, where
from .tables import NEVER_NULL, StoredColumn, record_table
from .types import convert, dump_json

Row = dict[str, Any]
AggregateFunction = Literal["count", "sum", "avg", "min", "max", "exists", "first"]
DEFAULT_ORDER = "modified desc"


def select_page(
    connection: Connection,
    doctype: DocType,
    *,
    columns: Sequence[str],
    filters: Iterable[Filter] = (),
    or_filters: Iterable[Filter] = (),
    condition: ColumnElement[bool] | None = None,
    order_by: str = DEFAULT_ORDER,
    limit: int = 20,
    after: str | None = None,
    offset: int = 0,
) -> list[Row]:
    """A page of rows as dictionaries of `columns`, with `name` and the sort field beside them (the next cursor needs them).

    `condition` is the reader's permission. Raises ValidationFailed for a field, operator, order or cursor that is unknown.
    """
    sort, direction = _order(doctype, order_by)
    names = list(dict.fromkeys([*columns, sort.fieldname, "name"]))
    selected = [stored_column(doctype, name)[1] for name in names]
    asked = select(*selected).where(*_conditions(doctype, filters, or_filters, condition))
    if after:
        asked = asked.where(_continues(doctype, sort, direction, *_read_cursor(after, sort, order_by)))
    asked = asked.order_by(*_sorting(doctype, sort, direction)).limit(limit)
    if offset:
        asked = asked.offset(offset)
    return [dict(zip(names, row, strict=True)) for row in connection.execute(asked)]


def count_capped(
    connection: Connection,
    doctype: DocType,
    *,
    filters: Iterable[Filter] = (),
    or_filters: Iterable[Filter] = (),
    condition: ColumnElement[bool] | None = None,
    cap: int = 1000,
) -> int:
    """How many rows there are, at most `cap`: the database stops counting there."""
    some = select(record_table(doctype).c.name).where(*_conditions(doctype, filters, or_filters, condition)).limit(cap)
    return int(connection.execute(select(func.count()).select_from(some.subquery())).scalar_one())


def select_groups(
    connection: Connection,
    doctype: DocType,
    *,
    group_by: str,
    aggregates: Sequence[tuple[str, str, str]],
    filters: Iterable[Filter] = (),
    condition: ColumnElement[bool] | None = None,
    limit: int = 1000,
) -> list[Row]:
    """One row per value of `group_by`, with aggregates `(function, field, alias)`: count, sum, avg, min, max."""
    _, key = stored_column(doctype, group_by)
    computed = [_aggregated(connection, doctype, function, fieldname) for function, fieldname, _ in aggregates]
    asked = select(key, *computed).where(*_conditions(doctype, filters, (), condition)).group_by(key)
    names = [group_by, *(alias for _, _, alias in aggregates)]
    ordered = asked.order_by(_nulls_first(doctype, group_by, "asc")).limit(limit)
    return [dict(zip(names, row, strict=True)) for row in connection.execute(ordered)]


def aggregate(
    connection: Connection,
    doctype: DocType,
    function: AggregateFunction,
    fieldname: str | None = None,
    filters: Iterable[Filter] = (),
    *,
    order_by: str | None = None,
    condition: ColumnElement[bool] | None = None,
) -> Any:
    """One value over the rows that match: count (int), exists (bool), sum (exact; None of nothing), min, max, avg, or the first
    value in `order_by` (the newest when it is not said)."""
    conditions = _conditions(doctype, filters, (), condition)
    _, column = stored_column(doctype, fieldname or "name")
    if function == "exists":
        return (
            connection.execute(select(literal(1)).select_from(record_table(doctype)).where(*conditions).limit(1)).first()
            is not None
        )
    if function == "first":
        sort, direction = _order(doctype, order_by or (DEFAULT_ORDER if "modified" in record_table(doctype).c else "name asc"))
        first = select(column).where(*conditions).order_by(*_sorting(doctype, sort, direction)).limit(1)
        return connection.execute(first).scalar()
    return connection.execute(select(_aggregated(connection, doctype, function, fieldname)).where(*conditions)).scalar()


def _aggregated(connection: Connection, doctype: DocType, function: str, fieldname: str | None) -> ColumnElement[Any]:
    if function == "count" and fieldname in (None, "", "*", "name"):
        return func.count()
    stored, column = stored_column(doctype, fieldname or "name")
    if function in ("sum", "avg") and stored.kind not in ("integer", "decimal"):
        text = Text(
            f"{fieldname} 不是数字字段，不能求和或平均。", f'"{fieldname}" is not a number field; it has no sum or average.'
        )
        raise ValidationFailed(text, [Fault(stored.fieldname, text)])
    if function == "sum":
        return exact_sum(connection, column, stored.places) if stored.kind == "decimal" else func.sum(column, type_=column.type)
    if function == "avg":
        return exact_average(connection, column)
    if function in ("min", "max", "count"):
        return getattr(func, function)(column)  # type: ignore[no-any-return]
    text = Text(
        f"没有聚合函数“{function}”，应为 count、sum、avg、min、max。",
        f'There is no aggregate "{function}"; use count, sum, avg, min or max.',
    )
    raise ValidationFailed(text, [Fault(stored.fieldname, text)])


def _conditions(
    doctype: DocType,
    filters: Iterable[Filter],
    or_filters: Iterable[Filter],
    condition: ColumnElement[bool] | None,
) -> list[ColumnElement[bool]]:
    found = where(doctype, filters, or_filters)
    if condition is not None:
        found.append(condition)
    return found


# Order and cursor


def _order(doctype: DocType, order_by: str) -> tuple[StoredColumn, str]:
    fieldname, _, direction = order_by.strip().partition(" ")
    direction = direction.strip().lower() or "asc"
    if direction not in ("asc", "desc"):
        text = Text(f"排序方向“{direction}”应为 asc 或 desc。", f'Sort direction "{direction}" should be asc or desc.')
        raise ValidationFailed(text, [Fault("order_by", text)])
    return stored_column(doctype, fieldname)[0], direction


def _sorting(doctype: DocType, sort: StoredColumn, direction: str) -> list[ColumnElement[Any]]:
    name = record_table(doctype).c.name
    last = name.asc() if direction == "asc" else name.desc()
    return [last] if sort.fieldname == "name" else [_nulls_first(doctype, sort.fieldname, direction), last]


def _nulls_first(doctype: DocType, fieldname: str, direction: str) -> ColumnElement[Any]:
    column: Column[Any] = record_table(doctype).c[fieldname]
    ordered = column.asc() if direction == "asc" else column.desc()
    if fieldname in NEVER_NULL:
        return ordered
    return ordered.nulls_first() if direction == "asc" else ordered.nulls_last()


def _continues(doctype: DocType, sort: StoredColumn, direction: str, value: Any, name: str) -> ColumnElement[bool]:
    """The rows that come after the one with this sort value and name."""
    table = record_table(doctype)
    column, key = table.c[sort.fieldname], table.c.name
    after_name = key > name if direction == "asc" else key < name
    if sort.fieldname == "name":
        return after_name
    if value is None:
        empty_after = and_(column.is_(None), after_name)
        return or_(empty_after, column.is_not(None)) if direction == "asc" else empty_after
    here = tuple_(literal(value, column.type), literal(name, key.type))
    beyond = tuple_(column, key) > here if direction == "asc" else tuple_(column, key) < here
    if direction == "asc" or sort.fieldname in NEVER_NULL:
        return beyond
    return or_(beyond, column.is_(None))


def encode_cursor(row: Mapping[str, Any], order_by: str) -> str:
    """The opaque cursor that continues after `row` in this order."""
    fieldname = order_by.strip().partition(" ")[0]
    value = row.get(fieldname)
    exact = str(value) if isinstance(value, Decimal) else value
    content = dump_json([order_by.strip().lower(), exact, row["name"]])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[str, Any, str]:
    """(order, sort value as JSON, name). Raises ValidationFailed when it is not one of ours."""
    try:
        content = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        order_by, value, name = content
        if isinstance(order_by, str) and isinstance(name, str):
            return order_by, value, name
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise _bad_cursor()


def _read_cursor(cursor: str, sort: StoredColumn, order_by: str) -> tuple[Any, str]:
    made_for, value, name = decode_cursor(cursor)
    if made_for.split() != order_by.strip().lower().split():
        raise _bad_cursor()
    try:
        return convert(sort.kind, value), name
    except (ValueError, TypeError, ArithmeticError):
        raise _bad_cursor() from None


def _bad_cursor() -> ValidationFailed:
    text = Text(
        "翻页标记无效或不属于此排序，请从第一页开始。",
        "The page cursor is not valid for this order; start again at the first page.",
    )
    return ValidationFailed(text, [Fault("after", text)])
