"""A table as people read it: headings by their labels, cells in words, what weakens it below. For pages; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.text import Text
from ...metadata.model import DocField, Model
from ..display import show
from ..read import read
from .analyse import analyse
from .cells import read_value
from .compile import CompiledTable, compiled_tables
from .model import Output

_HITS = {
    "unique": Text("唯一：至多一行符合", "unique: at most one row matches"),
    "first": Text("首行：自上而下，第一行符合者算", "first: from the top, the first row that matches"),
    "any": Text("任一：符合的行结果相同", "any: rows that match agree"),
    "priority": Text("优先：符合的行中最优先者算", "priority: the most urgent of the rows that match"),
    "collect": Text("汇集：所有符合的行都算", "collect: all rows that match"),
}
_AGGREGATES = {
    "sum": Text("，求和", ", their sum"), "min": Text("，取最小", ", the smallest"), "max": Text("，取最大", ", the largest"),
    "count": Text("，计数", ", their number"), "list": Text("", ""),
}  # fmt: skip
_OUTPUTS = {"block": Text("拒绝", "refusal"), "warn": Text("提醒", "warning"), "require_approval": Text("审批", "approval")}


@dataclass(frozen=True, slots=True)
class Heading:
    label: Text
    name: str
    is_output: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """One table, ready to be shown."""

    policy: Text
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Text, ...], ...]
    defaults: tuple[Text, ...] | None
    findings: tuple[Text, ...]


def grids(raw: Any, model: Model) -> list[Grid]:
    """The tables in a rule's JSON; none while its form is wrong."""
    if not isinstance(raw, Mapping):
        return []
    rule, faults = read(raw, "")
    return [] if rule is None or faults else [_grid(table) for table in compiled_tables(rule, model)]


def _grid(compiled: CompiledTable) -> Grid:
    table = compiled.table
    pairs = list(zip(table.outputs, compiled.fields, strict=True))
    headings = [Heading(column.label, column.source.name) for column in compiled.columns]
    headings += [Heading(_output_label(output, field), output.name, True) for output, field in pairs]
    rows = []
    for row, cells in zip(table.rows, compiled.rows, strict=True):
        said = [column.said(cell) for column, cell in zip(compiled.columns, cells, strict=True)]
        rows.append((*said, *(_out(cell, *pair) for cell, pair in zip(row.then, pairs, strict=True))))
    default = None
    if any(output.default is not None for output, _ in pairs):
        default = (
            *(Text("", "") for _ in compiled.columns),
            *(_out(output.default or "-", output, field) for output, field in pairs),
        )
    hit, aggregate = _HITS[table.hit], _AGGREGATES[table.aggregate]
    policy = Text(f"{hit.zh}{aggregate.zh}", f"{hit.en}{aggregate.en}")
    return Grid(policy, tuple(headings), tuple(rows), default, tuple(item.text for item in analyse(compiled)))


def _output_label(output: Output, field: DocField | None) -> Text:
    if output.label:
        return output.label
    return field.label if output.kind == "set" and field is not None else _OUTPUTS.get(output.kind, Text.of(output.field))


def _out(cell: str | Text, output: Output, field: DocField | None) -> Text:
    if isinstance(cell, Text):
        return cell
    if cell in ("", "-") or cell.startswith("="):
        return Text.of(cell or "-")
    value = read_value(cell)
    if output.kind != "set" or field is None:
        return Text.of(str(value))
    return show(None if value is None else field.type.parse(value, field), field)
