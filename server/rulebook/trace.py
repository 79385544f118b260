"""The trace: for each rule considered, whether it matched, and for each of its conditions what was compared with what.

Built when it is first read, from the values as they were judged: facts that no decision needed are not gathered for it.
Its JSON form is bounded, so that it can be kept with every version of a record. Its parts are named tuples, for hundreds of
them are made in a save, and a frozen dataclass takes three times as long to make.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from ..core.text import EMPTY, Text
from ..core.values import to_json
from .effects import ChangeRecord

MAX_RULES = 300
MAX_CONDITIONS = 60
MAX_PARTS = 20
MAX_TEXT = 200
MAX_BYTES = 200_000
_SHORT = frozenset((int, float, bool, type(None)))  # kinds of values whose JSON is short
_AS_STORED = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_SORT_KEYS


def _written(value: Any) -> bytes:
    """As the store writes JSON."""
    try:
        return orjson.dumps(value, default=to_json, option=_AS_STORED)
    except TypeError:  # an integer of more than 64 bits, as a sum may be
        return json.dumps(to_json(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class ConditionTrace(NamedTuple):
    """One condition: `holds` is None when it was not decided, because an earlier condition had already failed."""

    label: Text
    operator: str = ""
    operator_label: Text = EMPTY
    expected: Any = None
    actual: Any = None
    expected_text: Text | None = None
    actual_text: Text | None = None
    holds: bool | None = None
    parts: tuple[ConditionTrace, ...] = ()
    where: str = ""
    note: Text | None = None

    def to_json(self, depth: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = {"label": _two(self.label), "holds": self.holds}
        if self.operator:
            found["operator"] = self.operator
            found["operator_label"] = _two(self.operator_label)
            found["expected"] = bounded(self.expected)
            found["actual"] = bounded(self.actual)
        if self.expected_text is not None:
            found["expected_text"] = _two(self.expected_text)
        if self.actual_text is not None:
            found["actual_text"] = _two(self.actual_text)
        if self.where:
            found["where"] = self.where
        if self.note is not None:
            found["note"] = _two(self.note)
        if self.parts and depth < 6:
            found["parts"] = [item.to_json(depth + 1) for item in self.parts[:MAX_PARTS]]
            if len(self.parts) > MAX_PARTS:
                found["parts_omitted"] = len(self.parts) - MAX_PARTS
        return found


class KeptCondition(ConditionTrace):
    """A condition on a value that is met again and again: its JSON is written once."""

    @cached_property
    def fragment(self) -> orjson.Fragment:
        return orjson.Fragment(_written(self.to_json()))


class FactTrace(NamedTuple):
    """A fact as it was gathered."""

    name: str
    label: Text
    value: Any

    def to_json(self) -> dict[str, Any]:
        return {"fact": self.name, "label": _two(self.label), "value": bounded(self.value)}


class RuleTrace(NamedTuple):
    """One rule as it was judged; `then` names the consequences it had, `note` what kept it from being judged.

    `before` holds what stood in the fields that it set: with it the record can be judged again as it was then.
    """

    rule: str
    title: Text
    matched: bool
    clauses: tuple[str, ...] = ()
    conditions: tuple[ConditionTrace, ...] = ()
    facts: tuple[FactTrace, ...] = ()
    then: tuple[str, ...] = ()
    concluded: tuple[str, ...] = ()
    values_set: tuple[tuple[str, Any], ...] = ()
    before: tuple[tuple[str, Any], ...] = ()
    changed: tuple[ChangeRecord, ...] = ()  # in other records
    note: Text | None = None
    version: Text | None = None  # of a rule that has several: which was in force
    silenced_by: str = ""  # the rule of its group that matched before it

    def to_json(self, known: dict[int, dict[str, Any]] | None = None) -> dict[str, Any]:
        """The JSON form; `known` keeps those of conditions that several rules share."""
        shared = {} if known is None else known
        for item in self.conditions[:MAX_CONDITIONS]:
            if id(item) not in shared:
                shared[id(item)] = item.to_json()
        return self._with([shared[id(item)] for item in self.conditions[:MAX_CONDITIONS]])

    def written(self, known: dict[int, orjson.Fragment]) -> bytes:
        """The JSON form as the store writes it; `known` as above."""
        conditions = []
        for item in self.conditions[:MAX_CONDITIONS]:
            if (found := known.get(id(item))) is None:
                found = item.fragment if isinstance(item, KeptCondition) else orjson.Fragment(_written(item.to_json()))
                known[id(item)] = found
            conditions.append(found)
        try:
            return orjson.dumps(self._with(conditions), default=to_json, option=_AS_STORED)
        except TypeError:
            return _written(self.to_json())

    def _with(self, conditions: list[Any]) -> dict[str, Any]:
        found: dict[str, Any] = {
            "rule": self.rule,
            "title": _two(self.title),
            "matched": self.matched,
            "clauses": list(self.clauses),
            "conditions": conditions,
        }
        if len(self.conditions) > MAX_CONDITIONS:
            found["conditions_omitted"] = len(self.conditions) - MAX_CONDITIONS
        if self.facts:
            found["facts"] = [item.to_json() for item in self.facts[:MAX_PARTS]]
        if self.then:
            found["then"] = list(self.then)
        if self.concluded:
            found["concluded"] = list(self.concluded)
        if self.values_set:
            found["set"] = {name: bounded(value) for name, value in self.values_set}
            found["before"] = {name: bounded(value) for name, value in self.before}
        if self.changed:
            found["changed"] = [
                {"doctype": one.doctype, "name": one.name, "text": _two(one.text), "values": bounded(one.values)}
                for one in self.changed[:MAX_PARTS]
            ]
        if self.note is not None:
            found["note"] = _two(self.note)
        if self.version is not None:
            found["version"] = _two(self.version)
        if self.silenced_by:
            found["silenced_by"] = self.silenced_by
        return found


class KeptRule(RuleTrace):
    """A rule that was judged as it is now before, by the same values: its JSON is written once."""

    @cached_property
    def _bytes(self) -> bytes:
        return super().written({})

    def written(self, known: dict[int, orjson.Fragment]) -> bytes:
        return self._bytes


class KeptRules(tuple[RuleTrace, ...]):
    """All rules of an event, judged as they are now before, by the same values."""

    @cached_property
    def stored(self) -> tuple[list[orjson.Fragment], int] | None:
        """Their JSON as the store writes it, and how many are left out; None where it is too long."""
        return _stored(self)


@dataclass(frozen=True)
class Trace:
    """The rules that were considered for one event of one record; several events of one save follow one another."""

    doctype: str
    events: tuple[str, ...]
    at: Any
    _sources: tuple[Callable[[], Sequence[RuleTrace]], ...] = field(default=(), repr=False)
    considered: int = 0

    @cached_property
    def entries(self) -> tuple[RuleTrace, ...]:
        found = [source() for source in self._sources]
        if len(found) == 1 and isinstance(found[0], KeptRules):
            return found[0]
        return tuple(entry for entries in found for entry in entries)

    @property
    def matched(self) -> tuple[RuleTrace, ...]:
        return tuple(entry for entry in self.entries if entry.matched)

    def of(self, rule: str) -> RuleTrace | None:
        """The entry of that rule, the last one when it was judged for two events."""
        return next((entry for entry in reversed(self.entries) if entry.rule == rule), None)

    def followed_by(self, other: Trace) -> Trace:
        return replace(
            self,
            events=self.events + other.events,
            _sources=self._sources + other._sources,
            considered=self.considered + other.considered,
        )

    def to_json(self) -> dict[str, Any]:
        """The bounded JSON form: rules that matched first, then the others; what was left out is counted."""
        ordered = sorted(self.entries, key=lambda entry: (not entry.matched, entry.note is None))
        shared: dict[int, dict[str, Any]] = {}
        rules = [entry.to_json(shared) for entry in ordered[:MAX_RULES]]
        kept = rules if len(_written(rules)) <= MAX_BYTES else _shortened(rules)
        return {
            "doctype": self.doctype,
            "events": list(self.events),
            "at": to_json(self.at),
            "rules": kept,
            "omitted": len(ordered) - len(kept),
        }

    def to_store(self) -> dict[str, Any]:
        """The same for the store, which writes it with its keys in order: what was written before is not made again."""
        entries = self.entries
        found = entries.stored if isinstance(entries, KeptRules) else _stored(entries)
        if found is None:
            return self.to_json()
        rules, omitted = found
        return {
            "doctype": self.doctype,
            "events": list(self.events),
            "at": to_json(self.at),
            "rules": rules,
            "omitted": omitted,
        }


def _stored(entries: Sequence[RuleTrace]) -> tuple[list[orjson.Fragment], int] | None:
    ordered = sorted(entries, key=lambda entry: (not entry.matched, entry.note is None))
    shared: dict[int, orjson.Fragment] = {}
    rules = [entry.written(shared) for entry in ordered[:MAX_RULES]]
    if sum(map(len, rules)) + len(rules) + 1 > MAX_BYTES:
        return None
    return [orjson.Fragment(rule) for rule in rules], len(ordered) - len(rules)


def _shortened(rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many of the rules as fit; from where they no longer fit in full, without their conditions."""
    size = 0
    kept: list[dict[str, Any]] = []
    for item in rules:
        length = len(_written(item))
        if size + length > MAX_BYTES:
            item = {
                key: item[key] for key in ("rule", "title", "matched", "clauses", "version", "silenced_by") if key in item
            } | {
                "conditions": [],
                "shortened": True,
            }
            length = len(_written(item))
        if size + length > 2 * MAX_BYTES:
            break
        size += length
        kept.append(item)
    return kept


def _two(text: Text) -> dict[str, str]:
    zh, en = text.zh, text.en
    if len(zh) + len(en) <= MAX_TEXT:
        return {"zh": zh, "en": en}
    return {"zh": _short(zh), "en": _short(en)}


def _short(text: str) -> str:
    return text if len(text) <= 4 * MAX_TEXT else text[: 4 * MAX_TEXT - 1] + "…"


def bounded(value: Any, depth: int = 0) -> Any:
    """A JSON form that stays small whatever the record holds."""
    if type(value) in _SHORT:
        return value
    plain = to_json(value) if not isinstance(value, set | frozenset) else sorted(to_json(item) for item in value)
    if type(plain) in _SHORT:
        return plain
    if isinstance(plain, str):
        return plain if len(plain) <= MAX_TEXT else plain[: MAX_TEXT - 1] + "…"
    if isinstance(plain, list):
        kept = [bounded(item, depth + 1) for item in plain[:MAX_PARTS]] if depth < 3 else []
        return [*kept, "…"] if len(plain) > MAX_PARTS else kept
    if isinstance(plain, dict):
        return {str(key): bounded(item, depth + 1) for key, item in list(plain.items())[:MAX_PARTS]} if depth < 3 else {}
    return plain if plain is None or isinstance(plain, int | float | bool) else str(plain)[:MAX_TEXT]
