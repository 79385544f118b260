"""Signatures that rules ask for: who may give one that is owed."""

from __future__ import annotations

from sqlalchemy import Connection

from ..access.user import User
from ..core.errors import PermissionRefused, ValidationFailed
from ..core.text import Text
from ..obligations.model import Obligation
from ..storage import signatures


def may_sign(item: Obligation, user: User) -> bool:
    """Whether this user is the one who is asked for this signature now."""
    is_own = item.opened_by == user.name and not item.allow_self
    return item.kind == "signature" and item.is_owed and item.owed_by(user.name, user.roles) and not is_own


def refuse_signer(connection: Connection, item: Obligation, user: User) -> None:
    """Raises ValidationFailed (nothing is owed any more), PermissionRefused (somebody else is asked, or must be)."""
    if item.kind != "signature" or not item.is_owed:
        raise ValidationFailed(
            Text(f"“{item.title.zh}”已经处理，无须再签。", f'"{item.title.en}" is settled already; nothing is left to sign.')
        )
    if not item.owed_by(user.name, user.roles):
        asked = item.owed_by_user or item.owed_by_role
        raise PermissionRefused(Text(f"“{item.title.zh}”须由{asked}签名。", f'"{item.title.en}" is for {asked} to sign.'))
    if not may_sign(item, user):
        raise PermissionRefused(
            Text(
                "不能签自己提交的内容，请由另一位有权人签名。",
                "Nobody signs here what they sent in themselves; another person who is asked must sign.",
            )
        )
    if (item.signature or {}).get("distinct"):
        others = [row for row in signatures.of_record(connection, item.doctype, item.name) if row["signer"] == user.name]
        if others:
            raise PermissionRefused(
                Text(
                    f"“{item.title.zh}”须由另一人签名：您已在此单据上签过名。",
                    f'"{item.title.en}" is for a different person to sign: you signed this record already.',
                )
            )
