"""Decision tables that say who is asked: the tables of rules, whose outputs here are roles.

    "tables": {"signers": {"inputs": ["document_type"], "outputs": ["reviewer", "approver"], "hit": "first",
                           "rows": [["\\"quality manual\\"", "Quality Manager", "General Manager"], ...]}}

A step names a column of one: `{"by": {"table": "signers.reviewer"}}`; where the row that hits says `-` there, nobody is asked. Such a table is read, checked and decided as the consequence of a
rule that does nothing else, so that it has all that tables of rules have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.errors import Fault
from ..core.text import Text
from ..metadata.model import Model
from ..rulebook.check import check_rule_shape, check_rules
from ..rulebook.place import Judgement, Place
from ..rulebook.read import read_rule
from ..rulebook.situation import FactQuery, Situation
from ..rulebook.tables.cells import read_value
from ..rulebook.tables.compile import KEEP, compiled_tables
from .model import Workflow


def columns(raw: Mapping[str, Any]) -> list[str]:
    """The names of a table's outputs."""
    outputs = raw.get("outputs")
    return [str(item) for item in outputs if isinstance(item, str)] if isinstance(outputs, list) else []


def roles_in(workflow: Workflow, reference: str) -> list[str]:
    """Every role that `table.column` can name."""
    name, _, column = reference.partition(".")
    raw = workflow.tables.get(name) or {}
    if column not in columns(raw):
        return []
    place = len(raw.get("inputs") or ()) + columns(raw).index(column)
    cells = [row[place] for row in raw.get("rows") or () if isinstance(row, list) and len(row) > place]
    return [str(read_value(cell)) for cell in dict.fromkeys(cells) if isinstance(cell, str) and cell.strip() not in ("", "-")]


def table_faults(workflow: Workflow, model: Model, file: str) -> list[Fault]:
    """Everything that is wrong with the tables of a workflow, at its place."""
    found: list[Fault] = []
    for name, raw in workflow.tables.items():
        place = f"{file}: tables.{name}"
        if isinstance(raw, Mapping) and "each_row" in raw:
            text = Text(
                "流程的决策表针对整张单据，不能有 each_row", "a table of a workflow is asked for the record; it has no each_row"
            )
            found.append(Fault(f"{place}.each_row", Text(f"{place}.each_row：{text.zh}", f"{place}.each_row: {text.en}")))
            continue
        rule = _as_rule(workflow, name, raw)
        faults = check_rule_shape(rule, place)
        found += faults or check_rules([read_rule(rule, place)], model, {str(rule["name"]): place}, model.roles)
    return found


def decide(workflow: Workflow, model: Model, reference: str, situation: Situation) -> tuple[str, ...] | None:
    """The roles that `table.column` names for this record: none where no row hits, None where one does and says `-`, that is nobody."""
    name, _, column = reference.partition(".")
    raw = workflow.tables.get(name)
    if raw is None or column not in columns(raw):
        return ()
    tables = compiled_tables(read_rule(_as_rule(workflow, name, raw)), model)
    if not tables:
        return ()
    place = Place(Judgement(situation, _NoFacts(), set()), situation.record, situation.old)
    decision = tables[0].decide(place)
    cells = [cell.read(place) for cell in decision.chosen[columns(raw).index(column)]]
    roles = tuple(str(read_value(str(cell))) for cell in cells if cell is not KEEP)
    return None if decision.hits and not roles else roles


def _as_rule(workflow: Workflow, name: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    outputs = [{"require_approval": {}, "label": item} if isinstance(item, str) else item for item in raw.get("outputs") or []]
    return {
        "name": f"workflow table {name}"[:100],
        "applies_to": workflow.document_type,
        "then": [{"table": {**raw, "outputs": outputs}}],
    }


class _NoFacts:
    """Tables of workflows look at the record alone."""

    def value(self, fact: FactQuery, situation: Situation) -> Any:
        return None
