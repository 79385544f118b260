"""The record that a comment, a follower, an assignment or a tag is about, and what of them stands in its history.

They lie beside the content: none of them counts its version on or changes its content hash, so signatures stay valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import ValidationFailed
from ..core.text import Text
from ..metadata.model import DocType
from ..storage import audit
from ..storage.verification import is_tracked
from .complete import Record
from .loading import readable
from .snapshot import Snapshot


@dataclass(frozen=True)
class About:
    """A record that its reader does something beside."""

    snapshot: Snapshot
    permissions: Permissions
    doctype: DocType
    record: Record

    @property
    def name(self) -> str:
        return str(self.record["name"])


def about_record(
    connection: Connection, snapshot: Snapshot, user: User, doctype: str, name: str, action: str = "read"
) -> About:
    """A record that the user may do `action` to. Raises NotFound, PermissionRefused; ValidationFailed for settings, of which there is one."""
    found = snapshot.record_type(doctype)
    if found.issingle:
        raise ValidationFailed(
            Text(f"{found.label.zh}是设置，不是单据。", f"{found.label.en} is a page of settings, not a record.")
        )
    permissions = Permissions(snapshot.model)
    record = readable(connection, snapshot.model, permissions, user, found, name)
    permissions.require(user, action, doctype, record)
    return About(snapshot, permissions, found, record)


def keep_note(
    connection: Connection,
    about: About,
    action: str,
    by: User,
    at: datetime,
    said: str | None,
    changes: Iterable[Mapping[str, Any]] = (),
) -> None:
    """What somebody did beside the content becomes part of the audit chain, where the DocType keeps one."""
    if is_tracked(about.doctype):
        audit.append_version(
            connection, doctype=about.doctype.name, name=about.name, version=about.record["version"], action=action, by=by.name, at=at,
            changes=changes, reason=said, content_hash=audit.content_hash(about.record, about.snapshot.model, about.doctype),
        )  # fmt: skip
