"""Rule sets in the browser: begun, filled, switched, published from drafts and taken back as one, each under the gate for failing tests."""

from __future__ import annotations

import re
from typing import Any

from admin_people import signed_in
from flask.testing import FlaskClient

from server.core.ids import digest
from server.core.values import canonical
from server.exchange.packs import Source
from server.site import Site


def rule(name: str, doctype: str, field: str, **more: Any) -> dict[str, Any]:
    when = {"all": [[field, "is", "set"]]}
    return {"name": name, "title": name.title(), "applies_to": doctype, "when": when, "then": [{"warn": "much"}], **more}


class Asking:
    """What the page of a set is asked: first for the plan, then to do it."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name
        self.client: FlaskClient = signed_in(site, "root")

    def plans(self, action: str, **more: Any) -> str:
        page = self.client.get("/admin/rule-sets/")
        self.token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.client.get("/admin/packs/").text)[1]  # type: ignore[index]
        assert page.status_code == 200
        return self._send(action, **more).text

    def does(self, action: str, reason: str = "", **more: Any) -> Any:
        base = re.search(r'name="base" value="(\d+)"', self.plans(action, **more))
        assert base is not None
        return self._send(action, base=base[1], reason=reason, **more)

    def _send(self, action: str, **more: Any) -> Any:
        return self.client.post(
            "/admin/rule-sets/change", data={"csrf_token": self.token, "name": self.name, "action": action, **more}
        )

    @property
    def members(self) -> dict[str, bool]:
        found = self.site.snapshot().rulebook.rules.values()
        return {one.name: one.enabled for one in found if one.rule_set == self.name}


def test_a_set_is_filled_and_its_drafts_published_as_one_with_a_reason_where_tests_fail(site: Site) -> None:
    one, two = rule("one", "Customer", "customer_name"), rule("two", "Service Ticket", "subject")
    site.publisher.publish(site.publisher.propose([Source("Rule", raw["name"], raw) for raw in (one, two)]), "tests")
    asking = Asking(site, "both")
    assert "One" in asking.plans("members", member=["one", "two"])
    assert asking.members == {}
    asking.does("members", member=["one", "two"], reason="They belong together")
    assert asking.members == {"one": True, "two": True}
    page = asking.client.get("/admin/rule-sets/set?name=both").text
    assert "They belong together" in page
    assert "Root" in page

    rules = site.snapshot().rulebook.rules
    red = {**rules["two"].raw, "priority": 5, "tests": [{"title": "nothing", "doc": {"subject": "A"}, "then": []}]}
    site.drafts.save("Rule", "one", "root", {**rules["one"].raw, "priority": 5}, digest(canonical(rules["one"].raw)))
    site.drafts.save("Rule", "two", "root", red, digest(canonical(rules["two"].raw)))
    refused = asking.does("drafts")
    assert refused.status_code == 417
    assert "tests of the rules fail" in refused.text
    assert {site.snapshot().rulebook.rules[name].priority for name in ("one", "two")} == {100}
    asking.does("drafts", reason="Agreed")
    assert {site.snapshot().rulebook.rules[name].priority for name in ("one", "two")} == {5}
    assert site.drafts.all("Rule") == []
    assert site.publisher.history("Rule", "one")[0]["reason"] == "Agreed"


def test_taking_a_publication_back_whose_rules_fail_asks_for_the_reason(site: Site) -> None:
    red = rule("red", "Customer", "customer_name", tests=[{"title": "nothing", "doc": {"customer_name": "A"}, "then": []}])
    site.publisher.publish(site.publisher.propose([Source("Rule", "red", red)]), "tests", reason="Agreed")
    version = site.publisher.publish(site.publisher.propose([Source("Rule", "red", {**red, "tests": []})]), "tests")
    client = signed_in(site, "root")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/admin/plans/").text)[1]  # type: ignore[index]

    def asked(**more: Any) -> Any:
        return client.post("/admin/plans/undo", data={"csrf_token": token, "version": version, **more})

    planned = asked().text
    assert 'name="reason"' in planned
    assert "nothing: expected nothing, got warn" in planned
    assert asked(base=version).status_code == 417
    assert asked(base=version, reason="Back to what was agreed").status_code == 302
    assert site.publisher.history("Rule", "red")[0]["reason"] == "Back to what was agreed"
