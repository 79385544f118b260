"""The order of a list, by one column or several, and how a page continues where the one before ended.

A page continues by key, the sort values and the name of the last row. An empty sort value comes first in ascending order and last
in descending, on every database. Rows that agree in every sort column are ordered by name, in the direction of the last column.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal, cast

from sqlalchemy import Column, ColumnElement, Table, and_, false, literal, or_, tuple_

from ..core import pinyin
from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..metadata.model import DocType
from .filters import stored_column
from .system import sort_key
from .tables import NEVER_NULL, StoredColumn, record_table
from .types import convert, dump_json

Direction = Literal["asc", "desc"]
MAX_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class Sorted:
    """One column of an order; `by_key` where the key of the record's title stands for it (`readings`)."""

    column: StoredColumn
    direction: Direction
    by_key: bool = False

    @property
    def fieldname(self) -> str:
        return self.column.fieldname


Order = tuple[Sorted, ...]


def split_order(order_by: str) -> list[tuple[str, Direction]]:
    """The (field, direction) pairs of `a desc, b`; a field that comes again counts once. Raises ValidationFailed."""
    found: dict[str, Direction] = {}
    for part in order_by.split(","):
        fieldname, _, direction = part.strip().partition(" ")
        direction = direction.strip().lower() or "asc"
        if direction not in ("asc", "desc") or not fieldname:
            raise _refused(
                f"排序“{part.strip()}”应写作“字段 asc”或“字段 desc”。",
                f'The order "{part.strip()}" should read "field asc" or "field desc".',
            )
        found.setdefault(fieldname, cast(Direction, direction))
    if len(found) > MAX_COLUMNS:
        raise _refused(
            f"最多按 {MAX_COLUMNS} 个字段排序，给出了 {len(found)} 个。",
            f"A list is ordered by at most {MAX_COLUMNS} fields; {len(found)} were given.",
        )
    return list(found.items())


def read_order(doctype: DocType, order_by: str, keyed: str | None = None) -> Order:
    """The columns of an order, `keyed` by its key. Raises ValidationFailed for a field or direction that there is not."""
    return tuple(Sorted(stored_column(doctype, name)[0], direction, name == keyed) for name, direction in split_order(order_by))


def sorting(doctype: DocType, order: Order) -> list[ColumnElement[Any]]:
    """The ORDER BY, with the name last unless it stands in the order: no two rows may change places between two pages."""
    return [_nulls_first(column, direction) for column, direction in _places(doctype, order)]


def has_keys(order: Order) -> bool:
    """Whether the keys of titles are to be joined (`readings.belongs`)."""
    return any(item.by_key for item in order)


def without_keys(order: Order) -> Order:
    """The same order for the records that have no key."""
    return tuple(replace(item, by_key=False) for item in order)


def _places(doctype: DocType, order: Order) -> list[tuple[Column[Any], Direction]]:
    """What is compared, one after the other. The name stands beside the keys, where there are any, so that one index answers both."""
    records = record_table(doctype)
    name = sort_key.c.name if has_keys(order) else records.c.name
    found = [(_column(records, name, item), item.direction) for item in order]
    return found if any(column is name for column, _ in found) else [*found, (name, order[-1].direction)]


def _column(records: Table, name: Column[Any], item: Sorted) -> Column[Any]:
    if item.by_key:
        return sort_key.c.key
    return name if item.fieldname == "name" else records.c[item.fieldname]


def nulls_first(doctype: DocType, fieldname: str, direction: str) -> ColumnElement[Any]:
    return _nulls_first(record_table(doctype).c[fieldname], direction)


def _nulls_first(column: Column[Any], direction: str) -> ColumnElement[Any]:
    ordered = column.asc() if direction == "asc" else column.desc()
    if not _may_be_null(column):
        return ordered
    return ordered.nulls_first() if direction == "asc" else ordered.nulls_last()


def _may_be_null(column: Column[Any]) -> bool:
    return column.table is not sort_key and column.key not in NEVER_NULL


# Where a page continues


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the sort values and the name of its last row, and the key it had; none for a record without."""

    values: list[Any]
    name: str
    key: str | None


class Keyed(dict[str, Any]):
    """A row of a list in the order of keys, with the one it stands by: a record may still have an older key than its title's."""

    __slots__ = ("key",)

    def __init__(self, row: Iterable[tuple[str, Any]], key: str | None) -> None:
        super().__init__(row)
        self.key = key


def continues(doctype: DocType, order: Order, place: Place, *, by_pairs: bool = True) -> ColumnElement[bool]:
    """The rows that come after this place; `by_pairs` where an index answers comparisons of pairs."""
    places = _places(doctype, order)
    compared = [place.key if item.by_key else value for item, value in zip(order, place.values, strict=True)]
    if len(places) > len(compared):
        compared.append(place.name)
    if by_pairs and len(places) == 2 and len(order) == 1:
        return _continues_by_pair(places, compared)
    same: list[ColumnElement[bool]] = []
    later: list[ColumnElement[bool]] = []
    for (column, direction), value in zip(places, compared, strict=True):
        later.append(and_(*same, _beyond(column, direction, value)))
        same.append(column.is_(None) if value is None else column == literal(value, column.type))
    return or_(*later)


def _beyond(column: Column[Any], direction: Direction, value: Any) -> ColumnElement[bool]:
    if value is None:
        return column.is_not(None) if direction == "asc" else false()
    here = literal(value, column.type)
    if direction == "asc":
        return column > here
    return or_(column < here, column.is_(None)) if _may_be_null(column) else column < here


def _continues_by_pair(places: Sequence[tuple[Column[Any], Direction]], values: Sequence[Any]) -> ColumnElement[bool]:
    """The same for one column and the name, as a comparison of pairs, which an index on both answers."""
    (column, direction), (key, _) = places
    value, name = values
    if value is None:
        empty_after = and_(column.is_(None), key > name if direction == "asc" else key < name)
        return or_(empty_after, column.is_not(None)) if direction == "asc" else empty_after
    here = tuple_(literal(value, column.type), literal(name, key.type))
    beyond = tuple_(column, key) > here if direction == "asc" else tuple_(column, key) < here
    return or_(beyond, column.is_(None)) if direction == "desc" and _may_be_null(column) else beyond


# The cursor


def encode_cursor(row: Mapping[str, Any], order_by: str) -> str:
    """The opaque cursor that continues after `row` in this order."""
    pairs = split_order(order_by)
    exact = [str(value) if isinstance(value := row.get(name), Decimal) else value for name, _ in pairs]
    keys = [row.key] if isinstance(row, Keyed) else []
    content = dump_json([_written(pairs), exact, row["name"], *keys])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def read_cursor(cursor: str, order: Order) -> Place:
    """The place of a cursor that was made for this order. Raises ValidationFailed when it is not one of ours."""
    try:
        made_for, written, name, *keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if made_for != _written([(item.fieldname, item.direction) for item in order]) or not isinstance(name, str):
            raise ValueError(made_for)
        if len(keys) > 1 or not all(key is None or isinstance(key, str) for key in keys):
            raise ValueError(keys)
        values = [convert(item.column.kind, value) for item, value in zip(order, written, strict=True)]
        if not keys:  # made before there were keys
            keys = [pinyin.sort_key(str(value or "")) for item, value in zip(order, values, strict=True) if item.by_key]
        return Place(values, name, keys[0] if keys else None)
    except (ValueError, TypeError, ArithmeticError, binascii.Error, RecursionError):
        raise _bad_cursor() from None


def _written(pairs: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {direction}" for name, direction in pairs)


def _bad_cursor() -> ValidationFailed:
    text = Text(
        "翻页标记无效或不属于此排序，请从第一页开始。",
        "The page cursor is not valid for this order; start again at the first page.",
    )
    return ValidationFailed(text, [Fault("after", text)])


def _refused(zh: str, en: str) -> ValidationFailed:
    text = Text(zh, en)
    return ValidationFailed(text, [Fault("order_by", text)])
