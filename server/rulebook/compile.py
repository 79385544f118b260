"""Rules of one DocType and event compiled to a plan: strata of rules over shared atoms.

Equal conditions of several rules become one atom, decided once. A rule that does not fit its DocType any more is kept apart
as broken, with the reason: it is reported when it would have been judged, never silently left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from typing import Literal as OneOf

from ..core.text import Text
from ..metadata.model import DocField, DocType, Model
from .asking import Ask, asks_of, asks_of_consequences
from .branches import Literal, tree
from .conditions import Compiled, compile_condition, row_test
from .consequences import compile_consequence
from .drawing import Draw, Making, RowPlaces, row_places
from .durable import DurableMatcher
from .gather import Holds, fact_readers
from .matcher import (
    MAX_ATOMS_PER_RULE,
    MAX_NEEDS,
    ComparedMatcher,
    GuardedMatcher,
    Matcher,
    MatcherBuilder,
    MatchPlan,
    MatchRule,
    ReferenceMatcher,
)
from .model import TRANSITION, Compare, Concluded, Condition, Fact, MoveTrigger, Operand, Rows, Rule, SetFields, walk
from .operands import FactReaders, Read, operand_reader
from .operators import as_day
from .paths import Frame, PathRefused, fact_label, resolve, unknown
from .place import Place
from .reads import conjunction
from .strata import RuleLoop, stratify
from .tables.compile import CompiledTable, compile_table
from .trace import ConditionTrace, KeptRules, RuleTrace

MatcherChoice = OneOf["durable", "reference", "both"]


@dataclass(frozen=True, slots=True)
class SetStep:
    """Set `item` to what `read` gives, in the record or in the rows chosen; KEEP leaves it as it is."""

    item: DocField
    read: Read
    rows: RowPlaces | None = None

    def places(self, place: Place) -> Iterable[tuple[Place, str]]:
        """Where it is set, and what stands before the name of the field there."""
        if self.rows is None:
            return ((place, ""),)
        return [(one, f"{where}.") for one, where, _ in self.rows.places(place)]


@dataclass(eq=False)
class CompiledRule:
    """A rule ready to be judged: numbers for the matcher, closures for values and consequences."""

    rule: Rule
    atoms: tuple[int, ...]
    needs: tuple[int, ...]
    concludes: tuple[int, ...]
    conditions: tuple[Compiled, ...]
    sets: tuple[SetStep, ...]
    draws: tuple[tuple[str, Draw], ...]
    facts: FactReaders
    fact_labels: dict[str, Text] = field(default_factory=dict)
    tables: tuple[CompiledTable, ...] = ()
    plain: tuple[int, ...] = ()  # the atoms that ask no other record: decided first
    asking: tuple[int, ...] = ()
    then_asks: tuple[Ask, ...] = ()
    told: dict[tuple[Any, ...], RuleTrace] = field(default_factory=dict, compare=False, repr=False)  # see `explained`

    @cached_property
    def order(self) -> tuple[int, str]:
        return self.rule.order


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that cannot be judged at all, and why."""

    rule: Rule
    reason: Text


class Stratum:
    """Rules that are matched together. The matcher is built when it is first needed.

    `conditions` are those about the record itself as a tree; `free` are the rules without any.
    """

    def __init__(self, rules: Sequence[CompiledRule], build: MatcherBuilder, literals: Mapping[int, Literal]) -> None:
        self.rules = tuple(rules)
        self._build = build
        self.free = tuple(item for item in rules if not item.plain)
        self.conditions = tree([(item.plain, item) for item in rules], literals)

    @cached_property
    def matcher(self) -> Matcher:
        return self._build(MatchPlan(tuple(MatchRule(item.atoms, item.needs, item.concludes) for item in self.rules)))


@dataclass(frozen=True)
class EventPlan:
    """Everything that is judged for one event of one DocType."""

    doctype: DocType
    strata: tuple[Stratum, ...]
    atoms: tuple[Holds, ...]
    asks: tuple[tuple[Ask, ...], ...]  # what each atom will ask
    conclusions: tuple[str, ...]  # by number
    broken: tuple[Broken, ...] = ()
    told: dict[tuple[Any, ...], KeptRules] = field(default_factory=dict, compare=False, repr=False)  # see `explained`

    @cached_property
    def told_by(self) -> tuple[Read, ...] | None:
        """The values of the record from which alone the whole explanation follows, with what was drawn; None where more is needed."""
        rules = list(self.rules)
        if len(self.strata) != 1 or self.broken or any(item.facts or item.tables or item.sets for item in rules):
            return None
        followed = [condition.follows for item in rules for condition in item.conditions]
        return tuple(dict(one for one in followed if one).values()) if all(followed) else None

    @property
    def rules(self) -> Iterable[CompiledRule]:
        return (item for stratum in self.strata for item in stratum.rules)

    @cached_property
    def number_of_rules(self) -> int:
        """Those that cannot be judged included."""
        return sum(len(stratum.rules) for stratum in self.strata) + len(self.broken)


def matcher_builder(choice: MatcherChoice) -> MatcherBuilder:
    """How matchers are built under a setting."""
    if choice == "reference":
        return ReferenceMatcher
    if choice == "both":
        return lambda plan: ComparedMatcher(ReferenceMatcher(plan), DurableMatcher(plan))
    if choice == "durable":
        return lambda plan: GuardedMatcher(plan, DurableMatcher)
    raise ValueError(f'matcher is "durable", "reference" or "both", not {choice!r}')


def compile_plan(rules: Sequence[Rule], model: Model, doctype: DocType, build: MatcherBuilder) -> EventPlan:
    """The plan of the rules of one event. Never raises: what cannot be compiled is broken."""
    broken: list[Broken] = []
    ordered, looped = _strata(rules, model, doctype)
    broken += looped
    atoms = _Atoms()
    codes: dict[str, int] = {}
    strata = []
    for stratum in ordered:
        compiled = []
        for rule in stratum:
            try:
                compiled.append(compile_rule(rule, model, doctype, atoms, codes))
            except PathRefused as refused:
                broken.append(Broken(rule, refused.text))
        if compiled:
            strata.append(Stratum(compiled, build, atoms.literals))
    return EventPlan(doctype, tuple(strata), tuple(atoms.holds), tuple(atoms.asks), tuple(codes), tuple(broken))


def _strata(rules: Sequence[Rule], model: Model, doctype: DocType) -> tuple[list[list[Rule]], list[Broken]]:
    left = list(rules)
    broken: list[Broken] = []
    while True:
        try:
            return stratify(left, model, doctype), broken
        except RuleLoop as loop:
            broken += [Broken(rule, loop.text) for rule in left if rule.name in loop.rules]
            left = [rule for rule in left if rule.name not in loop.rules]


class _Atoms:
    """Numbers for conditions, one for all equal ones."""

    def __init__(self) -> None:
        self.holds: list[Holds] = []
        self.asks: list[tuple[Ask, ...]] = []
        self.literals: dict[int, Literal] = {}
        self._numbers: dict[Any, tuple[int, Compiled]] = {}

    def number(self, key: Any, build: Callable[[], Compiled], asks: Callable[[], tuple[Ask, ...]]) -> tuple[int, Compiled]:
        found = self._numbers.get(key)
        if found is None:
            found = (len(self.holds), build())
            self._numbers[key] = found
            self.holds.append(found[1].holds)
            self.asks.append(asks())
            if found[1].literal is not None:
                self.literals[found[0]] = found[1].literal
        return found


def compile_rule(rule: Rule, model: Model, doctype: DocType, atoms: _Atoms, codes: dict[str, int]) -> CompiledRule:
    """One rule. Raises PathRefused when it does not fit the DocType."""
    frame = Frame(model, doctype, rule.facts)
    facts = fact_readers(rule.facts, frame, row_test)
    numbers: list[int] = []
    needs: list[int] = []
    conditions: list[Compiled] = []
    if rule.valid_from is not None or rule.valid_to is not None:
        dated = _dated(rule, frame)
        number, compiled = atoms.number(
            ("in force", rule.dated_by, rule.valid_from, rule.valid_to), lambda: _in_force(rule, dated), tuple
        )
        numbers.append(number)
        conditions.append(compiled)
    if rule.moves:
        number, compiled = atoms.number(("transition", rule.moves), lambda: _on_the_way(rule.moves), tuple)
        numbers.append(number)
        conditions.append(compiled)
    if rule.group:
        number, compiled = atoms.number(("group", rule.group, rule.name), lambda: _first_of_group(rule), tuple)
        numbers.append(number)
        conditions.append(compiled)
    for item in conjunction(rule.when):
        if isinstance(item, Concluded):
            needs.append(codes.setdefault(item.name, len(codes)))
            conditions.append(compile_condition(item, frame, facts))
            continue
        key = (item, _facts_of(item, rule))
        number, compiled = atoms.number(
            key,
            lambda item=item: compile_condition(item, frame, facts),  # type: ignore[misc]
            lambda item=item: asks_of((item,), frame, facts),  # type: ignore[misc]
        )
        numbers.append(number)
        conditions.append(compiled)
    _refuse_too_many(rule, numbers, needs)
    making = Making(rule, frame, facts)
    drawn = [(item.kind, compile_consequence(item, making)) for item in rule.then]
    tables = tuple(compile_table(table, making) for table in rule.tables)
    drawn += [(kind, draw) for table in tables for kind, draw in table.drawers()]
    own = tuple(dict.fromkeys(numbers))
    return CompiledRule(
        rule=rule,
        atoms=own,
        plain=tuple(number for number in own if not atoms.asks[number]),
        asking=tuple(number for number in own if atoms.asks[number]),
        then_asks=asks_of_consequences(rule.then, frame, facts),
        needs=tuple(dict.fromkeys(needs)),
        concludes=tuple(codes.setdefault(name, len(codes)) for name in sorted(rule.concludes())),
        conditions=tuple(conditions),
        sets=(*set_steps(rule, frame, facts), *(SetStep(*step) for table in tables for step in table.setters())),
        draws=tuple((kind, draw) for kind, draw in drawn if draw is not None),
        facts=facts,
        fact_labels={name: fact_label(fact, frame) for name, fact in rule.facts.items()},
        tables=tables,
    )


def _refuse_too_many(rule: Rule, numbers: list[int], needs: list[int]) -> None:
    if len(numbers) > MAX_ATOMS_PER_RULE:
        limit = MAX_ATOMS_PER_RULE
        raise PathRefused(
            Text(f"条件有 {len(numbers)} 个，最多 {limit} 个", f"{len(numbers)} conditions; at most {limit} in one rule")
        )
    if len(needs) > MAX_NEEDS:
        raise PathRefused(
            Text(
                f"引用了 {len(needs)} 个结论，最多 {MAX_NEEDS} 个",
                f"{len(needs)} conclusions are needed; at most {MAX_NEEDS} in one rule",
            )
        )


def _facts_of(item: Condition, rule: Rule) -> tuple[Fact, ...]:
    """The facts that a condition reads: rules may give different facts one name."""
    found: dict[str, Fact] = {}

    def see(path: object) -> None:
        if isinstance(path, str) and path.startswith("@") and path[1:] in rule.facts:
            fact = rule.facts[path[1:]]
            found.setdefault(fact.name, fact)

    def see_operand(operand: Operand) -> None:
        if operand.kind == "path":
            see(operand.value)
        elif isinstance(operand.value, tuple):
            for part in operand.value:
                see_operand(part)

    for part in walk((item,)):
        if isinstance(part, Compare):
            see(part.path)
            see_operand(part.value)
        elif isinstance(part, Rows):
            see_operand(part.count)
    return tuple(found.values())


def set_steps(rule: Rule, frame: Frame, facts: FactReaders) -> Iterable[SetStep]:
    """The values a rule sets. Raises PathRefused."""
    for item in rule.then:
        if not isinstance(item, SetFields):
            continue
        rows = row_places(item.each, Making(rule, frame, facts))
        inner = rows.frame
        for name, operand in item.values:
            target = inner.here.by_name.get(name)
            if target is None or target.type.kind is None:
                raise unknown(name, inner.here, [one.fieldname for one in inner.here.stored_fields])
            if target.is_computed:
                raise PathRefused(
                    Text(f"{name} 由公式计算，规则不能设置", f"{name} is computed by a formula; a rule cannot set it")
                )
            yield SetStep(target, operand_reader(operand, inner, facts, target), rows if item.each else None)


def record_day(place: Place, dated_by: str = "") -> date:
    """The day by which the version in force is chosen: that of the field, of the record's creation, or today."""
    made = place.root.doc.get(dated_by or "creation")
    return as_day(made) if made else place.judgement.moment.today


def _dated(rule: Rule, frame: Frame) -> Text:
    """What the day is called by which the version is chosen. Raises PathRefused for a field that holds none."""
    found = resolve(rule.dated_by or "creation", frame)
    if found.source != "field" or found.kind not in ("date", "datetime"):
        raise PathRefused(
            Text(
                f"dated_by：{rule.dated_by!r} 不是日期或时间字段",
                f"dated_by: {rule.dated_by!r} is not a Date or Datetime field",
            )
        )
    return found.label


def _in_force(rule: Rule, dated: Text) -> Compiled:
    label = Text(f"规则有效期（按{dated.zh}）", f"rule in force (by {dated.en})")
    period = f"{rule.valid_from or '…'} – {rule.valid_to or '…'}"

    def holds(place: Place) -> bool:
        return rule.in_force(record_day(place, rule.dated_by))

    def explain(place: Place) -> ConditionTrace:
        return ConditionTrace(label, "within", Text("在", "on"), period, record_day(place, rule.dated_by), holds=holds(place))

    return Compiled(holds, explain)


def _on_the_way(moves: tuple[MoveTrigger, ...]) -> Compiled:
    """On a transition: it is one that the rule names. The other events of the rule are not concerned."""
    label = Text("流程动作", "transition of the workflow")

    def holds(place: Place) -> bool:
        situation = place.judgement.situation
        return situation.event != TRANSITION or any(one.fits(situation.move or ("", "", "")) for one in moves)

    def explain(place: Place) -> ConditionTrace:
        return ConditionTrace(
            label,
            "transition",
            Text("为", "is"),
            actual=" → ".join(filter(None, place.judgement.situation.move or ())),
            holds=holds(place),
        )

    return Compiled(holds, explain)


def _first_of_group(rule: Rule) -> Compiled:
    """No rule that comes earlier in the group has matched. Strata see to it that this is known by then."""
    label = Text(f"规则组“{rule.group}”中最先成立", f'first to match in the group "{rule.group}"')

    def holds(place: Place) -> bool:
        return place.judgement.spoken.get(rule.group, rule.name) == rule.name

    def explain(place: Place) -> ConditionTrace:
        first = place.judgement.spoken.get(rule.group, rule.name)
        note = None if first == rule.name else Text(f"规则 {first} 已先成立", f"{first} has matched before it")
        return ConditionTrace(label, "group", holds=note is None, note=note)

    return Compiled(holds, explain)
