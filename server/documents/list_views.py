"""Saved views of lists: an arrangement (columns, filters, order, grouping, shape) under a title, for oneself, a role or everyone.

A view holds the query of a list's address and nothing of the records: who opens it sees by their own rights. What one person chose
for a list (which view it opens with, how wide its columns are) is kept here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from sqlalchemy import Connection, and_, delete, or_, select, update

from ..access.permissions import Permissions
from ..access.user import SYSTEM_MANAGER, User
from ..core.clock import Clock
from ..core.errors import Fault, NotFound, PermissionRefused, ValidationFailed
from ..core.ids import new_id
from ..core.text import Text
from ..storage.database import Database
from ..storage.system import list_settings, list_view
from ..storage.upserts import upsert
from .snapshot import Snapshot

Audience = Literal["private", "role", "everyone"]
SHIPPED = "shipped:"  # before the name of a view that came with metadata: what it is known by
AUDIENCES: tuple[Audience, ...] = ("private", "role", "everyone")
MAX_TITLE, MAX_QUERY, MAX_VIEWS = 80, 4000, 200
WIDTHS = range(40, 1201)  # pixels


class ViewGone(NotFound):
    """A saved view that was removed, or is no longer shared with who asks for it."""


@dataclass(frozen=True)
class ListView:
    """One saved view; `query` is the query of the list's address. One that came with metadata has no owner."""

    id: str
    doctype: str
    title: Text
    owner: str
    audience: Audience
    role: str
    query: str


@dataclass(frozen=True)
class ListSettings:
    """What one person chose for one list: the view it opens with, and widths of columns in pixels."""

    default_view: str = ""
    widths: Mapping[str, int] = field(default_factory=dict)


class ListViewService:
    """Keeps views and settings, and answers which of them a person may use."""

    def __init__(self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot]) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots

    def offered(self, user: User, doctype: str) -> list[ListView]:
        """The views of a list that this person may use: their own first, then by title. None of a list that they may not read."""
        if not Permissions(self._snapshots().model).may(user, "read", doctype):
            return []
        with self._database.read() as connection:
            found = _views(connection, user, list_view.c.doctype == doctype)
        found += self._shipped(user, doctype)
        return sorted(found, key=lambda item: (item.owner != user.name, item.title.to(user.language)))

    def shared(self) -> list[ListView]:
        """The views that people offer to others, as an export takes them along."""
        with self._database.read() as connection:
            return _all_views(connection, list_view.c.audience != "private")

    def _shipped(self, user: User, doctype: str) -> list[ListView]:
        """Those that came with metadata and are for this person."""
        return [
            ListView(SHIPPED + item.name, doctype, item.title, "", "role" if item.role else "everyone", item.role, item.query)
            for item in self._snapshots().list_views
            if item.document_type == doctype and (not item.role or user.has_role(item.role))
        ]

    def view(self, user: User, doctype: str, key: str) -> ListView:
        """One view. Raises ViewGone when there is none that this person may use."""
        found = next((item for item in self.offered(user, doctype) if item.id == key), None)
        if found is None:
            raise ViewGone(
                Text(
                    "没有这个列表视图（可能已删除），或它没有共享给您。请对方用“复制地址”发给您，或共享该视图。",
                    'There is no such view (it may have been removed), or it is not shared with you. Ask for its address ("Copy the address"), or that it be shared.',
                )
            )
        return found

    def may_share(self, user: User, doctype: str) -> bool:
        """Whether this person may offer views of a list to others: who may share its records, and who administers."""
        permissions = Permissions(self._snapshots().model)
        return user.has_role(SYSTEM_MANAGER) or permissions.may(user, "share", doctype)

    def may_change(self, user: User, view: ListView) -> bool:
        """Whether a view may be changed or removed by this person: its owner, and for what is shared who administers."""
        if not view.owner:  # published: changed as metadata is
            return False
        return view.owner == user.name or (view.audience != "private" and user.has_role(SYSTEM_MANAGER))

    def keep(
        self, user: User, doctype: str, title: str, query: str, audience: str = "private", role: str = "", *, key: str = ""
    ) -> ListView:
        """Keep a view, a new one or (`key`) one that is there already. Raises ValidationFailed, PermissionRefused, NotFound."""
        Permissions(self._snapshots().model).require(user, "read", doctype)
        title = title.strip()
        self._check(user, doctype, title, query, audience, role)
        owner = user.name
        if key:
            before = self.view(user, doctype, key)
            self._require_change(user, before)
            owner = before.owner
        else:
            self._require_room(user, doctype)
        role = role if audience == "role" else ""
        values = {
            "doctype": doctype, "title": title, "owner": owner, "audience": audience, "role": role, "query": query, "at": self._clock.now(),
        }  # fmt: skip
        view = ListView(key or new_id(12), doctype, Text.of(title), owner, cast(Audience, audience), role, query)
        with self._database.write() as connection:
            connection.execute(upsert(connection, list_view, {"id": view.id, **values}, ["id"], values))
        return view

    def remove(self, user: User, doctype: str, key: str) -> None:
        """Remove a view; whoever began with it begins with the plain list again."""
        self._require_change(user, self.view(user, doctype, key))
        with self._database.write() as connection:
            connection.execute(delete(list_view).where(list_view.c.id == key))
            begun = list_settings.c.default_view == key
            connection.execute(update(list_settings).where(begun).values(default_view=""))

    def settings(self, user: User, doctype: str) -> ListSettings:
        """What this person chose for a list. A view that is not theirs to use any more is not begun with."""
        asked = select(list_settings.c.default_view, list_settings.c.widths).where(
            list_settings.c.user == user.name, list_settings.c.doctype == doctype
        )
        with self._database.read() as connection:
            row = connection.execute(asked).first()
            if row is None:
                return ListSettings()
            default = row.default_view or ""
        if default and default not in {item.id for item in self.offered(user, doctype)}:
            default = ""
        return ListSettings(default, row.widths or {})

    def begin_with(self, user: User, doctype: str, key: str) -> None:
        """Open the list with this view from now on; with none for an empty key."""
        if key:
            self.view(user, doctype, key)
        self._choose(user, doctype, {"default_view": key})

    def keep_widths(self, user: User, doctype: str, widths: Mapping[str, Any]) -> None:
        """How wide the columns of a list are, in pixels; 0 takes a column's width away again."""
        known = self._snapshots().record_type(doctype)
        kept = dict(self.settings(user, doctype).widths)
        for name, width in widths.items():
            if (
                name in known.by_name or name in ("name", "owner", "modified", "modified_by", "creation", "docstatus")
            ) and isinstance(width, int):
                kept[name] = width
        self._choose(user, doctype, {"widths": {name: width for name, width in kept.items() if width in WIDTHS}})

    def _choose(self, user: User, doctype: str, values: Mapping[str, Any]) -> None:
        Permissions(self._snapshots().model).require(user, "read", doctype)
        key = {"user": user.name, "doctype": doctype}
        with self._database.write() as connection:
            connection.execute(upsert(connection, list_settings, {**key, **values}, list(key), values))

    def _check(self, user: User, doctype: str, title: str, query: str, audience: str, role: str) -> None:
        faults = []
        if not title or len(title) > MAX_TITLE:
            faults.append(Fault("title", Text(f"视图须有名称，最多 {MAX_TITLE} 个字。", f"A view needs a title of at most {MAX_TITLE} characters.")))  # fmt: skip
        if audience not in AUDIENCES:
            faults.append(Fault("audience", Text("请选择视图给谁用。", "Choose whom the view is for.")))
        if audience == "role" and role not in self._snapshots().model.roles:
            faults.append(Fault("role", Text(f"没有角色“{role}”。", f'There is no role "{role}".')))
        if len(query) > MAX_QUERY:
            faults.append(
                Fault("query", Text("筛选条件太长，不能保存为视图。", "These filters are too long to be kept as a view."))
            )
        if faults:
            raise ValidationFailed(Text("视图未保存：", "The view was not saved:"), faults)
        if audience != "private" and not self.may_share(user, doctype):
            label = self._snapshots().model[doctype].label
            raise PermissionRefused(
                Text(
                    f"只有可共享“{label.zh}”的人才能把视图给别人用；您可以存为自己的视图。",
                    f'Only who may share "{label.en}" can offer a view to others; you may keep it for yourself.',
                )
            )

    def _require_change(self, user: User, view: ListView) -> None:
        if not view.owner:
            raise PermissionRefused(
                Text(
                    f"视图“{view.title.zh}”由内容包提供，不能在此更改。您可以另存为自己的视图。",
                    f'The view "{view.title.en}" came with a content pack; it is not changed here, but keep one of your own.',
                )
            )
        if not self.may_change(user, view):
            raise PermissionRefused(
                Text(
                    f"视图“{view.title.zh}”是 {view.owner} 的，不能由您更改。您可以另存为自己的视图。",
                    f'The view "{view.title.en}" is {view.owner}\'s; you may not change it, but keep one of your own.',
                )
            )

    def _require_room(self, user: User, doctype: str) -> None:
        if sum(item.owner == user.name for item in self.offered(user, doctype)) >= MAX_VIEWS:
            raise ValidationFailed(
                Text(f"一个列表最多 {MAX_VIEWS} 个自己的视图。", f"One person keeps at most {MAX_VIEWS} views of a list.")
            )


def _views(connection: Connection, user: User, *where: Any) -> list[ListView]:
    """The views that this person may use, among those that meet the conditions."""
    table = list_view.c
    usable = or_(
        table.owner == user.name,
        table.audience == "everyone",
        and_(table.audience == "role", table.role.in_(sorted(user.roles))),
    )
    return _all_views(connection, usable, *where)


def _all_views(connection: Connection, *where: Any) -> list[ListView]:
    table = list_view.c
    columns = (table.id, table.doctype, table.title, table.owner, table.audience, table.role, table.query)
    rows = connection.execute(select(*columns).where(*where))
    return [ListView(id, doctype, Text.of(title), *rest) for id, doctype, title, *rest in rows]
