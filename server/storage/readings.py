"""How the titles of records are read: the initials by which they are found (`dl` for 东岭), and the key by which they are sorted (pinyin).

Kept beside the records as they are written. Records from before, and those of a record type that has another title field now, are gone
through in the background (`fill`); until then such a list sorts by code point.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakSet

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, delete, func, or_, select

from ..core import pinyin
from ..core.clock import Clock
from ..core.pinyin import MOST_LETTERS, initials
from ..metadata.model import DocType, Model
from . import site_state
from .database import Database
from .gathering import kept_for_block
from .system import initials as table
from .system import sort_key
from .tables import record_table
from .upserts import upsert_given

FILLED = "readings"  # of which field, by DocType
PORTION = 500
COMPLETED_EVERY = timedelta(hours=1)
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


def note(connection: Connection, doctype: DocType, record: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> None:
    """Keep how the record is read, where that is another way than `before`: empty for a new record, None where it is not known."""
    pending: _Pending = connection.info.get(_PENDING) or _Pending()
    whose = (doctype.name, record["name"])
    title, keyed = titled_by(doctype), keyed_by(doctype)
    if _is_changed(title, record, before):
        ways = initials(str(record[title] or ""))
        if before is None or initials(str(before.get(title) or "")):
            mine = (table.c.doctype == doctype.name, table.c.name == record["name"])
            connection.execute(delete(table).where(*mine, table.c.initials.not_in(ways)))
        pending.ways[whose] = ways
    if keyed is not None and _is_changed(keyed, record, before):
        pending.keys[whose] = pinyin.sort_key(str(record[keyed] or ""))
    if _PENDING not in connection.info:
        _write(connection, pending)


def _is_changed(title: str, record: Mapping[str, Any], before: Mapping[str, Any] | None) -> bool:
    if title not in record:
        return False
    return not before or title not in before or record[title] != before[title]


def forget(connection: Connection, doctype: str, name: str) -> None:
    """The record is deleted."""
    if (pending := connection.info.get(_PENDING)) is not None:
        pending.ways.pop((doctype, name), None)
        pending.keys.pop((doctype, name), None)
    for kept in (table, sort_key):
        connection.execute(delete(kept).where(kept.c.doctype == doctype, kept.c.name == name))


# Many records of one transaction


@dataclass
class _Pending:
    """What has still to be written, by (DocType, name): the initials, and the key."""

    ways: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)


_PENDING = "guiju readings"


@contextmanager
def gathered(connection: Connection) -> Iterator[None]:
    """Within the block how records are read waits to be written together; until then they are found by their names and texts alone.

    Whoever sorts on this connection has it written first. Not for blocks that roll back to a savepoint.
    """
    with kept_for_block(connection, _PENDING, _Pending(), _write_pending):
        yield


def _write_pending(connection: Connection) -> None:
    if (pending := connection.info.get(_PENDING)) is not None:
        connection.info[_PENDING] = _Pending()
        _write(connection, pending)


def _write(connection: Connection, pending: _Pending) -> None:
    """Whoever else writes the same at once (`fill`) does no harm, nor what an older version left of a deleted record of that name."""
    ways = [
        {"doctype": doctype, "name": name, "initials": way}
        for (doctype, name), found in pending.ways.items()
        for way in sorted(found)
    ]
    if ways:
        connection.execute(upsert_given(connection, table, ["doctype", "name", "initials"]), ways)
    if pending.keys:
        keys = [{"doctype": doctype, "name": name, "key": key} for (doctype, name), key in pending.keys.items()]
        connection.execute(upsert_given(connection, sort_key, ["doctype", "name"], ["key"]), keys)


# Finding


def found_by(doctype: DocType, word: str) -> ColumnElement[bool] | None:
    """The records whose initials begin with `word`; None for a word that is none.

    The names of few are gathered first. Of initials that many have, a list that is read in its order soon has its page: each record is
    looked up by itself then.
    """
    if not _TYPED.match(word):
        return None
    # All that begin with it lie between the two, a span that an index answers, as LIKE is not; nor BETWEEN, which takes no COLLATE on
    # PostgreSQL.
    first, last = word.lower(), word.lower() + "z" * MOST_LETTERS
    typed = (table.c.doctype == doctype.name, table.c.initials >= first, table.c.initials <= last)
    name = record_table(doctype).c.name
    few = select(table.c.name).where(*typed).limit(FEW).subquery()
    some = select(table.c.name).where(*typed).limit(FEW + 1).subquery()
    are_many = select(func.count()).select_from(some).scalar_subquery() > FEW
    mine = select(table.c.name).where(*typed, table.c.name == name).correlate(record_table(doctype)).exists()
    return or_(name.in_(select(few.c.name)), and_(are_many, mine))


# Sorting

_FILLED_ON = "keys_filled_on"  # in the info of a record table: the engines whose records are known to have their keys


def sorted_by_key(connection: Connection, doctype: DocType) -> str | None:
    """The field whose order is that of its keys, once the records have been gone through."""
    _write_pending(connection)
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


def lacks_key(doctype: DocType) -> ColumnElement[bool]:
    """The records that a process of an older version saved after their type was gone through."""
    return ~select(sort_key.c.name).where(belongs(doctype)).correlate(record_table(doctype)).exists()


# Records from before


def fill(database: Database, model: Iterable[DocType]) -> int:
    """Go through the record types that were not yet, or whose title is another field now; how many there were."""
    with database.read() as connection:
        filled: dict[str, str] = dict(site_state.get(connection, FILLED, {}))
    due = [item for item in model if not (item.istable or item.issingle) and filled.get(item.name) != _read_as(item)]
    for doctype in due:
        if doctype.name in filled:
            with database.write() as connection:
                connection.execute(delete(table).where(table.c.doctype == doctype.name))
        _go_through(database, doctype)
    if due:
        with database.write() as connection:
            known = dict(site_state.get(connection, FILLED, {}))
            site_state.put(connection, FILLED, known | {item.name: _read_as(item) for item in due})
    return len(due)


def complete(database: Database, model: Iterable[DocType]) -> int:
    """Give the records their keys and initials that lack a key though their type was gone through; how many there were."""
    with database.read() as connection:
        filled = site_state.get(connection, FILLED, {})
        keyed = [item for item in model if keyed_by(item) is not None and filled.get(item.name) == _read_as(item)]
        lacking = [item for item in keyed if connection.execute(_one_lacking(item)).first() is not None]
    return sum(_go_through(database, doctype, lacks_key(doctype)) for doctype in lacking)


def _one_lacking(doctype: DocType) -> Select[Any]:
    kept = record_table(doctype).info
    if "one_lacking" not in kept:
        kept["one_lacking"] = select(record_table(doctype).c.name).where(lacks_key(doctype)).limit(1)
    found: Select[Any] = kept["one_lacking"]
    return found


def _go_through(database: Database, doctype: DocType, which: ColumnElement[bool] | None = None) -> int:
    records, after, done = record_table(doctype), "", 0
    title, keyed = titled_by(doctype), keyed_by(doctype)
    asked = select(records.c.name, records.c[title].label("title"), records.c[keyed or "name"].label("keyed"))
    asked = asked.order_by(records.c.name).limit(PORTION)
    if which is not None:
        asked = asked.where(which)
    while True:
        with database.write() as connection:
            some = asked.where(records.c.name > after)
            if connection.dialect.name != "sqlite":  # nobody gives them another title meanwhile
                some = some.with_for_update(read=True, of=records)
            rows = list(connection.execute(some))
            pending = _Pending({(doctype.name, name): initials(str(text or "")) for name, text, _ in rows})
            if keyed is not None:
                pending.keys |= {(doctype.name, name): pinyin.sort_key(str(text or "")) for name, _, text in rows}
            _write(connection, pending)
        done += len(rows)
        if len(rows) < PORTION:
            return done
        after = rows[-1][0]


class Filling:
    """The sweep that does both: the first at once when a record type is due, the second when it begins and every hour."""

    def __init__(self, database: Database, model: Callable[[], Model], clock: Clock) -> None:
        self._database, self._model, self._clock = database, model, clock
        self._completed: datetime | None = None

    def sweep(self) -> int:
        model, now = self._model(), self._clock.now()
        done = 0
        if self._completed is None or now - self._completed >= COMPLETED_EVERY:
            done += complete(self._database, model)
            self._completed = now
        return done + fill(self._database, model)
