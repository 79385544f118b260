"""A record is deleted: what is kept of it, and what else goes with it. It is cancelled: what its rules made goes as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from ..access import shares
from ..access.user import User
from ..core.errors import ValidationFailed
from ..core.text import Text
from ..metadata.model import DRAFT, SUBMITTED
from ..obligations.book import ObligationBook
from ..obligations.model import reference
from ..storage import audit, records
from ..storage.system import made
from . import attachments, changing, comments, following, life_cycle, making, seen, tag_book, workflow_runs
from .changes import differences
from .complete import Record
from .guards import guard_faults
from .linked import refuse_linked
from .notifications import webhooks
from .signing import refuse_signed

if TYPE_CHECKING:
    from .save_path import SavePath


def refuse_kept(path: SavePath, record: Record, user: User) -> None:
    """Raises ValidationFailed for what may not be deleted, whoever asks: it is signed, must be kept, or others lead to it.

    `user` is told of those others what they may read.
    """
    refuse_signed(path.connection, path.doctype, record["name"], Text("删除", "deleted"))
    life_cycle.refuse_retained(path.doctype, record, path.now)
    refuse_linked(path.connection, path.model, user, path.doctype.name, record["name"], "delete")


def remove(path: SavePath, record: Record) -> None:
    """Delete the record; its versions stay, the last one saying what was deleted and by whom."""
    name = record["name"]
    if found := guard_faults(path.connection, path.model, path.doctype.name, record, None):
        raise ValidationFailed(
            Text(f"{path.doctype.label.zh} {name} 不能删除：", f"{path.doctype.label.en} {name} cannot be deleted:"),
            found,
        )
    records.delete(path.connection, path.model, path.doctype, name)
    shares.forget(path.connection, path.doctype.name, name)
    following.forget(path.connection, path.doctype.name, name)
    tag_book.forget(path.connection, path.doctype.name, name)
    attachments.forget(path.connection, path.doctype.name, name)
    seen.forget(path.connection, path.doctype.name, name)
    making.forget(path.connection, path.doctype.name, name)
    changing.forget(path.connection, path.doctype.name, name)
    workflow_runs.forget(path.connection, path.doctype.name, name)
    reason = Text("单据已删除", "the record was deleted")
    book = ObligationBook(path.connection)
    owed = book.of_record(path.doctype.name, name)
    book.void(owed, reason, path.now)
    for item in owed:  # what was approved is not approved of another record that is given this name
        if item.is_of_workflow and item.state == "met":
            book.settle(item.id, state="void", void_reason=reason)
    book.owe_again(reference(path.doctype.name, name))
    audit.append_version(
        path.connection,
        doctype=path.doctype.name,
        name=name,
        version=record["version"] + 1,
        action="delete",
        by=path.user.name,
        at=path.now,
        changes=[
            *differences(path.model, path.doctype, record, {}),
            *comments.forgotten(path.connection, path.doctype.name, name),
        ],
        content_hash=None,
        reason=None,
        trace_id=None,
    )
    webhooks.emit(path, "delete", record, record)


def undo_made(path: SavePath, name: str) -> None:
    """The record is being cancelled: what its rules made goes with it where they say so, the last first."""
    mine = and_(made.c.doctype == path.doctype.name, made.c.name == name, made.c.on_cancel != "keep")
    asked = select(made.c.made_doctype, made.c.made_name, made.c.on_cancel).where(mine, made.c.made_name.is_not(None))
    for row in path.connection.execute(asked.order_by(made.c.at.desc(), made.c.key.desc())).all():
        doctype = path.model.get(row.made_doctype)
        if doctype is None:
            continue
        records.hold(path.connection, doctype, row.made_name)
        record = records.load(path.connection, path.model, doctype, row.made_name)
        if record is None:
            continue
        if record["docstatus"] == SUBMITTED:
            path.cancel(doctype, row.made_name)
        elif record["docstatus"] == DRAFT:
            other = path.beside(doctype, User.administrator())
            refuse_kept(other, record, path.user)
            remove(other, record)
