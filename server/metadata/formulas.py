"""In which order the formulas of a DocType and its child rows are computed, and their computation.

A formula may read other formulas, of its own row, of the record, or aggregated over rows; the order follows from what each
reads. A loop has no order and is a fault of the DocType, named field by field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from ..core.text import Text
from ..expressions import Expression, Scope, parse
from .fieldtypes import ValueRefused
from .model import DocField, DocType, Model

Node = tuple[str, str]  # (table field or "" for the record itself, fieldname)


@dataclass(frozen=True)
class FormulaStep:
    """Compute `item` of the record (`table` is empty) or of every row of `table`."""

    table: str
    item: DocField
    expression: Expression


class FormulaLoop(ValueError):
    """Formulas that read each other in a circle; `fields` names them in order, the first again at the end."""

    def __init__(self, fields: list[str]) -> None:
        circle = " → ".join(fields)
        self.text = Text(f"公式互相引用成环：{circle}", f"formulas read each other in a circle: {circle}")
        super().__init__(self.text.en)


@lru_cache(maxsize=512)
def _steps(doctype: DocType, children: tuple[tuple[str, DocType], ...]) -> tuple[FormulaStep, ...]:
    found: dict[Node, FormulaStep] = {}
    for item in doctype.fields:
        if item.formula:
            found["", item.fieldname] = FormulaStep("", item, parse(item.formula))
    for table, child in children:
        for item in child.fields:
            if item.formula:
                found[table, item.fieldname] = FormulaStep(table, item, parse(item.formula))
    sorter: TopologicalSorter[Node] = TopologicalSorter()
    for node, step in found.items():
        needs = {_node(read, step.table) for read in step.expression.reads}
        sorter.add(node, *(need for need in needs if need in found and need != node))
        if node in needs:
            raise FormulaLoop([node[1], node[1]])
    try:
        return tuple(found[node] for node in sorter.static_order())
    except CycleError as error:
        raise FormulaLoop([".".join(filter(None, node)) for node in reversed(error.args[1])]) from None


def _node(read: str, table: str) -> Node:
    """The formula that a read path such as `doc.items.amount` or `parent.total` depends on."""
    parts = read.split(".")
    if parts[0] == "parent":
        parts, table = ["doc", *parts[1:]], ""
    if len(parts) >= 3 and not table:
        return parts[1], parts[2]
    return table, parts[1] if len(parts) > 1 else parts[0]


def formula_steps(model: Model, doctype: DocType) -> tuple[FormulaStep, ...]:
    """All formulas of the record and its rows in the order of their needs. Raises FormulaLoop."""
    children = tuple((item.fieldname, model.child(item)) for item in doctype.table_fields if (item.options or "") in model)
    return _steps(doctype, children)


def compute(
    model: Model, doctype: DocType, record: dict[str, Any], user: Mapping[str, Any], now: datetime, today: date
) -> None:
    """Compute every formula of `record` and its rows in place. A value that does not fit its field becomes None."""
    for step in formula_steps(model, doctype):
        if not step.table:
            scope = Scope(doc=record, user=user, today=today, now=now)
            record[step.item.fieldname] = _fit(step, scope)
            continue
        for row in record.get(step.table) or ():
            scope = Scope(doc=row, parent=record, user=user, today=today, now=now)
            row[step.item.fieldname] = _fit(step, scope)


def _fit(step: FormulaStep, scope: Scope) -> Any:
    value = step.expression.evaluate(scope)
    try:
        return step.item.type.parse(value, step.item)
    except ValueRefused:
        return None
