"""Conditions compiled to closures: `holds` decides, `explain` says what was compared with what.

The closures of the commonest form, a field against a literal, are written out: they run for every rule on every save.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..core.text import Text
from ..expressions import ExpressionRefused, parse
from ..expressions.operators import truth
from .branches import Literal
from .display import show
from .gather import Holds
from .model import Compare, Concluded, Condition, Expr, Group, Rows
from .operands import FactReaders, Read, Value, not_compared, old_reader, reader, value_of
from .operators import OPERATORS, Operator, aligned, is_absent
from .paths import Frame, PathRefused, Resolved, resolve, shown_kind
from .place import NotGathered, Place
from .spoken import spoken
from .trace import MAX_PARTS, ConditionTrace, KeptCondition

GROUP_LABELS = {
    "all": Text("全部成立", "all hold"),
    "any": Text("任一成立", "any holds"),
    "none": Text("均不成立", "none holds"),
}
ROW_LABELS = {
    "any_row": Text("“{table}”至少一行", 'at least one row of "{table}"'),
    "all_rows": Text("“{table}”的每一行", 'every row of "{table}"'),
    "no_row": Text("“{table}”没有一行", 'no row of "{table}"'),
    "count_rows": Text("“{table}”中的行数", 'rows of "{table}"'),
}
KEPT, KEPT_LENGTH = 8, 80  # explanations of one condition, and characters of a value of such
_KEPT_KINDS = frozenset((str, int, bool, Decimal, date, type(None)))
_OLD_WORD = Text("原值 {old}", "before: {old}")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A condition ready to be judged."""

    holds: Holds
    explain: Callable[[Place], ConditionTrace]
    literal: Literal | None = None  # a field compared with a literal, and nothing else
    follows: tuple[str, Read] | None = None  # the path, and how it is read, from whose value alone the explanation follows


def compile_condition(condition: Condition, frame: Frame, facts: FactReaders) -> Compiled:
    """The closures of a condition. Raises PathRefused when it does not fit the DocType (any more)."""
    if isinstance(condition, Compare):
        return _compare(condition, frame, facts)
    if isinstance(condition, Group):
        return _group(condition, frame, facts)
    if isinstance(condition, Rows):
        return _rows(condition, frame, facts)
    if isinstance(condition, Expr):
        return _expr(condition, frame)
    return _concluded(condition)


def row_test(where: tuple[Condition, ...], frame: Frame, facts: FactReaders) -> Holds:
    """Whether all conditions hold in a row; always, when there are none."""
    tests = [compile_condition(item, frame, facts).holds for item in where]
    if len(tests) == 1:
        return tests[0]
    return lambda place: all(test(place) for test in tests)


def _compare(condition: Compare, frame: Frame, facts: FactReaders) -> Compiled:
    operator = OPERATORS[condition.operator]
    left = resolve(condition.path, frame)
    if left.kind not in operator.kinds:
        raise not_compared(condition.path, left, operator)
    right = value_of(condition.value, left, operator.expects, frame, facts)
    read = reader(left, facts)
    if operator.family == "old":
        return _against_old(left, operator, right, read)
    holds = _time_test(operator, right, read) if operator.family == "time" else _plain_test(left, operator, right, read)

    def explain(place: Place) -> ConditionTrace:
        return _leaf(left, operator, right, place, read, holds)

    if not (right.constant and operator.family == "plain"):
        return Compiled(holds, explain, _literal(left, operator, right))
    return Compiled(holds, _remembering(read, explain), _literal(left, operator, right), (condition.path, read))


def _remembering(read: Read, explain: Callable[[Place], ConditionTrace]) -> Callable[[Place], ConditionTrace]:
    """For a comparison with a literal, of which what is to be said follows from the value alone: said once of each of the last few."""
    known: dict[tuple[type, Any], KeptCondition] = {}

    def remembered(place: Place) -> ConditionTrace:
        try:
            actual = read(place)
        except NotGathered:
            return explain(place)
        kind: type = type(actual)
        if not is_short(actual):
            return explain(place)
        found = known.get((kind, actual))
        if found is None:
            if len(known) >= KEPT:
                known.clear()
            found = known[kind, actual] = KeptCondition(*explain(place))
        return found

    return remembered


def is_short(value: Any) -> bool:
    """Whether what is said of a value may be remembered by it."""
    return type(value) in _KEPT_KINDS and (type(value) is not str or len(value) <= KEPT_LENGTH)


def _literal(left: Resolved, operator: Operator, right: Value) -> Literal | None:
    """The comparison where it is no more than one of a value that is there with a literal."""
    is_own = left.source == "field" and not left.level and not left.standard
    is_plain = operator.family == "plain" and operator.expects == "value" and right.constant and right.value not in (None, "")
    if is_own and is_plain and left.kind in ("number", "date", "datetime", "time", "text"):
        return Literal(left.name, operator.name, right.value)
    return None


def _plain_test(left: Resolved, operator: Operator, right: Value, read: Read) -> Holds:
    test, expected = operator.test, right.value
    if operator.expects == "setness":
        wanted = expected == "set"
        if left.kind == "check":
            return lambda place: bool(read(place)) is wanted
        return lambda place: is_absent(read(place)) is not wanted
    if right.constant and expected is None:
        if operator.name not in ("=", "!="):
            return lambda place: False
        absent = operator.name == "="
        return lambda place: is_absent(read(place)) is absent
    if right.constant:
        return _constant_test(left, test, expected, read)

    def holds(place: Place) -> bool:
        actual = read(place)
        if actual is None:
            return False
        other = right.read(place)
        if other is None:
            return False
        if operator.expects == "value":
            actual, other = aligned(actual, other)
        return bool(test(actual, other))

    return holds


def _constant_test(left: Resolved, test: Callable[..., bool], expected: Any, read: Read) -> Holds:
    name = left.name
    if left.source == "field" and not left.level and left.kind in ("number", "date", "datetime", "time") and name != "idx":

        def number(place: Place) -> bool:
            actual = place.doc.get(name)
            return actual is not None and test(actual, expected)

        return number
    if left.source == "field" and not left.level and left.kind == "text":

        def text(place: Place) -> bool:
            actual = place.doc.get(name)
            return bool(actual) and test(actual, expected)

        return text

    def holds(place: Place) -> bool:
        actual = read(place)
        return actual is not None and test(actual, expected)

    return holds


def _time_test(operator: Operator, right: Value, read: Read) -> Holds:
    test = operator.test

    def holds(place: Place) -> bool:
        actual = read(place)
        if actual is None:
            return False
        expected = right.read(place)
        return expected is not None and test(actual, expected, place.judgement.moment)

    return holds


def _against_old(left: Resolved, operator: Operator, right: Value, read: Read) -> Compiled:
    before = old_reader(left)
    test = operator.test
    if left.kind == "rows":
        read, before = _without_identity(read), _without_identity(before)
    up, is_check = bool(left.level), left.kind == "check"

    def holds(place: Place) -> bool:
        if (place.root.old if up else place.old) is None and operator.name == "changed":
            # A new record or row was null everywhere: what is filled in there has changed, and a box that is ticked.
            value = read(place)
            return (not is_absent(value) and not (is_check and not value)) is (right.value is not False)
        if operator.name == "was" and right.constant and right.value is None:
            return before(place) is None
        return test(read(place), before(place), right.read(place))

    def explain(place: Place) -> ConditionTrace:
        old = before(place)
        note = _OLD_WORD.format(old=show(old, left.item, left.kind))
        return _leaf(left, operator, right, place, read, holds, note)

    return Compiled(holds, explain)


def _without_identity(read: Read) -> Read:
    """Rows compared by what they say, not by their names and numbers."""
    ignored = {"name", "idx", "parent", "parenttype", "parentfield"}

    def rows(place: Place) -> list[dict[str, Any]]:
        return [
            {key: value for key, value in row.items() if key not in ignored and not is_absent(value)}
            for row in read(place) or ()
        ]

    return rows


def _leaf(
    left: Resolved, operator: Operator, right: Value, place: Place, read: Read, holds: Holds, note: Text | None = None
) -> ConditionTrace:
    try:
        actual, expected, result = read(place), right.read(place), holds(place)
    except NotGathered:
        return ConditionTrace(
            left.label,
            operator.name,
            operator.label,
            expected=right.value,
            expected_text=right.said(lambda: expected_text(operator, right.value, left, right.label))
            if right.constant
            else None,
            note=Text("未查询：无须此事实即可判断", "not asked: the decision did not need it"),
        )
    item = left.item
    said = right.said(lambda: expected_text(operator, expected, left, right.label))
    return ConditionTrace(
        label=left.label,
        operator=operator.name,
        operator_label=operator.label,
        expected=expected,
        actual=actual,
        expected_text=said,
        actual_text=show(actual, item, shown_kind(left)),
        holds=result,
        note=note,
    )


def expected_text(operator: Operator, expected: Any, left: Resolved, label: Text | None) -> Text | None:
    """The right side for people: a value as its field shows it, `set`, a length of time, or a path with its value."""
    if operator.expects == "nothing":
        return None
    if operator.expects == "setness":
        return Text("已填", "filled in") if expected == "set" else Text("未填", "empty")
    if expected in ("now", "today") and operator.expects == "moment":
        return Text("现在", "now") if expected == "now" else Text("今天", "today")
    shown = show(expected, None, "number") if operator.expects == "percent" else show(expected, left.item, shown_kind(left))
    return Text(f"{label.zh}({shown.zh})", f"{label.en} ({shown.en})") if label else shown


def _group(condition: Group, frame: Frame, facts: FactReaders) -> Compiled:
    parts = [compile_condition(item, frame, facts) for item in condition.items]
    tests = [part.holds for part in parts]
    kind = condition.kind
    if kind == "all":

        def holds(place: Place) -> bool:
            return all(test(place) for test in tests)
    elif kind == "any":

        def holds(place: Place) -> bool:
            return any(test(place) for test in tests)
    else:

        def holds(place: Place) -> bool:
            return not any(test(place) for test in tests)

    def explain(place: Place) -> ConditionTrace:
        return ConditionTrace(
            GROUP_LABELS[kind], holds=_decided(holds, place), parts=tuple(part.explain(place) for part in parts[:MAX_PARTS])
        )

    return Compiled(holds, explain)


def _decided(holds: Holds, place: Place) -> bool | None:
    try:
        return holds(place)
    except NotGathered:
        return None


def _rows(condition: Rows, frame: Frame, facts: FactReaders) -> Compiled:
    if frame.table is not None:
        raise PathRefused(Text("行条件内不能再有行条件", "a row condition cannot stand inside another"))
    inner = frame.rows(condition.table)
    parts = [compile_condition(item, inner, facts) for item in condition.where]
    matches: Holds = row_test(condition.where, inner, facts)
    kind, table = condition.kind, condition.table
    label = ROW_LABELS[kind].format(table=inner.table.label if inner.table else table)
    operator = OPERATORS[condition.operator] if kind == "count_rows" else None
    right: Value | None = None
    if operator is not None:
        counted = Resolved(table, "field", "number", label)
        right = value_of(condition.count, counted, operator.expects, frame, facts)

    def holds(place: Place) -> bool:
        if kind == "any_row":
            return any(matches(row) for row in place.rows(table))
        if kind == "no_row":
            return not any(matches(row) for row in place.rows(table))
        if kind == "all_rows":
            return all(matches(row) for row in place.rows(table))
        assert operator is not None
        assert right is not None
        expected = right.read(place)
        number = sum(1 for row in place.rows(table) if matches(row))
        return expected is not None and bool(operator.test(Decimal(number), expected))

    def explain(place: Place) -> ConditionTrace:
        try:
            return _rows_trace(label, operator, right, place, table, kind, matches, holds, parts)
        except NotGathered:
            return ConditionTrace(label)

    return Compiled(holds, explain)


def _rows_trace(
    label: Text,
    operator: Operator | None,
    right: Value | None,
    place: Place,
    table: str,
    kind: str,
    matches: Holds,
    holds: Holds,
    parts: list[Compiled],
) -> ConditionTrace:
    """The rows that decide come first: those that hold, or for `all_rows` those that fail."""
    judged = [(row, matches(row)) for row in place.rows(table)]
    deciding = sorted(judged, key=lambda pair: pair[1] is (kind == "all_rows"))
    rows = tuple(
        ConditionTrace(
            Text(f"第 {row.index + 1} 行", f"row {row.index + 1}"),
            holds=result,
            parts=tuple(part.explain(row) for part in parts),
            where=f"{table}[{row.index}]",
        )
        for row, result in deciding[:MAX_PARTS]
    )
    number = sum(result for _, result in judged)
    return ConditionTrace(
        label,
        operator.name if operator else kind,
        operator.label if operator else Text("", ""),
        expected=right.read(place) if right else None,
        actual=number,
        holds=holds(place),
        parts=rows,
        note=Text(f"{len(judged)} 行中有 {number} 行符合", f"{number} of {len(judged)} rows match"),
    )


def _expr(condition: Expr, frame: Frame) -> Compiled:
    try:
        expression = parse(condition.source)
    except ExpressionRefused as refused:
        raise PathRefused(
            Text(f"表达式 {condition.source!r}：{refused.text.zh}", f"expression {condition.source!r}: {refused.text.en}")
        ) from None
    label = spoken(condition.source, frame, is_condition=True)

    def holds(place: Place) -> bool:
        return truth(expression.compute(place.scope))

    def explain(place: Place) -> ConditionTrace:
        value = expression.evaluate(place.scope)
        return ConditionTrace(label, "expr", actual=None if isinstance(value, bool) else value, holds=holds(place))

    return Compiled(holds, explain)


def _concluded(condition: Concluded) -> Compiled:
    name = condition.name
    label = Text(f"已得出结论“{name}”", f'it is concluded: "{name}"')

    def holds(place: Place) -> bool:
        return name in place.judgement.conclusions

    return Compiled(holds, lambda place: ConditionTrace(label, "concluded", Text("结论", "conclusion"), holds=holds(place)))
