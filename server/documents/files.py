"""`FileService`: uploads and their download, with permission. The bytes lie in `storage.files`, one copy per content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, insert, select, update

from ..access.permissions import Permissions
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import FaultList, NotFound, PermissionRefused
from ..core.ids import new_token
from ..core.text import Text
from ..metadata.model import DocType
from ..storage import audit, records
from ..storage.database import Database
from ..storage.files import FileStore, safe_filename
from ..storage.system import file as table
from .complete import Record
from .masking import visible
from .snapshot import Snapshot
from .versions import seen_changes

BESIDE = "_attachments"  # stands for the field of files that lie beside a record, in none of its fields


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
        marked_from: str | None = None,
    ) -> str:
        """Keep a file and return its address. Until a record holds it, only the uploader may open it. `marked_from` is the id of the
        picture on which this one was drawn: whoever may open this one may open that one too.

        Raises ValidationFailed for a refused type, TooLarge past the site's limit; NotFound, PermissionRefused for the picture.
        """
        original = self._original(user, marked_from) if marked_from else None
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
            "marked_from": original,
        }
        with self._database.write() as connection:
            connection.execute(insert(table).values(values))
        return f"/files/{public_id}/{values['filename']}"

    def open(self, user: User, public_id: str) -> StoredFile:
        """The stored file: for who uploaded it until a record holds it, then for who sees it in that record, as it is or was.

        Raises NotFound, PermissionRefused.
        """
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == public_id)).mappings().first()
            if row is None:
                raise NotFound(Text("没有这个文件，它可能已被删除。", "There is no such file; it may have been deleted."))
            if not user.is_administrator and (row["name"] is not None or row["owner"] != user.name):
                self._require_open(connection, user, dict(row))
        mimetype = row["mimetype"]
        return StoredFile(self._store.path(row["sha256"]), row["filename"], mimetype, mimetype.startswith("image/"))

    def originals(self, addresses: Iterable[str]) -> dict[str, str]:
        """Of these addresses the ones of marked pictures, each with that of the picture before anything was drawn on it."""
        ids = {address.split("/")[2]: address for address in addresses}
        if not ids:
            return {}
        copy, first = table.alias(), table.alias()
        found = select(copy.c.id, first.c.id.label("first"), first.c.filename)
        found = found.join_from(copy, first, copy.c.marked_from == first.c.id).where(copy.c.id.in_(ids))
        with self._database.read() as connection:
            return {ids[row.id]: f"/files/{row.first}/{row.filename}" for row in connection.execute(found)}

    def _original(self, user: User, public_id: str) -> str:
        """The first picture of those drawn on one another, for who may open this one."""
        self.open(user, public_id)
        with self._database.read() as connection:
            first = connection.execute(select(table.c.marked_from).where(table.c.id == public_id)).scalar_one_or_none()
        return first or public_id

    def _require_open(self, connection: Connection, user: User, row: Mapping[str, Any]) -> None:
        """Raises PermissionRefused unless the user sees the file in its record, or a picture that was drawn on it in its own."""
        copies = select(table).where(table.c.marked_from == row["id"])
        for each in (row, *map(dict, connection.execute(copies).mappings())):
            address = "" if each["fieldname"] == BESIDE else f"/files/{each['id']}/{each['filename']}"
            with suppress(PermissionRefused):
                return self._require_seen(connection, user, each["doctype"], each["name"], address)
        raise _not_to_be_opened()

    def _require_seen(self, connection: Connection, user: User, doctype: str | None, name: str | None, address: str) -> None:
        """Raises PermissionRefused unless the user reads the record and sees the field that holds the file, now or in a version; what
        lies beside the record (no `address`) is in no field."""
        snapshot = self._snapshots()
        found = snapshot.model.get(doctype or "")
        record = records.load(connection, snapshot.model, found, name) if found and name else None
        if found is None or record is None:
            raise _not_to_be_opened()
        permissions = Permissions(snapshot.model)
        permissions.require(user, "read", found.name, record)
        if not address or address in addresses(snapshot, found, visible(snapshot.model, permissions, user, found, record)):
            return
        sight = permissions.sight(user, found.name, record)
        for entry in audit.history(connection, found.name, str(name)):
            for change in seen_changes(snapshot.model, found, entry["changes"], sight):
                if any(
                    address == side or (isinstance(side, dict) and address in side.values())
                    for side in (change["old"], change["new"])
                ):
                    return
        raise _not_to_be_opened()


def _not_to_be_opened() -> PermissionRefused:
    return PermissionRefused(Text("您没有打开此文件的权限。", "You may not open this file."))


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
    found = [record.get(name) for name in doctype.file_fields]
    for item in doctype.table_fields:
        if columns := snapshot.model.child(item).file_fields:
            found += [row.get(column) for row in record.get(item.fieldname) or () for column in columns]
    return [address for address in found if isinstance(address, str) and address.startswith("/files/")]
