"""What an obligation is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ..calendars.deadline import NO_DEADLINE, Deadline
from ..core.text import Text

Kind = Literal["approval", "obligation", "signature"]
State = Literal["open", "late", "escalated", "met", "waived", "void"]
Decision = Literal["approved", "rejected"]

OWED: tuple[State, ...] = ("open", "late", "escalated")
SETTLED: tuple[State, ...] = ("met", "waived", "void")

WORKFLOW = "workflow:"  # begins what asks for it (`rule`) where that is a workflow; no rule has such a name
ASSIGNED = "assigned:"  # what asks for it where a person gave the record to another
BY_HAND = Text("人工分配", "assigned by hand")

# The reason that is kept of a pause which a rule began (`pause_when`), in its English words
RULE_WAITS = Text("规则：等待条件成立", "rule: the condition for waiting holds")

STATE_TEXTS: Mapping[str, Text] = {
    "open": Text("待办", "Open"),
    "late": Text("已超期", "Late"),
    "escalated": Text("已升级", "Escalated"),
    "met": Text("已完成", "Met"),
    "waived": Text("已豁免", "Waived"),
    "void": Text("已失效", "No longer needed"),
}
MET_LATE = Text("超期完成", "Met late")


def reference(doctype: str, name: str) -> str:
    """A record in one text: `Spare Unit Loan/SL-2026-00001`."""
    return f"{doctype}/{name}"


@dataclass(frozen=True, slots=True)
class Obligation:
    """Somebody owes something by a time; an approval is one whose fulfilment is a decision.

    `row_key` tells several obligations of one rule on one record apart (the child row it concerns); `content_hash` binds an
    approval to what was approved; `content` holds those values for the person who decides. `met_by` is the record that fulfilled it (see `reference`).
    `decided_for` is the person in whose place somebody decided. `terms` are those of a workflow's step: which one, who may not decide it.
    `deadline` is counted from `counted_from`; it is kept with its steps (`escalation_times`, of which `level` are done and the next
    is at `escalate_at`), so that it can be counted anew. `breached_at` is the due time that passed, `elapsed_seconds` how long it took.
    """

    id: str
    kind: Kind
    rule: str
    doctype: str
    name: str
    title: Text
    opened_at: datetime
    opened_by: str
    state: State = "open"
    row_key: str = ""
    clauses: tuple[str, ...] = ()
    owed_by_role: str | None = None
    owed_by_user: str | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    warned_at: datetime | None = None
    escalate_to: str | None = None
    escalated_at: datetime | None = None
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    comment: str | None = None
    content_hash: str | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    allow_self: bool = False
    void_reason: Text | None = None
    met_by: str | None = None
    signature: Mapping[str, Any] | None = None  # of an owed e-signature: `meaning`, `covers`, `distinct`, `before`
    decided_for: str | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)
    deadline: Deadline = NO_DEADLINE
    counted_from: datetime | None = None
    in_calendar: str | None = None  # the calendar it is counted in; empty for the one that is built in, None for the clock
    is_estimated: bool = False
    paused_at: datetime | None = None
    breached_at: datetime | None = None
    elapsed_seconds: int | None = None
    level: int = 0
    escalate_at: datetime | None = None
    escalated_to: tuple[str, ...] = ()
    escalation_times: tuple[datetime, ...] = ()

    @property
    def is_owed(self) -> bool:
        return self.state in OWED

    @property
    def was_met_late(self) -> bool:
        return self.state == "met" and bool(
            self.breached_at or (self.due_at and self.decided_at and self.decided_at > self.due_at)
        )

    @property
    def state_text(self) -> Text:
        return MET_LATE if self.was_met_late else STATE_TEXTS[self.state]

    @property
    def is_of_workflow(self) -> bool:
        """Whether a step of a workflow asks for it, rather than a rule."""
        return self.rule.startswith(WORKFLOW)

    @property
    def is_assigned(self) -> bool:
        """Whether a person asks for it, not a rule."""
        return self.rule == ASSIGNED

    @property
    def is_approved(self) -> bool:
        return self.state == "met" and self.decision == "approved"

    @property
    def escalation_roles(self) -> frozenset[str]:
        """The roles to which it goes, or would go, when it is late."""
        return frozenset(step.to for step in self.deadline.escalations) | ({self.escalate_to} if self.escalate_to else set())

    def owed_by(self, user_name: str, roles: frozenset[str]) -> bool:
        """Whether this person is asked for it: by name, by role, or because it was escalated to a role of theirs."""
        if self.owed_by_user == user_name or (self.owed_by_role is not None and self.owed_by_role in roles):
            return True
        return self.state == "escalated" and (self.escalate_to in roles or not roles.isdisjoint(self.escalated_to))
