"""What stands beside a form: connected records by `links`, with a way to make one, and the buttons of `actions`."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from server.access.user import User
from server.exchange.packs import Source
from server.site import Site

ADMIN = User.administrator()
RIGHTS = [{"role": "All", "read": 1, "write": 1, "create": 1}]
BENCH: dict[str, Any] = {
    "name": "Test Bench", "autoname": "field:code", "permissions": RIGHTS, "fields": [{"fieldname": "code", "fieldtype": "Data"}],
    "links": [{"link_doctype": "Bench Check", "link_fieldname": "bench", "group": {"zh": "检查", "en": "Checks"}},
              {"link_doctype": "Bench Repair", "link_fieldname": "bench", "hidden": 1},
              {"link_doctype": "Elsewhere", "link_fieldname": "bench"}],
    "actions": [{"label": {"zh": "全部检查", "en": "All checks"}, "action_type": "Route", "action": "/list/Bench Check?f=bench&o==&v={name}"},
                {"label": "Old list", "action_type": "Route", "action": "List/Bench Check/List"},
                {"label": "Script", "action_type": "Route", "action": "javascript:alert(1)"},
                {"label": "Recount", "action_type": "Server Action", "action": "elsewhere.recount"}],
}  # fmt: skip
BENCH_LINK = {"fieldname": "bench", "fieldtype": "Link", "options": "Test Bench"}


@pytest.fixture(scope="module")
def bench(site: Site) -> str:
    others = [
        {"name": name, "permissions": RIGHTS, "fields": [BENCH_LINK]} for name in ("Bench Check", "Bench Repair", "Bench Visit")
    ]
    proposal = site.publisher.propose([Source("DocType", piece["name"], piece) for piece in (BENCH, *others)])
    assert [warning.where for warning in proposal.warnings if warning.where.startswith("Test Bench")] == [
        "Test Bench: actions[2].action",
        "Test Bench: actions[3].action",
    ]
    site.publisher.publish(proposal, "tests")
    made = site.documents.save(ADMIN, "Test Bench", {"code": "B 1"}).name
    for doctype in ("Bench Repair", "Bench Visit", "Bench Visit"):
        site.documents.save(ADMIN, doctype, {"bench": made})
    return made


def test_listed_links_stand_first_also_without_records_and_hidden_ones_nowhere(site: Site, bench: str) -> None:
    found = site.queries.connections(site.user("li"), "Test Bench", bench)

    assert [(each.doctype.name, each.number, each.group.zh, each.may_create) for each in found] == [
        ("Bench Check", 0, "检查", True), ("Bench Visit", 2, "", False),
    ]  # fmt: skip


def test_the_form_leads_to_them_and_to_a_new_one_and_shows_the_buttons_that_open_a_page(
    signed_in: FlaskClient, bench: str
) -> None:
    page = signed_in.get(f"/form/Test Bench/{bench}").get_data(as_text=True)

    assert 'href="/form/Bench%20Check/new?bench=B%201"' in page
    assert 'href="/list/Bench Check?f=bench&amp;o==&amp;v=B%201">全部检查</a>' in page
    assert 'href="/list/Bench%20Check">Old list</a>' in page
    assert "javascript:alert" not in page
    assert "Recount" not in page
