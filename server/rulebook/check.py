"""Finds every fault of rules at once: file, JSON path, value, what is allowed, the nearest right word.

`check_rule_shape` looks at one JSON object alone (its grammar); `check_rules` at all rules together with the DocTypes: names,
kinds of values, places in messages, conclusions nobody comes to, rules that wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..core.errors import Fault
from ..core.text import nearest
from ..metadata.model import Model
from .check_rule import RuleCheck
from .faults import Faults
from .model import (
    NotifyPeople,
    Rule,
)
from .read import check_shape as check_rule_shape
from .read_versions import in_turn
from .strata import RuleLoop, stratify
from .tables.check import table_warnings

Ways = Mapping[str, tuple[frozenset[str], frozenset[str]]]  # by DocType the actions and the states of its workflow

STANDARD_PRINT = "Standard"  # the generated format, in Frappe's word

__all__ = ["check_rule_shape", "check_rules", "table_warnings"]


def check_rules(
    rules: Iterable[Rule],
    model: Model,
    files: Mapping[str, str] | None = None,
    roles: Iterable[str] | None = None,
    ways: Ways | None = None,
    formats: Mapping[str, frozenset[str]] | None = None,
) -> list[Fault]:
    """All faults of rules whose form is right. `files` says where each was read; `roles`, `ways` and (by DocType) print `formats`,
    when given, which there are."""
    known = list(rules)
    places = files or {}
    known_roles = frozenset(roles) if roles is not None else None
    found: list[Fault] = []
    versions = in_turn(known)
    for rule in known:
        faults = Faults(places.get(rule.name) or rule.file or rule.name, rule.name)
        RuleCheck(rule, versions, model, faults, known_roles).run()
        for version in rule.versions:
            own = Faults(faults.file, rule.name)
            RuleCheck(version, versions, model, own, known_roles).run()
            faults.take(own, version.at, version.raw)
        found += faults.found
        if ways is not None:
            for version in rule.all_versions:
                found += _ways(version, ways, _place(rule, places))
        if formats is not None:
            for version in rule.all_versions:
                found += _attached(version, formats, _place(rule, places))
    found += _duplicates(known, places)
    found += _sets(known, places)
    found += _loops(known, model, places)
    return found


def _attached(rule: Rule, formats: Mapping[str, frozenset[str]], file: str) -> list[Fault]:
    """Print formats that messages carry, and that the DocType has not."""
    faults = Faults(file, rule.name)
    known = (*sorted(formats.get(rule.applies_to, ())), STANDARD_PRINT)
    for item in rule.then:
        if isinstance(item, NotifyPeople) and item.attach and item.attach not in known:
            words = ", ".join(known)
            text = (
                f"没有打印格式 {item.attach!r}，可用：{words}。",
                f"{item.attach!r} is not a print format of {rule.applies_to}; use one of {words}.",
            )
            faults.add(f"{item.at}.attach", *text, nearest(item.attach, known))
    return faults.found


def _ways(rule: Rule, ways: Ways, file: str) -> list[Fault]:
    """Transitions that a rule waits for, and that the workflow of its DocType has not."""
    faults = Faults(file, rule.name)
    for move in rule.moves:
        if rule.applies_to not in ways:
            text = (
                f"{rule.applies_to} 没有启用的流程，不会有流程动作",
                f"{rule.applies_to} has no active workflow, so no transition happens",
            )
            faults.add(move.at, *text)
            continue
        actions, states = ways[rule.applies_to]
        parts = (("action", move.actions, actions), ("from", move.from_, states), ("to", move.to, states))
        for part, names, known in parts:
            for name in names:
                if name not in known:
                    words = ", ".join(sorted(known))
                    near = nearest(name, known)
                    faults.add(
                        f"{move.at}.{part}",
                        f"流程中没有 {name!r}，有：{words}。",
                        f"{name!r} is not in the workflow; it has {words}.",
                        near,
                    )
    return faults.found


def _place(rule: Rule, files: Mapping[str, str]) -> str:
    return files.get(rule.name) or rule.file or rule.name


def _duplicates(rules: Sequence[Rule], files: Mapping[str, str]) -> Iterable[Fault]:
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.name in seen:
            faults = Faults(_place(rule, files), rule.name)
            faults.add(
                "name",
                f"规则名 {rule.name!r} 与 {seen[rule.name].file or '另一规则'} 重复",
                f"{rule.name!r} is already the name of a rule ({seen[rule.name].file})",
            )
            yield from faults.found
        seen.setdefault(rule.name, rule)


def _sets(rules: Sequence[Rule], files: Mapping[str, str]) -> Iterable[Fault]:
    """Rules of one set are on or off together."""
    first: dict[str, Rule] = {}
    for rule in rules:
        before = first.setdefault(rule.rule_set, rule)
        if rule.rule_set and rule.enabled != before.enabled:
            faults = Faults(_place(rule, files), rule.name)
            faults.add(
                "enabled",
                f"规则集 {rule.rule_set!r} 的规则须一同启用或停用，{before.name} 与此不同",
                f"the rules of the set {rule.rule_set!r} are on or off together; {before.name} differs",
            )
            yield from faults.found


def _loops(rules: Sequence[Rule], model: Model, files: Mapping[str, str]) -> list[Fault]:
    groups: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules:
        if rule.enabled and rule.applies_to in model:
            for event in rule.all_events:
                groups.setdefault((rule.applies_to, event), []).extend(one for one in rule.all_versions if one.enabled)
    found: dict[tuple[str, ...], Fault] = {}
    for (doctype, _), group in groups.items():
        left = group
        while True:
            try:
                stratify(left, model, model[doctype])
            except RuleLoop as loop:
                first = next(rule for rule in left if rule.name == loop.rules[0])
                faults = Faults(_place(first, files), first.name)
                faults.add("then", loop.text.zh, loop.text.en)
                found.setdefault(loop.rules, faults.found[0])
                left = [rule for rule in left if rule.name not in loop.rules]
                continue
            break
    return list(found.values())
