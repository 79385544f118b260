"""The list of rules: those in force and those that somebody works on, by what an administrator asks for, in groups to unfold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..access.user import User
from ..core.text import Text
from ..desk.presenting import module_title
from ..exchange.drafts import Draft
from ..metadata.model import Model
from ..rulebook.model import Rule
from ..rulebook.testing import TestResult
from ..site import Site

STATES = ("enabled", "disabled", "failing", "draft")
GROUPINGS = ("module", "doctype", "procedure")


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed by, empty for everything; `by` is one of `GROUPINGS`."""

    q: str = ""
    doctype: str = ""
    module: str = ""
    clause: str = ""
    state: str = ""
    by: str = GROUPINGS[0]

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        asked = {name: given.get(name, "").strip() for name in ("q", "doctype", "module", "clause", "state")}
        by = given.get("by", "")
        return cls(**asked, by=by if by in GROUPINGS else GROUPINGS[0])

    @property
    def is_narrow(self) -> bool:
        return any((self.q, self.doctype, self.module, self.clause, self.state))


@dataclass(frozen=True)
class Line:
    """One rule as the list shows it. `tests` and `failed` count its tests, `drafts` says who works on it since when."""

    name: str
    title: str
    doctype: str
    module: str = ""
    clauses: tuple[str, ...] = ()
    enabled: bool = True
    tests: int = 0
    failed: tuple[str, ...] = ()
    drafts: tuple[tuple[str, datetime], ...] = ()
    pack: str = ""
    key: str = ""  # of a rule that is not published yet


@dataclass(frozen=True)
class Group:
    title: str
    lines: tuple[Line, ...]

    @property
    def failing(self) -> int:
        return sum(bool(line.failed) for line in self.lines)


@dataclass(frozen=True)
class Choices:
    """Names with their titles."""

    doctypes: tuple[tuple[str, str], ...]
    modules: tuple[tuple[str, str], ...]


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
    modules = sorted((name, module_title(name)) for name in {item.module for item in model if item.name in used})
    return lines, Choices(tuple(doctypes), tuple(modules))


def grouped(site: Site, user: User, lines: Iterable[Line], by: str, language: str) -> list[Group]:
    """The lines in groups by their titles; a rule that implements two procedures stands under both."""
    titles = _titles_of(site, user, by, language)
    found: dict[str, list[Line]] = {}
    for line in lines:
        for title in titles(line):
            found.setdefault(title, []).append(line)
    # What has no title of its own comes first: begun, or of no procedure.
    return [Group(title, tuple(found[title])) for title in sorted(found)]


def _titles_of(site: Site, user: User, by: str, language: str) -> Callable[[Line], list[str]]:
    if by == "module":
        return lambda line: [module_title(line.module) if line.doctype else ""]
    if by == "doctype":
        return lambda line: [line.doctype]
    procedures = site.clause_coverage.procedure_titles(user)
    return lambda line: (
        list(dict.fromkeys(procedures[code].to(language) for code in line.clauses if code in procedures)) or [""]
    )


def _line(
    rule: Rule, model: Model, results: list[TestResult], drafts: tuple[tuple[str, datetime], ...], pack: str, language: str
) -> Line:
    failed = tuple(f"{one.title.to(language)}: {one.message.to(language)}" for one in results if not one.passed)
    return Line(
        rule.name, rule.title.to(language), _label(model, rule.applies_to, language), _module(model, rule.applies_to),
        rule.source, rule.enabled, len(results), failed, drafts, pack,
    )  # fmt: skip


def _begun(key: str, found: list[Draft], model: Model, names: Mapping[str, str], language: str) -> Line:
    body = found[0].body
    title = _title(body.get("title")).to(language) or str(body.get("name") or "")
    applies_to = str(body.get("applies_to") or "")
    doctype, module = _label(model, applies_to, language), _module(model, applies_to)
    return Line(str(body.get("name") or ""), title, doctype, module, drafts=_who(found, names), key=key)


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


def _module(model: Model, name: str) -> str:
    found = model.get(name)
    return found.module if found else ""


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
