"""What a new record is called, and the one record of a Single."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from server.access.user import User
from server.core.errors import DuplicateValue, PermissionRefused, ValidationFailed
from server.site import Site

Publish = Callable[..., int]
ADMIN = User.administrator()
RIGHTS = [{"role": "System Manager", "read": 1, "write": 1, "create": 1}, {"role": "Clerk", "read": 1, "write": 1}]


def doctype(**more: Any) -> dict[str, Any]:
    note = {"fieldname": "note", "fieldtype": "Data", "default": "未填写"}
    return {"doctype": "DocType", "name": "Note", "fields": [note], "permissions": RIGHTS, **more}


def test_a_prompted_name_is_asked_for_and_taken_once(any_site: Site, publish: Publish) -> None:
    publish(any_site, doctype(autoname="Prompt"))

    with pytest.raises(ValidationFailed) as refused:
        any_site.documents.save(ADMIN, "Note", {"note": "x"})
    assert refused.value.faults[0].where == "name"
    assert any_site.documents.save(ADMIN, "Note", {"__newname": "甲"}).name == "甲"
    with pytest.raises(DuplicateValue):
        any_site.documents.save(ADMIN, "Note", {"name": "甲"})


def test_autoincrement_counts_up_and_a_uuid_is_one(any_site: Site, publish: Publish) -> None:
    publish(any_site, doctype(autoname="autoincrement"), doctype(name="Other Note", autoname="UUID"))

    assert [any_site.documents.save(ADMIN, "Note", {}).name for _ in range(3)] == ["1", "2", "3"]
    assert str(UUID(any_site.documents.save(ADMIN, "Other Note", {}).name))


def test_a_single_has_its_defaults_until_somebody_fills_it_in_and_stays_one(any_site: Site, publish: Publish) -> None:
    publish(any_site, doctype(issingle=1))

    assert any_site.documents.load(ADMIN, "Note", "Note")["note"] == "未填写"
    clerk = User("clerk", roles=frozenset({"Clerk"}))
    any_site.documents.save(clerk, "Note", {"note": "一"}, name="Note")
    any_site.documents.save(clerk, "Note", {"note": "二"})

    assert any_site.documents.load(ADMIN, "Note", "Note")["note"] == "二"
    assert any_site.queries.count(ADMIN, "Note").value == 1


def test_a_single_is_filled_in_only_by_who_may_change_it(any_site: Site, publish: Publish) -> None:
    publish(any_site, doctype(issingle=1))

    with pytest.raises(PermissionRefused):
        any_site.documents.save(User("guest"), "Note", {"note": "一"})
