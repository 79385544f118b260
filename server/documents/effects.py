"""Carrying out what rules ask for, inside the transaction of the save: obligations, records, notifications, timers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from ..calendars.record import DOCTYPE as WORK_CALENDAR
from ..core.text import Text
from ..obligations.book import ObligationBook
from ..obligations.model import reference
from ..rulebook.effects import (
    Assigned,
    ChangeRecord,
    CreateRecord,
    Effect,
    Fulfilled,
    Notify,
    Owed,
    Planned,
    Tagged,
    Withdrawn,
)
from ..rulebook.rulebook import Outcome
from ..storage.system import timer as timers
from . import people
from .changing import change
from .complete import Record
from .due import ask_for_recount
from .making import make
from .owing import OwedEffects
from .tag_book import TagEffects
from .tell import tell

if TYPE_CHECKING:
    from .save_path import SavePath

# Made once: every save of a record type with time rules runs them. Below place 0 stand the timers of schedules, which no field moves.
_TIMERS = select(timers.c.id, timers.c.rule, timers.c.place, timers.c.fire_at, timers.c.state).where(
    timers.c.doctype == bindparam("the_doctype"), timers.c.name == bindparam("the_name"), timers.c.place >= 0
)
_SET_TIMER = insert(timers)


class Effects:
    """The effects of one save. `path` gives the connection, the moment and the acting user."""

    def __init__(self, path: SavePath) -> None:
        self._path = path
        self._book = ObligationBook(path.connection)
        self._owed = OwedEffects(path)
        self._tags = TagEffects(path)

    def apply(self, record: Record, outcome: Outcome, events: tuple[str, ...]) -> None:
        """Carry out what was asked for when these events were judged."""
        for effect in outcome.effects:
            self._apply_one(record, effect)
        self._owed.stop_plans(record, outcome, events)
        self._owed.take_back(record, outcome, events)
        self._owed.wait_or_go_on(record)
        if self._path.doctype.name == WORK_CALENDAR:
            ask_for_recount(self._path.connection, f"{record['name']}:{record['version']}", self._path.now)

    def _apply_one(self, record: Record, effect: Effect) -> None:
        match effect:
            case Owed():
                self._owed.owe(record, replace(effect, row_key=self._occasional(effect.row_key)))
            case Planned():
                self._owed.plan(record, effect)
            case Assigned():
                owed = {self._occasional(key): replace(one, row_key=self._occasional(key)) for key, one in effect.owed.items()}
                self._owed.assign(record, replace(effect, owed=owed))
            case Tagged():
                self._tags.apply(record["name"], effect)
            case Fulfilled(obliged_by=rule, doctype=doctype, name=name):
                by = reference(self._path.doctype.name, record["name"])
                self._owed.meet(self._book.of_record(doctype, name, rule), by)
            case Withdrawn(obliged_by=rule, doctype=doctype, name=name, reason=reason):
                why = reason or Text("规则的条件不再成立", "the rule no longer applies")
                self._book.void(self._book.of_record(doctype, name, rule), why, self._path.now)
            case CreateRecord():
                make(self._path, record, replace(effect, key=self._occasional(effect.key)))
            case ChangeRecord():
                change(self._path, record, effect)
            case Notify():
                self._notify(record, effect)
            case _:
                pass  # approvals are settled before, hidden and locked fields concern the form

    def _occasional(self, key: str) -> str:
        """A key that holds for one firing of a schedule only, where it is one."""
        return f"{key}@{self._path.occasion}" if self._path.occasion else key

    def _notify(self, record: Record, effect: Notify) -> None:
        # A rule may tell several, each once.
        whom = ",".join(filter(None, (effect.role, effect.department_head, effect.group, *effect.users)))
        key = f"notify:{effect.rule}:{self._path.doctype.name}:{record['name']}:{record['version']}:{whom}"
        key = self._occasional(key)
        connection, model = self._path.connection, self._path.model
        heads = people.heads_of(connection, model, effect.department_head) if effect.department_head else []
        members = people.members_of(connection, model, effect.group) if effect.group else []
        tell(
            connection, self._path.now, effect.message, self._path.doctype.name, record["name"], key=key, role=effect.role,
            users=(*effect.users, *heads, *members), via=effect.via, urgent=effect.urgent, clauses=effect.clauses, guarded=effect.guarded, attach=effect.attach,
        )  # fmt: skip

    # Timers of time rules

    def set_timers(self, record: Record) -> None:
        """Bring the record's timers in line with its fields: `12 h after reported_at` moves when `reported_at` does."""
        doctype, name, connection = self._path.doctype.name, record["name"], self._path.connection
        wanted = self._path.snapshot.rulebook.timers(record, doctype, self._path.now)
        if not wanted and not self._path.snapshot.rulebook.is_timed(doctype):
            return
        of_record = {"the_doctype": doctype, "the_name": name}
        present = {(row.rule, row.place): row for row in connection.execute(_TIMERS, of_record)}
        for (rule, place), fire_at in wanted.items():
            here = present.get((rule, place))
            if here is None:
                row: dict[str, Any] = {"rule": rule, "place": place, "fire_at": fire_at, "state": "pending"}
                connection.execute(_SET_TIMER, row | {"doctype": doctype, "name": name})
            elif here.fire_at != fire_at or here.state == "void":
                again = update(timers).where(timers.c.id == here.id)
                connection.execute(again.values(fire_at=fire_at, state="pending", fired_at=None))
        gone = [row.id for key, row in present.items() if key not in wanted and row.state == "pending"]
        if gone:
            connection.execute(update(timers).where(timers.c.id.in_(gone)).values(state="void"))
