"""Deadlines of obligations counted out and counted anew: with their calendars and pauses, within one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ..calendars.deadline import Pause
from ..calendars.hours import Calendar, OutOfReach
from ..core.text import Text
from ..metadata.fieldtypes import times
from ..metadata.model import Model
from ..obligations.due_book import DueBook
from ..obligations.model import Obligation
from ..rulebook.obliging import counted
from .calendars import Calendars
from .tell import tell


class Counting:
    def __init__(self, connection: Connection, model: Model) -> None:
        self._connection = connection
        self._due = DueBook(connection)
        self._calendars = Calendars(connection, model)

    def counted(self, item: Obligation, pauses: Sequence[Pause] | None = None) -> dict[str, Any]:
        """The times of an obligation by its deadline, calendar and pauses, as they are to be kept; `pauses` for who knows them."""
        start = item.counted_from
        if start is None or item.deadline.due is None:
            return {"due_at": None, "warn_at": None, "escalate_at": None, "escalation_times": (), "is_estimated": False}
        if pauses is None:
            pauses = [kept.pause for kept in self._due.pauses_of([item.id]).get(item.id, ())]
        found = counted(item.deadline, start, self._calendar(item), pauses)
        following = found.escalations[item.level] if item.level < len(found.escalations) else None
        return {
            "due_at": found.due, "warn_at": found.warn, "escalate_at": following, "escalation_times": found.escalations,
            "is_estimated": found.is_estimated,
        }  # fmt: skip

    def count_anew(self, item: Obligation, now: datetime, before: Obligation) -> bool:
        """Keep what the deadline of `item` comes to now and tell its owner when it is another time; whether it is.

        What was late and is not any more is open again, from the first step of its escalation.
        """
        kept = {"counted_from": item.counted_from, "deadline": item.deadline, "in_calendar": item.in_calendar}
        changes = self.counted(item)
        is_late_no_more = before.state in ("late", "escalated") and (changes["due_at"] is None or changes["due_at"] > now)
        if is_late_no_more:
            changes = self.counted(replace(item, level=0))
            changes |= {"state": "open", "breached_at": None, "level": 0, "escalated_at": None, "escalated_to": ()}
        if changes["warn_at"] is not None and before.warn_at != changes["warn_at"] and changes["warn_at"] > now:
            changes["warned_at"] = None
        self._due.book.settle(item.id, **kept, **changes)
        if changes["due_at"] == before.due_at:
            return False
        title = _moved(item, changes["due_at"], changes["is_estimated"])
        key = f"moved:{item.id}:{now.isoformat()}"
        tell(
            self._connection,
            now,
            title,
            item.doctype,
            item.name,
            key=key,
            kind="due",
            role=item.owed_by_role,
            user=item.owed_by_user,
        )
        return True

    def go_on(self, item: Obligation, now: datetime, by: str) -> None:
        """End the pause of an obligation: its times move by what it waited."""
        self._due.resume(item, now, by)
        self.count_anew(item, now, before=item)

    def taken(self, item: Obligation, now: datetime) -> dict[str, Any]:
        """What is kept of an obligation that is met now: how long it took, and the due time when that had passed."""
        if item.counted_from is None:
            return {}
        kept = self._due.pauses_of([item.id]).get(item.id, ())
        if item.paused_at is not None:
            self._due.resume(item, now, "")
            kept = self._due.pauses_of([item.id])[item.id]
        try:
            length = item.deadline.elapsed(item.counted_from, now, self._calendar(item), [one.pause for one in kept])
        except (OutOfReach, OverflowError):
            return {}
        late = item.due_at is not None and item.paused_at is None and item.due_at < now
        return {"elapsed_seconds": int(length.total_seconds())} | ({"breached_at": item.due_at} if late else {})

    def _calendar(self, item: Obligation) -> Calendar | None:
        return None if item.in_calendar is None else self._calendars.again(item.in_calendar)


def _moved(item: Obligation, due: datetime | None, is_estimated: bool) -> Text:
    if due is None:
        return Text(f"不再有期限：{item.title.zh}", f"No longer due by a time: {item.title.en}")
    when = due.astimezone(times.SITE_ZONE).strftime("%Y-%m-%d %H:%M")
    mark = Text("（预计）", " (estimated)") if is_estimated else Text("", "")
    return Text(f"期限改为 {when}{mark.zh}：{item.title.zh}", f"Now due {when}{mark.en}: {item.title.en}")
