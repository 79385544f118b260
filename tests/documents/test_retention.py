"""Records that a procedure keeps for years are deleted by nobody before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import NotFound, ValidationFailed
from server.site import Site

Publish = Callable[..., int]
ADMIN = User.administrator()


def doctype(**more: Any) -> dict[str, Any]:
    note = {"fieldname": "note", "fieldtype": "Data"}
    return {"doctype": "DocType", "name": "Note", "fields": [note], "retention_years": 5, "source": ["S08-12"], **more}


def test_it_is_refused_to_the_day_and_allowed_after(empty_site: Site, publish: Publish, clock: SettableClock) -> None:
    publish(empty_site, doctype())
    name = empty_site.documents.save(ADMIN, "Note", {"note": "x"}).name

    clock.set(datetime(2031, 3, 2, 0, 59, tzinfo=UTC))
    with pytest.raises(ValidationFailed, match=r"kept for 5 years \(clauses S08-12\).*before 2031-03-02"):
        empty_site.documents.delete(ADMIN, "Note", name)
    clock.set(datetime(2031, 3, 2, 1, 0, tzinfo=UTC))
    empty_site.documents.delete(ADMIN, "Note", name)

    with pytest.raises(NotFound):
        empty_site.documents.load(ADMIN, "Note", name)


def test_a_record_of_a_leap_day_is_kept_to_the_end_of_february(
    empty_site: Site, publish: Publish, clock: SettableClock
) -> None:
    clock.set(datetime(2028, 2, 29, 1, 0, tzinfo=UTC))
    publish(empty_site, doctype())
    name = empty_site.documents.save(ADMIN, "Note", {"note": "x"}).name

    with pytest.raises(ValidationFailed, match="before 2033-02-28"):
        empty_site.documents.delete(ADMIN, "Note", name)


def test_a_draft_that_was_never_submitted_is_no_record_yet(empty_site: Site, publish: Publish) -> None:
    publish(empty_site, doctype(is_submittable=1))
    name = empty_site.documents.save(ADMIN, "Note", {"note": "x"}).name

    empty_site.documents.delete(ADMIN, "Note", name)

    assert empty_site.queries.count(ADMIN, "Note").value == 0
