"""`oblige` compiled: what somebody owes by when, once or again and again, and the conditions that stop its clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ..calendars.deadline import Deadline, Moments, Pause
from ..calendars.hours import Calendar, OutOfReach
from ..core.text import Text
from ..metadata.model import Model
from .conditions import row_test
from .drawing import Draw, Drawn, Making, RowPlaces
from .effects import Owed, Planned
from .gather import Holds, fact_readers, instant
from .messages import compile_title
from .model import Oblige, Rule
from .operands import FactReaders, Read, reader
from .paths import Frame, PathRefused, resolve
from .place import Place
from .plans import occurrences

NOTHING_COUNTED = Moments(None, None, (), False)


def compile_oblige(item: Oblige, making: Making, rows: RowPlaces) -> Draw:
    """Draws one `Owed` for the record or each of its rows, or their `Planned` times. Raises PathRefused."""
    frame, facts, rule = rows.frame, making.facts, making.rule
    title = compile_title(item.title, frame, facts)
    start = time_reader(item.from_, frame, facts) if item.from_ else None
    person = reader(resolve(item.user_field, frame), facts) if item.user_field else None
    until = time_reader(item.until, frame, facts) if item.until else None
    deadline, every = item.deadline, item.every
    _check_calendar(item, making.frame)
    if item.pause_when:
        row_test(item.pause_when, making.frame, facts)

    def owed(one: Place, place: Place, key: str, at: datetime, *, is_now: bool = False) -> Owed:
        # An empty user field would leave nobody to owe it: then the person who made the record does.
        user = (person(one) or place.doc.get("owner") or place.judgement.user["name"]) if person else None
        calendar = place.judgement.calendar(item.calendar) if deadline.needs_calendar else None
        found = counted(deadline, at, calendar)
        return Owed(
            rule=rule.name, title=title(one), role=item.role, user=user, due_at=found.due, warn_at=found.warn, clauses=rule.source,
            row_key=key, deadline=deadline, counted_from=at, calendar=calendar.name if calendar else None,
            is_estimated=found.is_estimated, counts_from_now=is_now,
        )  # fmt: skip

    def draw(place: Place, drawn: Drawn) -> None:
        now = place.judgement.situation.now
        for one, _, key in rows.places(place):
            begin = start(one) if start else None
            if every is None:
                drawn.effects.append(owed(one, place, key, instant(begin) or now, is_now=begin is None))
            elif begin is not None:
                when = occurrences(every, begin, until(one) if until else None, now, item.ahead)
                made = {f"{key}#{number}": owed(one, place, f"{key}#{number}", at) for number, at in when.items()}
                drawn.effects.append(Planned(rule.name, made))

    return draw


def counted(deadline: Deadline, start: datetime, calendar: Calendar | None, pauses: Sequence[Pause] = ()) -> Moments:
    """The deadline counted out; without a due time where the calendar gives none, for a thing owed must not be lost by that."""
    try:
        return deadline.counted(start, calendar, pauses)
    except (OutOfReach, OverflowError):
        return NOTHING_COUNTED


def time_reader(path: str, frame: Frame, facts: FactReaders) -> Read:
    """Reads a date or a time. Raises PathRefused for anything else."""
    found = resolve(path, frame)
    if found.kind not in ("date", "datetime"):
        raise PathRefused(Text(f"{path!r} 不是日期或时间字段", f"{path!r} is not a field that holds a date or a time"))
    return reader(found, facts)


def _check_calendar(item: Oblige, frame: Frame) -> None:
    if item.calendar is None:
        return
    found = frame.doctype.by_name.get(item.calendar)
    if found is None or found.fieldtype != "Link":
        raise PathRefused(
            Text(f"calendar：{item.calendar!r} 不是链接字段", f"calendar: {item.calendar!r} is not a Link field of the record")
        )


def pause_tests(rules: Iterable[Rule], model: Model) -> dict[str, list[tuple[str, Holds]]]:
    """By DocType: the rules whose obligations wait while a condition holds, with that condition. Rules that do not fit are left out."""
    found: dict[str, list[tuple[str, Holds]]] = {}
    for rule in rules:
        conditions = [item.pause_when for item in rule.then if isinstance(item, Oblige) and item.pause_when]
        doctype = model.get(rule.applies_to)
        if not conditions or not rule.enabled or doctype is None:
            continue
        try:
            frame = Frame(model, doctype, rule.facts)
            facts = fact_readers(rule.facts, frame, row_test)
            found.setdefault(rule.applies_to, []).append((rule.name, row_test(conditions[0], frame, facts)))
        except PathRefused:
            continue  # the rule itself is reported when it is judged
    return found


def next_occurrence(rule: Rule, record: Mapping[str, Any], now: datetime) -> datetime | None:
    """When the plan of a rule wants its next row made: at the first of its times to come. None for a rule without a plan."""
    for item in rule.then:
        if isinstance(item, Oblige) and item.every is not None and item.from_ and record.get(item.from_) is not None:
            until = record.get(item.until) if item.until else None
            return next((at for at in occurrences(item.every, record[item.from_], until, now, 1).values() if at > now), None)
    return None
