"""Rule sets in the browser: which there are, what is in them; switched, filled, published and taken back as one after its plan was shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import GuijuError, NotFound, ValidationFailed
from ..core.text import Text
from ..exchange.authors import KIND
from ..exchange.drafts import Draft
from ..exchange.packs import piece_title
from ..exchange.proposal import Proposal
from ..exchange.rule_sets import (
    drafts_of,
    propose_drafts,
    propose_members,
    propose_switch,
    propose_taking_back,
    rule_sets,
    set_history,
)
from ..rulebook.model import Rule
from .access import Guarded, say
from .label import METADATA, Label
from .spoken_changes import spoken_rule_changes


@dataclass(frozen=True)
class Plan:
    """What was asked of a set, and what it would do. `undoes` is the version that it takes back."""

    action: str
    proposal: Proposal
    removed: tuple[tuple[str, str], ...] = ()
    undoes: int | None = None
    drafts: tuple[Draft, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.proposal.is_empty and not self.removed


class RuleSetsView(Guarded):
    """Every rule set of the site; one of them with its rules, the drafts of its rules, and its history."""

    def __init__(self) -> None:
        super().__init__(
            name=Label("规则集", "Rule sets"), endpoint="admin_rule_sets", url="/admin/rule-sets", category=METADATA
        )

    @expose("/")
    def index(self) -> str:
        """All sets with what their tests say; a new one is begun by its name."""
        site = web.services()
        results = site.workshop.results()
        sets = [
            {
                "name": name, "rules": rules, "enabled": rules[0].enabled,
                "tests": sum(len(results[rule.name]) for rule in rules),
                "failed": sum(not one.passed for rule in rules for one in results[rule.name]),
                "clauses": list(dict.fromkeys(clause for rule in rules for clause in rule.source)),
                "doctypes": list(dict.fromkeys(_label(rule) for rule in rules)),
            }
            for name, rules in rule_sets(site.snapshot().rulebook.rules.values()).items()
        ]  # fmt: skip
        return self.render("guiju_admin/rule_sets.html", sets=sets)

    @expose("/set")
    def one(self) -> str:
        """The set `?name=`; one that holds no rule is a new one."""
        return self._page(request.args.get("name", "").strip())

    @expose("/change", methods=("POST",))
    def change(self) -> str | Response | tuple[str, int]:
        """Show what was asked of the set would do; do it when that was shown and confirmed."""
        name, site = request.form.get("name", "").strip(), web.services()
        by, reason = web.current_user().name, request.form.get("reason", "")
        members = request.form.getlist("member")
        plan = None
        try:
            plan = _plan(name, request.form.get("action", ""), members)
            if plan.is_empty or request.form.get("base", type=int) != plan.proposal.base_version:
                return self._page(name, plan=plan, members=members)
            site.publisher.publish(plan.proposal, by, origin="site", removed=plan.removed, undoes=plan.undoes, reason=reason)
        except GuijuError as error:
            return self._page(name, plan=plan, error=error, members=members), error.status
        for draft in plan.drafts:
            site.drafts.drop(KIND, draft.key, by)
        flash(say("已发布，立即生效。", "Published; it is in force."), "success")
        if name not in rule_sets(site.snapshot().rulebook.rules.values()):
            return redirect(url_for("admin_rule_sets.index"))
        return redirect(url_for("admin_rule_sets.one", name=name))

    def _page(self, name: str, plan: Plan | None = None, error: GuijuError | None = None, members: Sequence[str] = ()) -> str:
        site, user = web.services(), web.current_user()
        rules = site.snapshot().rulebook.rules
        rules_of_set = rule_sets(rules.values()).get(name, [])
        if not name:
            raise NotFound(Text("规则集没有名称，请先填写。", "The rule set has no name; give it one first."))
        chosen = set(members) if plan is not None and plan.action == "members" else {rule.name for rule in rules_of_set}
        history = set_history(site.publisher, name)
        drafts = drafts_of(site.publisher, name, site.drafts.all(KIND))
        names = site.queries.titles(user, "User", {*(item.by for item in history), *(draft.author for draft in drafts)})
        return self.render(
            "guiju_admin/rule_set.html", name=name, rules=rules_of_set, plan=plan, error=error, chosen=chosen, label=_label,
            changes=_changes(plan) if plan else [], drafts=drafts, me=user.name, names=names, by_doctype=_by_doctype(rules.values()),
            history=[(item, _spoken(item.rules)) for item in history], title_of=site.snapshot().rulebook.title,
        )  # fmt: skip


def _plan(name: str, action: str, members: Sequence[str]) -> Plan:
    publisher, user = web.services().publisher, web.current_user()
    if action in ("on", "off"):
        return Plan(action, propose_switch(publisher, name, on=action == "on"))
    if action == "members":
        return Plan(action, propose_members(publisher, name, members))
    if action == "take-back":
        undo = propose_taking_back(publisher, name)
        return Plan(action, undo.proposal, undo.removed, undo.version)
    if action == "drafts":
        mine = drafts_of(publisher, name, [one for one in web.services().drafts.all(KIND) if one.author == user.name])
        return Plan(action, propose_drafts(publisher, mine, user), drafts=tuple(mine))
    raise ValidationFailed(Text(f"不认识的操作 {action!r}。", f"{action!r} is not something to do with a rule set."))


def _changes(plan: Plan) -> list[tuple[str, list[str]]]:
    """Each piece that would change, with how."""
    rules = web.services().snapshot().rulebook.rules
    changed = [
        (source.name, rules[source.name].raw if source.name in rules else None, source.raw)
        for source in plan.proposal.changed
        if source.kind == KIND
    ]
    others: list[tuple[str, list[str]]] = [
        (piece_title(source.kind, source.name).to(web.language()), [])
        for source in plan.proposal.changed
        if source.kind != KIND
    ]
    return [*_spoken(changed), *others]


def _spoken(changed: Sequence[tuple[str, Any, Any]]) -> list[tuple[str, list[str]]]:
    """Rules by their titles, with what is different in each."""
    model, language = web.services().snapshot().model, web.language()
    titles = [Text.of(after.get("title") or name).to(language) for name, _, after in changed]
    return [
        (title, spoken_rule_changes(before, after, model, language))
        for title, (_, before, after) in zip(titles, changed, strict=True)
    ]


def _by_doctype(rules: Any) -> list[tuple[str, list[Rule]]]:
    """All rules to choose from, by what they are about."""
    found: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda one: one.title.to(web.language())):
        found.setdefault(_label(rule), []).append(rule)
    return sorted(found.items())


def _label(rule: Rule) -> str:
    doctype = web.services().snapshot().model.get(rule.applies_to)
    return doctype.label.to(web.language()) if doctype else rule.applies_to
