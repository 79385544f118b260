"""What is judged, and what comes of it: `Situation` in, `Outcome` out; facts come through a `FactSource`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from ..calendars.hours import Calendar
from ..core.errors import Fault
from ..core.text import Text
from .effects import Effect
from .trace import Trace

Record = dict[str, Any]


class Person(Protocol):
    """The user on whose behalf a record is judged."""

    @property
    def name(self) -> str: ...
    @property
    def full_name(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def department(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Situation:
    """One event of one record.

    `event` is `validate`, `submit`, `cancel` or `time:<rule name>`. `old` is the record as it was before, None for a new
    one. `move` is the way in the workflow (action, state left, state entered) of the event `transition`. `recompute` computes formulas in place after rules have set fields. The record given is never changed.
    """

    doctype: str
    event: str
    record: Record
    user: Person
    now: datetime
    old: Mapping[str, Any] | None = None
    recompute: Callable[[Record], object] | None = None
    move: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class FactQuery:
    """One question to other records: `function` (count, exists, sum, min, max, avg, first, list) of `field` of `doctype`.

    `where` holds (field, operator, plain value) with the operators of the query service; `order_by` is `field` or
    `field desc`. `name` is the fact's name in the rule, or the path of a field fetched through a link. `lock` is the record
    (DocType, name) whose questions wait for each other: the answer is what stands once everybody who asked before has saved.
    """

    name: str
    function: str
    doctype: str
    field: str | None = None
    where: tuple[tuple[str, str, Any], ...] = ()
    order_by: str | None = None
    lock: tuple[str, str] | None = None


class FactSource(Protocol):
    """Answers questions to other records; `documents` does so over the open transaction."""

    def value(self, fact: FactQuery, situation: Situation) -> Any:
        """A plain value: a number for count, 0 or 1 for exists, None where there is nothing."""
        ...


@runtime_checkable
class CalendarSource(Protocol):
    """A source of facts that knows the site's work calendars."""

    def calendar(self, situation: Situation, field: str | None = None) -> Calendar:
        """The work calendar that measures this record: that of the record `field` links to, or the one that applies anyway."""
        ...


@runtime_checkable
class ManyFacts(FactSource, Protocol):
    """A source that answers several questions at the cost of one."""

    def answers(self, facts: Sequence[FactQuery]) -> Sequence[Any]:
        """The answers in the order of the questions."""
        ...


@dataclass(frozen=True, slots=True)
class RuleFailure:
    """A rule that could not be judged: why, and whether that refuses the save."""

    rule: str
    title: Text
    number: int  # of its version
    event: str
    reason: Text
    refuses: bool


@dataclass(frozen=True)
class Outcome:
    """What the rules say: the record with the values they set, reasons against it, warnings, effects, and why."""

    record: Record
    trace: Trace
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    effects: tuple[Effect, ...] = ()
    matched: tuple[str, ...] = ()
    values_set: Mapping[str, Any] = field(default_factory=dict)
    failures: tuple[RuleFailure, ...] = ()

    @property
    def failed(self) -> frozenset[str]:
        """The rules that could not be judged."""
        return frozenset(item.rule for item in self.failures)

    def followed_by(self, later: Outcome) -> Outcome:
        """The outcome of two events of one save, judged one after the other."""
        return replace(
            later,
            trace=self.trace.followed_by(later.trace),
            faults=self.faults + later.faults,
            warnings=self.warnings + later.warnings,
            effects=self.effects + later.effects,
            matched=self.matched + later.matched,
            values_set={**self.values_set, **later.values_set},
            failures=self.failures + later.failures,
        )
