"""Who can do what and why: the same judgement as `Permissions`, with its reasons, for an administrator who is asked "why can she not see it?"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..core.text import EMPTY, Text
from ..metadata.model import DocPerm, DocType, Model
from .confine import Confine
from .permissions import ACTION_TEXTS, Permissions, Record, grants
from .user import User


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a user has the right to one thing, and why; `obstacle` is what stands against it all the same."""

    action: str
    label: Text
    allowed: bool
    because: Text
    obstacle: Text | None = None

    def with_obstacle(self, obstacle: Text | None) -> Answer:
        return replace(self, obstacle=obstacle)

    @property
    def holds_now(self) -> bool:
        return self.allowed and self.obstacle is None


def explain(
    model: Model, user: User, doctype: DocType, record: Record | None = None, *, tells_values: bool = True,
    role_titles: Mapping[str, str] = MappingProxyType({}),
) -> list[Answer]:  # fmt: skip
    """An answer for every action: on one record, or (without one) on the DocType as a whole.

    `tells_values` False: whoever asks may not read the record, so that the reasons name its fields but not what stands in them.
    `role_titles` are what people call roles in the language of the house; in English they keep their names.
    """
    permissions = Permissions(model)
    return [
        Answer(
            action,
            label,
            permissions.may(user, action, doctype.name, record),
            _because(permissions, user, action, doctype, record, tells_values, role_titles),
        )
        for action, label in ACTION_TEXTS.items()
    ]


def hidden_fields(model: Model, user: User, doctype: DocType, record: Record | None = None) -> list[tuple[Text, int]]:
    """The fields that this user does not see: (label, permlevel)."""
    levels = Permissions(model).levels(user, "read", doctype.name, record)
    return [
        (item.label or Text(item.fieldname, item.fieldname), item.permlevel)
        for item in doctype.data_fields
        if item.permlevel not in levels
    ]


def _because(
    permissions: Permissions, user: User, action: str, doctype: DocType, record: Record | None, tells_values: bool,
    role_titles: Mapping[str, str],
) -> Text:  # fmt: skip
    if user.is_administrator:
        return Text("内置管理员不受限制", "the built-in administrator may do everything")
    if not user.enabled:
        return Text("该用户已停用", "the user is disabled")
    if record is not None and (crossed := permissions.beyond(user, doctype, record)):
        return _outside(doctype, record if tells_values else None, crossed)
    if record is not None and action in user.shared.get(doctype.name, {}).get(str(record.get("name")), ()):
        return Text("此单已共享给该用户", "the record is shared with the user")
    rows = [row for row in doctype.permissions if row.permlevel == 0 and grants(doctype, row, action)]
    held = [row for row in rows if row.role in user.roles]
    whole = [row for row in held if not row.if_owner or (record is not None and record.get("owner") == user.name)]
    if whole:
        roles = _roles(whole, role_titles)
        return Text(f"角色 {roles.zh}", f"role {roles.en}")
    if held:
        return _own_only(_roles(held, role_titles), record if tells_values else None)
    if rows:
        roles = _roles(rows, role_titles)
        return Text(f"没有授予此权限的角色（{roles.zh}）", f"has none of the roles that may ({roles.en})")
    return Text("没有任何角色有此权限", "no role may")


def _own_only(roles: Text, record: Record | None) -> Text:
    owner = (record or {}).get("owner")
    whose = Text(f"，此单由 {owner} 创建", f"; {owner} made this one") if owner else EMPTY
    return Text(
        f"角色 {roles.zh} 只限本人创建的记录{whose.zh}",
        f"role {roles.en}, for one's own records only{whose.en}",
    )


def _outside(doctype: DocType, record: Record | None, crossed: list[Confine]) -> Text:
    labels = {item.fieldname: item.label for item in doctype.fields} | {"name": Text("编号", "number")}
    is_zh, is_en = (
        {item.fieldname: "" if record is None else word.format(record[item.fieldname]) for item in crossed}
        for word in (" 为 {}，", " is {},")
    )
    said = [(labels[item.fieldname], item.fieldname, sorted(item.allowed)) for item in crossed]
    zh = "；".join(f"{label.zh}{is_zh[name]}只限 {'、'.join(allowed)}" for label, name, allowed in said)
    en = "; ".join(f"{label.en}{is_en[name]} confined to {', '.join(allowed)}" for label, name, allowed in said)
    return Text(f"不在数据范围内：{zh}", f"outside the user permissions: {en}")


def _roles(rows: list[DocPerm], titles: Mapping[str, str]) -> Text:
    names = list(dict.fromkeys(row.role for row in rows))
    return Text("、".join(titles.get(name, name) for name in names), ", ".join(names))
