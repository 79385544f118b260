"""Questions of reports as one SQL statement: columns of a record, of its rows and of what it links to; groups; aggregates of a part.

What the reader may see is in the statement: the condition of the record itself, and for every link one of the linked records, which
are empty where the reader may not see them. Sums are exact. Nothing is grouped in Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, distinct, func, literal_column, or_, select

from ..metadata.model import DocType
from . import filters
from .calendar_units import Unit, in_unit
from .exact import exact_average, exact_sum
from .query import Row
from .tables import record_table

Function = Literal["value", "count", "count_distinct", "sum", "avg", "min", "max"]
Table = Literal["record", "rows"]
RECORD_NAME = "__name"  # in the answer to a question without groups: which record the row belongs to
NEGATIVE = ("!=", "not in", "not like")


@dataclass(frozen=True)
class Place:
    """Where a value stands: in the record or in its rows, there or in what the field `link` leads to. `doctype` is whose field it is."""

    doctype: DocType
    fieldname: str
    table: Table = "record"
    link: str = ""


@dataclass(frozen=True)
class Part:
    """One condition on a value."""

    place: Place
    operator: str
    value: Any


@dataclass(frozen=True)
class Computed:
    """One column of the answer, called `key`. Of an aggregate only what meets `where` is counted."""

    key: str
    function: Function
    place: Place
    unit: Unit | None = None
    where: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Question:
    """What is asked. `rows` is the child table (fieldname and DocType) whose rows are counted instead of records; `sights` are the
    conditions under which the reader sees what a link leads to, by (table, link)."""

    doctype: DocType
    columns: tuple[Computed, ...]
    zone: ZoneInfo
    rows: tuple[str, DocType] | None = None
    where: tuple[Part, ...] = ()
    condition: ColumnElement[bool] | None = None
    sights: Mapping[tuple[Table, str], ColumnElement[bool] | None] = field(default_factory=dict)
    order: tuple[tuple[str, bool], ...] = ()  # keys, each with whether it descends
    limit: int = 1000

    @property
    def is_grouped(self) -> bool:
        return any(item.function != "value" for item in self.columns)


PORTION = 500


def answer(connection: Connection, question: Question) -> list[Row]:
    """The rows, each a dictionary by the keys of the columns; at most `limit`."""
    return list(each(connection, question))


def each(connection: Connection, question: Question) -> Iterator[Row]:
    """The same one after the other, read from the database as they are taken."""
    source = _Source(connection, question)
    columns = {item.key: source.column(item) for item in question.columns}
    if not question.is_grouped:
        columns[RECORD_NAME] = source.tables["record"].c.name
    asked = select(*(column.label(key) for key, column in columns.items())).select_from(source.joined())
    asked = asked.where(*source.conditions())
    keys = [number for number, item in enumerate(question.columns, 1) if item.function == "value"]
    if question.is_grouped and keys:
        # by position: PostgreSQL takes an expression with parameters in GROUP BY for another one
        asked = asked.group_by(*(literal_column(str(number)) for number in keys))
    asked = asked.order_by(*_order(question, columns, keys, on_postgresql=connection.dialect.name == "postgresql")).limit(
        question.limit
    )
    for row in connection.execute(asked, execution_options={"stream_results": True, "yield_per": PORTION}):
        yield dict(zip(columns, row, strict=True))


def _order(
    question: Question, columns: Mapping[str, ColumnElement[Any]], keys: Sequence[int], *, on_postgresql: bool
) -> list[ColumnElement[Any]]:
    """The order asked for, then the other keys or the record's name, so that the answer never depends on chance; the empty come first."""
    positions = {key: number for number, key in enumerate(columns, 1)}
    wanted = {key: descends for key, descends in question.order if key in positions}
    rest = [key for key in columns if positions[key] in keys] if question.is_grouped else [RECORD_NAME]
    found: list[ColumnElement[Any]] = []
    for key, descends in {**wanted, **{key: False for key in rest if key not in wanted}}.items():
        place: ColumnElement[Any] = literal_column(str(positions[key]))
        if on_postgresql:  # where the empty are greater than everything, unless it is said
            found.append(place.desc().nulls_last() if descends else place.asc().nulls_first())
        else:
            found.append(place.desc() if descends else place.asc())
    return found if not question.is_grouped or keys else []


class _Source:
    """The tables of one question, joined as its columns and conditions need them."""

    def __init__(self, connection: Connection, question: Question) -> None:
        self._connection = connection
        self._question = question
        self.tables: dict[Table, FromClause] = {"record": record_table(question.doctype)}
        if question.rows is not None:
            self.tables["rows"] = record_table(question.rows[1])
        self._linked = {key: self._seen(key, places) for key, places in _links(question).items()}

    def _seen(self, key: tuple[Table, str], places: Sequence[Place]) -> FromClause:
        """What a link leads to, as far as the reader sees it: its name and the fields that are asked for."""
        target = record_table(places[0].doctype)
        names = dict.fromkeys(["name", *(place.fieldname for place in places)])
        sight = self._question.sights.get(key)
        seen = select(*(target.c[name].label(name) for name in names))
        if sight is not None:
            seen = seen.where(sight)
        return seen.subquery(f"{key[0]}_{key[1]}"[:60])

    def joined(self) -> FromClause:
        found = record = self.tables["record"]
        if (rows := self._question.rows) is not None:
            table = self.tables["rows"]
            belongs = and_(
                table.c.parent == record.c.name,
                table.c.parenttype == self._question.doctype.name,
                table.c.parentfield == rows[0],
            )
            found = found.join(table, belongs)
        for (owner, link), seen in self._linked.items():
            found = found.outerjoin(seen, self.tables[owner].c[link] == seen.c.name)
        return found

    def conditions(self) -> list[ColumnElement[bool]]:
        found = [self._met(part) for part in self._question.where]
        return found if self._question.condition is None else [*found, self._question.condition]

    def column(self, item: Computed) -> ColumnElement[Any]:
        value = self._value(item.place)
        stored, _ = filters.stored_column(item.place.doctype, item.place.fieldname)
        if item.function == "value":
            return in_unit(value, item.unit, stored.kind, self._question.zone) if item.unit else value
        if item.where:
            value = case((and_(*(self._met(part) for part in item.where)), value))
        if item.function == "sum":
            exact = stored.kind == "decimal"
            return exact_sum(self._connection, value, stored.places) if exact else func.sum(value, type_=value.type)
        if item.function == "avg":
            return exact_average(self._connection, value)
        if item.function == "count_distinct":
            return func.count(distinct(value))
        aggregate: ColumnElement[Any] = getattr(func, item.function)(value)
        return aggregate

    def _value(self, place: Place) -> Any:
        table = self._linked[place.table, place.link] if place.link else self.tables[place.table]
        return table.c[place.fieldname]

    def _met(self, part: Part) -> ColumnElement[bool]:
        """A condition; on a linked record it is that the link leads to one that meets it and that the reader sees."""
        place = part.place
        condition = filters.condition(place.doctype, place.fieldname, part.operator, part.value)
        if not place.link:
            return condition
        sight = self._question.sights.get((place.table, place.link))
        target = record_table(place.doctype)
        link = self.tables[place.table].c[place.link]
        within = select(target.c.name).where(condition, *([sight] if sight is not None else [])).correlate(None)
        leads = link.in_(within)
        return or_(leads, link.is_(None)) if _takes_empty(part) else leads


def _takes_empty(part: Part) -> bool:
    """Whether a condition holds of nothing."""
    return (
        part.operator in NEGATIVE
        or (part.operator == "=" and part.value is None)
        or (part.operator, part.value) == ("is", "not set")
    )


def _links(question: Question) -> dict[tuple[Table, str], list[Place]]:
    found: dict[tuple[Table, str], list[Place]] = {}
    for item in question.columns:
        if item.place.link:
            found.setdefault((item.place.table, item.place.link), []).append(item.place)
    return found
