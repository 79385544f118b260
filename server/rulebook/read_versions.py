"""Versions of a rule: one after another in force, each saying only what differs from the rule they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from .faults import Faults
from .model import Rule

VERSION_KEYS = (
    "valid_from", "title", "description", "source", "priority", "enabled", "on_failure", "facts", "when", "then", "tests",
)  # fmt: skip
ReadOne = Callable[[Mapping[str, Any], Faults], Rule]


def with_versions(rule: Rule, raw: Mapping[str, Any], faults: Faults, read_one: ReadOne) -> Rule:
    """The rule with its later versions; each ends where the next begins."""
    given = raw.get("versions")
    if not given:
        return rule
    base = _common(raw)
    later: list[Rule] = []
    for number, (at, item) in enumerate(faults.items(given, "versions"), start=2):
        if not isinstance(item, Mapping):
            faults.add(at, f"{item!r} 应为对象", f"{item!r} should be an object")
            continue
        faults.keys(item, VERSION_KEYS, at)
        own = Faults(faults.file, faults.rule)
        read = read_one({**base, **item}, own)
        faults.take(own, at, {key: value for key, value in item.items() if key in VERSION_KEYS})
        if not item.get("valid_from"):
            faults.add(f"{at}.valid_from", "缺少生效日", "the day from which it is in force is missing")
        if read.valid_from is None:
            continue
        later.append(replace(read, number=number, at=at, raw=dict(item)))
    return _one_after_another(rule, later, faults)


def version_alone(raw: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A rule's JSON as if it had only the version at this place in `versions`; -1, or none of that number: as it begins."""
    given = raw.get("versions")
    version = given[number] if isinstance(given, list) and 0 <= number < len(given) else None
    if isinstance(version, Mapping):
        return {**_common(raw), **version}
    return {key: value for key, value in raw.items() if key != "versions"}


def _common(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What a version has from its rule, where it says nothing else."""
    return {key: value for key, value in raw.items() if key not in ("versions", "tests", "valid_from", "valid_to")}


def _one_after_another(rule: Rule, later: list[Rule], faults: Faults) -> Rule:
    before = rule
    for one in later:
        if before.valid_from is not None and one.valid_from is not None and one.valid_from <= before.valid_from:
            faults.add(
                f"{one.at}.valid_from",
                f"{one.valid_from} 应晚于前一版本的 {before.valid_from}",
                f"{one.valid_from} should be after {before.valid_from}, when the version before it begins",
            )
        before = one
    ends = [one.valid_from - timedelta(days=1) for one in later if one.valid_from is not None]
    if not ends:
        return rule
    last = [*ends[1:], rule.valid_to]
    versions = tuple(replace(one, valid_to=end) for one, end in zip(later, last, strict=True))
    return replace(rule, valid_to=ends[0], versions=versions)


def in_turn(rules: Iterable[Rule]) -> list[Rule]:
    """Every version of every rule as a rule of its own."""
    return [version for rule in rules for version in rule.all_versions]
