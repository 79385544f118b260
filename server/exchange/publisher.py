"""Publishing metadata: check everything together, plan the tables, apply, make the new version the site's.

Metadata in force lives in the database (`gj_metadata`); files of packs and what administrators type both come through here.
Every process notices a new version by its number and loads a fresh snapshot. How pieces are read and checked is `reading`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from ..access.directory import load_user
from ..access.user import ADMINISTRATOR
from ..core.clock import Clock
from ..core.errors import MetadataInvalid
from ..core.ids import digest
from ..core.text import Text
from ..core.values import canonical
from ..documents.meanings import meanings
from ..documents.snapshot import Snapshot, Workflows
from ..rulebook.compile import MatcherChoice
from ..rulebook.rulebook import Rulebook
from ..rulebook.testing import TestResult
from ..storage import migrate, site_state
from ..storage.database import Database
from ..storage.gate import Pin
from ..storage.narrowed import narrowed
from ..storage.plan import PlanRefused
from ..storage.system import metadata as table
from ..storage.system import metadata_history
from .in_force import InForce
from .packs import Source
from .proposal import Proposal
from .published import Published, past_workflows
from .readable_facts import refuse_unreadable
from .reading import MetadataRead, read_and_check, read_in_force
from .renamed import carry_over, with_followers
from .signing_meanings import Fixtures, meanings_in, unknown_meanings
from .tested import MAX_REASON, TestsFail, results_of


class Publisher(Published):
    """Publishes metadata to one site and hands out snapshots of what is in force; answers about both as `Published` does."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        matcher: MatcherChoice,
        beside: Callable[[Connection, Sequence[Source]], None] = lambda connection, sources: None,
    ) -> None:
        super().__init__(database)
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
            past = past_workflows(connection)
            self._beside(connection, stored)
        read = read_in_force(stored, version, past)
        rulebook = Rulebook.compile(read.rules, read.model, matcher=self._matcher)
        self._snapshot = Snapshot(
            read.model, rulebook, read.formats, Workflows.of(read.workflows, past), read.reports, read.list_views
        )
        return self._snapshot

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
        read = read_and_check(together.values())
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

    def _tests(
        self, read: MetadataRead, changed: Iterable[Source], before: Mapping[tuple[str, str], str]
    ) -> tuple[TestResult, ...]:
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
        gone = set(removed) | set(proposal.removed)
        if proposal.is_empty and not gone:
            return self.snapshot().version
        now = self._clock.now()

        def keep(connection: Connection) -> dict[str, Any]:
            """What is written in the transaction of the tables; kept with the plan."""
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
                pack = source.pack or packs[source.kind, source.name]
                _put_in_force(connection, source, {"published_at": now, "published_by": by, "pack": pack}, origin, why)
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


def _put_in_force(connection: Connection, source: Source, published: Mapping[str, Any], origin: str, reason: str) -> None:
    """One piece in place of what was in force of it, and in the history. `origin` is who changes it: a pack, or the site."""
    row = {
        **published,
        "kind": source.kind,
        "name": source.name,
        "body": source.raw,
        "origin": origin if source.shipped is None and not source.follows else "site",
        "digest": digest(canonical(source.raw)),
    }
    if source.shipped is not None:  # what the site's changes are compared with from now on
        shipped = {"body": source.shipped, "origin": origin, "digest": digest(canonical(source.shipped))}
        connection.execute(insert(metadata_history).values(row | shipped))
    connection.execute(delete(table).where(table.c.kind == source.kind, table.c.name == source.name))
    connection.execute(insert(table).values(row))
    connection.execute(insert(metadata_history).values(row | {"reason": reason or None}))
