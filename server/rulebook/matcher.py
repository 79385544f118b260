"""Which rules fire, given the conditions that hold: the `Matcher` interface, the plain reference, and the comparison of two.

A `MatchPlan` knows rules as numbers only: the atoms (conditions) that must hold, the conclusions they need and those they
come to. Conditions were decided before; nothing here sees a value of a record.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple, Protocol

log = logging.getLogger("guiju.rulebook")

MAX_ATOMS_PER_RULE = 100
MAX_NEEDS = 50


@dataclass(frozen=True, slots=True)
class MatchRule:
    """Fires when all `atoms` hold and all `needs` are concluded; then `concludes` are."""

    atoms: tuple[int, ...]
    needs: tuple[int, ...] = ()
    concludes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchPlan:
    """Rules in the order of their priority."""

    rules: tuple[MatchRule, ...]


class Matched(NamedTuple):
    """The rules that fired (their places in the plan, ascending) and all that is concluded, what was known before included. One is made
    at every judgement, and a frozen dataclass takes three times as long to make."""

    fired: tuple[int, ...]
    concluded: frozenset[int]


class MatcherFailed(RuntimeError):
    """A matcher could not answer; the reference answers instead."""


class Matcher(Protocol):
    def match(self, atoms: AbstractSet[int], concluded: AbstractSet[int] = frozenset()) -> Matched:
        """The rules that fire when exactly `atoms` hold and `concluded` is known."""
        ...


MatcherBuilder = Callable[[MatchPlan], Matcher]


class ReferenceMatcher:
    """The plain fix-point: what every other matcher must agree with."""

    def __init__(self, plan: MatchPlan) -> None:
        self._rules = plan.rules

    def match(self, atoms: AbstractSet[int], concluded: AbstractSet[int] = frozenset()) -> Matched:
        known = set(concluded)
        waiting = [(index, rule) for index, rule in enumerate(self._rules) if set(rule.atoms) <= atoms]
        fired: list[int] = []
        while True:
            ready = [(index, rule) for index, rule in waiting if known.issuperset(rule.needs)]
            if not ready:
                return Matched(tuple(sorted(fired)), frozenset(known))
            fired += [index for index, _ in ready]
            done = {index for index, _ in ready}
            waiting = [item for item in waiting if item[0] not in done]
            known.update(name for _, rule in ready for name in rule.concludes)


class ComparedMatcher:
    """Asks two matchers, logs a difference and answers with the reference."""

    def __init__(self, trusted: Matcher, compared: Matcher) -> None:
        self._trusted = trusted
        self._compared = compared

    def match(self, atoms: AbstractSet[int], concluded: AbstractSet[int] = frozenset()) -> Matched:
        expected = self._trusted.match(atoms, concluded)
        try:
            found = self._compared.match(atoms, concluded)
        except MatcherFailed as failure:
            log.error("the compared matcher failed: %s", failure)
            return expected
        if found != expected:
            log.error(
                "matchers differ: atoms %s, concluded %s: expected %s, got %s",
                sorted(atoms),
                sorted(concluded),
                expected,
                found,
            )
        return expected


class GuardedMatcher:
    """Asks one matcher and, should it fail, the reference: a broken engine never stops a save."""

    def __init__(self, plan: MatchPlan, build: MatcherBuilder) -> None:
        self._reference = ReferenceMatcher(plan)
        self._matcher = build(plan)

    def match(self, atoms: AbstractSet[int], concluded: AbstractSet[int] = frozenset()) -> Matched:
        try:
            return self._matcher.match(atoms, concluded)
        except MatcherFailed as failure:
            log.error("the matcher failed, the reference answered: %s", failure)
            return self._reference.match(atoms, concluded)
