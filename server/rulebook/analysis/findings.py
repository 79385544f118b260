"""The analysis as a whole: everything that its parts find, in order, and what of it publishing warns of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...core.errors import Fault
from ...core.text import Text
from ...metadata.model import Model
from ..faults import Faults
from ..model import Rule
from . import fields, pairs, whole
from .boxes import Region
from .finding import KINDS, Finding, Kind

WARNED: tuple[Kind, ...] = ("never", "contradiction", "overridden", "cannot_be_filled", "unused_fact")


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
