"""`WorkflowService`: how far a record is, and what people do with the steps beside deciding them: return to an earlier step, withdraw,
add a signer, transfer, urge, send a copy.

Each is one transaction, kept in the record's history. Transitions are `DocumentService.transition`, decisions `InboxService.decide`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..access.user import User
from ..access.vault import Vault
from ..core.clock import Clock
from ..core.errors import PermissionRefused, ValidationFailed
from ..core.ids import new_id
from ..core.text import Text
from ..obligations.book import ObligationBook
from ..obligations.model import WORKFLOW, Obligation
from ..storage import audit, records
from ..storage.database import Database
from ..storage.verification import is_tracked
from ..workflow.choices import open_to
from ..workflow.layout import placed
from ..workflow.model import State, Transition, Workflow
from ..workflow.standing import from_here_on, standing
from .complete import Record
from .flow import Flow, Move
from .flow_steps import votes_of
from .inbox import InboxService
from .incidents import kept_if_refused
from .loading import readable
from .progress import Passage, Progress, StepProgress, StepStatus, voice_of
from .save_path import SavePath
from .snapshot import Snapshot
from .tell import tell
from .who_reads import person_who_reads
from .workflow_refusals import comment_missing, kept_comment, without_workflow
from .workflow_runs import Run, keep

RETURNED = Text("已退回", "it was sent back")
WITHDRAWN = Text("提交人已撤回", "whoever sent it in took it back")
MOST_ADDED = 20


class WorkflowService:
    """The workflows of records, as people see and use them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        snapshots: Callable[[], Snapshot],
        zone: ZoneInfo,
        vault: Vault,
        inbox: InboxService,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._zone = zone
        self._vault = vault
        self._inbox = inbox
        self._wake = wake

    def rules(self, doctype: str) -> bool:
        """Whether the records of a DocType go through a workflow."""
        return self._snapshots().workflows.get(doctype) is not None

    # Reading

    def transitions(self, user: User, doctype: str, name: str) -> list[Transition]:
        """The actions that this user may take on a record now; none where no workflow rules it. Raises NotFound, PermissionRefused."""
        with self._database.read() as connection:
            flow, record = self._flow(connection, user, doctype, name)
            return [] if flow is None else open_to(flow.workflow, record, user, flow.now)

    def progress(self, user: User, doctype: str, name: str) -> Progress | None:
        """How far a record is; None where no workflow rules it. Raises NotFound, PermissionRefused."""
        with self._database.read() as connection:
            flow, record = self._flow(connection, user, doctype, name)
            if flow is None:
                return None
            owed = {item.obligation.id: item for item in self._inbox.shown(connection, user, self._latest(flow))}
            roles = self._role_titles(connection)
            seats = self._latest(flow)
            entries = audit.history(connection, doctype, name)
            people = {str(entry["by"]) for entry in entries}
            people |= {who or "" for item in seats for who in (item.owed_by_user, item.decided_by, item.decided_for)}
            people |= {flow.run.sent_by if flow.run else ""}
            people |= {str(change.get("for") or "") for entry in entries for change in entry["changes"]}
            names = self._names(connection, people)
            return self._progress(flow, record, user, {item.id: item for item in seats}, owed, names, roles, entries)

    def _progress(
        self, flow: Flow, record: Record, user: User, seats: Mapping[str, Obligation], owed: Mapping[str, object],
        names: Mapping[str, str], roles: Mapping[str, str], entries: Iterable[Mapping[str, object]],
    ) -> Progress:  # fmt: skip
        run, workflow = flow.run, flow.workflow
        may = {key for key, item in owed.items() if getattr(item, "may_act", False)}
        steps = self._steps(flow, record, user, list(seats.values()), may, names, roles)
        history = tuple(_passages(workflow, entries, names))
        visited = {str(value) for entry in entries for value in _states(workflow, entry)}
        is_open = any(item.is_owed for item in seats.values())
        return Progress(
            workflow=workflow,
            state=flow.state,
            tree=flow.tree(run) if run is not None else flow.state.steps,
            visited=tuple(state.name for state in workflow.states if state.name in visited),
            steps=tuple(steps),
            history=history,
            actions=tuple(open_to(workflow, record, user, flow.now)),
            may_withdraw=is_open and run is not None and _may_withdraw(flow, run, user),
            may_urge=is_open and run is not None and (run.sent_by == user.name or record.get("owner") == user.name),
            returns=tuple(self._returns(flow)) if may else (),
            sent_by=names.get(run.sent_by, run.sent_by) if run else "",
            sent_at=run.sent_at if run else None,
        )

    def _steps(
        self, flow: Flow, record: Record, user: User, seats: list[Obligation], may: set[str], names: Mapping[str, str],
        roles: Mapping[str, str],
    ) -> list[StepProgress]:  # fmt: skip
        if flow.run is None:
            return []
        found: list[StepProgress] = []
        for state in flow.workflow.states:
            if state.has_steps:
                of_state = [item for item in seats if item.terms.get("state") == state.name]
                found += self._steps_of(flow, state, record, user, of_state, may, names, roles)
        return found

    def _steps_of(
        self, flow: Flow, state: State, record: Record, user: User, seats: list[Obligation], may: set[str], names: Mapping[str, str],
        roles: Mapping[str, str],
    ) -> list[StepProgress]:  # fmt: skip
        assert flow.run is not None
        is_current = state.name == flow.state.name
        tree = flow.tree(flow.run) if is_current else state.steps
        skipped = flow.skipped(tree, record)
        votes = votes_of(seats)
        asked = standing(tree, votes, skipped).asked if is_current else ()
        added = {str(item["step"]) for item in flow.run.added}
        found = []
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
            voices = tuple(voice_of(item, names, roles, item.id in may) for item in own)
            found.append(StepProgress(step, status, place.column, place.row, voices, step.name in added))
        return found

    def _returns(self, flow: Flow) -> Iterable[tuple[str, Text]]:
        """Where the record can be sent back to: steps of this state that were approved, states before it of the same docstatus."""
        if flow.run is None:
            return
        tree = flow.tree(flow.run)
        votes = votes_of(self._of(flow, flow.run))
        for step in tree.steps():
            if votes.get(step.name) and standing(step, votes).outcome == "approved":
                yield step.name, step.title
        before = [str(item.get("state")) for item in flow.run.approved] + [flow.run.came_from]
        for name in dict.fromkeys(before):
            state = flow.workflow.by_name.get(name)
            if state is not None and state.name != flow.state.name and state.doc_status == flow.state.doc_status:
                yield state.name, state.title

    # Doing

    def send_back(self, user: User, obligation: str, to: str, comment: str | None) -> None:
        """Return the record to an earlier step or state, instead of approving or refusing; whoever is asked now may. A comment says why.

        What was approved from there on is asked again. Raises NotFound, PermissionRefused, ValidationFailed.
        """
        comment = kept_comment(comment)
        with kept_if_refused(self._database, self._clock) as met, self._database.write() as connection:
            item, path, flow, record = self._asked(connection, user, obligation)
            path.incidents = met
            if not comment:
                raise comment_missing(Text("退回", "Send back"))
            offered = dict(self._returns(flow))
            if to not in offered:
                known_zh, known_en = (
                    "、".join(text.zh for text in offered.values()),
                    ", ".join(text.en for text in offered.values()),
                )
                raise ValidationFailed(
                    Text(f"不能退回到“{to}”，可退回到：{known_zh}。", f'It cannot be sent back to "{to}", only to: {known_en}.')
                )
            assert flow.run is not None
            self._note(
                connection, path, record, "returned", Text(f"退回到{offered[to].zh}", f"sent back to {offered[to].en}"), comment
            )
            said = Text(
                f"{user.full_name} 退回：{item.title.zh}（{comment}）",
                f"{user.full_name} sent back: {item.title.en} ({comment})",
            )
            self._tell(connection, flow.run.sent_by, said, record, path)
            if to in flow.workflow.by_name and to not in flow.workflow.steps:
                path.moved(item.name, Move(to, RETURNED, by_program=True), comment)
            else:
                again = set(from_here_on(flow.tree(flow.run), to))
                for one in flow.seats(flow.run):
                    if one.state != "void" and one.terms.get("step") in again:
                        flow.book.settle(one.id, state="void", void_reason=RETURNED)
                flow.advance(record)
        self._wake()

    def withdraw(self, user: User, doctype: str, name: str, comment: str | None = None) -> None:
        """Take back what one sent in oneself, while it still waits for somebody. Raises PermissionRefused, ValidationFailed."""
        comment = kept_comment(comment)
        with kept_if_refused(self._database, self._clock) as met, self._database.write() as connection:
            path, flow, record = self._held(connection, user, doctype, name)
            path.incidents = met
            run = flow.run
            if run is None or not _may_withdraw(flow, run, user) or not any(one.is_owed for one in flow.seats(run)):
                raise PermissionRefused(
                    Text(
                        f"{name} 不能撤回：只有送审人可以在审批未完成时撤回。",
                        f"{name} cannot be withdrawn: only whoever sent it in can, while it still waits for somebody.",
                    )
                )
            self._note(connection, path, record, "withdrawn", WITHDRAWN, comment)
            path.moved(name, Move(run.came_from, WITHDRAWN), comment)
        self._wake()

    def add_signer(self, user: User, obligation: str, person: str, *, before: bool, comment: str | None = None) -> None:
        """Ask one more person, before one decides oneself or after. Raises PermissionRefused, ValidationFailed."""
        comment = kept_comment(comment)
        with kept_if_refused(self._database, self._clock) as met, self._database.write() as connection:
            item, path, flow, record = self._asked(connection, user, obligation)
            path.incidents = met
            other = person_who_reads(connection, path.permissions, path.doctype, record, person)
            run = flow.run
            assert run is not None
            if other.name == user.name or len(run.added) >= MOST_ADDED:
                raise ValidationFailed(Text("请选择另一个人。", "Choose another person."))
            step = {
                "step": f"+{len(run.added) + 1}", "title": {"zh": f"加签：{other.full_name}", "en": f"Added: {other.full_name}"},
                "user": other.name, "anchor": item.terms.get("step"), "before": int(before),
            }  # fmt: skip
            flow.run = replace(run, added=(*run.added, step))
            keep(connection, flow.run)
            when = Text("在本步之前", "before this step") if before else Text("在本步之后", "after this step")
            what = Text(f"加签 {other.full_name}（{when.zh}）", f"added {other.full_name} as a signer ({when.en})")
            self._note(connection, path, record, "signer added", what, comment)
            if before:
                for one in flow.seats(flow.run):  # votes given so far too: of a step half asked the rest would never be
                    if one.state != "void" and one.terms.get("step") == item.terms.get("step"):
                        flow.book.settle(
                            one.id, state="void", void_reason=Text("待加签人先审批", "the added signer decides first")
                        )
            flow.advance(record)
        self._wake()

    def transfer(self, user: User, obligation: str, person: str, comment: str | None = None) -> None:
        """Pass on to another person what one is asked to decide. Raises PermissionRefused, ValidationFailed."""
        comment = kept_comment(comment)
        with self._database.write() as connection:
            item, path, flow, record = self._asked(connection, user, obligation)
            other = person_who_reads(connection, path.permissions, path.doctype, record, person)
            if other.name in (item.terms.get("excluded") or ()):
                raise ValidationFailed(
                    Text(
                        f"不能转给 {other.full_name}：此步须由另一人审批。",
                        f"It cannot be passed on to {other.full_name}: this step is for a different person.",
                    )
                )
            assert flow.run is not None
            voices = [one for one in flow.seats(flow.run) if one.state != "void" and one.id != item.id]
            if any(
                one.terms.get("step") == item.terms.get("step") and other.name in (one.owed_by_user, one.decided_by)
                for one in voices
            ):
                raise ValidationFailed(
                    Text(
                        f"{other.full_name} 已是此步的审批人，一人只算一票，请转交另一个人。",
                        f"{other.full_name} is asked by this step already and has one vote; pass it on to another person.",
                    )
                )
            flow.book.settle(item.id, owed_by_user=other.name, owed_by_role=None)
            what = Text(f"转交 {other.full_name}：{item.title.zh}", f"passed on to {other.full_name}: {item.title.en}")
            self._note(connection, path, record, "transferred", what, comment)
            self._tell(connection, other.name, Text(f"待审批：{item.title.zh}", f"To approve: {item.title.en}"), record, path)
        self._wake()

    def urge(self, user: User, doctype: str, name: str, comment: str | None = None) -> int:
        """Remind everybody whom the record waits for, once an hour at most; returns how many were asked."""
        comment = kept_comment(comment)
        with self._database.write() as connection:
            path, flow, _ = self._held(connection, user, doctype, name)
            waiting = [one for one in flow.seats(flow.run) if one.is_owed] if flow.run else []
            if not waiting:
                raise ValidationFailed(Text(f"{name} 不在等待任何人。", f"{name} waits for nobody."))
            for one in waiting:
                title = Text(
                    f"{user.full_name} 催办{f'：{comment}' if comment else ''}（{one.title.zh}）",
                    f"{user.full_name} asks you to decide{f': {comment}' if comment else ''} ({one.title.en})",
                )
                hour = path.now.strftime("%Y%m%d%H")
                tell(
                    connection, path.now, title, doctype, name, key=f"urge:{one.id}:{hour}", kind="approval", role=one.owed_by_role, user=one.owed_by_user
                )  # fmt: skip
        self._wake()
        return len(waiting)

    def copy_to(self, user: User, doctype: str, name: str, people: Iterable[str], comment: str | None = None) -> None:
        """Tell others about the record; they decide nothing. Who may not read it is refused by name."""
        comment = kept_comment(comment)
        with self._database.write() as connection:
            path, _, record = self._held(connection, user, doctype, name)
            others = [
                person_who_reads(connection, path.permissions, path.doctype, record, person) for person in dict.fromkeys(people)
            ]
            for other in others:
                title = Text(
                    f"{user.full_name} 抄送：{path.doctype.label.zh} {name}{f'（{comment}）' if comment else ''}",
                    f"{user.full_name} sent you a copy: {path.doctype.label.en} {name}{f' ({comment})' if comment else ''}",
                )
                self._tell(connection, other.name, title, record, path)
            zh, en = "、".join(one.full_name for one in others), ", ".join(one.full_name for one in others)
            self._note(connection, path, record, "copied", Text(f"抄送 {zh}", f"copied to {en}"), comment)
        self._wake()

    # Within a transaction

    def _path(self, connection: Connection, user: User, doctype: str) -> SavePath:
        snapshot = self._snapshots()
        return SavePath(connection, snapshot, snapshot.record_type(doctype), user, self._clock.now(), self._zone, self._vault)

    def _flow(self, connection: Connection, user: User, doctype: str, name: str) -> tuple[Flow | None, Record]:
        path = self._path(connection, user, doctype)
        record = readable(connection, path.model, path.permissions, user, path.doctype, name)
        return Flow.of(path, record), record

    def _held(self, connection: Connection, user: User, doctype: str, name: str) -> tuple[SavePath, Flow, Record]:
        """The record, which nobody else changes meanwhile, with its workflow. Raises NotFound, PermissionRefused, ValidationFailed."""
        path = self._path(connection, user, doctype)
        records.hold(connection, path.doctype, name)
        record = readable(connection, path.model, path.permissions, user, path.doctype, name)
        flow = Flow.of(path, record)
        if flow is None:
            raise without_workflow(path.doctype)
        return path, flow, record

    def _asked(self, connection: Connection, user: User, obligation: str) -> tuple[Obligation, SavePath, Flow, Record]:
        """An approval of a workflow that this user may decide now, with its record. Raises what deciding it would."""
        about = ObligationBook(connection).get(obligation)
        records.hold(connection, self._snapshots().record_type(about.doctype), about.name)
        item = self._inbox.to_decide(connection, user, obligation)
        if not item.is_of_workflow:
            raise ValidationFailed(
                Text(
                    f"“{item.title.zh}”不属于流程，只能批准或驳回。",
                    f'"{item.title.en}" is no step of a workflow; approve or reject it.',
                )
            )
        path, flow, record = self._held(connection, user, item.doctype, item.name)
        return item, path, flow, record

    def _latest(self, flow: Flow) -> list[Obligation]:
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

    def _of(self, flow: Flow, run: Run | None) -> list[Obligation]:
        return flow.seats(run) if run is not None else []

    def _note(
        self, connection: Connection, path: SavePath, record: Record, action: str, what: Text, comment: str | None
    ) -> None:
        """What somebody did with the steps is part of the record's history."""
        if not is_tracked(path.doctype):
            return
        said = what.to(path.user.language)
        audit.append_version(
            connection, doctype=path.doctype.name, name=record["name"], version=record["version"], action=action, by=path.user.name,
            at=path.now, changes=[], content_hash=audit.content_hash(record, path.model, path.doctype),
            reason=f"{said}：{comment}" if comment and path.user.language == "zh" else f"{said}: {comment}" if comment else said,
        )  # fmt: skip

    def _tell(self, connection: Connection, person: str, title: Text, record: Record, path: SavePath) -> None:
        tell(
            connection,
            path.now,
            title,
            path.doctype.name,
            record["name"],
            key=f"workflow:{new_id(12)}",
            kind="approval",
            user=person,
        )

    def _names(self, connection: Connection, people: set[str]) -> dict[str, str]:
        users = self._snapshots().model.get("User")
        if users is None:
            return {}
        found = records.heads(connection, users, people - {""})
        return {name: str(row.get("full_name") or name) for name, row in found.items()}

    def _role_titles(self, connection: Connection) -> dict[str, str]:
        roles = self._snapshots().model.get("Role")
        if roles is None:
            return {}
        return {name: roles.title_of(row) for name, row in records.heads(connection, roles, None).items()}


def _may_withdraw(flow: Flow, run: Run, user: User) -> bool:
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
        reason = str(entry["reason"]) if entry.get("reason") else None
        changes = entry.get("changes")
        moved = (
            [change for change in changes if change.get("field") == workflow.state_field] if isinstance(changes, list) else []
        )
        if entry["action"] in done and isinstance(changes, list) and changes:
            said, title = done[str(entry["action"])], Text.of(changes[0].get("title"))
            whom = str(changes[0].get("for") or "")
            yield Passage(at, by, Text(f"{said.zh} {title.zh}", f"{said.en} {title.en}"), reason, names.get(whom, whom))  # type: ignore[arg-type]
        elif entry["action"] in ("returned", "withdrawn", "signer added", "transferred", "copied"):
            yield Passage(at, by, Text.of(reason or str(entry["action"])))  # type: ignore[arg-type]
        for change in moved:
            new = workflow.by_name.get(str(change.get("new")))
            title = new.title if new is not None else Text.of(str(change.get("new") or "-"))
            yield Passage(at, by, Text(f"→ {title.zh}", f"→ {title.en}"), reason)  # type: ignore[arg-type]


__all__ = ["WorkflowService"]
