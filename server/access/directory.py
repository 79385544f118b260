"""Users and their roles, read from the records of DocTypes User and Has Role.

Nothing is kept between calls: a role that is taken away, or a user who is disabled, counts from the next request on.
"""

from __future__ import annotations

from sqlalchemy import Connection, and_, bindparam, column, select, table

from ..core.text import language_of
from ..storage.tables import table_name
from . import shares, user_permissions
from .user import ADMINISTRATOR, EVERYBODY, User

# Plain names, not `storage.record_table`: whose request it is must be known before the site's metadata is.
_user = table(table_name("User"), *map(column, ("name", "full_name", "enabled", "department", "language")))
_has_role = table(table_name("Has Role"), *map(column, ("parent", "parenttype", "parentfield", "role")))
_is_held = and_(_has_role.c.parent == _user.c.name, _has_role.c.parenttype == "User", _has_role.c.parentfield == "roles")
_BY_NAME = (
    select(*_user.c, _has_role.c.role)
    .select_from(_user.outerjoin(_has_role, _is_held))
    .where(_user.c.name == bindparam("user"))
)


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
    rows = connection.execute(_BY_NAME, {"user": name}).all()
    if not rows:
        return None
    first = rows[0]
    confined = user_permissions.of_user(connection, name)
    return User(
        name=first.name,
        full_name=first.full_name or first.name,
        roles=frozenset(row.role for row in rows if row.role),
        language=language_of(first.language),
        department=first.department,
        enabled=bool(first.enabled),
        only=confined.everywhere,
        only_in=confined.within,
        defaults=confined.defaults,
        shared=shares.with_user(connection, name),
    )
