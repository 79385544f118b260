"""Fields at a permlevel: who may see them, who may change them. Masked fields: what is left of their value, and that it never comes
back as one. Secrets (Password): sealed on their way in, never shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ..access.permissions import Permissions
from ..access.sight import Sight
from ..access.user import User
from ..access.vault import Vault
from ..core.errors import Fault, PermissionRefused
from ..core.text import Text
from ..core.values import Masked
from ..metadata.fieldtypes.password import MASK
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocField, DocType, Model
from .complete import Record

GAP = "****"  # stands for what is left out of a masked value
LONG = 11  # from this many characters on (a phone number, an account, an identity card) both ends may show
_ALWAYS = frozenset((*STANDARD_FIELDS, *CHILD_FIELDS))


def visible(model: Model, permissions: Permissions, user: User, doctype: DocType, record: Record) -> Record:
    """The record as this user may see it; of one that they may not read only what every record has."""
    return _visible(model, doctype, record, permissions.sight(user, doctype.name, record))


def visible_new(model: Model, permissions: Permissions, user: User, doctype: DocType, record: Record) -> Record:
    """A record that is only being made: what its maker may fill in is seen beside what they may read."""
    sight = permissions.sight(user, doctype.name)
    return _visible(
        model, doctype, record, replace(sight, levels=sight.levels | permissions.levels(user, "create", doctype.name))
    )


def _visible(model: Model, doctype: DocType, record: Record, sight: Sight) -> Record:
    shown = seen(doctype, record, sight)
    for item in doctype.table_fields:
        if item.fieldname in shown:
            shown[item.fieldname] = [seen(model.child(item), row, sight) for row in shown[item.fieldname] or ()]
    return shown


def seen(doctype: DocType, values: Mapping[str, Any], sight: Sight) -> Record:
    """The values of a record or a row as far as they are seen: secrets and masked fields not in full."""
    shown: Record = {}
    plain = _shown_plainly(doctype, sight)
    for name, value in values.items():
        if name in plain:
            shown[name] = value
        elif (item := doctype.by_name.get(name)) is not None and sight.sees(item):
            shown[name] = shown_value(item, value, sight)
    return shown


@lru_cache(maxsize=512)
def _shown_plainly(doctype: DocType, sight: Sight) -> frozenset[str]:
    """The names whose values are shown just as they are."""
    items = (item for item in doctype.fields if sight.sees_plainly(item) and not item.type.is_secret)
    return (_ALWAYS - doctype.by_name.keys()) | {item.fieldname for item in items}


def shown_value(item: DocField, value: Any, sight: Sight) -> Any:
    """One value as it is shown: nobody who reads a record reads its secrets, and few what is masked."""
    if value in (None, "", []):
        return value
    if item.type.is_secret:
        return MASK
    return masked(item, value) if sight.masks(item) else value


def masked(item: DocField, value: Any) -> Masked:
    """What is left of a value: the ends of a phone number, the last four of an account, the domain of a mail address."""
    text = str(value) if item.type.kind == "text" else ""
    if item.options == "Email" and "@" in text:
        return Masked(f"{text[0]}{GAP}@{text.rpartition('@')[2]}")
    if len(text) < LONG or not item.type.is_short or item.fieldtype in ("Link", "Dynamic Link", "Select"):
        return Masked(GAP)
    is_phone = item.fieldtype == "Phone" or item.options == "Phone"
    return Masked(f"{text[:3] if is_phone else ''}{GAP}{text[-4:]}")


def without_masks(model: Model, doctype: DocType, sight: Sight, sent: Mapping[str, Any]) -> Record:
    """What was sent without the masked values that only came back as they had been shown; whoever sees in full means every value."""
    found = _without_masks(doctype, sight, sent)
    for item in doctype.table_fields:
        rows = found.get(item.fieldname)
        if isinstance(rows, list) and sight.masked_fields(model.child(item)):
            found[item.fieldname] = [
                _without_masks(model.child(item), sight, row) if isinstance(row, Mapping) else row for row in rows
            ]
    return found


def _without_masks(doctype: DocType, sight: Sight, sent: Mapping[str, Any]) -> Record:
    hidden = {item.fieldname for item in sight.masked_fields(doctype)}
    return {name: value for name, value in sent.items() if not (name in hidden and isinstance(value, str) and GAP in value)}


def seal(model: Model, doctype: DocType, sent: Record, vault: Vault) -> None:
    """Seal the secrets of what was sent; a mask that comes back unchanged is no new secret."""
    _seal(doctype, sent, vault)
    for item in doctype.table_fields:
        for row in sent.get(item.fieldname) or ():
            _seal(model.child(item), row, vault)


def _seal(doctype: DocType, values: Record, vault: Vault) -> None:
    for name in doctype.secret_fields:
        if values.get(name) == MASK:
            del values[name]
        elif values.get(name):
            values[name] = vault.seal(values[name])


def refuse_forbidden(
    model: Model, permissions: Permissions, user: User, doctype: DocType, old: Record | None, blank: Record, sent: Record
) -> None:
    """Raises PermissionRefused naming every field that was changed without the right to its permlevel, and every value that was
    changed by somebody who sees it masked: they may fill it in where it is empty.

    A guess at a masked value is refused even when it is right, so that nobody finds one out by guessing.
    """
    if old is None:
        levels = permissions.levels(user, "create", doctype.name)
        faults = _beyond(model, doctype, levels, blank, sent)
    else:
        sight = permissions.sight(user, doctype.name, old)
        levels = permissions.levels(user, "write", doctype.name, old) & sight.levels  # nobody changes what they do not see
        faults = _beyond(model, doctype, levels, old, sent)
        faults += [_unseen(where, item) for where, item in _guessed(model, doctype, sight, old, sent)]
    if faults:
        text = Text(
            f"您没有修改“{doctype.label.zh}”中这些字段的权限，未保存。",
            f'You may not change these fields of "{doctype.label.en}"; nothing was saved.',
        )
        raise PermissionRefused(text, faults)


def _beyond(model: Model, doctype: DocType, levels: frozenset[int], old: Record, sent: Record) -> list[Fault]:
    """The changes of fields at other permlevels than these."""
    if model.permlevels(doctype) <= levels:
        return []
    return [_forbidden(where, item) for where, item in _changed(model, doctype, old, sent) if item.permlevel not in levels]


def _forbidden(where: str, item: DocField) -> Fault:
    return Fault(
        where,
        Text(
            f"{item.label.zh}：您没有修改此字段的权限（权限级 {item.permlevel}）。",
            f"{item.label.en}: you may not change this field (permission level {item.permlevel}).",
        ),
    )


def _unseen(where: str, item: DocField) -> Fault:
    return Fault(
        where,
        Text(
            f"{item.label.zh}：此内容对您部分隐藏，只有能查看完整内容的人可以更改。",
            f"{item.label.en}: it is shown to you masked; only who may see it in full may change it.",
        ),
    )


def _guessed(model: Model, doctype: DocType, sight: Sight, old: Record, sent: Record) -> Iterator[tuple[str, DocField]]:
    """The values that were sent for fields which hold one already and whose reader sees it masked."""
    for item in sight.masked_fields(doctype):
        if item.fieldname in sent and old.get(item.fieldname) is not None and not item.is_computed:
            yield item.fieldname, item
    for table in doctype.table_fields:
        columns = sight.masked_fields(model.child(table))
        known = {row.get("name"): row for row in old.get(table.fieldname) or ()} if columns else {}
        for index, row in enumerate(sent.get(table.fieldname) or ()):
            before = known.get(row.get("name"), {})
            for item in columns:
                if item.fieldname in row and before.get(item.fieldname) is not None and not item.is_computed:
                    yield f"{table.fieldname}[{index}].{item.fieldname}", item


def _changed(model: Model, doctype: DocType, old: Record, sent: Record) -> Iterator[tuple[str, DocField]]:
    for name, value in sent.items():
        item = doctype.by_name[name]
        if not item.type.holds_rows:
            if value != old.get(name) and not item.is_computed:
                yield name, item
            continue
        child = model.child(item)
        if item.permlevel and len(value) != len(old.get(name) or ()):
            yield name, item
        known: dict[Any, Record] = {row.get("name"): row for row in old.get(name) or ()}
        for index, row in enumerate(value):
            before = known.get(row.get("name"), {}) if row.get("name") else {}
            for column, cell in row.items():
                column_item = child.by_name.get(column)
                if column_item is None or column_item.is_computed or cell == before.get(column):
                    continue
                if not before and cell in (None, 0):
                    continue
                yield f"{name}[{index}].{column}", column_item if column_item.permlevel else item
