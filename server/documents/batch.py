"""`Batch`: several changes in one database transaction, each whole or nothing by itself.

Every one takes the save path like a change alone; one that is refused is rolled back to where it began and leaves the others be. For
imports, which would otherwise wait for the disk once for every row. A `hopeful` batch sets no savepoints, and writes its records and their
history together: when one of its changes is refused it is spoilt, and has to be done again by a careful one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..access.vault import Vault
from ..core.errors import GuijuError, StorageUnavailable
from ..storage import inserting, records
from . import incidents
from .complete import Record
from .save_path import Intent, Saved, SavePath
from .snapshot import Snapshot


class Batch:
    """The changes of one transaction. `connection` is its own: what is written there beside stands or falls with them."""

    def __init__(
        self,
        connection: Connection,
        snapshot: Snapshot,
        user: User,
        now: datetime,
        zone: ZoneInfo,
        vault: Vault,
        *,
        is_hopeful: bool = False,
    ) -> None:
        self.connection = connection
        self.snapshot = snapshot
        self.user = user
        self.now = now
        self.is_hopeful = is_hopeful
        self.is_spoilt = False  # a hopeful one of which a change was refused: nothing of it may be kept
        self._remembered: dict[str, Any] = {}
        self._blanks: dict[str, Record] = {}
        self._permissions = Permissions(snapshot.model)
        self._zone = zone
        self._vault = vault

    def save(
        self,
        doctype: str,
        values: Mapping[str, Any],
        *,
        name: str | None = None,
        reason: str | None = None,
        submit: bool = False,
    ) -> Saved:
        """Create a record, or change the one called `name`; then submit it where asked. The timeline keeps the `reason`. Of the record
        only what every record has comes back.

        Raises what `DocumentService.save` and `submit` raise; nothing of this change is left then.
        """
        found = self.snapshot.record_type(doctype)
        met: list[incidents.Incident] = []
        try:
            with nullcontext() if self.is_hopeful else self.connection.begin_nested():
                path = self._path(found.name, met)
                saved = path.run(Intent("create" if name is None else "save", name, values, None, reason))
                if submit and saved.record["docstatus"] == 0:
                    saved = self._path(found.name, met).run(Intent("submit", saved.name, {}, None, reason))
                return saved
        except GuijuError:
            self.is_spoilt = self.is_hopeful
            if met and not self.is_spoilt:
                incidents.keep(self.connection, self.now, met)
            raise

    def settle(self) -> None:
        """Have the database take what waits to be written, before something is written beside; a refusal spoils the batch."""
        try:
            inserting.write_gathered(self.connection)
        except StorageUnavailable:
            raise
        except GuijuError:
            self.is_spoilt = True

    def foresee(self, linked: Mapping[str, Collection[str]]) -> None:
        """Read the records that the changes to come link to, by DocType, in one go; nobody deletes them until the transaction ends."""
        for doctype, names in sorted(linked.items()):
            if (found := self.snapshot.model.get(doctype)) is not None:
                records.foresee(self.connection, found, names)

    def stored(self, doctype: str, name: str) -> Record | None:
        """A record as it stands in this transaction, whoever may read it; for what a change replaces. None in a batch that is spoilt."""
        self.settle()
        if self.is_spoilt:
            return None
        return records.load(self.connection, self.snapshot.model, self.snapshot.record_type(doctype), name)

    def _path(self, doctype: str, met: list[incidents.Incident]) -> SavePath:
        found = self.snapshot.record_type(doctype)
        path = SavePath(self.connection, self.snapshot, found, self.user, self.now, self._zone, self._vault)
        path.incidents = met
        path.remembered = self._remembered
        path.completion.blanks = self._blanks
        path.shows = False
        path.permissions = self._permissions
        return path


class NothingKept(Exception):
    """Raised at the end of a batch that was only tried."""
