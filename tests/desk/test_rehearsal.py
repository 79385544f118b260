"""What is said beside a field while one types is what the save would say; nothing is kept of it."""

from __future__ import annotations

from typing import Any

import pytest
from desk_tool_crib import LOAN

from server.access.user import User
from server.core.errors import PermissionRefused, ValidationFailed
from server.exchange.packs import Source
from server.site import Site


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"tool": ""}, id="a mandatory field is empty"),
        pytest.param({"tool": "深度尺", "qty": "两把", "lent_at": "昨天"}, id="values that cannot be read"),
        pytest.param({"tool": "x" * 141}, id="too long"),
        pytest.param({"tool": "深度尺", "kind": "Hammer"}, id="no such choice"),
        pytest.param({"tool": "深度尺", "borrower": "nobody"}, id="a link that leads nowhere"),
        pytest.param({"tool": "深度尺", "parts": [{"part": "盒", "count": "1.5"}]}, id="in a row"),
    ],
)
def test_it_says_what_the_save_says(site: Site, li: User, values: dict[str, Any]) -> None:
    before = site.queries.count(li, "Tool Loan").value
    with pytest.raises(ValidationFailed) as refused:
        site.documents.save(li, "Tool Loan", values)

    faults, warnings = site.rehearsal.save(li, "Tool Loan", values)

    assert [(fault.where, fault.text) for fault in faults] == [(fault.where, fault.text) for fault in refused.value.faults]
    assert (warnings, site.queries.count(li, "Tool Loan").value) == ((), before)


def test_a_record_in_order_is_told_nothing(site: Site, li: User) -> None:
    assert site.rehearsal.save(li, "Tool Loan", {"tool": "深度尺", "qty": "2", "parts": [{"part": "盒"}]}) == ((), ())


def test_who_may_not_make_such_records_is_told_nothing_of_them(site: Site, li: User) -> None:
    with pytest.raises(PermissionRefused):
        site.rehearsal.save(li, "User", {"login": "wu"})


def test_who_may_only_read_a_record_finds_nothing_out_about_it_by_trying(site: Site, li: User) -> None:
    """What rules say of a record may follow from fields that its reader does not see."""
    held = LOAN | {"name": "Tool Held", "permissions": [{"role": "All", "read": 1}]}
    watch = {
        "name": "dear-tool", "title": {"zh": "贵重", "en": "Dear"}, "source": [], "applies_to": "Tool Held", "on": ["validate"],
        "when": {"all": [["price", ">", 100]]}, "then": [{"block": {"message": {"zh": "超过一百", "en": "Above a hundred"}}}], "tests": [],
    }  # fmt: skip
    name = _published(
        site, held, lambda: site.documents.save(User.administrator(), "Tool Held", {"tool": "x", "price": 900}).name
    )
    _published(site, watch)

    with pytest.raises(PermissionRefused):
        site.rehearsal.save(li, "Tool Held", {"tool": "y"}, name=name)


def _published(site: Site, piece: dict[str, Any], then: Any = lambda: "") -> str:
    kind = "DocType" if "fields" in piece else "Rule"
    site.publisher.publish(site.publisher.propose([Source(kind, piece["name"], piece)]), "tests")
    return str(then())
