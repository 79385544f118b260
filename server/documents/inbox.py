"""`InboxService`: what a person owes, by when and why; deciding approvals. What else is done about it is `owed`, what time does `due`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import Fault, NotFound, ValidationFailed
from ..core.text import Text
from ..metadata.model import SUBMITTED
from ..obligations.book import ObligationBook
from ..obligations.model import Obligation
from ..rulebook.operators import as_day
from ..storage import records
from ..storage.database import Database
from .inbox_items import InboxItem, shown_items
from .incidents import Incident, kept_if_refused
from .loading import readable_among
from .may_decide import giver_of, refusal
from .mentions import tell_mentioned
from .owed_history import keep_act
from .snapshot import Snapshot
from .standins import Standin, standing_in
from .tell import tell
from .workflow_refusals import comment_missing

MAX_COMMENT = 2000
MOST_SHOWN = 100


class InboxService:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        snapshots: Callable[[], Snapshot],
        wake: Callable[[], None] = lambda: None,
        go_on: Callable[[Connection, User, str, str, list[Incident]], None] = lambda *_: None,
    ) -> None:
        """`go_on` lets the workflow of a record proceed after a decision, in the same transaction."""
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._wake = wake
        self._go_on = go_on

    # Reading

    def items(self, user: User, *, state: str = "open", limit: int = 100) -> list[InboxItem]:
        """What the user owes, the most urgent first; with `state="done"` what they decided."""
        with self._database.read() as connection:
            book = ObligationBook(connection)
            found = book.inbox(user.name, user.roles, settled=state == "done", limit=limit)
            if state != "done":
                known = {item.id for item in found}
                for standin in self._standins(connection, user):
                    theirs = book.inbox(standin.giver.name, standin.giver.roles, limit=limit)
                    found += [
                        one for one in theirs if one.id not in known and one.kind == "approval" and standin.covers(one.doctype)
                    ]
                    known = {item.id for item in found}
            return self.shown(connection, user, found)

    def awaited(self, user: User, *, limit: int = 100) -> list[InboxItem]:
        """What others owe because of what this user saved, the most urgent first."""
        with self._database.read() as connection:
            found = ObligationBook(connection).asked_by(user.name, limit)
            return self.shown(connection, user, [one for one in found if not one.owed_by(user.name, user.roles)])

    def count(self, user: User) -> int:
        """How many of them there are, counted no further than the page can show."""
        with self._database.read() as connection:
            book = ObligationBook(connection)
            owed = book.owed_about(user.name, user.roles, MOST_SHOWN)
            for standin in self._standins(connection, user):
                theirs = book.inbox(standin.giver.name, standin.giver.roles, limit=MOST_SHOWN)
                own = [one for one in theirs if not one.owed_by(user.name, user.roles) and one.kind == "approval"]
                owed += [(one.doctype, one.name) for one in own if standin.covers(one.doctype)]
            model = self._snapshots().model
            permissions = Permissions(model)
            # A record that is deleted owes nothing, so that those of which all may be read need not be looked at.
            known = {doctype for doctype in {about[0] for about in owed} if permissions.reads_all(user, doctype)}
            may_know = readable_among(connection, model, user, {about for about in owed if about[0] not in known})
        return sum(about[0] in known or about in may_know for about in owed)

    def owed(self, user: User, obligation_id: str) -> Obligation:
        """One obligation about a record that the user may read. Raises NotFound."""
        (item,) = self.those(user, [obligation_id]) or (None,)
        if item is None:
            raise NotFound(Text(f"没有待办 {obligation_id}。", f"There is no obligation {obligation_id}."))
        return item.obligation

    def to_sign_before(self, user: User, doctype: str, name: str, state: str) -> list[InboxItem]:
        """What the user is asked to sign before the record goes to this state of its workflow, or is submitted with it."""
        flow = self._snapshots().workflows.get(doctype)
        if flow is None or state not in flow.by_name:
            return []
        steps = {item.action for item in flow.transitions if item.next_state == state}
        if flow.by_name[state].doc_status == SUBMITTED:
            steps.add("submit")
        owed = [item for item in self.for_record(user, doctype, name) if item.may_sign]
        return [item for item in owed if (item.obligation.signature or {}).get("before") in steps]

    def those(self, user: User, ids: Sequence[str]) -> list[InboxItem]:
        """The obligations of these ids, in their order; those about records that the user may not read are left out."""
        with self._database.read() as connection:
            return self.shown(connection, user, ObligationBook(connection).those(ids))

    def for_record(self, user: User, doctype: str, name: str) -> list[InboxItem]:
        """Everything owed and decided about one record, the newest first."""
        with self._database.read() as connection:
            return self.shown(connection, user, ObligationBook(connection).of_record(doctype, name))

    def shown(self, connection: Connection, user: User, found: Iterable[Obligation]) -> list[InboxItem]:
        """As a page shows them; obligations about records the user may not read are left out."""
        return shown_items(connection, self._snapshots(), user, found, self._clock.now())

    def _standins(self, connection: Connection, user: User) -> list[Standin]:
        now = self._clock.now()
        return standing_in(connection, self._snapshots().model, user, as_day(now))

    # Deciding

    def decide(
        self,
        user: User,
        obligation_id: str,
        decision: str,
        comment: str | None = None,
        content_hash: str | None = None,
        sign: Callable[[Connection], object] | None = None,
    ) -> Obligation:
        """Approve or reject. `content_hash` is that of what the page showed: when the record changed since, nothing is decided.
        `sign` signs the record in the same transaction, before a workflow goes on: what a step that asks for it is approved with.

        Raises PermissionRefused (not asked, or their own record), ValidationFailed (settled already, no comment on a
        rejection, content changed).
        """
        comment = (comment or "").strip() or None
        self._check_decision(decision, comment)
        now = self._clock.now()
        with kept_if_refused(self._database, self._clock) as met, self._database.write() as connection:
            book = ObligationBook(connection)
            item = book.get(obligation_id)
            snapshot = self._snapshots()
            doctype = snapshot.doctype(item.doctype)
            records.hold(connection, doctype, item.name)
            item = book.get(obligation_id)  # as it stands now that nobody else decides about this record
            record = records.load(connection, snapshot.model, doctype, item.name) or {}
            Permissions(snapshot.model).require(user, "read", item.doctype, record)
            standins = self._standins(connection, user)
            if (refused := refusal(item, user, standins)) is not None:
                raise refused
            if item.terms.get("needs_comment") and not comment:
                raise comment_missing(item.title)
            if decision == "approved" and item.terms.get("signature") and sign is None:
                raise ValidationFailed(
                    Text(
                        f"“{item.title.zh}”须以电子签名批准，请在待办中按“签名”。",
                        f'"{item.title.en}" is approved with an e-signature only: press Sign in the inbox.',
                    )
                )
            if content_hash is not None and content_hash != item.content_hash:
                raise ValidationFailed(
                    Text(
                        f"{item.name} 的内容在您查看后已更改，请重新查看后再审批。",
                        f"{item.name} was changed after you opened it; look at it again before deciding.",
                    )
                )
            giver = giver_of(item, user, standins)
            book.settle(
                item.id, state="met", decision=decision, decided_by=user.name, decided_at=now, comment=comment,
                decided_for=giver.name if giver else None,
            )  # fmt: skip
            keep_act(connection, snapshot, doctype, record, item, user, decision, comment, now, giver)
            if sign is not None:
                sign(connection)
            self._tell_asker(connection, item, user, decision, comment)
            decided = book.get(item.id)
            if item.is_of_workflow:
                self._go_on(connection, user, item.doctype, item.name, met)
        self._wake()
        return decided

    def to_decide(self, connection: Connection, user: User, obligation_id: str) -> Obligation:
        """An approval that this user may decide now. Raises what `decide` would."""
        item = ObligationBook(connection).get(obligation_id)
        if (refused := refusal(item, user, self._standins(connection, user))) is not None:
            raise refused
        return item

    def _check_decision(self, decision: str, comment: str | None) -> None:
        if decision not in ("approved", "rejected"):
            raise ValidationFailed(
                Text(
                    f"审批结论“{decision}”应为 approved 或 rejected。", f'Decision "{decision}" should be approved or rejected.'
                )
            )
        if decision == "rejected" and not comment:
            fault = Fault(
                "comment",
                Text("驳回须填写意见，让提交人知道如何修改。", "A rejection needs a comment that says what to change."),
            )
            raise ValidationFailed(Text("未审批：", "Nothing was decided:"), [fault])
        if comment and len(comment) > MAX_COMMENT:
            raise ValidationFailed(Text(f"意见最多 {MAX_COMMENT} 个字符。", f"A comment has at most {MAX_COMMENT} characters."))

    def _tell_asker(self, connection: Connection, item: Obligation, user: User, decision: str, comment: str | None) -> None:
        said = {"approved": Text("已批准", "approved"), "rejected": Text("已驳回", "rejected")}[decision]
        title = Text(
            f"{user.full_name} {said.zh}：{item.title.zh}" + (f"（{comment}）" if comment else ""),
            f"{user.full_name} {said.en}: {item.title.en}" + (f" ({comment})" if comment else ""),
        )
        tell(
            connection,
            self._clock.now(),
            title,
            item.doctype,
            item.name,
            key=f"decided:{item.id}",
            kind="approval",
            user=item.opened_by,
        )
        key = f"mention:{item.id}"
        tell_mentioned(connection, self._snapshots().model, self._clock.now(), comment, user, item.doctype, item.name, key=key)
