"""Rules that somebody publishes from the browser: under the names they are known by, and asking only what their author may read.

Rules read whatever they name, so their authors must be able to read it themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..access.user import User
from ..core.errors import Fault, MetadataInvalid
from ..core.text import Text
from ..rulebook.model import Rule
from .drafts import is_new
from .packs import Source
from .proposal import Proposal
from .publisher import Publisher
from .readable_facts import refuse_unreadable

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
    refuse_unreadable((raw for _, raw in given), rules, author, proposal.model)
    return proposal


def _misnamed(key: str, name: str, rules: Mapping[str, Rule]) -> Fault | None:
    if key and not is_new(key) and name != key:
        return Fault("name", Text(f"已发布的规则保留原名 {key}。", f"A published rule keeps its name, {key}."))
    if is_new(key) and name in rules:
        return Fault("name", Text(f"已有名为 {name} 的规则。", f"There is a rule called {name} already."))
    return None
