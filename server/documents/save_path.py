"""The one path of every change, steps 1 to 6, inside one database transaction.

`SavePath` is made for one change and run once. Whatever raises leaves nothing behind: the transaction around it rolls back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..access.vault import Vault
from ..core.errors import Fault, FaultList, StaleVersion, ValidationFailed
from ..core.ids import new_id
from ..core.text import Text
from ..expressions import Scope
from ..metadata.model import CANCELLED, DRAFT, STANDARD_FIELDS, SUBMITTED, DocType
from ..obligations.model import Obligation
from ..rulebook.model import TRANSITION
from ..rulebook.rulebook import Outcome, Situation
from ..rulebook.trace import Trace
from ..storage import audit, records
from . import changing, choosing, incidents, life_cycle, masking, removing, tree
from .changes import differences, merge
from .complete import Completion, Record, user_scope
from .effects import Effects
from .facts import DatabaseFacts
from .files import attach_files, refuse_too_many_files
from .flow import Flow, Move
from .following import tell_followers
from .guards import guard_faults
from .incidents import Incident
from .life_cycle import Action
from .link_checks import refuse_dangling
from .linked import refuse_linked
from .loading import readable, stored
from .naming import name_record
from .notifications import webhooks
from .settling import settle
from .snapshot import Snapshot
from .stale import stale
from .validate import judge, read_values

EVENTS: Mapping[Action, tuple[str, ...]] = {
    "create": ("validate",),
    "save": ("validate",),
    "submit": ("validate", "submit"),
    "cancel": ("cancel",),
}


@dataclass(frozen=True)
class Intent:
    """What somebody wants done to one record. `version` is the one they read; None means they did not look."""

    action: Action
    name: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    reason: str | None = None
    move: Move | None = None  # the transition of the workflow that is being taken
    by_rule: bool = False  # a rule of another record asks for it, no person


def events_of(intent: Intent) -> tuple[str, ...]:
    """The events of the rules that a change is judged on, in order."""
    return EVENTS[intent.action] if intent.move is None else (*EVENTS[intent.action], TRANSITION)


@dataclass(frozen=True)
class Saved:
    """What a save did: the record's name and as much of it as this user may read, what to tell, what is still owed."""

    name: str
    record: Record
    warnings: tuple[Fault, ...] = ()
    trace_id: str | None = None
    obligations: tuple[Obligation, ...] = ()


class SavePath:
    """One change of one record by one user at one moment."""

    def __init__(
        self,
        connection: Connection,
        snapshot: Snapshot,
        doctype: DocType,
        user: User,
        now: datetime,
        zone: ZoneInfo,
        vault: Vault,
        *,
        depth: int = 0,
    ) -> None:
        self.connection = connection
        self.snapshot = snapshot
        self.model = snapshot.model
        self.doctype = doctype
        self.user = user
        self.now = now
        self.zone = zone
        self.vault = vault
        self.depth = depth  # how many rules stand between a person and this change
        self.permissions = Permissions(snapshot.model)
        self.facts = DatabaseFacts(connection, snapshot.model, is_saving=True)
        self.completion = Completion(snapshot.model, doctype, user, now, zone, self.facts.lookup)
        self.faults = FaultList()  # of steps 2 and 3, told together
        self.flow: Flow | None = None  # the workflow that rules the record
        self.incidents: list[Incident] = []  # rules that could not be judged, those of records made on the way included
        self.remembered: dict[str, Any] = {}  # webhooks by DocType; a batch keeps them for all of its changes
        self.shows = True  # whether who saves is given the record back; else what every record has alone
        self.occasion = ""  # which firing of a schedule this is
        self._replaced: Record = {}  # the cancelled record that a new one is made from

    def run(self, intent: Intent) -> Saved:
        """Steps 1 to 6 of the save path.

        Raises PermissionRefused, NotFound, StaleVersion, ValidationFailed (all faults at once), DuplicateValue.
        """
        old = self._before(intent)
        record = self._merged(intent, old)
        if intent.action != "cancel":  # a cancelled record stays as it was
            self.completion.complete(record, old)
            self._check_values(intent, record, old)
            self.permissions.require_within(self.user, self.doctype.name, record)
        if old is None:
            record["name"] = name_record(self.connection, self.doctype, record, self.now)
        outcome = self._judge_rules(intent, record, old)
        record = outcome.record
        missing = settle(self, intent, record, old, outcome)
        if self.flow is not None:
            self.flow.judge(intent, record, old)
        trace_id = self._write(intent, record, old, outcome)
        self._carry_out(record, outcome, events_of(intent))
        attach_files(self.connection, self.snapshot, self.doctype, record)
        if self.flow is not None and self.flow.follow(intent, record):
            record = self.load(record["name"])  # the workflow has taken it on
        self._keep_incidents()
        if self.shows:
            shown = masking.visible(self.model, self.permissions, self.user, self.doctype, record)
        else:
            shown = {name: record[name] for name in STANDARD_FIELDS if name in record}
        return Saved(record["name"], shown, outcome.warnings, trace_id, tuple(missing))

    def beside(self, doctype: DocType, user: User) -> SavePath:
        """A path for another change in the same transaction, one step further from a person."""
        other = SavePath(self.connection, self.snapshot, doctype, user, self.now, self.zone, self.vault, depth=self.depth + 1)
        other.incidents = self.incidents
        other.remembered = self.remembered
        return other

    def make(
        self, doctype: str, values: Mapping[str, Any], user: User, *, submit: bool = False, reason: str | None = None
    ) -> str:
        """Another record in the same transaction, because a rule asks for it; its name. The history keeps the `reason`."""
        found = self.snapshot.doctype(doctype)
        name = self.beside(found, user).run(Intent("create", values=values, reason=reason)).name
        if submit:
            self.beside(found, user).run(Intent("submit", name, reason=reason))
        return name

    def change(self, doctype: DocType, name: str, values: Mapping[str, Any], reason: str) -> None:
        """Change another record in the same transaction, because a rule asks for it: the program does it."""
        self.beside(doctype, User.administrator()).run(Intent("save", name, values, reason=reason, by_rule=True))

    def cancel(self, doctype: DocType, name: str) -> None:
        """Cancel a record that a rule made, because this one is cancelled: the program does it."""
        self.beside(doctype, User.administrator()).run(Intent("cancel", name))

    def moved(self, name: str, move: Move, reason: str | None = None) -> None:
        """The same record on to another state of its workflow, in the same transaction and the name of the same person."""
        other = self.beside(self.doctype, self.user)
        record = other.load(name)
        flow = Flow.of(other, record)
        assert flow is not None
        other.run(Intent(flow.action_of(move.to, record), name, {}, None, reason, move))
        self._keep_incidents()  # a decision, which is no save of its own, meets them here alone

    def proceed(self, name: str) -> None:
        """Let the workflow of a record go on after a decision about it."""
        record = self.load(name)
        self.flow = Flow.of(self, record)
        if self.flow is not None and self.flow.run is not None:
            self.flow.advance(record)

    def fire(self, name: str, rule: str, scheduled_at: datetime | None = None) -> None:
        """Judge one time rule on the record as it is now and carry out what it asks for.

        `scheduled_at` is which firing of a schedule it is, for which it is judged even if it comes late: each has effects of its own.
        """
        old = records.load(self.connection, self.model, self.doctype, name)
        if old is None or old["docstatus"] == CANCELLED:  # since its timer was set
            return
        intent = Intent("save", name)
        self.occasion = scheduled_at.isoformat() if scheduled_at is not None else ""
        self.flow = Flow.of(self, old)
        situation = Situation(
            doctype=self.doctype.name, event=f"time:{rule}", record=dict(old), old=old, user=self.user, now=scheduled_at or self.now,
            recompute=self.completion.compute,
        )  # fmt: skip
        outcome = self.snapshot.rulebook.evaluate(situation, self.facts)
        self._note_failures(name, outcome)
        if outcome.failures:  # nothing of it is carried out; the timer is marked, the incident kept afterwards
            raise self.refused(intent, tuple(Fault("", item.reason) for item in outcome.failures), name)
        record = outcome.record
        self._add_misfits()
        if self.faults:
            raise self.refused(intent, self.faults, name)
        if outcome.values_set:
            record |= {"modified": self.now, "modified_by": self.user.name}
            if self.flow is not None:
                self.flow.judge(intent, record, old)
            self._write(intent, record, old, outcome)
        elif outcome.matched:
            self._keep_trace(record, outcome.trace)
        self._carry_out(record, outcome, (situation.event,))
        if self.flow is not None and outcome.values_set:
            self.flow.follow(intent, record)
        self._keep_incidents()

    def _carry_out(self, record: Record, outcome: Outcome, events: tuple[str, ...]) -> None:
        effects = Effects(self)  # not kept: two that hold each other wait for the search for garbage
        effects.apply(record, outcome, events)
        effects.set_timers(record)  # a plan waits for the next of its times

    # Step 1: permission

    def _before(self, intent: Intent) -> Record | None:
        if intent.name is None:
            self.permissions.require(self.user, "create", self.doctype.name)
            self._replaced = self._check_amended(intent)
            self.flow = Flow.of(self, None)
            return None
        old = self.load(intent.name)
        self.flow = Flow.of(self, old)
        self.permissions.require(self.user, "read", self.doctype.name, old)
        if intent.move is None:  # a transition asks for the role that the workflow names, not for a right to the record
            self.permissions.require(self.user, "write" if intent.action == "save" else intent.action, self.doctype.name, old)
        if self.flow is not None:
            self.flow.refuse_around(intent, old)
        if intent.version is not None and intent.version != old["version"]:
            raise self.stale(intent, old)
        life_cycle.check(self.doctype, intent.action, old)
        if intent.action == "cancel":
            records.hold(self.connection, self.doctype, intent.name)
            removing.undo_made(self, intent.name)
            changing.take_back(self, intent.name)
            refuse_linked(self.connection, self.model, self.user, self.doctype.name, intent.name, "cancel")
        return old

    def _check_amended(self, intent: Intent) -> Record:
        """The cancelled record whose place a new one takes; that needs the right to amend it. Nothing where there is none."""
        original = intent.values.get("amended_from")
        if not original or "amended_from" not in self.doctype.by_name:
            return {}
        replaced = readable(self.connection, self.model, self.permissions, self.user, self.doctype, str(original))
        self.permissions.require(self.user, "amend", self.doctype.name, replaced)
        life_cycle.refuse_amending(self.doctype, replaced)
        return replaced

    def _carried_on(self) -> Record:
        """What an amended record keeps although whoever amends it does not see it, so that it is not lost on the way."""
        if not self._replaced:
            return {}
        sight = self.permissions.sight(self.user, self.doctype.name, self._replaced)
        return {
            item.fieldname: self._replaced[item.fieldname]
            for item in self.doctype.stored_fields
            if not (item.no_copy or item.is_computed or sight.sees_plainly(item))
        }

    def load(self, name: str) -> Record:
        return stored(self.connection, self.model, self.doctype, name)

    def stale(self, intent: Intent, current: Record) -> StaleVersion:
        faults = FaultList()
        mine = merge(self.doctype, current, self._read(intent, current, faults))
        seen, own = (
            masking.visible(self.model, self.permissions, self.user, self.doctype, record) for record in (current, mine)
        )
        return stale(self.doctype, seen, own)

    # Step 2: what was sent, merged into what is there

    def _merged(self, intent: Intent, old: Record | None) -> Record:
        sent = self._read(intent, old, self.faults)
        masking.seal(self.model, self.doctype, sent, self.vault)
        carried = self._carried_on()
        sent = {name: value for name, value in sent.items() if value is not None or name not in carried}
        if self.flow is not None:
            self.flow.refuse_sent(intent, old, sent, self.faults)
        base = self.completion.blank() | carried if old is None else old
        masking.refuse_forbidden(self.model, self.permissions, self.user, self.doctype, old, base, sent)
        choosing.refuse_unchoosable(
            self.connection, self.permissions, self.user, self.model, self.doctype, old, sent, self.faults
        )
        if old is not None:
            life_cycle.refuse_fixed(self.model, self.doctype, old, sent, self.faults, by_rule=intent.by_rule)
        record = merge(self.doctype, base, sent)
        if old is None:
            self._start_rows(record)
            record |= {
                "owner": self.user.name,
                "creation": self.now,
                "version": 0,
                "docstatus": DRAFT,
                "name": intent.values.get("__newname") or intent.values.get("name"),
            }
        record |= {"modified": self.now, "modified_by": self.user.name}
        if intent.action == "submit":
            record["docstatus"] = SUBMITTED
        elif intent.action == "cancel":
            record["docstatus"] = CANCELLED
        if self.flow is not None:
            self.flow.set_state(intent, record, old)
        return record

    def _read(self, intent: Intent, old: Record | None, faults: FaultList) -> Record:
        """What was sent, as plain values; what was shown masked and came back so says nothing."""
        sight = self.permissions.sight(self.user, self.doctype.name, old)
        return read_values(
            self.model, self.doctype, masking.without_masks(self.model, self.doctype, sight, intent.values), faults
        )

    def _start_rows(self, record: Record) -> None:
        for item in self.doctype.table_fields:
            child = self.model.child(item)
            record[item.fieldname] = [{**self.completion.blank_row(child), **row} for row in record.get(item.fieldname) or ()]

    # Step 3: validate

    def _check_values(self, intent: Intent, record: Record, old: Record | None) -> None:
        unread = bool(self.faults)
        scope = Scope(doc=record, user=user_scope(self.user), today=self.completion.today, now=self.now)
        judge(self.model, self.doctype, record, scope, self.faults)
        refuse_dangling(self, intent.action, record, old)
        refuse_too_many_files(self.snapshot, self.doctype, record, old, self.faults)
        tree.refuse_misplaced(self.connection, self.doctype, record, old, self.faults)
        if not unread:  # a formula over a value that was refused says nothing new
            self._add_misfits()
        if self.faults:
            raise self.refused(intent, self.faults, intent.name)

    def _add_misfits(self) -> None:
        """A value that was fetched or computed and does not fit its field is refused, never dropped."""
        known = {fault.where for fault in self.faults}
        for misfit in self.completion.misfits:
            if misfit.where not in known:
                self.faults.add(misfit.where, misfit.text)

    # Step 4: rules

    def _judge_rules(self, intent: Intent, record: Record, old: Record | None) -> Outcome:
        outcome: Outcome | None = None
        for event in events_of(intent):
            situation = Situation(
                doctype=self.doctype.name,
                event=event,
                record=record,
                old=old,
                user=self.user,
                now=self.now,
                recompute=self.completion.compute,
                move=self._way(intent, old),
            )
            found = self.snapshot.rulebook.evaluate(situation, self.facts)
            record = found.record
            self._note_failures(intent.name or record["name"], found)
            outcome = found if outcome is None else outcome.followed_by(found)
        assert outcome is not None
        if self.flow is not None and self.flow.sends_to_approval(intent):
            outcome = replace(outcome, faults=outcome.faults + self._submission_faults(record, old))
        self._add_misfits()  # a rule may have set what a formula reads
        if self.faults:
            raise self.refused(intent, self.faults, record["name"])
        if outcome.faults:
            raise self.refused(intent, outcome.faults, record["name"])
        return outcome

    def _way(self, intent: Intent, old: Record | None) -> tuple[str, str, str] | None:
        """The way in the workflow that a change takes: action, state left, state entered."""
        if intent.move is None or self.flow is None:
            return None
        left = str((old or {}).get(self.flow.workflow.state_field) or "")
        return intent.move.action, left, intent.move.to

    def _note_failures(self, name: str | None, outcome: Outcome) -> None:
        self.incidents += [Incident(self.doctype.name, name, self.user.name, failure) for failure in outcome.failures]

    def _keep_incidents(self) -> None:
        if self.incidents and not self.depth:
            incidents.keep(self.connection, self.now, self.incidents)

    def _submission_faults(self, record: Record, old: Record | None) -> tuple[Fault, ...]:
        """What would refuse the submission at the end of its approval refuses to send the record there: nobody signs in vain."""
        situation = Situation(
            doctype=self.doctype.name, event="submit", record=record | {"docstatus": SUBMITTED}, old=old, user=self.user, now=self.now,
            recompute=self.completion.compute,
        )  # fmt: skip
        found = self.snapshot.rulebook.evaluate(situation, self.facts)
        if found.faults:
            self._note_failures(record["name"], found)
        return found.faults

    # Step 6: write

    def _write(self, intent: Intent, record: Record, old: Record | None, outcome: Outcome) -> str | None:
        if found := guard_faults(
            self.connection, self.model, self.doctype.name, old, record
        ):  # a rule may have set a value since
            raise self.refused(intent, tuple(found), record["name"])
        changes = differences(self.model, self.doctype, old, record)
        if old is not None and intent.action == "save" and not changes:
            # Nothing to write down: the version and its time stay, so that no entry of the timeline is empty.
            record |= {name: old[name] for name in ("version", "modified", "modified_by")}
            return self._keep_trace(record, outcome.trace)
        record["version"] = (old["version"] if old else 0) + 1
        if old is None:
            records.insert(self.connection, self.model, self.doctype, record)
        else:
            try:
                records.update(self.connection, self.model, self.doctype, record, old["version"], before=old)
            except records.StaleWrite:
                raise self.stale(intent, self.load(record["name"])) from None
        trace_id = self._keep_trace(record, outcome.trace)
        if self.doctype.track_changes or self.doctype.is_submittable:
            append = audit.start_chain if old is None else audit.append_version
            append(
                self.connection,
                doctype=self.doctype.name,
                name=record["name"],
                version=record["version"],
                action=intent.action,
                by=self.user.name,
                at=self.now,
                changes=changes,
                content_hash=audit.content_hash(record, self.model, self.doctype),
                reason=intent.reason,
                trace_id=trace_id,
            )
        webhooks.emit(self, intent.action, record, old)
        if old is not None:
            key = f"{record['version']}:{intent.action}"
            tell_followers(
                self.connection, self.snapshot, self.now, self.doctype.name, record["name"], self.user, intent.action, key=key
            )
        return trace_id

    def _keep_trace(self, record: Record, trace: Trace) -> str | None:
        if not trace.considered:
            return None
        trace_id = new_id(16)
        audit.append_trace(
            self.connection,
            trace_id,
            doctype=self.doctype.name,
            name=record["name"],
            version=record["version"],
            at=self.now,
            trace=trace.to_store(),
            spoke=(entry.rule for entry in trace.matched),
        )
        return trace_id

    def refused(self, intent: Intent, faults: FaultList | tuple[Fault, ...], name: object) -> ValidationFailed:
        """The error that names the record, what could not be done, and every reason."""
        verb = {"submit": Text("提交", "submitted"), "cancel": Text("作废", "cancelled")}.get(
            intent.action, Text("保存", "saved")
        )
        which = f" {name}" if name else ""
        found = tuple(faults)
        text = Text(
            f"{self.doctype.label.zh}{which} 不能{verb.zh}，共 {len(found)} 处问题：",
            f"{self.doctype.label.en}{which} cannot be {verb.en}; {len(found)} reason{'s' if len(found) > 1 else ''}:",
        )
        return ValidationFailed(text, found)


__all__ = ["Action", "Intent", "SavePath", "Saved"]
