"""What is said beside a field while one types is what the save would say; nothing is kept of it."""

from __future__ import annotations

from typing import Any

import pytest

from server.access.user import User
from server.core.errors import PermissionRefused, ValidationFailed
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
