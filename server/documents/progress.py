"""A record's way through its workflow as everybody who may read it sees it: states, steps, who did what and when, who is next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ..core.text import Text
from ..obligations.model import Obligation
from ..workflow.model import Node, State, Step, Transition, Workflow

StepStatus = Literal["waiting", "asked", "approved", "refused", "skipped"]


@dataclass(frozen=True)
class Voice:
    """One person or role asked by a step, and what came of it."""

    id: str
    asked: str  # whom, as people read it
    is_role: bool
    state: str
    decision: str | None = None
    decided_by: str = ""
    decided_for: str = ""
    decided_at: datetime | None = None
    comment: str | None = None
    due_at: datetime | None = None
    is_late: bool = False
    may_decide: bool = False
    content_hash: str | None = None  # of what would be decided on, for who may decide it
    role: str = ""  # its name, where a role is asked: titles are in the language of the house

    def asked_in(self, language: str) -> str:
        return Text(self.asked, self.role or self.asked).to(language)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "asked": self.asked, "is_role": self.is_role, "state": self.state, "decision": self.decision,
            "decided_by": self.decided_by, "decided_for": self.decided_for, "decided_at": _time(self.decided_at),
            "comment": self.comment, "due_at": _time(self.due_at), "is_late": self.is_late, "may_decide": self.may_decide,
            "content_hash": self.content_hash,
        }  # fmt: skip


@dataclass(frozen=True)
class StepProgress:
    """A step of the present state, in the order in which it is drawn: `column` says when, `row` beside what."""

    step: Step
    status: StepStatus
    column: int
    row: int
    voices: tuple[Voice, ...] = ()
    is_added: bool = False

    def to_json(self, language: str) -> dict[str, Any]:
        return {
            "step": self.step.name, "title": self.step.title.to(language), "status": self.status, "column": self.column,
            "needs": self.step.needs.to_json(), "clauses": list(self.step.source), "is_added": self.is_added,
            "voices": [voice.to_json() for voice in self.voices],
        }  # fmt: skip


@dataclass(frozen=True)
class Passage:
    """The record went from one state to another, or somebody decided about it."""

    at: datetime
    by: str
    what: Text
    comment: Text | None = None
    for_whom: str = ""

    def to_json(self, language: str) -> dict[str, Any]:
        return {
            "at": _time(self.at), "by": self.by, "for": self.for_whom, "what": self.what.to(language),
            "comment": self.comment.to(language) if self.comment else None,
        }  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """Everything the diagram shows. `actions` are the transitions open to this reader; `may_*` what else they may do."""

    workflow: Workflow
    state: State
    tree: Node  # the steps of the state with those that signers have added, each at its place
    visited: tuple[str, ...]
    steps: tuple[StepProgress, ...]
    history: tuple[Passage, ...]
    actions: tuple[Transition, ...] = ()
    may_withdraw: bool = False
    may_urge: bool = False
    returns: tuple[tuple[str, Text], ...] = ()  # where whoever is asked may send it back to: (step or state, title)
    sent_by: str = ""
    sent_at: datetime | None = None

    @property
    def mine(self) -> Voice | None:
        """What this reader is asked to decide now."""
        return next((voice for step in self.steps for voice in step.voices if voice.may_decide), None)

    def to_json(self, language: str) -> dict[str, Any]:
        return {
            "workflow": self.workflow.name,
            "title": self.workflow.title.to(language),
            "state": self.state.name,
            "state_title": self.state.title.to(language),
            "states": [
                {
                    "state": state.name, "title": state.title.to(language), "doc_status": state.doc_status, "color": state.color,
                    "is_current": state.name == self.state.name, "was_visited": state.name in self.visited,
                    "is_end": self.workflow.is_end(state.name),
                }
                for state in self.workflow.states
            ],
            "transitions": [
                {"state": item.state, "action": item.action, "next_state": item.next_state, "when": item.when}
                for item in self.workflow.transitions
            ],
            "steps": [step.to_json(language) for step in self.steps],
            "history": [item.to_json(language) for item in self.history],
            "actions": [{"action": item.action, "title": item.title.to(language)} for item in self.actions],
            "may_withdraw": self.may_withdraw,
            "may_urge": self.may_urge,
            "returns": [{"to": name, "title": title.to(language)} for name, title in self.returns],
            "sent_by": self.sent_by,
            "sent_at": _time(self.sent_at),
        }  # fmt: skip


def voice_of(item: Obligation, names: Mapping[str, str], roles: Mapping[str, str], may_decide: bool) -> Voice:
    """An obligation as a voice."""
    asked = names.get(item.owed_by_user or "", item.owed_by_user or "") or roles.get(
        item.owed_by_role or "", item.owed_by_role or ""
    )
    return Voice(
        item.id, asked, item.owed_by_user is None, item.state, item.decision, names.get(item.decided_by or "", item.decided_by or ""),
        names.get(item.decided_for or "", item.decided_for or ""), item.decided_at, item.comment, item.due_at,
        item.state in ("late", "escalated"), may_decide, item.content_hash if may_decide else None, item.owed_by_role or "",
    )  # fmt: skip


def _time(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None
