"""What people do about an obligation, kept in the audit chain of its record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from ..access.user import User
from ..metadata.model import DocType
from ..obligations.model import Obligation
from ..storage import audit
from .complete import Record
from .following import tell_followers
from .snapshot import Snapshot


def keep_act(
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
    key = f"{decision}:{item.id}:{now.isoformat()}"
    tell_followers(connection, snapshot, now, item.doctype, item.name, user, decision, key=key)
