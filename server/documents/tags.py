"""`TagService`: words put on records, to find and sort them by. Who may change a record may tag it, also once it is submitted.

A word is a record of Tag, which gives it its colour; a new word makes one, as far as its writer may. Which record bears which word
is a fixed table (`tag_book`). Rules put words on and take them off too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..access.vault import Vault
from ..core.clock import Clock
from ..core.text import Text
from ..storage import records
from ..storage.database import Database
from .about_record import About, about_record, keep_note
from .bulk import BulkOutcome, each
from .following import say_to_followers
from .save_path import Intent, SavePath
from .snapshot import Snapshot
from .tag_book import DOCTYPE, Tag, as_word, bearing, new_tag, of_records, put, take_off

ADDED, REMOVED = "tagged", "untagged"  # how the history calls what was done


class TagService:
    def __init__(
        self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot], zone: ZoneInfo, vault: Vault
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._zone = zone
        self._vault = vault

    def of_record(self, user: User, doctype: str, name: str) -> list[Tag]:
        """The words on a record. Raises NotFound, PermissionRefused."""
        with self._database.read() as connection:
            about = about_record(connection, self._snapshots(), user, doctype, name)
            return of_records(connection, about.snapshot, doctype, [name]).get(name, [])

    def of_rows(self, doctype: str, names: Iterable[str]) -> dict[str, list[Tag]]:
        """The words on records that a list shows to somebody who may read them."""
        with self._database.read() as connection:
            return of_records(connection, self._snapshots(), doctype, names)

    def used(self, user: User, doctype: str, typed: str = "", limit: int = 50) -> list[str]:
        """The words that hold `typed`: those on record types that the user may read, and those that are on no record yet."""
        snapshot = self._snapshots()
        snapshot.record_type(doctype)
        if DOCTYPE not in snapshot.model:
            return []
        permissions = Permissions(snapshot.model)
        with self._database.read() as connection:
            tags = records.heads(connection, snapshot.model[DOCTYPE], None)
            bearers = bearing(connection)
        seen = {
            kind
            for kinds in bearers.values()
            for kind in kinds
            if kind in snapshot.model and permissions.may(user, "read", kind)
        }
        offered = (name for name in tags if name not in bearers or bearers[name] & seen)
        return sorted(name for name in offered if typed.strip().lower() in name.lower())[:limit]

    def add(self, user: User, doctype: str, name: str, tag: str) -> None:
        """Put a word on a record. Raises NotFound, PermissionRefused (no right to change it, or to make a new word), ValidationFailed."""
        word = as_word(tag)
        with self._database.write() as connection:
            about = about_record(connection, self._snapshots(), user, doctype, name, "write")
            self._make(connection, about.snapshot, user, word)
            if put(connection, about, word, user, self._clock.now()):
                self._note(connection, about, ADDED, user, word)

    def remove(self, user: User, doctype: str, name: str, tag: str) -> None:
        """Take a word off. Raises NotFound, PermissionRefused, ValidationFailed."""
        with self._database.write() as connection:
            about = about_record(connection, self._snapshots(), user, doctype, name, "write")
            if take_off(connection, doctype, name, tag):
                self._note(connection, about, REMOVED, user, tag)

    def add_to_many(self, user: User, doctype: str, names: Iterable[str], tag: str) -> BulkOutcome:
        """Put a word on many records, each by itself. Raises ValidationFailed."""
        word = as_word(tag)
        return each(names, lambda name: self.add(user, doctype, name, word))

    def _make(self, connection: Connection, snapshot: Snapshot, user: User, word: str) -> None:
        found = snapshot.model.get(DOCTYPE)
        if found is not None and not records.exists(connection, found, [word]):
            path = SavePath(connection, snapshot, found, user, self._clock.now(), self._zone, self._vault)
            path.run(Intent("create", values=new_tag(word)))

    def _note(self, connection: Connection, about: About, action: str, user: User, word: str) -> None:
        now = self._clock.now()
        keep_note(connection, about, action, user, now, word)
        label = about.doctype.label
        zh, en = ("标记", "tagged") if action == ADDED else ("取消标记", "untagged")
        title = Text(
            f"{user.full_name} {zh}{label.zh} {about.name}：{word}", f"{user.full_name} {en} {label.en} {about.name}: {word}"
        )
        key = f"{action}:{word}:{now.isoformat()}"
        say_to_followers(connection, now, about.doctype.name, about.name, user, title, key=key)
