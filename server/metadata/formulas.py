"""In which order the formulas of a DocType and its child rows are computed, and their computation.

A formula may read other formulas, of its own row, of the record, or aggregated over rows; the order follows from what each
reads. A loop has no order and is a fault of the DocType, named field by field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from ..core.text import Text, in_row
from ..expressions import Expression, OutOfRange, Scope, parse
from ..expressions.operators import number, truth
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


@dataclass(frozen=True)
class Misfit:
    """A computed value that its field cannot hold: `where` as a form names the place, `text` with what to check."""

    where: str
    text: Text


def compute(
    model: Model, doctype: DocType, record: dict[str, Any], user: Mapping[str, Any], now: datetime, today: date
) -> list[Misfit]:
    """Compute every formula of `record` and its rows in place.

    A value that its field cannot hold is left empty and named in the answer: an empty amount must not pass for a small one.
    """
    misfits: list[Misfit] = []
    for step in formula_steps(model, doctype):
        if not step.table:
            scope = Scope(doc=record, user=user, today=today, now=now)
            record[step.item.fieldname] = _fit(model, doctype, step, scope, None, misfits)
            continue
        for index, row in enumerate(record.get(step.table) or ()):
            scope = Scope(doc=row, parent=record, user=user, today=today, now=now)
            row[step.item.fieldname] = _fit(model, doctype, step, scope, index, misfits)
    return misfits


def _fit(model: Model, doctype: DocType, step: FormulaStep, scope: Scope, index: int | None, misfits: list[Misfit]) -> Any:
    item = step.item
    try:
        value = step.expression.compute(scope)
        if item.fieldtype == "Check":
            return int(truth(value))
        exact = number(value)
        if item.type.kind == "integer" and exact is not None:
            value = exact.to_integral_value(ROUND_HALF_UP)
        return item.type.parse(value, item)
    except (ValueRefused, OutOfRange) as refused:
        misfits.append(_misfit(model, doctype, step, index, refused.text))
        return None


def _misfit(model: Model, doctype: DocType, step: FormulaStep, index: int | None, reason: Text) -> Misfit:
    """Says which field has no value, why, and which fields it is computed from."""
    label, where, read = step.item.label, step.item.fieldname, _labels(model, doctype, step)
    text = Text(
        f"{label.zh}：按公式算出的值无法保存（{reason.zh}）。请检查{'、'.join(item.zh for item in read)}。",
        f"{label.en}: the computed value cannot be kept ({reason.en}). Check {', '.join(item.en for item in read)}.",
    )
    if index is not None:
        table = doctype.by_name[step.table].label
        where = f"{step.table}[{index}].{where}"
        text = in_row(table, index, text)
    return Misfit(where, text)


def _labels(model: Model, doctype: DocType, step: FormulaStep) -> list[Text]:
    """What people call the fields that a formula reads, in the order of their names."""
    found = []
    for table, name in sorted({_node(read, step.table) for read in step.expression.reads}):
        owner = model.child(doctype.by_name[table]) if table else doctype
        if name in owner.by_name:
            found.append(owner.by_name[name].label)
    return found or [step.item.label]
