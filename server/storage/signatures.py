"""The book of e-signatures: written once, never changed, moved, copied or removed, whoever asks.

Signatures are numbered through the site, each carrying the hash of the one before; the site's key, which is not in the database,
seals each of them and the end of the book. Every signature is told by an entry of its record's history as well, which names it:
either without the other is found by `verify`. What a signature covers and when it is void is `documents.signed_content`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from ..core.ids import digest
from ..core.text import Text
from ..core.values import canonical
from . import audit, locks, site_state
from .system import signature as table
from .system import version as version_table
from .verification import Finding

SIGNED = "signed"  # the action of the history entry that tells a signature
END = "end_of_signatures"  # where `gj_site` keeps the last number and hash, sealed
Seal = Callable[[str], str]  # a text -> what only the holder of the site's key can make of it
Row = Mapping[str, Any]

HASHED = tuple(column.name for column in table.columns if column.name not in ("hash", "seal"))
BATCH = 500


def append(connection: Connection, told: Row, seal: Seal) -> dict[str, Any]:
    """Enter a signature (every column but number, hashes and seal); returns the whole row. Call it last in a transaction: all
    signings of a site wait for each other here."""
    locks.take(connection, "signatures")
    last = connection.execute(select(table.c.number, table.c.hash).order_by(table.c.number.desc()).limit(1)).first()
    row = {**told, "number": last.number + 1 if last else 1, "prev_hash": last.hash if last else None}
    row["hash"] = _hash(row)
    row["seal"] = seal(row["hash"])
    connection.execute(insert(table).values(row))
    site_state.put(connection, END, {"number": row["number"], "seal": seal(_end(row["number"], row["hash"]))})
    return row


def _hash(row: Row) -> str:
    return digest(canonical({name: row[name] for name in HASHED}))


def _end(number: int, last_hash: str | None) -> str:
    return f"end {number} {last_hash}"


def of_record(connection: Connection, doctype: str, name: str) -> list[dict[str, Any]]:
    """The signatures of a record, the first one first; those before its DocType was renamed too, those of an earlier record of
    that name not."""
    kinds = [doctype, *(old for old, _ in _former(connection, doctype))]
    asked = select(table).where(table.c.doctype.in_(kinds), table.c.name == name).order_by(table.c.number)
    found = [dict(row) for row in connection.execute(asked).mappings()]
    if not found:
        return []
    links = {entry["hash"] for entry in _this_life(audit.history(connection, doctype, name))}
    return [row for row in found if row["link"] in links]


def _former(connection: Connection, doctype: str) -> Iterator[tuple[str, str]]:
    """What the DocType was called before."""
    former = site_state.former_names(connection)
    wanted = {doctype}
    while more := [(old, new) for old, new in former.items() if new in wanted and old not in wanted]:
        yield from more
        wanted |= {old for old, _ in more}


def _this_life(entries: Iterable[Row]) -> Iterator[Row]:
    """The entries, the newest first, back to where an earlier record of the same name was deleted."""
    for entry in entries:
        if entry["action"] == "delete":
            return
        yield entry


def listed(connection: Connection, conditions: Iterable[ColumnElement[bool]], limit: int) -> list[dict[str, Any]]:
    """Signatures of the whole site, the newest first."""
    asked = select(table).where(*conditions).order_by(table.c.number.desc()).limit(limit)
    return [dict(row) for row in connection.execute(asked).mappings()]


def get(connection: Connection, signature_id: str) -> dict[str, Any] | None:
    row = connection.execute(select(table).where(table.c.id == signature_id)).mappings().first()
    return dict(row) if row else None


# Verifying


def verify(connection: Connection, seal: Seal) -> Iterator[Finding]:
    """Everything about signatures that was changed behind the program's back."""
    number, before = 0, None
    while rows := _portion(connection, number):
        told = _entries(connection, [row["link"] for row in rows])
        for row in rows:
            yield from _faults(row, number + 1, before, told.get(row["link"]), seal)
            number, before = row["number"], row["hash"]
    yield from _end_faults(connection, number, before, seal)
    yield from _without_signature(connection)


def _portion(connection: Connection, after: int) -> list[dict[str, Any]]:
    asked = select(table).where(table.c.number > after).order_by(table.c.number).limit(BATCH)
    return [dict(row) for row in connection.execute(asked).mappings()]


def _entries(connection: Connection, links: list[str]) -> dict[str, Row]:
    asked = select(version_table).where(version_table.c.hash.in_(links), version_table.c.action == SIGNED)
    return {row["hash"]: dict(row) for row in connection.execute(asked).mappings()}


def _faults(row: Row, expected: int, before: str | None, told: Row | None, seal: Seal) -> Iterator[Finding]:
    if row["number"] != expected:
        yield _finding(row, f"缺少第 {expected} 号签名，它已被删除", f"signature {expected} is missing; it was removed")
    elif row["prev_hash"] != before:
        yield _finding(row, "与前一号签名不相连，前一号已被替换", "it does not continue the one before it, which was replaced")
    if _hash(row) != row["hash"]:
        yield _finding(row, "签名的内容已被更改", "the signature was edited")
    elif seal(row["hash"]) != row["seal"]:
        yield _finding(row, "签名不是本站点所签（封印不符）", "the signature was not made by this site (its seal is wrong)")
    if not _is_told(row, told):
        yield _finding(
            row,
            "单据的历史中没有这次签名，签名是移入、复制或伪造的",
            "the record's history does not tell of it; it was moved, copied or forged",
        )


def _is_told(row: Row, told: Row | None) -> bool:
    """Whether the history entry that a signature names says the same."""
    if told is None or any(told[name] != row[name] for name in ("doctype", "name", "seq")) or told["by"] != row["signer"]:
        return False
    return any(
        change.get("signature") == row["id"] and change.get("content_hash") == row["content_hash"]
        for change in json.loads(told["changes"] or "[]")
    )


def _end_faults(connection: Connection, number: int, last_hash: str | None, seal: Seal) -> Iterator[Finding]:
    end = site_state.get(connection, END)
    if end is None and number == 0:
        return
    if end is None or end.get("number") != number or end.get("seal") != seal(_end(number, last_hash)):
        kept = (end or {}).get("number") or 0
        yield Finding("", "", None, Text(
            f"电子签名簿：末尾应为第 {kept} 号，现为第 {number} 号，末尾的签名已被删除或添加。",
            f"The book of e-signatures should end with number {kept} and ends with {number}: signatures were removed or added there.",
        ))  # fmt: skip


def _without_signature(connection: Connection) -> Iterator[Finding]:
    known = select(table.c.id).where(table.c.link == version_table.c.hash)
    asked = select(version_table).where(version_table.c.action == SIGNED, ~known.exists()).order_by(version_table.c.id)
    for row in connection.execute(asked).mappings():
        where = f"{row['doctype']} {row['name']}"
        yield Finding(row["doctype"], row["name"], row["version"], Text(
            f"{where} 第 {row['version']} 版：{row['by']} 的电子签名已被删除。",
            f"{where} version {row['version']}: the e-signature of {row['by']} was removed.",
        ))  # fmt: skip


def _finding(row: Row, zh: str, en: str) -> Finding:
    where = f"{row['doctype']} {row['name']}"
    return Finding(row["doctype"], row["name"], row["version"], Text(
        f"{where}：第 {row['number']} 号电子签名（{row['full_name']}）：{zh}。",
        f"{where}: e-signature {row['number']} ({row['full_name']}): {en}.",
    ))  # fmt: skip
