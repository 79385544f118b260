"""Every fault of a table in its DocType at once, each with its row and column; then what `analyse` finds in the whole.

Contradictions, and gaps of a table that promises to be complete, are faults; other gaps, shadowed and unreachable rows are
warnings, which a publication shows and does not stop for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...core.errors import Fault
from ...core.text import Text, nearest
from ...metadata.model import DocField, Model
from ..conditions import row_test
from ..drawing import Making
from ..faults import Faults
from ..messages import PLACE, compile_message
from ..model import Rule
from ..paths import PathRefused
from .analyse import analyse
from .cells import CellRefused, read_value
from .compile import Column, column, compile_table, compiled_tables, output_cell, output_field, table_making
from .model import TO_ROLES, Output, Row, Table

_NUMBERS = ("sum", "min", "max", "count")


def check_table(table: Table, making: Making, faults: Faults, roles: frozenset[str] | None = None) -> None:
    """Adds the faults of the table to `faults`."""
    before = len(faults.found)
    if table.each is not None:
        try:
            inner = table_making(table, making)
            row_test(table.each.where, inner.frame, making.facts)
        except PathRefused as refused:
            faults.refused(f"{table.at}.each_row", refused.text)
            return
        whole, making = making, inner
    else:
        whole = making
    columns = [_try(faults, source.at, lambda source=source: column(source, making)) for source in table.inputs]  # type: ignore[misc]
    fields = [_try(faults, item.at, lambda item=item: output_field(item, making)) for item in table.outputs]  # type: ignore[misc]
    _policy(table, fields, faults)
    _rows(table, columns, fields, making, faults, roles)
    if len(faults.found) > before:
        return
    for item in analyse(compile_table(table, whole)):
        if item.is_fault:
            faults.refused(f"{table.at}.rows", item.text)


def table_warnings(rules: Iterable[Rule], model: Model, files: Mapping[str, str] | None = None) -> list[Fault]:
    """What weakens the tables of rules that have no faults, without keeping them from being published."""
    found: list[Fault] = []
    for rule in rules:
        told = Faults((files or {}).get(rule.name) or rule.file or rule.name, rule.name)
        for table in compiled_tables(rule, model):
            for item in analyse(table):
                if not item.is_fault:
                    told.refused(f"{table.table.at}.rows", item.text)
        found += told.found
    return found


def _try(faults: Faults, at: str, build: Callable[[], Any]) -> Any:
    try:
        return build()
    except (PathRefused, CellRefused) as refused:
        faults.refused(at, refused.text)
        return _WRONG


_WRONG = object()


def _policy(table: Table, fields: list[Any], faults: Faults) -> None:
    """Whether the hit policy has what it needs."""
    if table.hit == "priority" and not any(item.values for item in table.outputs):
        faults.add(
            f"{table.at}.hit",
            "priority 须有一个输出列以 values 列出其值，最优先者在前",
            "priority needs an output whose values are listed in `values`, the most urgent first",
        )
    seen: set[str] = set()
    for output in table.outputs:
        if output.kind == "set" and output.field in seen:
            faults.add(output.at, f"{output.field} 已由前一列设置", f"{output.field} is set by a column before")
        seen.add(output.field if output.kind == "set" else "")
    if table.hit != "collect":
        for output in table.outputs:
            if table.each is not None and output.kind == "set" and output.is_of_record:
                faults.add(
                    output.at,
                    f"{output.field} 汇集各行的值，须用 collect",
                    f"{output.field} collects over the rows: use the hit policy collect",
                )
        return
    for output, item in zip(table.outputs, fields, strict=True):
        if not isinstance(item, DocField) or output.kind != "set":
            continue
        kind = item.type.kind
        is_number = kind in ("integer", "decimal")
        fits = is_number or (table.aggregate in ("min", "max") and kind in ("date", "datetime", "time"))
        if table.aggregate in _NUMBERS and not fits:
            faults.add(
                output.at,
                f"{item.fieldname} 不是数字，不能求 {table.aggregate}",
                f"{item.fieldname} holds no number for {table.aggregate}",
            )
        if table.aggregate == "list" and kind != "text":
            faults.add(
                output.at,
                f"collect 把各行的值列成文字，{item.fieldname} 不是文字字段",
                f"collect lists the values as a text, and {item.fieldname} holds none",
            )


def _rows(
    table: Table, columns: list[Any], fields: list[Any], making: Making, faults: Faults, roles: frozenset[str] | None
) -> None:
    right: set[tuple[int, str]] = set()  # cells that were read without fault: most repeat
    for number, row in enumerate(table.rows, start=1):
        for index, (found, text) in enumerate(zip(columns, row.when, strict=True)):
            if not isinstance(found, Column) or (index, text) in right:
                continue
            try:
                found.cell(text)
                right.add((index, text))
            except CellRefused as refused:
                _fault(faults, f"{row.at}[{index}]", number, index, found.label, refused.text)
        _outputs(table, row, number, fields, making, faults, roles)
    for output, item in zip(table.outputs, fields, strict=True):
        if output.default is not None and item is not _WRONG:
            _one(output, output.default, item, making, roles, lambda text, at=f"{output.at}.default": faults.refused(at, text))  # type: ignore[misc]


def _outputs(
    table: Table, row: Row, number: int, fields: list[Any], making: Making, faults: Faults, roles: frozenset[str] | None
) -> None:
    for index, (output, item, raw) in enumerate(zip(table.outputs, fields, row.then, strict=True), start=len(row.when)):
        if item is _WRONG:
            continue
        label = output.label or (item.label if isinstance(item, DocField) else Text.of(output.kind))

        def tell(text: Text, index: int = index, label: Text = label) -> None:
            _fault(faults, f"{row.at}[{index}]", number, index, label, text)

        _one(output, raw, item, making, roles, tell)


def _one(
    output: Output,
    raw: str | Text,
    item: DocField | None,
    making: Making,
    roles: frozenset[str] | None,
    tell: Callable[[Text], None],
) -> None:
    """The faults of one output cell."""
    if raw in ("", "-"):
        return
    if output.is_said and isinstance(raw, Text):
        for piece in dict.fromkeys(PLACE.findall(raw.zh) + PLACE.findall(raw.en)):
            try:
                compile_message(Text.of("{" + piece + "}"), making.frame, making.facts)
            except PathRefused as refused:
                tell(refused.text)
        return
    try:
        output_cell(output, raw, item, making)
    except (CellRefused, PathRefused) as refused:
        tell(refused.text)
    role = str(read_value(str(raw)))
    if output.kind in TO_ROLES and roles is not None and role not in roles:
        near = nearest(role, roles)
        tell(Text(f"没有角色 {role!r}。{near.zh}", f"{role!r} is not a role.{near.en}"))


def _fault(faults: Faults, at: str, number: int, index: int, label: Text, text: Text) -> None:
    faults.add(
        at,
        f"第 {number} 行第 {index + 1} 列（{label.zh}）：{text.zh}",
        f"row {number}, column {index + 1} ({label.en}): {text.en}",
    )
