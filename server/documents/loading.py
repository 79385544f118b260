"""One record as the store holds it, for whoever may read it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import NotFound
from ..core.text import Text
from ..metadata.model import DocType, Model
from ..storage import records
from .complete import Record


def stored(connection: Connection, model: Model, doctype: DocType, name: str) -> Record:
    """The record with its child rows. Raises NotFound."""
    record = records.load(connection, model, doctype, name)
    if record is None:
        raise not_found(doctype, name)
    return record


def readable(connection: Connection, model: Model, permissions: Permissions, user: User, doctype: DocType, name: str) -> Record:
    """The same, once the user may read it; who may read none of its kind is not told whether it is there.

    Raises NotFound, PermissionRefused.
    """
    record = records.load(connection, model, doctype, name)
    permissions.require(user, "read", doctype.name, record)
    if record is None:
        raise not_found(doctype, name)
    return record


def readable_among(connection: Connection, model: Model, user: User, about: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the records (DocType, name) that the user may read, one query per DocType."""
    permissions = Permissions(model)
    by_doctype: dict[str, set[str]] = {}
    for doctype, name in about:
        if doctype in model:
            by_doctype.setdefault(doctype, set()).add(name)
    return {
        (doctype, name)
        for doctype, names in by_doctype.items()
        for name, head in records.heads(connection, model[doctype], names).items()
        if permissions.may(user, "read", doctype, head)
    }


def not_found(doctype: DocType, name: str) -> NotFound:
    """There is no such record, in words."""
    return NotFound(
        Text(
            f"没有编号为“{name}”的{doctype.label.zh}，它可能已被删除。",
            f'There is no {doctype.label.en} "{name}"; it may have been deleted.',
        )
    )
