"""The grammar of facts: one function each, over other records, over the record's own rows, or between two of its times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from ..core.text import Text, nearest
from .faults import Faults
from .model import PAIRS, Fact
from .periods import UNITS, Period, Unit
from .read_conditions import ConditionReader

FUNCTIONS = ("count", "exists", "sum", "min", "max", "avg", "first", "list", *PAIRS)
_EXPECTED = {
    "hours_between": Text("应为两个时间字段的列表", "expected a list of two fields that hold times"),
    "working_hours_after": Text(
        "应为一个时间字段和一个小时数字段的列表", "expected a list of a field that holds a time and one that holds hours"
    ),
}
ROW_FUNCTIONS = ("sum", "min", "max", "avg", "count")
_KEYS = ("where", "of", "order_by", "period", "each_row", "lock")
_SPANS = ("this", "last", "rolling", "since")
MAX_ROLLING = timedelta(days=3660)


class FactReader:
    def __init__(self, faults: Faults, conditions: ConditionReader) -> None:
        self.faults = faults
        self.conditions = conditions

    def many(self, raw: Any) -> dict[str, Fact]:
        given = raw or {}
        if not isinstance(given, Mapping):
            self.faults.add("facts", "应为对象：名称 → 事实", "expected an object: name to fact")
            return {}
        found = {}
        for name, item in given.items():
            fact = self._fact(str(name), item, f"facts.{name}")
            if fact is not None:
                found[str(name)] = fact
        return found

    def _fact(self, name: str, item: Any, at: str) -> Fact | None:
        functions = [key for key in item if key in FUNCTIONS] if isinstance(item, Mapping) else []
        if len(functions) != 1:
            words = ", ".join(FUNCTIONS)
            near = nearest(next(iter(item), ""), FUNCTIONS) if isinstance(item, Mapping) else None
            self.faults.add(at, f"一个事实须恰有一个函数（{words}）。", f"a fact has exactly one function ({words}).", near)
            return None
        function, target = functions[0], item[functions[0]]
        self.faults.keys(item, (function, *_KEYS), at)
        fact = self._read(name, function, target, item, at)
        if fact is None:
            return None
        lock = self.faults.word(item, "lock", at, needed=False)
        if lock and not fact.of:
            self.faults.add(f"{at}.lock", "lock 只用于其他单据", "lock is for facts about other records only")
        return replace(fact, each=self.faults.word(item, "each_row", at, needed=False), lock=lock)

    def _read(self, name: str, function: str, target: Any, item: Mapping[str, Any], at: str) -> Fact | None:
        if function in PAIRS:
            return self._between(name, function, target, at)
        if not isinstance(target, str) or not target:
            self.faults.add(f"{at}.{function}", f"{target!r} 应为文字", f"{target!r} should be a text")
            return None
        where = self.conditions.many(item.get("where") or [], f"{at}.where")
        period = self._period(item.get("period"), f"{at}.period")
        if function in ("count", "exists"):
            return Fact(name, function, of=target, where=where, period=period, at=at)
        if item.get("of"):
            order = item.get("order_by")
            return Fact(
                name, function, of=str(item["of"]), field=target, where=where, order_by=str(order) if order else None,
                period=period, at=at,
            )  # fmt: skip
        return self._own_rows(name, function, target, item, at)

    def _between(self, name: str, function: str, target: Any, at: str) -> Fact | None:
        if not (isinstance(target, list) and len(target) == 2 and all(isinstance(path, str) for path in target)):
            texts = _EXPECTED[function]
            self.faults.add(f"{at}.{function}", texts.zh, texts.en)
            return None
        return Fact(name, function, between=tuple(target), at=at)

    def _own_rows(self, name: str, function: str, target: str, item: Mapping[str, Any], at: str) -> Fact | None:
        table, _, column = target.partition(".")
        if not column or function not in ROW_FUNCTIONS:
            self.faults.add(
                at,
                f"{function} 须有 of（单据类型），或写作“子表.列”",
                f"{function} needs `of` (a record type), or a target `table.column`",
            )
            return None
        if "period" in item:
            self.faults.add(f"{at}.period", "period 只用于其他单据", "period is for other records only")
        where = self.conditions.many(item.get("where") or [], f"{at}.where")
        return Fact(name, function, table=table, field=column, where=where, at=at)

    def _period(self, raw: Any, at: str) -> Period | None:
        if raw is None:
            return None
        if not isinstance(raw, Mapping):
            self.faults.add(at, f'{raw!r} 应为对象，例如 {{"this": "quarter"}}', f'{raw!r} should be an object, e.g. {{"this": "quarter"}}')  # fmt: skip
            return None
        self.faults.keys(raw, (*_SPANS, "until", "on", "at"), at)
        spans = [key for key in _SPANS if key in raw]
        if len(spans) != 1:
            words = ", ".join(_SPANS)
            self.faults.add(at, f"须恰有一个：{words}。", f"a period has exactly one of: {words}.")
            return None
        until = self._until(raw, spans[0], at)
        on = self.faults.word(raw, "on", at, needed=False) or "creation"
        moment = self.faults.word(raw, "at", at, needed=False) or ""
        span, value, place = spans[0], raw[spans[0]], f"{at}.{spans[0]}"
        if span == "since":
            since = self.faults.word(raw, "since", at)
            return Period(since=since, until=until, on=on, place=at) if since else None
        if span == "rolling":
            length = self._rolling(value, place)
            return Period(rolling=length, on=on, at=moment, place=at) if length else None
        if value not in UNITS:
            words = ", ".join(UNITS)
            self.faults.add(place, f"没有 {value!r}，可用：{words}。", f"{value!r} is not a span; use one of {words}.", nearest(str(value), UNITS))  # fmt: skip
            return None
        unit = cast(Unit, value)
        return (
            Period(this=unit, on=on, at=moment, place=at) if span == "this" else Period(last=unit, on=on, at=moment, place=at)
        )

    def _until(self, raw: Mapping[str, Any], span: str, at: str) -> str:
        for key, needed in (("until", True), ("at", False)):
            if key in raw and (span == "since") is not needed:
                self.faults.add(f"{at}.{key}", f"{key} 不与 {span} 同用", f"{key} is not used with {span}")
        return self.faults.word(raw, "until", at, needed=False) or ""

    def _rolling(self, value: Any, at: str) -> timedelta | None:
        length = self.faults.duration(value, at)
        if length is not None and not timedelta(0) < length <= MAX_ROLLING:
            self.faults.add(
                at, f"{value!r} 应大于 0、不超过十年", f"{value!r} should be more than nothing and at most ten years"
            )
            return None
        return length
