"""`FileService`: uploads and their download, with permission. The bytes lie in `storage.files`, one copy per content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, insert, select, update

from ..access.permissions import Permissions
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import FaultList, NotFound, PermissionRefused
from ..core.ids import new_token
from ..core.text import Text
from ..metadata.model import DocType
from ..storage import records
from ..storage.database import Database
from ..storage.files import FileStore, safe_filename
from ..storage.system import file as table
from .complete import Record
from .snapshot import Snapshot


@dataclass(frozen=True)
class StoredFile:
    path: Path
    filename: str
    mimetype: str
    is_image: bool


class FileService:
    def __init__(self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot], store: FileStore) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._store = store

    def upload(
        self,
        user: User,
        stream: BinaryIO,
        filename: str,
        *,
        doctype: str | None = None,
        name: str | None = None,
        fieldname: str | None = None,
    ) -> str:
        """Keep a file and return its address. Until a record holds it, only the uploader may open it.

        Raises ValidationFailed for a refused type, TooLarge past the site's limit.
        """
        kept = self._store.put(stream, filename)
        public_id = new_token()
        values = {
            "id": public_id,
            "sha256": kept.sha256,
            "size": kept.size,
            "filename": safe_filename(filename),
            "mimetype": kept.mimetype,
            "owner": user.name,
            "at": self._clock.now(),
            "doctype": doctype,
            "name": name,
            "fieldname": fieldname,
        }
        with self._database.write() as connection:
            connection.execute(insert(table).values(values))
        return f"/files/{public_id}/{values['filename']}"

    def open(self, user: User, public_id: str) -> StoredFile:
        """The stored file, when the user may read the record it belongs to (or uploaded it).

        Raises NotFound, PermissionRefused.
        """
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == public_id)).mappings().first()
            if row is None:
                raise NotFound(Text("没有这个文件，它可能已被删除。", "There is no such file; it may have been deleted."))
            if row["owner"] != user.name and not user.is_administrator:
                self._require_record(connection, user, row["doctype"], row["name"])
        mimetype = row["mimetype"]
        return StoredFile(self._store.path(row["sha256"]), row["filename"], mimetype, mimetype.startswith("image/"))

    def _require_record(self, connection: Connection, user: User, doctype: str | None, name: str | None) -> None:
        snapshot = self._snapshots()
        found = snapshot.model.get(doctype or "")
        record = records.load(connection, snapshot.model, found, name) if found and name else None
        if found is None or record is None:
            raise PermissionRefused(Text("您没有打开此文件的权限。", "You may not open this file."))
        Permissions(snapshot.model).require(user, "read", found.name, record)


def attach_files(connection: Connection, snapshot: Snapshot, doctype: DocType, record: Record) -> None:
    """Bind the files that a saved record holds to it, so that its readers may open them; a file stays with its first record."""
    ids = [address.split("/")[2] for address in addresses(snapshot, doctype, record)]
    if ids:
        change = update(table).where(table.c.id.in_(ids), table.c.name.is_(None))
        connection.execute(change.values(doctype=doctype.name, name=record["name"]))


def refuse_too_many_files(snapshot: Snapshot, doctype: DocType, record: Record, old: Record | None, faults: FaultList) -> None:
    """`max_attachments`: a record takes no further file beyond them; one that holds more from before may stay as it is."""
    most, files = doctype.max_attachments, addresses(snapshot, doctype, record)
    if not most or len(files) <= most or (old is not None and len(files) <= len(addresses(snapshot, doctype, old))):
        return
    faults.add(
        "",
        Text(
            f"附件有 {len(files)} 个，最多 {most} 个，请去掉多余的。",
            f"There are {len(files)} files; at most {most} are allowed. Take some out.",
        ),
    )


def addresses(snapshot: Snapshot, doctype: DocType, record: Record) -> list[str]:
    """The addresses of all files a record and its rows hold."""
    found = [record.get(item.fieldname) for item in doctype.fields if item.fieldtype in ("Attach", "Attach Image")]
    for item in doctype.table_fields:
        columns = [
            column.fieldname for column in snapshot.model.child(item).fields if column.fieldtype in ("Attach", "Attach Image")
        ]
        found += [row.get(column) for row in record.get(item.fieldname) or () for column in columns]
    return [address for address in found if isinstance(address, str) and address.startswith("/files/")]
