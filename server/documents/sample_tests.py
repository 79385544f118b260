"""A rule's test made from a record: the values that the rule reads, as one reader may see them, and what came of them.

What the reader may not see is left out and named: a test is published for everybody who reads the rule.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..core.clock import Clock
from ..core.text import Text
from ..core.values import Masked, to_json
from ..metadata.model import DocType, Model
from ..rulebook.model import Rule
from ..rulebook.read import read
from ..rulebook.rulebook import Rulebook
from ..rulebook.situation import FactQuery, Situation
from ..rulebook.testing import run_test
from ..storage.database import Database
from .facts import DatabaseFacts
from .queries import QueryService
from .service import DocumentService
from .snapshot import Snapshot

MAX_ROWS = 20
_WORD = re.compile(r"[^\W\d]\w*")
_NOTHING_FOUND = {"count": 0, "sum": 0, "exists": False, "list": []}  # other functions find no value
_ABOUT_CHANGE = {"changed", "was", "increased_by_percent", "decreased_by_percent"}
_ABOUT_TIME = {"older_than", "within", "before", "after", "now", "today"}

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SampleTest:
    """The test as JSON; what could not be taken along; what the rule in force had come to when the record was last saved."""

    test: Mapping[str, Any]
    withheld: tuple[Text, ...] = ()
    happened: tuple[str, ...] | None = None


class SampleTests:
    """Makes tests from the records of one site."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        snapshots: Callable[[], Snapshot],
        documents: DocumentService,
        queries: QueryService,
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._documents = documents
        self._queries = queries

    def make(self, user: User, rule: Rule, name: str) -> SampleTest:
        """A test of `rule`, which need not be in force, from the record `name`. Raises NotFound, PermissionRefused."""
        model = self._snapshots().model
        doctype = self._snapshots().record_type(rule.applies_to)
        seen = self._documents.load(user, doctype.name, name)
        words = _words(rule)
        doc, withheld = _values(doctype, model, seen, words)
        with self._database.read() as connection:
            then, asked = self._judged(connection, rule, seen, user)
        facts = {}
        for query, value in asked:
            if self._may_know(user, model, query):
                facts[query.name] = to_json(value)
            else:
                withheld.append(Text(f"事实 {query.name}", f"the fact {query.name}"))
        title = doctype.title_of(seen)
        test: dict[str, Any] = {"title": name if title == name else f"{name} {title}", "doc": doc, "then": list(then)}
        if facts:
            test["facts"] = facts
        if words & _ABOUT_CHANGE:
            test["old"] = dict(doc)
        if words & _ABOUT_TIME or rule.times:
            test["now"] = to_json(self._clock.now())
        if "user" in words:
            test["user"] = {"roles": sorted(user.roles - {"All"})}
        happened = self._happened(user, rule, doctype, name)
        if happened is not None:
            test["then"] = list(happened)
        return SampleTest(test, tuple(withheld), happened)

    def of_values(self, rule: Rule, values: Record) -> SampleTest:
        """A test of values that no record has; other records are taken to say nothing. It expects what the rule says now."""
        model = self._snapshots().model
        words = _words(rule)
        doc, _ = _values(self._snapshots().record_type(rule.applies_to), model, values, words)
        test: dict[str, Any] = {"title": "", "doc": doc, "then": []}
        if rule.facts:
            test["facts"] = {name: _NOTHING_FOUND.get(fact.function) for name, fact in rule.facts.items()}
        if words & _ABOUT_CHANGE:
            test["old"] = dict(doc)
        if words & _ABOUT_TIME or rule.times:
            test["now"] = to_json(self._clock.now())
        tested, _ = read({**rule.raw, "tests": [test]}, "")
        if tested is not None and tested.tests:
            outcome = run_test(tested, tested.tests[0], model, "reference").outcome
            entry = outcome.trace.of(rule.name) if outcome is not None else None
            test["then"] = list(entry.then) if entry else []
        return SampleTest(test)

    def _judged(
        self, connection: Connection, rule: Rule, record: Record, user: User
    ) -> tuple[tuple[str, ...], list[tuple[FactQuery, Any]]]:
        """What the rule would come to, and the questions that it asked of other records with their answers."""
        model = self._snapshots().model
        heard = _Heard(connection, model)
        event = rule.events[0] if rule.events else rule.time_event
        situation = Situation(rule.applies_to, event, _plain(record), user, self._clock.now(), _plain(record))
        outcome = Rulebook.compile([rule], model, "reference").evaluate(situation, heard)
        entry = outcome.trace.of(rule.name)
        return (entry.then if entry else ()), list(heard.asked.values())

    def _may_know(self, user: User, model: Model, query: FactQuery) -> bool:
        """Whether this reader could have found out by themselves: they see the field in every record of that kind."""
        target, permissions = model.get(query.doctype), Permissions(model)
        if target is None or permissions.scope(user, query.doctype) != "all" or permissions.confined(user, target):
            return False
        item = target.by_name.get(query.field or "")
        return item is None or permissions.sight(user, query.doctype).sees_plainly(item)

    def _happened(self, user: User, rule: Rule, doctype: DocType, name: str) -> tuple[str, ...] | None:
        """What the rule of this name came to at the last save, as the record's explanation tells this reader."""
        trace = self._queries.why(user, doctype.name, name)
        for entry in (trace or {}).get("rules") or ():
            if entry.get("rule") == rule.name:
                return tuple(entry.get("then") or ())
        return None


class _Heard(DatabaseFacts):
    """Answers from the database, remembering what was asked."""

    def __init__(self, connection: Connection, model: Model) -> None:
        super().__init__(connection, model)
        self.asked: dict[str, tuple[FactQuery, Any]] = {}

    def value(self, fact: FactQuery, situation: Situation) -> Any:
        found = super().value(fact, situation)
        self.asked[fact.name] = (fact, found)
        return found

    def answers(self, facts: Sequence[FactQuery]) -> list[Any]:
        found = super().answers(facts)
        self.asked.update((fact.name, (fact, answer)) for fact, answer in zip(facts, found, strict=True))
        return found


def _words(rule: Rule) -> set[str]:
    """Every word that the rule's conditions, facts and consequences hold: the names of the fields it reads are among them."""
    spoken = {key: rule.raw.get(key) for key in ("on", "facts", "when", "then")}
    return set(_WORD.findall(json.dumps(spoken, ensure_ascii=False)))


def _values(doctype: DocType, model: Model, seen: Record, words: set[str]) -> tuple[dict[str, Any], list[Text]]:
    """The record's values under those names, and the labels of the fields that the reader does not see in full."""
    found: dict[str, Any] = {}
    withheld: list[Text] = []
    for item in doctype.data_fields:
        name = item.fieldname
        if name not in words or item.type.is_secret:
            continue
        if name not in seen or isinstance(seen[name], Masked):
            withheld.append(item.label or Text.of(name))
        elif item.type.holds_rows:
            rows = [_row(model.child(item), row, words) for row in (seen[name] or ())[:MAX_ROWS]]
            found[name] = rows
            if len(seen[name] or ()) > MAX_ROWS:
                label = item.label or Text.of(name)
                withheld.append(Text(f"{label.zh}第 {MAX_ROWS} 行之后", f"rows of {label.en} after {MAX_ROWS}"))
        elif seen[name] not in (None, ""):
            found[name] = to_json(seen[name])
    if "docstatus" in words:
        found["docstatus"] = seen.get("docstatus") or 0
    return found, withheld


def _row(child: DocType, row: Record, words: set[str]) -> dict[str, Any]:
    return dict(_shown(child, row, words))


def _shown(child: DocType, row: Record, words: set[str]) -> Iterator[tuple[str, Any]]:
    for item in child.stored_fields:
        value = row.get(item.fieldname)
        if item.fieldname in words and value not in (None, "") and not isinstance(value, Masked):
            yield item.fieldname, to_json(value)


def _plain(record: Record) -> dict[str, Any]:
    """Without what is masked: that is no value."""
    return {name: value for name, value in record.items() if not isinstance(value, Masked)}
