"""What a workflow is: immutable, as read from Frappe's Workflow JSON by `read`. Names of attributes are Frappe's where it has them.

A state may ask for `steps`: a tree of approvals in sequence and in parallel. A transition that has `when` is taken by the program
once they are approved or refused; every other one is an action that people choose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from ..calendars.term import Term
from ..core.text import EMPTY, Text

ApproverKind = Literal["role", "user", "user_field", "department_head", "group", "table"]
APPROVER_KINDS: tuple[ApproverKind, ...] = ("role", "user", "user_field", "department_head", "group", "table")
When = Literal["", "approved", "refused"]
STATE_FIELD = "workflow_state"
# The styles of Frappe's workflow states, as colours of a pill.
STYLES: Mapping[str, str] = {
    "Primary": "Blue", "Info": "Light Blue", "Success": "Green", "Warning": "Orange", "Danger": "Red", "Inverse": "Gray", "": "Gray",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many must approve: `any`, `all`, a number, or a percentage."""

    kind: Literal["any", "all", "number", "percent"] = "any"
    amount: int = 1

    def needed(self, of: int) -> int:
        """How many of `of` that is, at least one; never more than there are."""
        if self.kind == "all":
            return max(1, of)
        if self.kind == "percent":
            return max(1, min(of, -(-of * self.amount // 100)))
        return max(1, min(of, self.amount)) if self.kind == "number" else 1

    def to_json(self) -> str | int:
        return self.amount if self.kind == "number" else f"{self.amount}%" if self.kind == "percent" else self.kind


ANY, ALL = Quorum("any"), Quorum("all")


@dataclass(frozen=True, slots=True)
class Approver:
    """Who is asked: a role, a login, a field that holds a user, the head of the department in a field, a group, or what a table says
    (`table.column`)."""

    kind: ApproverKind
    value: str

    @property
    def is_of_rows(self) -> bool:
        """Whether each row of a child table names somebody (`departments.department`)."""
        return self.kind in ("user_field", "department_head") and "." in self.value

    def to_json(self) -> dict[str, str]:
        return {self.kind: self.value}


@dataclass(frozen=True, slots=True)
class Step:
    """One approval. `by` are asked together, `needs` of them must agree; `fallback` stands in where nobody is found."""

    name: str
    title: Text
    by: tuple[Approver, ...]
    needs: Quorum = ANY
    fallback: tuple[Approver, ...] = ()
    allow_self: bool = False
    different_from: tuple[str, ...] = ()
    skip_approved: bool = False
    needs_comment: bool = False  # also where they agree; whoever refuses always says why
    due: Term | None = None  # by the clock or in working time
    condition: str = ""
    signature: str = ""
    source: tuple[str, ...] = ()
    at: str = field(default="", compare=False)

    def steps(self) -> Iterator[Step]:
        yield self


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    parts: tuple[Node, ...] = ()

    def steps(self) -> Iterator[Step]:
        for part in self.parts:
            yield from part.steps()


@dataclass(frozen=True, slots=True)
class Parallel:
    """All at once; `needs` of the branches must be approved."""

    parts: tuple[Node, ...]
    needs: Quorum = ALL

    def steps(self) -> Iterator[Step]:
        for part in self.parts:
            yield from part.steps()


Node = Step | Sequence | Parallel


@dataclass(frozen=True, slots=True)
class State:
    """A state. `allow_edit` are the roles that may change the record in it; none named means whoever may write it."""

    name: str
    title: Text
    doc_status: int = 0
    allow_edit: tuple[str, ...] = ()
    style: str = ""
    is_optional: bool = False
    tells_next: bool = True  # Frappe's `send_email`: whether those who may act in it are told when a record enters it
    update_field: str = ""
    update_value: Any = None
    steps: Sequence = Sequence()
    again_when: tuple[str, ...] = ()
    editable: tuple[str, ...] | None = None  # only these fields are changed in it; None: no such limit
    read_only: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    at: str = field(default="", compare=False)

    @property
    def has_steps(self) -> bool:
        return bool(self.steps.parts)

    @property
    def color(self) -> str:
        return STYLES.get(self.style, self.style or "Gray")


@dataclass(frozen=True, slots=True)
class Transition:
    """From `state` by `action` to `next_state`, for whoever has the role `allowed`, while `condition` holds."""

    state: str
    action: str
    next_state: str
    title: Text = EMPTY
    allowed: str = ""
    condition: str = ""
    allow_self_approval: bool = True
    when: When = ""
    needs_comment: bool = False
    source: tuple[str, ...] = ()
    at: str = field(default="", compare=False)


@dataclass(frozen=True)
class Workflow:
    """The states and transitions of one DocType's records; the first state is the one that a new record has."""

    name: str
    document_type: str
    title: Text = EMPTY
    is_active: bool = True
    state_field: str = STATE_FIELD
    override_status: bool = False
    send_email_alert: bool = False
    allow_withdraw: bool = True
    states: tuple[State, ...] = ()
    transitions: tuple[Transition, ...] = ()
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    source: tuple[str, ...] = ()
    digest: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)

    @cached_property
    def by_name(self) -> Mapping[str, State]:
        return {state.name: state for state in self.states}

    @property
    def first(self) -> State:
        return self.states[0]

    def leaving(self, state: str) -> list[Transition]:
        return [item for item in self.transitions if item.state == state]

    def actions_from(self, state: str) -> list[Transition]:
        """What people may choose in a state; what the steps lead to is none of it."""
        return [item for item in self.leaving(state) if not item.when]

    def is_end(self, state: str) -> bool:
        return not self.leaving(state)

    def is_final(self, item: Transition) -> bool:
        """Whether whoever takes it cannot take it back: it submits or cancels the record, or nothing leads on from there."""
        return self.by_name[item.next_state].doc_status > self.by_name[item.state].doc_status or self.is_end(item.next_state)

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        return {step.name: step for state in self.states for step in state.steps.steps()}
