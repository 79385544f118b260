"""A rule asks only what its author may read: rules read whatever they name, whoever saves.

Holds wherever somebody publishes (the builder, undo, packs, customisations); the command line publishes as the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import Fault, MetadataInvalid
from ..core.text import Text
from ..metadata.model import DocType, Model
from ..rulebook.model import Compare, Fact, Rule
from ..rulebook.read import read_rule


def refuse_unreadable(rules: Iterable[Mapping[str, Any]], in_force: Mapping[str, Rule], author: User, model: Model) -> None:
    """The same for several rules as JSON, all faults at once."""
    faults: list[Fault] = []
    for raw in rules:
        faults += unreadable_facts(read_rule(raw), in_force.get(str(raw.get("name"))), author, model)
    if faults:
        raise MetadataInvalid.of(faults)


def unreadable_facts(rule: Rule, in_force: Rule | None, author: User, model: Model) -> list[Fault]:
    """Every fact, new or changed, that asks what its author may not read.

    What was published before stays: another author may have had the right.
    """
    known = {fact for one in in_force.all_versions for fact in one.facts.values()} if in_force is not None else set()
    return [
        fault
        for version in rule.all_versions
        for fact in version.facts.values()
        if fact.of and fact not in known
        for fault in _faults(fact, version.at, author, model)
    ]


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
    named = [fact.field, *(item.path for item in fact.where if isinstance(item, Compare)), *(fact.order_by or "").split()[:1]]
    named += [fact.period.on] if fact.period is not None else []
    return [name for name in dict.fromkeys(named) if name in doctype.by_name and name]
