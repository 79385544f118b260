"""What rules ask for beside faults and values: typed, complete, carried out by `documents` inside the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..calendars.deadline import NO_DEADLINE, Deadline
from ..core.text import EMPTY, Text


@dataclass(frozen=True, slots=True)
class ApprovalNeeded:
    """Somebody of `role` must approve before the record can be submitted.

    `content` holds what the approval is bound to, path by path in JSON form, and `content_hash` its digest: another hash
    means another content. `shown` is what the person who decides wants to see. `row_key` is the child row's name for an
    approval that is asked for row by row.
    """

    rule: str
    title: Text
    role: str
    content_hash: str
    content: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)
    allow_self: bool = False
    clauses: tuple[str, ...] = ()
    row_key: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class SignatureNeeded:
    """Somebody (a role or a user) must sign the record before it goes on; see `RequireSignature`."""

    rule: str
    title: Text
    meaning: str
    role: str | None = None
    user: str | None = None
    covers: tuple[str, ...] = ()
    allow_self: bool = True
    distinct: bool = False
    before: str = "submit"
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owed:
    """Somebody (a role or a user) owes something; asked for on every save, opened once per rule, record and `row_key`."""

    rule: str
    title: Text
    role: str | None = None
    user: str | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    clauses: tuple[str, ...] = ()
    row_key: str = ""
    deadline: Deadline = NO_DEADLINE
    counted_from: datetime | None = None
    counts_from_now: bool = False  # the rule names no time to count from, or the record has none
    calendar: str | None = None  # None: by the clock; empty: in the one that is built in
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """The times of a recurring obligation by their row keys: those that are over, which are opened no more, and the next."""

    rule: str
    times: Mapping[str, Owed]


@dataclass(frozen=True, slots=True)
class Assigned:
    """To whom the record is given now, by row key; whoever the rule names no more has it no more."""

    rule: str
    owed: Mapping[str, Owed]


@dataclass(frozen=True, slots=True)
class Tagged:
    """Words to put on the record, and to take off it."""

    rule: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """What `obliged_by` opened on that record is done."""

    rule: str
    obliged_by: str
    doctype: str
    name: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What `obliged_by` opened on that record is no longer owed."""

    rule: str
    obliged_by: str
    doctype: str
    name: str
    reason: Text = EMPTY


@dataclass(frozen=True, slots=True)
class CreateRecord:
    """A new record of `doctype` with these plain values, made once for a record, a rule and a `key`."""

    rule: str
    doctype: str
    values: Mapping[str, Any]
    clauses: tuple[str, ...] = ()
    key: str = ""
    submit: bool = False
    on_cancel: str = "keep"
    where: str = ""


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """These plain values for fields of a record that is there, once for each value that this record asks for."""

    rule: str
    doctype: str
    name: str
    values: Mapping[str, Any]
    text: Text = EMPTY  # the same as people read it
    clauses: tuple[str, ...] = ()
    take_back: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A place of a message whose value not every reader of the record may see: its field has a permission level or is masked.

    `written` is the place, `of` the DocType of a linked record that the field is of (empty: the record itself), `value` what it says.
    """

    written: str
    level: int
    mask: bool
    of: str
    value: Text = EMPTY


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell a role, users, the members of a group, the head of a department; `via` names channels whatever people chose."""

    rule: str
    message: Text
    role: str | None = None
    users: tuple[str, ...] = ()
    department_head: str | None = None
    group: str | None = None
    via: tuple[str, ...] = ()
    urgent: bool = False
    clauses: tuple[str, ...] = ()
    guarded: tuple[Guarded, ...] = ()  # the places of the message that each reader sees as far as they may
    attach: str | None = None


@dataclass(frozen=True, slots=True)
class FieldsHidden:
    """The form does not show these fields while the rule matches; their values are kept."""

    rule: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldsLocked:
    """These fields cannot be changed while the rule matches; a change of one is a fault beside this effect."""

    rule: str
    fields: tuple[str, ...]


Effect = (
    ApprovalNeeded
    | SignatureNeeded
    | Owed
    | Planned
    | Assigned
    | Tagged
    | Fulfilled
    | Withdrawn
    | CreateRecord
    | ChangeRecord
    | Notify
    | FieldsHidden
    | FieldsLocked
)
