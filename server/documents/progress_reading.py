"""Reads how far a record is in its workflow: from its run, what its steps asked, and its history. What comes out is `progress`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..access.user import User
from ..core.text import Text
from ..obligations.model import WORKFLOW, Obligation
from ..workflow.choices import open_to
from ..workflow.layout import placed
from ..workflow.model import State, Workflow
from ..workflow.standing import standing
from .complete import Record
from .flow import Flow
from .flow_steps import votes_of
from .progress import Passage, Progress, StepProgress, StepStatus, voice_of
from .versions import said_of
from .workflow_runs import Run


@dataclass(frozen=True)
class Read:
    """What is known of a record on its way: `seats` (see `latest`), those of them that the reader may decide, its history, the names of
    the people in it and the titles of roles."""

    flow: Flow
    record: Record
    user: User
    seats: list[Obligation]
    may_decide: Collection[str]
    entries: Sequence[Mapping[str, object]]
    names: Mapping[str, str]
    roles: Mapping[str, str]

    def progress(self) -> Progress:
        """The whole, as this reader sees it."""
        flow, user = self.flow, self.user
        run, workflow = flow.run, flow.workflow
        visited = {str(value) for entry in self.entries for value in _states(workflow, entry)}
        is_open = any(item.is_owed for item in self.seats)
        return Progress(
            workflow=workflow,
            state=flow.state,
            tree=flow.tree(run) if run is not None else flow.state.steps,
            visited=tuple(state.name for state in workflow.states if state.name in visited),
            steps=tuple(step for state in workflow.states if state.has_steps for step in self._steps(state)),
            history=tuple(_passages(workflow, self.entries, self.names)),
            actions=tuple(open_to(workflow, self.record, user, flow.now)),
            may_withdraw=is_open and run is not None and may_withdraw(flow, run, user),
            may_urge=is_open and run is not None and (run.sent_by == user.name or self.record.get("owner") == user.name),
            returns=tuple(returns_of(flow)) if self.may_decide else (),
            sent_by=self.names.get(run.sent_by, run.sent_by) if run else "",
            sent_at=run.sent_at if run else None,
        )

    def _steps(self, state: State) -> Iterable[StepProgress]:
        flow = self.flow
        if flow.run is None:
            return
        seats = [item for item in self.seats if item.terms.get("state") == state.name]
        is_current = state.name == flow.state.name
        tree = flow.tree(flow.run) if is_current else state.steps
        skipped = flow.skipped(tree, self.record)
        votes = votes_of(seats)
        asked = standing(tree, votes, skipped).asked if is_current else ()
        added = {str(item["step"]) for item in flow.run.added}
        for place in placed(tree):
            step = place.step
            own = [item for item in seats if item.terms.get("step") == step.name and (item.state != "void" or item.decision)]
            status: StepStatus = "waiting"
            if step.name in skipped and (is_current or own):
                status = "skipped"
            elif step.name in asked:
                status = "asked"
            elif own:
                outcome = standing(step, votes).outcome
                status = "approved" if outcome == "approved" else "refused" if outcome == "refused" else "waiting"
            voices = tuple(voice_of(item, self.names, self.roles, item.id in self.may_decide) for item in own)
            yield StepProgress(step, status, place.column, place.row, voices, step.name in added)


def latest(flow: Flow) -> list[Obligation]:
    """What the steps of each state asked when the record was last in it; of the present one, this round."""
    if flow.run is None:
        return []
    every = flow.book.of_record(flow.run.doctype, flow.run.name, f"{WORKFLOW}{flow.run.workflow}")
    last: dict[str, int] = {}
    for item in every:
        state, number = str(item.terms.get("state")), int(item.terms.get("round") or 0)
        last[state] = max(last.get(state, 0), number)
    last[flow.state.name] = flow.run.round
    return [item for item in reversed(every) if item.terms.get("round") == last.get(str(item.terms.get("state")))]


def returns_of(flow: Flow) -> Iterable[tuple[str, Text]]:
    """Where the record can be sent back to: steps of this state that were approved, states before it of the same docstatus."""
    if flow.run is None:
        return
    tree = flow.tree(flow.run)
    votes = votes_of(flow.seats(flow.run))
    for step in tree.steps():
        if votes.get(step.name) and standing(step, votes).outcome == "approved":
            yield step.name, step.title
    before = [str(item.get("state")) for item in flow.run.approved] + [flow.run.came_from]
    for name in dict.fromkeys(before):
        state = flow.workflow.by_name.get(name)
        if state is not None and state.name != flow.state.name and state.doc_status == flow.state.doc_status:
            yield state.name, state.title


def may_withdraw(flow: Flow, run: Run, user: User) -> bool:
    """Whether this user sent the record in and may take it back."""
    return flow.workflow.allow_withdraw and run.sent_by == user.name and flow.way_back(run) is not None


def _states(workflow: Workflow, entry: Mapping[str, object]) -> Iterable[object]:
    changes = entry.get("changes")
    for change in changes if isinstance(changes, list) else ():
        if change.get("field") == workflow.state_field:
            yield from (value for value in (change.get("old"), change.get("new")) if value)


def _passages(workflow: Workflow, entries: Iterable[Mapping[str, object]], names: Mapping[str, str]) -> Iterable[Passage]:
    """Who did what, the oldest first: passages from state to state, decisions, and what was done with steps."""
    done = {"approved": Text("批准", "approved"), "rejected": Text("驳回", "refused")}
    for entry in sorted(entries, key=lambda one: (str(one["at"]), int(str(one.get("seq") or 0)))):
        by, at = names.get(str(entry["by"]), str(entry["by"])), entry["at"]
        reason = said_of(entry)
        changes = entry.get("changes")
        moved = (
            [change for change in changes if change.get("field") == workflow.state_field] if isinstance(changes, list) else []
        )
        if entry["action"] in done and isinstance(changes, list) and changes:
            said, title = done[str(entry["action"])], Text.of(changes[0].get("title"))
            whom = str(changes[0].get("for") or "")
            yield Passage(at, by, Text(f"{said.zh} {title.zh}", f"{said.en} {title.en}"), reason, names.get(whom, whom))  # type: ignore[arg-type]
        elif entry["action"] in ("returned", "withdrawn", "signer added", "transferred", "copied"):
            yield Passage(at, by, reason or Text.of(str(entry["action"])))  # type: ignore[arg-type]
        for change in moved:
            new = workflow.by_name.get(str(change.get("new")))
            title = new.title if new is not None else Text.of(str(change.get("new") or "-"))
            yield Passage(at, by, Text(f"→ {title.zh}", f"→ {title.en}"), reason)  # type: ignore[arg-type]


__all__ = ["Read", "latest", "may_withdraw", "returns_of"]
