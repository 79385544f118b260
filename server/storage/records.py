"""Records in their tables: a plain dict with its child rows in, the same dict out.

Works inside the caller's transaction and knows nothing of permissions or rules; everybody but the document service leaves
writing alone. Lists are `query`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Integer, Row, Select, Table, bindparam, literal_column, select, union_all
from sqlalchemy import delete as sql_delete
from sqlalchemy import update as sql_update

from ..core.errors import Fault, ValidationFailed
from ..core.ids import new_id
from ..core.text import Text
from ..metadata.model import DocType, Model
from . import foreseen, readings
from .inserting import insert_rows
from .links import referring
from .record_faults import duplicate, named_duplicates, unfit_value
from .tables import StoredColumn, record_table
from .types import convert
from .view import seen

Record = dict[str, Any]
CHUNK = 500
MAX_STATEMENTS = 100  # kept for the links of one DocType

_PLAIN_TYPES: dict[str, type] = {
    "text": str,
    "integer": int,
    "decimal": Decimal,
    "date": date,
    "datetime": datetime,
    "time": time,
    "json": dict,
}
_COUNTED = ("docstatus", "version", "idx")  # never empty


class StaleWrite(Exception):
    """The record has another version than the writer read; nothing was written."""


# Writing


def insert(connection: Connection, model: Model, doctype: DocType, record: Mapping[str, Any]) -> None:
    """Write a new record and its child rows. Raises DuplicateValue naming the field, ValidationFailed for an unfit value."""
    insert_rows(connection, doctype, [_row(record_table(doctype), doctype, record)])
    readings.note(connection, doctype, record, {})
    for item in doctype.table_fields:
        rows = record.get(item.fieldname) or ()
        if rows:
            insert_rows(connection, model.child(item), list(_child_rows(model, doctype, record, item.fieldname, rows)))


def update(
    connection: Connection,
    model: Model,
    doctype: DocType,
    record: Mapping[str, Any],
    expected_version: int,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Write a changed record over the one with `expected_version`; child rows are compared by `name`, only what differs is written.

    `before` is the record as it was, for who knows it: how it is read is then written only when that changes. A table field that is absent from `record` keeps its rows. Raises StaleWrite, DuplicateValue, ValidationFailed.
    """
    foreseen.forget(connection, doctype.name, str(record["name"]))
    table = record_table(doctype)
    row = _row(table, doctype, record)
    with named_duplicates(doctype, row):
        changed = connection.execute(_change(table), {f"new_{key}": value for key, value in row.items()} | {
            "the_name": record["name"], "the_version": expected_version,
        })  # fmt: skip
    if changed.rowcount == 0:
        raise StaleWrite(f"{doctype.name} {record['name']} is not at version {expected_version}")
    readings.note(connection, doctype, record, before)
    by_child: dict[str, list[str]] = {}
    for item in doctype.table_fields:
        if item.fieldname in record:
            by_child.setdefault(item.options or "", []).append(item.fieldname)
    for child, fieldnames in by_child.items():
        _update_rows(connection, model, doctype, model[child], fieldnames, record)


def delete(connection: Connection, model: Model, doctype: DocType, name: str) -> None:
    """Remove a record and its child rows."""
    foreseen.forget(connection, doctype.name, name)
    for child in _children(model, doctype):
        table = record_table(child)
        connection.execute(sql_delete(table).where(table.c.parent == name, table.c.parenttype == doctype.name))
    table = record_table(doctype)
    connection.execute(sql_delete(table).where(table.c.name == name))
    readings.forget(connection, doctype.name, name)


def _update_rows(
    connection: Connection, model: Model, doctype: DocType, child: DocType, fieldnames: Sequence[str], record: Mapping[str, Any]
) -> None:
    table = record_table(child)
    stored = {
        row["name"]: row for row in _rows_of(connection, doctype, child, [record["name"]]) if row["parentfield"] in fieldnames
    }
    wanted: dict[str, Record] = {}
    for fieldname in fieldnames:
        for row in _child_rows(model, doctype, record, fieldname, record.get(fieldname) or ()):
            if row["name"] in wanted:
                raise duplicate(child, "name", row["name"])
            wanted[row["name"]] = row
    gone = [name for name in stored if name not in wanted]
    changed = [row for name, row in wanted.items() if name in stored and row != stored[name]]
    added = [row for name, row in wanted.items() if name not in stored]
    if gone:
        connection.execute(sql_delete(table).where(table.c.name.in_(gone)))
    if changed:
        with named_duplicates(child, changed[0]):
            connection.execute(_change(table), [
                {f"new_{key}": value for key, value in row.items()} | {"the_name": row["name"]} for row in changed
            ])  # fmt: skip
    if added:
        insert_rows(connection, child, added)


def _child_rows(
    model: Model, doctype: DocType, record: Mapping[str, Any], fieldname: str, rows: Iterable[Mapping[str, Any]]
) -> Iterator[Record]:
    child = model.child(doctype.field(fieldname))
    table = record_table(child)
    for index, given in enumerate(rows, start=1):
        placed = {
            "name": given.get("name") or new_id(),
            "parent": record["name"],
            "parenttype": doctype.name,
            "parentfield": fieldname,
            "idx": given.get("idx") or index,
        }
        yield _row(table, child, {**given, **placed}, f"{fieldname}[{index - 1}].")


def _row(table: Table, doctype: DocType, record: Mapping[str, Any], prefix: str = "") -> Record:
    """The values of all columns; a field that is absent is empty. Raises ValidationFailed naming every unfit value."""
    row: Record = {}
    faults: list[Fault] = []
    for item in table.info["columns"]:
        value = record.get(item.fieldname)
        if value is None or (isinstance(value, str) and not value):
            value = 0 if item.is_flag or item.fieldname in _COUNTED else None
        elif type(value) is str and item.kind == "text":
            if "\x00" in value:
                value = _converted(doctype, prefix, item, value, faults)
        elif type(value) is not _PLAIN_TYPES[item.kind] or item.kind in ("decimal", "integer"):
            value = _converted(doctype, prefix, item, value, faults)
        row[item.fieldname] = value
    if faults:
        label = doctype.label
        raise ValidationFailed(
            Text(f"{label.zh}有 {len(faults)} 个值无法保存：", f"{len(faults)} values of {label.en} cannot be stored:"), faults
        )
    return row


def _converted(doctype: DocType, prefix: str, item: StoredColumn, value: Any, faults: list[Fault]) -> Any:
    try:
        return convert(item.kind, value)
    except (ValueError, TypeError, ArithmeticError):
        faults.append(unfit_value(doctype, prefix, item.fieldname, item.kind, value))
        return None


def _change(table: Table) -> Any:
    """UPDATE of all columns, made once per table object."""
    if "update" not in table.info:
        change = sql_update(table).where(table.c.name == bindparam("the_name"))
        if "version" in table.c and "parent" not in table.c:
            change = change.where(table.c.version == bindparam("the_version"))
        table.info["update"] = change.values({column: bindparam(f"new_{column.key}") for column in table.columns})
    return table.info["update"]


# Reading


def load(connection: Connection, model: Model, doctype: DocType, name: str) -> Record | None:
    """One record with its child rows in order; None when there is none of that name."""
    remembered, key = seen(connection), (id(model), doctype.name, name)
    if remembered is None:
        return _loaded(connection, model, doctype, name)
    if key not in remembered:
        remembered[key] = (model, _loaded(connection, model, doctype, name))  # the model stays, and so its id
    found = remembered[key][1]
    return found and {field: [*map(dict, value)] if type(value) is list else value for field, value in found.items()}


def _loaded(connection: Connection, model: Model, doctype: DocType, name: str) -> Record | None:
    record = _head(connection, record_table(doctype), name)
    if record is None:
        return None
    _add_rows(connection, model, doctype, {name: record})
    return record


def load_many(connection: Connection, model: Model, doctype: DocType, names: Iterable[str]) -> dict[str, Record]:
    """The records of these names with their child rows; one query per table, not per record."""
    found = heads(connection, doctype, names)
    _add_rows(connection, model, doctype, found)
    return found


def heads(connection: Connection, doctype: DocType, names: Iterable[str] | None) -> dict[str, Record]:
    """Records without child rows, by name; all of them for `names=None`."""
    table = record_table(doctype)
    if names is None:
        everything = connection.execute(_select(table).order_by(table.c.name))
        return {record["name"]: record for record in (_record(table, row) for row in everything)}
    wanted = dict.fromkeys(name for name in names if name)
    known = foreseen.known(connection, doctype.name)
    found = {name: dict(known[name]) for name in wanted if name in known} if known else {}
    for some in _chunks([name for name in wanted if name not in found]):
        if len(some) == 1:  # most links lead to one record, whose statement is kept
            record = _head(connection, table, some[0])
            found |= {} if record is None else {record["name"]: record}
            continue
        for row in connection.execute(_select(table).where(table.c.name.in_(some))):
            record = _record(table, row)
            found[record["name"]] = record
    return found


def foresee(connection: Connection, doctype: DocType, names: Collection[str]) -> None:
    """Hold these records, as far as they are there, as links hold them, and remember them for what is asked later on (`foreseen`)."""
    unknown = set(names) - foreseen.known(connection, doctype.name).keys()
    hold_links(connection, doctype, unknown)
    foreseen.keep(connection, doctype.name, heads(connection, doctype, unknown))


def _head(connection: Connection, table: Table, name: str) -> Record | None:
    remembered, key = seen(connection), (id(table), name)
    if remembered is None or key not in remembered:
        row = connection.execute(_select_by_name(table), {"the_name": name}).first()
        found = None if row is None else _record(table, row)
        if remembered is None:
            return found
        remembered[key] = (table, found)
    kept: Record | None = remembered[key][1]
    return kept and dict(kept)


def hold(connection: Connection, doctype: DocType, name: str) -> None:
    """Nobody else changes, deletes or newly links to this record until the transaction ends.

    SQLite's writers take turns; the other databases would let two go on what both had looked at before.
    """
    if connection.dialect.name != "sqlite":
        column = record_table(doctype).c.name
        connection.execute(select(column).where(column == name).with_for_update())


def hold_links(connection: Connection, doctype: DocType, names: Iterable[str], *, in_state: bool = False) -> None:
    """Nobody deletes or renames these records until the transaction ends; with `in_state` nobody cancels or changes them either."""
    if connection.dialect.name != "sqlite":
        column = record_table(doctype).c.name
        known = foreseen.known(connection, doctype.name)
        if in_state and known:  # until now somebody else could change them
            for name in names:
                foreseen.forget(connection, doctype.name, name)
        for some in _chunks(
            sorted(name for name in names if name not in known)
        ):  # in one order, so that two who hold the same do not wait for one another
            asked = select(column).where(column.in_(some)).order_by(column)
            connection.execute(asked.with_for_update(read=True, key_share=not in_state)).all()


def exists(connection: Connection, doctype: DocType, names: Iterable[str]) -> set[str]:
    """Those of `names` that exist."""
    asked = _select_names(record_table(doctype))
    known = foreseen.known(connection, doctype.name)
    wanted = dict.fromkeys(names)
    found = {name for name in wanted if name in known}
    for some in _chunks([name for name in wanted if name not in found]):
        found.update(connection.execute(asked, {"the_names": some}).scalars())
    return found


def exist_together(connection: Connection, wanted: Mapping[str, tuple[DocType, Collection[str]]]) -> dict[str, set[str]]:
    """The same for the names of several DocTypes, by whatever these are called in `wanted`: one statement where the names are few."""
    few: dict[str, tuple[Table, Collection[str]]] = {}
    for key, (doctype, names) in wanted.items():
        if 0 < len(names) <= CHUNK and not foreseen.known(connection, doctype.name).keys() >= set(names):
            few[key] = record_table(doctype), names
    found = {key: exists(connection, doctype, names) if key not in few else set() for key, (doctype, names) in wanted.items()}
    if few:
        asked = _select_names_of(tuple(table for table, _ in few.values()))
        given = {f"names{at}": list(names) for at, (_, names) in enumerate(few.values())}
        keys = list(few)
        for at, name in connection.execute(asked, given):
            found[keys[at]].add(name)
    return found


def _select_names_of(tables: tuple[Table, ...]) -> CompoundSelect[Any]:
    """Kept, for the links of a DocType lead to the same few others at every save."""
    kept: dict[tuple[Table, ...], CompoundSelect[Any]] = tables[0].info.setdefault("names_of", {})
    if tables not in kept:
        if len(kept) >= MAX_STATEMENTS:
            kept.clear()
        among = [
            select(literal_column(str(at), Integer), table.c.name).where(
                table.c.name.in_(bindparam(f"names{at}", expanding=True))
            )
            for at, table in enumerate(tables)
        ]
        kept[tables] = union_all(*among)
    return kept[tables]


def _select(table: Table) -> Select[Any]:
    if "select" not in table.info:
        table.info["select"] = select(*table.columns)
    found: Select[Any] = table.info["select"]
    return found


def _select_by_name(table: Table) -> Select[Any]:
    if "select_by_name" not in table.info:
        table.info["select_by_name"] = _select(table).where(table.c.name == bindparam("the_name"))
    found: Select[Any] = table.info["select_by_name"]
    return found


def _select_names(table: Table) -> Select[Any]:
    if "select_names" not in table.info:
        table.info["select_names"] = select(table.c.name).where(table.c.name.in_(bindparam("the_names", expanding=True)))
    found: Select[Any] = table.info["select_names"]
    return found


def _select_of_parent(table: Table) -> Select[Any]:
    if "select_of_parent" not in table.info:
        mine = (table.c.parent == bindparam("the_parent"), table.c.parenttype == bindparam("the_type"))
        table.info["select_of_parent"] = _select(table).where(*mine).order_by(table.c.idx, table.c.name)
    found: Select[Any] = table.info["select_of_parent"]
    return found


def _record(table: Table, row: Row[Any]) -> Record:
    return {item.fieldname: value for item, value in zip(table.info["columns"], row, strict=True)}


def _children(model: Model, doctype: DocType) -> list[DocType]:
    """The child DocTypes, each once though two tables may use it."""
    return list({model.child(item).name: model.child(item) for item in doctype.table_fields}.values())


def _rows_of(connection: Connection, doctype: DocType, child: DocType, names: Sequence[str]) -> Iterator[Record]:
    table = record_table(child)
    if len(names) == 1:
        rows = connection.execute(_select_of_parent(table), {"the_parent": names[0], "the_type": doctype.name})
    else:
        mine = _select(table).where(table.c.parent.in_(names), table.c.parenttype == doctype.name)
        rows = connection.execute(mine.order_by(table.c.parent, table.c.idx, table.c.name))
    for row in rows:
        yield _record(table, row)


def _add_rows(connection: Connection, model: Model, doctype: DocType, records: Mapping[str, Record]) -> None:
    for record in records.values():
        record.update((item.fieldname, []) for item in doctype.table_fields)
    if not records:
        return
    fieldnames = {item.fieldname for item in doctype.table_fields}
    for child in _children(model, doctype):
        for names in _chunks(records):
            for row in _rows_of(connection, doctype, child, names):
                if row["parentfield"] in fieldnames:
                    placed = {key: value for key, value in row.items() if key not in ("parent", "parenttype", "parentfield")}
                    records[row["parent"]][row["parentfield"]].append(placed)


def _chunks(names: Collection[str]) -> Iterator[list[str]]:
    remaining = iter(names)
    while some := list(islice(remaining, CHUNK)):
        yield some


__all__ = [
    "Record",
    "StaleWrite",
    "delete",
    "exist_together",
    "exists",
    "heads",
    "insert",
    "load",
    "load_many",
    "referring",
    "update",
]
