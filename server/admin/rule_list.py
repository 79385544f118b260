"""The list of rules: those in force and those that somebody works on, by what an administrator asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..access.user import User
from ..core.text import Text
from ..exchange.drafts import Draft
from ..metadata.model import Model
from ..rulebook.model import Rule
from ..rulebook.testing import TestResult
from ..site import Site

STATES = ("enabled", "disabled", "failing", "draft")


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed by; empty for everything."""

    q: str = ""
    doctype: str = ""
    module: str = ""
    clause: str = ""
    state: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        return cls(*(given.get(name, "").strip() for name in ("q", "doctype", "module", "clause", "state")))


@dataclass(frozen=True)
class Line:
    """One rule as the list shows it. `tests` and `failed` count its tests, `drafts` says who works on it since when."""

    name: str
    title: str
    doctype: str
    clauses: tuple[str, ...] = ()
    enabled: bool = True
    tests: int = 0
    failed: tuple[str, ...] = ()
    drafts: tuple[tuple[str, datetime], ...] = ()
    pack: str = ""
    key: str = ""  # of a rule that is not published yet


@dataclass(frozen=True)
class Choices:
    doctypes: tuple[tuple[str, str], ...]
    modules: tuple[str, ...]


def rule_lines(site: Site, user: User, asked: Asked, language: str) -> tuple[list[Line], Choices]:
    """The lines that were asked for, and what the filters offer."""
    model, rules = site.snapshot().model, site.snapshot().rulebook.rules
    drafts: dict[str, list[Draft]] = {}
    for draft in site.drafts.all("Rule"):
        drafts.setdefault(draft.key, []).append(draft)
    names = site.queries.titles(user, "User", {draft.author for found in drafts.values() for draft in found})
    packs = {source.name: source.pack for source in site.publisher.stored() if source.kind == "Rule"}
    results = site.workshop.results()
    lines = [
        _line(rule, model, results[rule.name], _who(drafts.pop(rule.name, ()), names), packs.get(rule.name, ""), language)
        for rule in rules.values()
        if _is_asked(rule, model, asked)
    ]
    begun = [_begun(key, found, model, names, language) for key, found in drafts.items() if key not in rules]
    lines = [line for line in (*begun, *lines) if _is_in(line, asked)]
    used = {rule.applies_to for rule in rules.values()}
    doctypes = sorted(((name, _label(model, name, language)) for name in used), key=lambda pair: pair[1])
    return lines, Choices(tuple(doctypes), tuple(sorted({item.module for item in model if item.name in used and item.module})))


def _line(
    rule: Rule, model: Model, results: list[TestResult], drafts: tuple[tuple[str, datetime], ...], pack: str, language: str
) -> Line:
    failed = tuple(f"{one.title.to(language)}: {one.message.to(language)}" for one in results if not one.passed)
    return Line(
        rule.name, rule.title.to(language), _label(model, rule.applies_to, language), rule.source, rule.enabled, len(results),
        failed, drafts, pack,
    )  # fmt: skip


def _begun(key: str, found: list[Draft], model: Model, names: Mapping[str, str], language: str) -> Line:
    body = found[0].body
    title = _title(body.get("title")).to(language) or str(body.get("name") or "")
    doctype = _label(model, str(body.get("applies_to") or ""), language)
    return Line(str(body.get("name") or ""), title, doctype, drafts=_who(found, names), key=key)


def _title(value: Any) -> Text:
    try:
        return Text.of(value or None)
    except (ValueError, AttributeError):
        return Text("", "")


def _who(drafts: Any, names: Mapping[str, str]) -> tuple[tuple[str, datetime], ...]:
    return tuple((names.get(one.author, one.author), one.saved_at) for one in drafts)


def _label(model: Model, name: str, language: str) -> str:
    found = model.get(name)
    return (found.label or Text.of(name)).to(language) if found else name


def _is_asked(rule: Rule, model: Model, asked: Asked) -> bool:
    doctype = model.get(rule.applies_to)
    spoken = json.dumps(rule.raw, ensure_ascii=False).lower()
    return (
        asked.q.lower() in spoken
        and asked.doctype in ("", rule.applies_to)
        and asked.module in ("", doctype.module if doctype else "")
        and (not asked.clause or any(clause.lower().startswith(asked.clause.lower()) for clause in rule.source))
    )


def _is_in(line: Line, asked: Asked) -> bool:
    if line.key and (
        asked.doctype or asked.module or asked.clause or asked.q.lower() not in f"{line.name} {line.title}".lower()
    ):
        return False
    return {
        "": True,
        "enabled": line.enabled and not line.key,
        "disabled": not line.enabled,
        "failing": bool(line.failed),
        "draft": bool(line.drafts),
    }.get(asked.state, True)
