"""Why rules spoke at the save that made a version, on a page that the record's history leads to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from server.access.user import User
from server.exchange.packs import Source
from server.site import Site

CLAUSE = {
    "name": "Clause", "autoname": "field:code", "permissions": [{"role": "All", "read": 1}],
    "fields": [{"fieldname": "code", "fieldtype": "Data"}, {"fieldname": "text", "fieldtype": "Data"},
               {"fieldname": "expectation", "fieldtype": "Data"}],
}  # fmt: skip
MANY = {
    "name": "many-tools", "title": {"zh": "借用超过 5 件", "en": "More than five tools"}, "source": ["S99-01"], "applies_to": "Tool Loan",
    "when": {"all": [["qty", ">", 5], {"any": [["qty", "<", 8], ["qty", ">", 77777]]}]}, "then": [{"warn": {"message": {"zh": "借用 {qty} 件。", "en": "{qty} tools."}}}],
}  # fmt: skip
DEAR = {
    "name": "dear-tools", "title": {"zh": "原值很高", "en": "Dear tools"}, "applies_to": "Tool Loan",
    "when": {"all": [["price", ">", 5000]]}, "then": [{"warn": {"message": {"zh": "很贵。", "en": "Dear."}}}],
}  # fmt: skip


@pytest.fixture
def ruled(site: Site) -> Iterator[Site]:
    """The crib with rules; other tests of the module do without them."""
    pieces = [Source("DocType", "Clause", CLAUSE), *(Source("Rule", str(raw["name"]), raw) for raw in (MANY, DEAR))]
    site.publisher.publish(site.publisher.propose(pieces), "tests")
    if "S99-01" not in site.queries.clause_texts(["S99-01"]):
        words = {"code": "S99-01", "text": "一次最多借五件", "expectation": "five at most"}
        site.documents.save(User.administrator(), "Clause", words)
    yield site
    gone = [("Rule", str(raw["name"])) for raw in (MANY, DEAR)]
    site.publisher.publish(site.publisher.propose([], removed=gone), "tests", removed=gone)


def test_each_version_tells_its_own_reasons_with_the_clause_as_far_as_the_reader_sees(
    ruled: Site, lends: Callable[..., str], li: User, signed_in: FlaskClient
) -> None:
    name = lends(qty=7)
    ruled.documents.save(User.administrator(), "Tool Loan", {"qty": 2, "price": "9000"}, name=name, version=1)

    form = signed_in.get(f"/form/Tool Loan/{name}").text
    assert f'href="/why/Tool%20Loan/{name}?version=1"' in form
    first, second = (signed_in.get(f"/why/Tool Loan/{name}?version={version}").text for version in (1, 2))
    assert "借用超过 5 件" in first
    assert "一次最多借五件" in first
    assert 'class="why-rule is-matched"' in first
    assert "李工" in first
    assert first.count("is-matched") == 1
    folded = first.partition("另有 1 项不成立")[2].partition("</details>")[0]
    assert "77,777" in folded  # the alternative that does not hold is a press away
    assert "77,777" not in first.replace(folded, "")
    assert second.count("is-matched") == 1  # the dear one, of which Li may know that it matched
    assert "9000" not in second
    assert "9,000" not in second
    told = second.partition("is-matched")[2].partition("此规则用到您无权查看的内容")[0]
    assert "此规则用到您无权查看的内容" in second
    assert "why-conditions" not in told  # names of fields without what was asked of them say nothing
    assert "没有规则涉及" in signed_in.get(f"/why/Tool Loan/{name}?version=9").text


def test_the_form_tells_the_rules_that_did_not_match_to_who_asks_for_them(
    ruled: Site, lends: Callable[..., str], signed_in: FlaskClient
) -> None:
    name = lends(qty=2)

    form = signed_in.get(f"/form/Tool Loan/{name}").text
    asked = re.search(r'data-later="(/why-others/[^"]+)"', form)
    assert asked is not None
    assert "is-quiet" not in form
    assert f'href="/why/Tool%20Loan/{name}"' in form  # for those without scripts
    others = signed_in.get(asked[1]).text
    assert "借用超过 5 件" in others
    assert "一次最多借五件" in others
    assert "<html" not in others


def test_who_may_not_read_the_record_is_not_told(lends: Callable[..., str], visitor: FlaskClient) -> None:
    name = lends()
    for page in ("why", "why-others", "timeline"):
        assert visitor.get(f"/{page}/Tool Loan/{name}").status_code in (302, 303)
