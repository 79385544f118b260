"""`RightsService`: who can do what with a record, why, and what stands against it as the record is now. Asked by administrators.

Rights are judged in `access.explain`; here is what the record itself says: its state, its years of keeping, what refers to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from ..access.directory import load_user
from ..access.explain import Answer, explain, hidden_fields
from ..access.permissions import Permissions
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import LinkExists
from ..core.text import Text
from ..metadata.model import CANCELLED, DRAFT, SUBMITTED, DocType
from ..obligations.book import ObligationBook
from ..storage import records
from ..storage.database import Database
from ..workflow.choices import may_edit, state_of
from ..workflow.model import State, Workflow
from ..workflow.roles import RoleRight, role_rights
from . import life_cycle
from .complete import Record
from .linked import refuse_linked
from .loading import not_found
from .snapshot import Snapshot
from .titles import linked_titles
from .workflow_runs import run_of

NEEDS_READING = Text("还须能查看此单", "the right to read it is needed as well")
WITH_READING = ("write", "submit", "cancel", "amend", "print", "export", "share")
COMPARED = ("read", "write", "create", "submit", "cancel", "amend", "delete", "print", "export", "share")
MOST_PEOPLE = 200


@dataclass(frozen=True)
class WorkflowRights:
    """What the workflow of a DocType lets the roles of one user do. `state` is that of the record asked about, if one was."""

    workflow: Workflow
    given: list[RoleRight]
    state: State | None = None

    def title_of(self, state: str) -> Text:
        return self.workflow.by_name[state].title

    def holds_now(self, right: RoleRight) -> bool:
        return self.state is None or self.state.name == right.state


@dataclass(frozen=True)
class Rights:
    """What one user may do: an answer for every action, the fields they do not see (with permlevel), those they see masked, and what
    the workflow lets them do."""

    user: User
    answers: list[Answer]
    hidden: list[tuple[Text, int]]
    masked: list[Text]
    workflow: WorkflowRights | None = None


class RightsService:
    """Rights with their reasons."""

    def __init__(self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot]) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots

    def of_user(self, reader: User, user: User, doctype: str, name: str | None = None) -> Rights:
        """What `user` may do and why, on one record or on the DocType as a whole.

        Of a record that `reader` may not read the reasons tell no values. Raises NotFound.
        """
        with self._database.read() as connection:
            found, record = self._asked(connection, doctype, name)
            return self._rights(connection, reader, user, found, record, self._obstacles(connection, reader, found, record))

    def of_everybody(self, reader: User, doctype: str, name: str | None = None) -> list[Rights]:
        """The same for every enabled user. Raises NotFound."""
        snapshot = self._snapshots()
        with self._database.read() as connection:
            found, record = self._asked(connection, doctype, name)
            obstacles = self._obstacles(connection, reader, found, record)
            people = records.heads(connection, snapshot.doctype("User"), None)
            logins = [login for login, person in people.items() if person.get("enabled")][:MOST_PEOPLE]
            users = [user for login in logins if (user := load_user(connection, login)) is not None]
            return [self._rights(connection, reader, user, found, record, obstacles) for user in users]

    def _asked(self, connection: Connection, doctype: str, name: str | None) -> tuple[DocType, Record | None]:
        found = self._snapshots().record_type(doctype)
        if not name:
            return found, None
        record = records.heads(connection, found, [name]).get(name)
        if record is None:
            raise not_found(found, name)
        return found, record

    def _rights(
        self, connection: Connection, reader: User, user: User, doctype: DocType, record: Record | None, obstacles: Mapping[str, Text]
    ) -> Rights:  # fmt: skip
        model = self._snapshots().model
        permissions = Permissions(model)
        tells = record is None or permissions.may(reader, "read", doctype.name, record)
        may_read = permissions.may(user, "read", doctype.name, record)
        sight = permissions.sight(user, doctype.name, record)
        workflow = self._workflow(connection, user, doctype, record)
        if workflow is not None:
            obstacles = {**obstacles, **dict(_of_workflow(workflow, user))}
        masked = [item for owner in (doctype, *map(model.child, doctype.table_fields)) for item in owner.masked_fields]
        titles = self._role_titles(connection, reader, doctype)
        answers = [
            answer.with_obstacle(
                NEEDS_READING if answer.action in WITH_READING and not may_read else obstacles.get(answer.action)
            )
            for answer in explain(model, user, doctype, record, tells_values=tells, role_titles=titles)
            if answer.action != "mask" or masked
        ]
        return Rights(
            user,
            answers,
            hidden_fields(model, user, doctype, record),
            [item.label for item in masked if sight.sees(item) and sight.masks(item)],
            workflow,
        )

    def _role_titles(self, connection: Connection, reader: User, doctype: DocType) -> dict[str, str]:
        roles = {row.role for row in doctype.permissions}
        found = self._snapshots().model.get("Role")
        return linked_titles(connection, self._snapshots(), reader, found, roles) if found is not None else {}

    def _workflow(self, connection: Connection, user: User, doctype: DocType, record: Record | None) -> WorkflowRights | None:
        """By the version that the record started with, else the one in force."""
        workflows = self._snapshots().workflows
        found = workflows.get(doctype.name)
        if found is None:
            return None
        run = run_of(connection, doctype.name, str(record["name"])) if record is not None else None
        workflow = workflows.by_digest.get(run.digest, found) if run is not None else found
        return WorkflowRights(
            workflow, role_rights(workflow, user.roles), state_of(workflow, record) if record is not None else None
        )

    # What the record says

    def _obstacles(self, connection: Connection, reader: User, doctype: DocType, record: Record | None) -> dict[str, Text]:
        found: dict[str, Text] = {}
        if not doctype.is_submittable:
            found |= dict.fromkeys(
                ("submit", "cancel", "amend"), Text("此类单据不提交", "records of this type are not submitted")
            )
        if doctype.issingle:
            found |= dict.fromkeys(("share", "delete"), Text("此设置只有一份", "there is only this one"))
        return found | (dict(self._of_record(connection, reader, doctype, record)) if record is not None else {})

    def _of_record(self, connection: Connection, reader: User, doctype: DocType, record: Record) -> Iterator[tuple[str, Text]]:
        status, name = record["docstatus"], record["name"]
        state = life_cycle.STATES[status]
        now = Text(f"此单现为{state.zh}", f"it is {state.en}")
        if doctype.is_submittable:
            yield from (
                (action, now)
                for action, wanted in (("submit", DRAFT), ("cancel", SUBMITTED), ("amend", CANCELLED))
                if status != wanted
            )
        if status == CANCELLED:
            yield "write", now
        elif status == SUBMITTED:
            later = [item.label for item in doctype.data_fields if item.allow_on_submit]
            zh, en = "、".join(label.zh for label in later), ", ".join(label.en for label in later)
            yield "write", Text(f"{now.zh}，只能改：{zh}", f"{now.en}; only {en} still change") if later else now
        owed = [
            item
            for item in ObligationBook(connection).of_record(doctype.name, name)
            if item.kind in ("approval", "signature") and item.is_owed
        ]
        if owed and status == DRAFT:
            yield "submit", Text(f"尚有 {len(owed)} 项审批或签名未完成", f"approvals and signatures still owed: {len(owed)}")
        yield from self._kept(connection, reader, doctype, record)

    def _kept(self, connection: Connection, reader: User, doctype: DocType, record: Record) -> Iterator[tuple[str, Text]]:
        """What keeps it from being deleted or cancelled."""
        until = life_cycle.retained_until(doctype, record)
        if record["docstatus"] != DRAFT:
            yield "delete", Text("提交过的单据属质量记录，不删除", "what was submitted once is a kept record")
        elif until is not None and self._clock.now() < until:
            day = until.date().isoformat()
            yield "delete", Text(f"须保存至 {day}", f"it is kept until {day}")
        else:
            yield from self._linked(connection, reader, doctype, record, "delete")
        if record["docstatus"] == SUBMITTED:
            yield from self._linked(connection, reader, doctype, record, "cancel")

    def _linked(
        self, connection: Connection, reader: User, doctype: DocType, record: Record, action: str
    ) -> Iterator[tuple[str, Text]]:
        try:
            refuse_linked(
                connection,
                self._snapshots().model,
                reader,
                doctype.name,
                record["name"],
                "delete" if action == "delete" else "cancel",
            )
        except LinkExists as refused:
            yield action, refused.text


def _of_workflow(found: WorkflowRights, user: User) -> Iterator[tuple[str, Text]]:
    """What the workflow keeps from this user that their rights would allow."""
    title, state = found.workflow.title, found.state
    by_actions = Text(f"由流程“{title.zh}”的动作办理", f'done by the actions of the workflow "{title.en}"')
    yield from ((action, by_actions) for action in ("submit", "cancel"))
    if state is not None and not may_edit(state, user):
        zh, en = "、".join(state.allow_edit), ", ".join(state.allow_edit)
        closed = Text(
            f"流程状态“{state.title.zh}”只让{zh}修改", f'the workflow state "{state.title.en}" lets only {en} change it'
        )
        yield from ((action, closed) for action in ("write", "delete"))


__all__ = ["COMPARED", "Rights", "RightsService"]
