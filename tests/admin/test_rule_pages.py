"""What the rule builder asks the server: faults at their places, the rule read aloud, tests judged, drafts, the gate at publishing."""

from __future__ import annotations

import json
import re
from typing import Any

from admin_people import signed_in
from flask.testing import FlaskClient

from server.access.user import User
from server.exchange.packs import Source
from server.site import Site

RULE: dict[str, Any] = {
    "name": "old-faults", "title": {"zh": "旧故障", "en": "Old faults"}, "applies_to": "Service Ticket", "on": ["validate"],
    "when": {"all": [["urgency", "=", "Urgent"], {"any": [["customer", "is", "set"]]}]},
    "then": [{"warn": {"message": "Hurry: {subject}"}}],
    "tests": [{"title": "urgent", "doc": {"urgency": "Urgent", "customer": "C"}, "then": ["warn"]},
              {"title": "normal", "doc": {"urgency": "Normal"}, "then": []}],
}  # fmt: skip


class Asking:
    """The calls that the page makes."""

    def __init__(self, site: Site, login: str = "root") -> None:
        self.client: FlaskClient = signed_in(site, login)
        page = self.client.get("/admin/rules/edit?name=ticket-emergency").text
        start = page.index('id="rule-data">') + len('id="rule-data">')
        self.page: dict[str, Any] = json.loads(page[start : page.index("</script>", start)])

    def asks(self, what: str, rule: dict[str, Any], **more: Any) -> dict[str, Any]:
        sent = {"csrf_token": self.page["csrf"], "rule": json.dumps(rule), "key": "new-1", **more}
        found: dict[str, Any] = self.client.post(f"/admin/rules/{what}", data=sent).get_json()
        return found


def test_a_rule_is_looked_at_kept_as_a_draft_and_published_under_the_gate(site: Site) -> None:
    asking = Asking(site)

    seen = asking.asks("look", RULE, save=1)
    part = seen["parts"][""]
    assert (seen["faults"], [one["passed"] for one in part["tests"]]) == ([], [True, True])
    assert part["sentence"]["en"].startswith(
        "When a Service Ticket is saved, if Urgency is Urgent and (any holds: Customer is filled in)"
    )

    wrong = json.loads(json.dumps(RULE))
    wrong["when"]["all"][1]["any"][0][0] = "custmer"
    wrong["then"][0]["warn"]["message"] = "{nobody}"
    assert {fault["where"] for fault in asking.asks("look", wrong)["faults"]} == {"when.all[1].any[0]", "then[0].warn.message"}

    assert [draft.author for draft in site.drafts.of("Rule", "new-1")] == ["root"]
    assert "draft: Root" in asking.client.get("/admin/rules/").text

    failing = {**RULE, "tests": [{"title": "wrong", "doc": {"urgency": "Urgent", "customer": "C"}, "then": []}]}
    plan = asking.asks("plan", failing)
    assert plan["failing"] == ["wrong：expected nothing, got warn"]
    refused = asking.asks("publish", failing, base_version=plan["base_version"])
    assert "nothing, got warn" in refused["faults"][0]["message"]
    assert "old-faults" not in site.snapshot().rulebook.rules

    assert asking.asks("publish", failing, base_version=plan["base_version"], reason="Agreed")["published"]
    assert site.publisher.history("Rule", "old-faults")[0]["reason"] == "Agreed"
    assert site.drafts.of("Rule", "new-1") == []
    line = next(row for row in asking.client.get("/admin/rules/?state=failing").text.split("<tr") if "old-faults" in row)
    assert "1 of 1 fail" in line
    assert asking.asks("plan", RULE)["faults"][0]["message"] == "There is a rule called old-faults already."

    renamed = asking.asks("plan", {**RULE, "name": "others"}, key="old-faults")
    assert renamed["faults"] == [{"where": "name", "message": "A published rule keeps its name, old-faults."}]
    assert asking.asks("look", RULE, key="old-faults", based_on="older")["moved"]["by"] == "root"


def test_nobody_but_administrators_asks_and_a_test_holds_only_what_its_maker_may_see(site: Site) -> None:
    clerk = signed_in(site, "clerk")
    assert clerk.post("/admin/rules/look", data={"rule": "{}"}).status_code in (400, 403)
    admin = User.administrator()
    customer = site.documents.save(admin, "Customer", {"customer_name": "Acme", "customer_class": "A"}).name
    asked = Asking(site)
    rule = {
        **RULE,
        "applies_to": "Customer",
        "when": {"all": [["customer_class", "=", "A"]]},
        "then": [{"warn": "{customer_name}"}],
    }

    made = asked.asks("sample", rule, record=customer)
    assert (made["test"]["doc"], made["test"]["then"]) == ({"customer_name": "Acme", "customer_class": "A"}, ["warn"])
    _raise_level(site, "Customer", "customer_class")
    made = asked.asks("sample", rule, record=customer)
    assert (made["test"]["doc"], made["withheld"]) == ({"customer_name": "Acme"}, ["Class"])
    assert asked.asks("sample", rule, record="no such record")["faults"]


def test_who_may_read_no_record_makes_a_test_of_made_up_values(site: Site) -> None:
    site.documents.save(User.administrator(), "Customer", {"customer_name": "Acme", "customer_class": "A"})
    facts = {"many": {"count": "Customer"}, "first": {"first": "customer_name", "of": "Customer"}}
    when = {"all": [["urgency", "is", "set"], ["@many", "=", 0]]}

    made = Asking(site).asks("sample", {**RULE, "facts": facts, "when": when})["test"]

    assert made["facts"] == {"many": 0, "first": None}
    assert made["then"] == ["warn"]
    assert made["doc"]["urgency"]
    assert "Acme" not in json.dumps(made)


def test_each_version_of_a_rule_is_judged_by_its_own_tests_and_two_are_compared(site: Site) -> None:
    asking = Asking(site)
    later = {
        "valid_from": "2027-01-01",
        "when": {"all": [["urgency", "=", "Normal"]]},
        "tests": [{"title": "normal now", "doc": {"urgency": "Normal"}, "then": []}],
    }
    rule = {**RULE, "versions": [later, {"valid_from": "2028-01-01", "when": {"all": [["urgency", "=", "Nomal"]]}}]}

    seen = asking.asks("look", rule)
    assert [fault["where"] for fault in seen["faults"]] == ["versions[1].when.all[0]"]
    assert {at: [one and one["passed"] for one in part["tests"]] for at, part in seen["parts"].items()} == {
        "": [True, True], "versions[0]": [False], "versions[1]": [],
    }  # fmt: skip
    assert "Urgency is Normal" in seen["parts"]["versions[0]"]["sentence"]["en"]

    compared = asking.asks("compare", rule, one=-1, two=0)["changes"]
    assert compared[-1] == "condition added: Urgency is Normal"
    assert not any("test" in line or "2027" in line for line in compared)


def test_the_list_folds_rules_by_module_record_type_or_procedure_and_opens_what_is_asked_for(site: Site) -> None:
    client = signed_in(site, "root")

    def groups(query: str) -> dict[str, int]:
        found = re.findall(r"<summary>(.+?) <span[^>]*>(\d+)</span>", client.get(f"/admin/rules/{query}").text)
        return {title: int(number) for title, number in found}

    modules, doctypes = groups(""), groups("?by=doctype")
    assert "Delivery" in modules
    assert "Service Quotation" in doctypes
    assert sum(modules.values()) == sum(doctypes.values()) == len(site.snapshot().rulebook.rules)
    assert groups("?by=nonsense") == modules
    assert '<details class="module">' in client.get("/admin/rules/").text
    narrowed = client.get("/admin/rules/?doctype=Service+Quotation").text
    assert '<details class="module" open>' in narrowed
    assert '<details class="module">' not in narrowed
    assert '<option value="delivery" >Delivery</option>' in narrowed


def test_a_rule_stands_under_each_procedure_whose_clauses_it_implements(site: Site) -> None:
    administrator = User.administrator()
    for code, title, english in (("S02", "维修", "Repair"), ("S08", "故障", "Faults")):
        site.documents.save(administrator, "Procedure", {"code": code, "title": title, "title_en": english})
        site.documents.save(administrator, "Clause", {"code": f"{code}-01", "document": code, "kind": "rule", "text": title})
    rule = {**RULE, "source": ["S02-01", "S08-01"]}
    asking = Asking(site)
    asking.asks("publish", rule, base_version=asking.asks("plan", rule)["base_version"])

    page = asking.client.get("/admin/rules/?by=procedure").text
    held = {
        block.split("<summary>")[1].split(" <span")[0]: "old-faults" in block
        for block in page.split("<details")[1:]
        if "<summary>" in block
    }
    assert (held["S02 Repair"], held["S08 Faults"], held["Of no procedure"]) == (True, True, False)


def _raise_level(site: Site, doctype: str, fieldname: str) -> None:
    """A field that from now on only roles of level 3 see."""
    raw = json.loads(json.dumps(next(source.raw for source in site.publisher.stored() if source.name == doctype)))
    next(field for field in raw["fields"] if field["fieldname"] == fieldname)["permlevel"] = 3
    site.publisher.publish(site.publisher.propose([Source("DocType", doctype, raw)]), "tests")
