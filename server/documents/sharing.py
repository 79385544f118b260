"""`SharingService`: open one record to one person, beyond what their roles give them.

Who shares needs the right `share` on the record and gives no more than they may do themselves. Each step stands in the record's
timeline, and the person is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from ..access import shares
from ..access.directory import load_user
from ..access.permissions import Permissions
from ..access.shares import Share
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import Fault, PermissionRefused, ValidationFailed
from ..core.text import Text
from ..metadata.model import DocType
from ..storage.database import Database
from .about_record import about_record, keep_note
from .complete import Record
from .snapshot import Snapshot
from .tell import tell


@dataclass(frozen=True)
class Shared:
    """A share as it is shown: with the people's names."""

    share: Share
    full_name: str
    by_name: str


class SharingService:
    """Who a record is shared with, and changing that."""

    def __init__(
        self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot], wake: Callable[[], None] = lambda: None
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._wake = wake

    def shares(self, user: User, doctype: str, name: str) -> list[Shared]:
        """With whom a record is shared, for whoever may read it. Raises NotFound, PermissionRefused."""
        with self._database.read() as connection:
            about_record(connection, self._snapshots(), user, doctype, name)
            found = shares.of_record(connection, doctype, name)
            people = {login: load_user(connection, login) for item in found for login in (item.user, item.by)}
        named = {login: person.full_name if person else login for login, person in people.items()}
        return [Shared(item, named[item.user], named[item.by]) for item in found]

    def share(self, user: User, doctype: str, name: str, person: str, *, write: bool = False, share: bool = False) -> None:
        """Open a record to a person: to read, with `write` to change, with `share` to share on. A second time changes what it gives.

        Raises NotFound, PermissionRefused, ValidationFailed for a person who is unknown, disabled, oneself, or confined to other data.
        Who may not change the record neither narrows nor ends a share of somebody else's that lets a person change it.
        """
        now = self._clock.now()
        with self._database.write() as connection:
            about = about_record(connection, self._snapshots(), user, doctype, name, "share")
            found, record, permissions = about.doctype, about.record, about.permissions
            if write:
                permissions.require(user, "write", doctype, record)
            other = self._person(connection, permissions, user, found, record, person.strip())
            _require_over(permissions, user, record, shares.one(connection, doctype, name, other.name))
            shares.keep(connection, Share(doctype, name, other.name, write, share, user.name, now))
            rights = [
                Text("查看", "read"),
                *([Text("修改", "change")] if write else []),
                *([Text("再共享", "share on")] if share else []),
            ]
            what = Text(
                f"共享给 {other.full_name}：{'、'.join(right.zh for right in rights)}",
                f"with {other.full_name}: {', '.join(right.en for right in rights)}",
            )
            keep_note(connection, about, "share", user, now, what.kept())
            title = Text(
                f"{user.full_name} 与您共享了{found.label.zh} {name}",
                f"{user.full_name} shared {found.label.en} {name} with you",
            )
            key = f"share:{doctype}/{name}:{other.name}:{now.isoformat()}"
            tell(connection, now, title, doctype, name, key=key, kind="share", user=other.name)
        self._wake()

    def unshare(self, user: User, doctype: str, name: str, person: str) -> None:
        """Take a share back; one's own may be given up by anybody. Raises NotFound, PermissionRefused, ValidationFailed."""
        with self._database.write() as connection:
            action = "read" if person == user.name else "share"
            about = about_record(connection, self._snapshots(), user, doctype, name, action)
            if person != user.name:
                _require_over(about.permissions, user, about.record, shares.one(connection, doctype, name, person))
            if not shares.take_back(connection, doctype, name, person):
                raise ValidationFailed(
                    Text(
                        f"{about.doctype.label.zh} {name} 没有共享给“{person}”。",
                        f'{about.doctype.label.en} {name} is not shared with "{person}".',
                    )
                )
            other = load_user(connection, person)
            shown = other.full_name if other else person
            what = Text(f"不再共享给 {shown}", f"no longer with {shown}")
            keep_note(connection, about, "unshare", user, self._clock.now(), what.kept())

    def _person(
        self, connection: Connection, permissions: Permissions, user: User, doctype: DocType, record: Record, login: str
    ) -> User:
        """The person to share with. Raises ValidationFailed, PermissionRefused."""
        other = load_user(connection, login) if login else None
        if other is None or not other.enabled or other.is_administrator:
            raise _unfit(
                Text(
                    f"没有启用的用户“{login}”，请从列表中选择。",
                    f'There is no enabled user "{login}"; choose one from the list.',
                )
            )
        if other.name == user.name:
            raise _unfit(Text("不能共享给自己，请选择另一个人。", "A record is not shared with oneself; choose somebody else."))
        if permissions.beyond(other, doctype, record):
            raise PermissionRefused(
                Text(
                    f"{record['name']} 不在 {other.full_name} 的数据范围内，共享也不能使其可见。如需如此，请管理员调整其“数据范围”。",
                    f"{record['name']} lies outside the data that {other.full_name} works with; sharing does not change that. "
                    "Ask the administrator to widen their user permissions.",
                )
            )
        return other


def _require_over(permissions: Permissions, user: User, record: Record, share: Share | None) -> None:
    """A share may be changed by who gave it, and by who may do what it gives. Raises PermissionRefused."""
    if share is not None and share.may_write and share.by != user.name:
        permissions.require(user, "write", share.doctype, record)


def _unfit(text: Text) -> ValidationFailed:
    return ValidationFailed(text, [Fault("user", text)])
