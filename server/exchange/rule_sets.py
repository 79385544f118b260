"""Rules that belong together, possibly of several DocTypes: switched on and off, published and taken back as one publication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..access.user import User
from ..core.errors import Fault, NotFound, ValidationFailed
from ..core.ids import digest
from ..core.text import Text, nearest
from ..core.values import canonical
from ..rulebook.model import Rule
from ..storage.journal import IN_FORCE
from .authors import KIND, propose_rules
from .drafts import Draft
from .packs import Source
from .proposal import Proposal
from .publisher import Publisher
from .undo import Undo, propose_undo

MAX_NAME = 140


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


def propose_members(publisher: Publisher, name: str, members: Iterable[str]) -> Proposal:
    """Plan that the set `name`, which may be new, holds these rules and no others. Raises NotFound, ValidationFailed."""
    wanted, name = set(members), name.strip()
    if not name or len(name) > MAX_NAME:
        said = Text(f"规则集的名称应为 1 到 {MAX_NAME} 个字。", f"The name of a rule set has 1 to {MAX_NAME} characters.")
        raise ValidationFailed(said, [Fault("name", said)])
    stored = [source for source in publisher.stored() if source.kind == KIND]
    if unknown := sorted(wanted - {source.name for source in stored}):
        raise NotFound(Text(f"没有规则“{unknown[0]}”。", f'There is no rule "{unknown[0]}".'))
    changed = [source for source in stored if (source.name in wanted) != (source.raw.get("rule_set") == name)]
    return publisher.propose([Source(KIND, one.name, _put(one, name, one.name in wanted), pack=one.pack) for one in changed])


def _put(source: Source, name: str, belongs: bool) -> dict[str, Any]:
    raw = {key: value for key, value in source.raw.items() if key != "rule_set"}
    return {**raw, "rule_set": name} if belongs else raw


def drafts_of(publisher: Publisher, name: str, drafts: Iterable[Draft]) -> list[Draft]:
    """Those of the drafts that belong to the set, or would."""
    members = {rule.name for rule in rule_sets(publisher.snapshot().rulebook.rules.values()).get(name, ())}
    return [draft for draft in drafts if draft.key in members or draft.body.get("rule_set") == name]


def propose_drafts(publisher: Publisher, drafts: Iterable[Draft], author: User) -> Proposal:
    """Plan to publish drafts of an author together. Raises ValidationFailed where one was begun on an older version of its rule."""
    found = list(drafts)
    in_force = {name: digest(canonical(rule.raw)) for name, rule in publisher.snapshot().rulebook.rules.items()}
    behind = [draft.key for draft in found if draft.key in in_force and draft.based_on not in ("", in_force[draft.key])]
    if behind:
        faults = [
            Fault(
                name,
                Text(
                    f"{name}：草稿开始之后另有发布，请打开草稿核对后单独发布，或丢弃",
                    f"{name}: it was published again since the draft was begun; open the draft, compare and publish it alone, or discard it",
                ),
            )
            for name in behind
        ]
        raise ValidationFailed(Text("这些草稿已落后：", "These drafts are behind:"), faults)
    return propose_rules(publisher, [(draft.key, draft.body) for draft in found], author)


@dataclass(frozen=True)
class SetChange:
    """One publication that changed rules of a set: each rule as it was (None: it is new) and as it became."""

    at: datetime
    by: str
    reason: str
    rules: tuple[tuple[str, Mapping[str, Any] | None, Mapping[str, Any]], ...]

    def is_of_one_publication_with(self, other: SetChange) -> bool:
        """A publication has one author, one moment and one reason, and changes a rule once."""
        named = {name for name, _, _ in self.rules}
        return (self.at, self.by, self.reason) == (other.at, other.by, other.reason) and other.rules[0][0] not in named


def set_history(publisher: Publisher, name: str) -> list[SetChange]:
    """The publications that changed a rule while it belonged to the set, put one in or took one out, the newest first."""
    rows = publisher.changes(KIND)
    before: dict[int, Mapping[str, Any] | None] = {}
    older: dict[str, int] = {}
    for index, row in enumerate(rows):
        before[index] = None
        if row["name"] in older:
            before[older[row["name"]]] = row["body"]
        older[row["name"]] = index
    found: list[SetChange] = []
    for index, row in enumerate(rows):
        was = before[index]
        if name not in (row["body"].get("rule_set"), (was or {}).get("rule_set")) or was == row["body"]:
            continue
        one = SetChange(row["published_at"], row["published_by"], row["reason"] or "", ((row["name"], was, row["body"]),))
        if found and found[-1].is_of_one_publication_with(one):
            one = replace(one, rules=(*found.pop().rules, *one.rules))
        found.append(one)
    return found


def _members(publisher: Publisher, name: str) -> set[str]:
    sets = rule_sets(publisher.snapshot().rulebook.rules.values())
    if name not in sets:
        hint = nearest(name, sets)
        raise NotFound(Text(f"没有规则集“{name}”。{hint.zh}", f'There is no rule set "{name}".{hint.en}'))
    return {rule.name for rule in sets[name]}
