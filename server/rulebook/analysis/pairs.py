"""Two rules of one DocType, of which one matches whenever the other does: contradictions, values that never stand, shadows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import Any

from ...core.text import Text
from ...metadata.model import Model
from ..display import show
from ..model import Block, Hide, Lock, Require, Rule, SetFields, SetTags
from ..reads import overlap, spread, when_reads, writes
from .boxes import Box, Boxes, Region
from .domains import LINE, Points, Spans
from .finding import Finding


def findings(regions: Sequence[Region], model: Model) -> Iterator[Finding]:
    by_doctype: dict[str, list[Region]] = {}
    for region in regions:
        by_doctype.setdefault(region.rule.applies_to, []).append(region)
    for every in by_doctype.values():
        group = _settled(every, model)
        for one, other in _with_a_common(group, lambda region: _literals(region.rule)):
            yield from _set_differently(one, other)
        for one, other in _with_a_common(group, lambda region: _tags(region.rule, "add") | _tags(region.rule, "remove")):
            yield from _tagged_apart(one, other)
        closers = [region for region in group if _blocks(region.rule) or _closes(region.rule)]
        for wide, narrow in product(closers, [region for region in group if _requires(region.rule)]):
            if _may_meet(wide.rule, narrow.rule):
                yield from _required_in_vain(wide, narrow)
        yield from _shadows(group)


def _settled(group: Sequence[Region], model: Model) -> list[Region]:
    """Those that match at all, and are not judged on values that rules set: two of these are judged on the same values."""
    written = spread(model, group[0].doctype, {name for region in group for name in writes(region.rule)})
    return [
        region
        for region in group
        if region.boxes and not any(overlap(read, name) for read in when_reads(region.rule) for name in written)
    ]


def _with_a_common(group: Sequence[Region], keys: Callable[[Region], Iterable[Any]]) -> Iterator[tuple[Region, Region]]:
    """Pairs of regions that have a key in common and may meet, each pair once."""
    by_key: dict[Any, list[int]] = {}
    for number, region in enumerate(group):
        for key in keys(region):
            by_key.setdefault(key, []).append(number)
    seen = {pair for numbers in by_key.values() for pair in combinations(numbers, 2)}
    for first, second in sorted(seen):
        if _may_meet(group[first].rule, group[second].rule):
            yield group[first], group[second]


def _shadows(group: Sequence[Region]) -> Iterator[Finding]:
    """Candidates: rules of one group of rules, rules that say the same, and rules that block with those that do not."""
    alike = _with_a_common(group, lambda region: [key for key in (region.rule.group, _said(region.rule)) if key])
    blocking = [region for region in group if _blocks(region.rule)]
    others = [region for region in group if not region.rule.is_blocking]
    pairs = [pair for one, other in alike for pair in ((one, other), (other, one))]
    pairs += [(wide, narrow) for wide, narrow in product(blocking, others) if _may_meet(wide.rule, narrow.rule)]
    for wide, narrow in pairs:
        yield from _shadowed(wide, narrow)


def _blocks(rule: Rule) -> bool:
    return any(isinstance(part, Block) and part.each is None for part in rule.then)


def _closes(rule: Rule) -> bool:
    return any(isinstance(part, Hide | Lock) for part in rule.then)


def _requires(rule: Rule) -> bool:
    return any(isinstance(part, Require) and part.each is None for part in rule.then)


def _said(rule: Rule) -> str:
    """The consequences as one text, without their places; empty where facts are named, which may differ."""
    return "" if rule.facts else repr([replace(part, at="") for part in rule.then])


def _may_meet(one: Rule, other: Rule) -> bool:
    """Whether both may be judged for one event of one record."""
    if one.name == other.name or not set(one.all_events) & set(other.all_events):
        return False
    starts = [rule.valid_from for rule in (one, other) if rule.valid_from]
    ends = [rule.valid_to for rule in (one, other) if rule.valid_to]
    return not starts or not ends or max(starts) <= min(ends)


def _named(rule: Rule) -> Text:
    return Text(f"“{rule.title.zh}”（{rule.name}）", f'"{rule.title.en}" ({rule.name})')


def _both(one: Rule, other: Rule) -> Text:
    first, second = _named(one), _named(other)
    return Text(f"规则{first.zh}与{second.zh}", f"The rules {first.en} and {second.en}")


# Values set


def _set_differently(one: Region, other: Region) -> Iterator[Finding]:
    if one.rule.group and one.rule.group == other.rule.group:
        return  # only one of the two speaks
    first, last = sorted((one, other), key=lambda region: region.rule.order)
    values, later = _literals(first.rule), _literals(last.rule)
    for name in sorted(values.keys() & later.keys()):
        if values[name] == later[name]:
            continue
        item = first.doctype.by_name.get(name)
        if item is None or not last.covers(first):
            continue
        shown = [show(value, item) for value in (values[name], later[name])]
        both = _both(first.rule, last.rule)
        if first.covers(last):
            yield Finding(
                "contradiction",
                Text(f"{both.zh}条件相同，却把“{item.label.zh}”分别设为 {shown[0].zh} 和 {shown[1].zh}。",
                     f"{both.en} have the same condition, yet set {item.label.en} to {shown[0].en} and to {shown[1].en}."),
                Text("请保留一条，或使条件互不重叠。", "Keep one of them, or let their conditions exclude each other."),
                (first.rule.name, last.rule.name), first.rule.applies_to, first.example(), first.shown(),
            )  # fmt: skip
        else:
            yield Finding(
                "overridden",
                Text(f"规则{_named(first.rule).zh}把“{item.label.zh}”设为 {shown[0].zh}，但{_named(last.rule).zh}随后总是把它设为 {shown[1].zh}。",
                     f"The rule {_named(first.rule).en} sets {item.label.en} to {shown[0].en}, but {_named(last.rule).en} always sets it to {shown[1].en} after that."),
                Text("请让条件较窄的规则在后（优先级数字较大），或把两者放入同一组。",
                     "Let the narrower rule come later (a larger priority), or put the two into one group."),
                (first.rule.name, last.rule.name), first.rule.applies_to, first.example(), first.shown(),
            )  # fmt: skip


def _literals(rule: Rule) -> dict[str, Any]:
    return {
        name: operand.value
        for item in rule.then
        if isinstance(item, SetFields)
        for name, operand in item.values
        if operand.kind == "literal"
    }


# Words put on and taken off


def _tags(rule: Rule, side: str) -> set[str]:
    return {word for item in rule.then if isinstance(item, SetTags) for word in getattr(item, side)}


def _tagged_apart(one: Region, other: Region) -> Iterator[Finding]:
    """One rule puts a word on that the other takes off, whenever it does."""
    if one.rule.group and one.rule.group == other.rule.group:
        return
    first, last = sorted((one, other), key=lambda region: region.rule.order)
    for side, back in (("add", "remove"), ("remove", "add")):
        for word in sorted(_tags(first.rule, side) & _tags(last.rule, back)):
            if not last.covers(first):
                continue
            both = _both(first.rule, last.rule)
            yield Finding(
                "contradiction",
                Text(f"{both.zh}同时成立时，一条加上标签“{word}”，另一条把它去掉。",
                     f'{both.en} hold together: one puts the tag "{word}" on, the other takes it off.'),
                Text("请使两者的条件互不重叠。", "Let their conditions exclude each other."),
                (first.rule.name, last.rule.name), first.rule.applies_to, first.example(), first.shown(),
            )  # fmt: skip


# Required, and kept from being filled in


def _required_in_vain(wide: Region, narrow: Region) -> Iterator[Finding]:
    for item in narrow.rule.then:
        if not isinstance(item, Require) or item.each is not None:
            continue
        for name in item.fields:
            found = narrow.doctype.by_name.get(name)
            if found is None:
                continue
            if _blocks(wide.rule):
                filled = _filled(narrow, wide, name)
                if filled and wide.covers(narrow, filled) and not wide.covers(narrow):
                    yield Finding(
                        "contradiction",
                        Text(f"规则{_named(narrow.rule).zh}要求填写“{found.label.zh}”，而填写后{_named(wide.rule).zh}总是阻止：这样的单据无法保存。",
                             f"The rule {_named(narrow.rule).en} requires {found.label.en}, and once it is filled in {_named(wide.rule).en} always blocks: no such record can be saved."),
                        Text("请修改其中一条的条件。", "Change the condition of one of them."),
                        (narrow.rule.name, wide.rule.name), narrow.rule.applies_to, narrow.example(filled[0]), narrow.shown(filled[0]),
                    )  # fmt: skip
            if any(isinstance(part, Hide | Lock) and name in part.fields for part in wide.rule.then) and wide.covers(narrow):
                yield Finding(
                    "contradiction",
                    Text(f"规则{_named(narrow.rule).zh}要求填写“{found.label.zh}”，而{_named(wide.rule).zh}总是把它隐藏或锁定：没有人能填写。",
                         f"The rule {_named(narrow.rule).en} requires {found.label.en}, while {_named(wide.rule).en} always hides or locks it: nobody can fill it in."),
                    Text("请修改其中一条的条件。", "Change the condition of one of them."),
                    (narrow.rule.name, wide.rule.name), narrow.rule.applies_to, narrow.example(), narrow.shown(),
                )  # fmt: skip


def _filled(region: Region, wide: Region, name: str) -> Boxes:
    """The boxes of a rule in which a field that the other looks at is filled in."""
    key = (name, None)
    universe = wide.universes.get(key)
    if universe is None:
        return []
    present = universe.meet(Spans(LINE) if isinstance(universe, Spans) else Points(frozenset(), True))
    return [met for box in region.boxes if (met := box.meet(Box({key: present}))) is not None]


# Shadows


def _shadowed(wide: Region, narrow: Region) -> Iterator[Finding]:
    """A rule that says nothing which another does not say, or prevent, whenever it matches."""
    one, other = wide.rule, narrow.rule
    if not set(other.all_events) <= set(one.all_events) or not _spans(one, other) or not wide.covers(narrow):
        return
    names = (other.name, one.name)
    if one.group and one.group == other.group:
        if one.order < other.order:
            yield Finding(
                "shadowed",
                Text(f"规则{_named(other).zh}永不发言：同组的{_named(one).zh}在先，且凡它符合时都符合。",
                     f"The rule {_named(other).en} never speaks: {_named(one).en} of the same group comes first and matches whenever it does."),
                Text("请把条件较窄的规则放在前面。", "Put the narrower rule first."),
                names, other.applies_to, narrow.example(), narrow.shown(),
            )  # fmt: skip
        return
    is_same = bool(_said(one)) and _said(one) == _said(other)
    if one.group or other.group:
        return  # whether it speaks depends on the others of its group
    if is_same and (one.order < other.order or not narrow.covers(wide)):
        yield Finding(
            "twice",
            Text(f"规则{_named(other).zh}多余：凡它符合时{_named(one).zh}也符合，且后果相同。",
                 f"The rule {_named(other).en} adds nothing: {_named(one).en} matches whenever it does, with the same consequences."),
            Text("请删除其一。", "Remove one of them."),
            names, other.applies_to, narrow.example(), narrow.shown(),
        )  # fmt: skip
    elif not is_same and _blocks(one) and not other.is_blocking:
        yield Finding(
            "shadowed",
            Text(f"规则{_named(other).zh}永无效果：凡它符合时{_named(one).zh}都阻止保存。",
                 f"The rule {_named(other).en} never has an effect: {_named(one).en} blocks whenever it matches."),
            Text("请使两者的条件不重叠，或删除前者。", "Let their conditions exclude each other, or remove the first."),
            names, other.applies_to, narrow.example(), narrow.shown(),
        )  # fmt: skip


def _spans(wide: Rule, narrow: Rule) -> bool:
    """Whether a rule is in force whenever the other is."""
    starts = wide.valid_from is None or (narrow.valid_from is not None and wide.valid_from <= narrow.valid_from)
    ends = wide.valid_to is None or (narrow.valid_to is not None and narrow.valid_to <= wide.valid_to)
    return starts and ends
