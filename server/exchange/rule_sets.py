"""Rules that belong together, possibly of several DocTypes: switched on and off, and taken back, as one publication."""

from __future__ import annotations

from collections.abc import Iterable

from ..core.errors import NotFound
from ..core.text import Text, nearest
from ..rulebook.model import Rule
from ..storage.journal import IN_FORCE
from .packs import Source
from .publisher import Proposal, Publisher
from .undo import Undo, propose_undo


def rule_sets(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """The sets in force, each with its rules."""
    found: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda rule: rule.order):
        if rule.rule_set:
            found.setdefault(rule.rule_set, []).append(rule)
    return dict(sorted(found.items()))


def propose_switch(publisher: Publisher, name: str, *, on: bool) -> Proposal:
    """Plan to switch every rule of a set on or off. Raises NotFound."""
    members = _members(publisher, name)
    sources = [
        Source(source.kind, source.name, {**source.raw, "enabled": int(on)}, pack=source.pack)
        for source in publisher.stored()
        if source.kind == "Rule" and source.name in members
    ]
    return publisher.propose(sources)


def propose_taking_back(publisher: Publisher, name: str) -> Undo:
    """Plan to take back the last publication that changed a rule of the set, with all it changed. Raises NotFound, ValidationFailed."""
    members = _members(publisher, name)
    for publication in publisher.publications():
        pieces = {(piece["kind"], piece["name"]) for piece in publication["pieces"] or []}
        if publication["state"] in IN_FORCE and publication["version"] and any(("Rule", rule) in pieces for rule in members):
            return propose_undo(publisher, publication["version"])
    raise NotFound(Text(f"规则集“{name}”没有可撤销的发布。", f'No publication of the rule set "{name}" can be taken back.'))


def _members(publisher: Publisher, name: str) -> set[str]:
    sets = rule_sets(publisher.snapshot().rulebook.rules.values())
    if name not in sets:
        hint = nearest(name, sets)
        raise NotFound(Text(f"没有规则集“{name}”。{hint.zh}", f'There is no rule set "{name}".{hint.en}'))
    return {rule.name for rule in sets[name]}
