"""One judgement: an event of one record run through the plan of its DocType. Conditions first, then the matcher, then what follows.

What is compiled beforehand stands in `compile`; how a judgement is explained, in `explained`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from ..core.errors import Fault, StorageUnavailable
from ..core.text import Text
from .asking import Ask
from .branches import Branch, Level
from .compile import CompiledRule, EventPlan, SetStep, Stratum, record_day
from .display import with_clauses
from .drawing import Drawn
from .effects import ChangeRecord
from .explained import Explanation, reason_of
from .model import Rule
from .place import Judgement, Place
from .situation import FactQuery, FactSource, Outcome, Record, RuleFailure, Situation
from .tables.compile import KEEP
from .trace import RuleTrace, Trace

log = logging.getLogger("guiju.rulebook")


class _Failed:
    """The result of a condition that could not be decided: not true."""

    def __bool__(self) -> bool:
        return False


_FAILED = _Failed()


class Judged(NamedTuple):
    """A stratum as it was judged, kept for the trace."""

    stratum: Stratum
    place: Place


class Evaluation:
    """One run through a plan."""

    def __init__(self, plan: EventPlan, situation: Situation, facts: FactSource) -> None:
        self.plan = plan
        self.situation = situation
        self.conclusions: set[str] = set()
        self.judgement = Judgement(situation, facts, self.conclusions)
        self.record: Record = situation.record  # replaced by a copy as soon as a rule sets a value
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
        self.judged: list[Judged] = []

    def outcome(self) -> Outcome:
        for broken in self.plan.broken:
            if broken.rule.in_force(record_day(self.place, broken.rule.dated_by)):
                self._fail(broken.rule, broken.reason)
        for stratum in self.plan.strata:
            self.judged.append(Judged(stratum, self.place))
            fired = self._match(stratum)
            if fired:
                self.fired += fired
                for item in fired:
                    if item.rule.group:
                        self.judgement.spoken.setdefault(item.rule.group, item.rule.name)
                self._gather([ask for item in fired if item.then_asks for ask in item.then_asks])
                self._apply_sets(fired)
        if len(self.fired) > 1:
            self.fired.sort(key=lambda item: item.order)
        drawn = self._draw()
        self.judgement.seal()
        situation = self.situation
        return Outcome(
            record=self.record if self.values_set else situation.record,
            trace=Trace(situation.doctype, (situation.event,), situation.now, (self._explained,), self.plan.number_of_rules),
            faults=tuple(self.faults + drawn.faults),
            warnings=tuple(drawn.warnings),
            effects=tuple(drawn.effects),
            matched=tuple([item.rule.name for item in self.fired]),
            values_set=self.values_set,
            failures=tuple(self.failures),
        )

    def _explained(self) -> Sequence[RuleTrace]:
        return Explanation(self).entries()

    def _match(self, stratum: Stratum) -> list[CompiledRule]:
        """The rules of a stratum that fire. A condition is decided once, and only while a rule that needs it may match."""
        candidates = self._candidates(stratum)
        known = self.known
        for item in candidates:
            if not item.needs or known.issuperset(item.needs):
                break
        else:
            return []
        atoms = {index for item in candidates for index in item.atoms}
        matched = stratum.matcher.match(atoms, known)
        if matched.concluded:
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
                    self._fail(item.rule, reason_of(self.errors[index]), self.errors[index])
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
                self._fail(item.rule, reason_of(error), error)
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
                    self._fail(item.rule, reason_of(error), error)
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


def _copy(record: Mapping[str, Any]) -> Record:
    """A copy whose rows can be changed as well."""
    return {
        key: [dict(row) if isinstance(row, dict) else row for row in value] if isinstance(value, list) else value
        for key, value in record.items()
    }
