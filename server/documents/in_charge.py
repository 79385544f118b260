"""Who may do what about an obligation beside deciding and signing: mark it done, take, pass on, waive it, stop its clock.

Whoever owes it, by name or by role, has it in hand; a role that it escalates to is in charge of it, and so is a System Manager.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import SYSTEM_MANAGER, User
from ..core.errors import GuijuError, PermissionRefused, ValidationFailed
from ..core.text import Text
from ..metadata.model import DocType
from ..obligations.book import ObligationBook
from ..obligations.model import Obligation
from ..rulebook.rulebook import Rulebook
from ..storage import records
from .complete import Record
from .may_decide import settled
from .snapshot import Snapshot

OwedAct = Literal["done", "take", "transfer", "waive", "pause", "resume", "withdraw"]
ACTS: tuple[OwedAct, ...] = ("done", "take", "transfer", "pause", "resume", "withdraw", "waive")


@dataclass(frozen=True, slots=True)
class InHand:
    """An obligation that somebody is about to do something about, with its record; nobody else acts on the two meanwhile."""

    item: Obligation
    doctype: DocType
    record: Record


def in_hand(connection: Connection, snapshot: Snapshot, user: User, obligation_id: str, act: OwedAct) -> InHand:
    """Raises NotFound, PermissionRefused, ValidationFailed unless this user may do this about it now."""
    book = ObligationBook(connection)
    about = book.get(obligation_id)
    doctype = snapshot.doctype(about.doctype)
    records.hold(connection, doctype, about.name)
    item = book.get(obligation_id)  # as it stands now that nobody else acts on this record
    record = records.load(connection, snapshot.model, doctype, item.name) or {}
    Permissions(snapshot.model).require(user, "read", item.doctype, record)
    if (refused := act_refusal(act, item, user, snapshot.rulebook)) is not None:
        raise refused
    return InHand(item, doctype, record)


def is_in_charge(item: Obligation, user: User) -> bool:
    """Whether it goes to this user, or would, when it is late."""
    return user.is_administrator or user.has_role(SYSTEM_MANAGER) or not item.escalation_roles.isdisjoint(user.roles)


def acts_of(item: Obligation, user: User, rulebook: Rulebook) -> tuple[OwedAct, ...]:
    """What this user, who may read the record, may do about an obligation."""
    return tuple(act for act in ACTS if act_refusal(act, item, user, rulebook) is None)


def act_refusal(act: OwedAct, item: Obligation, user: User, rulebook: Rulebook) -> GuijuError | None:
    """Why this user may not do this about it now, or None."""
    if not item.is_owed:
        return settled(item)
    if item.kind != "obligation":
        return ValidationFailed(
            Text(
                f"“{item.title.zh}”是审批或签名，请在单据上办理。",
                f'"{item.title.en}" is an approval or a signature; see to it on its record.',
            )
        )
    in_charge, owes = is_in_charge(item, user), item.owed_by(user.name, user.roles)
    if act == "withdraw":
        return _not_to_withdraw(item, user, in_charge)
    if act == "waive" and not in_charge:
        return PermissionRefused(Text(f"“{item.title.zh}”不能由您豁免。", f'You may not waive "{item.title.en}".'))
    if not in_charge and not owes:
        return PermissionRefused(Text(f"“{item.title.zh}”不由您负责。", f'"{item.title.en}" is not owed by you.'))
    if act == "done":
        return _not_by_hand(item, owes, rulebook)
    if act == "take":
        return _not_to_take(item, user)
    if act in ("pause", "resume"):
        return _not_its_clock(act, item)
    return None


def _not_to_withdraw(item: Obligation, user: User, in_charge: bool) -> GuijuError | None:
    """Only what a person gave is taken back, by whoever gave it or is in charge."""
    if item.is_assigned and (in_charge or item.opened_by == user.name):
        return None
    return PermissionRefused(
        Text(f"“{item.title.zh}”不由您分配，不能收回。", f'"{item.title.en}" was not assigned by you; you cannot take it back.')
    )


def _not_by_hand(item: Obligation, owes: bool, rulebook: Rulebook) -> GuijuError | None:
    if item.rule in rulebook.fulfilled:
        return ValidationFailed(
            Text(
                f"“{item.title.zh}”不能手工完成：单据上做到了，规则会使它完成；不再需要时可由主管豁免。",
                f'"{item.title.en}" is not marked done by hand: a rule does it once the record says so. What is not needed is waived.',
            )
        )
    if not owes:
        return PermissionRefused(
            Text(f"“{item.title.zh}”须由责任人完成。", f'"{item.title.en}" is for whoever owes it to mark as done.')
        )
    return None


def _not_to_take(item: Obligation, user: User) -> GuijuError | None:
    if item.owed_by_user == user.name:
        return ValidationFailed(Text(f"“{item.title.zh}”已由您负责。", f'"{item.title.en}" is yours already.'))
    if item.owed_by_user:
        return ValidationFailed(
            Text(
                f"“{item.title.zh}”已由 {item.owed_by_user} 负责，可由其本人或主管转交。",
                f'"{item.title.en}" is owed by {item.owed_by_user}; they or who is in charge may pass it on.',
            )
        )
    return None


def _not_its_clock(act: OwedAct, item: Obligation) -> GuijuError | None:
    if item.deadline.due is None:
        return ValidationFailed(
            Text(f"“{item.title.zh}”没有可以暂停的时限。", f'"{item.title.en}" has no clock that could be stopped.')
        )
    if act == "pause" and item.paused_at is not None:
        return ValidationFailed(Text(f"“{item.title.zh}”已经暂停。", f'The clock of "{item.title.en}" stands already.'))
    if act == "resume" and item.paused_at is None:
        return ValidationFailed(Text(f"“{item.title.zh}”没有暂停。", f'The clock of "{item.title.en}" does not stand.'))
    return None
