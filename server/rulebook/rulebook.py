"""The published rules, compiled: judges one event of one record and says what follows, with the reasons.

Immutable and shared between threads. Facts come from outside, effects are carried out outside; nothing here writes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any, cast

from ..core.errors import Fault, StorageUnavailable
from ..core.text import Text
from ..metadata.model import CANCELLED, Model
from .asking import Ask
from .branches import Branch, Level
from .compile import Broken, CompiledRule, EventPlan, MatcherChoice, SetStep, Stratum, compile_plan, matcher_builder, record_day
from .conditions import Compiled
from .consequences import Drawn
from .display import with_clauses
from .effects import ChangeRecord
from .gather import Holds, instant
from .model import Fulfil, Rule
from .obliging import next_occurrence, pause_tests
from .paths import PathRefused
from .place import Judgement, NotGathered, Place
from .situation import FactQuery, FactSource, Outcome, Record, RuleFailure, Situation
from .tables.compile import KEEP
from .trace import MAX_PARTS, ConditionTrace, FactTrace, RuleTrace, Trace

log = logging.getLogger("guiju.rulebook")

EXPLAINED_IN_FULL = 50  # rules that did not match; of those after them, only the condition that decided

__all__ = ["FactQuery", "FactSource", "Outcome", "Rulebook", "Situation"]


class _Failed:
    """The result of a condition that could not be decided: not true."""

    def __bool__(self) -> bool:
        return False


_FAILED = _Failed()


class Rulebook:
    """All rules in force at one metadata version."""

    def __init__(
        self,
        rules: Mapping[str, Rule],
        plans: Mapping[tuple[str, str], EventPlan],
        pausing: Mapping[str, list[tuple[str, Holds]]] | None = None,
    ) -> None:
        self.rules = rules
        self._plans = plans
        self._pausing = pausing or {}
        self._timed: dict[str, list[Rule]] = {}
        for rule in rules.values():
            if (rule.times or rule.is_recurring) and rule.enabled:
                self._timed.setdefault(rule.applies_to, []).append(rule)

    @classmethod
    def compile(cls, rules: Iterable[Rule], model: Model, matcher: MatcherChoice | str = "durable") -> Rulebook:
        """Compile the enabled rules. Rules that do not fit the model are reported when they would be judged."""
        build = matcher_builder(matcher)  # type: ignore[arg-type]
        known = list(rules)
        events: dict[tuple[str, str], list[Rule]] = {}
        for rule in known:
            if rule.enabled and rule.applies_to in model:
                for event in rule.all_events:
                    versions = [version for version in rule.all_versions if version.enabled]
                    events.setdefault((rule.applies_to, event), []).extend(versions)
        plans = {key: compile_plan(found, model, model[key[0]], build) for key, found in events.items()}
        return cls({rule.name: rule for rule in known}, plans, pause_tests(known, model))

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
                failures.append(RuleFailure(name, rule.title, rule.number, situation.event, _reason(error), False))
        return found, failures

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
        plan = self._plans.get((situation.doctype, situation.event))
        if plan is None:
            return Outcome(situation.record, Trace(situation.doctype, (situation.event,), situation.now))
        return _Evaluation(plan, situation, facts).outcome()


@dataclass(frozen=True, slots=True)
class _Judged:
    """A stratum as it was judged, kept for the trace."""

    stratum: Stratum
    place: Place


class _Evaluation:
    """One run through a plan."""

    def __init__(self, plan: EventPlan, situation: Situation, facts: FactSource) -> None:
        self.plan = plan
        self.situation = situation
        self.conclusions: set[str] = set()
        self.judgement = Judgement(situation, facts, self.conclusions)
        self.record: Record = dict(situation.record)
        self.place = Place(self.judgement, self.record, situation.old)
        self.results: list[Any] = [None] * len(plan.atoms)
        self.errors: dict[int, Exception] = {}
        self.known: set[int] = set()
        self.fired: list[CompiledRule] = []
        self.failed: dict[str, Text] = {}
        self.failures: list[RuleFailure] = []
        self.faults: list[Fault] = []
        self.values_set: dict[str, Any] = {}
        self.kinds: dict[str, list[str]] = {}
        self.set_by: dict[str, dict[str, Any]] = {}
        self.before: dict[str, dict[str, Any]] = {}  # by rule: what stood in the fields that it set
        self.changed: dict[str, tuple[ChangeRecord, ...]] = {}  # by rule
        self.judged: list[_Judged] = []
        self.explained: dict[tuple[int, int], ConditionTrace] = {}

    def outcome(self) -> Outcome:
        for broken in self.plan.broken:
            if broken.rule.in_force(record_day(self.place, broken.rule.dated_by)):
                self._fail(broken.rule, broken.reason)
        for stratum in self.plan.strata:
            self.judged.append(_Judged(stratum, self.place))
            fired = self._match(stratum)
            if fired:
                self.fired += fired
                for item in fired:
                    if item.rule.group:
                        self.judgement.spoken.setdefault(item.rule.group, item.rule.name)
                self._gather([ask for item in fired if item.then_asks for ask in item.then_asks])
                self._apply_sets(fired)
        self.fired.sort(key=lambda item: item.order)
        drawn = self._draw()
        self.judgement.seal()
        rules = sum(len(stratum.rules) for stratum in self.plan.strata) + len(self.plan.broken)
        return Outcome(
            record=self.record if self.values_set else self.situation.record,
            trace=Trace(self.situation.doctype, (self.situation.event,), self.situation.now, (self._entries,), rules),
            faults=tuple(self.faults + drawn.faults),
            warnings=tuple(drawn.warnings),
            effects=tuple(drawn.effects),
            matched=tuple(item.rule.name for item in self.fired),
            values_set=self.values_set,
            failures=tuple(self.failures),
        )

    def _match(self, stratum: Stratum) -> list[CompiledRule]:
        """The rules of a stratum that fire. A condition is decided once, and only while a rule that needs it may match."""
        candidates = self._candidates(stratum)
        known = self.known
        if not candidates or not any(known.issuperset(item.needs) for item in candidates):
            return []
        atoms = {index for item in candidates for index in item.atoms}
        matched = stratum.matcher.match(atoms, known)
        known |= matched.concluded
        self.conclusions.update(self.plan.conclusions[code] for code in matched.concluded)
        return [stratum.rules[index] for index in matched.fired]

    def _candidates(self, stratum: Stratum) -> list[CompiledRule]:
        """The rules whose conditions hold: first by what the record itself says, then by what others say, asked all at once."""
        possible = list(stratum.free)
        self._walk(stratum.conditions, possible)
        asking = {index: None for item in possible for index in item.asking if self.results[index] is None}
        if asking:
            asks = self.plan.asks
            self._gather(ask for index in asking for ask in asks[index])
        if not asking and not self.errors:
            return [item for item in possible if not item.asking or all(self.results[index] for index in item.asking)]
        return [item for item in possible if self._holds(item)]

    def _walk(self, level: Level[CompiledRule], possible: list[CompiledRule]) -> None:
        """The rules of which no condition about the record itself fails; one that could not be decided is looked at later."""
        if level.tried:
            self._try(level.tried, possible)
        for lookup in level.looked_up:
            value = self.place.doc.get(lookup.field)
            if value is None or value == "":
                continue
            try:
                hits = lookup.hits(value)
            except Exception:  # a value of another kind: each condition says so by itself
                self._try(lookup.branches, possible)
                continue
            for branch in hits:
                self.results[branch.atom] = True
                possible += branch.rules
                self._walk(branch.further, possible)

    def _try(self, branches: Sequence[Branch[CompiledRule]], possible: list[CompiledRule]) -> None:
        results, atoms, place = self.results, self.plan.atoms, self.place
        for branch in branches:
            index = branch.atom
            result = results[index]
            if result is None:
                try:
                    result = results[index] = atoms[index](place)
                except StorageUnavailable:
                    raise
                except Exception as error:  # the rule is isolated, the record is judged by the others
                    self.errors[index] = error
                    result = results[index] = _FAILED
            if result or result is _FAILED:
                possible += branch.rules
                self._walk(branch.further, possible)

    def _holds(self, item: CompiledRule) -> bool:
        """Whether all conditions of a rule hold; the first that could not be decided fails the rule."""
        for index in item.atoms:
            result = self.results[index]
            if result is None:
                result = self._decide(index)
            if not result:
                if result is _FAILED:
                    self._fail(item.rule, _reason(self.errors[index]), self.errors[index])
                return False
        return True

    def _decide(self, index: int) -> Any:
        """Whether a condition holds; a failure is not true, and is told when a rule turns on it."""
        try:
            result: Any = self.plan.atoms[index](self.place)
        except StorageUnavailable:
            raise
        except Exception as error:  # the rule is isolated, the record is judged by the others
            self.errors[index] = error
            result = _FAILED
        self.results[index] = result
        return result

    def _gather(self, asks: Iterable[Ask]) -> None:
        """Ask together what will be asked; a question that cannot even be put fails where it is read."""
        wanted: list[FactQuery] = []
        for ask in asks:
            try:
                wanted += ask(self.place)
            except StorageUnavailable:
                raise
            except Exception as error:
                log.debug("a question cannot be put beforehand: %r", error)
        if len(wanted) > 1:
            self.judgement.gather(wanted)

    def _apply_sets(self, fired: list[CompiledRule]) -> None:
        """Values that the rules of a stratum set, in the order of priority, then the formulas."""
        setters = [item for item in fired if item.sets]
        if not setters:
            return
        record = _copy(self.record)
        place = Place(self.judgement, record, self.situation.old)
        changed = False
        for item in setters:
            try:
                for step in item.sets:
                    for one, prefix in step.places(place):
                        changed = self._set(item.rule.name, step, one, prefix) or changed
            except StorageUnavailable:
                raise
            except Exception as error:
                self._fail(item.rule, _reason(error), error)
            if item.rule.name in self.set_by:
                self.kinds.setdefault(item.rule.name, []).append("set")
        if not changed:
            return
        if self.situation.recompute is not None:
            self.situation.recompute(record)
        self.record = record
        self.place = Place(self.judgement, record, self.situation.old)
        self.results = [None] * len(self.plan.atoms)

    def _set(self, rule: str, step: SetStep, place: Place, prefix: str) -> bool:
        """Set one field of the record or of a row of it; whether that changed anything."""
        given = step.read(place)
        if given is KEEP:
            return False
        name, path = step.item.fieldname, f"{prefix}{step.item.fieldname}"
        value, stood = step.item.type.parse(given, step.item), place.doc.get(name)
        self.set_by.setdefault(rule, {})[path] = value
        self.before.setdefault(rule, {}).setdefault(path, stood)
        if stood == value:
            return False
        cast(Record, place.doc)[name] = self.values_set[path] = value
        return True

    def _draw(self) -> Drawn:
        """Consequences on the record as it stands after all values were set."""
        drawn = Drawn()
        said = 0
        for item in self.fired:
            kinds = self.kinds.setdefault(item.rule.name, [])
            kinds += ["conclude"] * len(item.concludes)
            for kind, draw in item.draws:
                try:
                    draw(self.place, drawn)
                except StorageUnavailable:
                    raise
                except Exception as error:
                    self._fail(item.rule, _reason(error), error)
                before, said = said, len(drawn.faults) + len(drawn.warnings) + len(drawn.effects)
                if said > before:
                    kinds.append(kind)
            if "change" in kinds:
                changes = [one for one in drawn.effects if isinstance(one, ChangeRecord)]
                self.changed[item.rule.name] = tuple(one for one in changes if one.rule == item.rule.name)
        return drawn

    def _fail(self, rule: Rule, reason: Text, error: Exception | None = None) -> None:
        """A rule that cannot be judged refuses the save or is skipped, as it says; either way that is told."""
        if rule.name in self.failed:
            return
        self.failed[rule.name] = reason
        where = f"{self.situation.doctype} {self.situation.record.get('name') or ''} {self.situation.event}"
        log.error("rule %s could not be judged (%s): %s", rule.name, where, reason.en, exc_info=error)
        refuses = rule.refuses_on_failure
        self.failures.append(RuleFailure(rule.name, rule.title, rule.number, self.situation.event, reason, refuses))
        if refuses:
            text = Text(
                f"规则“{rule.title.zh}”无法判断：{reason.zh}。为稳妥起见不能继续，请联系管理员修正该规则（{rule.name}）。",
                f'The rule "{rule.title.en}" could not be judged: {reason.en}. To be safe this stops here; '
                f"ask an administrator to correct the rule ({rule.name}).",
            )
            self.faults.append(Fault("", with_clauses(text, rule.source), rule.source, rule.name))

    # The trace, built when it is read

    def _entries(self) -> list[RuleTrace]:
        fired = {id(item) for item in self.fired}
        found = [_broken_entry(broken) for broken in self.plan.broken if broken.rule.name in self.failed]
        silent = 0
        for item, place in self._told(fired):
            matched = id(item) in fired
            silent += not matched
            found.append(self._entry(item, place, matched, brief=not matched and silent > EXPLAINED_IN_FULL))
        return found

    def _told(self, fired: set[int]) -> Iterable[tuple[CompiledRule, Place]]:
        """The rules with the places where they were judged; of the versions of one rule the one in force, or the first."""
        chosen: dict[str, tuple[CompiledRule, Place]] = {}
        for judged in self.judged:
            for item in judged.stratum.rules:
                rule = item.rule
                if rule.name not in chosen or id(item) in fired or rule.in_force(record_day(judged.place, rule.dated_by)):
                    chosen[rule.name] = (item, judged.place)
        return chosen.values()

    def _entry(self, item: CompiledRule, place: Place, matched: bool, brief: bool) -> RuleTrace:
        """One rule explained; `brief` stops at the first condition that does not hold, which is why the rule did not match."""
        rule = item.rule
        conditions = []
        for condition in item.conditions:
            conditions.append(self._explanation(condition, place))
            if brief and conditions[-1].holds is False:
                break
        if matched:
            conditions += [_explained(table.explain, place) for table in item.tables]
        reason = self.failed.get(rule.name)
        note = None if reason is None else Text(f"无法判断：{reason.zh}", f"could not be judged: {reason.en}")
        return RuleTrace(
            rule=rule.name,
            title=rule.title,
            matched=matched,
            clauses=rule.source,
            conditions=tuple(conditions),
            facts=tuple(_facts(item, place)) if item.facts else (),
            then=tuple(self.kinds.get(rule.name, ())) if matched else (),
            concluded=tuple(sorted(rule.concludes())) if matched else (),
            values_set=tuple(self.set_by.get(rule.name, {}).items()) if matched else (),
            before=tuple(self.before.get(rule.name, {}).items()) if matched else (),
            changed=self.changed.get(rule.name, ()) if matched else (),
            note=note,
            version=_version_text(rule) if rule.is_versioned else None,
            silenced_by=self._silenced_by(item, conditions) if not matched and rule.group else "",
        )

    def _explanation(self, condition: Compiled, place: Place) -> ConditionTrace:
        """A condition explained, once for all rules that share it."""
        key = id(condition), id(place)
        if key not in self.explained:
            self.explained[key] = _explained(condition.explain, place)
        return self.explained[key]

    def _silenced_by(self, item: CompiledRule, conditions: Sequence[ConditionTrace]) -> str:
        """The rule that kept this one silent, where nothing else did."""
        first = self.judgement.spoken.get(item.rule.group, item.rule.name)
        others = [one for one in conditions if one.operator != "group"]
        return first if first != item.rule.name and all(one.holds for one in others) else ""


def _version_text(rule: Rule) -> Text:
    zh = (
        f"版本 {rule.number}"
        + (f"，自 {rule.valid_from}" if rule.valid_from else "")
        + (f" 至 {rule.valid_to}" if rule.valid_to else "")
    )
    en = (
        f"version {rule.number}"
        + (f", from {rule.valid_from}" if rule.valid_from else "")
        + (f" until {rule.valid_to}" if rule.valid_to else "")
    )
    return Text(zh, en)


def _broken_entry(broken: Broken) -> RuleTrace:
    note = Text(f"无法判断：{broken.reason.zh}", f"could not be judged: {broken.reason.en}")
    return RuleTrace(broken.rule.name, broken.rule.title, False, broken.rule.source, note=note)


def _explained(explain: Any, place: Place) -> ConditionTrace:
    try:
        found: ConditionTrace = explain(place)
        return found
    except Exception as error:  # an explanation must never spoil a save that was decided
        reason = _reason(error)
        return ConditionTrace(
            Text("条件", "condition"), note=Text(f"无法说明：{reason.zh}", f"cannot be explained: {reason.en}")
        )


def _facts(item: CompiledRule, place: Place) -> Iterable[FactTrace]:
    for name, read in item.facts.items():
        label = item.fact_labels.get(name) or Text.of(name)
        each = item.rule.facts[name].each
        for one in islice(place.rows(each), MAX_PARTS) if each else (place,):
            where = Text(f"第 {one.index + 1} 行", f"row {one.index + 1}") if each else None
            try:
                yield FactTrace(name, Text(f"{where.zh} {label.zh}", f"{where.en}: {label.en}") if where else label, read(one))
            except NotGathered:
                continue
            except Exception as error:
                log.debug("fact %s of rule %s cannot be explained: %r", name, item.rule.name, error)


def _reason(error: Exception) -> Text:
    text = getattr(error, "text", None)
    if isinstance(text, Text):
        return text
    if isinstance(error, PathRefused):
        return error.text
    said = f"{type(error).__name__}: {error}"[:300]
    return Text(said, said)


def _copy(record: Mapping[str, Any]) -> Record:
    """A copy whose rows can be changed as well."""
    return {
        key: [dict(row) if isinstance(row, dict) else row for row in value] if isinstance(value, list) else value
        for key, value in record.items()
    }
