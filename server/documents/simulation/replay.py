"""Records moved forward through their history in a scratch database: at each entry everything is as it was then.

The scratch database is a file that goes with the run; it holds the tables of the DocTypes concerned, so that facts are asked
of it by the same code as of the site. What keeps no history is asked of the site, as it is today.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Index, MetaData
from sqlalchemy.schema import CreateIndex, CreateTable

from ...core.errors import DuplicateValue
from ...metadata.model import DRAFT, DocType, Model
from ...rulebook.situation import FactQuery, Situation
from ...storage import audit, records, timeline
from ...storage.database import Database
from ...storage.system import initials, sort_key
from ...storage.tables import record_table
from ..as_of import as_of
from ..complete import Record
from ..facts import DatabaseFacts
from .redo import Redo

AT_HAND = 1000  # records kept in memory beside the scratch database
EQUALS = ("=", "in")


@contextmanager
def scratch(model: Model, doctypes: Iterable[DocType]) -> Iterator[Connection]:
    """An empty database with the tables of these DocTypes and of their rows; it is gone when the block ends."""
    wanted = {item.name: item for item in doctypes}
    wanted |= {child.name: child for item in wanted.values() for child in map(model.child, item.table_fields)}
    with TemporaryDirectory(prefix="guiju-simulation-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'scratch.db'}")
        try:
            with database.write() as connection:
                for kept in (initials, sort_key):  # with every record that is written
                    connection.execute(CreateTable(kept))
                for item in wanted.values():
                    connection.execute(CreateTable(record_table(item)))
                    if item.istable:
                        _index(connection, item, ("parent",))
                yield connection
        finally:
            database.close()


def _index(connection: Connection, doctype: DocType, fields: tuple[str, ...]) -> None:
    table = record_table(doctype).to_metadata(MetaData())  # the index is the scratch database's alone
    columns = [table.c[name] for name in fields]
    connection.execute(CreateIndex(Index(f"ix_{table.name}_{'_'.join(fields)}"[:60], *columns)))


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the history as a change of one record: None before its creation and after its deletion."""

    doctype: DocType
    name: str
    old: Record | None
    new: Record | None


class Replay:
    """The records of some DocTypes at one place in their history, moved forward by `step` and `keep`."""

    def __init__(
        self, connection: Connection, model: Model, doctypes: Mapping[str, DocType], misfit: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._model = model
        self.doctypes = doctypes  # by every name that they had
        self._redo = {item.name: Redo(model, item, misfit) for item in doctypes.values()}
        self._at_hand: OrderedDict[tuple[str, str], Record] = OrderedDict()
        self._unwritten: dict[
            tuple[str, str], bool
        ] = {}  # of those at hand; whether an older state stands in the scratch database
        self.alone: frozenset[str] = (
            frozenset()
        )  # DocTypes whose records nothing reads but their own entries: written when they must
        self._answers: dict[str, DatabaseFacts] = {}
        self._indexed: set[tuple[str, tuple[str, ...]]] = set()

    def begin(self, site: Connection, doctypes: Iterable[DocType]) -> None:
        """Records that were there before their history began, as they were then."""
        for doctype in doctypes:
            for names in timeline.without_beginning(site, doctype):
                for record in records.load_many(site, self._model, doctype, names).values():
                    entries = audit.history(site, doctype.name, record["name"])
                    self.keep(Step(doctype, record["name"], None, self._undone(doctype, record, entries)))

    def step(self, entry: Mapping[str, Any], site: Connection) -> Step | None:
        """What an entry changes; None when it changes no record, or it cannot be told what the record was."""
        doctype, name, action = self.doctype(entry), str(entry["name"]), entry["action"]
        if action == audit.RENAMED and (moved := _moved(entry)):
            self._rename(doctype, name, moved)
            return None
        if action == "create":
            return Step(doctype, name, None, self._after(doctype, None, entry))
        old = self.record(doctype, name) or self._before(doctype, entry, site)
        if old is None:
            return None
        return Step(doctype, name, old, None if action == "delete" else self._after(doctype, old, entry))

    def forget(self, step: Step) -> None:
        """Let the last change of a record have happened, after which nothing reads it."""
        assert step.doctype.name in self.alone
        key = (step.doctype.name, step.name)
        self._at_hand.pop(key, None)
        self._unwritten.pop(key, None)

    def keep(self, step: Step) -> None:
        """Let a change have happened."""
        doctype, connection = step.doctype, self._connection
        self._answers.pop(doctype.name, None)
        was_at_hand = self._at_hand.pop((doctype.name, step.name), None) is not None
        was_written = self._unwritten.pop((doctype.name, step.name), was_at_hand)
        if step.new is not None and doctype.name in self.alone:
            self._unwritten[doctype.name, step.name] = was_written
            self._hold(doctype, step.new)
            return
        if step.new is None:
            records.delete(connection, self._model, doctype, step.name)
            return
        if step.old is None or self.record(doctype, step.name) is None:
            self._insert(doctype, step.new)
        else:
            records.update(connection, self._model, doctype, step.new, step.old["version"], before=step.old)
        self._hold(doctype, step.new)

    def record(self, doctype: DocType, name: str) -> Record | None:
        """A record as it is at this place of the history."""
        found = self._at_hand.get((doctype.name, name))
        if found is None and (found := records.load(self._connection, self._model, doctype, name)) is not None:
            self._hold(doctype, found)
        return found

    def doctype(self, entry: Mapping[str, Any]) -> DocType:
        """The DocType of an entry, whatever it was called when that was written."""
        return self.doctypes[entry["doctype"]]

    def reads(self, doctype: DocType) -> Redo:
        return self._redo[doctype.name]

    def answer(self, fact: FactQuery, situation: Situation, doctype: DocType) -> Any:
        """What a fact is at this place of the history."""
        if fact.function == "first" and fact.field and len(fact.where) == 1 and fact.where[0][:2] == ("name", "="):
            record = self.record(doctype, str(fact.where[0][2]))  # a field of a linked record
            return None if record is None else record.get(fact.field)
        self._ease(doctype, fact)
        facts = self._answers.get(doctype.name)
        if facts is None:
            facts = self._answers[doctype.name] = DatabaseFacts(self._connection, self._model)
        return facts.value(fact, situation)

    def _ease(self, doctype: DocType, fact: FactQuery) -> None:
        """An index for the conditions of a fact that is asked for the first time."""
        columns = record_table(doctype).c
        fields = tuple(dict.fromkeys(name for name, operator, _ in fact.where if operator in EQUALS and name in columns))
        if fields and (doctype.name, fields) not in self._indexed:
            self._indexed.add((doctype.name, fields))
            _index(self._connection, doctype, fields)

    def _hold(self, doctype: DocType, record: Record) -> None:
        self._at_hand[doctype.name, record["name"]] = record
        if len(self._at_hand) > AT_HAND:
            key, oldest = self._at_hand.popitem(last=False)
            if key in self._unwritten:
                self._write(key[0], oldest, is_written=self._unwritten.pop(key))

    def _write(self, doctype: str, record: Record, *, is_written: bool) -> None:
        if is_written:
            records.delete(self._connection, self._model, self._model[doctype], record["name"])
        self._insert(self._model[doctype], record)

    def _insert(self, doctype: DocType, record: Record) -> None:
        try:
            records.insert(self._connection, self._model, doctype, record)
        except DuplicateValue:  # a name that was given up without a trace
            records.delete(self._connection, self._model, doctype, record["name"])
            records.insert(self._connection, self._model, doctype, record)

    def _rename(self, doctype: DocType, old: str, new: str) -> None:
        if (record := self.record(doctype, old)) is not None:
            self.keep(Step(doctype, old, record, None))
            self.keep(Step(doctype, new, None, {**record, "name": new}))

    def _after(self, doctype: DocType, old: Record | None, entry: Mapping[str, Any]) -> Record:
        redo = self._redo[doctype.name]
        base = old or {**redo.blank(), "owner": entry["by"], "creation": entry["at"], "docstatus": DRAFT}
        head = {"name": entry["name"], "version": entry["version"] or 0, "modified": entry["at"], "modified_by": entry["by"]}
        return {**redo.apply(base, entry["changes"]), **head}

    def _before(self, doctype: DocType, entry: Mapping[str, Any], site: Connection) -> Record | None:
        """What a record was before an entry, told from what it is today; None when it is gone."""
        name: str | None = entry["name"]
        record = records.load(site, self._model, doctype, entry["name"])
        if record is None and (name := audit.renamed_to(site, doctype.name, entry["name"])):
            record = records.load(site, self._model, doctype, name)
        if record is None or name is None:
            return None
        later = [one for one in audit.history(site, doctype.name, name) if one["id"] >= entry["id"]]
        before = {**self._undone(doctype, record, later), "name": entry["name"]}
        if doctype.name not in self.alone:
            self._insert(doctype, before)
        return before

    def _undone(self, doctype: DocType, record: Record, later: list[dict[str, Any]]) -> Record:
        states = [
            change["old"] for one in later for change in one["changes"]
            if not change.get("table") and change["field"] == "docstatus"
        ]  # fmt: skip
        head = {name: record[name] for name in ("name", "owner", "creation", "modified", "modified_by")}
        values = self._redo[doctype.name].read(as_of(self._model, doctype, record, later, -1))
        version = (later[-1]["version"] or 1) - 1 if later else record["version"]
        return {**values, **head, "docstatus": states[-1] if states else record["docstatus"], "version": version}


def _moved(entry: Mapping[str, Any]) -> str | None:
    """The new name, in the last entry under the old one."""
    change = entry["changes"][0] if entry["changes"] else {}
    return str(change["new"]) if change.get("field") == "name" and change.get("old") == entry["name"] else None


class ReplayedFacts:
    """A `FactSource`: DocTypes that are replayed answer as of then, the others as of today (named in `of_today`)."""

    def __init__(self, replay: Replay, model: Model, replayed: Mapping[str, DocType], of_today: set[str]) -> None:
        self._replay = replay
        self._model = model
        self._replayed = replayed
        self._of_today = of_today
        self._today: DatabaseFacts | None = None

    def read_from(self, site: Connection) -> None:
        """The site as it is from now on; each question to it is asked once until the next call."""
        self._today = DatabaseFacts(site, self._model)

    def value(self, fact: FactQuery, situation: Situation) -> Any:
        if (doctype := self._replayed.get(fact.doctype)) is not None:
            return self._replay.answer(fact, situation, doctype)
        self._of_today.add(fact.doctype)
        assert self._today is not None
        return self._today.value(fact, situation)

    def lookup(self, doctype: str, names: frozenset[str], fieldnames: frozenset[str]) -> Mapping[str, Mapping[str, Any]]:
        """Fields of linked records, as `fetch_from` asks for them."""
        assert self._today is not None
        if doctype not in self._replayed:
            return self._today.lookup(doctype, names, fieldnames)
        found = {name: self._replay.record(self._replayed[doctype], name) for name in names}
        return {name: record for name, record in found.items() if record is not None}
