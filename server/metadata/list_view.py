"""List views that come with metadata: an arrangement of a list under a title, for a role or everyone.

    {"doctype": "List View", "name": "open-tickets", "document_type": "Service Ticket", "title": {"zh": "未结", "en": "Open"},
     "role": "Customer Service", "query": "f=status&o=%3D&v=Open&sort=reported_at:asc"}

Without `role` it is for everyone. `query` is that of the list's address; what a reader may not see of it is left out when it is opened.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import Fault
from ..core.text import Text, nearest
from .model import Model

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}\Z")
MAX_QUERY = 4000
PROPERTIES = ("doctype", "name", "document_type", "title", "role", "query", "module")


@dataclass(frozen=True)
class ShippedView:
    """One view, as it was published."""

    name: str
    document_type: str
    title: Text
    role: str
    query: str


def read_list_view(raw: Mapping[str, Any]) -> ShippedView:
    return ShippedView(
        str(raw["name"]), str(raw["document_type"]), Text.of(raw["title"]), str(raw.get("role") or ""), str(raw["query"])
    )


def check_list_view(raw: Any, file: str) -> list[Fault]:
    """What is wrong with the JSON of one view by itself."""
    if not isinstance(raw, Mapping):
        return [Fault(file, Text(f"{file}：应为 JSON 对象", f"{file}: expected a JSON object"))]
    found: list[Fault] = []

    def say(place: str, zh: str, en: str) -> None:
        found.append(Fault(f"{file}: {place}", Text(f"{file}: {place}：{zh}", f"{file}: {place}: {en}")))

    if not NAME.match(str(raw.get("name") or "")):
        say("name", "应为小写字母、数字、- 和 _", "expected lower-case letters, digits, - and _")
    for key in ("document_type", "query"):
        if not isinstance(raw.get(key), str) or not raw[key]:
            say(key, "必填，应为文本", "needed, as a text")
    if len(str(raw.get("query") or "")) > MAX_QUERY:
        say("query", f"最多 {MAX_QUERY} 个字符", f"at most {MAX_QUERY} characters")
    title = raw.get("title")
    is_titled = isinstance(title, str) or (isinstance(title, Mapping) and {*title} <= {"zh", "en"})
    if not title or not is_titled:
        say("title", "必填，应为文本或 {zh, en}", "needed, as a text or {zh, en}")
    for key in raw:
        if key not in PROPERTIES:
            hint = nearest(str(key), PROPERTIES)
            say(str(key), f"没有这个属性。{hint.zh}", f"there is no such property.{hint.en}")
    return found


def check_list_views(
    views: Iterable[ShippedView], model: Model, files: Mapping[str, str], roles: Collection[str]
) -> list[Fault]:
    """What is wrong with views among the metadata: the record type or role that there is not."""
    found: list[Fault] = []
    for view in views:
        file = files.get(view.name, view.name)
        doctype = model.get(view.document_type)
        if doctype is None or doctype.istable or doctype.issingle:
            hint = nearest(view.document_type, model.doctypes)
            zh, en = f"没有列表“{view.document_type}”。{hint.zh}", f'there is no list of "{view.document_type}".{hint.en}'
            found.append(Fault(f"{file}: document_type", Text(f"{file}: document_type：{zh}", f"{file}: document_type: {en}")))
        if view.role and view.role not in roles:
            hint = nearest(view.role, roles)
            zh, en = f"没有角色“{view.role}”。{hint.zh}", f'there is no role "{view.role}".{hint.en}'
            found.append(Fault(f"{file}: role", Text(f"{file}: role：{zh}", f"{file}: role: {en}")))
    return found
