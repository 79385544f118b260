"""What is wrong with a table as a whole: overlaps, gaps, shadowed and unreachable rows, each with an example.

The ends of the cells' spans cut every column into pieces, within which no cell can tell two values apart; one sample stands
for each piece. A row is then a box: a set of pieces per column, held as the bits of an integer. Overlaps are intersections,
gaps and shadows what remains of a box when others are taken out of it.

Columns are taken as independent of each other: two that always change together may show a gap or an overlap that no record
has. Outputs that are expressions are compared by their text. The work is bounded (`BUDGET`); what it did not reach is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from ...core.text import Text
from ..display import join, show
from ..paths import shown_kind
from .cells import Cell, read_value
from .compile import Column, CompiledTable

BUDGET = 150_000  # comparisons of two boxes for each kind of finding: some tenths of a second
_CUT = 10  # what taking one box out of another costs in comparisons
MAX_EXAMPLES = 10  # of each kind
Kind = Literal["overlap", "gap", "shadowed", "unreachable", "incomplete"]
Box = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness. `rows` counts from 1; `is_fault` when the table cannot be published with it."""

    kind: Kind
    text: Text
    rows: tuple[int, ...] = ()
    example: tuple[Any, ...] = ()
    is_fault: bool = False


class _Spent(Exception):
    """The budget is used up."""


def analyse(table: CompiledTable) -> list[Finding]:
    """Every finding, faults first."""
    found = _Analysis(table).findings()
    return sorted(found, key=lambda item: not item.is_fault)


def samples(column: Column, cells: Iterable[Cell]) -> list[Any]:
    """One value of each piece of a column; None for the empty value where the field may be empty."""
    spans = [span for cell in cells for span in cell.spans]
    ends = {end for span in spans for end in (span.low, span.high) if end is not None}
    if column.kind == "check":
        return [0, 1]
    found = _texts(column, ends) if column.kind == "text" else list(_ordered(column, sorted(ends)))
    return [*found, None] if column.may_be_empty else found


def _texts(column: Column, mentioned: set[Any]) -> list[Any]:
    item = column.found.item
    if item is not None and item.fieldtype == "Select" and column.found.source != "fact":
        return [choice for choice in item.choices if choice]
    other = "…"
    while other in mentioned:
        other += "…"
    return [*sorted(mentioned), other]


def _ordered(column: Column, ends: Sequence[Any]) -> Iterator[Any]:
    """Below the first end, each end, between two of them, above the last: those that a field of this kind can hold."""
    step, fits = _step(column)
    if not ends:
        yield from _shifted(_START[column.kind], step, 0)
        return
    yield from _shifted(ends[0], step, -1)
    for low, high in pairwise(ends):
        if fits(low):
            yield low
        yield from (value for value in _shifted(low, step, 1) if value < high)
    if fits(ends[-1]):
        yield ends[-1]
    yield from _shifted(ends[-1], step, 1)


_START: dict[str, Any] = {
    "number": 0,
    "date": date(2026, 1, 1),
    "time": time(12),
    "datetime": datetime(2026, 1, 1).astimezone(),
}


def _step(column: Column) -> tuple[Any, Callable[[Any], bool]]:
    """The smallest step between two values of a column, and whether a value lies on one."""
    if column.kind == "date":
        return timedelta(days=1), lambda value: True
    if column.kind in ("datetime", "time"):
        return timedelta(seconds=1), lambda value: True
    item = column.found.item
    precision = getattr(item.type, "precision", None) if item is not None else None
    if item is not None and item.type.kind == "integer":
        step = Decimal(1)
    elif item is not None and precision is not None:
        step = Decimal(1).scaleb(-precision(item))
    else:
        step = Decimal(1) if item is None and not column.source.expr else Decimal("0.000001")
    return step, lambda value: value % step == 0


def _shifted(value: Any, step: Any, times: int) -> Iterator[Any]:
    """`value` and so many steps; for numbers the nearest that lies on a step. Nothing beyond the ends of the calendar."""
    if isinstance(value, int | Decimal):
        whole = value // step * step if value >= 0 or value % step == 0 else (value // step - 1) * step
        found = whole + times * step if times > 0 or whole == value else whole
        yield int(found) if found == int(found) else found
        return
    try:
        if isinstance(value, time):
            moved = datetime.combine(date(2026, 1, 2), value) + times * step
            if moved.date() == date(2026, 1, 2):
                yield moved.time()
            return
        yield value + times * step
    except OverflowError:
        return


class _Analysis:
    def __init__(self, table: CompiledTable) -> None:
        self.table = table
        self.samples = [
            samples(column, (row[index] for row in table.rows)) for index, column in enumerate(table.columns)
        ]  # fmt: skip
        masks: dict[tuple[int, int], int] = {}
        self.boxes: list[Box] = []
        for row in table.rows:
            for index, cell in enumerate(row):
                if (index, id(cell)) not in masks:
                    masks[index, id(cell)] = sum(
                        1 << bit for bit, sample in enumerate(self.samples[index]) if cell.holds(sample)
                    )
            self.boxes.append(tuple(masks[index, id(cell)] for index, cell in enumerate(row)))
        self.left = BUDGET

    def findings(self) -> list[Finding]:
        found = list(self._unreachable())
        hit = self.table.table.hit
        parts = [self._gaps]
        if hit in ("unique", "any"):
            parts.append(self._overlaps)
        if hit in ("first", "priority"):
            parts.append(self._shadowed)
        for part in parts:
            self.left = BUDGET
            some: list[Finding] = []
            try:
                for finding in part():
                    some.append(finding)
                    if len(some) == MAX_EXAMPLES:
                        break
            except _Spent:
                what = _PARTS[part.__name__]
                text = Text(f"决策表太大，{what.zh}未全部检查", f"the table is too large to check it for all {what.en}")
                some.append(Finding("incomplete", text))
            found += some
        return found

    def _spend(self, comparisons: int = 1) -> None:
        self.left -= comparisons
        if self.left < 0:
            raise _Spent

    def _unreachable(self) -> Iterator[Finding]:
        for number, box in enumerate(self.boxes, start=1):
            if 0 in box:
                index = box.index(0)
                column, cell = self.table.columns[index], self.table.rows[number - 1][index]
                text = Text(
                    f"第 {number} 行永不符合：{column.label.zh}没有满足 {cell.text} 的值",
                    f"row {number} can never match: {column.label.en} has no value that fits {cell.text}",
                )
                yield Finding("unreachable", text, (number,))

    def _overlaps(self) -> Iterator[Finding]:
        is_any = self.table.table.hit == "any"
        said = [
            tuple(read_value(cell) if isinstance(cell, str) else cell for cell in row.then) for row in self.table.table.rows
        ]
        for second, box in enumerate(self.boxes):
            for first in range(second):
                self._spend()
                common = _common(self.boxes[first], box)
                if common is None or (is_any and said[first] == said[second]):
                    continue
                example = self._example(common)
                shown = self._shown(example)
                why = Text("而结果不同", ", with different outputs") if is_any else Text("", "")
                text = Text(
                    f"第 {first + 1} 行与第 {second + 1} 行重叠{why.zh}，例如：{shown.zh}",
                    f"rows {first + 1} and {second + 1} overlap{why.en}, for example: {shown.en}",
                )
                yield Finding("overlap", text, (first + 1, second + 1), example, is_fault=True)

    def _gaps(self) -> Iterator[Finding]:
        whole = tuple((1 << len(one)) - 1 for one in self.samples)
        for box in self._without(whole, self.boxes):
            example = self._example(box)
            shown = self._shown(example)
            text = Text(f"没有一行符合，例如：{shown.zh}", f"no row matches, for example: {shown.en}")
            yield Finding("gap", text, (), example, is_fault=self.table.table.complete)

    def _shadowed(self) -> Iterator[Finding]:
        order = range(len(self.boxes))
        if self.table.table.hit == "priority":
            order = sorted(order, key=lambda index: (self.table.ranks[index], index))  # type: ignore[assignment]
        before: list[int] = []
        for index in order:
            box = self.boxes[index]
            if 0 not in box:
                over = [other for other in before if self._common(self.boxes[other], box)]
                if over and not self._without(box, [self.boxes[other] for other in over]):
                    example = self._example(box)
                    shown, rows = self._shown(example), [str(other + 1) for other in sorted(over)[:5]]
                    text = Text(
                        f"第 {index + 1} 行被第 {'、'.join(rows)} 行遮盖，永不命中，例如：{shown.zh}",
                        f"row {index + 1} never hits, being shadowed by row {', '.join(rows)}, for example: {shown.en}",
                    )
                    yield Finding("shadowed", text, (index + 1, *(other + 1 for other in sorted(over)[:5])), example)
            before.append(index)

    def _common(self, one: Box, other: Box) -> Box | None:
        self._spend()
        return _common(one, other)

    def _without(self, box: Box, others: Iterable[Box]) -> list[Box]:
        """What is left of `box` when the others are taken out of it, as boxes that do not overlap."""
        left = [box] if 0 not in box else []
        for other in others:
            remaining: list[Box] = []
            for part in left:
                self._spend(_CUT)
                remaining += _minus(part, other)
            left = remaining
            if not left:
                break
        return left

    def _example(self, box: Box) -> tuple[Any, ...]:
        return tuple(values[(bits & -bits).bit_length() - 1] for bits, values in zip(box, self.samples, strict=True))

    def _shown(self, example: Sequence[Any]) -> Text:
        parts = []
        for column, value in zip(self.table.columns, example, strict=True):
            shown = show(value, column.found.item, shown_kind(column.found))
            parts.append(Text(f"{column.label.zh} = {shown.zh}", f"{column.label.en} = {shown.en}"))
        return join(parts)


def _common(one: Box, other: Box) -> Box | None:
    found = tuple(a & b for a, b in zip(one, other, strict=True))
    return None if 0 in found else found


def _minus(box: Box, other: Box) -> Iterator[Box]:
    """`box` without `other`: at most one piece for each column."""
    common = _common(box, other)
    if common is None:
        yield box
        return
    for index, bits in enumerate(box):
        outside = bits & ~other[index]
        if outside:
            yield (*common[:index], outside, *box[index + 1 :])


_PARTS = {
    "_gaps": Text("缺口", "gaps"),
    "_overlaps": Text("重叠", "overlaps"),
    "_shadowed": Text("遮盖", "shadowed rows"),
}
