"""What a report on a record type may be made of, as far as its maker sees it: own fields, those behind links, columns of rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..access.permissions import Permissions
from ..access.user import User
from ..core.text import Language, Text
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocType, Model
from ..reporting.answer import shown_column
from ..reporting.model import Column
from ..reporting.paths import kind_of
from ..storage.grouping import Place

OFFERED_STANDARD = ("name", "owner", "creation", "modified", "docstatus")
SUMMABLE = ("integer", "decimal")


def reportable(model: Model, user: User) -> list[DocType]:
    """The record types on which somebody may report, by label."""
    permissions = Permissions(model)
    found = [
        item
        for item in model
        if not item.istable
        and not item.issingle
        and permissions.may(user, "report", item.name)
        and permissions.may(user, "read", item.name)
    ]
    return sorted(found, key=lambda item: item.label.to(user.language))


def field_groups(model: Model, user: User, doctype: str, language: Language) -> list[dict[str, Any]]:
    """Groups of fields: `title`, `rows` (the child table that they need, or nothing) and `fields`."""
    permissions, owner = Permissions(model), model[doctype]
    sight = permissions.sight(user, doctype)
    groups = [_group(model, user, owner, owner.label.to(language), "", language)]
    for item in owner.stored_fields:
        target = model.get(item.options or "") if item.fieldtype == "Link" else None
        if target is not None and sight.sees_plainly(item) and permissions.may(user, "read", target.name):
            title = f"{item.label.to(language)} → {target.label.to(language)}"
            groups.append(_group(model, user, target, title, f"{item.fieldname}.", language))
    for item in owner.table_fields:
        if not sight.sees(item):
            continue
        child, title = model.child(item), item.label.to(language)
        groups.append(_group(model, user, child, title, f"{item.fieldname}.", language, item.fieldname))
        for link in child.stored_fields:
            target = model.get(link.options or "") if link.fieldtype == "Link" else None
            if target is not None and permissions.may(user, "read", target.name):
                behind = f"{title} · {link.label.to(language)}"
                groups.append(
                    _group(model, user, target, behind, f"{item.fieldname}.{link.fieldname}.", language, item.fieldname)
                )
    return [group for group in groups if group["fields"]]


def _group(
    model: Model, user: User, owner: DocType, title: str, prefix: str, language: Language, rows: str = ""
) -> dict[str, Any]:
    fields = [
        {
            "path": f"{prefix}{place.fieldname}",
            "label": label.to(language),
            "kind": kind,
            "choices": choices,
        }
        for place, label, kind, choices in _places(model, user, owner, language)
    ]
    return {"title": title, "rows": rows, "fields": fields}


def _places(model: Model, user: User, owner: DocType, language: Language) -> Iterator[tuple[Place, Text, str, list[list[str]]]]:
    sight = Permissions(model).sight(user, owner.name)
    for item in owner.stored_fields:
        if item.type.kind is None or item.type.is_secret or item.hidden or not sight.sees(item):
            continue
        place = Place(owner, item.fieldname)
        choices = [[value, label.to(language)] for value, label in item.type.choices(item) if value]
        yield place, item.label, "check" if item.fieldtype == "Check" else kind_of(place), choices
    known = CHILD_FIELDS if owner.istable else STANDARD_FIELDS
    for name in OFFERED_STANDARD:
        if name in known and name not in owner.by_name and not (owner.istable and name == "name"):
            place = Place(owner, name)
            yield place, shown_column(Column(name, "value", name), place).label, kind_of(place), []
