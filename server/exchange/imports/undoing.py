"""Undo of an import: what it made is deleted or cancelled, what it changed gets its former values, last row first.

Only where nothing was changed since; what could not be undone is told with the reason, and stays. Each record is a change like any other,
with the rights of whoever undoes.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from ...access.user import User
from ...core.errors import GuijuError, NotFound, StorageUnavailable
from ...core.text import Text
from ...documents.queries import QueryService
from ...documents.service import DocumentService
from ...metadata.model import CANCELLED, DRAFT
from . import book
from .book import DataImport, LoggedRow
from .entries import CellFault


def undo_row(documents: DocumentService, queries: QueryService, user: User, found: DataImport, row: LoggedRow) -> LoggedRow:
    """The row as it stands afterwards: undone, or kept with the reason."""
    name, doctype = str(row.name), found.doctype
    try:
        record = documents.load(user, doctype, name)
    except NotFound:
        if new := queries.renamed_to(user, doctype, name):
            return _kept(
                row,
                Text(
                    f"{name} 导入之后改名为 {new}，保留现状。", f"{name} was renamed {new} after the import; it stays as it is."
                ),
            )
        if row.state == "created":
            return row.told("undone")
        return _kept(row, Text(f"{name} 已被删除。", f"{name} was deleted."))
    except StorageUnavailable:
        raise
    except GuijuError as error:
        return _kept(row, error.text)
    if record["docstatus"] == CANCELLED and row.state == "created":
        return row.told("undone")
    if record["version"] != row.version:
        text = Text(f"{name} 导入之后又被改过，保留现状。", f"{name} was changed after the import; it stays as it is.")
        return _kept(row, text)
    reason = Text(f"撤销数据导入 {found.id}", f"data import {found.id} undone").kept()
    try:
        if row.state == "changed":
            documents.put_back(
                user, doctype, name, row.before or {}, version=row.version, reason=reason, also=_undone(found, row)
            )
        elif record["docstatus"] == DRAFT:
            documents.delete(user, doctype, name)
        else:
            documents.cancel(user, doctype, name, version=row.version, reason=reason)
    except StorageUnavailable:
        raise
    except GuijuError as error:
        return _kept(row, *(fault.text for fault in error.faults), first=error.text)
    return row.told("undone")


def _undone(found: DataImport, row: LoggedRow) -> Callable[[Connection], None]:
    """Notes in the transaction that puts values back that they are back: an undo that is repeated must not take that for somebody's change."""
    return lambda connection: book.settle(connection, found.id, row.told("undone"))


def _kept(row: LoggedRow, *texts: Text, first: Text | None = None) -> LoggedRow:
    said = [text for text in (first, *texts) if text is not None]
    return row.told("kept", [CellFault(row.number, None, "", text).to_json() for text in said])
