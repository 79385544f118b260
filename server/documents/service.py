"""`DocumentService`: every change of every record, whoever asks (form, REST, rule, job, admin UI, fixtures).

Each public method is one use case and one database transaction. The steps stand in `save_path`; reading lists, histories and
links is `queries`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..access.vault import Vault
from ..core.clock import Clock
from ..core.errors import FaultList, NotFound, PermissionRefused, ValidationFailed
from ..core.text import EMPTY, Text
from ..metadata.model import CANCELLED, DRAFT, DocType
from ..rulebook.rulebook import Outcome, Situation
from ..storage import audit, foreseen, inserting, readings, records, series
from ..storage.database import Database
from ..workflow.choices import may_edit, state_of
from ..workflow.model import Workflow
from . import changing, choosing, life_cycle, masking
from .as_of import as_of
from .batch import Batch, NothingKept
from .changes import merge
from .complete import Completion, Record
from .copies import restored_values
from .facts import DatabaseFacts
from .flow import Flow, Move, closed_fields
from .idempotency import Once, kept_name
from .incidents import Incident, kept_if_refused
from .loading import readable, stored
from .removing import refuse_kept, remove
from .renaming import Renaming, may_be_renamed, naming_field
from .save_path import Action, Intent, Saved, SavePath
from .signing import refuse_signed
from .snapshot import Snapshot
from .validate import read_values
from .workflow_refusals import comment_missing, kept_comment, without_workflow
from .workflow_runs import run_of

MAX_REASON = 2000


class DocumentService:
    """The write path. `snapshots` gives the metadata a call works on; `wake` tells the worker that the outbox has news."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        snapshots: Callable[[], Snapshot],
        zone: ZoneInfo,
        vault: Vault,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._zone = zone
        self._vault = vault
        self._wake = wake

    # Reading one record

    def _blank(self, snapshot: Snapshot, single: DocType, user: User) -> Record:
        with self._database.read() as connection:
            completion = self._completion(snapshot, single, user, DatabaseFacts(connection, snapshot.model))
            record = completion.blank()
            completion.complete(record, None)
        return record | {"name": single.name, "version": 0}

    def load(self, user: User, doctype: str, name: str) -> Record:
        """One record as this user may see it. Raises NotFound, PermissionRefused."""
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        permissions = Permissions(snapshot.model)
        try:
            with self._database.read() as connection:
                record = readable(connection, snapshot.model, permissions, user, found, name)
        except NotFound:
            if not found.issingle or name != found.name:
                raise
            record = self._blank(snapshot, found, user)  # nobody has filled it in yet: its defaults hold
        return masking.visible(snapshot.model, permissions, user, found, record)

    def secret(self, user: User, doctype: str, name: str, fieldname: str) -> str | None:
        """The secret that a Password field holds, for a program that signs in elsewhere on this user's behalf; None when none is set.

        Only who may change the record (at the field's permlevel) gets it. Raises NotFound, PermissionRefused, SealBroken.
        """
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        permissions = Permissions(snapshot.model)
        with self._database.read() as connection:
            record = stored(connection, snapshot.model, found, name)
        permissions.require(user, "write", doctype, record)
        item = found.field(fieldname)
        if item.permlevel not in permissions.levels(user, "write", doctype, record):
            raise PermissionRefused(
                Text(
                    f"{item.label.zh}：您没有此字段的权限（权限级 {item.permlevel}）。",
                    f"{item.label.en}: you have no right to this field (permission level {item.permlevel}).",
                )
            )
        sealed = record.get(fieldname) if item.type.is_secret else None
        return self._vault.open(sealed) if sealed else None

    def actions(self, user: User, doctype: str, record: Record) -> frozenset[str]:
        """What this user may do with this record as it stands: the buttons of the form."""
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        permissions = Permissions(snapshot.model)
        status = record.get("docstatus", DRAFT)
        is_new = not record.get("version")
        wanted = {"save"} if status != CANCELLED else set()
        flow = self._workflow_of(snapshot, found, record)
        if flow is not None:  # it submits and cancels by its own actions
            wanted -= set() if is_new or may_edit(state_of(flow, record), user) else {"save"}
            wanted |= {"amend"} if status == CANCELLED else set()
        elif found.is_submittable and not is_new:
            wanted |= {DRAFT: {"submit"}, 1: {"cancel"}, CANCELLED: {"amend"}}[status]
        if not is_new:
            until = life_cycle.retained_until(found, record)
            is_free = status == DRAFT and (until is None or self._clock.now() >= until)
            if flow is not None and not may_edit(state_of(flow, record), user):
                is_free = False
            wanted |= {"print"} | ({"delete"} if is_free else set())
            wanted |= {"share"} if not found.issingle else set()
            wanted |= {"rename"} if may_be_renamed(found, record) else set()
        rights = {"save": "create" if is_new else "write", "rename": "write"}
        return frozenset(
            action
            for action in wanted
            if permissions.may(user, rights.get(action, action), doctype, None if is_new else record)
        )

    def _workflow_of(self, snapshot: Snapshot, doctype: DocType, record: Record) -> Workflow | None:
        """The version of the workflow that a record runs under; a new one starts with the one in force."""
        in_force = snapshot.workflows.get(doctype.name)
        if in_force is None or not record.get("version"):
            return in_force
        with self._database.read() as connection:
            run = run_of(connection, doctype.name, str(record["name"]))
        return snapshot.workflows.by_digest.get(run.digest, in_force) if run is not None else in_force

    def state_title(self, doctype: str, record: Record) -> Text:
        """What the state of a record's workflow is called; empty where it has none, or keeps a status of its own."""
        snapshot = self._snapshots()
        flow = self._workflow_of(snapshot, snapshot.record_type(doctype), record)
        return EMPTY if flow is None or flow.override_status else state_of(flow, record).title

    def closed_fields(self, doctype: str, record: Record) -> frozenset[str]:
        """The fields of a record that the state of its workflow keeps from being changed."""
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        flow = self._workflow_of(snapshot, found, record)
        if flow is None or not record.get("version"):
            return frozenset()
        return closed_fields(found, state_of(flow, record))

    def check(self, user: User, doctype: str, values: Mapping[str, Any], *, name: str | None = None) -> Outcome:
        """What the rules say to a record with these `values`, without saving anything.

        Raises ValidationFailed when a value cannot be read at all.
        """
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        permissions = Permissions(snapshot.model)
        with self._database.read() as connection:
            old = readable(connection, snapshot.model, permissions, user, found, name) if name else None
            if old is None:
                permissions.require(user, "create", doctype)
            facts = DatabaseFacts(connection, snapshot.model)
            completion = self._completion(snapshot, found, user, facts)
            faults = FaultList()
            sent = masking.without_masks(snapshot.model, found, permissions.sight(user, doctype, old), values)
            read = read_values(snapshot.model, found, sent, faults)
            choosing.leave_out_unchoosable(connection, permissions, user, snapshot.model, found, read, old)
            record = merge(found, old or completion.blank(), read)
            if faults:
                raise ValidationFailed(
                    Text(f"{found.label.zh}有不能识别的内容：", f"{found.label.en} holds what cannot be read:"), tuple(faults)
                )
            completion.complete(record, old)
            situation = Situation(
                doctype=doctype,
                event="validate",
                record=record,
                old=old,
                user=user,
                now=self._clock.now(),
                recompute=completion.compute,
            )
            return snapshot.rulebook.evaluate(situation, facts)

    # Changing

    def save(
        self,
        user: User,
        doctype: str,
        values: Mapping[str, Any],
        *,
        name: str | None = None,
        version: int | None = None,
        idempotency_key: str | None = None,
        reason: str | None = None,
        also: Callable[[Connection], None] | None = None,
    ) -> Saved:
        """Create a record (`name` is None) or change one; fields that are not in `values` keep their value.

        `version` is the one the user read: when somebody saved meanwhile, StaleVersion tells the differences. A save sent
        twice with one `idempotency_key` happens once, and answers the same record. The timeline keeps the `reason`. `also` writes
        what belongs to the record but is none of its fields (a password), in the same transaction: both or neither.
        """
        action: Action = "create" if name is None else "save"
        return self._change(user, doctype, Intent(action, name, values, version, reason), idempotency_key, also)

    def submit(
        self,
        user: User,
        doctype: str,
        name: str,
        *,
        version: int | None = None,
        values: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Saved:
        """Make a draft final, with `values` saved along; asked for twice with one `idempotency_key` once. Approvals still owed refuse
        it, by name."""
        return self._change(user, doctype, Intent("submit", name, values or {}, version), idempotency_key)

    def cancel(self, user: User, doctype: str, name: str, *, version: int | None = None, reason: str | None = None) -> Saved:
        """Cancel a submitted record; refused while other submitted records refer to it. The timeline keeps the `reason`."""
        reason = (reason or "").strip() or None
        if reason and len(reason) > MAX_REASON:
            raise ValidationFailed(
                Text(
                    f"{name} 未作废：作废原因有 {len(reason):,} 个字符，最多 {MAX_REASON:,} 个。",
                    f"{name} was not cancelled: the reason has {len(reason):,} characters; at most {MAX_REASON:,} are allowed.",
                )
            )
        return self._change(user, doctype, Intent("cancel", name, {}, version, reason))

    def transition(
        self,
        user: User,
        doctype: str,
        name: str,
        action: str,
        *,
        version: int | None = None,
        comment: str | None = None,
        idempotency_key: str | None = None,
    ) -> Saved:
        """Take a transition of the record's workflow by its action; permission, rules and write are those of any change. Asked for
        twice with one `idempotency_key` it is taken once.

        Raises NotFound, PermissionRefused, StaleVersion, ValidationFailed (no such action now, or what rules and approvals say).
        """
        comment = kept_comment(comment)
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        with kept_if_refused(self._database, self._clock) as met, self._database.write() as connection:
            path = SavePath(connection, snapshot, found, user, self._clock.now(), self._zone, self._vault)
            path.incidents = met
            records.hold(connection, found, name)
            record = readable(connection, snapshot.model, path.permissions, user, found, name)
            asked = Intent("save", name, {"transition": action, "comment": comment})
            once = Once(connection, idempotency_key, user, doctype, asked)
            if once.earlier() is not None:
                return Saved(name, masking.visible(snapshot.model, path.permissions, user, found, record))
            flow = Flow.of(path, record)
            if flow is None:
                raise without_workflow(found)
            chosen = flow.chosen(user, record, action)
            if chosen.needs_comment and not comment:
                raise comment_missing(chosen.title)
            move = Move(chosen.next_state, chosen.title, action=chosen.action)
            saved = path.run(Intent(flow.action_of(move.to, record), name, {}, version, comment, move))
            once.keep(name, self._clock.now())
        self._wake()
        return saved

    def decided(self, connection: Connection, user: User, doctype: str, name: str, met: list[Incident]) -> None:
        """Let the workflow of a record go on after a decision about it, in the transaction of the decision. `met` is given the rules
        that could not be judged."""
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        records.hold(connection, found, name)
        path = SavePath(connection, snapshot, found, user, self._clock.now(), self._zone, self._vault)
        path.incidents = met
        path.proceed(name)

    def restore(self, user: User, doctype: str, name: str, to: int, *, version: int | None = None) -> Saved:
        """Give a draft the content that it had at version `to`; what is computed, fetched or secret stays as it is now.

        It is a save like any other: rules speak, and the timeline tells it. Raises what a save raises, and ValidationFailed for a
        version that there is not.
        """
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        permissions = Permissions(snapshot.model)
        with self._database.read() as connection:
            record = readable(connection, snapshot.model, permissions, user, found, name)
            entries = audit.history(connection, doctype, name)
        permissions.require(user, "write", doctype, record)
        if not any(entry["version"] == to for entry in entries) or record["docstatus"] != DRAFT:
            raise ValidationFailed(
                Text(
                    f"{found.label.zh} {name} 不能恢复到第 {to} 版：只有草稿可以恢复，且须是时间线中的版本。",
                    f"{found.label.en} {name} cannot go back to version {to}: only a draft can, and to a version in its timeline.",
                )
            )
        then = as_of(snapshot.model, found, record, entries, to)
        levels = permissions.levels(user, "write", doctype, record)
        sight = permissions.sight(user, doctype, record)
        values = restored_values(
            snapshot.model, found, then, lambda item: item.permlevel in levels and sight.sees_plainly(item)
        )
        reason = Text(f"恢复到第 {to} 版", f"back to version {to}").kept()
        return self._change(user, doctype, Intent("save", name, values, version, reason))

    def put_back(
        self,
        user: User,
        doctype: str,
        name: str,
        values: Mapping[str, Any],
        *,
        version: int | None,
        reason: str,
        also: Callable[[Connection], None] | None = None,
    ) -> Saved:
        """Give fields the values that they had, with the `reason` in the timeline. It is a save like any other."""
        return self._change(user, doctype, Intent("save", name, values, version, reason), also=also)

    def rename(self, user: User, doctype: str, name: str, new_name: str, *, version: int | None = None) -> str:
        """Give a record another name; links, rows, files and obligations follow in the same transaction. Returns the new name.

        Rules do not speak: no content changes. Approvals whose content holds the old name are asked for again at the next save
        of that record. Raises NotFound, PermissionRefused, StaleVersion, ValidationFailed, DuplicateValue.
        """
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        with self._database.write() as connection:
            path = SavePath(connection, snapshot, found, user, self._clock.now(), self._zone, self._vault)
            records.hold(connection, found, name)
            record = readable(connection, snapshot.model, path.permissions, user, found, name)
            path.permissions.require(user, "write", doctype, record)
            refuse_signed(connection, found, name, Text("重命名", "renamed"))
            _refuse_hidden_name(found, path.permissions.levels(user, "write", doctype, record))
            if version is not None and version != record["version"]:
                raise path.stale(Intent("save", name, {}, version), record)
            return Renaming(connection, snapshot.model, found, user, self._clock.now()).run(record, new_name)

    def delete(self, user: User, doctype: str, name: str) -> None:
        """Delete a draft that nothing refers to. What was submitted once is a record and stays (S01-24)."""
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        with self._database.write() as connection:
            path = SavePath(connection, snapshot, found, user, self._clock.now(), self._zone, self._vault)
            records.hold(connection, found, name)
            record = path.load(name)
            path.permissions.require(user, "delete", doctype, record)
            if (flow := Flow.of(path, record)) is not None:
                flow.refuse_closed(record)
            if record["docstatus"] != DRAFT:
                raise ValidationFailed(
                    Text(
                        f"{found.label.zh} {name} 已提交过，属质量记录，任何人不得删除；可作废后修订。",
                        f"{found.label.en} {name} was submitted and is a kept record; nobody may delete it. It can be cancelled and amended.",
                    )
                )
            refuse_kept(path, record, user)
            changing.take_back(path, name)
            remove(path, record)

    @contextmanager
    def batch(self, user: User, *, is_trial: bool = False, is_hopeful: bool = False) -> Iterator[Batch]:
        """Several changes by one user in one transaction; a trial, and a hopeful batch that was spoilt, is rolled back as a whole."""
        snapshot = self._snapshots()
        try:
            with self._database.write() as connection:
                now, zone, vault = self._clock.now(), self._zone, self._vault
                batch = Batch(connection, snapshot, user, now, zone, vault, is_hopeful=is_hopeful)
                with foreseen.kept(connection), _gathered(connection) if is_hopeful else nullcontext():
                    yield batch
                    batch.settle()
                    if is_trial or batch.is_spoilt:
                        raise NothingKept
        except NothingKept:
            return
        self._wake()

    def made_before(self, user: User, idempotency_key: str) -> str | None:
        """The name of the record that an earlier save with this key made, whatever its content was."""
        with self._database.read() as connection:
            return kept_name(connection, user, idempotency_key)

    def _change(
        self,
        user: User,
        doctype: str,
        intent: Intent,
        idempotency_key: str | None = None,
        also: Callable[[Connection], None] | None = None,
    ) -> Saved:
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        with kept_if_refused(self._database, self._clock, is_new=intent.name is None) as met:
            saved = self._carry_out(snapshot, user, found, intent, idempotency_key, also, met)
        self._wake()
        return saved

    def _carry_out(
        self,
        snapshot: Snapshot,
        user: User,
        found: DocType,
        intent: Intent,
        idempotency_key: str | None,
        also: Callable[[Connection], None] | None,
        met: list[Incident],
    ) -> Saved:
        """The change in its transaction; `met` is given the rules that could not be judged, also when it is refused."""
        doctype = found.name
        with self._database.write() as connection:
            if found.issingle:
                intent = _of_single(intent, found, is_there=bool(records.exists(connection, found, {found.name})))
            path = SavePath(connection, snapshot, found, user, self._clock.now(), self._zone, self._vault)
            path.incidents = met
            once = Once(connection, idempotency_key, user, doctype, intent)
            if (earlier := once.earlier()) is not None:
                record = masking.visible(snapshot.model, path.permissions, user, found, path.load(earlier))
                return Saved(earlier, record)
            saved = path.run(intent)
            if also is not None:
                also(connection)
            once.keep(saved.name, self._clock.now())
        return saved

    def _completion(self, snapshot: Snapshot, doctype: DocType, user: User, facts: DatabaseFacts) -> Completion:
        return Completion(snapshot.model, doctype, user, self._clock.now(), self._zone, facts.lookup)


@contextmanager
def _gathered(connection: Connection) -> Iterator[None]:
    """What a transaction without savepoints writes once at its end: records, history, traces, how titles are read, counters."""
    with (
        audit.gathered(connection),
        readings.gathered(connection),
        series.counted_together(connection),
        inserting.gathered(connection),
    ):
        yield


def _refuse_hidden_name(doctype: DocType, levels: frozenset[int]) -> None:
    """Another name is another value of the field that names the record, for whoever may write that."""
    item = naming_field(doctype)
    if item is not None and item.permlevel not in levels:
        raise PermissionRefused(
            Text(
                f"{doctype.label.zh}以{item.label.zh}命名，您没有修改此字段的权限（权限级 {item.permlevel}）。",
                f"{doctype.label.en} is named by {item.label.en}, which you may not change (permission level {item.permlevel}).",
            )
        )


def _of_single(intent: Intent, single: DocType, *, is_there: bool) -> Intent:
    """The first save of a Single makes its record, whoever calls it new or a change; every other one changes it."""
    if is_there:
        return replace(intent, name=single.name, action="save" if intent.action == "create" else intent.action)
    return replace(intent, name=None, version=None, action="create" if intent.action == "save" else intent.action)


__all__ = ["DocumentService", "Intent", "Saved", "SavePath"]
