"""What a rule is: immutable, typed, as read from its JSON by `read`.

Every node keeps `at`, its JSON path, so that faults found later can name their place. Nothing here judges or evaluates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as _field
from datetime import date, timedelta
from typing import Any, ClassVar, Literal

from ..calendars.deadline import Deadline, Escalation
from ..calendars.term import Term
from ..core.text import EMPTY, Text
from .periods import Period
from .plans import Every
from .schedules import Schedule
from .tables.model import Table

RECORD_EVENTS = ("validate", "submit", "cancel")
TRANSITION = "transition"  # the event of a save that takes a record on in its workflow


@dataclass(frozen=True, slots=True)
class Operand:
    """The right side of a comparison: a literal, `{"path": ...}` or `{"expr": ...}`."""

    kind: Literal["literal", "path", "expr"]
    value: Any = None


NOTHING = Operand("literal", None)


@dataclass(frozen=True, slots=True)
class Compare:
    """`[path, operator, value]`."""

    path: str
    operator: str
    value: Operand
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """`{"all": [...]}`, `{"any": [...]}` or `{"none": [...]}`; an empty `all` holds, an empty `any` does not."""

    kind: Literal["all", "any", "none"]
    items: tuple[Condition, ...]
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """A condition over child rows. `all_rows` of an empty table holds; `count_rows` compares the number of rows."""

    kind: Literal["any_row", "all_rows", "no_row", "count_rows"]
    table: str
    where: tuple[Condition, ...]
    operator: str = ""
    count: Operand = NOTHING
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Expr:
    """`{"expr": "..."}`: an expression that is true."""

    source: str
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Concluded:
    """`{"concluded": "name"}`: another rule has come to this conclusion."""

    name: str
    at: str = _field(default="", compare=False)


Condition = Compare | Group | Rows | Expr | Concluded


PAIRS: Mapping[str, str] = {"hours_between": "number", "working_hours_after": "datetime"}
"""Facts about two fields of the record itself, and the kind of their value."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value: over other records (`of`), over the record's own rows (`table`), or between two of its times.

    With `each` (a child table) every row of it has its own. `lock` is a Link: whoever asks about the record it leads to
    with the same lock waits until this save has ended.
    """

    name: str
    function: str  # count, exists, sum, min, max, avg, first, list, or one of PAIRS
    of: str | None = None
    table: str | None = None
    field: str | None = None
    where: tuple[Condition, ...] = ()
    order_by: str | None = None
    period: Period | None = None
    between: tuple[str, ...] = ()
    each: str | None = None
    lock: str | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class EachRow:
    """A consequence that is drawn for every child row where the conditions hold."""

    table: str
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    kind: ClassVar[str] = "block"
    message: Text
    field: str | None = None
    each: EachRow | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Warn:
    kind: ClassVar[str] = "warn"
    message: Text
    field: str | None = None
    each: EachRow | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class SetFields:
    """Values of fields; with `each` of the columns of the rows that it chooses."""

    kind: ClassVar[str] = "set"
    values: tuple[tuple[str, Operand], ...]
    each: EachRow | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Require:
    kind: ClassVar[str] = "require"
    fields: tuple[str, ...]
    message: Text = EMPTY
    each: EachRow | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RequireApproval:
    """`again_when` names what the approval is bound to; empty means the whole record (or the whole row)."""

    kind: ClassVar[str] = "require_approval"
    role: str
    title: Text = EMPTY
    again_when: tuple[str, ...] = ()
    allow_self: bool = False
    show: tuple[str, ...] = ()
    each: EachRow | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RequireSignature:
    """An e-signature of this meaning is owed before the action `before`; `covers` names the fields it binds (empty: all of them).

    `distinct` wants a person who signed nothing else on the record.
    """

    kind: ClassVar[str] = "require_signature"
    meaning: str
    role: str | None = None
    user_field: str | None = None
    title: Text = EMPTY
    covers: tuple[str, ...] = ()
    allow_self: bool = True
    distinct: bool = False
    before: str = "submit"
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Oblige:
    """`calendar` is the Link field that leads to the calendar its deadline is counted in; `pause_when` stops its clock while it holds."""

    kind: ClassVar[str] = "oblige"
    title: Text
    role: str | None = None
    user_field: str | None = None
    due: Term | None = None
    from_: str | None = None
    warn_before: Term | None = None
    escalate_to: str | None = None
    escalate: tuple[Escalation, ...] = ()
    calendar: str | None = None
    pause_when: tuple[Condition, ...] = ()
    every: Every | None = None
    until: str | None = None
    ahead: int = 2
    each: EachRow | None = None
    at: str = _field(default="", compare=False)

    @property
    def deadline(self) -> Deadline:
        """`escalate_to` alone is one step at once; of a recurring obligation the times themselves are due where it says no more."""
        steps = self.escalate or ((Escalation(Term(), self.escalate_to),) if self.escalate_to else ())
        return Deadline(Term() if self.due is None and self.every is not None else self.due, self.warn_before, steps)


@dataclass(frozen=True, slots=True)
class Assign:
    """Gives the record to a role, to people, to the person in a field: all of those that are named, while the rule holds."""

    kind: ClassVar[str] = "assign"
    role: str | None = None
    user_field: str | None = None
    users: tuple[str, ...] = ()
    due: Term | None = None
    from_: str | None = None
    note: Text = EMPTY
    each: EachRow | None = None
    at: str = _field(default="", compare=False)

    @property
    def deadline(self) -> Deadline:
        return Deadline(self.due)


@dataclass(frozen=True, slots=True)
class SetTags:
    """Puts words on the record, and takes others off."""

    kind: ClassVar[str] = "tag"
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Fulfil:
    kind: ClassVar[str] = "fulfil"
    rule: str
    record: str | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Withdraw:
    kind: ClassVar[str] = "withdraw"
    rule: str
    record: str | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RowsMade:
    """Rows of the child table `table` of a record that is made: one for each row that `each` chooses, or one without it."""

    table: str
    values: tuple[tuple[str, Operand], ...]
    each: EachRow | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Create:
    """A record made by mapping, once for the record (for each row with `each`; for each value of `per` where it is given).

    `on_cancel` says what becomes of it when the record that it was made from is cancelled.
    """

    kind: ClassVar[str] = "create"
    doctype: str
    values: tuple[tuple[str, Operand], ...] = ()
    rows: tuple[RowsMade, ...] = ()
    per: str | None = None
    submit: bool = False
    on_cancel: Literal["keep", "cancel", "delete"] = "keep"
    each: EachRow | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Change:
    """Values of fields of other records: of the one that `record` leads to, or of each where it is a list.

    `take_back` puts back what stood there when the record that changed it is cancelled or deleted.
    """

    kind: ClassVar[str] = "change"
    record: str
    values: tuple[tuple[str, Operand], ...] = ()
    take_back: bool = False
    each: EachRow | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class NotifyPeople:
    """Tells everybody in a role, in a field, named, in a group, or at the head of the department in a
    field: all of those that are given."""

    kind: ClassVar[str] = "notify"
    message: Text
    role: str | None = None
    user_field: str | None = None
    users: tuple[str, ...] = ()
    department_head: str | None = None
    group: str | None = None
    via: tuple[str, ...] = ()
    urgent: bool = False
    attach: str | None = None  # the print format whose PDF goes along by e-mail
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Conclude:
    kind: ClassVar[str] = "conclude"
    name: str
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Hide:
    kind: ClassVar[str] = "hide"
    fields: tuple[str, ...]
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Lock:
    kind: ClassVar[str] = "lock"
    fields: tuple[str, ...]
    at: str = _field(default="", compare=False)


Consequence = (
    Block
    | Warn
    | SetFields
    | Require
    | RequireApproval
    | RequireSignature
    | Oblige
    | Fulfil
    | Withdraw
    | Create
    | Change
    | NotifyPeople
    | Assign
    | SetTags
    | Conclude
    | Hide
    | Lock
    | Table
)
CONSEQUENCES: tuple[str, ...] = tuple(item.kind for item in Consequence.__args__)
BLOCKING = (Block, Require, RequireApproval, RequireSignature)  # a rule with one of these fails closed when it cannot be judged


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


def walk(conditions: tuple[Condition, ...]) -> Iterator[Condition]:
    """Every condition of a tree, those inside groups and row conditions included."""
    for item in conditions:
        yield item
        if isinstance(item, Group):
            yield from walk(item.items)
        elif isinstance(item, Rows):
            yield from walk(item.where)


def read_rule(raw: Mapping[str, Any], file: str = "") -> Rule:
    """The rule that a JSON object says. Raises MetadataInvalid with every fault of its form."""
    from .read import read_rule as read  # `read` builds these classes, so it can only be met when they are there

    return read(raw, file)
