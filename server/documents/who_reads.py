"""The person that somebody else's work is passed on to, or who is asked for more: enabled, and a reader of the record."""

from __future__ import annotations

from sqlalchemy import Connection

from ..access.directory import load_user
from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..metadata.model import DocType
from .complete import Record


def person_who_reads(connection: Connection, permissions: Permissions, doctype: DocType, record: Record, login: str) -> User:
    """An enabled person who may read the record. Raises ValidationFailed."""
    other = load_user(connection, login.strip()) if login.strip() else None
    if other is None or not other.enabled or other.is_administrator:
        text = Text(
            f"没有启用的用户“{login}”，请从列表中选择。", f'There is no enabled user "{login}"; choose one from the list.'
        )
        raise ValidationFailed(text, [Fault("person", text)])
    if not permissions.may(other, "read", doctype.name, record):
        text = Text(
            f"{other.full_name} 不能查看 {record['name']}，请先共享给此人。",
            f"{other.full_name} may not read {record['name']}; share it with them first.",
        )
        raise ValidationFailed(text, [Fault("person", text)])
    return other
