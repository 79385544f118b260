"""How the titles of records are read: the initials by which they are found (`dl` for 东岭), and the key by which they are sorted (pinyin).

Kept beside the records as they are written. Records from before, and those of a record type that has another title field now, are gone
through in the background (`fill`); until then such a list sorts by code point.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

from sqlalchemy import ColumnElement, Connection, Engine, and_, bindparam, delete, func, insert, or_, select, update

from ..core import pinyin
from ..core.pinyin import MOST_LETTERS, initials
from ..metadata.model import DocType, Model
from . import site_state
from .database import Database
from .system import initials as table
from .system import sort_key, upsert
from .tables import record_table

FILLED = "readings"  # of which field, by DocType
PORTION = 500
FEW = 1000  # records whose names are gathered by their initials before a list is read; more are looked up as it is read
_TYPED = re.compile(r"[A-Za-z][A-Za-z0-9]{1,19}\Z")
TITLES = ("Data", "Small Text", "Text", "Autocomplete", "Read Only")


def titled_by(doctype: DocType) -> str:
    """The field whose text records are found by: the title where that is a text of their own, else the name."""
    item = doctype.by_name.get(doctype.title_field or "")
    return item.fieldname if item is not None and item.fieldtype in TITLES else "name"


def keyed_by(doctype: DocType) -> str | None:
    """The field whose order is that of pinyin: what titles the records, else what people name them by; None for numbers that the program
    gives out."""
    if doctype.istable or doctype.issingle:
        return None
    title, naming = titled_by(doctype), doctype.autoname or ""
    if title == "name" and naming.lower().startswith("field:"):
        named_by = doctype.by_name.get(naming[len("field:") :].strip())
        return named_by.fieldname if named_by is not None and named_by.fieldtype in TITLES else None
    return title if title != "name" or naming.lower().startswith("prompt") else None


def _read_as(doctype: DocType) -> str:
    """What the records of a type are read by: kept when they have been gone through."""
    return f"{titled_by(doctype)}, {keyed_by(doctype)}"


def note(connection: Connection, doctype: DocType, record: Mapping[str, Any], *, is_new: bool) -> None:
    """Keep how the record is read; for a new record without a Chinese title nothing is asked."""
    title = titled_by(doctype)
    if title not in record:
        return
    text = str(record[title] or "")
    wanted = set(initials(text))
    key = {"doctype": doctype.name, "name": record["name"]}
    mine = (table.c.doctype == doctype.name, table.c.name == record["name"])
    known = set() if is_new and not wanted else set(connection.execute(select(table.c.initials).where(*mine)).scalars())
    if gone := known - wanted:
        connection.execute(delete(table).where(*mine, table.c.initials.in_(gone)))
    if new := wanted - known:
        connection.execute(insert(table), [{**key, "initials": way} for way in sorted(new)])
    keyed = keyed_by(doctype)
    if keyed is not None and keyed in record:
        _keep_key(connection, key, str(record[keyed] or ""))


def forget(connection: Connection, doctype: str, name: str) -> None:
    """The record is deleted."""
    for kept in (table, sort_key):
        connection.execute(delete(kept).where(kept.c.doctype == doctype, kept.c.name == name))


def found_by(doctype: DocType, word: str) -> ColumnElement[bool] | None:
    """The records whose initials begin with `word`; None for a word that is none.

    The names of few are gathered first. Of initials that many have, a list that is read in its order soon has its page: each record is
    looked up by itself then.
    """
    if not _TYPED.match(word):
        return None
    first = word.lower()
    last = (
        first + "z" * MOST_LETTERS
    )  # all that begin with it lie between the two: a span that an index answers, as LIKE is not
    # Not BETWEEN, which takes no COLLATE on PostgreSQL.
    typed = (table.c.doctype == doctype.name, table.c.initials >= first, table.c.initials <= last)
    name = record_table(doctype).c.name
    few = select(table.c.name).where(*typed).limit(FEW).subquery()
    some = select(table.c.name).where(*typed).limit(FEW + 1).subquery()
    are_many = select(func.count()).select_from(some).scalar_subquery() > FEW
    mine = select(table.c.name).where(*typed, table.c.name == name).correlate(record_table(doctype)).exists()
    return or_(name.in_(select(few.c.name)), and_(are_many, mine))


# Sorting

_CHANGE_KEY = (
    update(sort_key)
    .where(sort_key.c.doctype == bindparam("the_doctype"), sort_key.c.name == bindparam("the_name"))
    .values(key=bindparam("new_key"))
)
_FILLED_ON = "keys_filled_on"  # in the info of a record table: the engines whose records are known to have their keys


def sorted_by_key(connection: Connection, doctype: DocType) -> str | None:
    """The field whose order is that of its keys, once every record has one."""
    title = keyed_by(doctype)
    if title is None:
        return None
    known: WeakSet[Engine] = record_table(doctype).info.setdefault(_FILLED_ON, WeakSet())
    if connection.engine not in known:
        if site_state.get(connection, FILLED, {}).get(doctype.name) != _read_as(doctype):
            return None
        known.add(connection.engine)
    return title


def belongs(doctype: DocType) -> ColumnElement[bool]:
    """Which key of a title is which record's."""
    return and_(sort_key.c.doctype == doctype.name, sort_key.c.name == record_table(doctype).c.name)


def _keep_key(connection: Connection, key: Mapping[str, str], text: str) -> None:
    values = {"the_doctype": key["doctype"], "the_name": key["name"], "new_key": pinyin.sort_key(text)}
    if connection.execute(_CHANGE_KEY, values).rowcount == 0:
        connection.execute(insert(sort_key), [{**key, "key": values["new_key"]}])


# Records from before


def fill(database: Database, model: Model) -> int:
    """Go through the record types that were not yet, or whose title is another field now; how many there were."""
    with database.read() as connection:
        filled: dict[str, str] = dict(site_state.get(connection, FILLED, {}))
    due = [item for item in model if not (item.istable or item.issingle) and filled.get(item.name) != _read_as(item)]
    for doctype in due:
        _fill(database, doctype, was_filled=doctype.name in filled)
    if due:
        with database.write() as connection:
            known = dict(site_state.get(connection, FILLED, {}))
            site_state.put(connection, FILLED, known | {item.name: _read_as(item) for item in due})
    return len(due)


def _fill(database: Database, doctype: DocType, *, was_filled: bool) -> None:
    if was_filled:
        with database.write() as connection:
            connection.execute(delete(table).where(table.c.doctype == doctype.name))
    records, after = record_table(doctype), ""
    title, keyed = titled_by(doctype), keyed_by(doctype)
    while True:
        asked = select(records.c.name, records.c[title], records.c[keyed or "name"].label("keyed")).where(
            records.c.name > after
        )
        with database.write() as connection:
            if connection.dialect.name != "sqlite":  # nobody gives them another title meanwhile
                asked = asked.with_for_update(read=True)
            rows = list(connection.execute(asked.order_by(records.c.name).limit(PORTION)))
            for name, text, sorted_by in rows:
                _keep(connection, {"doctype": doctype.name, "name": name}, str(text or ""))
                if keyed is not None:
                    _keep_key(connection, {"doctype": doctype.name, "name": name}, str(sorted_by or ""))
        if len(rows) < PORTION:
            return
        after = rows[-1][0]


def _keep(connection: Connection, key: Mapping[str, str], title: str) -> None:
    for way in initials(title):
        values = {**key, "initials": way}
        connection.execute(upsert(connection, table, values, list(values)))
