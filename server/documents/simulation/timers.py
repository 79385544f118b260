"""The timers of a simulated time rule, in the scratch database: set by the record as it is, due in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, delete, insert, select, update
from sqlalchemy.schema import CreateIndex, CreateTable, Index

from ...metadata.model import CANCELLED
from ...rulebook.gather import instant
from ...rulebook.model import Rule
from ...storage.types import UtcDatetime

_METADATA = MetaData()
timer = Table(
    "simulated_timer", _METADATA,
    Column("name", Text, primary_key=True), Column("rule", Integer, primary_key=True), Column("place", Integer, primary_key=True),
    Column("fire_at", UtcDatetime()), Column("due_at", UtcDatetime()),
)  # fmt: skip
_DUE = Index("ix_simulated_timer", timer.c.due_at)


@dataclass(frozen=True, slots=True)
class Due:
    name: str
    at: datetime


class Timers:
    """When the times of a rule come for which record; the draft and the rule in force may wait for different ones."""

    def __init__(self, connection: Connection, rules: Sequence[Rule]) -> None:
        self._connection = connection
        self._rules = rules
        connection.execute(CreateTable(timer))
        connection.execute(CreateIndex(_DUE))

    def set(self, name: str, record: Mapping[str, Any] | None, now: datetime) -> None:
        """Bring the timers of a record in line with its fields; one that has come comes again only when its time moves."""
        wanted = self._wanted(record)
        asked = select(timer.c.rule, timer.c.place, timer.c.fire_at).where(timer.c.name == name)
        present = {(row.rule, row.place): row.fire_at for row in self._connection.execute(asked)}
        for (rule, place), fire_at in wanted.items():
            times = {"fire_at": fire_at, "due_at": max(fire_at, now)}
            if (rule, place) not in present:
                self._connection.execute(insert(timer).values(name=name, rule=rule, place=place, **times))
            elif present[rule, place] != fire_at:
                same = (timer.c.name == name, timer.c.rule == rule, timer.c.place == place)
                self._connection.execute(update(timer).where(*same).values(times))
        for rule, place in present.keys() - wanted.keys():
            same = (timer.c.name == name, timer.c.rule == rule, timer.c.place == place)
            self._connection.execute(delete(timer).where(*same))

    def _wanted(self, record: Mapping[str, Any] | None) -> dict[tuple[int, int], datetime]:
        if record is None or record.get("docstatus") == CANCELLED:
            return {}
        return {
            (number, place): start + trigger.after
            for number, rule in enumerate(self._rules)
            for place, trigger in enumerate(rule.times)
            if (start := instant(record.get(trigger.of))) is not None
        }

    def due(self, until: datetime) -> Iterator[Due]:
        """What comes by `until`, each once. Two rules that come at one moment for one record are one moment."""
        asked = select(timer.c.name, timer.c.due_at).where(timer.c.due_at <= until).order_by(timer.c.due_at, timer.c.name)
        found = self._connection.execute(asked.distinct()).all()
        if found:
            self._connection.execute(update(timer).where(timer.c.due_at <= until).values(due_at=None))
        yield from (Due(row.name, row.due_at) for row in found)
