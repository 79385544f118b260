"""Conditions as boxes: for each value that is compared with literals the set it must be in, and the conditions left as they stand.

A rule's condition is the union of its boxes (the disjunctive normal form), bounded in number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ...core.text import Text
from ...expressions import ExpressionRefused, Scope, parse
from ...expressions.operators import truth
from ...metadata.model import CANCELLED, DRAFT, SUBMITTED, DocType, Model
from ..display import join, show
from ..model import Compare, Condition, Expr, Fact, Group, Rows, Rule
from ..operands import value_of
from ..operators import OPERATORS
from ..paths import Frame, PathRefused, Resolved, resolve, shown_kind
from .domains import LINE, Domain, Points, Spans, at, covers, points

MAX_BOXES = 64
Key = tuple[str, Fact | None]
_ORDERED = ("number", "date", "datetime", "time")
_STATES = {"submit": (SUBMITTED,), "cancel": (CANCELLED,)}


class TooMany(Exception):
    """A condition with more alternatives than are looked at."""


@dataclass(frozen=True)
class Box:
    """Values that hold together; `others` are conditions that hold beside, each with whether it is to hold."""

    domains: Mapping[Key, Domain] = field(default_factory=dict)
    others: frozenset[Any] = frozenset()

    def meet(self, other: Box) -> Box | None:
        """Both; None when no record can be in both."""
        if any((condition, not holds) in self.others for condition, holds in other.others):
            return None
        domains = dict(self.domains)
        for key, domain in other.domains.items():
            domains[key] = domain.meet(domains[key]) if key in domains else domain
            if domains[key].is_empty:
                return None
        return Box(domains, self.others | other.others)


Boxes = list[Box]
EVERYTHING: Boxes = [Box()]


class Reader:
    """Reads the conditions of one rule as boxes."""

    def __init__(self, rule: Rule, model: Model, doctype: DocType) -> None:
        self.rule = rule
        self.frame = Frame(model, doctype, rule.facts)
        self.found: dict[Key, Resolved] = {}

    def boxes(self) -> Boxes:
        """The rule's condition; empty when no record can fulfil it. A rule with too many alternatives is one box of its own."""
        try:
            return self.all(self.rule.when, holds=True)
        except TooMany:
            return [Box(others=frozenset([(("too many", self.rule.name, self.rule.number), True)]))]

    def all(self, conditions: Iterable[Condition], *, holds: bool) -> Boxes:
        """All of them hold; or not all of them."""
        parts = [self.one(item, holds=holds) for item in conditions]
        return _met(parts) if holds else _joined(parts)

    def one(self, item: Condition, *, holds: bool) -> Boxes:
        if isinstance(item, Group):
            if item.kind == "all":
                return self.all(item.items, holds=holds)
            parts = [self.one(part, holds=holds if item.kind == "any" else not holds) for part in item.items]
            is_union = holds if item.kind == "any" else not holds
            return _joined(parts) if is_union else _met(parts)
        if isinstance(item, Rows):
            return self._rows(item, holds=holds)
        if isinstance(item, Expr) and (constant := _constant(item.source)) is not None:
            return EVERYTHING if constant is holds else []
        if isinstance(item, Compare) and (made := self._compare(item, holds=holds)) is not None:
            return made
        return [Box(others=frozenset([(self._as_it_stands(item), holds)]))]

    def _as_it_stands(self, item: Condition) -> Any:
        """A condition with the facts that it names: two rules may give different facts one name."""
        text = repr(item)
        facts = tuple(fact for name, fact in self.rule.facts.items() if f"@{name}" in text)
        return item, facts

    def _rows(self, item: Rows, *, holds: bool) -> Boxes:
        """Rows are not looked into, but a row that cannot be is in no table."""
        if self.frame.table is None and item.kind in ("any_row", "no_row"):
            inner = Reader(self.rule, self.frame.model, self.frame.doctype)
            try:
                inner.frame = self.frame.rows(item.table)
                if not inner.all(item.where, holds=True):
                    return EVERYTHING if (item.kind == "no_row") is holds else []
            except (PathRefused, TooMany):
                pass
        return [Box(others=frozenset([(self._as_it_stands(item), holds)]))]

    def _compare(self, item: Compare, *, holds: bool) -> Boxes | None:
        try:
            found = resolve(item.path, self.frame)
        except PathRefused:
            return None
        universe = self.universe(found)
        key = self._key(item.path)
        if universe is None:
            return None
        self.found[key] = found
        domain = self._domain(item, found, universe)
        if domain is None:
            return None
        chosen = universe.meet(domain if holds else domain.complement())
        return [] if chosen.is_empty else [Box({key: chosen})]

    def _key(self, path: str) -> Key:
        level = f"{self.frame.table.fieldname}." if self.frame.table else ""
        return level + path, self.rule.facts.get(path[1:]) if path.startswith("@") else None

    def universe(self, found: Resolved) -> Domain | None:
        """Every value that this can have; None for what is no single value."""
        if found.standard == "docstatus" and found.source == "field":
            states = {state for event in self.rule.all_events for state in _STATES.get(event, (DRAFT, SUBMITTED))}
            return at(states)
        if found.kind == "check":
            return points((0, 1))
        if found.kind == "text":
            item = found.item
            choices = item.choices if item is not None and item.fieldtype == "Select" and found.source == "field" else ()
            return (
                Points(frozenset(choice for choice in choices if choice), absent=True)
                if choices
                else Points(frozenset([""]), True, True)
            )
        if found.kind in _ORDERED:
            function = self.rule.facts[found.name].function if found.source == "fact" else ""
            whole = function == "count" or (found.item is not None and found.item.type.kind == "integer")
            return Spans((((0, 0), None),), False, True) if function == "count" else Spans(LINE, True, whole)
        return None

    def _domain(self, item: Compare, found: Resolved, universe: Domain) -> Domain | None:
        """The values for which a comparison holds; None when that depends on more than the value."""
        operator = OPERATORS[item.operator]
        present = Spans(LINE) if isinstance(universe, Spans) else Points(frozenset(), True)
        if operator.name == "is":
            is_set = item.value.value == "set"
            if found.kind == "check":
                return points((1,) if is_set else (0,))
            return present if is_set else present.complement()
        if operator.family != "plain" or item.value.kind != "literal":
            return None
        try:
            value = value_of(
                item.value, found, operator.expects, self.frame, {name: lambda place: None for name in self.rule.facts}
            )
        except (PathRefused, ValueError, TypeError):
            return None
        if not value.constant or _holds_times_apart(found.kind, value.value):
            return None
        return _of_operator(operator.name, value.value, present)


def _holds_times_apart(kind: str, value: Any) -> bool:
    """Whether an instant would be compared with a day."""
    values = value if isinstance(value, tuple) else (value,)
    if kind == "datetime":
        return any(isinstance(one, date) and not isinstance(one, datetime) for one in values)
    return kind == "date" and any(isinstance(one, datetime) for one in values)


def _of_operator(name: str, value: Any, present: Domain) -> Domain | None:
    made = at if isinstance(present, Spans) else points
    if value is None:
        return present.complement() if name == "=" else present if name == "!=" else made(())
    if name in ("=", "in"):
        return made(item for item in (value if name == "in" else (value,)) if item is not None)
    if name in ("!=", "not in"):
        listed = made(item for item in (value if name == "not in" else (value,)) if item is not None)
        return present.meet(listed.complement())
    if not isinstance(present, Spans):
        return None
    if name == "between":
        low, high = value
        return made(()) if low is None or high is None or low > high else Spans((((low, 0), (high, 1)),))
    ends = {
        ">": ((value, 1), None),
        ">=": ((value, 0), None),
        "<": (None, (value, 0)),
        "<=": (None, (value, 1)),
    }
    return Spans((ends[name],)) if name in ends else None


def _constant(source: str) -> bool | None:
    """What an expression says that reads nothing; None for one that reads something."""
    try:
        expression = parse(source)
        if expression.reads or "(" in source:
            return None
        return truth(expression.evaluate(Scope(doc={})))
    except (ExpressionRefused, TypeError, ValueError, ArithmeticError):
        return None


def _met(parts: Sequence[Boxes]) -> Boxes:
    found = EVERYTHING
    for part in parts:
        found = [both for one in found for other in part if (both := one.meet(other)) is not None]
        if len(found) > MAX_BOXES:
            raise TooMany
    return found


def _joined(parts: Sequence[Boxes]) -> Boxes:
    found = [box for part in parts for box in part]
    if len(found) > MAX_BOXES:
        raise TooMany
    return found


def holds_always(rule: Rule, model: Model) -> bool:
    """Whether no record fails the condition of a rule."""
    try:
        return not Reader(rule, model, model[rule.applies_to]).all(rule.when, holds=False)
    except TooMany:
        return False


@dataclass(frozen=True)
class Region:
    """The records for which a rule matches, with what is needed to speak of them."""

    rule: Rule
    doctype: DocType
    boxes: Boxes
    found: Mapping[Key, Resolved]
    universes: Mapping[Key, Domain]

    @classmethod
    def of(cls, rule: Rule, model: Model) -> Region:
        doctype = model[rule.applies_to]
        reader = Reader(rule, model, doctype)
        boxes = reader.boxes()
        universes = {key: universe for key, found in reader.found.items() if (universe := reader.universe(found)) is not None}
        return cls(rule, doctype, boxes, reader.found, universes)

    def covers(self, other: Region, within: Boxes | None = None) -> bool:
        """Whether this rule matches whenever the other does (and the record is in `within`, boxes of the other)."""
        boxes = other.boxes if within is None else within
        return bool(boxes) and all(any(self._covers(one, box, other) for one in self.boxes) for box in boxes)

    def _covers(self, wide: Box, narrow: Box, other: Region) -> bool:
        if not wide.others <= narrow.others:
            return False
        for key, domain in wide.domains.items():
            here = narrow.domains.get(key)
            if here is None:
                here = self.universes.get(key)
            if here is None or not covers(domain, here):
                return False
        return True

    def example(self, box: Box | None = None) -> dict[str, Any]:
        """Values with which the rule matches, as far as values decide it."""
        chosen = box or (self.boxes[0] if self.boxes else Box())
        return {key[0]: domain.example() for key, domain in chosen.domains.items()}

    def shown(self, box: Box | None = None) -> Text:
        """The same in words; empty when no value decides."""
        chosen = box or (self.boxes[0] if self.boxes else Box())
        said = []
        for key, domain in chosen.domains.items():
            found = self.found.get(key)
            if found is not None:
                value = show(domain.example(), found.item, shown_kind(found))
                said.append(Text(f"{found.label.zh} = {value.zh}", f"{found.label.en} = {value.en}"))
        return join(said) if said else Text("", "")


__all__ = ["Box", "Boxes", "Key", "Region", "TooMany"]
