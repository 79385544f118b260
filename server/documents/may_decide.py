"""Who may decide an approval: who is asked, or stands in for them, and did not send it in, change it since or do another
step of it."""

from __future__ import annotations

from collections.abc import Sequence

from ..access.user import User
from ..core.errors import PermissionRefused, ValidationFailed
from ..core.text import Text
from ..obligations.model import Obligation
from .standins import Standin


def refusal(item: Obligation, user: User, standins: Sequence[Standin] = ()) -> PermissionRefused | ValidationFailed | None:
    """Why this user may not decide this, or None."""
    if item.kind != "approval" or not item.is_owed:
        return settled(item)
    giver = giver_of(item, user, standins)
    if giver is None and not item.owed_by(user.name, user.roles):
        asked = item.owed_by_user or item.owed_by_role
        return PermissionRefused(Text(f"“{item.title.zh}”须由{asked}审批。", f'"{item.title.en}" is for {asked} to decide.'))
    who = {user.name, giver.name if giver else user.name}
    if who & set(item.terms.get("changed_by") or ()) and not is_own(item, user):
        return PermissionRefused(
            Text(
                f"“{item.title.zh}”须由另一人审批：送审之后您更改过内容，不能批准自己的更改。",
                f'"{item.title.en}" is for a different person: you changed the record after it was sent in, and nobody approves their own '
                "change.",
            )
        )
    if who & set(item.terms.get("excluded") or ()) and not is_own(item, user):
        return PermissionRefused(
            Text(
                f"“{item.title.zh}”须由另一人审批：按流程，已办理其他步骤的人不能再批此步。",
                f'"{item.title.en}" is for a different person: whoever did another step of this workflow may not decide this one.',
            )
        )
    if is_own(item, user):
        return PermissionRefused(
            Text(
                "不能审批自己提交的内容，请由另一位有权人审批。",
                "Nobody approves what they sent in themselves; another person with this role must decide.",
            )
        )
    return None


def giver_of(item: Obligation, user: User, standins: Sequence[Standin]) -> User | None:
    """In whose place this user would decide; None for what they are asked themselves."""
    if item.kind != "approval" or item.owed_by(user.name, user.roles):
        return None
    found = (one.giver for one in standins if one.covers(item.doctype) and one.giver.name != item.opened_by)
    return next((giver for giver in found if item.owed_by(giver.name, giver.roles)), None)


def is_own(item: Obligation, user: User) -> bool:
    """Whether this user would approve what they sent in themselves, which the rule does not allow."""
    return item.kind in ("approval", "signature") and item.opened_by == user.name and not item.allow_self


def settled(item: Obligation) -> ValidationFailed:
    """It is done, by whomever."""
    return ValidationFailed(
        Text(f"“{item.title.zh}”已经处理，无须再办。", f'"{item.title.en}" is settled already; nothing is left to do.')
    )
