"""What a database can hold of a table: MariaDB bounds the length of keys, the number of indexes and the size of a row.

SQLite and PostgreSQL take every table as the metadata wants it. On MariaDB a text column has a length where it stands in an index,
and a very wide record type loses its last indexes, never a unique one: its lists are slower then, not wrong.
"""

from __future__ import annotations

from dataclasses import replace

from .schema import TableSpec
from .tables import STANDARD_KINDS, StoredIndex

MOST_INDEXES = 50  # of 64 with the key; a plan builds new ones beside the old
ROW_BYTES = 60_000  # of 65,535, with room for columns that are archived over the years
BYTES_A_CHARACTER = 4
_BYTES = {"text": 12, "json": 12, "integer": 9, "decimal": 26, "date": 4, "datetime": 9, "time": 7}


def fitted(spec: TableSpec, dialect: str) -> TableSpec:
    """The table as this database is to make it."""
    return _on_mariadb(spec) if dialect == "mariadb" else _sized(spec, spec.indexes, set())


def _on_mariadb(spec: TableSpec) -> TableSpec:
    sizes = {item.column: item.size for item in spec.columns}
    room = ROW_BYTES - sum(_BYTES[item.kind] for item in spec.columns)
    kept: list[StoredIndex] = []
    paid: set[str] = {item.column for item in spec.columns if item.fieldname in STANDARD_KINDS}
    for index in sorted(spec.indexes, key=lambda item: not item.unique):
        new = set(index.columns) - paid
        cost = sum(sizes[name] * BYTES_A_CHARACTER for name in new)
        if index.unique or (len(kept) < MOST_INDEXES and cost <= room):
            room -= cost
            paid |= new
            kept.append(index)
    return _sized(spec, tuple(item for item in spec.indexes if item in kept), paid)


def _sized(spec: TableSpec, indexes: tuple[StoredIndex, ...], bounded: set[str]) -> TableSpec:
    """With these indexes, and with lengths on the columns named in `bounded` only."""
    columns = (item if item.column in bounded or not item.size else replace(item, size=0) for item in spec.columns)
    return replace(spec, columns=tuple(columns), indexes=indexes)
