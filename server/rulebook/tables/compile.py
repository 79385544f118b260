"""A table made ready for one DocType: cells read in their columns, then decided record by record, once a judgement.

The rule's `when` is matched like any other; the rows are chosen here, because a hit policy (order, one answer, a sum) is
nothing that the matching engine has. Each column is read once, when the first row asks for it, and each distinct cell of a
column is one object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ...core.text import Text
from ...metadata.fieldtypes import ValueRefused
from ...metadata.model import DocField, Model
from ..conditions import row_test
from ..consequences import compile_consequence
from ..display import EMPTY_VALUE, join, show
from ..drawing import Draw, Drawn, Making, RowPlaces, row_places
from ..effects import ApprovalNeeded, Effect, Owed
from ..gather import fact_readers
from ..model import Block, Operand, RequireApproval, Rule, Warn
from ..operands import Read, literal, operand_reader, reader
from ..paths import Frame, PathRefused, Resolved, resolve, shown_kind, unknown
from ..place import Place
from ..spoken import spoken
from ..trace import MAX_PARTS, ConditionTrace
from .cells import Cell, CellRefused, read_cell, read_value
from .hits import POLICIES, STOPS_AT_FIRST, Ranked, aggregated
from .model import INPUT_TYPES, PARENT, Input, Output, Table

KEEP = object()  # an output cell that leaves the field as it is
_UNREAD = object()  # an input that no row asked for
_LABEL = Text("决策表", "decision table")


@dataclass(frozen=True, eq=False)
class Column:
    """An input column: how it is read, what it is called, what its cells can say."""

    source: Input
    found: Resolved
    read: Read
    label: Text

    may_be_empty: bool = True

    @property
    def kind(self) -> str:
        return self.found.kind

    def cell(self, text: str) -> Cell:
        """The cell that `text` says here. Raises CellRefused."""
        return read_cell(text, self.kind, self._literal)

    def _literal(self, value: Any) -> Any:
        if self.kind == "check" and value is not None and not isinstance(value, bool) and value not in (0, 1):
            raise CellRefused(f"{value!r} 应为 true 或 false", f"{value!r} should be true or false")
        if isinstance(value, bool) and self.kind != "check":
            raise CellRefused(f"{str(value).lower()} 与本列的类型不合", f"{str(value).lower()} does not fit this column")
        try:
            return literal(value, self.found, "value")
        except PathRefused as refused:
            raise CellRefused(refused.text.zh, refused.text.en) from None

    def said(self, cell: Cell) -> Text:
        """The cell for people: choices by their labels, the rest as it was written."""
        if cell.anything or (cell.spans and self.kind not in ("text", "check")):
            return Text.of(cell.text)
        parts = [show(span.low, self.found.item, self.kind) for span in cell.spans]
        shown = join([*parts, EMPTY_VALUE] if cell.null else parts)
        return Text(f"非（{shown.zh}）", f"not ({shown.en})") if cell.negated else shown


@dataclass(frozen=True, eq=False)
class OutCell:
    """An output cell: `read` gives the value that policies compare and fields take, `draw` what is said or asked."""

    read: Read
    draw: Draw | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a table came to: the rows that hit (from 1), the inputs as they were read, and the cells that count."""

    hits: tuple[int, ...]
    inputs: tuple[Any, ...]
    chosen: tuple[tuple[OutCell, ...], ...]  # for each output
    values: tuple[Any, ...]  # for each output that sets: the value, or KEEP


def column(source: Input, making: Making) -> Column:
    """An input column. Raises PathRefused."""
    if source.expr:
        found = Resolved(source.name, "field", source.type, source.label or spoken(source.expr, making.frame))
        return Column(source, found, operand_reader(Operand("expr", source.expr), making.frame, making.facts), found.label)
    found = resolve(source.path, making.frame)
    if found.kind not in INPUT_TYPES:
        raise PathRefused(Text(f"{source.path!r} 不能作为决策表的输入", f"{source.path!r} cannot be an input of a table"))
    return Column(source, found, reader(found, making.facts), source.label or found.label, _may_be_empty(found, making))


def _may_be_empty(found: Resolved, making: Making) -> bool:
    """Whether a saved record may have nothing there."""
    if found.source == "field":
        return not (found.standard or (found.item is not None and found.item.reqd))
    return found.source != "fact" or making.frame.facts[found.name].function not in ("count", "exists", "sum")


def output_field(output: Output, making: Making) -> DocField | None:
    """The field that an output sets or points at. Raises PathRefused."""
    if not output.field:
        return None
    is_of_record = making.frame.table is not None and output.is_of_record
    here = making.frame.doctype if is_of_record else making.frame.here
    name = output.field.removeprefix(PARENT) if is_of_record else output.field
    item = here.by_name.get(name)
    if output.kind != "set" and item is not None and not item.type.is_layout:
        return item  # messages lead to any field, a child table too
    if item is None or item.type.kind is None:
        raise unknown(name, here, [one.fieldname for one in here.stored_fields])
    if output.kind == "set" and item.is_computed:
        name = output.field
        raise PathRefused(Text(f"{name} 由公式计算，规则不能设置", f"{name} is computed by a formula; a rule cannot set it"))
    return item


def output_cell(output: Output, raw: str | Text, item: DocField | None, making: Making) -> OutCell:
    """An output cell. Raises CellRefused or PathRefused."""
    if raw in ("", "-"):
        return OutCell(lambda place: KEEP)
    if output.kind == "set":
        return OutCell(_value(str(raw), item, making))
    if output.kind == "require_approval":
        return OutCell(lambda place: raw, _approval(str(read_value(str(raw))), output, making))
    if output.terms is not None:
        return OutCell(lambda place: raw, _asked(str(read_value(str(raw))), output, making))
    message = raw if isinstance(raw, Text) else Text.of(raw)
    said = (Block if output.kind == "block" else Warn)(message, output.field or None)
    return OutCell(lambda place: raw, compile_consequence(said, making))


def _approval(role: str, output: Output, making: Making) -> Draw:
    """Each role has an approval of its own: when another row hits, another role is asked, and the first no longer."""
    making = replace(making, frame=making.frame.record())  # also of a row: what is approved is the record
    asked = compile_consequence(RequireApproval(role, **output.approval), making)

    def draw(place: Place, drawn: Drawn) -> None:
        found = Drawn()
        if asked is not None:
            asked(place.root, found)
        drawn.effects.extend(
            replace(effect, row_key=f"role:{role}") for effect in found.effects if isinstance(effect, ApprovalNeeded)
        )

    return draw


def _asked(role: str, output: Output, making: Making) -> Draw:
    """What a role owes or is told; what is owed is each role's own, so that one of another row is another."""
    asked = compile_consequence(replace(output.terms, role=role), making)

    def draw(place: Place, drawn: Drawn) -> None:
        found = Drawn()
        if asked is not None:
            asked(place, found)
        drawn.effects.extend(
            replace(effect, row_key=f"role:{role}") if isinstance(effect, Owed) else effect for effect in found.effects
        )

    return draw


def _value(raw: str, item: DocField | None, making: Making) -> Read:
    if raw.startswith("="):
        return operand_reader(Operand("expr", raw[1:].strip()), making.frame, making.facts)
    value = read_value(raw)
    try:
        found = value if item is None or value is None else item.type.parse(value, item)
    except ValueRefused as refused:
        raise CellRefused(f"{raw!r}：{refused.text.zh}", f"{raw!r}: {refused.text.en}") from None
    return lambda place: found


@dataclass(frozen=True, eq=False)
class CompiledTable:
    """A table that decides. `ranks` orders its rows for the hit policy `priority`."""

    table: Table
    columns: tuple[Column, ...]
    fields: tuple[DocField | None, ...]  # of the outputs
    rows: tuple[tuple[Cell, ...], ...]
    outputs: tuple[tuple[OutCell, ...], ...]  # row by row
    defaults: tuple[OutCell | None, ...]
    ranks: tuple[tuple[int, ...], ...]
    rows_of: RowPlaces | None = None  # the rows that it is asked for

    @cached_property
    def _tests(self) -> tuple[tuple[tuple[int, Callable[[Any], bool]], ...], ...]:
        """For each row the columns that it does look at."""
        return tuple(tuple((index, cell.holds) for index, cell in enumerate(row) if not cell.anything) for row in self.rows)

    def decide(self, place: Place) -> Decision:
        """The decision on this record or row, made once a judgement. Raises Contradiction."""
        known, key = place.judgement.decisions, self if place.parent is None else (self, place.index)
        if key not in known:
            known[key] = self._decide(place)
        found: Decision = known[key]
        return found

    def _decide(self, place: Place) -> Decision:
        values: list[Any] = [_UNREAD] * len(self.columns)
        matching: list[Ranked] = []
        one_is_enough = self.table.hit in STOPS_AT_FIRST
        for index, tests in enumerate(self._tests):
            for column_index, holds in tests:
                value = values[column_index]
                if value is _UNREAD:
                    value = values[column_index] = self.columns[column_index].read(place)
                if not holds(value):
                    break
            else:
                said = tuple(cell.read(place) for cell in self.outputs[index])
                matching.append(Ranked(index + 1, said, self.ranks[index]))
                if one_is_enough:
                    break
        hits = POLICIES[self.table.hit](matching)
        chosen = tuple(
            tuple(self.outputs[row.number - 1][place_of] for row in hits) or ((default,) if default else ())
            for place_of, default in enumerate(self.defaults)
        )
        return Decision(
            tuple(row.number for row in hits), tuple(values), chosen, tuple(self._settled(chosen, hits, index, place) for index in range(len(chosen)))
        )  # fmt: skip

    def _settled(self, chosen: Sequence[Sequence[OutCell]], hits: Sequence[Ranked], index: int, place: Place) -> Any:
        """The one value of an output column."""
        if self.table.outputs[index].kind != "set":
            return KEEP
        values = [value for value in (cell.read(place) for cell in chosen[index]) if value is not KEEP]
        return self._together(values, len(hits))

    def _together(self, values: list[Any], hits: int) -> Any:
        """The one value of what an output says in the rows that hit."""
        if self.table.hit == "collect" and self.table.aggregate == "count":
            return hits
        if not values:
            return KEEP
        if self.table.hit != "collect" or not hits:
            return values[0]
        found = aggregated(self.table.aggregate, values)
        return ", ".join(str(item) for item in found) if isinstance(found, list) else found

    def _collected(self, place: Place, index: int) -> Any:
        """What an output says over all child rows, as one value of the record."""
        assert self.rows_of is not None
        values, hits = [], 0
        for row, _, _ in self.rows_of.places(place):
            decision = self.decide(row)
            hits += len(decision.hits)
            values += [value for value in (cell.read(row) for cell in decision.chosen[index]) if value is not KEEP]
        return self._together(values, hits)

    def setters(self) -> Iterator[tuple[DocField, Read, RowPlaces | None]]:
        """(field, reader of the value it gets or KEEP, the rows it is set in) of every output that sets."""
        for index, item in enumerate(self.fields):
            output = self.table.outputs[index]
            if item is None or output.kind != "set":
                continue
            if self.rows_of is not None and output.is_of_record:
                yield item, lambda place, index=index: self._collected(place, index), None  # type: ignore[misc]
            else:
                yield item, lambda place, index=index: self.decide(place).values[index], self.rows_of  # type: ignore[misc]

    def drawers(self) -> Iterator[tuple[str, Draw]]:
        """(kind, function that draws it) of every other output."""
        for index, output in enumerate(self.table.outputs):
            if output.kind != "set":
                yield output.kind, self._drawer(index)

    def _drawer(self, index: int) -> Draw:
        def draw(place: Place, drawn: Drawn) -> None:
            for cell in self.decide(place).chosen[index]:
                if cell.draw is not None:
                    cell.draw(place, drawn)

        rows = self.rows_of
        if rows is None:
            return draw

        def draw_rows(place: Place, drawn: Drawn) -> None:
            for row, where, key in rows.places(place):
                found = Drawn()
                draw(row, found)
                drawn.faults += [
                    replace(fault, where=f"{where}.{fault.where}" if fault.where else where) for fault in found.faults
                ]
                drawn.warnings += [
                    replace(fault, where=f"{where}.{fault.where}" if fault.where else where) for fault in found.warnings
                ]
                drawn.effects += [_of_row(effect, key) for effect in found.effects]

        return draw_rows

    def explain(self, place: Place) -> ConditionTrace:
        """The rows that hit with all their cells, and for the others the first cell that failed."""
        if self.rows_of is not None:
            return self._explained_rows(place)
        decision: Decision | None = place.judgement.decisions.get(self)
        return self._explained(decision)

    def _explained_rows(self, place: Place) -> ConditionTrace:
        """The decision on each child row that it was asked for."""
        assert self.rows_of is not None
        parts: list[ConditionTrace] = []
        table = self.rows_of.each.table if self.rows_of.each else ""
        for row in place.rows(table):
            decision = place.judgement.decisions.get((self, row.index))
            if decision is not None and len(parts) < MAX_PARTS:
                found = self._explained(decision)
                label = Text(f"第 {row.index + 1} 行：{found.label.zh}", f"row {row.index + 1}: {found.label.en}")
                parts.append(found._replace(label=label, where=f"{table}[{row.index}]"))
        return ConditionTrace(_LABEL, holds=any(part.holds for part in parts), parts=tuple(parts))

    def _explained(self, decision: Decision | None) -> ConditionTrace:
        if decision is None:
            return ConditionTrace(_LABEL, note=Text("未作出决定", "nothing was decided"))
        rows = [self._row(number, decision, True) for number in decision.hits[:MAX_PARTS]]
        last = decision.hits[0] - 1 if self.table.hit in STOPS_AT_FIRST and decision.hits else len(self.rows)
        others = (number for number in range(1, last + 1) if number not in decision.hits)
        rows += [self._row(number, decision, False) for number, _ in zip(others, range(MAX_PARTS - len(rows)), strict=False)]
        numbers = [str(number) for number in decision.hits]
        label = (
            Text(f"决策表：第 {'、'.join(numbers)} 行命中", f"decision table: row {', '.join(numbers)} hit")
            if numbers
            else Text(f"决策表：{len(self.rows)} 行均未命中", f"decision table: none of {len(self.rows)} rows hit")
        )
        return ConditionTrace(label, holds=bool(numbers), parts=tuple(rows))

    def _row(self, number: int, decision: Decision, hit: bool) -> ConditionTrace:
        cells = tuple(self._cells(number, decision, hit))
        # Under `priority` and `any` a row may match and yet not be the one that speaks.
        matches = all(cell.holds is not False for cell in cells)
        label = Text(f"第 {number} 行", f"row {number}")
        if matches and not hit:
            label = Text(f"{label.zh}（符合，但由别的行决定）", f"{label.en} (matches, but another row decides)")
        return ConditionTrace(label, holds=matches, parts=cells, where=f"rows[{number - 1}]")

    def _cells(self, number: int, decision: Decision, whole: bool) -> Iterator[ConditionTrace]:
        for found, cell, value in zip(self.columns, self.rows[number - 1], decision.inputs, strict=True):
            if cell.anything or value is _UNREAD:
                continue
            holds = cell.holds(value)
            if whole or not holds:
                yield ConditionTrace(
                    found.label, "cell", Text("应为", "should be"), cell.text, value, found.said(cell),
                    show(value, found.found.item, shown_kind(found.found)), holds,
                )  # fmt: skip
            if not whole and not holds:
                return


def _of_row(effect: Effect, key: str) -> Effect:
    """What is asked for about a row, apart from the same about another."""
    return replace(effect, row_key=f"{key}:{effect.row_key}") if isinstance(effect, ApprovalNeeded | Owed) else effect


def compile_table(table: Table, making: Making) -> CompiledTable:
    """The table for the DocType of `making`. Raises PathRefused naming the first cell that does not fit."""
    whole, making = making, table_making(table, making)
    columns = tuple(column(source, making) for source in table.inputs)
    fields = [output_field(output, making) for output in table.outputs]
    known: dict[tuple[int, str], Cell] = {}
    rows, outputs = [], []
    for number, row in enumerate(table.rows, start=1):
        try:
            cells = []
            for index, (one, text) in enumerate(zip(columns, row.when, strict=True)):
                if (index, text) not in known:
                    known[index, text] = one.cell(text)
                cells.append(known[index, text])
            rows.append(tuple(cells))
            outputs.append(tuple(output_cell(*parts, making) for parts in zip(table.outputs, row.then, fields, strict=True)))
        except CellRefused as refused:
            raise PathRefused(
                Text(f"决策表第 {number} 行：{refused.text.zh}", f"row {number} of the table: {refused.text.en}")
            ) from None
    try:
        defaults = tuple(
            None if output.default is None else output_cell(output, output.default, item, making)
            for output, item in zip(table.outputs, fields, strict=True)
        )
    except CellRefused as refused:
        raise PathRefused(refused.text) from None
    return CompiledTable(
        table,
        columns,
        tuple(fields),
        tuple(rows),
        tuple(outputs),
        defaults,
        tuple(ranks(table)),
        row_places(table.each, whole) if table.each else None,
    )


def table_making(table: Table, making: Making) -> Making:
    """Where the columns of a table are read. Raises PathRefused when it is asked for the rows of something else."""
    return replace(making, frame=making.frame.rows(table.each.table)) if table.each else making


def compiled_tables(rule: Rule, model: Model) -> list[CompiledTable]:
    """The tables of a rule; none while they (or their facts) do not fit the DocType."""
    doctype = model.get(rule.applies_to)
    if doctype is None or not rule.tables:
        return []
    frame = Frame(model, doctype, rule.facts)
    try:
        making = Making(rule, frame, fact_readers(rule.facts, frame, row_test))
        return [compile_table(table, making) for table in rule.tables]
    except PathRefused:
        return []


def ranks(table: Table) -> Iterator[tuple[int, ...]]:
    """The rank of each row by the `values` of its outputs; cells that are not listed come last."""
    orders = [
        (index, [_plain(value) for value in output.values]) for index, output in enumerate(table.outputs) if output.values
    ]
    for row in table.rows:
        said = [(_plain(row.then[index]), values) for index, values in orders]
        yield tuple(values.index(cell) if cell in values else len(values) for cell, values in said)


def _plain(cell: str | Text) -> str:
    return str(read_value(cell)) if isinstance(cell, str) else cell.en
