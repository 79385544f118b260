"""By which initials records are found (`dl` for 东岭): of each record whose title is Chinese, the ways to type it.

Kept beside the records as they are written. Records from before, and those of a record type that has another title field now, are gone
through in the background (`fill`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from ..core.pinyin import MOST_LETTERS, initials
from ..metadata.model import DocType, Model
from . import site_state
from .database import Database
from .system import initials as table
from .system import upsert
from .tables import record_table

FILLED = "initials"  # of which field, by DocType
PORTION = 500
_TYPED = re.compile(r"[A-Za-z][A-Za-z0-9]{1,19}\Z")
TITLES = ("Data", "Small Text", "Text", "Autocomplete", "Read Only")


def titled_by(doctype: DocType) -> str:
    """The field whose text records are found by: the title where that is a text of their own, else the name."""
    item = doctype.by_name.get(doctype.title_field or "")
    return item.fieldname if item is not None and item.fieldtype in TITLES else "name"


def note(connection: Connection, doctype: DocType, record: Mapping[str, Any], *, is_new: bool) -> None:
    """Keep how the record is found; writes only what changed, and for a new record without a Chinese title asks nothing."""
    title = titled_by(doctype)
    if title not in record:
        return
    wanted = set(initials(str(record[title] or "")))
    key = {"doctype": doctype.name, "name": record["name"]}
    mine = (table.c.doctype == doctype.name, table.c.name == record["name"])
    known = set() if is_new and not wanted else set(connection.execute(select(table.c.initials).where(*mine)).scalars())
    if gone := known - wanted:
        connection.execute(delete(table).where(*mine, table.c.initials.in_(gone)))
    if new := wanted - known:
        connection.execute(insert(table), [{**key, "initials": way} for way in sorted(new)])


def forget(connection: Connection, doctype: str, name: str) -> None:
    """The record is deleted."""
    connection.execute(delete(table).where(table.c.doctype == doctype, table.c.name == name))


def found_by(doctype: DocType, word: str) -> Select[Any] | None:
    """The names of the records whose initials begin with `word`; None for a word that is none."""
    if not _TYPED.match(word):
        return None
    first = word.lower()
    last = (
        first + "z" * MOST_LETTERS
    )  # all that begin with it lie between the two: a span that an index answers, as LIKE is not
    # Not BETWEEN, which takes no COLLATE on PostgreSQL.
    return select(table.c.name).where(table.c.doctype == doctype.name, table.c.initials >= first, table.c.initials <= last)


def fill(database: Database, model: Model) -> int:
    """Go through the record types that were not yet, or whose title is another field now; how many there were."""
    with database.read() as connection:
        filled: dict[str, str] = dict(site_state.get(connection, FILLED, {}))
    due = [item for item in model if not (item.istable or item.issingle) and filled.get(item.name) != titled_by(item)]
    for doctype in due:
        _fill(database, doctype, was_filled=doctype.name in filled)
    if due:
        with database.write() as connection:
            known = dict(site_state.get(connection, FILLED, {}))
            site_state.put(connection, FILLED, known | {item.name: titled_by(item) for item in due})
    return len(due)


def _fill(database: Database, doctype: DocType, *, was_filled: bool) -> None:
    if was_filled:
        with database.write() as connection:
            connection.execute(delete(table).where(table.c.doctype == doctype.name))
    records, after = record_table(doctype), ""
    while True:
        asked = select(records.c.name, records.c[titled_by(doctype)]).where(records.c.name > after)
        with database.read() as connection:
            rows = list(connection.execute(asked.order_by(records.c.name).limit(PORTION)))
        _keep(database, doctype, rows)
        if len(rows) < PORTION:
            return
        after = rows[-1][0]


def _keep(database: Database, doctype: DocType, rows: Iterable[Any]) -> None:
    found = [(name, way) for name, title in rows for way in initials(str(title or ""))]
    if not found:
        return
    with database.write() as connection:
        for name, way in found:
            values = {"doctype": doctype.name, "name": name, "initials": way}
            connection.execute(upsert(connection, table, values, list(values)))
