"""What must hold of the records of User beyond what their DocType says: a login that can be typed, somebody who administers.

The save path asks here for every change of a user, whether it comes from a form, REST, the console or a rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, column, select, table

from ..core.text import Text
from ..storage import locks
from ..storage.system import session, version
from ..storage.tables import table_name
from .user import ADMINISTRATOR, SYSTEM_MANAGER

LOGIN = re.compile(r"[^\W_][\w.@-]{0,139}\Z")
ONE_AT_A_TIME = "last manager"  # two administrators who disable each other at the same moment: the second one sees the first

_user = table(table_name("User"), column("name"), column("enabled"))
_has_role = table(table_name("Has Role"), *map(column, ("parent", "parenttype", "role")))


def login_fault(login: str) -> Text | None:
    """What is wrong with a login for a new user; None when it may be used."""
    if login.casefold() == ADMINISTRATOR.casefold():
        return Text(
            f"“{login}”是内置管理员的名字，请另选登录名。",
            f'"{login}" is the name of the built-in administrator; choose another login.',
        )
    if LOGIN.match(login):
        return None
    return Text(
        f"登录名“{login[:140]}”只能由 1 到 140 个字母、汉字、数字和 . _ - @ 组成，且以字母、汉字或数字开头。",
        f'The login "{login[:140]}" may have 1 to 140 letters, digits and . _ - @, beginning with a letter or digit.',
    )


def last_manager_fault(
    connection: Connection, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Text | None:
    """Why this change of a user (`after` is None: its deletion) would leave the site without an administrator; None when not."""
    if before is None or not _administers(before) or (after is not None and _administers(after)):
        return None
    locks.take(connection, ONE_AT_A_TIME)
    others = select(_user.c.name).where(_user.c.enabled == 1, _user.c.name != before["name"])
    managers = select(_has_role.c.parent).where(_has_role.c.parenttype == "User", _has_role.c.role == SYSTEM_MANAGER)
    if connection.execute(others.where(_user.c.name.in_(managers)).limit(1)).first() is not None:
        return None
    login = before["name"]
    return Text(
        f"{login} 是最后一名具有角色 {SYSTEM_MANAGER} 的启用用户，不能停用、删除或取消该角色，否则无人能管理站点。"
        "请先把该角色授予另一名启用的用户。",
        f"{login} is the last enabled user with the role {SYSTEM_MANAGER} and cannot be disabled, deleted or lose the role: nobody "
        "could administer the site. Give the role to another enabled user first.",
    )


def acted_fault(connection: Connection, login: str) -> Text | None:
    """Why this user cannot be deleted: what they did stays on record under their name, which nobody else may get (21 CFR 11.100,
    11.300); None for one who never did anything."""
    did = select(version.c.id).where(version.c.by == login).limit(1)
    came = select(session.c.user).where(session.c.user == login).limit(1)
    if connection.execute(did).first() is None and connection.execute(came).first() is None:
        return None
    return Text(
        f"{login} 已登录或处理过单据，不能删除：其姓名须与所做的事一并保存，登录名不得再给他人。请停用。",
        f"{login} has signed in or done something and cannot be deleted: what was done stays on record, and the login is nobody else's. Disable the user instead.",
    )


def _administers(record: Mapping[str, Any]) -> bool:
    return bool(record.get("enabled")) and any(row.get("role") == SYSTEM_MANAGER for row in record.get("roles") or ())
