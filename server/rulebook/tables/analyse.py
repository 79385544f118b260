"""What is wrong with a table as a whole: overlaps, gaps, shadowed and unreachable rows, each with an example.

The ends of the cells' spans cut every column into pieces, within which no cell can tell two values apart; one sample stands
for each piece. A row is then a box: a set of pieces per column, held as the bits of an integer. Overlaps are intersections,
found column by column over sets of rows; gaps and shadows are what remains of a box when others are taken out of it.

Columns are taken as independent of each other: two that always change together may show a gap or an overlap that no record
has. Outputs that are expressions are compared by their text. Cutting boxes is bounded (`BUDGET`); what it did not reach is said.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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

BUDGET = 20_000  # cuts of one box by another for each kind of finding: some tenths of a second
PIECES_A_CUT = 1000  # pieces of a column that are looked at in the time of a cut
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
    """One value of each piece of a column, numbers and times ascending; at the end None for the empty value where the field may be empty."""
    spans = [span for cell in cells for span in cell.spans]
    ends = {end for span in spans for end in (span.low, span.high) if end is not None}
    if column.kind == "check":
        return [0, 1]
    found = _texts(column, ends) if column.kind == "text" else list(_ordered(column, sorted(ends)))
    return [*found, None] if column.may_be_empty else found


def mask(cell: Cell, values: Sequence[Any], places: Mapping[Any, int]) -> int:
    """The samples that a cell admits, as bits: what `cell.holds` says of each, without asking it a million times. `places` says where
    each value stands."""
    every = (1 << len(values)) - 1
    if cell.anything:
        return every
    known = len(values) - (1 if values and values[-1] is None else 0)
    points = bytearray(len(values) // 8 + 1)
    found = 0
    for span in cell.spans:
        if span.is_point:
            if (place := places.get(span.low)) is not None:
                points[place >> 3] |= 1 << (place & 7)
        else:
            low = 0 if span.low is None else (bisect_left if span.with_low else bisect_right)(values, span.low, 0, known)
            high = (
                known if span.high is None else (bisect_right if span.with_high else bisect_left)(values, span.high, 0, known)
            )
            found |= (1 << high) - (1 << low) if high > low else 0
    found |= int.from_bytes(points, "little")
    if cell.negated:
        return ((1 << known) - 1) & ~found
    return found | (every & ~((1 << known) - 1) if cell.null else 0)


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
        places = [{value: place for place, value in enumerate(one)} for one in self.samples]
        self.boxes: list[Box] = []
        for row in table.rows:
            for index, cell in enumerate(row):
                if (index, id(cell)) not in masks:
                    masks[index, id(cell)] = mask(cell, self.samples[index], places[index])
            self.boxes.append(tuple(masks[index, id(cell)] for index, cell in enumerate(row)))
        # For every column and piece, the rows that admit it, as the bits of an integer.
        self.admitting = [[0] * len(one) for one in self.samples]
        alike: dict[tuple[int, int], int] = {}
        for number, box in enumerate(self.boxes):
            for index, bits in enumerate(box):
                alike[index, bits] = alike.get((index, bits), 0) | 1 << number
        for (index, bits), rows in alike.items():
            for bit in _bits(bits):
                self.admitting[index][bit] |= rows
        self.meeting: dict[tuple[int, int], int] = {}
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

    def _spend(self, cuts: int = 1) -> None:
        self.left -= cuts
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
            for first in _bits(self._meeting(box) & ((1 << second) - 1)):
                if is_any and said[first] == said[second]:
                    continue
                example = self._example(tuple(a & b for a, b in zip(self.boxes[first], box, strict=True)))
                shown = self._shown(example)
                why = Text("而结果不同", ", with different outputs") if is_any else Text("", "")
                text = Text(
                    f"第 {first + 1} 行与第 {second + 1} 行重叠{why.zh}，例如：{shown.zh}",
                    f"rows {first + 1} and {second + 1} overlap{why.en}, for example: {shown.en}",
                )
                yield Finding("overlap", text, (first + 1, second + 1), example, is_fault=True)

    def _gaps(self) -> Iterator[Finding]:
        whole = tuple((1 << len(one)) - 1 for one in self.samples)
        for box in _merged(self._without(whole, (1 << len(self.boxes)) - 1)):
            example = self._example(box)
            shown = self._shown(example)
            text = Text(f"没有一行符合，例如：{shown.zh}", f"no row matches, for example: {shown.en}")
            yield Finding("gap", text, (), example, is_fault=self.table.table.complete)

    def _shadowed(self) -> Iterator[Finding]:
        order = range(len(self.boxes))
        if self.table.table.hit == "priority":
            order = sorted(order, key=lambda index: (self.table.ranks[index], index))  # type: ignore[assignment]
        before = 0
        for index in order:
            box = self.boxes[index]
            if 0 not in box:
                meeting = self._meeting(box) & before
                over = list(_bits(meeting))
                if over and next(self._without(box, meeting), None) is None:
                    example = self._example(box)
                    shown, rows = self._shown(example), [str(other + 1) for other in sorted(over)[:5]]
                    text = Text(
                        f"第 {index + 1} 行被第 {'、'.join(rows)} 行遮盖，永不命中，例如：{shown.zh}",
                        f"row {index + 1} never hits, being shadowed by row {', '.join(rows)}, for example: {shown.en}",
                    )
                    yield Finding("shadowed", text, (index + 1, *(other + 1 for other in sorted(over)[:5])), example)
            before |= 1 << index

    def _meeting(self, box: Box) -> int:
        """The rows that overlap `box`, as bits."""
        found = -1
        for index, bits in enumerate(box):
            if (index, bits) not in self.meeting:
                self._spend(bits.bit_count() // PIECES_A_CUT)
                rows = 0
                for bit in _bits(bits):
                    rows |= self.admitting[index][bit]
                self.meeting[index, bits] = rows
            found &= self.meeting[index, bits]
        return found

    def _without(self, box: Box, rows: int) -> Iterator[Box]:
        """What is left of `box` when those rows are taken out of it, as boxes that do not overlap."""
        waiting = [box] if 0 not in box else []
        while waiting:
            part = waiting.pop()
            cutting = self._meeting(part) & rows
            if not cutting:
                yield part
                continue
            self._spend()
            waiting += _minus(part, self.boxes[next(_bits(cutting))])

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


def _bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set, ascending."""
    for start, byte in enumerate(mask.to_bytes((mask.bit_length() + 7) // 8, "little")):
        if byte:
            yield from (start * 8 + bit for bit in range(8) if byte >> bit & 1)


def _merged(boxes: Iterable[Box]) -> list[Box]:
    """Boxes that differ in one column only, as one."""
    left = list(boxes)
    for index in range(len(left[0]) if left else 0):
        joined: dict[tuple[Box, Box], int] = {}
        for box in left:
            key = (box[:index], box[index + 1 :])
            joined[key] = joined.get(key, 0) | box[index]
        left = [(*head, bits, *tail) for (head, tail), bits in joined.items()]
    return left


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
    "_shadowed": Text("遮盖", "shadowed rows"),
}
