"""Publishing metadata: check everything together, plan the tables, apply, make the new version the site's.

Metadata in force lives in the database (`gj_metadata`); files of packs and what administrators type both come through here.
Every process notices a new version by its number and loads a fresh snapshot.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from ..access.directory import load_user
from ..access.user import ADMINISTRATOR
from ..core.clock import Clock
from ..core.errors import Fault, MetadataInvalid
from ..core.ids import digest
from ..core.remembered import Remembered
from ..core.text import Text
from ..core.values import canonical
from ..documents.meanings import meanings
from ..documents.snapshot import Snapshot, Workflows
from ..metadata.check import check_model
from ..metadata.check_shape import check_shape
from ..metadata.dangling import without_dangling
from ..metadata.list_view import ShippedView, check_list_view, check_list_views, read_list_view
from ..metadata.load import read_doctype
from ..metadata.model import Model
from ..metadata.settling import settled
from ..printing.check import check_templates
from ..printing.format import PrintFormat, check_format, read_format
from ..reporting.check import check_report_shape, check_reports
from ..reporting.model import Report, read_report
from ..rulebook.analysis import rule_warnings
from ..rulebook.check import check_rule_shape, check_rules, table_warnings
from ..rulebook.compile import MatcherChoice
from ..rulebook.model import Rule, read_rule
from ..rulebook.rulebook import Rulebook
from ..rulebook.testing import TestResult
from ..storage import migrate, site_state
from ..storage.database import Database
from ..storage.gate import Pin
from ..storage.narrowed import narrowed
from ..storage.plan import Plan, PlanRefused
from ..storage.system import metadata as table
from ..storage.system import metadata_history
from ..storage.waiting import told
from ..workflow.check import check_workflows
from ..workflow.model import Workflow
from ..workflow.read import check_workflow_shape, read_as_far_as_possible, read_workflow
from ..workflow.statefield import with_state_fields
from .in_force import InForce
from .packs import Source
from .readable_facts import refuse_unreadable
from .renamed import carry_over, with_followers
from .signing_meanings import Fixtures, meanings_in, unknown_meanings
from .tested import MAX_REASON, TestsFail, results_of


@dataclass(frozen=True)
class Proposal:
    """What a publication would do: pieces new or changed, the migration plan, warnings. Nothing is done yet.

    It holds for the metadata that was in force when it was made, `base_version`. `tests` are those of its rules that are new or
    changed: while one fails, publishing needs a reason.
    """

    sources: tuple[Source, ...]
    changed: tuple[Source, ...]
    plan: Plan
    warnings: tuple[Fault, ...]
    model: Model
    base_version: int
    removed: tuple[tuple[str, str], ...] = ()
    tests: tuple[TestResult, ...] = ()

    @property
    def failing(self) -> tuple[TestResult, ...]:
        return tuple(result for result in self.tests if not result.passed)

    @property
    def is_empty(self) -> bool:
        return not self.changed and not self.plan.steps

    @property
    def steps(self) -> list[Text]:
        """What it does to the tables, step by step, and who waits for it."""
        return [told(self.plan, step) for step in self.plan.steps]


@dataclass(frozen=True)
class _Read:
    model: Model
    rules: tuple[Rule, ...]
    formats: Mapping[str, PrintFormat]
    workflows: tuple[Workflow, ...]
    reports: Mapping[str, Report]
    list_views: tuple[ShippedView, ...]
    warnings: tuple[Fault, ...]


class Publisher:
    """Publishes metadata to one site and hands out snapshots of what is in force."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        matcher: MatcherChoice,
        beside: Callable[[Connection, Sequence[Source]], None] = lambda connection, sources: None,
    ) -> None:
        self._database = database
        self._beside = beside  # what else counts with the metadata's version and is read again with it
        self._clock = clock
        self._matcher = matcher
        self._in_force = InForce()
        self._snapshot: Snapshot | None = None
        self._pinned: ContextVar[Snapshot | None] = ContextVar("pinned", default=None)

    # In force

    def snapshot(self) -> Snapshot:
        """The metadata in force, or the one that this request was pinned to; loaded again when another process has published."""
        return self._pinned.get() or self._current()

    @contextmanager
    def pinned(self) -> Iterator[Snapshot]:
        """One metadata version for everything inside: a request works on one from start to end."""
        found = self._current()
        token, pin = self._pinned.set(found), self._database.pin.set(Pin(found.version))
        try:
            yield found
        finally:
            self._pinned.reset(token)
            self._database.pin.reset(pin)

    def repin(self) -> bool:
        """Let the request that is pinned work on what is in force now; False when it has saved something already."""
        pin = self._database.pin.get()
        if pin is None or pin.has_written:
            return False
        self._database.pin.set(None)
        self._database.look_anew()
        try:
            found = self._current()
            self._pinned.set(found)
            pin = Pin(found.version)
        finally:
            self._database.pin.set(pin)
        return True

    def _current(self) -> Snapshot:
        with self._database.read() as connection:
            version = site_state.metadata_version(connection)
            if self._snapshot is not None and self._snapshot.version == version:
                return self._snapshot
            stored = [piece.source for piece in self._in_force.read(connection)]
            past = _past_workflows(connection)
            self._beside(connection, stored)
        read = _read(stored, check=False, version=version, past=past)
        rulebook = Rulebook.compile(read.rules, read.model, matcher=self._matcher)
        self._snapshot = Snapshot(
            read.model, rulebook, read.formats, Workflows.of(read.workflows, past), read.reports, read.list_views
        )
        return self._snapshot

    def stored(self) -> list[Source]:
        """Every piece of metadata in force, as JSON that is the caller's own."""
        ask = select(table.c.kind, table.c.name, table.c.body, table.c.pack).order_by(table.c.kind, table.c.name)
        with self._database.read() as connection:
            return [
                Source(row.kind, f"{row.kind} {row.name}", row.body, pack=row.pack or "") for row in connection.execute(ask)
            ]

    # Publishing

    def propose(
        self, sources: Iterable[Source], *, removed: Iterable[tuple[str, str]] = (), fixtures: Fixtures = ()
    ) -> Proposal:
        """Check `sources` together with what is in force and plan the tables. Raises MetadataInvalid with every fault.

        `fixtures` are the records that a pack brings after its pieces: what these may refer to already.
        """
        given = list(sources)
        gone = set(removed)
        with self._database.read() as connection:
            base_version = site_state.metadata_version(connection)
            pieces = self._in_force.read(connection)
        in_force = {(piece.source.kind, piece.source.name): piece.source for piece in pieces}
        before = {(piece.source.kind, piece.source.name): piece.digest for piece in pieces}
        given, gone = with_followers(given, in_force, gone)
        together = in_force | {(source.kind, source.name): source for source in given}
        together = {key: source for key, source in together.items() if key not in gone}
        read = _read(list(together.values()), check=True, version=0)
        changed = tuple(s for s in given if before.get((s.kind, s.name)) != digest(canonical(s.raw)) or self._ships_anew(s))
        model = self.snapshot().model
        with self._database.read() as connection:
            known = {*meanings(connection, model), *meanings_in(fixtures)}
            if unknown := unknown_meanings(changed, known):
                raise MetadataInvalid.of(unknown)
            plan = migrate.propose(connection, read.model, model)
            warnings = (*read.warnings, *narrowed(connection, model, read.model))
        tests = self._tests(read, changed, before)
        return Proposal(tuple(together.values()), changed, plan, warnings, read.model, base_version, tuple(sorted(gone)), tests)

    def _tests(self, read: _Read, changed: Iterable[Source], before: Mapping[tuple[str, str], str]) -> tuple[TestResult, ...]:
        """What the tests of the rules that change say, judged with the DocTypes that would then be in force."""
        names = {source.name for source in changed if source.kind == "Rule"}
        if not names:
            return ()
        doctypes = {name: value for (kind, name), value in before.items() if kind == "DocType"}
        doctypes |= {source.name: digest(canonical(source.raw)) for source in changed if source.kind == "DocType"}
        rules = [rule for rule in read.rules if rule.name in names]
        return tuple(results_of(rules, read.model, digest(canonical(doctypes)), self._matcher))

    def _ships_anew(self, source: Source) -> bool:
        """Whether the pack ships something new which the site's changes cover: it is what they are compared with from now on."""
        return source.shipped is not None and source.shipped != self.shipped(source.kind, source.name)

    def _refuse_unreadable(self, proposal: Proposal, by: str) -> None:
        """Raises MetadataInvalid where a rule asks what whoever publishes may not read."""
        rules = [source.raw for source in proposal.changed if source.kind == "Rule"]
        in_force = self.snapshot()
        if not rules or by == ADMINISTRATOR or "User" not in in_force.model:
            return
        with self._database.read() as connection:
            author = load_user(connection, by)
        if author is not None:
            refuse_unreadable(rules, in_force.rulebook.rules, author, proposal.model)

    def publish(
        self,
        proposal: Proposal,
        by: str,
        *,
        origin: str = "pack",
        removed: Iterable[tuple[str, str]] = (),
        undoes: int | None = None,
        reason: str = "",
        also: Callable[[Connection], None] | None = None,
    ) -> int:
        """Apply the plan and put the metadata in force, in one transaction; returns the new version number.

        What was in force before is kept with the plan, so that it can be undone (`undo`). `undoes` is the version that this takes
        back, `also` what else is written in that transaction, `reason` why it is done, kept in the history. Raises PlanRefused when
        somebody else has published since the proposal was made (it was checked against other metadata), TestsFail when tests of its
        rules fail and no reason is given.
        """
        why = reason.strip()[:MAX_REASON]
        if proposal.failing and not why:
            raise TestsFail.of(proposal.failing)
        self._refuse_unreadable(proposal, by)
        now = self._clock.now()
        gone = set(removed) | set(proposal.removed)
        if proposal.is_empty and not gone:
            return self.snapshot().version

        def keep(connection: Connection) -> dict[str, Any]:
            if site_state.metadata_version(connection) != proposal.base_version:
                raise PlanRefused(
                    Text(
                        "检查之后另有他人发布了元数据，本次未发布。请重新检查后再发布。",
                        "Somebody else published metadata after this was checked; nothing was published. Check it again, then publish.",
                    )
                )
            after = {(source.kind, source.name): digest(canonical(source.raw)) for source in proposal.changed}
            pieces = self._pieces(connection, after | dict.fromkeys(sorted(gone)))
            packs = {(piece["kind"], piece["name"]): piece["pack"] for piece in pieces}
            for kind, name in gone:
                connection.execute(delete(table).where(table.c.kind == kind, table.c.name == name))
            for source in proposal.changed:
                row = {
                    "kind": source.kind,
                    "name": source.name,
                    "body": source.raw,
                    "origin": origin if source.shipped is None and not source.follows else "site",
                    "digest": digest(canonical(source.raw)),
                    "published_at": now,
                    "published_by": by,
                    "pack": source.pack or packs[source.kind, source.name],
                }
                if source.shipped is not None:  # what the site's changes are compared with from now on
                    shipped = {"body": source.shipped, "origin": origin, "digest": digest(canonical(source.shipped))}
                    connection.execute(insert(metadata_history).values(row | shipped))
                connection.execute(delete(table).where(table.c.kind == source.kind, table.c.name == source.name))
                connection.execute(insert(table).values(row))
                connection.execute(insert(metadata_history).values(row | {"reason": why or None}))
            carry_over(connection, proposal.plan, by, now)
            if undoes is not None:
                migrate.mark_undone(connection, undoes)
            if also is not None:
                also(connection)
            return {"version": site_state.bump_metadata_version(connection), "pieces": pieces}

        migrate.apply(self._database, proposal.plan, by=by, at=now, also=keep)
        return self.renew().version

    def renew(self) -> Snapshot:
        """What is in force now, for a request that was pinned too: whoever changes it works on what they changed."""
        self._snapshot = None
        self._database.look_anew()
        if (pin := self._database.pin.get()) is not None:
            self._database.pin.set(None)
            try:
                self._pinned.set(self._current())
                pin.version = self.snapshot().version
            finally:
                self._database.pin.set(pin)
        return self.snapshot()

    def _pieces(self, connection: Connection, after: Mapping[tuple[str, str], str | None]) -> list[dict[str, Any]]:
        """The pieces that are about to change: what is in force (`before`, None where nothing is) of which `pack`, the digest of what
        will be (`after`, None for what goes)."""
        found = []
        for (kind, name), made in after.items():
            asked = select(table.c.body, table.c.pack).where(table.c.kind == kind, table.c.name == name)
            row = connection.execute(asked).first()
            before, pack = (row.body, row.pack) if row else (None, None)
            found.append({"kind": kind, "name": name, "before": before, "after": made, "pack": pack})
        return found

    def publications(self, limit: int = 50) -> list[dict[str, Any]]:
        """The plans that were applied, the newest first, each with its version, pieces and state."""
        with self._database.read() as connection:
            return migrate.history(connection, limit)

    def publication(self, version: int) -> dict[str, Any] | None:
        """One of them; None when there is none of that version."""
        with self._database.read() as connection:
            return migrate.publication(connection, version)

    def customised(self) -> dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any] | None]]:
        """By kind and name: the pieces in force that the site changed, each with what a pack shipped last (None: no pack did)."""
        ask = select(table.c.kind, table.c.name, table.c.body).where(table.c.origin == "site")
        past = metadata_history
        is_same_piece = (past.c.kind == table.c.kind) & (past.c.name == table.c.name)
        was_shipped = (past.c.origin == "pack") & (past.c.pack.is_(None) | (past.c.pack == table.c.pack))
        newest = select(func.max(past.c.id)).join_from(past, table, is_same_piece).where(table.c.origin == "site", was_shipped)
        bodies = select(past.c.kind, past.c.name, past.c.body).where(past.c.id.in_(newest.group_by(past.c.kind, past.c.name)))
        with self._database.read() as connection:
            ours = {(row.kind, row.name): row.body for row in connection.execute(ask)}
            shipped = {(row.kind, row.name): row.body for row in connection.execute(bodies)}
        return {key: (body, shipped.get(key)) for key, body in ours.items()}

    def shipped(self, kind: str, name: str) -> dict[str, Any] | None:
        """What a pack shipped last of one piece."""
        return next((row["body"] for row in self.history(kind, name) if row["origin"] == "pack" and row["is_of_pack"]), None)

    def former_names(self) -> dict[str, str]:
        """DocTypes that were renamed: old name to new one."""
        with self._database.read() as connection:
            return site_state.former_names(connection)

    def changes(self, kind: str) -> list[dict[str, Any]]:
        """Everything that was ever published of a kind, the newest first."""
        past = metadata_history
        ask = select(past).where(past.c.kind == kind).order_by(past.c.published_at.desc(), past.c.id.desc())
        with self._database.read() as connection:
            return [dict(row) for row in connection.execute(ask).mappings()]

    def history(self, kind: str, name: str) -> list[dict[str, Any]]:
        """Earlier versions of one piece, the newest first; `is_of_pack` says whether the pack that ships it now (or, before packs
        had names, any) was the one that shipped it then."""
        now = select(table.c.pack).where(table.c.kind == kind, table.c.name == name)
        ask = (
            select(metadata_history)
            .where(metadata_history.c.kind == kind, metadata_history.c.name == name)
            .order_by(metadata_history.c.published_at.desc(), metadata_history.c.id.desc())
        )
        with self._database.read() as connection:
            pack = connection.execute(now).scalar()
            return [
                {**row, "is_of_pack": row["pack"] is None or row["pack"] == pack} for row in connection.execute(ask).mappings()
            ]


def read_sources(sources: Sequence[Source]) -> tuple[Model, tuple[Rule, ...]]:
    """The DocTypes and rules of some sources. Raises MetadataInvalid with every fault."""
    read = _read(sources, check=True, version=0)
    return read.model, read.rules


def check_sources(sources: Sequence[Source]) -> tuple[Fault, ...]:
    """All faults of metadata seen together, without a site; returns the warnings. Raises MetadataInvalid."""
    return _read(sources, check=True, version=0).warnings


def _past_workflows(connection: Connection) -> tuple[Workflow, ...]:
    """Every version of a workflow that was ever in force, the oldest first: records keep the one that they started with."""
    past = metadata_history
    ask = select(past.c.body).where(past.c.kind == "Workflow").order_by(past.c.id)
    bodies = [row.body for row in connection.execute(ask)]
    return tuple(read_workflow(body) for body in bodies if not check_workflow_shape(body, ""))


def _formats_of(formats: Iterable[PrintFormat]) -> dict[str, frozenset[str]]:
    """By DocType the names of its print formats."""
    found: dict[str, set[str]] = {}
    for item in formats:
        found.setdefault(item.doctype, set()).add(item.name)
    return {doctype: frozenset(names) for doctype, names in found.items()}


def _read(sources: Sequence[Source], *, check: bool, version: int, past: Sequence[Workflow] = ()) -> _Read:
    by_kind: dict[str, list[Source]] = {
        "DocType": [],
        "Rule": [],
        "Print Format": [],
        "Workflow": [],
        "Report": [],
        "List View": [],
    }
    for source in sources:
        by_kind.setdefault(source.kind, []).append(source)
    faults: list[Fault] = []
    told: list[Fault] = []
    doctypes = _build(_settled(by_kind["DocType"], told), check_shape, read_doctype, faults, check)
    whole = Model({item.name: item for item in doctypes.values()}, version)
    workflows = _build(by_kind["Workflow"], _unchecked, read_as_far_as_possible, faults, check)
    if check:
        faults += [fault for source in by_kind["Workflow"] for fault in check_workflow_shape(source.raw, source.file)]
    model = Model({item.name: without_dangling(item, whole) for item in whole}, version)
    plain, model = model, with_state_fields(model, workflows.values(), past)
    rules = _build(by_kind["Rule"], check_rule_shape, read_rule, faults, check)
    formats = _build(by_kind["Print Format"], check_format, read_format, faults, check)
    reports = _build(by_kind["Report"], check_report_shape, read_report, faults, check)
    views = _build(by_kind["List View"], check_list_view, read_list_view, faults, check)
    warnings: tuple[Fault, ...] = ()
    if check:
        result = check_model(whole, {item.name: file for file, item in doctypes.items()})
        faults += result.faults
        warnings = (*told, *result.warnings)
        files = {item.name: file for file, item in rules.items()}
        unread = {source.name for source in by_kind["DocType"]} - {item.name for item in whole}
        judged = [item for item in rules.values() if not _speaks_of(item.raw, unread)]  # the others: once these can be read
        faults += check_rules(
            judged, model, files, model.roles, Workflows.of(workflows.values()).ways, _formats_of(formats.values())
        )
        faults += check_templates(formats, model)
        flows = [item for item in workflows.values() if item.document_type not in unread]
        found = check_workflows(flows, plain, {item.name: file for file, item in workflows.items()})
        faults += found.faults
        warnings = (*warnings, *found.warnings)
        told_of = [item for item in reports.values() if not _speaks_of(item.raw, unread)]
        faults += check_reports(told_of, model, {item.name: file for file, item in reports.items()}, model.roles)
        told_of_views = [item for item in views.values() if item.document_type not in unread]
        faults += check_list_views(told_of_views, model, {item.name: file for file, item in views.items()}, model.roles)
        if faults:
            raise MetadataInvalid.of(faults)
        weak = (*table_warnings(rules.values(), model, files), *rule_warnings(rules.values(), model, files))
        warnings = (*warnings, *weak)
    return _Read(
        model,
        tuple(rules.values()),
        {item.name: item for item in formats.values()},
        tuple(workflows.values()),
        {item.name: item for item in reports.values()},
        tuple(views.values()),
        warnings,
    )


def _speaks_of(raw: Mapping[str, Any], names: set[str]) -> bool:
    text = json.dumps(raw, ensure_ascii=False) if names else ""
    return any(json.dumps(name, ensure_ascii=False) in text for name in names)


def _settled(sources: Iterable[Source], told: list[Fault]) -> Iterator[Source]:
    """DocTypes as they are read; what had to be settled in Frappe's files is told."""
    for source in sources:
        raw, faults = settled(source.raw, source.file)
        told += faults
        yield source if raw is source.raw else replace(source, raw=raw)


def _build(
    sources: Iterable[Source],
    checker: Callable[[Any, str], list[Fault]],
    reader: Callable[[Any], Any],
    faults: list[Fault],
    check: bool,
) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for source in sources:
        piece = _piece(source, checker if check else _unchecked, reader)
        if piece is None:
            faults += checker(source.raw, source.file)
        else:
            # two packs may hold a file of one path: each piece is kept, under a place that says which it is
            place = source.file if source.file not in built else f"{source.file} ({source.name})"
            built[place] = piece
    return built


def _unchecked(raw: Any, file: str) -> list[Fault]:
    return []


def _piece(source: Source, checker: Callable[[Any, str], list[Fault]], reader: Callable[[Any], Any]) -> Any:
    """What a piece reads as; None when it has faults. Publishing one change reads all that is in force, so that what was read of
    the same JSON before is taken again."""
    said = json.dumps(source.raw, ensure_ascii=False)
    mark = digest(said)

    def read() -> Any:
        return reader(json.loads(said))  # a copy: whoever gave it may change it

    def checked() -> Any:
        return None if checker(json.loads(said), source.file) else _pieces_read.get((source.kind, _unchecked, mark), read)

    return _pieces_read.get((source.kind, checker, mark), read if checker is _unchecked else checked)


_pieces_read: Remembered[tuple[str, object, str], Any] = Remembered(4000)

__all__ = ["Proposal", "Publisher", "check_sources"]
