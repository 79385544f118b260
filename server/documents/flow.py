"""A record's way through its workflow, within the transaction of its save: what a state allows, which steps are asked, where it leads.

The save path asks at its steps; `follow` comes last and may take the next transition by itself. What people do with steps beside
deciding them (return, withdraw, transfer ...) is `workflow_service`. Approvals are obligations like those of rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from ..access.directory import load_user
from ..access.user import User
from ..core.errors import FaultList, PermissionRefused, ValidationFailed
from ..core.ids import digest, new_id
from ..core.text import Text
from ..core.values import canonical, to_json
from ..metadata.model import DRAFT, DocType
from ..obligations.book import ObligationBook
from ..obligations.model import WORKFLOW, Obligation
from ..workflow.choices import holds, led_to, may_edit, open_to, state_of
from ..workflow.model import Approver, Node, State, Step, Transition, Workflow
from ..workflow.standing import Standing, Votes, standing, with_step
from . import life_cycle
from .complete import Record
from .seats import Seat, Seats
from .tell import tell
from .workflow_runs import Run, keep, run_of

if TYPE_CHECKING:
    from .save_path import Intent, SavePath

ENOUGH = Text("已有足够的人作出决定", "enough people have decided")
LEFT = Text("单据已离开此状态", "the record has left this state")
CHANGED = Text("内容已更改，须重新审批", "the content was changed, so approval is asked for again")
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


class Flow:
    """One record's workflow in one transaction. `record` is as it was before the change; None while it is made."""

    def __init__(self, path: SavePath, workflow: Workflow, record: Mapping[str, Any] | None, run: Run | None) -> None:
        self._path = path
        self.workflow = workflow
        self.run = run
        self.state = workflow.first if record is None else state_of(workflow, record)
        self._reopens: State | None = None

    @classmethod
    def of(cls, path: SavePath, record: Mapping[str, Any] | None) -> Flow | None:
        """The workflow that rules a record: the version that it started with. None where no workflow is active."""
        in_force = path.snapshot.workflows.get(path.doctype.name)
        if in_force is None:
            return None
        run = run_of(path.connection, path.doctype.name, str(record["name"])) if record is not None else None
        workflow = path.snapshot.workflows.by_digest.get(run.digest, in_force) if run is not None else in_force
        return cls(path, workflow, record, run)

    @cached_property
    def book(self) -> ObligationBook:
        return ObligationBook(self._path.connection)

    @property
    def now(self) -> datetime:
        """The moment, by the clock of the site: conditions may ask for the hour or the day."""
        return self._path.now.astimezone(self._path.zone)

    # Steps 1 to 3 of the save path

    def refuse_around(self, intent: Intent, old: Record) -> None:
        """A record goes from state to state by its actions only, and only who the state lets may change it."""
        if intent.move is not None:
            return
        if intent.action in ("submit", "cancel"):
            raise self._around(intent, old)
        self.refuse_closed(old)

    def refuse_closed(self, old: Record) -> None:
        """Raises PermissionRefused for who the state does not let change the record, or delete it."""
        if not may_edit(self.state, self._path.user):
            roles_zh, roles_en = "、".join(self.state.allow_edit), ", ".join(self.state.allow_edit)
            raise PermissionRefused(
                Text(
                    f"{self._called(old).zh} 现为“{self.state.title.zh}”，只有{roles_zh}可以修改。",
                    f'{self._called(old).en} is "{self.state.title.en}"; only {roles_en} may change it.',
                )
            )

    def _around(self, intent: Intent, old: Record) -> ValidationFailed:
        choices = open_to(self.workflow, old, self._path.user, self.now)
        done = life_cycle.DONE[intent.action]
        if choices:
            zh, en = "、".join(item.title.zh for item in choices), ", ".join(item.title.en for item in choices)
            way = Text(f"您可用的动作：{zh}。", f"Actions open to you: {en}.")
        else:
            way = Text("当前没有您可用的动作。", "No action is open to you now.")
        return ValidationFailed(
            Text(
                f"{self._called(old).zh} 由流程“{self.workflow.title.zh}”办理，不能直接{done.zh}。{way.zh}",
                f'{self._called(old).en} goes through the workflow "{self.workflow.title.en}" and cannot simply be {done.en}. {way.en}',
            )
        )

    def refuse_sent(self, intent: Intent, old: Record | None, sent: Record, faults: FaultList) -> None:
        """The state is nobody's to type, and a state may leave only some fields open. Takes the state out of what was sent."""
        name = self.workflow.state_field
        if name in sent:
            value = sent.pop(name)
            before = self.state.name if old is None else old.get(name)
            if value not in (None, "", before, self.state.name):
                faults.add(
                    name,
                    Text(
                        f"流程状态不能直接改为“{value}”，请使用流程动作（现为“{self.state.title.zh}”）。",
                        f'The workflow state cannot be set to "{value}"; use the actions of the workflow (it is "{self.state.title.en}").',
                    ),
                )
        if old is None or intent.move is not None:
            return
        for fieldname in self.closed_fields:
            if fieldname in sent and not life_cycle.same(
                self._path.model, self._path.doctype, fieldname, old.get(fieldname), sent[fieldname]
            ):
                label = self._path.doctype.by_name[fieldname].label
                faults.add(
                    fieldname,
                    Text(
                        f"{label.zh}：状态“{self.state.title.zh}”下不可更改。",
                        f'{label.en}: cannot be changed in the state "{self.state.title.en}".',
                    ),
                )

    @property
    def closed_fields(self) -> frozenset[str]:
        """The fields that the state keeps from being changed."""
        return closed_fields(self._path.doctype, self.state)

    def set_state(self, intent: Intent, record: Record, old: Record | None) -> None:
        """Put the state into the record that is about to be checked, with what entering it sets."""
        if intent.move is None:
            record[self.workflow.state_field] = self.state.name
            return
        state = self.workflow.by_name[intent.move.to]
        record[self.workflow.state_field] = state.name
        if state.update_field in self._path.doctype.by_name and state.update_field != self.workflow.state_field:
            item = self._path.doctype.by_name[state.update_field]
            record[state.update_field] = (
                item.type.parse(state.update_value, item) if state.update_value not in (None, "") else None
            )

    # Step 5: before it is written

    def judge(self, intent: Intent, record: Record, old: Record | None) -> None:
        """A rule does not move the record; a change of what was approved sends it back to where that is asked."""
        wanted = intent.move.to if intent.move else self.state.name
        if record.get(self.workflow.state_field) != wanted:
            name = self._path.doctype.by_name[self.workflow.state_field].label
            faults = FaultList()
            faults.add(
                self.workflow.state_field,
                Text(f"{name.zh}：规则不能改变流程状态。", f"{name.en}: a rule cannot change the workflow state."),
            )
            raise self._path.refused(intent, faults, record.get("name"))
        if intent.move is None and old is not None and self.run is not None and record.get("docstatus") == DRAFT:
            self._reopens = self._state_to_reopen(record)
            if self._reopens is not None:
                record[self.workflow.state_field] = self._reopens.name

    def sends_to_approval(self, intent: Intent) -> bool:
        """Whether the move leads to steps after which the record is submitted as it is; a state that is there to fill in fields does not."""
        state = self.workflow.by_name.get(intent.move.to) if intent.move is not None else None
        if state is None or not state.has_steps or state.doc_status or state.editable:
            return False
        ahead = [item for item in self.workflow.leaving(state.name) if item.when == "approved"]
        return any(self.workflow.by_name[item.next_state].doc_status == 1 for item in ahead)

    def _state_to_reopen(self, record: Record) -> State | None:
        """The first state whose approval this content no longer has; the fields that the present state is there to fill do not count."""
        assert self.run is not None
        own = set(self.state.editable or ())
        for item in self.run.approved:
            state = self.workflow.by_name.get(str(item.get("state")))
            bound = item.get("fields") or {}
            hashes = self._hashes(record, [name for name in bound if name not in own])
            if state is not None and any(bound[name] != value for name, value in hashes.items()):
                return state
        return None

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

    # After it is written

    def follow(self, intent: Intent, record: Record) -> bool:
        """Note where the record stands, ask what its state asks; returns whether it has gone on by itself."""
        path = self._path
        name = record["name"]
        run = self.run or Run(path.doctype.name, name, self.workflow.name, self.workflow.digest, self.state.name)
        if self._reopens is not None:
            self._void(run, CHANGED)
            kept = run.approved[: [item.get("state") for item in run.approved].index(self._reopens.name)]
            run = replace(run, state=self._reopens.name, round=run.round + 1, approved=kept, added=())
            self._say_reopened(record, run)
        elif intent.move is not None:
            self._void(run, LEFT)
            run = replace(
                run, state=intent.move.to, came_from=self.state.name, round=run.round + 1, added=(), sent_at=path.now,
                sent_by=run.sent_by if intent.move.by_program and run.sent_by else path.user.name,
            )  # fmt: skip
        elif self.run is not None and self.state.has_steps:
            run = self._bound_anew(run, record)
        if self.run is None and intent.move is None:
            run = replace(run, sent_by=path.user.name, sent_at=path.now)
        self.run = run
        self.state = self.workflow.by_name[run.state]
        keep(path.connection, run)
        return self.advance(record)

    def _bound_anew(self, run: Run, record: Record) -> Run:
        """The steps of the present state under a changed content: asked from the beginning once anybody has decided."""
        seats = [item for item in self.seats(run) if item.state != "void"]
        if not seats or all(item.content_hash == self.content_hash(record) for item in seats):
            return run
        if any(not item.is_owed for item in seats):
            self._void(run, CHANGED)
            return replace(run, round=run.round + 1)
        for item in seats:
            self.book.settle(item.id, content_hash=self.content_hash(record), content=self._content(record))
        return run

    def content_hash(self, record: Mapping[str, Any]) -> str:
        return digest(canonical(self._hashes(record, self.bound_fields(self.state))))

    def _content(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """What the person who decides sees at a glance: the columns of the list among what is bound."""
        doctype, bound = self._path.doctype, set(self.bound_fields(self.state))
        wanted = [item.fieldname for item in doctype.list_columns if item.fieldname in bound]
        return {name: to_json(record.get(name)) for name in wanted[:MOST_SHOWN] if record.get(name) not in (None, "")}

    def _void(self, run: Run, reason: Text) -> None:
        self.book.void(self.seats(run), reason, self._path.now)

    def _say_reopened(self, record: Record, run: Run) -> None:
        title = Text(
            f"内容已更改，须重新审批：{self._called(record).zh}",
            f"Changed, so approval is asked for again: {self._called(record).en}",
        )
        doctype = self._path.doctype.name
        tell(
            self._path.connection,
            self._path.now,
            title,
            doctype,
            record["name"],
            key=f"reopened:{new_id(12)}",
            kind="approval",
            user=run.sent_by,
        )

    # Steps of the state

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
        skipped = [step.name for step in tree.steps() if not holds(step.condition, record, self._path.user, self.now)]
        return standing(tree, votes_of(self.seats(self.run)), skipped)

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
        """Who may not decide a step: who sent the record in, and who has approved a step that wants another person."""
        assert self.run is not None
        names = set() if step.allow_self else {self.run.sent_by}
        others = {one.name for one in self.tree(self.run).steps() if step.name in one.different_from} | set(step.different_from)
        for item in self.seats(self.run):
            if item.terms.get("step") in others and item.is_approved:
                names |= {item.decided_by or "", item.decided_for or ""}
        return sorted(names - {""})

    def _seat(self, record: Record, step: Step, seat: Seat, number: int, excluded: list[str]) -> Obligation:
        run, path = self.run, self._path
        assert run is not None
        terms = {"round": run.round, "step": step.name, "state": run.state, "excluded": excluded}
        if step.needs_comment:
            terms["needs_comment"] = 1
        if step.signature:
            terms["signature"] = step.signature
        return Obligation(
            id=new_id(16), kind="approval", rule=f"{WORKFLOW}{run.workflow}", doctype=run.doctype, name=run.name,
            title=Text(f"{self.workflow.title.zh} · {step.title.zh}", f"{self.workflow.title.en} · {step.title.en}"),
            row_key=f"{run.round}/{step.name}/{number}", clauses=step.source or self.state.source or self.workflow.source,
            owed_by_role=seat.role, owed_by_user=seat.user, opened_at=path.now, opened_by=run.sent_by or path.user.name,
            due_at=path.now + step.due if step.due else None, content=self._content(record), content_hash=self.content_hash(record),
            allow_self=step.allow_self, terms=terms,
        )  # fmt: skip

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

    # Choosing

    def way_back(self, run: Run) -> State | None:
        """The state that the record came from; None where going back would undo its submission."""
        before = self.workflow.by_name.get(run.came_from)
        return before if before is not None and before.doc_status == self.state.doc_status else None

    def chosen(self, user: User, record: Record, action: str) -> Transition:
        """The transition of that name that this user may take now. Raises ValidationFailed naming those they may."""
        choices = open_to(self.workflow, record, user, self.now)
        found = next((item for item in choices if action in (item.action, item.title.zh, item.title.en)), None)
        if found is not None:
            return found
        zh, en = "、".join(item.title.zh for item in choices), ", ".join(item.title.en for item in choices)
        open_zh, open_en = (
            (f"可用：{zh}。", f"Open to you: {en}.") if choices else ("没有您可用的动作。", "No action is open to you.")
        )
        raise ValidationFailed(
            Text(
                f"{self._called(record).zh} 现为“{self.state.title.zh}”，您不能执行“{action}”。{open_zh}",
                f'{self._called(record).en} is "{self.state.title.en}"; you cannot take the action "{action}". {open_en}',
            )
        )

    def action_of(self, to: str, record: Mapping[str, Any]) -> life_cycle.Action:
        """What a move is in the life cycle of the record: saving, submitting or cancelling it."""
        status = self.workflow.by_name[to].doc_status
        if status == (record.get("docstatus") or 0):
            return "save"
        return cast(life_cycle.Action, {1: "submit", 2: "cancel"}.get(status, "save"))

    def user_of(self, name: str) -> User | None:
        return load_user(self._path.connection, name)

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


def closed_fields(doctype: DocType, state: State) -> frozenset[str]:
    """The fields that a state keeps from being changed."""
    names = {item.fieldname for item in doctype.data_fields}
    closed = set(state.read_only) & names
    return frozenset(closed if state.editable is None else closed | (names - set(state.editable)))


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


__all__ = ["Flow", "Move", "added_step", "closed_fields", "votes_of"]
