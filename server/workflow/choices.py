"""What a person may do with a record in a state: change it, take which transition. Pure; who is asked by steps is `documents.flow`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from ..expressions import ExpressionRefused, Scope
from .conditions import condition
from .model import State, Transition, Workflow


class Person(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def full_name(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def department(self) -> str | None: ...
    @property
    def is_administrator(self) -> bool: ...


def state_of(workflow: Workflow, record: Mapping[str, Any]) -> State:
    """The state of a record. One from before the workflow has none: it stands where its docstatus says, as in Frappe."""
    known = workflow.by_name.get(str(record.get(workflow.state_field) or ""))
    if known is not None:
        return known
    status = record.get("docstatus") or 0
    return next((state for state in workflow.states if state.doc_status == status), workflow.first)


def holds(source: str, record: Mapping[str, Any], person: Person, now: datetime) -> bool:
    """Whether a condition holds. One that cannot be read never does: it is told when the workflow is published."""
    if not source:
        return True
    user = {"name": person.name, "full_name": person.full_name, "roles": sorted(person.roles), "department": person.department}
    try:
        return condition(source).truth(Scope(doc=record, user=user, today=now.date(), now=now))
    except ExpressionRefused:
        return False


def may_edit(state: State, person: Person) -> bool:
    """Whether the state lets this person change the record; the right to write it is needed as well."""
    return person.is_administrator or not state.allow_edit or bool(person.roles & set(state.allow_edit))


def open_to(workflow: Workflow, record: Mapping[str, Any], person: Person, now: datetime) -> list[Transition]:
    """The transitions that this person may take from the state the record is in, each action once."""
    found: dict[str, Transition] = {}
    for item in workflow.actions_from(state_of(workflow, record).name):
        if not (person.is_administrator or item.allowed in person.roles):
            continue
        if not item.allow_self_approval and record.get("owner") == person.name and not person.is_administrator:
            continue
        if item.action not in found and holds(item.condition, record, person, now):
            found[item.action] = item
    return list(found.values())


def led_to(
    workflow: Workflow, record: Mapping[str, Any], state: str, outcome: str, person: Person, now: datetime
) -> Transition | None:
    """The transition that the program takes once the steps of a state are approved or refused."""
    return next(
        (item for item in workflow.leaving(state) if item.when == outcome and holds(item.condition, record, person, now)), None
    )
