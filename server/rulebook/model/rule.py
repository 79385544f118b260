"""The rule itself: when it is judged, what it asks, what it concludes, and the tests that stand in its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as _field
from datetime import date, timedelta
from typing import Any, Literal

from ...core.text import EMPTY, Text
from ..schedules import Schedule
from ..tables.model import Table
from .conditions import Compare, Condition
from .consequences import BLOCKING, Conclude, Consequence, Oblige
from .facts import Fact

RECORD_EVENTS = ("validate", "submit", "cancel")
TRANSITION = "transition"  # the event of a save that takes a record on in its workflow


@dataclass(frozen=True, slots=True)
class TimeTrigger:
    """`{"after": "12 h", "of": "reported_at"}`: the rule is judged once, that long after the field's time."""

    after: timedelta
    of: str
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class MoveTrigger:
    """`{"transition": {...}}`: judged when the record takes this way in its workflow; what is empty fits any."""

    actions: tuple[str, ...] = ()
    from_: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    at: str = _field(default="", compare=False)

    def fits(self, move: tuple[str, str, str]) -> bool:
        """Whether (action, state left, state entered) is that way."""
        return all(
            not wanted or value in wanted for wanted, value in zip((self.actions, self.from_, self.to), move, strict=True)
        )


@dataclass(frozen=True, slots=True)
class RuleTest:
    """A test that stands in the rule's file: this record, then these consequences and no others."""

    title: Text
    doc: Mapping[str, Any]
    then: tuple[str, ...]
    old: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] = _field(default_factory=dict)
    concluded: tuple[str, ...] = ()
    event: str | None = None
    now: str | None = None
    user: Mapping[str, Any] = _field(default_factory=dict)
    faults: tuple[str, ...] = ()
    values: Mapping[str, Any] | None = None
    move: Mapping[str, Any] = _field(default_factory=dict)
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule as published. `when` is a conjunction; `raw` is the JSON it was read from, for export.

    A rule with `versions` stands for the first of them; all bear its name and differ in the days on which they are in force.
    """

    name: str
    applies_to: str
    title: Text = EMPTY
    source: tuple[str, ...] = ()
    events: tuple[str, ...] = ("validate",)
    times: tuple[TimeTrigger, ...] = ()
    moves: tuple[MoveTrigger, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    priority: int = 100
    enabled: bool = True
    valid_from: date | None = None
    valid_to: date | None = None
    facts: Mapping[str, Fact] = _field(default_factory=dict)
    when: tuple[Condition, ...] = ()
    then: tuple[Consequence, ...] = ()
    tests: tuple[RuleTest, ...] = ()
    file: str = ""
    raw: Mapping[str, Any] = _field(default_factory=dict, repr=False)
    group: str = ""  # of the rules of one group only the first that matches speaks
    rule_set: str = ""  # rules of one set are on or off together
    only_for: tuple[Compare, ...] = ()  # stand at the head of `when` as well
    dated_by: str = ""  # the field by whose day the version is chosen; its creation without it
    versions: tuple[Rule, ...] = ()  # what replaces it, one after another, each whole
    on_failure: Literal["", "refuse", "record"] = ""  # what happens to a save that it cannot judge
    number: int = 1  # of this version
    at: str = ""  # of this version in the file

    @property
    def all_versions(self) -> tuple[Rule, ...]:
        return (self, *self.versions)

    @property
    def is_versioned(self) -> bool:
        """Whether it is one of several versions of a rule."""
        return bool(self.versions) or self.number > 1

    @property
    def is_blocking(self) -> bool:
        """Whether it can keep a record from being saved or submitted."""
        return any(item.is_blocking if isinstance(item, Table) else isinstance(item, BLOCKING) for item in self.then)

    @property
    def refuses_on_failure(self) -> bool:
        """Whether a save that it cannot judge is refused: as it says, else when it could have refused it itself."""
        return self.on_failure == "refuse" or (not self.on_failure and self.is_blocking)

    @property
    def time_event(self) -> str:
        """The event under which `Rulebook.evaluate` judges it when its time has come."""
        return f"time:{self.name}"

    @property
    def all_events(self) -> tuple[str, ...]:
        return (*self.events, self.time_event) if self.times or self.schedules or self.is_recurring else self.events

    @property
    def is_recurring(self) -> bool:
        """Whether it plans obligations ahead, so that time alone asks for more."""
        return any(isinstance(item, Oblige) and item.every is not None for item in self.then)

    @property
    def order(self) -> tuple[int, str]:
        return self.priority, self.name

    def in_force(self, on: date) -> bool:
        """Whether the rule judges a record of that date; both ends of its period belong to it."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(item for item in self.then if isinstance(item, Table))

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of consequence it can have; a table speaks with those of its outputs."""
        return frozenset(kind for item in self.then for kind in (item.kinds if isinstance(item, Table) else (item.kind,)))

    def concludes(self) -> frozenset[str]:
        return frozenset(item.name for item in self.then if isinstance(item, Conclude))
