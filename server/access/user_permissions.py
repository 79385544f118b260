"""User permissions as they are kept with a user: the records that the user works with, for every DocType or for one of them.

Read at every request, so that a change counts from the next one on. A record of a tree stands for all below it, unless its row says
otherwise (`hide_descendants`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Engine, bindparam, column, select, table

from ..metadata.load import read_doctype
from ..metadata.model import DocType
from ..storage import tree
from ..storage.system import metadata
from ..storage.tables import table_name

Names = Mapping[str, frozenset[str]]
FIRST = ("allow", "for_value")
FURTHER = ("applicable_for", "is_default", "hide_descendants")  # of a site whose metadata is of this version
_TREES_KEPT = 256

permission = table(table_name("User Permission"), *map(column, ("parent", "idx", *FIRST, *FURTHER)))
_BODY = select(metadata.c.body).where(metadata.c.kind == "DocType", metadata.c.name == "User Permission")
_DIGESTS = select(metadata.c.name, metadata.c.digest).where(
    metadata.c.kind == "DocType", metadata.c.name.in_(bindparam("names", expanding=True))
)
_current: WeakSet[Engine] = WeakSet()
_trees: dict[str, DocType] = {}  # by the digest of their metadata, those that are no tree too


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a user works with: for every DocType, further for single ones, and what a new record begins with."""

    everywhere: Names = field(default_factory=dict)
    within: Mapping[str, Names] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


def confinement(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> Confinement:
    """What a user works with whose permissions are these rows of `permission`, in their order."""
    given = list(rows)
    if not given:
        return Confinement()
    trees = _trees_among(connection, {row["allow"] for row in given})
    by_scope: dict[str, dict[str, set[str]]] = {}
    defaults: dict[str, str] = {}
    for row in given:
        names = by_scope.setdefault(row["applicable_for"] or "", {}).setdefault(row["allow"], set())
        names.add(row["for_value"])
        if (found := trees.get(row["allow"])) is not None and not row["hide_descendants"]:
            names.update(_below(connection, found, row["for_value"]))
        if row["is_default"]:
            defaults.setdefault(row["allow"], row["for_value"])
    frozen = {scope: {allow: frozenset(names) for allow, names in by_allow.items()} for scope, by_allow in by_scope.items()}
    return Confinement(frozen.pop("", {}), frozen, defaults)


def columns(connection: Connection) -> tuple[str, ...]:
    """The columns there are: none on a site that was made before there were user permissions, until its metadata is published again."""
    if connection.engine in _current:
        return FIRST + FURTHER
    body = connection.execute(_BODY).scalar()
    if body is None:
        return ()
    known = {item.get("fieldname") for item in body.get("fields") or ()}
    if known >= set(FURTHER):
        _current.add(connection.engine)
    return FIRST + tuple(name for name in FURTHER if name in known)


def _trees_among(connection: Connection, names: Iterable[str]) -> dict[str, DocType]:
    """Those of the DocTypes that are trees; their metadata is read once for each version of it."""
    digests = {row.name: str(row.digest) for row in connection.execute(_DIGESTS, {"names": sorted(names)})}
    if any(digest not in _trees for digest in digests.values()):
        if len(_trees) > _TREES_KEPT:
            _trees.clear()
        bodies = select(metadata.c.digest, metadata.c.body).where(
            metadata.c.kind == "DocType", metadata.c.name.in_(sorted(digests))
        )
        _trees.update({str(row.digest): read_doctype(row.body) for row in connection.execute(bodies)})
    return {name: _trees[digest] for name, digest in digests.items() if digest in _trees and _trees[digest].parent_link}


def _below(connection: Connection, doctype: DocType, name: str) -> Iterable[Any]:
    link = doctype.parent_link
    return connection.execute(tree.below(doctype, link, name)).scalars() if link else ()
