"""Rules in the browser: the list with what their tests say, and the builder.

The page holds the rule's JSON; after every stroke it asks what is to be said of it (`look`), which also keeps the draft. Only
`publish` changes what is in force, by the publisher and under its gate for failing tests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import abort, jsonify, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..access.user import User
from ..core.errors import Fault, GuijuError, MetadataInvalid
from ..core.ids import new_id
from ..core.text import Text
from ..desk.presenting import role_titles
from ..documents.meanings import meanings
from ..exchange.authors import KIND, propose_rules
from ..exchange.drafts import NEW, Draft, is_new
from ..exchange.proposal import Proposal
from ..exchange.rule_workshop import Look, Part
from ..rulebook import vocabulary
from ..rulebook.read import read
from ..rulebook.read_versions import version_alone
from ..rulebook.tables.analyse import Finding
from ..rulebook.testing import TestResult
from ..rulebook.trace import ConditionTrace
from . import opened_piece
from .builder_sample import sample_record
from .label import METADATA, Label
from .metadata_views import MetadataView, faults_at, origin_of
from .rule_list import Asked, grouped, rule_lines
from .rule_tables import FILES, read_file, written
from .rule_words import WORDS
from .spoken_changes import spoken_rule_changes

MAX_KEY = 140  # characters, as many as a name has
STARTER: dict[str, Any] = {
    "name": "", "title": "", "source": [], "applies_to": "", "on": ["validate"], "priority": 100,
    "then": [], "tests": [],
}  # fmt: skip


class RuleView(MetadataView):
    """The rules of a site."""

    kind = KIND

    def __init__(self) -> None:
        super().__init__(name=Label("规则", "Rules"), endpoint="admin_rules", url="/admin/rules", category=METADATA)

    @expose("/")
    def index(self) -> str:
        """All rules, those that somebody works on too, by what `?q=&doctype=&module=&clause=&state=` ask for, in groups `?by=`."""
        asked, site, reader, language = Asked.of(request.args), web.services(), web.current_user(), web.language()
        lines, choices = rule_lines(site, reader, asked, language)
        groups = grouped(site, reader, lines, asked.by, language)
        return self._render("guiju_admin/rule_list.html", groups=groups, number=len(lines), asked=asked, choices=choices)

    @expose("/edit")
    def edit(self) -> str | Response:
        """The builder: of `?name=`, of one of its earlier versions (`?version=`), of somebody's draft (`?of=`), or of a new rule."""
        name, key = request.args.get("name"), request.args.get("draft")
        if name is None and key is None:
            return redirect(url_for(".edit", draft=NEW + new_id(), doctype=request.args.get("doctype")))
        opened_piece.require_known(KIND, name, is_drafted=bool(name and web.services().drafts.of(KIND, name)))
        return self.render("guiju_admin/rule_builder.html", name=name, page=_page(name, key), origin=origin_of(KIND, name))

    def _steps(self, new: Mapping[str, Any], old: Mapping[str, Any] | None) -> list[str]:
        return spoken_rule_changes(old, new, web.services().snapshot().model, web.language())

    @expose("/fields")
    def fields(self) -> Response:
        """What the conditions of a rule on `?doctype=` can name."""
        model, language = web.services().snapshot().model, web.language()
        doctype = model.get(request.args.get("doctype", ""))
        if doctype is None:
            return jsonify(fields=[], tables=[])
        tables = [
            {
                "name": item.fieldname,
                "label": (item.label or Text.of(item.fieldname)).to(language),
                "fields": [one.to_json(language) for one in vocabulary.row_fields_of(item, doctype, model)],
            }
            for item in vocabulary.tables_of(doctype, model)
        ]
        return jsonify(
            fields=[one.to_json(language) for one in vocabulary.fields_of(doctype, model)],
            tables=tables,
            submittable=doctype.is_submittable,
        )

    @expose("/look", methods=("POST",))
    def look(self) -> Response:
        """What is to be said of the rule as it stands in the browser; with `save` the draft is kept as well."""
        site, raw, key = web.services(), _posted(), request.form.get("key", "")[:MAX_KEY]
        if request.form.get("save") and key:
            site.drafts.save(KIND, key, web.current_user().name, raw, request.form.get("based_on", ""))
        return jsonify(**_seen(site.workshop.look(raw)), drafts=_others(key), moved=_moved(key))

    @expose("/compare", methods=("POST",))
    def compare(self) -> Response:
        """What differs between two versions of the rule, `one` and `two`: their places in `versions`, -1 for the rule itself."""
        raw, model = _posted(), web.services().snapshot().model
        one, two = (version_alone(raw, request.form.get(name, -1, type=int)) for name in ("one", "two"))
        for known in (one, two):  # their days stand beside them, and each has tests of its own
            known.pop("valid_from", None)
            known.pop("tests", None)
        return jsonify(changes=spoken_rule_changes(one, two, model, web.language()))

    @expose("/sample", methods=("POST",))
    def sample(self) -> Response:
        """A test made from the record `record`, as far as whoever asks may read it; without one, of made-up values."""
        rule, faults = read(_posted(), "")
        if rule is None:
            return jsonify(faults=[{"where": fault.where, "message": fault.text.to(web.language())} for fault in faults])
        record, samples = request.form.get("record"), web.services().sample_tests
        try:
            if record is None:
                made = samples.of_values(rule, _made_up(rule.applies_to))
            else:
                made = samples.make(web.current_user(), rule, record)
        except GuijuError as error:
            return jsonify(faults=[{"where": "", "message": line} for line in error.lines(web.language())])
        withheld = [text.to(web.language()) for text in made.withheld]
        return jsonify(test=made.test, withheld=withheld, happened=made.happened is not None)

    @expose("/plan", methods=("POST",))
    def plan(self) -> Response:
        """What publishing the rule would do: what changes, which tests fail, what is to be considered."""
        raw, key = _posted(), request.form.get("key", "")
        try:
            return jsonify(**_planned(_proposal(raw, key), raw), moved=_moved(key))
        except GuijuError as error:
            return jsonify(faults=faults_at(error, str(raw.get("name") or KIND)))

    @expose("/publish", methods=("POST",))
    def publish(self) -> Response | tuple[Response, int]:
        """Put the rule in force as it was planned; a plan that is no longer true is refused, failing tests without a reason too."""
        site, raw, key = web.services(), _posted(), request.form.get("key", "")
        by = web.current_user().name
        try:
            proposal = _proposal(raw, key)
            opened_piece.require_as_planned(proposal)
            site.publisher.publish(proposal, by, origin="site", reason=request.form.get("reason", ""))
        except GuijuError as error:
            return jsonify(faults=faults_at(error, str(raw.get("name") or KIND))), 409
        site.drafts.drop(KIND, key, by)
        return jsonify(published=True, name=raw["name"])

    @expose("/table", methods=("GET", "POST"))
    def table(self) -> Response:
        """A decision table as a file, DMN 1.3 or CSV: the first of the rule `?name=`, or the posted one at `table`."""
        snapshot = web.services().snapshot()
        form = request.values.get("to", "dmn")
        rule = snapshot.rulebook.rules.get(request.values.get("name", ""))
        raw = _posted() if request.method == "POST" else dict(rule.raw) if rule is not None and rule.tables else None
        if raw is None or form not in FILES:
            abort(404)
        at = request.form.get("table") or f"then[{next(i for i, item in enumerate(raw['then']) if 'table' in item)}].table"
        try:
            content = written(raw, at, form, snapshot.model)
        except GuijuError as error:
            return jsonify(faults=faults_at(error, str(raw.get("name") or "table")))
        answer = Response(content, mimetype=FILES[form][0])
        answer.headers.set("Content-Disposition", "attachment", filename=f"{raw.get('name') or 'table'}.{form}")
        return answer

    @expose("/table-file", methods=("POST",))
    def table_file(self) -> Response:
        """The tables that an uploaded file holds, as JSON; one of them is put in place by the page."""
        given = request.files.get("file")
        if given is None:
            abort(400)
        model, at, name = web.services().snapshot().model, request.form.get("table", ""), given.filename or ""
        try:
            found = read_file(_posted(), at, name, given.read(), model)
        except GuijuError as error:
            return jsonify(faults=faults_at(error, KIND))
        return jsonify(tables=list(found.tables.items()), notes=[note.to(web.language()) for note in found.notes])

    @expose("/discard", methods=("POST",))
    def discard(self) -> Response:
        """Throw one's own draft away."""
        web.services().drafts.drop(KIND, request.form.get("key", ""), web.current_user().name)
        return jsonify(discarded=True)


def _posted() -> dict[str, Any]:
    try:
        raw = json.loads(request.form.get("rule", ""))
    except (ValueError, RecursionError) as error:
        raise MetadataInvalid.of([Fault("", Text(f"不是有效的 JSON：{error}", f"This is not valid JSON: {error}"))]) from None
    if not isinstance(raw, dict):
        raise MetadataInvalid.of([Fault("", Text("应为一个 JSON 对象。", "Expected one JSON object."))])
    return raw


def _proposal(raw: dict[str, Any], key: str) -> Proposal:
    return propose_rules(web.services().publisher, [(key, raw)], web.current_user())


def _made_up(doctype: str) -> Mapping[str, Any]:
    """A record of no record: what a form begins with, and a value of its type in every other field."""
    site = web.services()
    name = site.snapshot().record_type(doctype).name
    blank = site.new_records.blank(User.administrator(), name)  # only what is new for anybody: nothing that was saved
    return sample_record(site.snapshot().model, name, blank, site.clock.now(), web.language())


def _in_force(name: str) -> dict[str, Any] | None:
    rule = web.services().snapshot().rulebook.rules.get(name)
    return dict(rule.raw) if rule is not None else None


def _page(name: str | None, key: str | None) -> dict[str, Any]:
    """Everything that the builder works with, as JSON."""
    site, user, language = web.services(), web.current_user(), web.language()
    snapshot = site.snapshot()
    in_force = _in_force(name) if name else None
    key = name or key or ""
    drafts = {draft.author: draft for draft in site.drafts.of(KIND, key)}
    shown = drafts.get(request.args.get("of", user.name))
    earlier = opened_piece.earlier(KIND, name)
    mine = drafts.get(user.name)
    starter = {**STARTER, "name": name or "", "applies_to": request.args.get("doctype", "")}
    doctypes = sorted(
        (
            [item.name, (item.label or Text.of(item.name)).to(language), item.module]
            for item in snapshot.model
            if not item.istable
        ),
        key=lambda row: str(row[1]),
    )
    roles = sorted(snapshot.model.roles)
    titles = role_titles(roles)
    with site.database.read() as connection:
        signed = meanings(connection, snapshot.model)
    return {
        "key": key, "name": name if in_force is not None else None, "published": in_force,
        "raw": earlier or (shown.body if shown else None) or in_force or starter,
        "is_draft": shown is not None and earlier is None,
        "is_earlier": earlier is not None,
        "draft": {"at": _moment(mine), "by": user.name} if mine and shown is mine else None,
        "based_on": (mine.based_on if mine and shown is mine else "") or opened_piece.state_of(in_force),
        "others": _others(key), "vocabulary": vocabulary.words(language), "doctypes": doctypes,
        "roles": [[role, titles.get(role, role)] for role in roles],
        "meanings": [[meaning, text.to(language)] for meaning, text in signed.items()],
        "rules": [
            {"name": one.name, "title": one.title.to(language), "applies_to": one.applies_to, "priority": one.priority, "group": one.group, "rule_set": one.rule_set}
            for one in snapshot.rulebook.rules.values()
        ],
        "conclusions": sorted({said for one in snapshot.rulebook.rules.values() for said in one.concludes()}),
        "words": {word: text.to(language) for word, text in WORDS.items()},
        "language": language, "csrf": web.csrf_token(),
    }  # fmt: skip


def _others(key: str) -> list[dict[str, str]]:
    """Who else works on this rule."""
    site, user = web.services(), web.current_user()
    found = [draft for draft in site.drafts.of(KIND, key) if draft.author != user.name] if key else []
    names = site.queries.titles(user, "User", [draft.author for draft in found])
    return [{"author": one.author, "name": names.get(one.author, one.author), "at": _moment(one)} for one in found]


def _moved(key: str) -> dict[str, str] | None:
    """Who has published the rule since this work on it was begun."""
    newest = opened_piece.published_since(KIND, _in_force(key)) if key and not is_new(key) else None
    if newest is None:
        return None
    return {"by": newest["published_by"], "at": _local(newest["published_at"])}


def _moment(draft: Draft) -> str:
    return _local(draft.saved_at)


def _local(at: Any) -> str:
    return str(at.astimezone(web.services().zone).strftime("%Y-%m-%d %H:%M"))


def _seen(look: Look) -> dict[str, Any]:
    language = web.language()
    return {
        "faults": [{"where": fault.where, "message": fault.text.to(language)} for fault in look.faults],
        "parts": {at: _part(part, language) for at, part in look.parts.items()},
    }


def _part(part: Part, language: str) -> dict[str, Any]:
    return {
        "sentence": {"zh": part.sentence.zh, "en": part.sentence.en},
        "tests": [None if one is None else _result(one) for one in part.tests],
        "facts": {name: vocabulary.described(found, language) for name, found in part.facts.items()},
        "tables": {at: [_finding(one, language) for one in findings] for at, findings in part.findings},
    }


def _result(result: TestResult) -> dict[str, Any]:
    entry = result.outcome.trace.of(result.rule) if result.outcome is not None else None
    said = result.outcome
    return {
        "passed": result.passed,
        "message": result.message.to(web.language()),
        "then": list(entry.then) if entry else [],
        "conditions": [_condition(one) for one in entry.conditions] if entry else [],
        "said": [fault.text.to(web.language()) for fault in (*said.faults, *said.warnings)] if said else [],
    }


def _condition(one: ConditionTrace) -> dict[str, Any]:
    language = web.language()
    return {
        "holds": one.holds,
        "label": one.label.to(language),
        "operator": one.operator_label.to(language),
        "expected": one.expected_text.to(language) if one.expected_text else "",
        "actual": one.actual_text.to(language) if one.actual_text else "",
        "parts": [_condition(part) for part in one.parts],
    }


def _finding(one: Finding, language: str) -> dict[str, Any]:
    return {"kind": one.kind, "text": one.text.to(language), "rows": list(one.rows), "is_fault": one.is_fault}


def _planned(proposal: Proposal, raw: Mapping[str, Any]) -> dict[str, Any]:
    language, in_force = web.language(), _in_force(str(raw["name"]))
    return {
        "faults": [],
        "changes": spoken_rule_changes(in_force, raw, proposal.model, language) if proposal.changed else [],
        "failing": [f"{one.title.to(language)}：{one.message.to(language)}" for one in proposal.failing],
        "tests": len(proposal.tests),
        "warnings": [fault.text.to(language) for fault in proposal.warnings if fault.rule == raw["name"]],
        "is_empty": proposal.is_empty,
        "base_version": proposal.base_version,
    }
