"""How a judgement is explained: the entries of its trace, built only when somebody reads them.

Rules that did not match are explained as well; past the first fifty of them only by the condition that decided.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..core.text import Text
from .compile import Broken, CompiledRule, record_day
from .conditions import Compiled, is_short
from .model import Rule
from .paths import PathRefused
from .place import NotGathered, Place
from .trace import MAX_PARTS, ConditionTrace, FactTrace, KeptCondition, KeptRule, KeptRules, RuleTrace

if TYPE_CHECKING:
    from .evaluation import Evaluation

log = logging.getLogger("guiju.rulebook")

KEPT = 8  # entries of one rule, and of all rules of an event, that are kept for the next record of which the same is to be said
EXPLAINED_IN_FULL = 50  # rules that did not match; of those after them, only the condition that decided


class Explanation:
    """Of one judgement."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._of = evaluation
        self._done: dict[tuple[int, int], ConditionTrace] = {}

    def entries(self) -> Sequence[RuleTrace]:
        """The rules that were considered, each with its conditions on the values it was judged on; for the same values made once."""
        key, told = self._key(), self._of.plan.told
        if key is not None and (known := told.get(key)) is not None:
            return known
        found = self._entries()
        if key is None or not all(isinstance(item, KeptRule) for item in found):
            return found
        if len(told) >= KEPT:
            told.clear()
        return told.setdefault(key, KeptRules(found))

    def _key(self) -> tuple[Any, ...] | None:
        """What the explanation follows from: the values that the conditions read, and what was drawn of which rule."""
        of = self._of
        if of.plan.told_by is None or of.failed:
            return None
        try:
            values = [read(of.place) for read in of.plan.told_by]
        except Exception:  # a linked record that no decision needed: its condition says so by itself
            return None
        if not all(map(is_short, values)):
            return None
        kinds = tuple((item.rule.name, *of.kinds.get(item.rule.name, ())) for item in of.fired)
        return kinds, tuple(map(type, values)), tuple(values)

    def _entries(self) -> list[RuleTrace]:
        fired = {id(item) for item in self._of.fired}
        found = [_broken_entry(broken) for broken in self._of.plan.broken if broken.rule.name in self._of.failed]
        silent = 0
        for item, place in self._told(fired):
            matched = id(item) in fired
            silent += not matched
            found.append(self._entry(item, place, matched, brief=not matched and silent > EXPLAINED_IN_FULL))
        return found

    def _told(self, fired: set[int]) -> Iterable[tuple[CompiledRule, Place]]:
        """The rules with the places where they were judged; of the versions of one rule the one in force, or the first."""
        chosen: dict[str, tuple[CompiledRule, Place]] = {}
        for judged in self._of.judged:
            for item in judged.stratum.rules:
                rule = item.rule
                if rule.name not in chosen or id(item) in fired or rule.in_force(record_day(judged.place, rule.dated_by)):
                    chosen[rule.name] = (item, judged.place)
        return chosen.values()

    def _entry(self, item: CompiledRule, place: Place, matched: bool, brief: bool) -> RuleTrace:
        """One rule explained; `brief` stops at the first condition that does not hold, which is why the rule did not match."""
        rule = item.rule
        conditions = []
        for condition in item.conditions:
            conditions.append(self._explanation(condition, place))
            if brief and conditions[-1].holds is False:
                break
        if matched:
            conditions += [_explained(table.explain, place) for table in item.tables]
        then = tuple(self._of.kinds.get(rule.name, ())) if matched else ()
        silenced_by = self._silenced_by(item, conditions) if not matched and rule.group else ""
        reason = self._of.failed.get(rule.name)
        is_kept = reason is None and not (item.facts or (matched and ("set" in then or "change" in then)))
        key = (matched, then, silenced_by, *map(id, conditions))
        if is_kept and (known := item.told.get(key)) is not None:
            return known  # its conditions are alive, so theirs are the same
        note = None if reason is None else Text(f"无法判断：{reason.zh}", f"could not be judged: {reason.en}")
        found = RuleTrace(
            rule=rule.name,
            title=rule.title,
            matched=matched,
            clauses=rule.source,
            conditions=tuple(conditions),
            facts=tuple(_facts(item, place)) if item.facts else (),
            then=then,
            concluded=tuple(sorted(rule.concludes())) if matched else (),
            values_set=tuple(self._of.set_by.get(rule.name, {}).items()) if matched else (),
            before=tuple(self._of.before.get(rule.name, {}).items()) if matched else (),
            changed=self._of.changed.get(rule.name, ()) if matched else (),
            note=note,
            version=_version_text(rule) if rule.is_versioned else None,
            silenced_by=silenced_by,
        )
        if is_kept and all(isinstance(one, KeptCondition) for one in conditions):
            if len(item.told) >= KEPT:
                item.told.clear()
            found = item.told[key] = KeptRule(*found)
        return found

    def _explanation(self, condition: Compiled, place: Place) -> ConditionTrace:
        """A condition explained, once for all rules that share it."""
        key = id(condition), id(place)
        if key not in self._done:
            self._done[key] = _explained(condition.explain, place)
        return self._done[key]

    def _silenced_by(self, item: CompiledRule, conditions: Sequence[ConditionTrace]) -> str:
        """The rule that kept this one silent, where nothing else did."""
        first = self._of.judgement.spoken.get(item.rule.group, item.rule.name)
        others = [one for one in conditions if one.operator != "group"]
        return first if first != item.rule.name and all(one.holds for one in others) else ""


def _version_text(rule: Rule) -> Text:
    zh = (
        f"版本 {rule.number}"
        + (f"，自 {rule.valid_from}" if rule.valid_from else "")
        + (f" 至 {rule.valid_to}" if rule.valid_to else "")
    )
    en = (
        f"version {rule.number}"
        + (f", from {rule.valid_from}" if rule.valid_from else "")
        + (f" until {rule.valid_to}" if rule.valid_to else "")
    )
    return Text(zh, en)


def _broken_entry(broken: Broken) -> RuleTrace:
    note = Text(f"无法判断：{broken.reason.zh}", f"could not be judged: {broken.reason.en}")
    return RuleTrace(broken.rule.name, broken.rule.title, False, broken.rule.source, note=note)


def _explained(explain: Any, place: Place) -> ConditionTrace:
    try:
        found: ConditionTrace = explain(place)
        return found
    except Exception as error:  # an explanation must never spoil a save that was decided
        reason = reason_of(error)
        return ConditionTrace(
            Text("条件", "condition"), note=Text(f"无法说明：{reason.zh}", f"cannot be explained: {reason.en}")
        )


def _facts(item: CompiledRule, place: Place) -> Iterable[FactTrace]:
    for name, read in item.facts.items():
        label = item.fact_labels.get(name) or Text.of(name)
        each = item.rule.facts[name].each
        for one in islice(place.rows(each), MAX_PARTS) if each else (place,):
            where = Text(f"第 {one.index + 1} 行", f"row {one.index + 1}") if each else None
            try:
                yield FactTrace(name, Text(f"{where.zh} {label.zh}", f"{where.en}: {label.en}") if where else label, read(one))
            except NotGathered:
                continue
            except Exception as error:
                log.debug("fact %s of rule %s cannot be explained: %r", name, item.rule.name, error)


def reason_of(error: Exception) -> Text:
    text = getattr(error, "text", None)
    if isinstance(text, Text):
        return text
    if isinstance(error, PathRefused):
        return error.text
    said = f"{type(error).__name__}: {error}"[:300]
    return Text(said, said)
