"""Facts: compiled to readers that aggregate the record's own rows, or ask other records through the `FactSource`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ..calendars.hours import OutOfReach
from ..core.text import Text, nearest
from ..metadata.fieldtypes import times
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocType
from .model import Compare, Condition, Fact
from .operands import FactReaders, Read, not_compared, reader, value_of
from .operators import FACT_OPERATORS, OPERATORS, aligned, is_absent
from .paths import Frame, PathRefused, resolve, unknown
from .periods import Period, between, bounds
from .place import Place
from .situation import FactQuery

Holds = Callable[[Place], bool]
RowTest = Callable[[tuple[Condition, ...], Frame, FactReaders], Holds]
_Condition = tuple[str, str, Read, bool]  # field, operator, reader of the value, whether the value is a literal
_Span = Callable[[Place], list[tuple[str, str, Any]] | None]
_Lock = Callable[[Place], tuple[str, str] | None]


def fact_readers(facts: Mapping[str, Fact], frame: Frame, row_test: RowTest) -> dict[str, Read]:
    """A reader for every fact; `row_test` compiles conditions over own rows. Raises PathRefused for a fact that is wrong."""
    found: dict[str, Read] = {}
    for name, fact in facts.items():
        found[name] = fact_reader(fact, frame, found, row_test)
    return found


def fact_reader(fact: Fact, frame: Frame, facts: FactReaders, row_test: RowTest) -> Read:
    """Reads a fact at a place; one of each row (`each`) is read at that row, every other at the record."""
    here = frame.rows(fact.each) if fact.each else frame
    if fact.function == "hours_between":
        return _hours(fact, here, facts)
    if fact.function == "working_hours_after":
        return _working_hours_after(fact, here, facts)
    if fact.table is not None:
        return _own_rows(fact, here, facts, row_test)
    return _query(fact, here, facts)


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


def _working_hours_after(fact: Fact, frame: Frame, facts: FactReaders) -> Read:
    """When so many hours have been worked in the record's calendar; absent where the calendar gives none."""
    begin, length = _time_of(fact.between[0], frame, facts), resolve(fact.between[1], frame)
    if length.kind != "number":
        name = fact.between[1]
        raise PathRefused(
            Text(f"{name!r} 不是数字字段，不能作为小时数", f"{name!r} is not a field that holds a number of hours")
        )
    hours = reader(length, facts)

    def read(place: Place) -> datetime | None:
        start, needed = instant(begin(place)), hours(place)
        if start is None or needed is None:
            return None
        try:
            return place.judgement.calendar().add(start, timedelta(hours=float(needed)))
        except (OutOfReach, OverflowError):
            return None

    return read


def _own_rows(fact: Fact, frame: Frame, facts: FactReaders, row_test: RowTest) -> Read:
    table, name, function = fact.table or "", fact.field or "", fact.function
    rows = frame.record().rows(table)
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
    if fact.each:
        matches = [_beside_row(item, rows, frame, facts) for item in fact.where]

        def of_row(place: Place) -> Any:
            found = (row for row in place.root.rows(table) if all(match(row, place) for match in matches))
            return aggregate(function, [value for row in found if (value := row.doc.get(name)) is not None])

        return of_row
    counted = row_test(fact.where, rows, facts)

    def read(place: Place) -> Any:
        values = [row.doc.get(name) for row in place.rows(table) if counted(row)]
        return aggregate(function, [value for value in values if value is not None])

    return read


def _beside_row(item: Condition, rows: Frame, frame: Frame, facts: FactReaders) -> Callable[[Place, Place], bool]:
    """One condition on the rows that a fact of each row counts: a column of theirs against a value of the row that is judged."""
    if not isinstance(item, Compare) or item.operator not in FACT_OPERATORS:
        words = ", ".join(FACT_OPERATORS)
        raise PathRefused(
            Text(
                f"逐行事实的条件只能是 [列, 比较, 值]，可用：{words}",
                f"conditions of a fact of each row are [column, operator, value] only, with one of {words}",
            )
        )
    operator, left = OPERATORS[item.operator], resolve(item.path, rows)
    if left.kind not in operator.kinds:
        raise not_compared(item.path, left, operator)
    theirs, mine = reader(left, facts), value_of(item.value, left, operator.expects, frame, facts).read
    if operator.expects == "setness":
        return lambda row, place: is_absent(theirs(row)) is not (mine(place) == "set")

    def matches(row: Place, place: Place) -> bool:
        actual, expected = theirs(row), mine(place)
        if actual is None or expected is None:
            return False
        if operator.expects == "value":
            actual, expected = aligned(actual, expected)
        return bool(operator.test(actual, expected))

    return matches


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
        near = nearest(fact.of or "", frame.model.doctypes)
        raise PathRefused(Text(f"没有单据类型 {fact.of!r}。{near.zh}", f"{fact.of!r} is not a record type.{near.en}"))
    if fact.field is not None:
        _known(fact.field, target)
    if fact.order_by is not None:
        _known(fact.order_by.split()[0], target)
    conditions = [_where(item, target, frame, facts) for item in fact.where]
    span = _span(fact.period, target, frame, facts) if fact.period else None
    return QueryFact(fact, target.name, conditions, span, _lock(fact, frame) if fact.lock else None)


def _lock(fact: Fact, frame: Frame) -> _Lock:
    """Which record must not be asked about by another save at the same time: the one that a Link of the record or the row leads to."""
    found = resolve(fact.lock or "", frame)
    item, level, name = found.item, found.level, found.name
    if found.source != "field" or item is None or item.fieldtype != "Link":
        raise PathRefused(
            Text(f"lock：{fact.lock!r} 不是本单的链接字段", f"lock: {fact.lock!r} is not a Link field of the record")
        )
    target = item.options or ""

    def locked(place: Place) -> tuple[str, str] | None:
        linked = (place.root if level else place).doc.get(name)
        return (target, str(linked)) if linked else None

    return locked


class QueryFact:
    """Reads one fact of other records; `question` is what it would ask, so that several can be asked together."""

    def __init__(
        self, fact: Fact, of: str, conditions: Sequence[_Condition], span: _Span | None, lock: _Lock | None = None
    ) -> None:
        self.is_of_row = bool(fact.each)
        self._lock = lock
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
        lock = self._lock(place) if self._lock is not None else None
        return FactQuery(fact.name, fact.function, self._of, fact.field, tuple(where), fact.order_by, lock)


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
