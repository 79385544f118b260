"""`OwedService`: what people do about an obligation beside deciding it: done, taken, passed on, waived. Its clock is `due`.

Each is one transaction, kept in the history of the record with who did it and why.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..obligations.due_book import DueBook
from ..obligations.model import Obligation
from ..storage.database import Database
from .counting import Counting
from .in_charge import InHand, OwedAct, in_hand
from .mentions import tell_mentioned
from .owed_history import keep_act
from .snapshot import Snapshot
from .tell import tell
from .who_reads import person_who_reads
from .workflow_refusals import kept_comment

# How the history calls what was done
KEPT: dict[OwedAct, str] = {
    "done": "done",
    "take": "taken",
    "transfer": "transferred",
    "waive": "waived",
    "withdraw": "taken back",
}


class OwedService:
    def __init__(
        self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot], wake: Callable[[], None] = lambda: None
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._wake = wake

    def done(self, user: User, obligation_id: str, comment: str | None = None) -> Obligation:
        """Mark as done what no rule finds done by itself. Raises PermissionRefused, ValidationFailed."""
        comment, now = kept_comment(comment), self._clock.now()
        with self._database.write() as connection:
            hand = in_hand(connection, self._snapshots(), user, obligation_id, "done")
            taken = Counting(connection, self._snapshots().model).taken(hand.item, now)
            met = {"state": "met", "decided_by": user.name, "decided_at": now, "comment": comment}
            changed = self._change(connection, hand, user, "done", comment, met | taken)
            self._tell_giver(connection, changed, user, now)
        self._wake()
        return changed

    def take(self, user: User, obligation_id: str) -> Obligation:
        """Answer alone for what one's role owes. Raises PermissionRefused, ValidationFailed (somebody was quicker)."""
        with self._database.write() as connection:
            hand = in_hand(connection, self._snapshots(), user, obligation_id, "take")
            return self._change(connection, hand, user, "take", None, {"owed_by_user": user.name, "owed_by_role": None})

    def transfer(self, user: User, obligation_id: str, person: str, comment: str | None = None) -> Obligation:
        """Pass it on to another person who may read the record, and tell them. Raises PermissionRefused, ValidationFailed."""
        comment = kept_comment(comment)
        with self._database.write() as connection:
            snapshot = self._snapshots()
            hand = in_hand(connection, snapshot, user, obligation_id, "transfer")
            other = person_who_reads(connection, Permissions(snapshot.model), hand.doctype, hand.record, person)
            if other.name == hand.item.owed_by_user:
                text = Text(
                    f"“{hand.item.title.zh}”已由{other.full_name}负责。",
                    f'"{hand.item.title.en}" is owed by {other.full_name} already.',
                )
                raise ValidationFailed(text, [Fault("person", text)])
            to = Text(f"转交{other.full_name}", f"to {other.full_name}")
            passed = {"owed_by_user": other.name, "owed_by_role": None}
            changed = self._change(connection, hand, user, "transfer", comment, passed, to)
            if other.name != user.name:
                title = Text(f"转交给您：{changed.title.zh}", f"Passed on to you: {changed.title.en}")
                now = self._clock.now()
                key = f"transferred:{changed.id}:{now.isoformat()}"
                tell(connection, now, title, changed.doctype, changed.name, key=key, kind="assignment", user=other.name)
        self._wake()
        return changed

    def waive(self, user: User, obligation_id: str, reason: str) -> Obligation:
        """Release somebody from it, with the reason kept. Raises PermissionRefused (neither does it escalate to this user, nor
        are they a System Manager), ValidationFailed."""
        kept, now = kept_comment(reason), self._clock.now()
        if kept is None:
            text = Text("豁免须填写理由。", "A waiver needs its reason.")
            raise ValidationFailed(text, [Fault("reason", text)])
        with self._database.write() as connection:
            hand = in_hand(connection, self._snapshots(), user, obligation_id, "waive")
            if hand.item.paused_at is not None:
                DueBook(connection).resume(hand.item, now, user.name)
            waived = {"state": "waived", "decided_by": user.name, "decided_at": now, "comment": kept}
            return self._change(connection, hand, user, "waive", kept, waived)

    def withdraw(self, user: User, obligation_id: str, comment: str | None = None) -> Obligation:
        """Take back what one gave somebody to see to, and tell them. Raises PermissionRefused, ValidationFailed."""
        comment, now = kept_comment(comment), self._clock.now()
        with self._database.write() as connection:
            hand = in_hand(connection, self._snapshots(), user, obligation_id, "withdraw")
            why = Text(f"{user.full_name} 收回", f"taken back by {user.full_name}")
            void = {"state": "void", "void_reason": why, "decided_by": user.name, "decided_at": now, "comment": comment}
            changed = self._change(connection, hand, user, "withdraw", comment, void)
            if changed.owed_by_user not in (None, user.name):
                title = Text(
                    f"{user.full_name} 收回了分配：{changed.title.zh}", f"{user.full_name} took back: {changed.title.en}"
                )
                tell(
                    connection, now, title, changed.doctype, changed.name, key=f"taken-back:{changed.id}", kind="assignment",
                    user=changed.owed_by_user,
                )  # fmt: skip
        self._wake()
        return changed

    def _tell_giver(self, connection: Connection, item: Obligation, user: User, now: datetime) -> None:
        """Whoever gave somebody a record hears that it was seen to."""
        if item.is_assigned and item.opened_by != user.name:
            title = Text(f"{user.full_name} 已完成：{item.title.zh}", f"{user.full_name} has done: {item.title.en}")
            tell(
                connection, now, title, item.doctype, item.name, key=f"assignment-done:{item.id}", kind="assignment",
                user=item.opened_by,
            )  # fmt: skip

    def _change(
        self, connection: Connection, hand: InHand, user: User, act: OwedAct, comment: str | None, changes: dict[str, Any],
        to: Text | None = None,
    ) -> Obligation:  # fmt: skip
        """What becomes of the obligation, and that in the history."""
        book = DueBook(connection).book
        book.settle(hand.item.id, **changes)
        kept = KEPT[act]
        zh, en = f"“{hand.item.title.zh}”", f'"{hand.item.title.en}"'
        if to is not None:
            zh, en = (f"{zh} {to.zh}：", f"{en} {to.en}:") if comment else (f"{zh} {to.zh}", f"{en} {to.en}")
        reason = (Text(f"{zh} {comment}", f"{en} {comment}") if comment else Text(zh, en)).kept()
        now = self._clock.now()
        key = f"mention:{act}:{hand.item.id}:{now.isoformat()}"
        tell_mentioned(connection, self._snapshots().model, now, comment, user, hand.item.doctype, hand.item.name, key=key)
        keep_act(connection, self._snapshots(), hand.doctype, hand.record, hand.item, user, kept, reason, now)
        return book.get(hand.item.id)
