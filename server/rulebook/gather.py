"""Facts: compiled to readers that aggregate the record's own rows, or ask other records through the `FactSource`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ..core.text import Text
from ..metadata.fieldtypes import times
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocType
from .model import Compare, Condition, Fact
from .operands import FactReaders, Read, reader, value_of
from .operators import FACT_OPERATORS, OPERATORS
from .paths import Frame, PathRefused, resolve, unknown
from .periods import Period, between, bounds
from .place import Place
from .situation import FactQuery

Holds = Callable[[Place], bool]
RowTest = Callable[[tuple[Condition, ...], Frame, FactReaders], Holds]
_Condition = tuple[str, str, Read, bool]  # field, operator, reader of the value, whether the value is a literal
_Span = Callable[[Place], list[tuple[str, str, Any]] | None]


def fact_readers(facts: Mapping[str, Fact], frame: Frame, row_test: RowTest) -> dict[str, Read]:
    """A reader for every fact; `row_test` compiles conditions over own rows. Raises PathRefused for a fact that is wrong."""
    found: dict[str, Read] = {}
    for name, fact in facts.items():
        found[name] = fact_reader(fact, frame, found, row_test)
    return found


def fact_reader(fact: Fact, frame: Frame, facts: FactReaders, row_test: RowTest) -> Read:
    if fact.function == "hours_between":
        return _hours(fact, frame, facts)
    if fact.table is not None:
        return _own_rows(fact, frame, facts, row_test)
    return _query(fact, frame, facts)


def instant(value: date | datetime | None) -> datetime | None:
    """A day begins at midnight where the site is."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), times.SITE_ZONE)


def _hours(fact: Fact, frame: Frame, facts: FactReaders) -> Read:
    ends = [_time_of(path, frame, facts) for path in fact.between]

    def read(place: Place) -> Decimal | None:
        start, end = instant(ends[0](place)), instant(ends[1](place))
        if start is None or end is None:
            return None
        length = end - start
        return Decimal(length.days * 86400 + length.seconds) / 3600

    return read


def _own_rows(fact: Fact, frame: Frame, facts: FactReaders, row_test: RowTest) -> Read:
    table, name, function = fact.table or "", fact.field or "", fact.function
    rows = frame.rows(table)
    column = resolve(name, rows)
    if (
        function != "count"
        and column.kind not in ("number", "check")
        and not (function in ("min", "max") and column.kind in ("date", "datetime"))
    ):
        raise PathRefused(
            Text(
                f"{table}.{name} 不是数字列，不能求 {function}",
                f"{table}.{name} is not a column of numbers; {function} is not possible",
            )
        )
    counted = row_test(fact.where, rows, facts)

    def read(place: Place) -> Any:
        values = [row.doc.get(name) for row in place.rows(table) if counted(row)]
        return aggregate(function, [value for value in values if value is not None])

    return read


def aggregate(function: str, values: list[Any]) -> Any:
    if function == "count":
        return len(values)
    if function == "sum":
        return sum(values, Decimal(0))
    if not values:
        return None
    if function == "avg":
        return sum(values, Decimal(0)) / len(values)
    return min(values) if function == "min" else max(values)


def _query(fact: Fact, frame: Frame, facts: FactReaders) -> QueryFact:
    target = frame.model.get(fact.of or "")
    if target is None:
        raise PathRefused(Text(f"没有单据类型 {fact.of!r}", f"{fact.of!r} is not a DocType"))
    if fact.field is not None:
        _known(fact.field, target)
    if fact.order_by is not None:
        _known(fact.order_by.split()[0], target)
    conditions = [_where(item, target, frame, facts) for item in fact.where]
    return QueryFact(fact, target.name, conditions, _span(fact.period, target, frame, facts) if fact.period else None)


class QueryFact:
    """Reads one fact of other records; `question` is what it would ask, so that several can be asked together."""

    def __init__(self, fact: Fact, of: str, conditions: Sequence[_Condition], span: _Span | None) -> None:
        self._fact = fact
        self._of = of
        self._conditions = conditions
        self._span = span

    def __call__(self, place: Place) -> Any:
        asked = self.question(place)
        function = self._fact.function
        found = None if asked is None else place.judgement.ask(asked)
        return _nothing(function) if found is None else int(bool(found)) if function == "exists" else found

    def question(self, place: Place) -> FactQuery | None:
        """None where a value to compare with is absent: that is false for every record."""
        where: list[tuple[str, str, Any]] = []
        for fieldname, operator, get, is_literal in self._conditions:
            value = get(place)
            if isinstance(value, tuple | list):
                value = tuple(item for item in value if item is not None)
            if value is None:
                if operator == "!=" or (operator == "=" and is_literal):
                    where.append((fieldname, "is", "set" if operator == "!=" else "not set"))
                    continue
                return None
            where.append((fieldname, operator, value))
        if self._span is not None:
            within = self._span(place)
            if within is None:
                return None
            where += within
        fact = self._fact
        return FactQuery(fact.name, fact.function, self._of, fact.field, tuple(where), fact.order_by)


def _span(period: Period, target: DocType, frame: Frame, facts: FactReaders) -> _Span:
    """The conditions that keep other records within a period; None where its ends are not known."""
    counted = resolve(period.on, Frame(frame.model, target))
    if counted.source != "field" or counted.kind not in ("date", "datetime"):
        raise PathRefused(
            Text(
                f"period.on：{target.name} 的 {period.on!r} 不是日期或时间字段",
                f"period.on: {period.on!r} of {target.name} is not a field that holds a date or a time",
            )
        )
    on, kind = period.on, counted.kind
    read = {path: _time_of(path, frame, facts) for path in period.paths}

    def within(place: Place) -> list[tuple[str, str, Any]] | None:
        now = place.judgement.situation.now
        if period.since:
            start, end = read[period.since](place), read[period.until](place) if period.until else now
            found = None if start is None or end is None else between(start, end, kind)
        else:
            moment = instant(read[period.at](place)) if period.at else now
            found = None if moment is None else bounds(period, moment, kind)
        return None if found is None else [(on, operator, value) for operator, value in found]

    return within


def _time_of(path: str, frame: Frame, facts: FactReaders) -> Read:
    found = resolve(path, frame)
    if found.kind not in ("date", "datetime"):
        raise PathRefused(Text(f"{path!r} 不是日期或时间字段", f"{path!r} is not a field that holds a date or a time"))
    return reader(found, facts)


def _nothing(function: str) -> Any:
    return [] if function == "list" else {"count": 0, "exists": 0, "sum": Decimal(0)}.get(function)


def _known(name: str, target: DocType) -> None:
    item = target.by_name.get(name)
    if name not in (CHILD_FIELDS if target.istable else STANDARD_FIELDS) and (item is None or item.type.kind is None):
        raise unknown(name, target, [one.fieldname for one in target.stored_fields])


def _where(item: Condition, target: DocType, frame: Frame, facts: FactReaders) -> _Condition:
    """One condition of a fact."""
    if not isinstance(item, Compare):
        raise PathRefused(Text("事实的条件只能是 [字段, 比较, 值]", "conditions of a fact are [field, operator, value] only"))
    if item.operator not in FACT_OPERATORS:
        words = ", ".join(FACT_OPERATORS)
        raise PathRefused(
            Text(
                f"事实的条件不能用 {item.operator!r}，可用：{words}",
                f"{item.operator!r} is not possible in a fact; use one of {words}",
            )
        )
    left = resolve(item.path, Frame(frame.model, target))
    if left.source != "field":
        raise PathRefused(Text(f"{item.path!r} 不是 {target.name} 的字段", f"{item.path!r} is not a field of {target.name}"))
    # Literals are read as values of the other record's field, paths in this record.
    value = value_of(item.value, left, OPERATORS[item.operator].expects, frame, facts)
    return item.path, item.operator, value.read, item.value.kind == "literal"
