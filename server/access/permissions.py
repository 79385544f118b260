"""`Permissions`: what a user may do, from the DocPerm rows of the DocTypes.

A row grants actions to a role: at permlevel 0 on records, at higher levels on the fields that carry the level. `if_owner`
limits a row to the user's own records. Rows add up. Child rows follow the record they belong to.

A record may be shared with one person, who then reads it (and changes it, where that is given) at permlevel 0 whatever their roles.

User permissions take away again, from what is shared too: a user who is confined to some records of a DocType (`User.only`) works with nothing that links
to others of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ..core.errors import Fault, PermissionRefused
from ..core.text import Text
from ..metadata.model import DocField, DocPerm, DocType, Model
from .confine import Confine, confines
from .sight import Sight
from .user import User

Action = Literal[
    "read",
    "write",
    "create",
    "delete",
    "submit",
    "cancel",
    "amend",
    "print",
    "email",
    "export",
    "import",
    "report",
    "share",
    "select",
    "mask",
]
Scope = Literal["all", "own", "none"]
Record = Mapping[str, Any]

ACTION_TEXTS: Mapping[str, Text] = {
    "read": Text("查看", "read"),
    "write": Text("修改", "change"),
    "create": Text("新建", "create"),
    "delete": Text("删除", "delete"),
    "submit": Text("提交", "submit"),
    "cancel": Text("作废", "cancel"),
    "amend": Text("修订", "amend"),
    "print": Text("打印", "print"),
    "email": Text("发送", "e-mail"),
    "export": Text("导出", "export"),
    "import": Text("导入", "import"),
    "report": Text("统计", "report on"),
    "share": Text("共享", "share"),
    "select": Text("选用", "choose"),
    "mask": Text("查看完整内容", "see in full"),
}
# Who may read may also choose a record in a link field; who may change a level may fill it in when creating.
_IMPLIED_AT_BASE: Mapping[str, tuple[str, ...]] = {"select": ("select", "read")}
_IMPLIED_ABOVE: Mapping[str, tuple[str, ...]] = {"create": ("write", "create"), "select": ("select", "read")}
ALL_LEVELS = frozenset(range(10))  # Frappe knows permlevels 0 to 9


class Permissions:
    """Answers for one model. Answers are remembered per object, so make one per request or save and let it go."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._memo: dict[tuple[frozenset[str], bool, str, str], tuple[DocPerm, ...]] = {}
        self._of_all: dict[tuple[int, str, str], tuple[User, frozenset[int]]] = {}  # by the user, who stays, and so the id

    def may(self, user: User, action: str, doctype: str, record: Record | None = None) -> bool:
        """Whether the user may do this to this record; without a record, whether to any at all."""
        if user.is_administrator:
            return doctype in self._model
        found = self._model.get(doctype)
        if found is None:
            return False
        if found.istable:
            # A row does not say whose record it is in, so rights to one's own records do not reach it.
            parent_record: Record | None = None if record is None else {}
            return any(self.may(user, action, parent.name, parent_record) for parent in self._parents(found, record))
        if record is not None and self.beyond(user, found, record):
            return False
        by_role = any(
            row.permlevel == 0 and (not row.if_owner or _is_own(user, action, record))
            for row in self._granting(user, found, action)
        )
        return by_role or (user.enabled and self._is_shared(user, action, found, record))

    def levels(self, user: User, action: str, doctype: str, record: Record | None = None) -> frozenset[int]:
        """The permlevels whose fields the user may read (`action` read) or fill in (write, create).

        Without a record: those that hold for every record within the user's scope, so that a list never shows more.
        """
        if record is not None:
            return self._levels(user, action, doctype, record)
        key = (id(user), action, doctype)
        if key not in self._of_all:
            self._of_all[key] = (user, self._levels(user, action, doctype, None))
        return self._of_all[key][1]

    def _levels(self, user: User, action: str, doctype: str, record: Record | None) -> frozenset[int]:
        found = self._model.get(doctype)
        if found is None:
            return frozenset()
        if user.is_administrator:
            return ALL_LEVELS
        if found.istable:
            return frozenset(
                level for parent in self._parents(found, record) for level in self.levels(user, action, parent.name)
            )
        within = "read" if action == "mask" else action  # what is masked is part of what is read
        is_shared = self._is_shared(user, within, found, record)
        is_own = (
            _is_own(user, action, record)
            if record is not None
            else (self.scope(user, doctype, within) == "own" and not is_shared) or action == "create"
        )
        by_role = frozenset(row.permlevel for row in self._granting(user, found, action) if is_own or not row.if_owner)
        return by_role | {0} if is_shared and action != "mask" else by_role

    def sight(self, user: User, doctype: str, record: Record | None = None) -> Sight:
        """Which fields the user sees, and which of them masked; without a record: what holds for every record they may read."""
        if record is not None and not self.may(user, "read", doctype, record):
            return Sight()
        return Sight(self.levels(user, "read", doctype, record), self.levels(user, "mask", doctype, record))

    def scope(self, user: User, doctype: str, action: str = "read") -> Scope:
        """Which records of a DocType the user may do this to by role: all, only their own, or none. `shared` names further ones."""
        if user.is_administrator:
            return "all"
        found = self._model.get(doctype)
        if found is None:
            return "none"
        if found.istable:  # rows are reached through their records; alone they belong to nobody
            scopes = {self.scope(user, parent.name, action) for parent in self._parents(found, None)}
            return "all" if scopes == {"all"} else "none"
        granting = [row for row in self._granting(user, found, action) if row.permlevel == 0]
        if not granting:
            return "none"
        return "own" if all(row.if_owner for row in granting) else "all"

    def shared(self, user: User, doctype: str, action: str = "read") -> frozenset[str]:
        """The records that others opened to this user for this action, beyond what roles give."""
        return frozenset(name for name, given in user.shared.get(doctype, {}).items() if action in given)

    def _is_shared(self, user: User, action: str, doctype: DocType, record: Record | None) -> bool:
        if record is None:
            return bool(self.shared(user, doctype.name, action))
        return action in user.shared.get(doctype.name, {}).get(str(record.get("name")), ())

    def reads_all(self, user: User, doctype: str) -> bool:
        """Whether the user may read every record of a DocType, whatever stands in it."""
        found = self._model.get(doctype)
        return found is not None and self.scope(user, doctype) == "all" and not self.confined(user, found)

    def confined(self, user: User, doctype: DocType) -> list[Confine]:
        """The user permissions that concern a DocType."""
        only = {} if user.is_administrator else user.works_with(doctype.name)
        return list(confines(doctype, only)) if only else []

    def beyond(self, user: User, doctype: DocType, record: Record) -> list[Confine]:
        """The user permissions by which a record lies outside what the user works with."""
        return [confine for confine in self.confined(user, doctype) if not confine.admits(record)]

    def require_within(self, user: User, doctype: str, record: Record) -> None:
        """Raises PermissionRefused, naming the fields, when a record that is about to be saved lies outside the user's confines."""
        found = self._model[doctype]
        crossed = [confine for confine in self.beyond(user, found, record) if confine.fieldname in found.by_name]
        if crossed:
            raise PermissionRefused(
                Text("超出您的数据范围，未保存。", "This lies outside the data you work with; nothing was saved."),
                [_outside(found.by_name[confine.fieldname], record[confine.fieldname], confine) for confine in crossed],
            )

    def require(self, user: User, action: str, doctype: str, record: Record | None = None) -> None:
        """Raises PermissionRefused, naming the roles that may, unless the user may do this."""
        if not self.may(user, action, doctype, record):
            raise self._refusal(user, action, doctype, record)

    def roles_for(self, action: str, doctype: str) -> tuple[str, ...]:
        """The roles that may do this to every record of a DocType, in the order of its permissions."""
        found = self._model.get(doctype)
        if found is None:
            return ()
        owners = self._parents(found, None) if found.istable else iter((found,))
        rows = ((owner, row) for owner in owners for row in owner.permissions)
        return tuple(
            dict.fromkeys(
                row.role for owner, row in rows if row.permlevel == 0 and grants(owner, row, action) and not row.if_owner
            )
        )

    # How rows are found

    def _granting(self, user: User, doctype: DocType, action: str) -> tuple[DocPerm, ...]:
        """The rows of a DocType that grant this to one of the user's roles."""
        key = (user.roles, user.enabled, doctype.name, action)
        rows = self._memo.get(key)
        if rows is None:
            mine = (row for row in doctype.permissions if row.role in user.roles and user.enabled)
            rows = self._memo[key] = tuple(row for row in mine if grants(doctype, row, action))
        return rows

    def _parents(self, child: DocType, row: Record | None) -> Iterator[DocType]:
        """The DocTypes whose child table this is; for a row that knows its record's DocType, that one."""
        named = (row or {}).get("parenttype")
        for doctype in self._model:
            if named in (None, doctype.name) and any(item.options == child.name for item in doctype.table_fields):
                yield doctype

    # What is said

    def _refusal(self, user: User, action: str, doctype: str, record: Record | None) -> PermissionRefused:
        found = self._model.get(doctype)
        label = found.label if found is not None else Text(doctype, doctype)
        what = ACTION_TEXTS.get(action, Text(action, action))
        name = (record or {}).get("name")
        which_zh = f"{label.zh} {name}" if name else f"“{label.zh}”"
        which_en = f"{label.en} {name}" if name else f'"{label.en}"'
        own = record is not None and self.may(user, action, doctype)
        own_zh, own_en = (
            ("您只能对自己创建的记录这样做。", " You may do so only to records you made yourself.") if own else ("", "")
        )
        if found is not None and record is not None and self.beyond(user, found, record):
            return PermissionRefused(
                Text(
                    f"{which_zh}不在您的数据范围内，不能{what.zh}。如需处理，请管理员调整您的“数据范围”。",
                    f"{which_en} lies outside the data you work with; you may not {what.en} it. Ask the administrator to widen your user permissions.",
                )
            )
        roles = self.roles_for(action, doctype)
        none = Text("目前没有角色有此权限，请联系管理员。", " No role may at present; ask the administrator.")
        hint = Text("", "") if roles else none
        return PermissionRefused(
            Text(
                f"{user.full_name}({user.name})没有{what.zh}{which_zh}的权限。{own_zh}{hint.zh}",
                f"{user.full_name} ({user.name}) may not {what.en} {which_en}.{own_en}{hint.en}",
            ),
            roles=roles,
        )


def _outside(item: DocField, value: object, confine: Confine) -> Fault:
    allowed = sorted(confine.allowed)
    return Fault(
        item.fieldname,
        Text(
            f"{item.label.zh}：{value} 不在您的数据范围内，可选：{'、'.join(allowed[:10])}。",
            f"{item.label.en}: {value} lies outside the data you work with; choose one of: {', '.join(allowed[:10])}.",
        ),
    )


def grants(doctype: DocType, row: DocPerm, action: str) -> bool:
    """Whether a permission row of a DocType gives its role the right to `action`.

    A Single is always there in spirit: filling it in for the first time is a change of it.
    """
    if action == "create" and doctype.issingle:
        action = "write"
    implied = _IMPLIED_ABOVE if row.permlevel else _IMPLIED_AT_BASE
    return any(row.grants(name) for name in implied.get(action, (action,)))


def _is_own(user: User, action: str, record: Record | None) -> bool:
    """Whether `if_owner` is met: by one's own record, by some record when none is named, by one that is only being created."""
    return record is None or action == "create" or record.get("owner") == user.name
