"""Rules that somebody publishes from the browser: under the names they are known by, and asking only what their author may read.

Rules read whatever they name, so their authors must be able to read it themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import Fault, MetadataInvalid
from ..core.text import Text
from ..metadata.model import DocType, Model
from ..rulebook.model import Compare, Fact, Rule
from ..rulebook.read import read_rule
from .drafts import is_new
from .packs import Source
from .publisher import Proposal, Publisher

KIND = "Rule"


def propose_rules(publisher: Publisher, given: Sequence[tuple[str, Mapping[str, Any]]], author: User) -> Proposal:
    """Rules, each under the key of its draft, checked together with everything in force.

    Raises MetadataInvalid with every fault. A rule that is in force keeps its name: others speak of it by that.
    """
    rules = publisher.snapshot().rulebook.rules
    faults = [fault for key, raw in given if (fault := _misnamed(key, str(raw.get("name") or ""), rules)) is not None]
    if faults:
        raise MetadataInvalid.of(faults)
    proposal = publisher.propose([Source(KIND, str(raw.get("name") or KIND), dict(raw)) for _, raw in given])
    for _, raw in given:
        refuse_unreadable_facts(read_rule(raw), rules.get(str(raw["name"])), author, proposal.model)
    return proposal


def _misnamed(key: str, name: str, rules: Mapping[str, Rule]) -> Fault | None:
    if key and not is_new(key) and name != key:
        return Fault("name", Text(f"已发布的规则保留原名 {key}。", f"A published rule keeps its name, {key}."))
    if is_new(key) and name in rules:
        return Fault("name", Text(f"已有名为 {name} 的规则。", f"There is a rule called {name} already."))
    return None


def refuse_unreadable_facts(rule: Rule, in_force: Rule | None, author: User, model: Model) -> None:
    """Raises MetadataInvalid naming every fact, new or changed, that asks what its author may not read.

    What was published before stays: another author may have had the right.
    """
    known = {fact for one in in_force.all_versions for fact in one.facts.values()} if in_force is not None else set()
    faults = [
        fault
        for version in rule.all_versions
        for fact in version.facts.values()
        if fact.of and fact not in known
        for fault in _faults(fact, version.at, author, model)
    ]
    if faults:
        raise MetadataInvalid.of(faults)


def _faults(fact: Fact, version: str, author: User, model: Model) -> Iterator[Fault]:
    doctype = model.get(fact.of or "")
    if doctype is None:
        return  # named by the check of the rule
    at = f"{version}.{fact.at}" if version else fact.at
    permissions = Permissions(model)
    if permissions.scope(author, doctype.name) != "all" or permissions.confined(author, doctype):
        text = Text(
            f"{at}：您无权查看全部{doctype.label.zh}，不能让规则查询它们；请由有此权限的人发布",
            f"{at}: you may not read every {doctype.label.en}, so no rule of yours asks about them; let somebody publish it who may",
        )
        yield Fault(at, text)
        return
    sight = permissions.sight(author, doctype.name)
    for name in _fields(fact, doctype):
        if not sight.sees_plainly(doctype.by_name[name]):
            label = doctype.by_name[name].label
            yield Fault(
                at,
                Text(
                    f"{at}：您无权查看{doctype.label.zh}的{label.zh}", f"{at}: you may not see {label.en} of {doctype.label.en}"
                ),
            )


def _fields(fact: Fact, doctype: DocType) -> list[str]:
    named = [fact.field, *(item.path for item in fact.where if isinstance(item, Compare)), (fact.order_by or "").split(" ")[0]]
    return [name for name in dict.fromkeys(named) if name in doctype.by_name and name]
