"""The steps of the state that a record is in, within the transaction of its save: whom they ask, how far they are, where they lead.

What a state allows and how a record enters it is `flow`, which builds on this; who is asked is `seats`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..calendars.deadline import Deadline
from ..core.errors import ValidationFailed
from ..core.ids import digest, new_id
from ..core.text import Text
from ..core.values import canonical, to_json
from ..obligations.book import ObligationBook
from ..obligations.model import WORKFLOW, Obligation
from ..workflow.choices import holds, led_to
from ..workflow.model import Approver, Node, State, Step, Workflow
from ..workflow.standing import Standing, Votes, standing, with_step
from .calendars import Calendars
from .complete import Record
from .counting import Counting
from .seats import Seat, Seats
from .tell import tell
from .workflow_runs import Run, keep

if TYPE_CHECKING:
    from .save_path import SavePath

ENOUGH = Text("已有足够的人作出决定", "enough people have decided")
PASSED_OVER = Text("此人已批准其他步骤，按流程不再重复审批", "approved another step already, so this one is passed over")
MAX_CHAIN = 12  # transitions that the program takes one after the other
MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Move:
    """A transition that is being taken: the state it leads to, what it is called, and its `action` (empty for a way back)."""

    to: str
    title: Text
    by_program: bool = False
    action: str = ""


class FlowSteps:
    """The steps of one record's present state."""

    def __init__(self, path: SavePath, workflow: Workflow, state: State, run: Run | None) -> None:
        self._path = path
        self.workflow = workflow
        self.state = state
        self.run = run

    @cached_property
    def book(self) -> ObligationBook:
        return ObligationBook(self._path.connection)

    @property
    def now(self) -> datetime:
        """The moment, by the clock of the site: conditions may ask for the hour or the day."""
        return self._path.now.astimezone(self._path.zone)

    def seats(self, run: Run) -> list[Obligation]:
        """The obligations of the present round, the oldest first."""
        found = self.book.of_record(run.doctype, run.name, f"{WORKFLOW}{run.workflow}")
        return [item for item in reversed(found) if item.terms.get("round") == run.round]

    def tree(self, run: Run) -> Node:
        """The steps of the state with those that signers have added."""
        found: Node = self.state.steps
        for item in run.added:
            found = with_step(found, added_step(item), str(item["anchor"]), before=bool(item["before"]))
        return found

    def standing(self, record: Mapping[str, Any]) -> Standing:
        assert self.run is not None
        tree = self.tree(self.run)
        return standing(tree, votes_of(self.seats(self.run)), self.skipped(tree, record))

    def skipped(self, tree: Node, record: Mapping[str, Any]) -> set[str]:
        """The steps that this record does not need: their condition does not hold, or their decision table asks nobody."""
        seats = Seats(self._path, self.workflow, record)
        return {
            step.name
            for step in tree.steps()
            if not holds(step.condition, record, self._path.user, self.now) or seats.asks_nobody(step)
        }

    def advance(self, record: Record) -> bool:
        """Ask the steps whose turn it is; once all is decided take the transition. Returns whether one was taken."""
        run = self.run
        assert run is not None
        if not self.state.has_steps:
            return False
        steps = {step.name: step for step in self.tree(run).steps()}
        seats = Seats(self._path, self.workflow, record)
        for _ in range(len(steps) + 1):  # each time round asks or passes over one more
            found = self.standing(record)
            if not self._ask(record, [steps[name] for name in found.asked], seats):
                break
        self._settle_seats(found, steps)
        if found.outcome == "open":
            return False
        if found.outcome == "approved":
            bound = {"state": self.state.name, "fields": self._hashes(record, self.bound_fields(self.state))}
            others = tuple(item for item in run.approved if item.get("state") != self.state.name)
            self.run = replace(run, approved=(*others, bound))
            keep(self._path.connection, self.run)
        self._go_on(record, found.outcome)
        return True

    def _ask(self, record: Record, asked: list[Step], seats: Seats) -> bool:
        """Open the seats of the steps that have none; whether anything was opened."""
        assert self.run is not None
        present = {str(item.terms.get("step")) for item in self.seats(self.run) if item.state != "void"}
        opened = False
        for step in asked:
            if step.name in present:
                continue
            opened = True
            excluded = self.excluded(step)
            for number, seat in enumerate(seats.of(step, excluded)):
                item = self._seat(record, step, seat, number, excluded)
                self.book.open(item)
                if not self._passed_over(step, seat, seats, item):
                    self._tell_asked(item)
        return opened

    def excluded(self, step: Step) -> list[str]:
        """Who may not decide a step: who sent the record in or changed it since, and who has approved a step that wants another person."""
        assert self.run is not None
        names = set() if step.allow_self else {self.run.sent_by, *self.run.changed_by}
        others = {one.name for one in self.tree(self.run).steps() if step.name in one.different_from} | set(step.different_from)
        for item in self.seats(self.run):
            if item.terms.get("step") in others and item.is_approved:
                names |= {item.decided_by or "", item.decided_for or ""}
        return sorted(names - {""})

    def _seat(self, record: Record, step: Step, seat: Seat, number: int, excluded: list[str]) -> Obligation:
        run, path = self.run, self._path
        assert run is not None
        terms: dict[str, Any] = {"round": run.round, "step": step.name, "state": run.state, "excluded": excluded}
        if run.changed_by and not step.allow_self:
            terms["changed_by"] = list(run.changed_by)
        if step.needs_comment:
            terms["needs_comment"] = 1
        if step.signature:
            terms["signature"] = step.signature
        item = Obligation(
            id=new_id(16), kind="approval", rule=f"{WORKFLOW}{run.workflow}", doctype=run.doctype, name=run.name,
            title=Text(f"{self.workflow.title.zh} · {step.title.zh}", f"{self.workflow.title.en} · {step.title.en}"),
            row_key=f"{run.round}/{step.name}/{number}", clauses=step.source or self.state.source or self.workflow.source,
            owed_by_role=seat.role, owed_by_user=seat.user, opened_at=path.now, opened_by=run.sent_by or path.user.name,
            content=self._content(record), content_hash=self.content_hash(record), allow_self=step.allow_self, terms=terms,
        )  # fmt: skip
        return self._due(item, step, record)

    def _due(self, item: Obligation, step: Step, record: Record) -> Obligation:
        """With its due time, by the clock or in the working time of the record's calendar."""
        if step.due is None:
            return item
        path = self._path
        calendar = (
            Calendars(path.connection, path.model).of_record(path.doctype.name, record) if step.due.needs_calendar else None
        )
        owed = replace(
            item, deadline=Deadline(due=step.due), counted_from=path.now, in_calendar=calendar.name if calendar else None
        )
        return replace(owed, **Counting(path.connection, path.model).counted(owed))

    def _passed_over(self, step: Step, seat: Seat, seats: Seats, item: Obligation) -> bool:
        """Whether somebody who would be asked has approved another step already, which counts where the step says so."""
        assert self.run is not None
        if not step.skip_approved:
            return False
        approved = {one.decided_by for one in self.seats(self.run) if one.is_approved and one.terms.get("step") != step.name}
        approved -= set(item.terms["excluded"])  # nor is it a way around deciding what is another's to decide
        who = next((name for name in seats.people_of(seat) if name in approved), None)
        if who is None or step.signature:  # a signature is given by hand
            return False
        self.book.settle(
            item.id, state="met", decision="approved", decided_by=who, decided_at=self._path.now, comment=PASSED_OVER.zh
        )
        return True

    def _tell_asked(self, item: Obligation) -> None:
        asked = Text(f"待审批：{item.title.zh}", f"To approve: {item.title.en}")
        tell(
            self._path.connection, self._path.now, asked, item.doctype, item.name, key=f"owed:{item.id}", kind="approval",
            role=item.owed_by_role, user=item.owed_by_user,
        )  # fmt: skip

    def _settle_seats(self, found: Standing, steps: Mapping[str, Step]) -> None:
        """What nobody needs to decide any more is taken off their inbox; who may not decide the rest is noted anew."""
        assert self.run is not None
        for item in self.seats(self.run):
            name = str(item.terms.get("step"))
            if not item.is_owed:
                continue
            if name not in found.asked:
                self.book.void([item], ENOUGH, self._path.now)
            elif name in steps and (excluded := self.excluded(steps[name])) != item.terms.get("excluded"):
                self.book.settle(item.id, terms={**item.terms, "excluded": excluded})

    def _go_on(self, record: Record, outcome: str) -> None:
        """Take the transition that the outcome leads to; a refusal without one goes back to where the record came from."""
        assert self.run is not None
        path = self._path
        if path.depth >= MAX_CHAIN:
            raise ValidationFailed(
                Text(
                    f"流程“{self.workflow.title.zh}”自动流转超过 {MAX_CHAIN} 步，请检查其步骤。",
                    f'The workflow "{self.workflow.title.en}" goes on by itself more than {MAX_CHAIN} times; look at its steps.',
                )
            )
        chosen = led_to(self.workflow, record, self.state.name, outcome, path.user, self.now)
        if chosen is not None:
            move = Move(chosen.next_state, chosen.title, by_program=True, action=chosen.action)
        elif outcome == "refused" and (back := self.way_back(self.run)) is not None:
            move = Move(back.name, Text("驳回", "Refused"), by_program=True)
        else:
            raise ValidationFailed(
                Text(
                    f"流程“{self.workflow.title.zh}”在“{self.state.title.zh}”之后没有去处，请管理员检查流程。",
                    f'The workflow "{self.workflow.title.en}" leads nowhere after "{self.state.title.en}"; an administrator should look at it.',
                )
            )
        path.moved(record["name"], move)

    def way_back(self, run: Run) -> State | None:
        """The state that the record came from; None where going back would undo its submission."""
        before = self.workflow.by_name.get(run.came_from)
        return before if before is not None and before.doc_status == self.state.doc_status else None

    # What approvals are bound to

    def _hashes(self, record: Mapping[str, Any], names: list[str]) -> dict[str, str]:
        return {name: digest(canonical(_plain(record.get(name))))[:16] for name in names}

    def bound_fields(self, state: State) -> list[str]:
        """The fields that the approvals of a state are bound to."""
        doctype = self._path.doctype
        if state.again_when:
            return [name for name in state.again_when if name in doctype.by_name]
        set_by_states = {item.update_field for item in self.workflow.states} | {self.workflow.state_field, "amended_from"}
        free = set_by_states | set(state.editable or ())
        return [
            item.fieldname
            for item in doctype.data_fields
            if item.fieldname not in free and not (item.allow_on_submit or item.is_computed or item.fetch_from)
        ]

    def content_hash(self, record: Mapping[str, Any]) -> str:
        return digest(canonical(self._hashes(record, self.bound_fields(self.state))))

    def _content(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """What the person who decides sees at a glance: the columns of the list among what is bound."""
        doctype, bound = self._path.doctype, set(self.bound_fields(self.state))
        wanted = [item.fieldname for item in doctype.list_columns if item.fieldname in bound]
        return {name: to_json(record.get(name)) for name in wanted[:MOST_SHOWN] if record.get(name) not in (None, "")}

    def _void(self, run: Run, reason: Text) -> None:
        self.book.void(self.seats(run), reason, self._path.now)

    def _called(self, record: Mapping[str, Any]) -> Text:
        label = self._path.doctype.label
        return Text(f"{label.zh} {record.get('name') or ''}".strip(), f"{label.en} {record.get('name') or ''}".strip())


def votes_of(seats: list[Obligation]) -> dict[str, Votes]:
    """The votes of each step in a round."""
    found: dict[str, Votes] = {}
    for item in seats:
        if item.state == "void":
            continue
        before = found.get(name := str(item.terms.get("step")), Votes())
        approved, refused = int(item.is_approved), int(item.state == "met" and item.decision == "rejected")
        found[name] = Votes(before.asked + 1, before.approved + approved, before.refused + refused)
    return found


def added_step(item: Mapping[str, Any]) -> Step:
    """A step that a signer asked for, as the run keeps it."""
    return Step(
        name=str(item["step"]), title=Text.of(item["title"]), by=(Approver("user", str(item["user"])),), allow_self=True
    )


def _plain(value: Any) -> Any:
    """A value as an approval is bound to it: rows without what only says where they stand."""
    if isinstance(value, list):
        return [
            {key: part for key, part in row.items() if key not in ("name", "parent", "parenttype", "parentfield", "idx")}
            if isinstance(row, Mapping)
            else row
            for row in value
        ]
    return None if value in ("", 0, False) else value


__all__ = ["FlowSteps", "Move", "added_step", "votes_of"]
