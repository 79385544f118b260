"""The published rules, compiled: judges one event of one record and says what follows, with the reasons.

Immutable and shared between threads. Facts come from outside, effects are carried out outside; nothing here writes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any

from ..core.errors import StorageUnavailable
from ..core.text import Text
from ..metadata.model import CANCELLED, Model
from .compile import EventPlan, MatcherChoice, compile_plan, matcher_builder
from .evaluation import Evaluation
from .explained import reason_of
from .gather import Holds, instant
from .model import Assign, Fulfil, Rule, Warn
from .obliging import next_occurrence, pause_tests
from .place import Judgement, Place
from .situation import FactQuery, FactSource, Outcome, RuleFailure, Situation
from .trace import Trace

log = logging.getLogger("guiju.rulebook")

__all__ = ["FactQuery", "FactSource", "Outcome", "Rulebook", "Situation"]


class Plans:
    """The plan of each event of a DocType, compiled when it is first judged: all of them take half a second, which everybody would
    wait for after every publication."""

    def __init__(self, events: Iterable[tuple[str, str]], compiled: Callable[[tuple[str, str]], EventPlan]) -> None:
        self._events = frozenset(events)
        self._compiled = compiled
        self._known: dict[tuple[str, str], EventPlan] = {}
        self._lock = Lock()

    def get(self, doctype: str, event: str) -> EventPlan | None:
        """None where no rule speaks."""
        key = (doctype, event)
        if (found := self._known.get(key)) is not None:
            return found
        if key not in self._events:
            return None
        with self._lock:
            if key not in self._known:
                self._known[key] = self._compiled(key)
            return self._known[key]


class Rulebook:
    """All rules in force at one metadata version."""

    def __init__(
        self,
        rules: Mapping[str, Rule],
        plans: Plans,
        pausing: Mapping[str, list[tuple[str, Holds]]] | None = None,
    ) -> None:
        self.rules = rules
        self._plans = plans
        self._pausing = pausing or {}
        self._timed: dict[str, list[Rule]] = {}
        for rule in rules.values():
            if (rule.times or rule.is_recurring) and rule.enabled:
                self._timed.setdefault(rule.applies_to, []).append(rule)
        self._assigning: dict[str, list[Rule]] = {}
        for rule in rules.values():
            if rule.enabled and any(isinstance(item, Assign) for version in rule.all_versions for item in version.then):
                self._assigning.setdefault(rule.applies_to, []).append(rule)

    @classmethod
    def compile(cls, rules: Iterable[Rule], model: Model, matcher: MatcherChoice | str = "durable") -> Rulebook:
        """The enabled rules, compiled when they are first asked. Rules that do not fit the model are reported when they would be judged."""
        build = matcher_builder(matcher)  # type: ignore[arg-type]
        known = list(rules)
        events: dict[tuple[str, str], list[Rule]] = {}
        for rule in known:
            if rule.enabled and rule.applies_to in model:
                for event in rule.all_events:
                    versions = [version for version in rule.all_versions if version.enabled]
                    events.setdefault((rule.applies_to, event), []).extend(versions)

        def compiled(key: tuple[str, str]) -> EventPlan:
            return compile_plan(events[key], model, model[key[0]], build)

        return cls({rule.name: rule for rule in known}, Plans(events, compiled), pause_tests(known, model))

    def title(self, rule: str) -> Text:
        """The title of a rule; its name when it is not (or no longer) there."""
        found = self.rules.get(rule)
        return found.title if found is not None and found.title else Text.of(rule)

    def of(self, doctype: str) -> list[Rule]:
        """The rules of a DocType in the order of their priority."""
        return sorted((rule for rule in self.rules.values() if rule.applies_to == doctype), key=lambda rule: rule.order)

    def is_timed(self, doctype: str) -> bool:
        """Whether any rule of this DocType waits for a time."""
        return doctype in self._timed

    def waiting(self, situation: Situation, facts: FactSource) -> tuple[dict[str, bool], list[RuleFailure]]:
        """For each rule of this DocType whose obligations may wait (`pause_when`): whether they wait, the record being as it is. Those
        that cannot be judged leave the clock as it is; they are the second part of the answer."""
        tests = self._pausing.get(situation.doctype)
        found: dict[str, bool] = {}
        failures: list[RuleFailure] = []
        if not tests:
            return found, failures
        place = Place(Judgement(situation, facts, set()), situation.record, situation.old)
        for name, holds in tests:
            try:
                found[name] = holds(place)
            except StorageUnavailable:
                raise
            except Exception as error:
                rule = self.rules[name]
                log.exception("pause_when of rule %s could not be judged", name)
                failures.append(RuleFailure(name, rule.title, rule.number, situation.event, reason_of(error), False))
        return found, failures

    def may_wait(self, doctype: str) -> bool:
        """Whether a rule of this DocType owes something that may wait."""
        return bool(self._pausing.get(doctype))

    def may_warn(self, doctype: str) -> bool:
        """Whether a rule of this DocType can warn of anything."""
        return doctype in self._warning

    @cached_property
    def _warning(self) -> frozenset[str]:
        enabled = (rule for rule in self.rules.values() if rule.enabled)
        return frozenset(rule.applies_to for rule in enabled for version in rule.all_versions if Warn.kind in version.kinds)

    @cached_property
    def fulfilled(self) -> frozenset[str]:
        """The rules whose obligations another rule meets; those of all others are met by hand."""
        drawn = (
            item for rule in self.rules.values() for version in rule.all_versions if version.enabled for item in version.then
        )
        return frozenset(item.rule for item in drawn if isinstance(item, Fulfil))

    def recurring(self, doctype: str) -> list[Rule]:
        """The rules of this DocType that plan obligations ahead."""
        return [rule for rule in self._timed.get(doctype, ()) if rule.is_recurring]

    def assigning(self, doctype: str) -> list[Rule]:
        """The rules of this DocType that assign records."""
        return self._assigning.get(doctype, [])

    def timers(self, record: Mapping[str, Any], doctype: str, now: datetime) -> dict[tuple[str, int], datetime]:
        """When which time rule is to be judged for this record: by rule name and place among the rule's times. None for a
        cancelled record."""
        found: dict[tuple[str, int], datetime] = {}
        if record.get("docstatus") == CANCELLED:
            return found
        for rule in self._timed.get(doctype, ()):
            for place, trigger in enumerate(rule.times):
                start = instant(record.get(trigger.of))
                if start is not None:
                    found[rule.name, place] = start + trigger.after
            if (at := next_occurrence(rule, record, now)) is not None:
                found[rule.name, len(rule.times)] = at
        return found

    def evaluate(self, situation: Situation, facts: FactSource) -> Outcome:
        """Judge one event of one record. The record given is not changed; the outcome holds the one with values set.

        Raises StorageUnavailable when facts cannot be gathered; any other failure is that rule's alone.
        """
        plan = self._plans.get(situation.doctype, situation.event)
        if plan is None:
            return Outcome(situation.record, Trace(situation.doctype, (situation.event,), situation.now))
        return Evaluation(plan, situation, facts).outcome()
