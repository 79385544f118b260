"""Rule JSON to `Rule`, collecting every fault of its form on the way: file, JSON path, value, what is allowed, nearest word.

What the words of a rule refer to (fields, DocTypes, values that fit) is the work of `check`; here only the grammar counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, cast

from ..core.errors import Fault, MetadataInvalid
from ..core.text import Text, nearest
from .faults import Faults
from .model import CONSEQUENCES, Compare, Condition, Rule, RuleTest
from .read_conditions import ConditionReader
from .read_consequences import ConsequenceReader
from .read_events import EventReader
from .read_facts import FactReader
from .read_versions import with_versions

RULE_NAME = re.compile(r"[^\W_][\w .\-]{0,99}\Z")
_KEYS = (
    "name", "title", "source", "applies_to", "on", "priority", "enabled", "valid_from", "valid_to", "facts", "when", "then", "tests",
    "doctype", "module", "description", "group", "only_for", "dated_by", "versions", "on_failure", "rule_set",
)  # fmt: skip
ON_FAILURE = ("refuse", "record")
_TEST_KEYS = ("title", "doc", "old", "facts", "concluded", "event", "now", "user", "then", "faults", "values", "move")


def read_rule(raw: Mapping[str, Any], file: str = "") -> Rule:
    """The rule that a JSON object says. Raises MetadataInvalid with every fault of its form."""
    rule, faults = read(raw, file)
    if rule is None or faults:
        raise MetadataInvalid.of(faults)
    return rule


def check_shape(raw: Any, file: str) -> list[Fault]:
    """The faults of one rule's JSON object seen alone; `read_rule` is safe when there are none."""
    return read(raw, file)[1]


def read(raw: Any, file: str) -> tuple[Rule | None, list[Fault]]:
    """The rule as far as it can be read, and all faults of its form."""
    faults = Faults(file)
    if not isinstance(raw, Mapping):
        faults.add("", "应为 JSON 对象", "expected a JSON object")
        return None, faults.found
    return _RuleReader(raw, file, faults).rule(), faults.found


class _RuleReader:
    def __init__(self, raw: Mapping[str, Any], file: str, faults: Faults) -> None:
        self.raw = raw
        self.file = file
        self.faults = faults
        self.conditions = ConditionReader(faults)
        self.consequences = ConsequenceReader(faults, self.conditions)

    def rule(self) -> Rule:
        raw, faults = self.raw, self.faults
        faults.keys(raw, _KEYS, "")
        name = raw.get("name")
        if not isinstance(name, str) or not RULE_NAME.match(name):
            faults.add(
                "name",
                f"规则名 {name!r} 无效：1 到 100 个文字、数字、连字符，以文字或数字开头",
                f"{name!r} is not a rule name: 1 to 100 letters, digits or hyphens, beginning with a letter or digit",
            )
            name = str(name)
        if not isinstance(raw.get("applies_to"), str):
            faults.add("applies_to", "缺少适用的单据类型", "the DocType that the rule applies to is missing")
        on = EventReader(faults)
        on.read(raw.get("on", ["validate"]))
        only_for = self._only_for()
        rule = Rule(
            name=name,
            applies_to=str(raw.get("applies_to") or ""),
            title=faults.text(raw, "title", "") or Text.of(name),
            source=self._strings("source"),
            events=tuple(on.events),
            times=tuple(on.times),
            moves=tuple(on.moves),
            schedules=tuple(on.schedules),
            priority=self._whole("priority", 100),
            enabled=self._enabled(),
            valid_from=self._date("valid_from"),
            valid_to=self._date("valid_to"),
            facts=FactReader(faults, self.conditions).many(raw.get("facts")),
            when=(*only_for, *on.changed, *self.conditions.when(raw.get("when"), "when")),
            then=self.consequences.many(raw.get("then"), "then"),
            tests=self._tests(),
            file=self.file,
            raw=raw,
            group=faults.word(raw, "group", "", needed=False) or "",
            rule_set=faults.word(raw, "rule_set", "", needed=False) or "",
            only_for=only_for,
            dated_by=faults.word(raw, "dated_by", "", needed=False) or "",
            on_failure=self._on_failure(),
        )
        return with_versions(rule, raw, faults, lambda one, own: _RuleReader(one, self.file, own).rule())

    def _on_failure(self) -> Literal["", "refuse", "record"]:
        value = self.raw.get("on_failure")
        if value in (None, "", *ON_FAILURE):
            return cast(Literal["", "refuse", "record"], value or "")
        words = ", ".join(ON_FAILURE)
        near = nearest(str(value), ON_FAILURE)
        self.faults.add("on_failure", f"没有 {value!r}，可用：{words}。", f"{value!r} is not known; use {words}.", near)
        return ""

    def _only_for(self) -> tuple[Compare, ...]:
        """`{"department": ["Assembly"]}`: conditions that stand before all others."""
        given = self.raw.get("only_for")
        if given is None:
            return ()
        if not isinstance(given, Mapping) or not given:
            self.faults.add("only_for", "应为对象：字段 → 值的列表", "expected an object: field to list of values")
            return ()
        found: list[Condition] = []
        for path, values in given.items():
            several = values if isinstance(values, list) else [values]
            if not several or not all(isinstance(value, str | int) for value in several):
                self.faults.add(f"only_for.{path}", f"{values!r} 应为值的列表", f"{values!r} should be a list of values")
                continue
            found += self.conditions.many([[str(path), "in", several]], "only_for")
        return tuple(item for item in found if isinstance(item, Compare))

    def _strings(self, name: str) -> tuple[str, ...]:
        value = self.raw.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.faults.add(name, f"{value!r} 应为文字的列表", f"{value!r} should be a list of texts")
            return ()
        return tuple(value)

    def _enabled(self) -> bool:
        value = self.raw.get("enabled", 1)
        if value not in (0, 1):
            self.faults.add("enabled", f"{value!r} 应为 1（启用）或 0（停用）", f"{value!r} should be 1 (on) or 0 (off)")
            return True
        return bool(value)

    def _whole(self, name: str, default: int) -> int:
        value = self.raw.get(name, default)
        if not isinstance(value, int):
            self.faults.add(name, f"{value!r} 应为整数", f"{value!r} should be a whole number")
            return default
        return int(value)

    def _date(self, name: str) -> date | None:
        value = self.raw.get(name)
        if value in (None, ""):
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.faults.add(name, f"{value!r} 不是日期，应如 2026-03-31", f"{value!r} is not a date; expected e.g. 2026-03-31")
            return None

    def _tests(self) -> tuple[RuleTest, ...]:
        found: list[RuleTest] = []
        for at, item in self.faults.items(self.raw.get("tests") or [], "tests"):
            if not isinstance(item, Mapping) or not isinstance(item.get("doc"), Mapping):
                self.faults.add(f"{at}.doc", "测试缺少 doc（一条记录）", "the test has no doc (a record)")
                continue
            self.faults.keys(item, _TEST_KEYS, at)
            self._test_kinds(item, at)
            found.append(
                RuleTest(
                    title=self.faults.text(item, "title", at) or Text(f"测试 {len(found) + 1}", f"test {len(found) + 1}"),
                    doc=item["doc"],
                    old=item.get("old"),
                    facts=item.get("facts") or {},
                    concluded=tuple(item.get("concluded") or ()),
                    event=item.get("event"),
                    now=item.get("now"),
                    user=item.get("user") or {},
                    then=tuple(str(kind) for kind in item.get("then") or ()),
                    faults=tuple(str(text) for text in item.get("faults") or ()),
                    move=item.get("move") or {},
                    values=item["values"] if isinstance(item.get("values"), Mapping) else None,
                    at=at,
                )
            )
        return tuple(found)

    def _test_kinds(self, item: Mapping[str, Any], at: str) -> None:
        if "then" not in item:
            self.faults.add(
                f"{at}.then",
                "测试缺少 then（应有的后果；[] 表示不触发）",
                "the test has no then (the consequences expected; [] for none)",
            )
        for place, kind in self.faults.items(item.get("then") or [], f"{at}.then"):
            if kind not in CONSEQUENCES or kind == "table":
                self.faults.add(
                    place,
                    f"没有后果 {kind!r}。",
                    f"{kind!r} is not a consequence that a test can expect.",
                    nearest(kind, CONSEQUENCES),
                )
        for part, kind_of, zh, en in (("old", Mapping, "对象", "an object"), ("facts", Mapping, "对象", "an object"), ("user", Mapping, "对象", "an object"), ("values", Mapping, "对象", "an object"), ("move", Mapping, "对象", "an object"),
                                      ("faults", list, "列表", "a list"), ("concluded", list, "列表", "a list"), ("now", str, "时间", "a time"), ("event", str, "文字", "a text")):  # fmt: skip
            if item.get(part) is not None and not isinstance(item[part], kind_of):
                self.faults.add(f"{at}.{part}", f"应为{zh}", f"expected {en}")
