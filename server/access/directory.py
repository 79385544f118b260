"""Users and their roles, read from the records of DocTypes User and Has Role.

Nothing is kept between calls: a role that is taken away, or a user who is disabled, counts from the next request on.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    column,
    literal_column,
    null,
    select,
    table,
    union_all,
)

from ..core.text import language_of
from ..storage.tables import table_name
from . import shares, user_permissions
from .user import ADMINISTRATOR, EVERYBODY, User

# Plain names, not `storage.record_table`: whose request it is must be known before the site's metadata is.
_user = table(table_name("User"), *map(column, ("name", "full_name", "enabled", "department", "language")))
_has_role = table(table_name("Has Role"), *map(column, ("parent", "parenttype", "parentfield", "role")))
_is_held = and_(_has_role.c.parent == _user.c.name, _has_role.c.parenttype == "User", _has_role.c.parentfield == "roles")
_PERSON, _ROLE, _SHARE, _PERMISSION = range(4)  # what a row of `_everything` tells
_HOLDERS = (
    select(_user.c.name)
    .select_from(_user.join(_has_role, _is_held))
    .where(_has_role.c.role == bindparam("role"), _user.c.enabled == 1)
    .order_by(_user.c.name)
    .distinct()
)
_ENABLED = select(_user.c.name).where(_user.c.enabled == 1).order_by(_user.c.name)


def holders(connection: Connection, role: str) -> list[str]:
    """The enabled users who hold a role."""
    asked = _ENABLED if role == EVERYBODY else _HOLDERS
    return list(connection.execute(asked, {} if role == EVERYBODY else {"role": role}).scalars())


def load_user(connection: Connection, name: str) -> User | None:
    """The user with the roles of this moment, disabled ones too; None when there is none of that name."""
    if name == ADMINISTRATOR:
        return User.administrator()
    told: tuple[list[Sequence[Any]], ...] = ([], [], [], [])
    for part, *values in connection.execute(_everything(user_permissions.columns(connection)), {"user": name}):
        told[part].append(values)
    if not told[_PERSON]:
        return None
    login, full_name, department, language, enabled, *_ = told[_PERSON][0]
    permissions = [
        {"allow": allow, "for_value": value, "applicable_for": scope, "is_default": default, "hide_descendants": hides}
        for allow, value, scope, _, default, hides, _ in sorted(told[_PERMISSION], key=lambda row: int(row[-1] or 0))
    ]
    confined = user_permissions.confinement(connection, permissions)
    return User(
        name=login,
        full_name=full_name or login,
        roles=frozenset(role for role, *_ in told[_ROLE] if role),
        language=language_of(language),
        department=department,
        enabled=bool(enabled),
        only=confined.everywhere,
        only_in=confined.within,
        defaults=confined.defaults,
        shared=shares.given(
            (doctype, record, writes, shares_on) for doctype, record, _, _, writes, shares_on, _ in told[_SHARE]
        ),
    )


@lru_cache
def _everything(known: tuple[str, ...]) -> CompoundSelect[Any]:
    """All that is to be known of a user, asked at once, for every request asks it: rows of which part it is, four texts, three numbers.
    `known` are the columns that user permissions have on this site."""
    user = bindparam("user", type_=Text())

    def part(number: int, texts: Sequence[Any], numbers: Sequence[Any]) -> Select[Any]:
        rest = (*[null()] * (4 - len(texts)), *numbers, *[literal_column("0")] * (3 - len(numbers)))
        return select(literal_column(str(number)), *texts, *rest)

    share, permission = shares.table.c, user_permissions.permission.c
    parts = [
        part(_PERSON, [_user.c[name] for name in ("name", "full_name", "department", "language")], [_user.c.enabled]).where(
            _user.c.name == user
        ),
        part(_ROLE, [_has_role.c.role], []).where(
            _has_role.c.parent == user, _has_role.c.parenttype == "User", _has_role.c.parentfield == "roles"
        ),
        part(_SHARE, [share.doctype, share.name], [share.may_write, share.may_share]).where(share.user == user),
    ]
    if known:
        scope, default, hides = (permission[name] if name in known else null() for name in user_permissions.FURTHER)
        parts.append(
            part(_PERMISSION, [permission.allow, permission.for_value, scope], [default, hides, permission.idx]).where(
                permission.parent == user
            )
        )
    return union_all(*parts)
