"""`AttachmentService`: files that lie beside a record, in none of its fields. Whoever may change the record attaches, whatever its state.

Whoever may read the record opens them. What is attached and taken off stands in its history with the digest of the content; what lies
beside a submitted record stays there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from ..access.user import User
from ..core.clock import Clock
from ..core.errors import Fault, NotFound, ValidationFailed
from ..core.ids import new_token
from ..core.text import Text
from ..metadata.model import DRAFT
from ..storage.database import Database
from ..storage.files import FileStore, safe_filename
from ..storage.system import file as table
from .about_record import About, about_record, keep_note
from .files import BESIDE, addresses
from .following import say_to_followers
from .mentions import full_names
from .snapshot import Snapshot

ATTACHED, TAKEN_OFF = "attached", "detached"  # how the history calls what was done
MOST = 100


@dataclass(frozen=True)
class Attachment:
    """A file beside a record."""

    id: str
    filename: str
    mimetype: str
    size: int
    by: str
    by_name: str
    at: datetime

    @property
    def address(self) -> str:
        return f"/files/{self.id}/{self.filename}"

    @property
    def is_image(self) -> bool:
        return self.mimetype.startswith("image/")


class AttachmentService:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        snapshots: Callable[[], Snapshot],
        store: FileStore,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._store = store
        self._wake = wake

    def of_record(self, user: User, doctype: str, name: str) -> list[Attachment]:
        """The files beside a record, in the order in which they came. Raises NotFound, PermissionRefused."""
        with self._database.read() as connection:
            about_record(connection, self._snapshots(), user, doctype, name)
            return _of_record(connection, doctype, name)

    def attach(self, user: User, doctype: str, name: str, stream: BinaryIO, filename: str) -> str:
        """Lay a file beside a record; returns its address.

        Raises NotFound, PermissionRefused; ValidationFailed for a kind that is not taken or too many files, TooLarge.
        """
        with self._database.read() as connection:  # before anything is kept
            self._require_room(connection, about_record(connection, self._snapshots(), user, doctype, name, "write"))
        kept, now, public_id, shown = self._store.put(stream, filename), self._clock.now(), new_token(), safe_filename(filename)
        with self._database.write() as connection:
            about = about_record(connection, self._snapshots(), user, doctype, name, "write")
            self._require_room(connection, about)
            row = {
                "id": public_id, "sha256": kept.sha256, "size": kept.size, "filename": shown, "mimetype": kept.mimetype,
                "owner": user.name, "at": now, "doctype": doctype, "name": name, "fieldname": BESIDE,
            }  # fmt: skip
            connection.execute(insert(table).values(row))
            change = {"field": None, "file": public_id, "old": None, "new": kept.sha256}
            keep_note(connection, about, ATTACHED, user, now, shown, [change])
            label = about.doctype.label
            title = Text(
                f"{user.full_name} 为{label.zh} {name} 添加了附件：{shown}",
                f"{user.full_name} attached a file to {label.en} {name}: {shown}",
            )
            say_to_followers(connection, now, doctype, name, user, title, key=f"file:{public_id}")
        self._wake()
        return f"/files/{public_id}/{shown}"

    def remove(self, user: User, doctype: str, name: str, public_id: str) -> None:
        """Take a file off a draft. Raises NotFound, PermissionRefused, ValidationFailed once the record is submitted."""
        with self._database.write() as connection:
            about = about_record(connection, self._snapshots(), user, doctype, name, "write")
            row = connection.execute(select(table).where(*_mine(doctype, name), table.c.id == public_id)).first()
            if row is None:
                raise NotFound(Text("没有这个附件，它可能已被删除。", "There is no such file; it may have been taken off."))
            if about.record.get("docstatus", DRAFT) != DRAFT:
                said = Text(f"{name} 已提交，附件须保留。", f"{name} was submitted; its files stay.")
                raise ValidationFailed(said, [Fault("file", said)])
            connection.execute(delete(table).where(table.c.id == public_id))
            change = {"field": None, "file": public_id, "old": row.sha256, "new": None}
            keep_note(connection, about, TAKEN_OFF, user, self._clock.now(), row.filename, [change])

    def _require_room(self, connection: Connection, about: About) -> None:
        there = len(_of_record(connection, about.doctype.name, about.name))
        there += len(addresses(about.snapshot, about.doctype, about.record))
        most = about.doctype.max_attachments or MOST
        if there >= most:
            said = Text(f"附件最多 {most} 个。", f"At most {most} files are allowed.")
            raise ValidationFailed(said, [Fault("file", said)])


def _mine(doctype: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return table.c.doctype == doctype, table.c.name == name, table.c.fieldname == BESIDE


def _of_record(connection: Connection, doctype: str, name: str) -> list[Attachment]:
    rows = connection.execute(select(table).where(*_mine(doctype, name)).order_by(table.c.at, table.c.id)).all()
    people = full_names(connection, {row.owner for row in rows})
    return [
        Attachment(row.id, row.filename, row.mimetype, row.size, row.owner, people.get(row.owner, row.owner), row.at)
        for row in rows
    ]


def forget(connection: Connection, doctype: str, name: str) -> None:
    """A record is deleted: what lies beside it is not opened through another of its name."""
    connection.execute(delete(table).where(*_mine(doctype, name)))
