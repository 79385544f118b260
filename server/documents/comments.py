"""`CommentService`: what people say about a record, beside its content. Whoever may read the record reads and writes comments.

A comment may be changed and taken back by who wrote it. What it said before stands in the audit chain of the record, where its
DocType keeps one, and is shown in the timeline. `@login` tells that person (`mentions`); followers are told of every comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, column, delete, insert, or_, select, update
from sqlalchemy import table as plain_table

from ..access.directory import load_user
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import Fault, NotFound, PermissionRefused, ValidationFailed
from ..core.text import Text
from ..storage.database import Database
from ..storage.filters import literal_pattern
from ..storage.system import comment as table
from ..storage.tables import table_name
from .about_record import About, about_record, keep_note
from .following import say_to_followers
from .mentions import Known, full_names, mentioned, named, tell_mentioned
from .snapshot import Snapshot

LONGEST = 5000
MOST_SHOWN = 500
EDITED, REMOVED = "comment edited", "comment removed"  # how the history calls what was done
OFFERED, LOOKED_AT = 8, 60  # people offered after "@", and at most looked through for them

_users = plain_table(table_name("User"), column("name"), column("full_name"), column("enabled"))


@dataclass(frozen=True)
class Comment:
    """A comment as its reader sees it."""

    id: int
    doctype: str
    name: str
    by: str
    by_name: str
    at: datetime
    text: str
    edited_at: datetime | None
    is_own: bool


@dataclass(frozen=True)
class Mentionable:
    """Somebody who may be mentioned: they may read the record."""

    login: str
    full_name: str


_OF_RECORD = (
    select(table)
    .where(table.c.doctype == bindparam("the_doctype"), table.c.name == bindparam("the_name"))
    .order_by(table.c.at.desc(), table.c.id.desc())
    .limit(MOST_SHOWN)
)


class CommentService:
    def __init__(
        self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot], wake: Callable[[], None] = lambda: None
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._wake = wake

    def of_record(self, user: User, doctype: str, name: str) -> list[Comment]:
        """The comments on a record, the newest first. Raises NotFound, PermissionRefused."""
        with self._database.read() as connection:
            about_record(connection, self._snapshots(), user, doctype, name)
            rows = connection.execute(_OF_RECORD, {"the_doctype": doctype, "the_name": name}).all()
            return _shown(connection, user, rows)

    def one(self, user: User, comment_id: int) -> Comment:
        """One comment on a record that the user may read. Raises NotFound, PermissionRefused."""
        with self._database.read() as connection:
            _, row = self._found(connection, user, comment_id)
            return _shown(connection, user, [row])[0]

    def add(self, user: User, doctype: str, name: str, text: str) -> Comment:
        """Say something about a record, whatever its state. Raises NotFound, PermissionRefused, ValidationFailed."""
        kept, now = _words(text), self._clock.now()
        with self._database.write() as connection:
            about = about_record(connection, self._snapshots(), user, doctype, name)
            values = {"doctype": doctype, "name": name, "by": user.name, "at": now, "text": kept}
            made = connection.execute(insert(table).values(values)).inserted_primary_key
            assert made is not None
            comment_id = int(made[0])
            self._tell(connection, about, user, comment_id, kept, now)
            told = mentioned(connection, kept)
            label = about.doctype.label
            title = Text(
                f"{user.full_name} 评论了{label.zh} {name}：{kept}", f"{user.full_name} commented on {label.en} {name}: {kept}"
            )
            say_to_followers(connection, now, doctype, name, user, title, key=f"comment:{comment_id}", but=(*told, user.name))
        self._wake()
        return Comment(comment_id, doctype, name, user.name, user.full_name, now, kept, None, True)

    def change(self, user: User, comment_id: int, text: str) -> Comment:
        """Other words for one's own comment; those before stay in the history. Raises NotFound, PermissionRefused, ValidationFailed."""
        kept, now = _words(text), self._clock.now()
        with self._database.write() as connection:
            about, row = self._own(connection, user, comment_id)
            if kept != row.text:
                connection.execute(update(table).where(table.c.id == comment_id).values(text=kept, edited_at=now))
                self._tell(connection, about, user, comment_id, kept, now, but=mentioned(connection, row.text))
                keep_note(connection, about, EDITED, user, now, None, [_change(comment_id, row.text, kept)])
        self._wake()
        return self.one(user, comment_id)

    def remove(self, user: User, comment_id: int) -> None:
        """Take one's own comment back; what it said stays in the history. Raises NotFound, PermissionRefused."""
        with self._database.write() as connection:
            about, row = self._own(connection, user, comment_id)
            connection.execute(delete(table).where(table.c.id == comment_id))
            keep_note(connection, about, REMOVED, user, self._clock.now(), None, [_change(comment_id, row.text, None)])

    def named(self, texts: Iterable[str]) -> Known:
        """The people whom the texts name, by their logins."""
        with self._database.read() as connection:
            return named(connection, texts)

    def mentionable(self, user: User, doctype: str, name: str, typed: str) -> list[Mentionable]:
        """The people whose login or name holds `typed` and who may read the record, for completion after "@".

        Raises NotFound, PermissionRefused.
        """
        with self._database.read() as connection:
            about = about_record(connection, self._snapshots(), user, doctype, name)
            wanted = literal_pattern(typed.strip().lower())
            asked = select(_users.c.name, _users.c.full_name).where(
                _users.c.enabled == 1,
                or_(_users.c.name.ilike(wanted, escape="\\"), _users.c.full_name.ilike(wanted, escape="\\")),
            )
            found: list[Mentionable] = []
            people = connection.execute(asked.order_by(_users.c.name).limit(LOOKED_AT)).all()
            begun = typed.strip().lower()  # whose login or name begins so comes first
            for login, _ in sorted(people, key=lambda one: not any(str(part or "").lower().startswith(begun) for part in one)):
                other = load_user(connection, login)
                if (
                    other is not None
                    and other.name != user.name
                    and about.permissions.may(other, "read", doctype, about.record)
                ):
                    found.append(Mentionable(other.name, other.full_name))
                if len(found) == OFFERED:
                    break
        return found

    def _found(self, connection: Connection, user: User, comment_id: int) -> tuple[About, Any]:
        row = connection.execute(select(table).where(table.c.id == comment_id)).first()
        if row is None:
            raise NotFound(Text("没有这条评论，它可能已被删除。", "There is no such comment; it may have been removed."))
        return about_record(connection, self._snapshots(), user, row.doctype, row.name), row

    def _own(self, connection: Connection, user: User, comment_id: int) -> tuple[About, Any]:
        about, row = self._found(connection, user, comment_id)
        if row.by != user.name:
            raise PermissionRefused(
                Text("只有评论人本人可以修改或删除评论。", "Only who wrote a comment may change it or take it back.")
            )
        return about, row

    def _tell(
        self,
        connection: Connection,
        about: About,
        user: User,
        comment_id: int,
        text: str,
        now: datetime,
        but: Iterable[str] = (),
    ) -> None:
        """Tell whom the comment names; after a change those whom it did not name before."""
        key = f"mention:comment:{comment_id}:{now.isoformat()}"
        tell_mentioned(
            connection, about.snapshot.model, now, text, user, about.doctype.name, about.name, key=key, but=frozenset(but)
        )


def forgotten(connection: Connection, doctype: str, name: str) -> list[dict[str, Any]]:
    """A record is deleted and its comments with it; what they said, for the last entry of its history."""
    mine = (table.c.doctype == doctype, table.c.name == name)
    rows = connection.execute(select(table).where(*mine).order_by(table.c.id)).all()
    connection.execute(delete(table).where(*mine))
    return [_change(row.id, f"{row.by}: {row.text}", None) for row in rows]


def _change(comment_id: int, old: str | None, new: str | None) -> dict[str, Any]:
    return {"field": None, "comment": comment_id, "old": old, "new": new}


def _words(text: str) -> str:
    """A comment as it is kept. Raises ValidationFailed for an empty or too long one."""
    kept = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not kept or len(kept) > LONGEST:
        said = Text(f"评论应有 1 至 {LONGEST} 个字符。", f"A comment has 1 to {LONGEST} characters.")
        raise ValidationFailed(said, [Fault("comment", said)])
    return kept


def _shown(connection: Connection, user: User, rows: Iterable[Any]) -> list[Comment]:
    rows = list(rows)
    people = full_names(connection, {row.by for row in rows})
    return [
        Comment(
            row.id,
            row.doctype,
            row.name,
            row.by,
            people.get(row.by, row.by),
            row.at,
            row.text,
            row.edited_at,
            row.by == user.name,
        )
        for row in rows
    ]
