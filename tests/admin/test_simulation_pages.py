"""Simulation in the browser: from the rules and from the draft in the editor, to counts, cases, a chart and a file."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any

from admin_people import signed_in
from flask.testing import FlaskClient

from server.access.user import User
from server.site import Site

NOTE = {
    "name": "Note", "autoname": "N-.#", "label": {"zh": "便条", "en": "Note"}, "track_changes": 1,
    "fields": [{"fieldname": "words", "fieldtype": "Data", "label": {"zh": "内容", "en": "Words"}}],
    "permissions": [{"role": "System Manager", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip
RULE = {
    "name": "loud", "title": {"zh": "大声", "en": "Loud"}, "applies_to": "Note", "when": {"all": [["words", "contains", "!"]]},
    "then": [{"warn": {"message": {"zh": "请小声：{words}", "en": "quietly: {words}"}}}],
}  # fmt: skip


def test_a_draft_is_simulated_from_the_editor_and_its_run_looked_at(
    site: Site, publish: Callable[..., int], admin: FlaskClient, post: Callable[..., Any]
) -> None:
    publish(site, NOTE, RULE)
    root = User("root", "Root", frozenset({"System Manager"}))
    for words in ("hello!", "=1+1?"):
        site.documents.save(root, "Note", {"words": words})
    assert 'action="/admin/simulations/start"' in admin.get("/admin/rules/edit?name=loud").text
    assert 'value="loud" selected' in admin.get("/admin/simulations/?rule=loud").text

    draft = {**RULE, "when": {"all": [["words", "contains", "?"]]}}
    period = {"first": "2026-03-01", "last": "2026-03-31"}
    address = post("/admin/simulations/", address_of_form="/admin/simulations/start", json=json.dumps(draft), **period).location
    waiting = html.unescape(admin.get(address).text)
    assert 'http-equiv="refresh"' in waiting
    assert site.simulation_runs.run_next()

    admin.get("/language/en")
    page = html.unescape(admin.get(address).text)
    assert "newly matched" in page
    assert "quietly: =1+1?" in page
    assert "2026-03: 2 judged, 1 matched" in page
    assert 'http-equiv="refresh"' not in page
    only = html.unescape(admin.get(address + "&verdict=gone").text)
    assert ("N-1" in only, ">N-2<" in only) == (True, False)
    sheet = admin.get(address.replace("/run?", "/csv?"))
    assert (sheet.mimetype, "N-2" in sheet.text, "'=1+1" in sheet.text) == ("text/csv", True, False)
    assert signed_in(site, "clerk").get(address).status_code == 403

    refused = post("/admin/simulations/", address_of_form="/admin/simulations/start", json="{", **period)
    assert (refused.status_code, "JSON" in refused.text) == (422, True)
    refused = post("/admin/simulations/", address_of_form="/admin/simulations/start", rule="loud", first="soon", last="")
    assert (refused.status_code, "soon" in refused.text) == (422, True)


def test_the_analysis_names_what_is_wrong_with_the_rules_in_force(
    site: Site, publish: Callable[..., int], admin: FlaskClient
) -> None:
    admin.get("/language/en")
    assert "Nothing was found." in admin.get("/admin/analysis/").text
    never = {**RULE, "name": "never", "when": {"all": [["words", "=", "a"], ["words", "=", "b"]]}}
    publish(site, NOTE, RULE, never)
    page = html.unescape(admin.get("/admin/analysis/").text)
    assert 'The rule "Loud" (never) never matches' in page
    assert 'href="/admin/rules/edit?name=never"' in page
    assert "Nothing was found." in admin.get("/admin/analysis/?kind=twice").text
    assert 'href="/admin/analysis/"' in admin.get("/admin/rules/").text
    assert signed_in(site, "clerk").get("/admin/analysis/").status_code == 403
