"""Findings about the rules as a whole: obligations, facts, clauses, records that make each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...core.text import Text
from ...metadata.model import Model
from ..changing import changed_fields
from ..model import Change, Compare, Create, Fulfil, Oblige, Operand, Rule, Withdraw
from ..reads import conjunction
from .finding import Finding

_WORD = re.compile(r"@(\w+)")


def findings(rules: Sequence[Rule], model: Model) -> Iterator[Finding]:
    yield from _not_fulfilled(rules, model)
    yield from _unused_facts(rules)
    yield from _circles(rules, model)


def _not_fulfilled(rules: Sequence[Rule], model: Model) -> Iterator[Finding]:
    ended = {item.rule for rule in rules for item in rule.then if isinstance(item, Fulfil | Withdraw)}
    for rule in rules:
        owed = [item for item in rule.then if isinstance(item, Oblige)]
        if rule.name in ended or not owed:
            continue
        yield from (_by_hand(rule, item, model) for item in owed if item.every is None or not _ends(rule, item))


def _ends(rule: Rule, plan: Oblige) -> bool:
    """Whether a plan comes to an end by itself: at a date, or when the rule does not hold any more. Its times are then met by hand."""
    return plan.until is not None or bool(rule.when)


def _by_hand(rule: Rule, item: Oblige, model: Model) -> Finding:
    title, what = item.title, Text("待办", "the obligation")
    how = Text("只能由当事人标记完成或由有权者豁免", "it is marked as done by hand, or waived")
    advice = Text(
        "请增加一条以 fulfil 完成它的规则；确由人标记完成的可以忽略。",
        "Add a rule that fulfils it, or leave it if people are to mark it as done.",
    )
    if item.every is not None:
        what = Text("周期待办", "the plan of obligations")
        how = Text(
            "也没有终止日期或条件：永远会有下一次，且每次只能手工标记",
            "nor has it an end: there is always a next one, each marked by hand",
        )
        advice = Text(
            "请给它 until 或条件，或增加完成它的规则。", "Give it `until` or a condition, or add a rule that fulfils it."
        )
    elif item.pause_when:
        doctype = model.get(rule.applies_to)
        label = doctype.label if doctype is not None else Text.of(rule.applies_to)
        how = Text(
            f"{label.zh}满足暂停条件时只是停表，待办仍在；{how.zh}",
            f"the condition that pauses it only stops its clock, and it stays owed; {how.en}",
        )
    return Finding(
        "not_fulfilled",
        Text(f"规则“{rule.title.zh}”（{rule.name}）产生{what.zh}“{title.zh}”，但没有规则完成或撤回它：{how.zh}。",
             f'The rule "{rule.title.en}" ({rule.name}) opens {what.en} "{title.en}", but no rule fulfils or withdraws it: {how.en}.'),
        advice, (rule.name,), rule.applies_to,
    )  # fmt: skip


def _unused_facts(rules: Sequence[Rule]) -> Iterator[Finding]:
    for rule in rules:
        used = set(_named_facts({key: value for key, value in rule.raw.items() if key not in ("facts", "tests", "versions")}))
        used |= {name for fact in rule.facts.values() for name in _WORD.findall(repr(fact))}
        if not rule.raw:
            continue
        for name in sorted(rule.facts.keys() - used):
            if rule.is_versioned:
                continue  # another version may use it
            yield Finding(
                "unused_fact",
                Text(f"规则“{rule.title.zh}”（{rule.name}）的事实 @{name} 没有用到。", f'The fact @{name} of the rule "{rule.title.en}" ({rule.name}) is not used.'),
                Text("请删除它，或在条件、提示中使用它。", "Remove it, or use it in a condition or a message."), (rule.name,), rule.applies_to,
            )  # fmt: skip


def _named_facts(raw: Any) -> Iterator[str]:
    if isinstance(raw, str):
        yield from _WORD.findall(raw)
    elif isinstance(raw, Mapping):
        yield from (name for value in raw.values() for name in _named_facts(value))
    elif isinstance(raw, list | tuple):
        yield from (name for value in raw for name in _named_facts(value))


def _circles(rules: Sequence[Rule], model: Model) -> Iterator[Finding]:
    """DocTypes whose rules make or change records of each other, in a circle; the rules in it by name."""
    makes: dict[str, dict[str, Rule]] = {}
    submitted = {item.doctype for rule in rules for item in rule.then if isinstance(item, Create) and item.submit}
    own: dict[str, set[str]] = {}  # the rules that touch other records of their own DocType
    for rule in rules:
        if rule.applies_to in _touched(rule, model):
            own.setdefault(rule.applies_to, set()).add(rule.name)
    for rule in rules:
        if "validate" not in rule.all_events and not ("submit" in rule.all_events and rule.applies_to in submitted):
            continue  # no record that a rule makes or changes sets it off
        for other in _touched(rule, model):
            if other != rule.applies_to or not _ends_itself(rule) or len(own[other]) > 1:
                makes.setdefault(rule.applies_to, {}).setdefault(other, rule)
    told: set[frozenset[str]] = set()
    for start in sorted(makes):
        circle = _way_back(start, makes)
        if circle is None or frozenset(circle) in told:
            continue
        told.add(frozenset(circle))
        steps = list(zip(circle, [*circle[1:], circle[0]], strict=True))
        names = tuple(dict.fromkeys(makes[here][there].name for here, there in steps))
        labels = [model[name].label for name in [*circle, circle[0]]]
        zh, en = " → ".join(label.zh for label in labels), " → ".join(label.en for label in labels)
        yield Finding(
            "circle",
            Text(f"规则 {'、'.join(names)} 循环生成或更改单据：{zh}。", f"The rules {', '.join(names)} make or change records in a circle: {en}."),
            Text("请确认其中一条的条件对规则生成、更改的单据不成立；超过 5 层时保存被拒绝。",
                 "See that the condition of one of them does not hold for a record that a rule made or changed; a chain of more than 5 is refused."),
            names, start,
        )  # fmt: skip


def _touched(rule: Rule, model: Model) -> Iterator[str]:
    """The DocTypes of the records that a rule makes or changes."""
    yield from (item.doctype for item in rule.then if isinstance(item, Create) and item.doctype in model)
    yield from (doctype for doctype, _ in changed_fields(rule, model))


def _ends_itself(rule: Rule) -> bool:
    """Whether the rule does not hold for what it changed: it asks that a field is not set, and sets it to what is never empty."""
    if rule.is_versioned or any(isinstance(item, Create) for item in rule.then):
        return False
    empty = {
        item.path
        for item in conjunction(rule.when)
        if isinstance(item, Compare) and (item.operator, item.value) == ("is", Operand("literal", "not set"))
    }
    changes = [item for item in rule.then if isinstance(item, Change)]
    return all(any(name in empty and _is_given(value) for name, value in item.values) for item in changes)


def _is_given(value: Operand) -> bool:
    return value == Operand("path", "name") or (value.kind == "literal" and value.value not in (None, ""))


def _way_back(start: str, makes: Mapping[str, Mapping[str, Rule]]) -> list[str] | None:
    """The shortest way from a DocType to itself."""
    waiting = [[start]]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        for there in sorted(makes.get(path[-1], ())):
            if there == start:
                return path
            if there not in seen:
                seen.add(there)
                waiting.append([*path, there])
    return None


def clause_findings(
    rules: Sequence[Rule], clauses: Mapping[str, Sequence[str]], cited: Iterable[str] = ()
) -> Iterator[Finding]:
    """Clauses that a rule cites and that are not there; clauses that nothing cites."""
    for rule in rules:
        for clause in rule.source:
            if clause not in clauses:
                yield Finding(
                    "unknown_clause",
                    Text(f"规则“{rule.title.zh}”（{rule.name}）引用的条款 {clause} 不存在。", f'The rule "{rule.title.en}" ({rule.name}) cites the clause {clause}, which is not there.'),
                    Text("请改正编号，或登记该条款。", "Correct its number, or enter the clause."), (rule.name,), rule.applies_to,
                )  # fmt: skip
    known = {clause for rule in rules for clause in rule.source} | set(cited)
    for clause, by in clauses.items():
        if clause not in known and not by:
            yield Finding(
                "clause_without_implementation",
                Text(f"条款 {clause} 没有任何规则、流程、单据类型、打印格式或报表实现。", f"No rule, workflow, record type, print format or report implements the clause {clause}."),
                Text("请实现它，或在实现它的内容中引用它。", "Implement it, or cite it in what implements it."),
            )  # fmt: skip
