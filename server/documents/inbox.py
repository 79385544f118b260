"""`InboxService`: what a person owes, by when and why; deciding approvals; telling people. What time does to it is `due`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from ..access.permissions import Permissions
from ..access.sight import Sight
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import Fault, PermissionRefused, ValidationFailed
from ..core.text import Text
from ..metadata.model import DocType, Model
from ..obligations.book import ObligationBook
from ..obligations.model import Obligation
from ..rulebook.operators import as_day
from ..storage import audit, records
from ..storage.database import Database
from ..storage.system import notification
from .complete import Record
from .incidents import Incident, kept_if_refused
from .loading import readable_among
from .masking import shown_value
from .mentions import tell_mentioned
from .owed_signatures import may_sign
from .snapshot import Snapshot
from .standins import Standin, standing_in
from .tell import tell
from .titles import titles_of
from .workflow_refusals import comment_missing

MAX_COMMENT = 2000
MOST_SHOWN = 100


@dataclass(frozen=True)
class InboxItem:
    """An obligation as a page shows it. `may_act` says whether this reader may decide it now, `is_own` that they may not
    because they asked for it themselves."""

    obligation: Obligation
    doctype_label: Text
    record_title: str
    rule_title: Text
    owed_by: str
    decided_by_name: str
    may_act: bool
    is_own: bool = False
    may_sign: bool = False  # whether this reader is asked to sign it now
    in_place_of: str = ""  # the person in whose place this reader may decide it
    decided_for_name: str = ""

    @property
    def meaning(self) -> str:
        """What a signature given for it means; empty where none is asked for."""
        return str((self.obligation.signature or {}).get("meaning") or self.obligation.terms.get("signature") or "")

    @property
    def is_signed_for(self) -> bool:
        """Whether this reader approves it, but with an e-signature only."""
        return self.may_act and bool(self.obligation.terms.get("signature"))

    def owed_by_in(self, language: str) -> str:
        """Who owes it. Titles of roles are in the language of the house; their names are English."""
        return Text(self.owed_by, self.obligation.owed_by_role or self.owed_by).to(language)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.obligation, name)


@dataclass(frozen=True)
class Notification:
    id: int
    at: datetime
    title: Text
    doctype: str | None
    name: str | None
    is_read: bool


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

    def count(self, user: User) -> int:
        """How many of them there are, counted no further than the page can show."""
        with self._database.read() as connection:
            book = ObligationBook(connection)
            owed = book.owed_about(user.name, user.roles, MOST_SHOWN)
            for standin in self._standins(connection, user):
                theirs = book.inbox(standin.giver.name, standin.giver.roles, limit=MOST_SHOWN)
                own = [one for one in theirs if not one.owed_by(user.name, user.roles) and one.kind == "approval"]
                owed += [(one.doctype, one.name) for one in own if standin.covers(one.doctype)]
            may_know = readable_among(connection, self._snapshots().model, user, set(owed))
        return sum(about in may_know for about in owed)

    def for_record(self, user: User, doctype: str, name: str) -> list[InboxItem]:
        """Everything owed and decided about one record, the newest first."""
        with self._database.read() as connection:
            return self.shown(connection, user, ObligationBook(connection).of_record(doctype, name))

    def shown(self, connection: Connection, user: User, found: Iterable[Obligation]) -> list[InboxItem]:
        """With titles; obligations about records the user may not read are left out. One query per DocType, not per row."""
        found = list(found)
        snapshot = self._snapshots()
        permissions = Permissions(snapshot.model)
        by_doctype: dict[str, set[str]] = {}
        for item in found:
            by_doctype.setdefault(item.doctype, set()).add(item.name)
        known: dict[tuple[str, str], Record] = {}
        titles: dict[tuple[str, str], str] = {}
        for doctype, names in by_doctype.items():
            if (model := snapshot.model.get(doctype)) is not None:
                heads = records.heads(connection, model, names)
                known |= {(doctype, name): record for name, record in heads.items()}
                named = titles_of(connection, snapshot, user, model, heads.values())
                titles |= {(doctype, name): title for name, title in named.items()}
        involved = {name or "" for item in found for name in (item.decided_by, item.owed_by_user, item.decided_for)}
        people = self._people(connection, snapshot, involved)
        roles = self._roles(connection, snapshot)
        standins = self._standins(connection, user)
        shown: list[InboxItem] = []
        for item in found:
            record = known.get((item.doctype, item.name))
            if record is None or not permissions.may(user, "read", item.doctype, record):
                continue
            sight = permissions.sight(user, item.doctype, record)
            shown.append(
                InboxItem(
                    obligation=replace(item, content=_seen_content(snapshot.model, item, sight)),
                    doctype_label=snapshot.model[item.doctype].label,
                    record_title=titles[item.doctype, item.name],
                    rule_title=snapshot.because(item.rule, item.doctype),
                    owed_by=people.get(item.owed_by_user or "", "")
                    or roles.get(item.owed_by_role or "", item.owed_by_role or ""),
                    decided_by_name=people.get(item.decided_by or "", item.decided_by or ""),
                    may_act=self._refusal(item, user, standins) is None,
                    may_sign=may_sign(item, user),
                    in_place_of=giver.full_name if (giver := _giver(item, user, standins)) is not None else "",
                    decided_for_name=people.get(item.decided_for or "", item.decided_for or ""),
                    is_own=item.is_owed and item.owed_by(user.name, user.roles) and _is_own(item, user),
                )
            )
        return shown

    def _standins(self, connection: Connection, user: User) -> list[Standin]:
        now = self._clock.now()
        return standing_in(connection, self._snapshots().model, user, as_day(now))

    def _people(self, connection: Connection, snapshot: Snapshot, names: set[str]) -> dict[str, str]:
        users = snapshot.model.get("User")
        if users is None:
            return {}
        return {name: str(row.get("full_name") or name) for name, row in records.heads(connection, users, names - {""}).items()}

    def _roles(self, connection: Connection, snapshot: Snapshot) -> dict[str, str]:
        roles = snapshot.model.get("Role")
        if roles is None:
            return {}
        return {name: roles.title_of(row) for name, row in records.heads(connection, roles, None).items()}

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
            if (refusal := self._refusal(item, user, standins)) is not None:
                raise refusal
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
            giver = _giver(item, user, standins)
            book.settle(
                item.id, state="met", decision=decision, decided_by=user.name, decided_at=now, comment=comment,
                decided_for=giver.name if giver else None,
            )  # fmt: skip
            self._keep(connection, snapshot, doctype, record, item, user, decision, comment, now, giver)
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
        if (refusal := self._refusal(item, user, self._standins(connection, user))) is not None:
            raise refusal
        return item

    def waive(self, user: User, obligation_id: str, reason: str) -> Obligation:
        """Release somebody from an obligation, with the reason kept; only those it would escalate to, or System Manager."""
        reason = reason.strip()
        if not reason:
            raise ValidationFailed(Text("豁免须填写理由。", "A waiver needs its reason."))
        now = self._clock.now()
        with self._database.write() as connection:
            book = ObligationBook(connection)
            item = book.get(obligation_id)
            entitled = (
                user.is_administrator
                or user.has_role("System Manager")
                or any(user.has_role(role) for role in item.escalation_roles)
            )
            if item.kind != "obligation" or not entitled:
                raise PermissionRefused(Text(f"“{item.title.zh}”不能由您豁免。", f'You may not waive "{item.title.en}".'))
            if not item.is_owed:
                raise _settled(item)
            book.settle(item.id, state="waived", decided_by=user.name, decided_at=now, comment=reason[:MAX_COMMENT])
            snapshot = self._snapshots()
            doctype = snapshot.doctype(item.doctype)
            record = records.load(connection, snapshot.model, doctype, item.name) or {}
            self._keep(connection, snapshot, doctype, record, item, user, "waived", reason, now)
            return book.get(item.id)

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

    def _refusal(
        self, item: Obligation, user: User, standins: Sequence[Standin] = ()
    ) -> PermissionRefused | ValidationFailed | None:
        """Why this user may not decide this, or None."""
        if item.kind != "approval" or not item.is_owed:
            return _settled(item)
        giver = _giver(item, user, standins)
        if giver is None and not item.owed_by(user.name, user.roles):
            asked = item.owed_by_user or item.owed_by_role
            return PermissionRefused(
                Text(f"“{item.title.zh}”须由{asked}审批。", f'"{item.title.en}" is for {asked} to decide.')
            )
        if {user.name, giver.name if giver else user.name} & set(item.terms.get("excluded") or ()) and not _is_own(item, user):
            return PermissionRefused(
                Text(
                    f"“{item.title.zh}”须由另一人审批：按流程，已办理其他步骤的人不能再批此步。",
                    f'"{item.title.en}" is for a different person: whoever did another step of this workflow may not decide this one.',
                )
            )
        if _is_own(item, user):
            return PermissionRefused(
                Text(
                    "不能审批自己提交的内容，请由另一位有权人审批。",
                    "Nobody approves what they sent in themselves; another person with this role must decide.",
                )
            )
        return None

    def _keep(
        self,
        connection: Connection,
        snapshot: Snapshot,
        doctype: DocType,
        record: Record,
        item: Obligation,
        user: User,
        decision: str,
        comment: str | None,
        now: datetime,
        giver: User | None = None,
    ) -> None:
        """A decision is part of the record's audit chain; the content hash in it says what was decided on."""
        decided = {
            "field": None,
            "obligation": item.id,
            "rule": item.rule,
            "title": {"zh": item.title.zh, "en": item.title.en},
            "content_hash": item.content_hash,
            "old": None,
            "new": decision,
        }
        if giver is not None:
            decided["for"] = giver.name
        audit.append_version(
            connection,
            doctype=item.doctype,
            name=item.name,
            version=record.get("version") or 0,
            action=decision,
            by=user.name,
            at=now,
            changes=[decided],
            content_hash=audit.content_hash(record, snapshot.model, doctype),
            reason=comment,
            trace_id=None,
        )

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
        said_to = Text(f"{user.full_name} 提到了您：{comment}", f"{user.full_name} mentions you: {comment}")
        tell_mentioned(
            connection, self._clock.now(), said_to, comment or "", user.name, item.doctype, item.name, key=f"mention:{item.id}"
        )

    # Notifications

    def notifications(self, user: User, limit: int = 30) -> list[Notification]:
        """What the user was told, the newest first; nothing about records that they may not read (any more)."""
        columns = (
            notification.c.id,
            notification.c.at,
            notification.c.title,
            notification.c.doctype,
            notification.c.name,
            notification.c.read_at,
        )
        ask = (
            select(*columns)
            .where(notification.c.user == user.name)
            .order_by(notification.c.at.desc(), notification.c.id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(ask).all()
            may_know = readable_among(connection, self._snapshots().model, user, {(row.doctype, row.name) for row in rows})
        return [
            Notification(row.id, row.at, Text.of(row.title), row.doctype, row.name, row.read_at is not None)
            for row in rows
            if not row.doctype or (row.doctype, row.name) in may_know
        ]

    def unread(self, user: User) -> int:
        """How many of them are unread, counted no further than the page can show."""
        columns = (notification.c.doctype, notification.c.name)
        ask = select(*columns).where(notification.c.user == user.name, notification.c.read_at.is_(None)).limit(MOST_SHOWN)
        with self._database.read() as connection:
            told = [(row.doctype, row.name) for row in connection.execute(ask)]
            may_know = readable_among(connection, self._snapshots().model, user, set(told))
        return sum(not doctype or (doctype, name) in may_know for doctype, name in told)

    def news_tag(self, user: User) -> str:
        """Changes when the user is told something or has read it; by one short query, for pages that ask all the time."""
        told = select(func.max(notification.c.id)).where(notification.c.user == user.name).scalar_subquery()
        fresh = select(func.count()).where(notification.c.user == user.name, notification.c.read_at.is_(None)).scalar_subquery()
        with self._database.read() as connection:
            row = connection.execute(select(told, fresh)).one()
        return f"{row[0] or 0}-{row[1]}"

    def mark_read(self, user: User, ids: Iterable[int] | None = None) -> None:
        """Mark the user's notifications as read; all of them without `ids`."""
        change = update(notification).where(notification.c.user == user.name, notification.c.read_at.is_(None))
        if ids is not None:
            change = change.where(notification.c.id.in_(list(ids)))
        with self._database.write() as connection:
            connection.execute(change.values(read_at=self._clock.now()))


def _giver(item: Obligation, user: User, standins: Sequence[Standin]) -> User | None:
    """In whose place this user would decide; None for what they are asked themselves."""
    if item.kind != "approval" or item.owed_by(user.name, user.roles):
        return None
    found = (one.giver for one in standins if one.covers(item.doctype) and one.giver.name != item.opened_by)
    return next((giver for giver in found if item.owed_by(giver.name, giver.roles)), None)


def _is_own(item: Obligation, user: User) -> bool:
    """Whether this user would approve what they sent in themselves, which the rule does not allow."""
    return item.kind in ("approval", "signature") and item.opened_by == user.name and not item.allow_self


def _seen_content(model: Model, item: Obligation, sight: Sight) -> dict[str, Any]:
    """What is asked about, by path (`total`, `items.rate`), without what the reader does not see in the record itself."""
    doctype, found = model[item.doctype], {}
    for path, value in item.content.items():
        head, _, column = path.partition(".")
        field = doctype.by_name.get(head)
        if field is not None and field.type.holds_rows and column:
            field = model.child(field).by_name.get(column) if sight.sees(field) else field
        if field is None or sight.sees(field):
            found[path] = value if field is None else shown_value(field, value, sight)
    return found


def _settled(item: Obligation) -> ValidationFailed:
    return ValidationFailed(
        Text(f"“{item.title.zh}”已经处理，无须再办。", f'"{item.title.en}" is settled already; nothing is left to do.')
    )


__all__ = ["InboxItem", "InboxService", "Notification"]
