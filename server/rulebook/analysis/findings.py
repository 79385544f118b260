"""What the analysis finds, said with names, an example and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ...core.errors import Fault
from ...core.text import EMPTY, Text
from ...core.values import to_json
from ...metadata.model import Model
from ..faults import Faults
from ..model import Rule
from . import fields, pairs, whole
from .boxes import Region

Kind = Literal[
    "never", "contradiction", "overridden", "shadowed", "twice", "cannot_be_filled", "never_filled", "not_fulfilled",
    "unused_fact", "unknown_clause", "clause_without_implementation", "circle",
]  # fmt: skip
KINDS: Mapping[str, Text] = {
    "never": Text("永不符合", "never matches"),
    "contradiction": Text("后果矛盾", "contradictory consequences"),
    "overridden": Text("被覆盖", "overridden"),
    "shadowed": Text("被遮盖", "shadowed"),
    "twice": Text("重复", "said twice"),
    "cannot_be_filled": Text("必填而无法填写", "required, yet nobody can fill it in"),
    "never_filled": Text("无人填写", "read, yet nobody fills it in"),
    "not_fulfilled": Text("待办无人了结", "owed, and nothing fulfils it"),
    "unused_fact": Text("未用的事实", "fact not used"),
    "unknown_clause": Text("条款不存在", "no such clause"),
    "clause_without_implementation": Text("条款未实现", "clause without an implementation"),
    "circle": Text("循环", "circle"),
}


WARNED: tuple[Kind, ...] = ("never", "contradiction", "overridden", "cannot_be_filled", "unused_fact")


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness of the rules: of which, on which DocType, an example record, and what to do."""

    kind: Kind
    text: Text
    advice: Text
    rules: tuple[str, ...] = ()
    doctype: str = ""
    example: Mapping[str, Any] = field(default_factory=dict)
    shown: Text = EMPTY

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "text": self.text.to_json(),
            "advice": self.advice.to_json(),
            "rules": list(self.rules),
            "doctype": self.doctype,
            "example": {name: to_json(value) for name, value in self.example.items()},
        }

    @property
    def said(self) -> Text:
        """What is wrong, the example, and what to do, as one text."""
        example = Text(f"例如：{self.shown.zh}。", f"For example: {self.shown.en}.") if self.shown.zh else EMPTY
        zh = f"{self.text.zh}{example.zh}{self.advice.zh}"
        return Text(zh, " ".join(part for part in (self.text.en, example.en, self.advice.en) if part))


def analyse(
    rules: Iterable[Rule], model: Model, clauses: Mapping[str, Sequence[str]] | None = None, cited: Iterable[str] = ()
) -> list[Finding]:
    """Every finding about the rules that are switched on and fit their DocTypes.

    `clauses` gives the clauses that there are, when they are known: by number what implements each beside rules. `cited` are
    clauses that other published pieces cite.
    """
    known = [rule for rule in rules if rule.enabled and rule.applies_to in model and not model[rule.applies_to].istable]
    versions = [version for rule in known for version in rule.all_versions if version.enabled]
    regions = [Region.of(version, model) for version in versions]
    found = [
        *never(regions),
        *pairs.findings(regions, model),
        *fields.findings(versions, model),
        *whole.findings(versions, model),
    ]
    if clauses is not None:
        found += whole.clause_findings(known, clauses, cited)
    order = list(KINDS)
    return sorted(found, key=lambda item: (order.index(item.kind), item.doctype, item.rules))


def rule_warnings(rules: Iterable[Rule], model: Model, files: Mapping[str, str]) -> list[Fault]:
    """What publishing and `guiju check` warn of: what is surely wrong with rules that have no faults."""
    found: list[Fault] = []
    for item in analyse(rules, model):
        if item.kind in WARNED and item.rules:
            told = Faults(files.get(item.rules[0]) or item.rules[0], item.rules[0])
            told.refused("", item.said)
            found += told.found
    return found


def never(regions: Iterable[Region]) -> Iterator[Finding]:
    for region in regions:
        rule = region.rule
        if not region.boxes:
            yield Finding(
                "never",
                Text(f"规则“{rule.title.zh}”（{rule.name}）永不符合：没有任何单据能同时满足其条件。",
                     f'The rule "{rule.title.en}" ({rule.name}) never matches: no record fulfils its conditions together.'),
                Text("请检查相互排斥的条件，或删除此规则。", "Look for conditions that exclude each other, or remove the rule."),
                (rule.name,), rule.applies_to,
            )  # fmt: skip
