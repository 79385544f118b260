"""Records that many changes of one transaction will ask for, read before them by one statement: where the rows of an import lead.

What is kept is known to be there and is held, so that nobody else deletes it; a record that this transaction writes is read anew.
Reading stands in `records.foresee`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

Record = dict[str, Any]
_FORESEEN = "guiju foreseen"


@contextmanager
def kept(connection: Connection) -> Iterator[None]:
    """Within the block records may be foreseen."""
    info = connection.info  # a connection that was lost meanwhile gives it out no more
    info[_FORESEEN] = {}
    try:
        yield
    finally:
        info.pop(_FORESEEN, None)


def known(connection: Connection, doctype: str) -> Mapping[str, Record]:
    """The foreseen records of a DocType by name, without child rows; not to be changed."""
    foreseen: dict[str, dict[str, Record]] = connection.info.get(_FORESEEN) or {}
    return foreseen.get(doctype) or {}


def keep(connection: Connection, doctype: str, found: Mapping[str, Record]) -> None:
    """Outside of `kept` nothing is."""
    foreseen: dict[str, dict[str, Record]] | None = connection.info.get(_FORESEEN)
    if foreseen is not None:
        foreseen.setdefault(doctype, {}).update(found)


def forget(connection: Connection, doctype: str, name: str) -> None:
    """The record is written or removed."""
    foreseen: dict[str, dict[str, Record]] | None = connection.info.get(_FORESEEN)
    if foreseen and doctype in foreseen:
        foreseen[doctype].pop(name, None)
