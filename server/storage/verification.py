"""Verifying the audit chain: every link of every record, then every record against its last link.

Reads only, in batches, so that a site of any size is verified with little memory. What the tables no longer hold in the shape
of an old version (a field that was dropped for good) cannot be compared and is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Select, Table, select

from ..core.text import Text
from ..metadata.model import STANDARD_FIELDS, DocType, Model
from . import site_state
from .schema import Schema, TableSpec, recorded_schema
from .shapes import Columns, Shape, hash_content, kept_shapes, shape_of
from .system import version as table
from .tables import STANDARD_KINDS, record_table
from .types import column_type

BATCH = 500
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit: at which record, at which version, and what."""

    doctype: str
    name: str
    version: int | None
    text: Text


def verify(
    connection: Connection, model: Model, link_hash: Callable[[Row], str], read: Callable[[int], object]
) -> Iterator[Finding]:
    """All findings, record by record; nothing is written. `read` is told how many more links have been read."""
    comparison = _Comparison(connection, model)
    batch: list[Row] = []
    for links in _chains(connection):
        read(len(links))
        yield from _broken_links(links, link_hash)
        last = links[-1]
        if batch and (batch[0]["doctype"] != last["doctype"] or len(batch) >= BATCH):
            yield from comparison.compare(batch)
            batch = []
        batch.append(last)
    if batch:
        yield from comparison.compare(batch)
    yield from _without_versions(connection, model)


def _chains(connection: Connection) -> Iterator[list[Row]]:
    """The links of one record after another, in order; read in portions by key."""
    at: tuple[str, str, int] | None = None
    links: list[Row] = []
    while True:
        asked = select(table).order_by(table.c.doctype, table.c.name, table.c.seq).limit(BATCH * 4)
        if at is not None:
            asked = asked.where(_beyond(at))
        rows = connection.execute(asked).mappings().all()
        for row in rows:
            if links and (row["doctype"], row["name"]) != (links[0]["doctype"], links[0]["name"]):
                yield links
                links = []
            links.append(dict(row))
        if not rows:
            break
        at = (rows[-1]["doctype"], rows[-1]["name"], rows[-1]["seq"])
    if links:
        yield links


def _beyond(at: tuple[str, str, int]) -> Any:
    doctype, name, seq = at
    later_seq = (table.c.doctype == doctype) & (table.c.name == name) & (table.c.seq > seq)
    return (table.c.doctype > doctype) | ((table.c.doctype == doctype) & (table.c.name > name)) | later_seq


def _broken_links(links: list[Row], link_hash: Callable[[Row], str]) -> Iterator[Finding]:
    expected, before = 1, None
    for row in links:
        if row["seq"] != expected:
            yield _finding(
                row, f"缺少第 {expected} 条历史记录，它已被删除", f"history entry {expected} is missing; it was deleted"
            )
        elif row["prev_hash"] != before:
            yield _finding(
                row,
                "历史记录与前一条不相连，前一条已被替换",
                "the history entry does not continue the one before it, which was replaced",
            )
        if link_hash(row) != row["hash"]:
            yield _finding(row, "历史记录的内容已被更改", "the history entry was edited")
        expected, before = row["seq"] + 1, row["hash"]


def _finding(row: Row, zh: str, en: str) -> Finding:
    where_zh, where_en = (
        f"{row['doctype']} {row['name']} 第 {row['version']} 版",
        f"{row['doctype']} {row['name']} version {row['version']}",
    )
    return Finding(row["doctype"], row["name"], row["version"], Text(f"{where_zh}：{zh}。", f"{where_en}: {en}."))


class _Comparison:
    """Compares records as they are now with the content hash of their last link."""

    def __init__(self, connection: Connection, model: Model) -> None:
        self._connection = connection
        self._model = model
        self._shapes = kept_shapes(connection)
        self._schema = recorded_schema(connection)
        self._former = site_state.former_names(connection)

    def compare(self, links: list[Row]) -> Iterator[Finding]:
        """Each of these last links, all of one DocType, against its record."""
        doctype = self._model.get(links[0]["doctype"])
        if doctype is None or not is_tracked(doctype):
            return
        current, shape = shape_of(self._model, doctype)
        shapes = self._shapes | {current: shape}
        by_shape: dict[str | None, list[Row]] = {}
        for row in links:
            by_shape.setdefault((row["content_hash"] or "").partition(":")[0] or None, []).append(row)
        for key, rows in by_shape.items():
            if key is None:
                yield from self._deleted(doctype, rows)
            elif key in shapes:
                yield from self._same_content(doctype, shapes[key], rows)

    def _deleted(self, doctype: DocType, links: list[Row]) -> Iterator[Finding]:
        names = [row["name"] for row in links]
        column = record_table(doctype).c.name
        there = set(self._connection.execute(select(column).where(column.in_(names))).scalars())
        for row in links:
            if row["name"] in there:
                yield _finding(
                    row, "按历史该单据已删除，数据库中却存在", "the history says that the record was deleted, yet it is there"
                )

    def _same_content(self, doctype: DocType, shape: Shape, links: list[Row]) -> Iterator[Finding]:
        reader = _ShapeReader(self._connection, self._schema, self._former, shape)
        if not reader.is_complete:
            return
        found = reader.read([row["name"] for row in links])
        for row in links:
            record = found.get(row["name"])
            if record is None:
                yield _finding(row, "单据已绕过程序被删除", "the record was deleted behind the program's back")
                continue
            if not _is_same(shape, record, row["content_hash"]):
                yield _finding(
                    row,
                    f"单据现有内容（第 {record['version']} 版）与历史不符，已绕过程序被更改",
                    f"the record as it is now (version {record['version']}) is not what its history says; it was changed behind the program's back",
                )


def _is_same(shape: Shape, record: Row, content_hash: str) -> bool:
    try:
        return hash_content(shape, record) == content_hash.partition(":")[2]
    except (ValueError, TypeError, ArithmeticError):  # a value that its kind cannot hold was put in
        return False


def is_tracked(doctype: DocType) -> bool:
    """Whether every save of the DocType appends to the chain."""
    return not doctype.istable and (doctype.track_changes or doctype.is_submittable)


def _without_versions(connection: Connection, model: Model) -> Iterator[Finding]:
    for doctype in model:
        if not is_tracked(doctype):
            continue
        name = record_table(doctype).c.name
        chained = select(table.c.name).where(table.c.doctype == doctype.name, table.c.name == name)
        for found in connection.execute(select(name).where(~chained.exists()).order_by(name)).scalars():
            text = Text(
                f"{doctype.name} {found}：没有任何历史记录，它是绕过程序写入的，或其历史已被删除。",
                f"{doctype.name} {found}: has no history; it was written behind the program's back, or its history was deleted.",
            )
            yield Finding(doctype.name, found, None, text)


class _ShapeReader:
    """Reads records with the columns that a shape had, archived ones included."""

    def __init__(self, connection: Connection, schema: Schema, former: Mapping[str, str], shape: Shape) -> None:
        self._connection = connection
        self._shape = shape
        self._head = _shaped_table(schema, former, shape.doctype, shape.fields, STANDARD_FIELDS)
        standard = ("name", "parent", "parenttype", "parentfield", "idx")
        self._rows = {name: _shaped_table(schema, former, child, columns, standard) for name, child, columns in shape.tables}

    @property
    def is_complete(self) -> bool:
        return self._head is not None and all(item is not None for item in self._rows.values())

    def read(self, names: list[str]) -> dict[str, dict[str, Any]]:
        assert self._head is not None
        asked = _named(self._head).where(self._head.c.name.in_(names))
        found = {row["name"]: dict(row) for row in self._connection.execute(asked).mappings()}
        for fieldname, child in self._rows.items():
            assert child is not None
            mine = (child.c.parent.in_(names), child.c.parenttype == self._shape.doctype, child.c.parentfield == fieldname)
            for row in self._connection.execute(_named(child).where(*mine).order_by(child.c.idx, child.c.name)).mappings():
                if row["parent"] in found:
                    found[row["parent"]].setdefault(fieldname, []).append(dict(row))
        return found


def _named(source: Table) -> Select[Any]:
    return select(*(column.label(str(column.key)) for column in source.columns))


def _shaped_table(
    schema: Schema, former: Mapping[str, str], doctype: str, columns: Columns, standard: tuple[str, ...]
) -> Table | None:
    """A table object with these fields, each from the column that holds it now; None when one is gone for good."""
    spec: TableSpec | None = schema.table_of(doctype) or schema.archived_table_of(doctype)
    if spec is None and doctype in former:
        return _shaped_table(schema, former, former[doctype], columns, standard)
    if spec is None:
        return None
    made: list[Column[Any]] = [Column(name, column_type(STANDARD_KINDS[name])) for name in standard]
    for fieldname, _ in columns:
        held = schema.column_holding(spec, fieldname)
        if held is None:
            return None
        made.append(Column(held.column, column_type(held.kind, held.places), key=fieldname))
    return Table(spec.name, MetaData(), *made)
