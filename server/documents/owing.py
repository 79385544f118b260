"""What rules make somebody owe, carried out within a save: opened once, moved with the record, met, planned ahead, waiting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.ids import new_id
from ..core.text import Text
from ..obligations.due_book import DueBook
from ..obligations.model import RULE_WAITS, Obligation
from ..rulebook.assigning import BY_ASSIGN
from ..rulebook.effects import Assigned, Owed, Planned
from ..rulebook.rulebook import Outcome, Situation
from .complete import Record
from .counting import Counting
from .incidents import Incident
from .tell import tell

if TYPE_CHECKING:
    from .save_path import SavePath

NO_LONGER = Text("规则的条件不再成立", "the rule no longer applies")
NOT_PLANNED = Text("计划已随单据更改", "the plan changed with the record")


class OwedEffects:
    """The obligations of one save. `path` gives the connection, the moment and the acting user."""

    def __init__(self, path: SavePath) -> None:
        self._path = path
        self._due = DueBook(path.connection)
        self._book = self._due.book
        self._counting = Counting(path.connection, path.model)

    def owe(self, record: Record, effect: Owed) -> None:
        """An obligation is opened once per rule, record and row; one that was withdrawn may be asked for again.

        One that is still owed moves when the rule or the record now says another time.
        """
        before = self._existing(record, effect.rule, effect.row_key)
        if before is None or before.state == "void":
            self._open(record, effect)
        elif before.is_owed:
            self._move(before, effect)

    def plan(self, record: Record, effect: Planned) -> None:
        """Bring the rows of a plan in line: those to come are opened, dates that changed move, what is no longer planned is void."""
        rows = self._rows(record, effect.rule)
        for key, owed in effect.times.items():
            present = rows.get(key)
            if present is not None and present.is_owed:
                self._move(present, owed)
            elif (present is None or present.state == "void") and owed.due_at is not None and owed.due_at > self._path.now:
                self._open(record, owed)
        gone = [item for key, item in rows.items() if item.is_owed and key not in effect.times]
        self._book.void(gone, NOT_PLANNED, self._path.now)

    def stop_plans(self, record: Record, outcome: Outcome, events: tuple[str, ...]) -> None:
        """A plan whose rule was judged and does not hold any more has no rows to come; what is late already stays owed."""
        planned = {effect.rule for effect in outcome.effects if isinstance(effect, Planned)}
        for rule in self._path.snapshot.rulebook.recurring(self._path.doctype.name):
            if rule.name not in planned and not set(events).isdisjoint(rule.all_events):
                rows = self._rows(record, rule.name).values()
                self._book.void([item for item in rows if item.state == "open"], NO_LONGER, self._path.now)

    def assign(self, record: Record, effect: Assigned) -> None:
        """Give the record to whom the rule names now; whom it named before has it no more."""
        for owed in effect.owed.values():
            self.owe(record, owed)
        if not self._path.occasion:  # each firing of a schedule has assignments of its own
            gone = [item for item in self._assigned(record, effect.rule) if item.row_key not in effect.owed]
            self._book.void(gone, NO_LONGER, self._path.now)

    def take_back(self, record: Record, outcome: Outcome, events: tuple[str, ...]) -> None:
        """What a rule assigned goes once it was judged and does not hold any more."""
        spared = {effect.rule for effect in outcome.effects if isinstance(effect, Assigned)}
        spared |= {failure.rule for failure in outcome.failures}
        for rule in self._path.snapshot.rulebook.assigning(self._path.doctype.name):
            if rule.name not in spared and not set(events).isdisjoint(rule.all_events):
                self._book.void(self._assigned(record, rule.name), NO_LONGER, self._path.now)

    def _assigned(self, record: Record, rule: str) -> list[Obligation]:
        found = self._book.of_record(self._path.doctype.name, record["name"], rule)
        return [item for item in found if item.is_owed and item.row_key.startswith(BY_ASSIGN)]

    def wait_or_go_on(self, record: Record) -> None:
        """Stop and start the clocks of obligations as the conditions of their rules say; what a person stopped goes on by hand."""
        path = self._path
        if not path.snapshot.rulebook.may_wait(path.doctype.name):
            return
        situation = Situation(path.doctype.name, "validate", record, path.user, path.now)
        answers, failures = path.snapshot.rulebook.waiting(situation, path.facts)
        path.incidents += [Incident(path.doctype.name, record["name"], path.user.name, failure) for failure in failures]
        for rule, waits in answers.items():
            for item in self._book.of_record(path.doctype.name, record["name"], rule):
                if not item.is_owed:
                    continue
                if waits and item.paused_at is None:
                    self._due.pause(item, self._path.now, self._path.user.name, RULE_WAITS.en)
                elif not waits and item.paused_at is not None and self._is_by_rule(item):
                    self._counting.go_on(item, self._path.now, self._path.user.name)

    def meet(self, items: Iterable[Obligation], by: str) -> None:
        """Mark those still owed as met by the record `by`, with how long it took; of a plan the one that is due first, once."""
        found = list(items)
        owed = [item for item in found if item.is_owed]
        planned = [item for item in owed if _is_planned(item)]
        if planned:
            first = min(planned, key=lambda item: item.due_at or self._path.now)
            is_done = any(item.met_by == by for item in found)
            owed = [item for item in owed if item not in planned] + ([] if is_done else [first])
        for item in owed:
            taken, path = self._counting.taken(item, self._path.now), self._path
            self._book.settle(item.id, state="met", decided_by=path.user.name, decided_at=path.now, met_by=by, **taken)

    def _is_by_rule(self, item: Obligation) -> bool:
        pauses = self._due.pauses_of([item.id]).get(item.id, [])
        return bool(pauses) and pauses[-1].reason == RULE_WAITS.en

    def _existing(self, record: Record, rule: str, row_key: str) -> Obligation | None:
        found = self._book.of_record(self._path.doctype.name, record["name"], rule)
        return next((item for item in found if item.row_key == row_key), None)

    def _rows(self, record: Record, rule: str) -> dict[str, Obligation]:
        """The latest obligation of each row of a plan."""
        found: dict[str, Obligation] = {}
        for item in self._book.of_record(self._path.doctype.name, record["name"], rule):
            found.setdefault(item.row_key, item)
        return found

    def _open(self, record: Record, effect: Owed) -> None:
        doctype, name, path = self._path.doctype.name, record["name"], self._path
        first = effect.deadline.escalations[0].to if effect.deadline.escalations else None
        item = Obligation(
            id=new_id(16), kind="obligation", rule=effect.rule, row_key=effect.row_key, doctype=doctype, name=name, title=effect.title,
            clauses=effect.clauses, owed_by_role=effect.role, owed_by_user=effect.user, opened_at=path.now, opened_by=path.user.name,
            escalate_to=first, deadline=effect.deadline, counted_from=effect.counted_from, in_calendar=effect.calendar,
        )  # fmt: skip
        self._book.open(replace(item, **self._counting.counted(item, pauses=())))
        title = Text(f"待办：{effect.title.zh}", f"To do: {effect.title.en}")
        tell(
            path.connection,
            path.now,
            title,
            doctype,
            name,
            key=f"owed:{item.id}",
            kind="assignment",
            role=effect.role,
            user=effect.user,
        )

    def _move(self, item: Obligation, effect: Owed) -> None:
        """What is owed already, by when the rule says it now. Waiting, it is counted anew when it goes on."""
        same = (item.counted_from, item.deadline, item.in_calendar) == (effect.counted_from, effect.deadline, effect.calendar)
        if same or _counts_from_opening(item, effect):
            return
        changed = replace(item, counted_from=effect.counted_from, deadline=effect.deadline, in_calendar=effect.calendar)
        self._counting.count_anew(changed, self._path.now, before=item)


def _is_planned(item: Obligation) -> bool:
    """Whether it is one of the times of a plan: those have a number after their row."""
    return "#" in item.row_key


def _counts_from_opening(item: Obligation, effect: Owed) -> bool:
    """A rule without `from` counts from the save that opened it, not from the last one."""
    return effect.counts_from_now and (item.deadline, item.in_calendar) == (effect.deadline, effect.calendar)
