"""Fields at a permlevel: who may see them, who may change them. Secrets (Password): sealed on their way in, never shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from ..access.permissions import Permissions
from ..access.user import User
from ..access.vault import Vault
from ..core.errors import Fault, PermissionRefused
from ..core.text import Text
from ..metadata.fieldtypes.password import MASK
from ..metadata.model import DocField, DocType, Model
from .complete import Record


def visible(model: Model, permissions: Permissions, user: User, doctype: DocType, record: Record) -> Record:
    """The record without the fields this user may not read; child columns follow their parent's levels."""
    levels = permissions.levels(user, "read", doctype.name, record)
    shown = _shown(doctype, record, levels)
    for item in doctype.table_fields:
        if item.fieldname in shown:
            shown[item.fieldname] = [_shown(model.child(item), row, levels) for row in shown[item.fieldname] or ()]
    return shown


def _shown(doctype: DocType, values: Record, levels: Collection[int]) -> Record:
    return mask(doctype, {name: value for name, value in values.items() if _level(doctype, name) in levels})


def mask(doctype: DocType, values: Record) -> Record:
    """The values with `MASK` for every secret that is set; nobody who reads a record reads its secrets."""
    for name in doctype.secret_fields:
        if values.get(name):
            values[name] = MASK
    return values


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


def _level(doctype: DocType, fieldname: str) -> int:
    item = doctype.by_name.get(fieldname)
    return item.permlevel if item else 0


def refuse_forbidden(
    model: Model, permissions: Permissions, user: User, doctype: DocType, old: Record | None, blank: Record, sent: Record
) -> None:
    """Raises PermissionRefused naming every field that was changed without the right to its permlevel."""
    levels = permissions.levels(user, "write" if old is not None else "create", doctype.name, old)
    faults = [
        Fault(
            where,
            Text(
                f"{item.label.zh}：您没有修改此字段的权限（权限级 {item.permlevel}）。",
                f"{item.label.en}: you may not change this field (permission level {item.permlevel}).",
            ),
        )
        for where, item in _changed(model, doctype, old if old is not None else blank, sent)
        if item.permlevel not in levels
    ]
    if faults:
        text = Text(
            f"您没有修改“{doctype.label.zh}”中这些字段的权限，未保存。",
            f'You may not change these fields of "{doctype.label.en}"; nothing was saved.',
        )
        raise PermissionRefused(text, faults)


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
