"""The grammar of conditions: rows `[path, operator, value]`, groups, quantifiers over child rows, expressions, conclusions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from ..core.text import nearest
from .faults import Faults
from .model import NOTHING, Compare, Concluded, Condition, Expr, Group, Operand, Rows
from .operators import COUNT_OPERATORS, OPERATORS

GROUPS = ("all", "any", "none")
ROW_KINDS = ("any_row", "all_rows", "no_row", "count_rows")
_KINDS = (*GROUPS, *ROW_KINDS, "expr", "concluded")
MAX_DEPTH = 20


class ConditionReader:
    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    def when(self, raw: Any, at: str) -> tuple[Condition, ...]:
        """The rule's conjunction: `{"all": [...]}`, several groups at once, or one condition; absent means always."""
        if raw is None:
            return ()
        if raw in ({}, [], {"any": []}):
            self.faults.add(
                at, "条件是空的；总是成立的规则不写 when", "it holds no condition; a rule that always holds has no `when`"
            )
            return ()
        if isinstance(raw, Mapping) and raw and all(key in GROUPS for key in raw):
            found: list[Condition] = []
            for kind in raw:
                items = self.many(raw[kind], f"{at}.{kind}")
                found += items if kind == "all" else (Group(cast(Any, kind), items, f"{at}.{kind}"),)
            return tuple(found)
        return self.many(raw, at) if isinstance(raw, list) and not self._is_row(raw) else tuple(self._one(raw, at, 0))

    def many(self, raw: Any, at: str, depth: int = 0) -> tuple[Condition, ...]:
        return tuple(found for place, item in self.faults.items(raw, at) for found in self._one(item, place, depth))

    @staticmethod
    def _is_row(raw: list[Any]) -> bool:
        return len(raw) >= 2 and isinstance(raw[0], str) and isinstance(raw[1], str)

    def _one(self, raw: Any, at: str, depth: int) -> list[Condition]:
        if depth > MAX_DEPTH:
            self.faults.add(at, f"条件嵌套超过 {MAX_DEPTH} 层", f"conditions are nested more than {MAX_DEPTH} deep")
            return []
        if isinstance(raw, list):
            return self._compare(raw, at)
        if not isinstance(raw, Mapping):
            self.faults.add(
                at, f"{raw!r} 应为 [字段, 比较, 值] 或对象", f"{raw!r} should be [path, operator, value] or an object"
            )
            return []
        kinds = [key for key in raw if key in _KINDS]
        if len(kinds) != 1:
            words = ", ".join(_KINDS)
            self.faults.add(
                at,
                f"条件须恰有一个：{words}。",
                f"a condition has exactly one of: {words}.",
                nearest(next(iter(raw), ""), _KINDS),
            )
            return []
        return self._object(kinds[0], raw, at, depth)

    def _object(self, kind: str, raw: Mapping[str, Any], at: str, depth: int) -> list[Condition]:
        if kind in GROUPS:
            self.faults.keys(raw, (kind,), at)
            return [Group(cast(Literal["all", "any", "none"], kind), self.many(raw[kind], f"{at}.{kind}", depth + 1), at)]
        if kind in ("expr", "concluded"):
            self.faults.keys(raw, (kind,), at)
            if not isinstance(raw[kind], str) or not raw[kind].strip():
                self.faults.add(f"{at}.{kind}", f"{raw[kind]!r} 应为文字", f"{raw[kind]!r} should be a text")
                return []
            return [Expr(raw[kind], at) if kind == "expr" else Concluded(raw[kind], at)]
        return self._rows(kind, raw, at, depth)

    def _rows(self, kind: str, raw: Mapping[str, Any], at: str, depth: int) -> list[Condition]:
        self.faults.keys(raw, (kind, "where", "is") if kind == "count_rows" else (kind, "where"), at)
        table = raw[kind]
        if not isinstance(table, str):
            self.faults.add(f"{at}.{kind}", f"{table!r} 应为子表字段名", f"{table!r} should be the name of a child table field")
            return []
        where = self.many(raw.get("where") or [], f"{at}.where", depth + 1)
        found = cast(Literal["any_row", "all_rows", "no_row", "count_rows"], kind)
        if kind != "count_rows":
            return [Rows(found, table, where, at=at)]
        test = raw.get("is")
        if not isinstance(test, list) or len(test) != 2 or test[0] not in COUNT_OPERATORS:
            self.faults.add(
                f"{at}.is",
                f'{test!r} 应为 [比较, 数]，例如 [">=", 3]',
                f'{test!r} should be [operator, number], for example [">=", 3]',
            )
            return []
        return [Rows(found, table, where, test[0], self.operand(test[1], f"{at}.is[1]"), at)]

    def _compare(self, raw: list[Any], at: str) -> list[Condition]:
        if not 2 <= len(raw) <= 3 or not isinstance(raw[0], str) or not isinstance(raw[1], str):
            self.faults.add(at, f"{raw!r} 应为 [字段, 比较, 值]", f"{raw!r} should be [path, operator, value]")
            return []
        operator = OPERATORS.get(raw[1])
        if operator is None:
            words = ", ".join(OPERATORS)
            self.faults.add(
                f"{at}[1]",
                f"没有比较 {raw[1]!r}，可用：{words}。",
                f"{raw[1]!r} is not an operator; use one of {words}.",
                nearest(raw[1], OPERATORS),
            )
            return []
        if len(raw) == 2 and operator.expects != "nothing":
            self.faults.add(at, f"{raw[1]!r} 缺少要比较的值", f"{raw[1]!r} has no value to compare with")
            return []
        value = self.operand(raw[2], f"{at}[2]") if len(raw) == 3 else NOTHING
        return [Compare(raw[0], raw[1], value, at)]

    def operand(self, raw: Any, at: str) -> Operand:
        """A literal (lists may hold operands), `{"path": ...}` or `{"expr": ...}`."""
        if isinstance(raw, Mapping):
            if len(raw) == 1 and isinstance(raw.get("path"), str):
                return Operand("path", raw["path"])
            if len(raw) == 1 and isinstance(raw.get("expr"), str):
                return Operand("expr", raw["expr"])
            self.faults.add(
                at,
                f'{dict(raw)!r} 应为值、{{"path": …}} 或 {{"expr": …}}',
                f'{dict(raw)!r} should be a value, {{"path": ...}} or {{"expr": ...}}',
            )
            return NOTHING
        if isinstance(raw, list):
            return Operand("literal", tuple(self.operand(item, f"{at}[{index}]") for index, item in enumerate(raw)))
        return Operand("literal", raw)
