"""The grammar of what a rule is judged on: saves, times after a field, changes of fields, transitions of workflows, schedules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any, cast

from ..core.text import nearest
from .faults import Faults
from .model import NOTHING, RECORD_EVENTS, TRANSITION, Compare, Condition, Group, MoveTrigger, TimeTrigger
from .schedules import IF_HOLIDAY, MISSED, UNITS, WEEKDAYS, WORDS_OF_MONTH, Schedule

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z", re.ASCII)
_MONTH_DAY = re.compile(r"\d\d-\d\d\Z", re.ASCII)  # `date.fromisoformat` takes weeks (W01-1) as well
_PARTS = ("changed", "transition", "schedule")


class EventReader:
    """Reads `on`. `changed` holds the conditions that the change of fields adds to those of the rule."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.events: list[str] = []
        self.times: list[TimeTrigger] = []
        self.moves: list[MoveTrigger] = []
        self.schedules: list[Schedule] = []
        self.changed: tuple[Condition, ...] = ()

    def read(self, raw: Any) -> None:
        for at, item in self.faults.items(raw, "on"):
            if isinstance(item, Mapping):
                self._part(item, at, len(raw))
            elif item in RECORD_EVENTS:
                self._event(str(item))
            else:
                words = "、".join(RECORD_EVENTS), ", ".join(RECORD_EVENTS)
                self.faults.add(
                    at,
                    f'没有事件 {item!r}，可用：{words[0]} 或 {{"after": "12 h", "of": 字段}}。',
                    f'{item!r} is not an event; use {words[1]} or {{"after": "12 h", "of": field}}.',
                    nearest(item, RECORD_EVENTS),
                )
        if not (self.events or self.times or self.schedules):
            self.faults.add("on", "规则没有任何触发事件", "the rule has no event that triggers it")

    def _event(self, event: str) -> None:
        self.events += [event] if event not in self.events else []

    def _part(self, item: Mapping[str, Any], at: str, number: int) -> None:
        if "changed" in item:
            self._changed(item, at, number)
        elif "transition" in item:
            self._transition(item, at)
        elif "schedule" in item:
            self._schedule(item, at)
        else:
            self._time(item, at)

    def _changed(self, item: Mapping[str, Any], at: str, number: int) -> None:
        """`{"changed": ["total"]}`: judged when the record is saved and one of these fields has become another."""
        self.faults.keys(item, ("changed",), at)
        given = item["changed"]
        names = self.faults.words([given] if isinstance(given, str) else given, f"{at}.changed")
        if number > 1:
            self.faults.add("on", "以字段更改触发的规则没有其他事件", "a rule judged on a change has no other event")
        compared = tuple(Compare(name, "changed", NOTHING, f"{at}.changed") for name in names)
        self.changed = compared if len(compared) == 1 else (Group("any", compared, at),) if compared else ()
        self._event("validate")

    def _transition(self, item: Mapping[str, Any], at: str) -> None:
        """`{"transition": {"action": "Approve", "from": "Draft", "to": ["Approved"]}}`: all that are given must fit."""
        self.faults.keys(item, ("transition",), at)
        given, at = item["transition"], f"{at}.transition"
        if not isinstance(given, Mapping) or not any(name in given for name in ("action", "from", "to")):
            self.faults.add(
                at, "应为对象，含 action、from、to 中至少一个", "expected an object with at least one of action, from and to"
            )
            return
        self.faults.keys(given, ("action", "from", "to"), at)
        parts = {}
        for name in ("action", "from", "to"):
            value = given.get(name)
            several = [value] if isinstance(value, str) else value
            parts[name] = self.faults.words(several, f"{at}.{name}") if value is not None else ()
        self.moves.append(MoveTrigger(parts["action"], parts["from"], parts["to"], at))
        self._event(TRANSITION)

    def _time(self, item: Mapping[str, Any], at: str) -> None:
        self.faults.keys(item, ("after", "of", *_PARTS), at)
        length = self.faults.duration(item.get("after"), f"{at}.after")
        of = item.get("of")
        if not isinstance(of, str) or not of:
            self.faults.add(f"{at}.of", "缺少起算时间的字段名", "the field whose time it counts from is missing")
        elif length is not None:
            self.times.append(TimeTrigger(length, of, at))

    def _schedule(self, item: Mapping[str, Any], at: str) -> None:
        """`{"schedule": {"every": "month", "on": 15, "at": "08:00", "if_holiday": "next"}}`."""
        self.faults.keys(item, ("schedule",), at)
        given, at = item["schedule"], f"{at}.schedule"
        if not isinstance(given, Mapping):
            self.faults.add(at, f"{given!r} 应为对象", f"{given!r} should be an object")
            return
        self.faults.keys(given, ("every", "on", "at", "if_holiday", "missed"), at)
        before = len(self.faults.found)
        every = self._one_of(given, "every", UNITS, None, at)
        if_holiday = self._one_of(given, "if_holiday", IF_HOLIDAY, "stay", at)
        missed = self._one_of(given, "missed", MISSED, "all", at)
        clock = given.get("at", "00:00")
        if not isinstance(clock, str) or not _CLOCK.match(clock):
            self.faults.add(f"{at}.at", f"{clock!r} 应为时刻，例如 08:00", f"{clock!r} should be a time of day such as 08:00")
        on = self._days(given.get("on"), every, f"{at}.on") if every else ()
        if if_holiday != "stay" and every in ("day", "workday"):
            text = "if_holiday 只与 week、month、year 同用", "if_holiday is used with week, month and year only"
            self.faults.add(f"{at}.if_holiday", *text)
        if len(self.faults.found) == before:
            self.schedules.append(
                Schedule(cast(Any, every), time.fromisoformat(clock), on, cast(Any, if_holiday), cast(Any, missed), at)
            )

    def _one_of(self, given: Mapping[str, Any], name: str, words: tuple[str, ...], default: str | None, at: str) -> str:
        value = given.get(name, default)
        if value in words:
            return str(value)
        listed = ", ".join(words)
        self.faults.add(
            f"{at}.{name}",
            f"没有 {value!r}，可用：{listed}。",
            f"{value!r} is not known; use one of {listed}.",
            nearest(str(value), words),
        )
        return ""

    def _days(self, raw: Any, every: str, at: str) -> tuple[int | str, ...]:
        """Which days, each of the form that the period has."""
        if every in ("day", "workday"):
            if raw is not None:
                self.faults.add(at, f"{every} 不写 on", f"{every} has no `on`")
            return ()
        days = raw if isinstance(raw, list) else [] if raw is None else [raw]
        wanted = {
            "week": ("星期，例如 monday", "weekdays such as monday"),
            "month": ("1 至 31 的日期，或 " + "、".join(WORDS_OF_MONTH), "days from 1 to 31, or " + ", ".join(WORDS_OF_MONTH)),
            "year": ("月-日，例如 03-31", "month and day such as 03-31"),
        }[every]
        wrong = [one for one in days if not _fits(one, every)]
        if wrong or not days:
            value = wrong[0] if wrong else raw
            self.faults.add(
                at,
                f"{value!r} 应为{wanted[0]}",
                f"{value!r} should be {wanted[1]}",
                nearest(str(value), WEEKDAYS) if every == "week" else None,
            )
            return ()
        return tuple(dict.fromkeys(days))


def _fits(one: Any, every: str) -> bool:
    if every == "week":
        return one in WEEKDAYS
    if every == "month":
        return one in WORDS_OF_MONTH or (isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= 31)
    try:
        return isinstance(one, str) and bool(_MONTH_DAY.match(one) and date.fromisoformat(f"2024-{one}"))
    except ValueError:
        return False
