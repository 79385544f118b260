"""What a workflow lets a role do: which transitions it takes, in which states it changes the record, which steps ask it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ..core.text import Text
from .model import Step, Workflow
from .tables import roles_in


@dataclass(frozen=True, slots=True)
class RoleRight:
    """One thing that a role may do. `state` is where: it means something to a record that stands there."""

    role: str
    state: str
    what: Text


def role_rights(workflow: Workflow, roles: Collection[str] | None = None) -> list[RoleRight]:
    """What the workflow lets these roles do (all that it names, without them), in the order of its states."""
    return [item for item in _rights(workflow) if roles is None or item.role in roles]


def _rights(workflow: Workflow) -> Iterator[RoleRight]:
    for state in workflow.states:
        for role in state.allow_edit:
            yield RoleRight(role, state.name, Text("修改单据", "change the record"))
        for item in workflow.actions_from(state.name):
            after = workflow.by_name.get(item.next_state)
            title = after.title if after is not None else Text.of(item.next_state)
            what = Text(f"{item.title.zh} → {title.zh}", f"{item.title.en} → {title.en}")
            yield RoleRight(item.allowed, state.name, _under(what, item.condition))
        for step in state.steps.steps():
            what = Text(f"审批“{step.title.zh}”", f'decide "{step.title.en}"')
            for role in _asked(workflow, step):
                yield RoleRight(role, state.name, _under(what, step.condition))


def _asked(workflow: Workflow, step: Step) -> list[str]:
    found: list[str] = []
    for one in (*step.by, *step.fallback):
        found += [one.value] if one.kind == "role" else roles_in(workflow, one.value) if one.kind == "table" else []
    return list(dict.fromkeys(found))


def _under(what: Text, condition: str) -> Text:
    return Text(f"{what.zh}，当 {condition}", f"{what.en}, while {condition}") if condition else what


__all__ = ["RoleRight", "role_rights"]
