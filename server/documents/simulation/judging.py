"""A simulation at work: every save of the period judged again, at its place in the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ...access.directory import load_user
from ...access.permissions import Permissions
from ...access.user import ADMINISTRATOR, User
from ...metadata.model import DocType, Model
from ...rulebook.model import Rule
from ...rulebook.reads import asked_doctypes
from ...rulebook.rulebook import Outcome, Rulebook, Situation
from ...rulebook.trace import MAX_TEXT
from ...storage import audit, site_state, timeline
from ...storage.database import Database
from ...storage.verification import is_tracked
from ..complete import Completion, Record
from ..loading import readable_among
from ..save_path import EVENTS
from ..snapshot import Snapshot
from ..why import sees_all_of
from .model import Case, Judged, Request, Tally
from .replay import Replay, ReplayedFacts, Step, scratch
from .timers import Timers

Entry = Mapping[str, Any]
Stopped = Callable[[], bool]
USER = "User"


class Simulation:
    """One run for one reader. `tally` counts while `cases` goes on; nothing of the site is written."""

    def __init__(self, database: Database, snapshot: Snapshot, user: User, zone: ZoneInfo, request: Request) -> None:
        self._database = database
        self.snapshot = snapshot
        self.user = user
        self.zone = zone
        self.request = request
        self.doctype = snapshot.record_type(request.rule.applies_to)
        self._permissions = Permissions(snapshot.model)
        self.draft = _book(snapshot, request.rule)
        self.published = _book(snapshot, request.published) if request.published else None
        self._people: dict[str, User] = {}
        self.is_stopped = False  # before it was through
        self.tally = Tally(compared=request.published is not None)

    def cases(self, is_stopped: Stopped = lambda: False) -> Iterator[list[Case]]:
        """The cases that somebody wants to see (all that match, or matched before), portion by portion in the order of time."""
        replayed, names = self._replayed()
        model = self.snapshot.model
        with scratch(model, replayed.values()) as connection:
            replay = Replay(connection, model, names, self._count_misfit)
            run = _Run(self, replay, ReplayedFacts(replay, model, replayed, self.tally.of_today))
            run.timers = Timers(connection, self._timed()) if self._timed() else None
            with self._database.read() as site:
                stretch = self._stretch(site, replayed, names)
                if stretch.touched and not _fetches_from_its_own(self.doctype, model):
                    replay.alone = frozenset({self.doctype.name})
                self.tally.total = timeline.count(site, stretch)
                replay.begin(site, [item for item in replayed.values() if item.name not in stretch.touched])
            after = 0
            while not is_stopped():
                with self._database.read() as site:
                    entries = timeline.page(site, stretch, after)
                    found = run.page(site, entries)
                self.tally.read += len(entries)
                yield found
                if not entries:
                    return
                after = entries[-1]["id"]
            self.is_stopped = True

    def _count_misfit(self) -> None:
        self.tally.misfits += 1

    def _replayed(self) -> tuple[dict[str, DocType], dict[str, DocType]]:
        """The DocTypes whose history is gone through, by name; and by every name that they had."""
        model = self.snapshot.model
        rules = self.snapshot.rulebook.of(self.doctype.name)
        others = set().union(*(asked_doctypes(rule, model) for rule in (*rules, self.request.rule)))
        wanted = {name for name in {self.doctype.name, *others} if name in model and is_tracked(model[name])}
        replayed = {name: model[name] for name in sorted(wanted)}
        with self._database.read() as site:
            former = site_state.former_names(site)
        names = dict(replayed)
        for old in former:
            now = old
            while now in former and now not in model:
                now = former[now]
            if now in replayed:
                names.setdefault(old, replayed[now])
        return replayed, names

    def _stretch(self, site: Connection, replayed: Mapping[str, DocType], names: Mapping[str, DocType]) -> timeline.Stretch:
        """The entries to go through: of the DocType itself only records with a save in the period, if no fact asks for others."""
        rules = (*self.snapshot.rulebook.of(self.doctype.name), self.request.rule)
        is_asked = any(self.doctype.name in asked_doctypes(rule, self.snapshot.model) for rule in rules)
        own = frozenset(name for name, item in names.items() if item is self.doctype)
        touched = frozenset() if is_asked or self._timed() else own
        start, end = self.request.start, self.request.end
        return timeline.Stretch(frozenset(names), timeline.last_before(site, end), touched, start, end)

    def _timed(self) -> list[Rule]:
        rules = (self.request.rule, self.request.published)
        return [rule for rule in rules if rule is not None and rule.times]

    def person(self, site: Connection, name: str) -> User:
        """Who saved, with the roles of today; somebody who is gone has none but everybody's."""
        if name not in self._people:
            found = load_user(site, name) if USER in self.snapshot.model or name == ADMINISTRATOR else None
            self._people[name] = found or User(name)
        return self._people[name]

    def unseen(self, site: Connection, names: Iterable[str]) -> set[str]:
        """Those of the records that the reader may not read; of deleted ones, all but for who reads every record."""
        wanted, doctype = set(names), self.doctype
        if self._permissions.scope(self.user, doctype.name) == "all" and not self._permissions.confined(self.user, doctype):
            return set()
        now = {name: audit.renamed_to(site, doctype.name, name) or name for name in wanted}
        seen = readable_among(site, self.snapshot.model, self.user, {(doctype.name, name) for name in now.values()})
        return {name for name in wanted if (doctype.name, now[name]) not in seen}


class _Run:
    """The judging of one run, page after page of the history."""

    def __init__(self, simulation: Simulation, replay: Replay, facts: ReplayedFacts) -> None:
        self._of = simulation
        self._replay = replay
        self._facts = facts
        self.timers: Timers | None = None

    def page(self, site: Connection, entries: Sequence[Entry]) -> list[Case]:
        self._facts.read_from(site)
        own = [entry for entry in entries if self._is_judged(entry)]
        traces = timeline.traces_of(site, {entry["trace_id"] for entry in own if entry["trace_id"]})
        unseen = self._of.unseen(site, (entry["name"] for entry in own))
        found: list[Case] = []
        ends = self._ends(site, entries)
        for entry in entries:
            found += self._fire(site, entry["at"])
            step = self._replay.step(entry, site)
            if self._is_judged(entry):
                trace = traces.get(entry["trace_id"] or "")
                if entry["name"] in unseen:
                    self._of.tally.unseen += 1
                elif step is None or step.new is None:
                    self._of.tally.unknown += 1
                else:
                    found += self._judge(site, entry, step, trace)
            if step is not None and entry["id"] in ends:
                self._replay.forget(step)
            elif step is not None:
                self._replay.keep(step)
                self._set_timers(step, entry["at"])
        if not entries:
            found += self._fire(site, self._of.request.end)
        return found

    def _ends(self, site: Connection, entries: Sequence[Entry]) -> set[int]:
        """The entries after which nothing reads their records any more."""
        last = {entry["name"]: entry["id"] for entry in entries if self._replay.doctype(entry).name in self._replay.alone}
        if not last:
            return set()
        names = {name for name, item in self._replay.doctypes.items() if item is self._of.doctype}
        later = timeline.named_after(site, names, last, entries[-1]["id"])
        return {number for name, number in last.items() if name not in later}

    def _is_judged(self, entry: Entry) -> bool:
        request = self._of.request
        is_own = self._replay.doctype(entry) is self._of.doctype
        return is_own and entry["action"] in EVENTS and request.start <= entry["at"] < request.end

    def _judge(self, site: Connection, entry: Entry, step: Step, trace: Mapping[str, Any] | None) -> list[Case]:
        """The case of one save, where the rule is judged on what it did."""
        events = tuple(trace["events"]) if trace else EVENTS[entry["action"]]
        rules = [rule for rule in (self._of.request.rule, self._of.request.published) if rule]
        last = max((place for place, event in enumerate(events) if any(event in rule.events for rule in rules)), default=-1)
        if last < 0:
            return []
        assert step.new is not None
        person = self._of.person(site, entry["by"])
        completion = self._completion(person, entry["at"])
        record = self._as_judged(step, trace, completion)
        asked = [
            Situation(self._of.doctype.name, event, record, person, entry["at"], step.old, completion.compute, self._way(step))
            for event in events[: last + 1]
        ]
        then = _of_trace(trace, self._of.request.rule.name) if trace else None
        return self._case(entry, asked, then)

    def _way(self, step: Step) -> tuple[str, str, str] | None:
        """The way in the workflow that a save took, as the workflow of today calls it."""
        flow = self._of.snapshot.workflows.get(self._of.doctype.name)
        left, entered = (str((one or {}).get(flow.state_field) or "") if flow else "" for one in (step.old, step.new))
        if flow is None or left == entered:
            return None
        action = next((one.action for one in flow.leaving(left) if one.next_state == entered), "")
        return action, left, entered

    def _completion(self, person: User, at: datetime) -> Completion:
        of = self._of
        return Completion(of.snapshot.model, of.doctype, person, at, of.zone, self._facts.lookup)

    def _as_judged(self, step: Step, trace: Mapping[str, Any] | None, completion: Completion) -> Record:
        """The record as the rules were given it: without the values that they set."""
        assert step.new is not None
        record = {**step.new, "version": step.old["version"] if step.old else 0}
        restored: Record = {}
        is_overlaid = False
        reads = self._replay.reads(self._of.doctype)
        for entry in trace["rules"] if trace else ():
            before = entry.get("before") or {}
            for name in entry.get("set") or ():
                if name in restored:
                    continue
                if "[" in name:  # a column of a row, which may stand elsewhere by now
                    is_overlaid = True
                    continue
                if name in before and not _is_cut(before[name]):
                    restored |= {key: value for key, value in reads.read({name: before[name]}).items() if key == name}
                else:
                    is_overlaid = True
        self._of.tally.overlaid += is_overlaid
        if not restored:
            return record
        rows = {
            item.fieldname: [dict(row) for row in record.get(item.fieldname) or ()] for item in self._of.doctype.table_fields
        }
        record |= rows | restored
        completion.compute(record)
        return record

    def _case(self, entry: Entry, asked: list[Situation], then: Judged | None) -> list[Case]:
        of, rule = self._of, self._of.request.rule
        outcome = _evaluated(of.draft, asked, self._facts)
        if rule.name in outcome.failed:
            of.tally.failed += 1
        judged, why = _of_outcome(outcome, rule.name)
        published = None
        if of.published is not None and of.request.published is not None:
            published, _ = _of_outcome(_evaluated(of.published, asked, self._facts), of.request.published.name)
        case = Case(entry["name"], entry["version"] or 0, entry["at"], entry["by"], asked[-1].event, judged, then, published)
        of.tally.add(case, entry["at"].astimezone(of.zone).strftime("%Y-%m"))
        if case.verdict == "none":
            return []
        if case.verdict == "gone":  # which condition does not hold any more
            why = next((found.to_json() for found in outcome.trace.entries if found.rule == rule.name), {})
        return [self._told(case, outcome, why, asked[-1].record)]

    def _told(self, case: Case, outcome: Outcome, why: Mapping[str, Any], record: Record) -> Case:
        """The case with its reasons, as far as the reader sees what the rule reads."""
        of = self._of
        snapshot = Snapshot(of.snapshot.model, of.draft)
        if not sees_all_of(snapshot, of.user, of.doctype, record, of.request.rule):
            return replace(case, judged=Judged(case.judged.matched, case.judged.then), is_hidden=True)
        name = of.request.rule.name
        said = tuple(fault.text for fault in (*outcome.faults, *outcome.warnings) if fault.rule == name)
        return replace(case, said=said, why=why)

    # Rules that wait for a time

    def _set_timers(self, step: Step, at: datetime) -> None:
        if self.timers is None or step.doctype is not self._of.doctype:
            return
        self.timers.set(step.name, step.new, at)

    def _fire(self, site: Connection, until: datetime) -> list[Case]:
        """Judge what has become due by `until`."""
        found: list[Case] = []
        request = self._of.request
        for due in self.timers.due(min(until, request.end)) if self.timers else ():
            record = self._replay.record(self._of.doctype, due.name)
            if record is None or not request.start <= due.at < request.end:
                continue
            if due.name in self._of.unseen(site, [due.name]):
                self._of.tally.unseen += 1
                continue
            found += self._judge_time(site, due.name, due.at, record)
        return found

    def _judge_time(self, site: Connection, name: str, at: datetime, record: Record) -> list[Case]:
        of, event = self._of, self._of.request.rule.time_event
        person = User.administrator()
        compute = self._completion(person, at).compute
        asked = [Situation(of.doctype.name, event, dict(record), person, at, record, compute)]
        kept = (trace for _, trace in timeline.traces_since(site, of.doctype.name, name, at) if event in trace["events"])
        trace = next(kept, None)
        was_there = of.request.rule.name in of.snapshot.rulebook.rules
        then = _of_trace(trace, of.request.rule.name) if trace else Judged(False) if was_there else None
        entry = {"name": name, "version": record["version"], "at": at, "by": person.name}
        return self._case(entry, asked, then)


def _fetches_from_its_own(doctype: DocType, model: Model) -> bool:
    """Whether a field of a record is filled from another one of its DocType."""
    holders = [doctype, *(model.child(item) for item in doctype.table_fields)]
    own = {
        f"{item.fieldname}."
        for one in holders
        for item in one.fields
        if item.options == doctype.name and item.fieldtype == "Link"
    }
    return any((item.fetch_from or "").startswith(tuple(own)) for one in holders for item in one.fields) if own else False


def _book(snapshot: Snapshot, rule: Rule) -> Rulebook:
    """The rules of the DocType in force, with this one in its place."""
    others = [one for one in snapshot.rulebook.of(rule.applies_to) if one.name != rule.name]
    return Rulebook.compile([*others, rule], snapshot.model)


def _evaluated(book: Rulebook, asked: Sequence[Situation], facts: ReplayedFacts) -> Outcome:
    """The outcome of the events of one save, each judged on what the one before left."""
    outcome: Outcome | None = None
    for situation in asked:
        record = situation.record if outcome is None else outcome.record
        found = book.evaluate(replace(situation, record=record), facts)
        outcome = found if outcome is None else outcome.followed_by(found)
    assert outcome is not None
    return outcome


def _of_outcome(outcome: Outcome, rule: str) -> tuple[Judged, Mapping[str, Any]]:
    """What a rule came to; with its entry of the trace where it matched."""
    if rule not in outcome.matched:
        return Judged(False), {}
    entries = [entry.to_json() for entry in outcome.trace.entries if entry.rule == rule]
    return _joined(entries), next((entry for entry in reversed(entries) if entry["matched"]), {})


def _of_trace(trace: Mapping[str, Any], rule: str) -> Judged | None:
    """What a kept trace says of a rule; None when it was not judged."""
    entries = [entry for entry in trace["rules"] if entry["rule"] == rule]
    return _joined(entries) if entries else None


def _joined(entries: Sequence[Mapping[str, Any]]) -> Judged:
    then = tuple(kind for entry in entries for kind in entry.get("then") or ())
    values = {name: value for entry in entries for name, value in (entry.get("set") or {}).items()}
    return Judged(any(entry["matched"] for entry in entries), then, values)


def _is_cut(value: object) -> bool:
    """Whether a long text was shortened in the trace."""
    return isinstance(value, str) and len(value) >= MAX_TEXT and value.endswith("…")
