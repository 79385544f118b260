"""What other records say, read on the connection of the running transaction: for rules (`FactSource`) and for `fetch_from`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

from sqlalchemy import Connection

from ..calendars.hours import Calendar
from ..metadata.model import DocType, Model
from ..rulebook.situation import FactQuery, Situation
from ..storage import foreseen, locks, query, records
from .calendars import Calendars


class DatabaseFacts:
    """Facts under one transaction; the same question is asked once, and questions that are known together are asked together.

    Facts are read without the user's permissions: a rule holds for everybody alike, whoever happens to save.
    """

    def __init__(self, connection: Connection, model: Model, *, is_saving: bool = False) -> None:
        self._is_saving = is_saving  # only then do others wait for what is asked here
        self._connection = connection
        self._model = model
        self._known: dict[Any, Any] = {}
        self._held: set[tuple[str, str]] = set()
        self._calendars = Calendars(connection, model)

    def value(self, fact: FactQuery, situation: Situation) -> Any:
        return self._ask(fact)

    def _ask(self, fact: FactQuery) -> Any:
        doctype = self._model.get(fact.doctype)
        if doctype is None:
            return None
        key = _key(fact)
        if key not in self._known:
            self._hold([fact])
            with self._apart():
                self._known[key] = self._found(doctype, fact)
        return self._known[key]

    def _found(self, doctype: DocType, fact: FactQuery) -> Any:
        if fact.function == "list":
            return query.aggregate(self._connection, doctype, "list", fact.field, list(fact.where), order_by=fact.order_by)
        return query.aggregate_all(self._connection, [_question(doctype, fact)])[0]

    def answers(self, facts: Sequence[FactQuery]) -> list[Any]:
        """The answers to several questions: fields of linked records by one statement a DocType, all the rest by one."""
        self._hold(facts)
        linked: dict[str, set[str]] = {}
        others: dict[Any, query.Question] = {}
        for fact in facts:
            doctype = self._model.get(fact.doctype)
            if doctype is None or (key := _key(fact)) in self._known:
                continue
            if (name := _linked_name(fact)) is not None:
                linked.setdefault(fact.doctype, set()).add(name)
            elif fact.function != "list":
                others[key] = _question(doctype, fact)
        if others:
            with self._apart():
                found = query.aggregate_all(self._connection, list(others.values()))
            self._known.update(zip(others, found, strict=True))
        if linked:
            self._read_linked(linked, facts)
        return [self._answer(fact) for fact in facts]

    def _hold(self, facts: Sequence[FactQuery]) -> None:
        """Wait for other saves that ask about the same locked records; in one order, so that two do not wait for one another."""
        wanted = {fact.lock for fact in facts if fact.lock is not None} - self._held if self._is_saving else ()
        for fact in facts if wanted else ():  # somebody else may have changed, until now, what was read before
            if fact.lock in wanted and (linked := _linked_name(fact)) is not None:
                foreseen.forget(self._connection, fact.doctype, linked)
        for of, name in sorted(wanted):
            locks.take(self._connection, f"fact\n{of}\n{name}")
            self._held.add((of, name))

    def _apart(self) -> AbstractContextManager[object]:
        """PostgreSQL gives up a transaction in which one statement failed: a rule whose question is wrong must not take the save along."""
        return self._connection.begin_nested() if self._connection.dialect.name == "postgresql" else nullcontext()

    def _read_linked(self, linked: Mapping[str, set[str]], facts: Sequence[FactQuery]) -> None:
        heads = {of: records.heads(self._connection, self._model[of], names) for of, names in linked.items()}
        for fact in facts:
            name = _linked_name(fact)
            if name is not None and fact.doctype in heads:
                self._known[_key(fact)] = heads[fact.doctype].get(name, {}).get(fact.field or "")

    def _answer(self, fact: FactQuery) -> Any:
        key = _key(fact)
        return self._known[key] if key in self._known else self._ask(fact)

    def calendar(self, situation: Situation, field: str | None = None) -> Calendar:
        return self._calendars.of_record(situation.doctype, situation.record, field)

    def lookup(self, doctype: str, names: frozenset[str], fieldnames: frozenset[str]) -> Mapping[str, Mapping[str, Any]]:
        """Fields of linked records by name, for `fetch_from`; empty when their DocType is not there."""
        found = self._model.get(doctype)
        return {} if found is None else records.heads(self._connection, found, names)


def _key(fact: FactQuery) -> Any:
    return fact.function, fact.doctype, fact.field, repr(fact.where), fact.order_by, fact.lock


def _question(doctype: DocType, fact: FactQuery) -> query.Question:
    return query.Question(doctype, cast(query.AggregateFunction, fact.function), fact.field, fact.where, fact.order_by)


def _linked_name(fact: FactQuery) -> str | None:
    """The record whose field a question reads by its name."""
    if fact.function == "first" and len(fact.where) == 1 and fact.where[0][:2] == ("name", "="):
        return str(fact.where[0][2])
    return None
