"""A draft goes back to what it was: fields, rows that were added, removed, changed and moved; the timeline tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.access.user import User
from server.core.errors import StaleVersion, ValidationFailed
from server.core.text import Text
from server.core.values import canonical
from server.site import Site

Publish = Callable[..., int]
ADMIN = User.administrator()
RIGHTS = [{"role": "System Manager", "read": 1, "write": 1, "create": 1, "submit": 1}]
LINE = {
    "doctype": "DocType", "name": "Plan Line", "istable": 1,
    "fields": [{"fieldname": "what", "fieldtype": "Data"}, {"fieldname": "qty", "fieldtype": "Float"}],
}  # fmt: skip
PLAN = {
    "doctype": "DocType", "name": "Plan", "autoname": "hash", "is_submittable": 1, "permissions": RIGHTS,
    "fields": [
        {"fieldname": "title", "fieldtype": "Data"},
        {"fieldname": "due", "fieldtype": "Date"},
        {"fieldname": "lines", "fieldtype": "Table", "options": "Plan Line"},
        {"fieldname": "total", "fieldtype": "Float", "formula": "sum(lines.qty)"},
        {"fieldname": "secret", "fieldtype": "Password"},
    ],
}  # fmt: skip


@pytest.fixture
def plans(any_site: Site, publish: Publish) -> Site:
    publish(any_site, LINE, PLAN)
    return any_site


def content(site: Site, name: str) -> str:
    record = site.documents.load(ADMIN, "Plan", name)
    return canonical({key: record[key] for key in ("title", "due", "lines", "total")})


def test_a_draft_goes_back_and_forth(plans: Site) -> None:
    first = {"title": "一", "due": "2026-03-02", "lines": [{"what": "车", "qty": 2}, {"what": "铣", "qty": 3}], "secret": "s"}
    name = plans.documents.save(ADMIN, "Plan", first).name
    before, rows = content(plans, name), plans.documents.load(ADMIN, "Plan", name)["lines"]
    plans.documents.save(
        ADMIN, "Plan", {"title": "二", "due": None, "lines": [{"what": "磨", "qty": 9}, rows[1] | {"qty": 7}]}, name=name
    )
    after = content(plans, name)

    plans.documents.restore(ADMIN, "Plan", name, 1)
    assert content(plans, name) == before
    plans.documents.restore(ADMIN, "Plan", name, 2)

    assert content(plans, name) == after
    assert plans.queries.history(ADMIN, "Plan", name)[0].reason == Text("恢复到第 2 版", "back to version 2")
    assert plans.documents.secret(ADMIN, "Plan", name, "secret") == "s"


def test_only_a_draft_goes_back_and_only_to_what_it_was(plans: Site) -> None:
    name = plans.documents.save(ADMIN, "Plan", {"title": "一"}).name
    plans.documents.save(ADMIN, "Plan", {"title": "二"}, name=name)

    with pytest.raises(ValidationFailed, match="cannot go back to version 7"):
        plans.documents.restore(ADMIN, "Plan", name, 7)
    with pytest.raises(StaleVersion):
        plans.documents.restore(ADMIN, "Plan", name, 1, version=1)
    plans.documents.submit(ADMIN, "Plan", name)
    with pytest.raises(ValidationFailed, match="only a draft can"):
        plans.documents.restore(ADMIN, "Plan", name, 1)


ROW = st.fixed_dictionaries({"what": st.sampled_from(["车", "铣", "磨", None]), "qty": st.none() | st.integers(0, 3)})


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), count=st.integers(2, 5))
def test_whatever_was_edited_every_version_comes_back_as_it_was(plans: Site, data: st.DataObject, count: int) -> None:
    name = plans.documents.save(ADMIN, "Plan", {"title": "0", "lines": data.draw(st.lists(ROW, max_size=3))}).name
    contents = {1: content(plans, name)}
    for number in range(2, count + 1):
        present: list[Any] = plans.documents.load(ADMIN, "Plan", name)["lines"]
        kept = data.draw(st.permutations(present)) if present else []
        kept = kept[: data.draw(st.integers(0, len(kept)))]
        edited = [row | data.draw(ROW) if data.draw(st.booleans()) else row for row in kept]
        new = data.draw(st.lists(ROW, max_size=2))
        at = data.draw(st.integers(0, len(edited)))
        plans.documents.save(ADMIN, "Plan", {"title": str(number), "lines": edited[:at] + new + edited[at:]}, name=name)
        contents[number] = content(plans, name)

    for number in data.draw(st.permutations(sorted(contents))):
        plans.documents.restore(ADMIN, "Plan", name, number)
        assert content(plans, name) == contents[number]
