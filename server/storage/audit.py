"""The audit chain: append-only versions of every record, each carrying the hash of the one before.

A chain per record, not one per site: that would make all saves wait for each other. What is verified and how stands in
`verification`; what a content hash covers in `shapes`. Database triggers refuse UPDATE and DELETE on these tables.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from ..core.errors import StorageUnavailable
from ..core.ids import digest
from ..core.text import Text
from ..core.values import canonical_without_floats
from ..metadata.model import DocType, Model
from . import locks, mariadb
from .gathering import kept_for_block
from .installation import append_only_triggers
from .shapes import hash_content, shape_of
from .system import APPEND_ONLY
from .system import site as site_table
from .system import trace as trace_table
from .system import version as table
from .types import dump_json
from .verification import Finding
from .verification import verify as _verify

HASHED = (
    "doctype",
    "name",
    "seq",
    "version",
    "action",
    "by",
    "at",
    "changes",
    "content_hash",
    "reason",
    "trace_id",
    "prev_hash",
)
DOCTYPE_CHANGED = "doctype"  # the field of such a change when the DocType was renamed
RENAMED = "rename"  # the action of the last version under an old name and of the first under the new one


@dataclass
class _Pending:
    """What a gathered transaction has still to write: first entries of chains, and traces."""

    starts: list[dict[str, Any]] = field(default_factory=list)
    traces: list[dict[str, Any]] = field(default_factory=list)


_PENDING = "guiju audit"
_LOOKED_UP = 500


@contextmanager
def gathered(connection: Connection) -> Iterator[None]:
    """Within the block traces and the first entries of new records wait for each other and are written together: three statements for all of
    them instead of three for each.

    Whoever reads a history on this connection, or goes on with a chain, has them written first. Not for blocks that roll back to a
    savepoint: what was written within it would be lost.
    """
    with kept_for_block(connection, _PENDING, _Pending(), _write_pending):
        yield


def _write_pending(connection: Connection) -> None:
    pending: _Pending | None = connection.info.get(_PENDING)
    if pending is None:
        return
    starts, pending.starts = pending.starts, []
    traces, pending.traces = pending.traces, []
    for doctype in dict.fromkeys(told["doctype"] for told in starts):
        mine = [told for told in starts if told["doctype"] == doctype]
        for some in (mine[at : at + _LOOKED_UP] for at in range(0, len(mine), _LOOKED_UP)):
            lasts = _last_links(
                connection, doctype, [told["name"] for told in some]
            )  # a name that was given up has a chain already
            connection.execute(_APPEND, [_link(lasts.get(told["name"]), told) for told in some])
    if traces:
        connection.execute(_APPEND_TRACE, traces)


def start_chain(connection: Connection, **told: Any) -> None:
    """`append_version` for a record that is new in this transaction: it may wait for others (`gathered`)."""
    pending: _Pending | None = connection.info.get(_PENDING)
    if pending is None:
        append_version(connection, **told)
        return
    changes = dump_json(list(told["changes"]))
    pending.starts.append({"reason": None, "trace_id": None, **told, "changes": changes})


def append_version(
    connection: Connection,
    *,
    doctype: str,
    name: str,
    version: int,
    action: str,
    by: str,
    at: datetime,
    changes: Iterable[Mapping[str, Any]],
    content_hash: str | None,
    reason: str | None = None,
    trace_id: str | None = None,
) -> str:
    """Append to the record's chain; returns the hash of the new link. Decisions about a record are links of it too."""
    _write_pending(connection)
    _one_at_a_time(connection, doctype, name)
    last = connection.execute(_LAST_LINK, {"the_doctype": doctype, "the_name": name}).first()
    row = _link(last, {
        "doctype": doctype, "name": name, "version": version, "action": action, "by": by, "at": at, "changes": dump_json(list(changes)),
        "content_hash": content_hash, "reason": reason, "trace_id": trace_id,
    })  # fmt: skip
    connection.execute(_APPEND, row)
    return str(row["hash"])


def seq_of(connection: Connection, doctype: str, name: str, link: str) -> int:
    """The place of a link in its record's chain."""
    _write_pending(connection)
    mine = (table.c.doctype == doctype, table.c.name == name, table.c.hash == link)
    return int(connection.execute(select(table.c.seq).where(*mine)).scalar_one())


def _link(last: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    """The link that follows `last` (None: the first one)."""
    row = {**told, "seq": last.seq + 1 if last else 1, "prev_hash": last.hash if last else None}
    return row | {"hash": link_hash(row)}


# Made once: every save runs them.
_OF_RECORD = (table.c.doctype == bindparam("the_doctype"), table.c.name == bindparam("the_name"))
_LAST_LINK = select(table.c.seq, table.c.hash).where(*_OF_RECORD).order_by(table.c.seq.desc()).limit(1)
_APPEND, _APPEND_TRACE = insert(table), insert(trace_table)


def _one_at_a_time(connection: Connection, doctype: str, name: str) -> None:
    """Two transactions never append to one chain at once."""
    locks.take(connection, f"chain\n{doctype}\n{name}")


def link_hash(row: Mapping[str, Any]) -> str:
    """The hash of one link over everything it says, the hash of the one before included."""
    return digest(canonical_without_floats({key: row[key] for key in HASHED}))


def content_hash(record: Mapping[str, Any], model: Model, doctype: DocType) -> str:
    """`<shape>:<hash>` over all filled fields and rows of a record as stored."""
    key, shape = shape_of(model, doctype)
    return f"{key}:{hash_content(shape, record)}"


def history(connection: Connection, doctype: str, name: str, newest: int | None = None) -> list[dict[str, Any]]:
    """The versions of a record, the newest first (only so many of them with `newest`); of one that was renamed, itself or its
    DocType, also those before."""
    _write_pending(connection)
    entries: list[dict[str, Any]] = []
    before: tuple[str, str, int] | None = (doctype, name, 0)
    while before is not None and (newest is None or len(entries) < newest):
        life = _life(connection, *before, newest if newest is None else newest - len(entries))
        entries += life
        came = life and _other_side(life[-1], "new", before[0], before[1])
        before = (*came, life[-1]["version"]) if came else None
    return entries


def _life(connection: Connection, doctype: str, name: str, until: int, newest: int | None) -> list[dict[str, Any]]:
    """The versions of one record under one name: another may have had the name before and given it up. `until` is the version
    by which it left the name itself (0: it has it still); no more than the `newest` of them."""
    asked = select(table).where(table.c.doctype == doctype, table.c.name == name).order_by(table.c.seq.desc())
    if newest is not None and not until:  # where it left the name is not known before it is read
        asked = asked.limit(newest)
    found = ({**row, "changes": json.loads(row["changes"] or "[]")} for row in connection.execute(asked).mappings())
    if until:
        next((entry for entry in found if entry["version"] == until and _other_side(entry, "old", doctype, name)), None)
    life = []
    for entry in found:
        if _other_side(entry, "old", doctype, name):
            break
        life.append(entry)
        if _other_side(entry, "new", doctype, name) or len(life) == newest:
            break
    return life


def renamed_to(connection: Connection, doctype: str, name: str) -> str | None:
    """The name that a record has now which once was called this; None when the name was never given up."""
    asked = select(table.c.changes).where(
        table.c.doctype == doctype, table.c.action == RENAMED, table.c.name == bindparam("called")
    )
    asked = asked.order_by(table.c.seq.desc()).limit(1)
    seen = {name}
    while True:
        changes = connection.execute(asked, {"called": name}).scalar()
        change = json.loads(changes)[0] if changes else None
        if change is None or change["field"] != "name" or change["new"] in seen:
            return name if len(seen) > 1 else None
        name = change["new"]
        seen.add(name)


def _other_side(entry: Mapping[str, Any], side: str, doctype: str, name: str) -> tuple[str, str] | None:
    """(DocType, name) on the other side of the renaming that an entry tells, when these two are its old or new side."""
    change = entry["changes"][0] if entry["action"] == RENAMED and entry["changes"] else {}
    other = "old" if side == "new" else "new"
    if change.get("field") == "name" and change[side] == name:
        return doctype, str(change[other])
    if change.get("field") == DOCTYPE_CHANGED and change[side] == doctype:
        return str(change[other]), name
    return None


def follow_doctype(
    connection: Connection, model: Model, old: str, doctype: DocType, found: Iterable[Mapping[str, Any]], by: str, at: datetime
) -> None:
    """The chains of these records go on under the new name of their DocType: each old one says where to, each new one whence.

    For a publication, while nobody saves.
    """
    change = dump_json([{"field": DOCTYPE_CHANGED, "old": old, "new": doctype.name}])
    told = {"action": RENAMED, "by": by, "at": at, "changes": change, "reason": None, "trace_id": None}
    listed = list(found)
    for kind, is_new in ((old, False), (doctype.name, True)):
        lasts = _last_links(connection, kind, [record["name"] for record in listed])
        rows = [
            _link(lasts.get(record["name"]), {
                **told, "doctype": kind, "name": record["name"], "version": record["version"],
                "content_hash": content_hash(record, model, doctype) if is_new else None,
            })
            for record in listed
        ]  # fmt: skip
        if rows:
            connection.execute(_APPEND, rows)


def _last_links(connection: Connection, doctype: str, names: list[str]) -> dict[str, Any]:
    mine = (table.c.doctype == doctype, table.c.name.in_(names))
    latest = select(table.c.name, func.max(table.c.seq).label("seq")).where(*mine).group_by(table.c.name).subquery()
    same = (table.c.doctype == doctype) & (table.c.name == latest.c.name) & (table.c.seq == latest.c.seq)
    return {row.name: row for row in connection.execute(select(table.c.name, table.c.seq, table.c.hash).join(latest, same))}


def touched_by(connection: Connection, user: str, limit: int) -> list[tuple[str, str, datetime]]:
    """(DocType, name, when) of the records a user changed, the latest first, each once."""
    latest = func.max(table.c.at)
    asked = select(table.c.doctype, table.c.name, latest).where(table.c.by == user).group_by(table.c.doctype, table.c.name)
    return [(row[0], row[1], row[2]) for row in connection.execute(asked.order_by(latest.desc()).limit(limit))]


def append_trace(
    connection: Connection,
    trace_id: str,
    *,
    doctype: str,
    name: str,
    version: int,
    at: datetime,
    trace: Mapping[str, Any],
    spoke: Iterable[str],
) -> None:
    """Keep the rule trace of one save. `spoke` names the rules that are counted as having spoken at it."""
    told = "\n".join(sorted(set(spoke)))
    values = {"id": trace_id, "doctype": doctype, "name": name, "version": version, "at": at, "spoke": told, "trace": trace}
    pending: _Pending | None = connection.info.get(_PENDING)
    if pending is not None:
        pending.traces.append(values)
    else:
        connection.execute(_APPEND_TRACE, values)


def times_spoken(connection: Connection, since: datetime) -> Counter[str]:
    """At how many saves each rule matched, from a moment on. Saves at which the same rules matched are one row of the answer."""
    asked = select(trace_table.c.spoke, func.count()).where(trace_table.c.at >= since).group_by(trace_table.c.spoke)
    found: Counter[str] = Counter()
    for spoke, times in connection.execute(asked):
        found.update(dict.fromkeys((spoke or "").split("\n"), times))
    found.pop("", None)
    return found


def last_trace(connection: Connection, doctype: str, name: str, version: int | None = None) -> dict[str, Any] | None:
    """The rule trace of the record's last save that has one, or of the save that made `version`."""
    _write_pending(connection)
    asked = select(trace_table.c.trace).where(trace_table.c.doctype == doctype, trace_table.c.name == name)
    if version is not None:
        asked = asked.where(trace_table.c.version == version)
    row = connection.execute(asked.order_by(trace_table.c.version.desc(), trace_table.c.at.desc()).limit(1)).first()
    return None if row is None else row.trace


def number_of_entries(connection: Connection) -> int:
    """How many entries the history has, of all records."""
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def verify(connection: Connection, model: Model, read: Callable[[int], object] | None = None) -> Iterator[Finding]:
    """Everything that was changed behind the program's back: versions edited or removed, records edited, added or removed.

    `read` is told how many more entries of the history have been read.
    """
    return _verify(connection, model, link_hash, read or (lambda number: None))


def check_writable(connection: Connection) -> None:
    """Try a write and undo it; raises StorageUnavailable when the audit tables have lost their protection."""
    if connection.dialect.name == "mariadb":
        mariadb.check_server(connection)
    trial = connection.begin_nested()
    connection.execute(insert(site_table), {"key": "write trial", "value": 1})
    trial.rollback()
    bare = {item.name for item in APPEND_ONLY} - append_only_triggers(connection)
    if bare:
        names = ", ".join(sorted(bare))
        raise StorageUnavailable(
            Text(
                f"审计表 {names} 缺少防改触发器；重新启动站点即可恢复。",
                f"The audit tables {names} have lost the triggers that refuse changes; starting the site again restores them.",
            )
        )


__all__ = [
    "Finding",
    "append_trace",
    "append_version",
    "check_writable",
    "content_hash",
    "follow_doctype",
    "gathered",
    "history",
    "last_trace",
    "link_hash",
    "number_of_entries",
    "renamed_to",
    "start_chain",
    "times_spoken",
    "verify",
]
