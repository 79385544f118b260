"""A record's way through its workflow, within the transaction of its save: what a state allows, which steps are asked, where it leads.

The save path asks at its steps; `follow` comes last and may take the next transition by itself. The steps themselves are `flow_steps`;
what people do with them beside deciding (return, withdraw, transfer ...) is `workflow_service`. Approvals are obligations like those of
rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from ..access.directory import holders, load_user
from ..access.user import EVERYBODY, User
from ..core.errors import FaultList, PermissionRefused, ValidationFailed
from ..core.ids import new_id
from ..core.text import EMPTY, Text
from ..metadata.model import DRAFT, DocType
from ..workflow.choices import holds, may_edit, open_to, state_of
from ..workflow.model import State, Transition, Workflow
from . import life_cycle
from .complete import Record
from .flow_steps import FlowSteps, Move
from .tell import tell
from .workflow_runs import Run, keep, run_of

if TYPE_CHECKING:
    from .save_path import Intent, SavePath

LEFT = Text("单据已离开此状态", "the record has left this state")
CHANGED = Text("内容已更改，须重新审批", "the content was changed, so approval is asked for again")


class Flow(FlowSteps):
    """One record's workflow in one transaction. `record` is as it was before the change; None while it is made."""

    def __init__(self, path: SavePath, workflow: Workflow, record: Mapping[str, Any] | None, run: Run | None) -> None:
        super().__init__(path, workflow, workflow.first if record is None else state_of(workflow, record), run)
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
        cited = self.workflow.source
        clauses = Text(f"（条款 {'、'.join(cited)}）", f" (clause {', '.join(cited)})") if cited else EMPTY
        if choices:
            zh, en = "、".join(item.title.zh for item in choices), ", ".join(item.title.en for item in choices)
            way = Text(f"您可用的动作：{zh}。", f"Actions open to you: {en}.")
        else:
            way = Text("当前没有您可用的动作。", "No action is open to you now.")
        return ValidationFailed(
            Text(
                f"{self._called(old).zh} 由流程“{self.workflow.title.zh}”办理，不能直接{done.zh}{clauses.zh}。{way.zh}",
                f'{self._called(old).en} goes through the workflow "{self.workflow.title.en}" and cannot simply be {done.en}'
                f"{clauses.en}. {way.en}",
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

    # After it is written

    def follow(self, intent: Intent, record: Record) -> bool:
        """Note where the record stands, ask what its state asks; returns whether it has gone on by itself."""
        path = self._path
        name = record["name"]
        run = self.run or Run(path.doctype.name, name, self.workflow.name, self.workflow.digest, self.state.name)
        if self._reopens is not None:
            self._void(run, CHANGED)
            kept = run.approved[: [item.get("state") for item in run.approved].index(self._reopens.name)]
            run = replace(
                run, state=self._reopens.name, round=run.round + 1, approved=kept, added=(), changed_by=self._changers(run)
            )
            self._say_reopened(record, run)
        elif intent.move is not None:
            self._void(run, LEFT)
            goes_on = bool(intent.move.by_program and run.sent_by)
            run = replace(
                run, state=intent.move.to, came_from=self.state.name, round=run.round + 1, added=(), sent_at=path.now,
                sent_by=run.sent_by if goes_on else path.user.name, changed_by=run.changed_by if goes_on else (),
                approved=() if intent.move.to == self.workflow.first.name else run.approved,
            )  # fmt: skip
        elif self.run is not None and self.state.has_steps:
            run = self._bound_anew(run, record)
        if self.run is None and intent.move is None:
            run = replace(run, sent_by=path.user.name, sent_at=path.now)
        self.run = run
        self.state = self.workflow.by_name[run.state]
        keep(path.connection, run)
        if intent.move is not None:
            self._tell_next(record)
        return self.advance(record)

    def _tell_next(self, record: Record) -> None:
        """Tell those who may take the record on from here; whom steps ask is told by them, and what is back at its start by the refusal."""
        path, state = self._path, self.state
        if not (self.workflow.send_email_alert and state.tells_next) or state.has_steps or state is self.workflow.first:
            return
        roles = {
            item.allowed
            for item in self.workflow.actions_from(state.name)
            if item.allowed != EVERYBODY and holds(item.condition, record, path.user, self.now)
        }
        people = {name for role in sorted(roles) for name in holders(path.connection, role)} - {path.user.name}
        called = self._called(record)
        title = Text(f"待办理（{state.title.zh}）：{called.zh}", f"Yours to take on ({state.title.en}): {called.en}")
        key = f"next:{new_id(12)}"
        tell(
            path.connection, path.now, title, path.doctype.name, record["name"], key=key, kind="approval", users=sorted(people)
        )

    def _bound_anew(self, run: Run, record: Record) -> Run:
        """The steps of the present state under a changed content: asked from the beginning once anybody has decided, and where
        whoever changed it was asked: nobody approves what they have written into the record themselves."""
        seats = [item for item in self.seats(run) if item.state != "void"]
        if not seats or all(item.content_hash == self.content_hash(record) for item in seats):
            return run
        user = self._path.user
        run = replace(run, changed_by=self._changers(run))
        if any(not item.is_owed or item.owed_by(user.name, user.roles) for item in seats):
            self._void(run, CHANGED)
            return replace(run, round=run.round + 1)
        for item in seats:
            self.book.settle(item.id, content_hash=self.content_hash(record), content=self._content(record))
        return run

    def _changers(self, run: Run) -> tuple[str, ...]:
        """Who has changed what is being approved, the acting person too."""
        return tuple(dict.fromkeys((*run.changed_by, self._path.user.name)))

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

    # Choosing

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


def closed_fields(doctype: DocType, state: State) -> frozenset[str]:
    """The fields that a state keeps from being changed."""
    names = {item.fieldname for item in doctype.data_fields}
    closed = set(state.read_only) & names
    return frozenset(closed if state.editable is None else closed | (names - set(state.editable)))


__all__ = ["Flow", "Move", "closed_fields"]
