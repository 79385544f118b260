"""`WorkflowService`: how far a record is, and what people do with the steps beside deciding them: return to an earlier step, withdraw,
add a signer, transfer, urge, send a copy.

Each is one transaction, kept in the record's history; `progress_reading` says how far a record is. Transitions are
`DocumentService.transition`, decisions `InboxService.decide`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
from ..obligations.model import Obligation
from ..storage import audit, records
from ..storage.database import Database
from ..storage.verification import is_tracked
from ..workflow.choices import open_to
from ..workflow.model import Transition
from ..workflow.standing import from_here_on
from .complete import Record
from .flow import Flow, Move
from .inbox import InboxService
from .incidents import kept_if_refused
from .loading import readable
from .mentions import tell_mentioned
from .progress import Progress
from .progress_reading import Read, latest, may_withdraw, returns_of
from .save_path import SavePath
from .snapshot import Snapshot
from .tell import tell
from .who_reads import person_who_reads
from .workflow_refusals import comment_missing, kept_comment, without_workflow
from .workflow_runs import keep

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
            seats = latest(flow)
            may = {item.obligation.id for item in self._inbox.shown(connection, user, seats) if item.may_act}
            entries = audit.history(connection, doctype, name)
            people = {str(entry["by"]) for entry in entries} | {flow.run.sent_by if flow.run else ""}
            people |= {who or "" for item in seats for who in (item.owed_by_user, item.decided_by, item.decided_for)}
            people |= {str(change.get("for") or "") for entry in entries for change in entry["changes"]}
            names, roles = self._names(connection, people), self._role_titles(connection)
            return Read(flow, record, user, seats, may, entries, names, roles).progress()

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
            offered = dict(returns_of(flow))
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
            if run is None or not may_withdraw(flow, run, user) or not any(one.is_owed for one in flow.seats(run)):
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

    def _note(
        self, connection: Connection, path: SavePath, record: Record, action: str, what: Text, comment: str | None
    ) -> None:
        """What somebody did with the steps is part of the record's history; whom the comment names is told."""
        key = f"mention:{action}:{path.doctype.name}:{record['name']}:{path.now.isoformat()}"
        tell_mentioned(connection, path.model, path.now, comment, path.user, path.doctype.name, str(record["name"]), key=key)
        if not is_tracked(path.doctype):
            return
        said = Text(f"{what.zh}：{comment}", f"{what.en}: {comment}") if comment else what
        audit.append_version(
            connection, doctype=path.doctype.name, name=record["name"], version=record["version"], action=action, by=path.user.name,
            at=path.now, changes=[], content_hash=audit.content_hash(record, path.model, path.doctype),
            reason=said.kept(),
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


__all__ = ["WorkflowService"]
