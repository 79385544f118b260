"""What the print designer asks the server: faults at their blocks, pages as pictures under the reader's right, publishing and going back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from admin_people import signed_in

from server.access.user import User
from server.site import Site

ADMIN = User.administrator()
SLIP: dict[str, Any] = {
    "doctype": "Print Format", "name": "Customer Slip", "doc_type": "Customer", "title": {"zh": "客户卡", "en": "Customer card"},
    "blocks": [{"kind": "title"}, {"kind": "fields", "names": ["customer_name"]}],
}  # fmt: skip


class Designer:
    """The calls that the page makes."""

    def __init__(self, site: Site, login: str = "root", name: str = "") -> None:
        self.client = signed_in(site, login)
        self.name = name
        page = self.client.get("/admin/formats/design" + (f"?name={name}" if name else "")).text
        start = page.index('id="print-data">') + len('id="print-data">')
        self.page: dict[str, Any] = json.loads(page[start : page.index("</script>", start)])

    def asks(self, what: str, given: dict[str, Any], **more: Any) -> dict[str, Any]:
        sent = {"csrf_token": self.page["csrf"], "format": json.dumps(given), "name": self.name, "language": "en", **more}
        found: dict[str, Any] = self.client.post(f"/admin/formats/{what}", data=sent).get_json()
        return found


@pytest.fixture
def both(site: Site) -> str:
    """An administrator who looks after customers as well."""
    roles = [{"role": "System Manager"}, {"role": "Customer Service"}]
    site.documents.save(ADMIN, "User", {"login": "both", "full_name": "Both", "enabled": 1, "roles": roles})
    site.accounts.set_password("both", "a-good-one")
    return "both"


def test_a_format_is_designed_seen_published_and_printed_by_those_who_may(site: Site, both: str) -> None:
    customer = site.documents.save(ADMIN, "Customer", {"customer_name": "Acme", "customer_class": "A"}).name
    designer = Designer(site, both)
    suggested = designer.client.get("/admin/formats/fields?doctype=Service Order").get_json()["suggested"]
    assert {"title", "fields", "table", "signatures"} <= {block["kind"] for block in suggested}

    seen = designer.asks("look", SLIP, record=customer)
    assert (seen["faults"], seen["count"], len(seen["pages"])) == ([], 1, 1)
    assert "customer_name" in seen["html"]
    wrong = {**SLIP, "blocks": [*SLIP["blocks"], {"kind": "paragraph", "field": "nmae"}]}
    fault = designer.asks("look", wrong)["faults"][0]
    assert (fault["where"], fault["message"]) == ("blocks[2]", 'Customer has no field "nmae".')
    assert designer.asks("look", {**SLIP, "name": ""})["pages"]  # no name yet: the paper is shown all the same

    plan = designer.asks("plan", SLIP)
    assert designer.asks("publish", wrong, base_version=plan["base_version"])["faults"]
    assert designer.asks("publish", SLIP, base_version=plan["base_version"], reason="Asked for")["published"]
    assert designer.asks("plan", SLIP)["faults"][0]["message"] == "There is a print format called Customer Slip already."
    assert site.publisher.history("Print Format", "Customer Slip")[0]["reason"] == "Asked for"
    found = site.printouts.printout(ADMIN, "Customer", customer, format_name="Customer Slip", language="en")
    assert found.filename == f"Customer card {customer}.pdf"

    again = Designer(site, name="Customer Slip")
    assert again.page["raw"]["blocks"] == SLIP["blocks"]
    two = {**again.page["raw"], "blocks": [{"kind": "title"}]}
    plan = again.asks("plan", two)
    assert again.asks("publish", two, base_version=plan["base_version"])["published"]
    before = again.client.get("/admin/formats/design?name=Customer Slip&version=1").text
    assert "customer_name" in before


def test_a_preview_shows_no_record_that_its_reader_may_not_print(site: Site) -> None:
    customer = site.documents.save(ADMIN, "Customer", {"customer_name": "Acme", "customer_class": "A"}).name
    designer = Designer(site)
    assert "may" in designer.asks("look", SLIP)["said"]  # made-up values: no record that this administrator may print
    refused = designer.asks("look", SLIP, record=customer)
    assert "pages" not in refused
    assert "Customer" in refused["note"]
    clerk = signed_in(site, "clerk")
    assert clerk.post("/admin/formats/look", data={"format": json.dumps(SLIP)}).status_code in (400, 403)
