"""In which order rules of one event are judged: a rule that reads what another sets or concludes comes after it.

Rules fall into strata. Within a stratum they are matched together; conclusions chain inside it. Values are set between
strata. Rules that wait for each other in a circle have no order: `RuleLoop` names them, and the fields, in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import combinations, pairwise
from typing import Literal

from ..core.text import Text
from ..metadata.model import DocType, Model
from .model import Rule
from .reads import nested_conclusions, overlap, set_reads, spread, top_conclusions, when_reads, writes


@dataclass(frozen=True, slots=True)
class _Link:
    """`after` must wait for `before`; `strict` when `before` must be final, not only match first."""

    before: int
    after: int
    over: str
    how: Literal["set", "conclude", "group"]
    strict: bool


_VERBS = {
    "set": Text("设置", "sets"),
    "conclude": Text("得出", "concludes"),
    "group": Text("先于同组", "comes first in the group"),
}


class RuleLoop(ValueError):
    """Rules that set or conclude what the next one reads, in a circle; `rules` names them in order, the first again last."""

    def __init__(self, rules: Sequence[str], text: Text) -> None:
        super().__init__(text.en)
        self.rules = tuple(rules)
        self.text = text


def stratify(rules: Sequence[Rule], model: Model, doctype: DocType) -> list[list[Rule]]:
    """The rules in strata, each ordered by priority. Raises RuleLoop."""
    links = _links(rules, model, doctype)
    order = _order(rules, links)
    level = [0] * len(rules)
    for index in order:
        for link in links:
            if link.after == index:
                level[index] = max(level[index], level[link.before] + (1 if link.strict else 0))
    strata: list[list[Rule]] = [[] for _ in range(max(level, default=-1) + 1)]
    for index, rule in enumerate(rules):
        strata[level[index]].append(rule)
    return [sorted(stratum, key=lambda rule: rule.order) for stratum in strata]


def _links(rules: Sequence[Rule], model: Model, doctype: DocType) -> list[_Link]:
    found: list[_Link] = []
    written = {index: writes(rule) for index, rule in enumerate(rules)}
    concluded = {index: rule.concludes() for index, rule in enumerate(rules)}
    setters = [(index, fields, spread(model, doctype, fields)) for index, fields in written.items() if fields]
    concluders = [index for index, names in concluded.items() if names]
    for index, rule in enumerate(rules):
        read = when_reads(rule)
        value_reads = set_reads(rule)
        if setters:
            found += _set_links(index, read, value_reads, setters, rules, model, doctype)
        if concluders:
            final, chained = nested_conclusions(rule), set(top_conclusions(rule))
            for other in concluders:
                for name in sorted(concluded[other] & (final | chained)):
                    found.append(_Link(other, index, name, "conclude", name in final))
    found += _group_links(rules)
    return [link for link in found if link.before == link.after or rules[link.before].name != rules[link.after].name]


def _group_links(rules: Sequence[Rule]) -> Iterable[_Link]:
    """Rules of one group wait for those before them: whether these speak must be known."""
    groups: dict[str, list[int]] = {}
    for index, rule in enumerate(rules):
        if rule.group:
            groups.setdefault(rule.group, []).append(index)
    for group, members in groups.items():
        for before, after in combinations(sorted(members, key=lambda index: rules[index].order), 2):
            yield _Link(before, after, group, "group", True)


def _set_links(
    index: int,
    read: set[str],
    value_reads: dict[str, set[str]],
    setters: Iterable[tuple[int, set[str], set[str]]],
    rules: Sequence[Rule],
    model: Model,
    doctype: DocType,
) -> list[_Link]:
    found = []
    for other, fields, touched in setters:
        if other == index:
            # A rule may look at the field it fills; a value made from itself would change on every save.
            for name in sorted(fields):
                itself = spread(model, doctype, {name})
                if any(overlap(part, one) for part in value_reads.get(name, ()) for one in itself):
                    found.append(_Link(index, index, name, "set", True))
            continue
        wanted = read.union(*value_reads.values()) if value_reads else read
        over = sorted(part for part in touched if any(overlap(part, one) for one in wanted))
        if over:
            direct = [name for name in over if name in fields]
            found.append(_Link(other, index, direct[0] if direct else _through(over[0], fields, model, doctype), "set", True))
    return found


def _through(formula: str, fields: set[str], model: Model, doctype: DocType) -> str:
    """The field that is set and the formula that changes with it."""
    name = next((name for name in sorted(fields) if formula in spread(model, doctype, {name})), "")
    return f"{name} ⇒ {formula}"


def _order(rules: Sequence[Rule], links: Sequence[_Link]) -> list[int]:
    sorter: TopologicalSorter[int] = TopologicalSorter(dict.fromkeys(range(len(rules)), ()))
    for link in links:
        if link.before == link.after:
            raise _loop([link.before, link.before], rules, links)
        sorter.add(link.after, link.before)
    try:
        return list(sorter.static_order())
    except CycleError as error:
        raise _loop(list(error.args[1]), rules, links) from None


def _loop(circle: list[int], rules: Sequence[Rule], links: Sequence[_Link]) -> RuleLoop:
    """The loop in words: `a sets x → b sets y → a`."""
    if rules[circle[0]].order != min(rules[index].order for index in circle[:-1]):
        start = min(range(len(circle) - 1), key=lambda place: rules[circle[place]].order)
        circle = circle[start:-1] + circle[:start] + [circle[start]]
    zh, en = [], []
    for before, after in pairwise(circle):
        link = next(link for link in links if (link.before, link.after) == (before, after))
        verb = _VERBS[link.how]
        zh.append(f"{rules[before].name}({verb.zh} {link.over})")
        en.append(f"{rules[before].name} ({verb.en} {link.over})")
    last = rules[circle[-1]].name
    text = Text(
        f"规则互相等待成环：{' → '.join([*zh, last])}；请去掉其中一处依赖",
        f"rules wait for each other in a circle: {' -> '.join([*en, last])}; remove one of these dependencies",
    )
    return RuleLoop([rules[index].name for index in circle], text)
