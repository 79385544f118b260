"""Checks the tests in rule files: known fields, values that fit, an event the rule has, facts it declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.text import Text, nearest
from ..metadata.fieldtypes import ValueRefused, field_type
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocField, DocType, Model
from .faults import Faults
from .model import Rule

MOVE_KEYS = ("action", "from", "to")
USER_KEYS = ("name", "full_name", "roles", "department")
_LINKED = "."  # a fact `link.field` stands for a value fetched through a link


def check_tests(rule: Rule, model: Model, doctype: DocType, faults: Faults) -> None:
    for test in rule.tests:
        _values(test.doc, doctype, model, f"{test.at}.doc", faults)
        if test.values is not None:
            _values(test.values, doctype, model, f"{test.at}.values", faults)
        if test.old is not None:
            _values(test.old, doctype, model, f"{test.at}.old", faults)
        if test.event is not None and test.event not in rule.all_events:
            words = ", ".join(rule.all_events)
            faults.add(
                f"{test.at}.event",
                f"规则没有事件 {test.event!r}，有：{words}。",
                f"the rule has no event {test.event!r}; it has {words}.",
                nearest(test.event, rule.all_events),
            )
        for name in test.facts:
            if name not in rule.facts and _LINKED not in name:
                faults.add(
                    f"{test.at}.facts.{name}",
                    f"规则没有事实 {name!r}。",
                    f"the rule has no fact {name!r}.",
                    nearest(name, rule.facts),
                )
        faults.keys(test.move, MOVE_KEYS, f"{test.at}.move")
        faults.keys(test.user, USER_KEYS, f"{test.at}.user")
        kinds = rule.kinds
        for index, kind in enumerate(test.then):
            if kind not in kinds:
                faults.add(
                    f"{test.at}.then[{index}]",
                    f"规则没有后果 {kind!r}。",
                    f"the rule has no consequence {kind!r}.",
                    nearest(kind, kinds),
                )
        if test.now is not None:
            _now(test.now, f"{test.at}.now", faults)


def _now(text: str, at: str, faults: Faults) -> None:
    try:
        field_type("Datetime").parse(text, DocField("now", "Datetime"))
    except ValueRefused as refused:
        faults.refused(at, refused.text)


def _values(values: Mapping[str, Any], doctype: DocType, model: Model, at: str, faults: Faults) -> None:
    standard = {*STANDARD_FIELDS, *CHILD_FIELDS}
    for name, value in values.items():
        item = doctype.by_name.get(name)
        if item is None:
            if name not in standard:
                faults.add(
                    f"{at}.{name}",
                    f"{doctype.name} 没有字段 {name!r}。",
                    f"{name!r} is not a field of {doctype.name}.",
                    nearest(name, doctype.by_name),
                )
            continue
        try:
            parsed = item.type.parse(value, item)
        except ValueRefused as refused:
            faults.refused(f"{at}.{name}", Text(f"{value!r}：{refused.text.zh}", f"{value!r}: {refused.text.en}"))
            continue
        if item.type.holds_rows and (item.options or "") in model:
            for index, row in enumerate(parsed):
                _values(row, model.child(item), model, f"{at}.{name}[{index}]", faults)
