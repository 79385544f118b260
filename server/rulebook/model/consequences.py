"""The nodes of `then`: one class for each kind of consequence; a decision table is one too, see `tables.model`."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as _field
from typing import ClassVar, Literal

from ...calendars.deadline import Deadline, Escalation
from ...calendars.term import Term
from ...core.text import EMPTY, Text
from ..plans import Every
from ..tables.model import Table
from .conditions import Condition, Operand


@dataclass(frozen=True, slots=True)
class EachRow:
    """A consequence that is drawn for every child row where the conditions hold."""

    table: str
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Keeps the record from being saved (submitted, cancelled, moved): whatever event the rule is judged on."""

    kind: ClassVar[str] = "block"
    message: Text
    field: str | None = None
    each: EachRow | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Warn:
    """Says something beside the save; nobody is kept from anything."""

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
    """These fields must be filled; `message` says why, beside the name of the field."""

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
    """What the rule `rule` obliged somebody to is met: on this record, or on the one that the Link field `record` leads to."""

    kind: ClassVar[str] = "fulfil"
    rule: str
    record: str | None = None
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Withdraw:
    """What the rule `rule` obliged somebody to is owed no longer: on this record, or on the one that `record` leads to."""

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
    """A conclusion that conditions of other rules may ask for (`Concluded`)."""

    kind: ClassVar[str] = "conclude"
    name: str
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Hide:
    """These fields are not shown."""

    kind: ClassVar[str] = "hide"
    fields: tuple[str, ...]
    at: str = _field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Lock:
    """These fields cannot be changed."""

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
