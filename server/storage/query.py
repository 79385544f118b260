"""Lists, counts and aggregates over one DocType's table.

Pages continue by key (`order`), so that page 1,000 costs what page 1 does; counts stop at a cap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, FromClause, Select, bindparam, func, literal, literal_column, select, true

from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..metadata.model import DocType
from . import readings
from .calendar_units import Unit, in_unit
from .exact import exact_average, exact_sum
from .filters import Filter, apart, stored_column, where
from .order import (
    Keyed,
    Order,
    Place,
    continues,
    encode_cursor,
    has_keys,
    nulls_first,
    read_cursor,
    read_order,
    sorting,
    without_keys,
)
from .system import sort_key
from .tables import record_table

Row = dict[str, Any]
AggregateFunction = Literal["count", "sum", "avg", "min", "max", "exists", "first", "list"]
MAX_LISTED = 1000  # distinct values
MAX_STATEMENTS = 100  # kept for the questions of one DocType
COUNTS_AT_ONCE = 30
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
    """A page of rows as dictionaries of `columns`, with `name` and the sort fields beside them (the next cursor needs them).

    `condition` is the reader's permission. Raises ValidationFailed for a field, operator, order or cursor that is unknown.
    """
    order = read_order(doctype, order_by, readings.sorted_by_key(connection, doctype))
    names = list(dict.fromkeys([*columns, *(item.fieldname for item in order), "name"]))
    selected = [stored_column(doctype, name)[1] for name in names]
    asked = select(*selected).where(*_conditions(doctype, filters, or_filters, condition))
    place = read_cursor(after, order) if after else None
    if has_keys(order):
        return _page_by_key(connection, doctype, names, asked, order, place, limit, offset)
    asked = _behind(connection, doctype, asked, order, place)
    return [dict(zip(names, row, strict=True)) for row in connection.execute(asked.limit(limit).offset(offset or None))]


def _page_by_key(
    connection: Connection,
    doctype: DocType,
    names: Sequence[str],
    asked: Select[Any],
    order: Order,
    place: Place | None,
    limit: int,
    offset: int,
) -> list[Row]:
    """The records that have a key, by that, then those that a process of an older version left without: no list leaves one out.

    They are asked for when the others are at an end: an outer join would sort all records where the index of the keys gives a page.
    """
    found: list[Row] = []
    if place is None or place.key is not None:
        keyed = _behind(connection, doctype, asked.add_columns(sort_key.c.key).where(readings.belongs(doctype)), order, place)
        rows = connection.execute(keyed.limit(limit).offset(offset or None))
        found += [Keyed(zip(names, row, strict=False), row[-1]) for row in rows]
        if len(found) == limit:
            return found
        if offset:
            passed = keyed.with_only_columns(func.count()).order_by(None)
            offset = 0 if found else offset - int(connection.execute(passed).scalar_one())
        place = None
    lacking = _behind(connection, doctype, asked.where(readings.lacks_key(doctype)), without_keys(order), place)
    rows = connection.execute(lacking.limit(limit - len(found)).offset(offset or None))
    return found + [Keyed(zip(names, row, strict=True), None) for row in rows]


def _behind(connection: Connection, doctype: DocType, asked: Select[Any], order: Order, place: Place | None) -> Select[Any]:
    """The rows that come after `place`, in their order."""
    if place is not None:
        asked = asked.where(continues(doctype, order, place, by_pairs=connection.dialect.name != "mariadb"))
    return asked.order_by(*sorting(doctype, order))


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
    return int(connection.execute(_capped(doctype, _conditions(doctype, filters, or_filters, condition), cap)).scalar_one())


def counts_linked(
    connection: Connection, asked: Sequence[tuple[DocType, str, ColumnElement[bool] | None]], name: str, *, cap: int = 1000
) -> list[int]:
    """How many rows of each (DocType, link field, condition) link to `name`, each at most `cap`: as many questions in one statement
    as every database takes."""
    found: list[int] = []
    for start in range(0, len(asked), COUNTS_AT_ONCE):
        counts = []
        for doctype, fieldname, condition in asked[start : start + COUNTS_AT_ONCE]:
            conditions = _conditions(doctype, [(fieldname, "=", name)], (), condition)
            counts.append(_capped(doctype, conditions, cap).scalar_subquery())
        found += [int(number) for number in connection.execute(select(*counts)).one()]
    return found


def _capped(doctype: DocType, conditions: Iterable[ColumnElement[bool]], cap: int) -> Select[Any]:
    some = select(record_table(doctype).c.name).where(*conditions).limit(cap)
    return select(func.count()).select_from(some.subquery())


def select_groups(
    connection: Connection,
    doctype: DocType,
    *,
    group_by: str | None,
    aggregates: Sequence[tuple[str, str, str]],
    unit: tuple[Unit, ZoneInfo] | None = None,
    filters: Iterable[Filter] = (),
    or_filters: Iterable[Filter] = (),
    condition: ColumnElement[bool] | None = None,
    limit: int = 1000,
) -> list[Row]:
    """One row per value of `group_by` (or of the `unit` that a date lies in), with aggregates `(function, field, alias)`: count, sum,
    avg, min, max; without `group_by` one row over everything."""
    computed = [_aggregated(connection, doctype, function, fieldname) for function, fieldname, _ in aggregates]
    conditions = _conditions(doctype, filters, or_filters, condition)
    aliases = [alias for _, _, alias in aggregates]
    if group_by is None:
        whole = select(*computed).select_from(record_table(doctype)).where(*conditions)
        return [dict(zip(aliases, row, strict=True)) for row in connection.execute(whole)]
    stored, column = stored_column(doctype, group_by)
    names = [group_by, *aliases]
    if unit is None:
        asked = select(column, *computed).where(*conditions).group_by(column)
        ordered = asked.order_by(nulls_first(doctype, group_by, "asc")).limit(limit)
    else:
        first: ColumnElement[Any] = literal_column(
            "1"
        )  # by position: PostgreSQL takes an expression with parameters in GROUP BY for another one
        asked = select(in_unit(column, unit[0], stored.kind, unit[1]), *computed).where(*conditions).group_by(first)
        ordered = asked.order_by(first).limit(limit)
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
        return connection.execute(_first(doctype, column, conditions, order_by)).scalar()
    if function == "list":
        filled = select(column).where(*conditions, column.is_not(None)).distinct().order_by(column).limit(MAX_LISTED)
        return list(connection.execute(filled).scalars())
    value = select(_aggregated(connection, doctype, function, fieldname)).select_from(record_table(doctype)).where(*conditions)
    return connection.execute(value).scalar()


def _first(
    doctype: DocType, column: ColumnElement[Any], conditions: Sequence[ColumnElement[bool]], order_by: str | None
) -> Select[Any]:
    order = read_order(doctype, order_by or (DEFAULT_ORDER if "modified" in record_table(doctype).c else "name asc"))
    return select(column).where(*conditions).order_by(*sorting(doctype, order)).limit(1)


@dataclass(frozen=True, slots=True)
class Question:
    """One value over the rows of a DocType that match, as `aggregate` gives it; not a list."""

    doctype: DocType
    function: AggregateFunction
    fieldname: str | None = None
    filters: tuple[Filter, ...] = ()
    order_by: str | None = None


def aggregate_all(connection: Connection, questions: Sequence[Question]) -> list[Any]:
    """The answers to several questions by one statement; those about the same rows of a DocType read them once.

    The rules of a DocType ask the same questions at every save, with other values: the statement is kept.
    """
    values = _values_apart(questions)
    kept: dict[Any, Select[Any]] = record_table(questions[0].doctype).info.setdefault("statements", {})
    key = connection.dialect.name, *(_shape(asked, values) for asked in questions)
    statement = kept.get(key)
    if statement is None:
        if len(kept) >= MAX_STATEMENTS:
            kept.clear()
        statement = kept[key] = _statement(connection, [_open(asked, values) for asked in questions])
    row = connection.execute(statement, dict(values.values())).one()
    return [bool(value) if asked.function == "exists" else value for asked, value in zip(questions, row, strict=True)]


_Values = dict[tuple[Any, ...], tuple[str, Any]]  # by table and filter: its place in the statement, and the value to put there


def _values_apart(questions: Sequence[Question]) -> _Values:
    """The values that need not be part of the statement; filters that say the same share a place."""
    found: _Values = {}
    for asked in questions:
        for item in asked.filters:
            key = _filter_key(asked, item)
            if key not in found and (value := apart(asked.doctype, *item)) is not None:
                found[key] = f"b{len(found)}", value
    return found


def _filter_key(asked: Question, item: Filter) -> tuple[Any, ...]:
    return record_table(asked.doctype), item[0], item[1], repr(item[2])


def _shape(asked: Question, values: _Values) -> tuple[Any, ...]:
    """What makes the statement of a question: everything but the values that are apart from it."""
    keys = [_filter_key(asked, item) for item in asked.filters]
    filters = tuple((*key[:3], values[key][0]) if key in values else key for key in keys)
    return record_table(asked.doctype), asked.function, asked.fieldname, asked.order_by, filters


def _open(asked: Question, values: _Values) -> Question:
    """The question with places where its values will be put."""
    places = [(item, values.get(_filter_key(asked, item))) for item in asked.filters]
    return replace(asked, filters=tuple((*item[:2], bindparam(found[0])) if found else item for item, found in places))


def _statement(connection: Connection, questions: Sequence[Question]) -> Select[Any]:
    source, chosen = _joined(connection, questions)
    columns = [chosen[index] if index in chosen else _alone(asked) for index, asked in enumerate(questions)]
    labelled = [column.label(f"v{index}") for index, column in enumerate(columns)]
    return select(*labelled) if source is None else select(*labelled).select_from(source)


def _joined(connection: Connection, questions: Sequence[Question]) -> tuple[FromClause | None, dict[int, ColumnElement[Any]]]:
    """Aggregates over the same rows as columns of one row, these rows side by side; and which column answers which question."""
    together: dict[tuple[str, str], list[int]] = {}
    for index, asked in enumerate(questions):
        if asked.function not in ("exists", "first"):
            together.setdefault((asked.doctype.name, repr(asked.filters)), []).append(index)
    source: FromClause | None = None
    chosen: dict[int, ColumnElement[Any]] = {}
    for places in together.values():
        of, filters = questions[places[0]].doctype, questions[places[0]].filters
        values = [_aggregated(connection, of, questions[at].function, questions[at].fieldname).label(f"a{at}") for at in places]
        part = select(*values).select_from(record_table(of)).where(*_conditions(of, filters, (), None)).subquery()
        source = part if source is None else source.join(part, true())
        chosen |= {at: part.c[f"a{at}"] for at in places}
    return source, chosen


def _alone(asked: Question) -> ColumnElement[Any]:
    conditions = _conditions(asked.doctype, asked.filters, (), None)
    if asked.function == "exists":
        return select(literal(1)).select_from(record_table(asked.doctype)).where(*conditions).exists()
    _, column = stored_column(asked.doctype, asked.fieldname or "name")
    return _first(asked.doctype, column, conditions, asked.order_by).scalar_subquery()


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


__all__ = [
    "AggregateFunction",
    "Filter",
    "Question",
    "Row",
    "aggregate",
    "aggregate_all",
    "count_capped",
    "counts_linked",
    "encode_cursor",
    "select_groups",
    "select_page",
]
