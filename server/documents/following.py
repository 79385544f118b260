"""Following a record: whoever does is told when it is changed, taken on, decided about or commented on.

Who is told is worked out when the message is delivered: a follower who may not read the record any more is told nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, or_, select

from ..access.directory import load_user
from ..access.user import User
from ..core.clock import Clock
from ..core.text import Text
from ..storage.database import Database
from ..storage.system import follow as table
from ..storage.upserts import upsert
from .about_record import about_record
from .snapshot import Snapshot
from .tell import tell

ACTIONS = {
    "save": Text("修改了", "changed"),
    "submit": Text("提交了", "submitted"),
    "cancel": Text("作废了", "cancelled"),
    "approved": Text("批准了", "approved"),
    "rejected": Text("驳回了", "rejected"),
    "signed": Text("签署了", "signed"),
}
OTHERWISE = Text("处理了", "worked on")
_FOLLOWERS = (  # made once: every save asks
    select(table.c.user)
    .where(table.c.doctype == bindparam("the_doctype"), table.c.name == bindparam("the_name"))
    .order_by(table.c.at, table.c.user)
)


@dataclass(frozen=True)
class Follower:
    user: str
    full_name: str


class FollowService:
    def __init__(self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot]) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots

    def follow(self, user: User, doctype: str, name: str) -> None:
        """Be told of what becomes of a record. Raises NotFound, PermissionRefused."""
        with self._database.write() as connection:
            about_record(connection, self._snapshots(), user, doctype, name)
            row = {"doctype": doctype, "name": name, "user": user.name, "at": self._clock.now()}
            connection.execute(upsert(connection, table, row, ("doctype", "name", "user")))

    def unfollow(self, user: User, doctype: str, name: str) -> None:
        """Be told no more; also by who may not read the record any more."""
        mine = (table.c.doctype == doctype, table.c.name == name, table.c.user == user.name)
        with self._database.write() as connection:
            connection.execute(delete(table).where(*mine))

    def followers(self, user: User, doctype: str, name: str) -> list[Follower]:
        """Who follows a record and may read it, oneself first. Raises NotFound, PermissionRefused."""
        with self._database.read() as connection:
            about = about_record(connection, self._snapshots(), user, doctype, name)
            known = [load_user(connection, one) for one in followers_of(connection, doctype, name)]
            found = [
                Follower(one.name, one.full_name)
                for one in known
                if one is not None and one.enabled and about.permissions.may(one, "read", doctype, about.record)
            ]
        return sorted(found, key=lambda one: one.user != user.name)


def followers_of(connection: Connection, doctype: str, name: str) -> list[str]:
    """The logins of all who follow a record, in the order in which they began."""
    return list(connection.execute(_FOLLOWERS, {"the_doctype": doctype, "the_name": name}).scalars())


def tell_followers(
    connection: Connection, snapshot: Snapshot, at: datetime, doctype: str, name: str, by: User, action: str, *, key: str
) -> None:
    """Tell the followers, but who did it, that something was done to the record."""
    label = snapshot.model[doctype].label
    done = ACTIONS.get(action, OTHERWISE)
    title = Text(f"{by.full_name} {done.zh}{label.zh} {name}", f"{by.full_name} {done.en} {label.en} {name}")
    say_to_followers(connection, at, doctype, name, by, title, key=key)


def say_to_followers(
    connection: Connection, at: datetime, doctype: str, name: str, by: User, title: Text, *, key: str, but: tuple[str, ...] = ()
) -> None:
    """Tell the followers this, but who did it and those who hear of it anyway."""
    told = [one for one in followers_of(connection, doctype, name) if one != by.name and one not in but]
    tell(connection, at, title, doctype, name, key=f"follow:{doctype}/{name}:{key}", kind="follow", users=told)


def forget(connection: Connection, doctype: str, name: str) -> None:
    """A record is deleted; with a user all that they follow."""
    gone = (table.c.doctype == doctype) & (table.c.name == name)
    connection.execute(delete(table).where(or_(gone, table.c.user == name) if doctype == "User" else gone))
