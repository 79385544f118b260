"""Which records of other DocTypes belong to a record: those its DocType lists in `links`, then whatever else links to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy import Connection as Reading

from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import PermissionRefused
from ..core.text import EMPTY, Text
from ..metadata.beside import hidden_links, links_of
from ..metadata.model import DocType
from ..storage import query
from .ask import Ask
from .snapshot import Snapshot

COUNT_CAP = 1000


@dataclass(frozen=True, slots=True)
class Connection:
    """Records of another DocType that refer to one record: how many of them the user may read, and whether one may be made from here."""

    doctype: DocType
    fieldname: str
    number: int
    group: Text = EMPTY
    may_create: bool = False


def connections(reading: Reading, snapshot: Snapshot, user: User, doctype: DocType, name: str) -> Sequence[Connection]:
    """What is connected with the record `name`, as far as the user may read it; what `links` lists stands there also when there is none."""
    listed = {(link.doctype, link.fieldname): link.group for link in links_of(doctype)}
    linked = {
        (owner.name, item.fieldname): owner
        for owner, item in snapshot.model.links_to(doctype.name)
        if not owner.istable and item.fieldname != "amended_from"
    }
    rights, hidden = Permissions(snapshot.model), hidden_links(doctype)
    asked: list[tuple[DocType, str, ColumnElement[bool] | None]] = []
    for key in dict.fromkeys([*listed, *linked]):
        if key not in linked or key in hidden:
            continue
        owner, fieldname = linked[key], key[1]
        try:
            ask = Ask(snapshot, user, owner.name)
        except PermissionRefused:
            continue
        if fieldname not in ask.plain:  # masked for this user: how many there are would tell the value
            continue
        asked.append((owner, fieldname, ask.condition()))
    found: list[Connection] = []
    for (owner, fieldname, _), number in zip(asked, query.counts_linked(reading, asked, name, cap=COUNT_CAP), strict=True):
        key = (owner.name, fieldname)
        if number or key in listed:
            may_create = key in listed and rights.may(user, "create", owner.name) and not owner.issingle
            found.append(Connection(owner, fieldname, number, listed.get(key, EMPTY), may_create))
    return found
