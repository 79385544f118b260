"""`SimulationService`: what may be simulated, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ...access.permissions import Permissions
from ...access.user import User
from ...core.errors import MetadataInvalid, NotFound, ValidationFailed
from ...core.text import Text, nearest
from ...rulebook.check import check_rule_shape, check_rules
from ...rulebook.model import Rule
from ...rulebook.read import read_rule
from ...storage.database import Database
from ..snapshot import Snapshot
from .judging import Simulation
from .model import Request


class SimulationService:
    def __init__(self, database: Database, snapshots: Callable[[], Snapshot], zone: ZoneInfo) -> None:
        self._database = database
        self._snapshots = snapshots
        self._zone = zone

    def of_published(self, user: User, name: str, first: date, last: date) -> Simulation:
        """A run of the rule in force of that name, over the days from `first` to `last`. Raises NotFound, PermissionRefused."""
        snapshot = self._snapshots()
        rule = snapshot.rulebook.rules.get(name)
        if rule is None:
            near = nearest(name, snapshot.rulebook.rules)
            raise NotFound(Text(f"没有规则“{name}”。{near.zh}", f'There is no rule "{name}".{near.en}'))
        return self._run(snapshot, user, rule, None, first, last)

    def of_draft(self, user: User, raw: Mapping[str, Any], first: date, last: date) -> Simulation:
        """A run of a rule that is not published, as if it had been in force all the time, compared with the one in force. Of one with
        several versions, each in its days.

        Raises MetadataInvalid with every fault of the rule, PermissionRefused.
        """
        snapshot = self._snapshots()
        rule = checked(snapshot, raw)
        published = snapshot.rulebook.rules.get(rule.name)
        if published is not None and (published.applies_to != rule.applies_to or not published.enabled):
            published = None
        always = replace(rule, enabled=True) if rule.versions else replace(rule, enabled=True, valid_from=None, valid_to=None)
        return self._run(snapshot, user, always, published, first, last)

    def _run(self, snapshot: Snapshot, user: User, rule: Rule, published: Rule | None, first: date, last: date) -> Simulation:
        if last < first:
            raise ValidationFailed(
                Text(f"结束日 {last} 早于开始日 {first}。", f"The last day, {last}, is before the first, {first}.")
            )
        permissions = Permissions(snapshot.model)
        asked = {fact.of for version in rule.all_versions for fact in version.facts.values() if fact.of}
        for doctype in sorted({rule.applies_to, *asked}):
            if permissions.scope(user, doctype) == "none" and not permissions.shared(user, doctype):
                permissions.require(user, "read", doctype)
        end = midnight(last + timedelta(days=1), self._zone)
        request = Request(rule, midnight(first, self._zone), end, published)
        return Simulation(self._database, snapshot, user, self._zone, request)


def checked(snapshot: Snapshot, raw: Mapping[str, Any]) -> Rule:
    """A draft read, with the rules in force beside it. Raises MetadataInvalid with every fault."""
    file = str(raw.get("name") or "rule")
    if faults := check_rule_shape(raw, file):
        raise MetadataInvalid.of(faults)
    rule = read_rule(raw, file)
    others = [one for one in snapshot.rulebook.rules.values() if one.name != rule.name]
    found = check_rules([*others, rule], snapshot.model, {rule.name: file}, snapshot.model.roles)
    if faults := [fault for fault in found if fault.rule == rule.name]:
        raise MetadataInvalid.of(faults)
    return rule


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins where the site is."""
    return datetime.combine(day, time(), zone)
