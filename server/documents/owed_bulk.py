"""`OwedBulk`: the same done about many obligations, each by its own service and in its own transaction.

One that is refused keeps no other from being done; what became of each is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from ..access.user import User
from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from .bulk import BulkOutcome, each
from .due import DueService
from .in_charge import ACTS, OwedAct
from .inbox import InboxService
from .inbox_items import InboxItem
from .owed import OwedService
from .workflow_service import WorkflowService

OwedBulkAct = Literal["approve"] | OwedAct
BULK_ACTS: tuple[OwedBulkAct, ...] = ("approve", *ACTS)


def bulk_acts(item: InboxItem) -> tuple[OwedBulkAct, ...]:
    """What the reader of an item may do about it together with others.

    An approval that asks for a comment or a signature of its own is for looking at by itself.
    """
    needs_more = item.is_signed_for or item.obligation.terms.get("needs_comment")
    approves: tuple[OwedBulkAct, ...] = ("approve",) if item.may_act and not needs_more else ()
    passes_on: tuple[OwedBulkAct, ...] = ("transfer",) if item.may_act and item.obligation.is_of_workflow else ()
    return (*approves, *passes_on, *item.acts)


class OwedBulk:
    def __init__(self, inbox: InboxService, owed: OwedService, due: DueService, workflows: WorkflowService) -> None:
        self._inbox = inbox
        self._owed = owed
        self._due = due
        self._workflows = workflows

    def do(
        self,
        user: User,
        act: OwedBulkAct,
        ids: Iterable[str],
        *,
        reason: str = "",
        person: str = "",
        seen: Mapping[str, str] | None = None,
    ) -> BulkOutcome:
        """Do this about each of the obligations. `seen` are the content hashes of the approvals as they were shown.

        Raises ValidationFailed for what would be wrong with every one: no reason, no person, too many.
        """
        if act in ("waive", "pause") and not reason.strip():
            raise _missing("reason", Text("须填写理由，会与每一项一并保存。", "The reason is required; it is kept with each."))
        if act == "transfer" and not person.strip():
            raise _missing("person", Text("请选择转交给谁。", "Choose whom it is passed on to."))
        return each(ids, lambda one: self.one(user, act, one, reason=reason, person=person, seen=(seen or {}).get(one)))

    def one(
        self, user: User, act: OwedBulkAct, obligation: str, *, reason: str = "", person: str = "", seen: str | None = None
    ) -> None:
        """Do this about one obligation. Raises what the service does that it falls to."""
        if act == "approve":
            self._approve(user, obligation, reason, seen)
        elif act == "transfer":
            self._transfer(user, obligation, person, reason)
        elif act == "done":
            self._owed.done(user, obligation, reason)
        elif act == "take":
            self._owed.take(user, obligation)
        elif act == "waive":
            self._owed.waive(user, obligation, reason)
        elif act == "withdraw":
            self._owed.withdraw(user, obligation, reason)
        elif act == "pause":
            self._due.pause(user, obligation, reason)
        else:
            self._due.resume(user, obligation)

    def _approve(self, user: User, obligation_id: str, comment: str, seen: str | None) -> None:
        item = self._inbox.owed(user, obligation_id)
        if item.terms.get("needs_comment"):
            raise ValidationFailed(
                Text(
                    f"“{item.title.zh}”须逐项填写意见，请单独审批。",
                    f'"{item.title.en}" asks for a comment of its own; decide it by itself.',
                )
            )
        if item.content_hash and seen is None:
            raise ValidationFailed(
                Text(f"请先查看“{item.title.zh}”的内容再批准。", f'Look at what "{item.title.en}" is about, then approve it.')
            )
        self._inbox.decide(user, obligation_id, "approved", comment, seen)

    def _transfer(self, user: User, obligation_id: str, person: str, comment: str) -> None:
        if self._inbox.owed(user, obligation_id).is_of_workflow:
            self._workflows.transfer(user, obligation_id, person, comment)
        else:
            self._owed.transfer(user, obligation_id, person, comment)


def _missing(field: str, text: Text) -> ValidationFailed:
    return ValidationFailed(text, [Fault(field, text)])
