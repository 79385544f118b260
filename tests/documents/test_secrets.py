"""Password fields: sealed in storage, shown to nobody, kept when the mask comes back, given to those who may change the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from every_type import EVERY_TYPE, FILLED
from sqlalchemy import text

from server.access.user import User
from server.access.vault import SealBroken, Vault
from server.core.errors import PermissionRefused, StaleVersion, ValidationFailed
from server.metadata.fieldtypes.password import MASK
from server.site import Site
from server.storage import audit

Publish = Callable[..., int]
NAME = FILLED["name"]


@pytest.fixture
def visits(any_site: Site, publish: Publish) -> Site:
    publish(any_site, *EVERY_TYPE)
    admin = User.administrator()
    for symptom in ("主轴异响", "漏油"):
        any_site.documents.save(admin, "Symptom", {"title": symptom})
    any_site.documents.save(admin, "Site Visit", FILLED)
    return any_site


def stored(site: Site) -> list[Any]:
    with site.database.read() as connection:
        rows = connection.execute(text("select password from tab_site_visit")).scalars().all()
        return [*rows, *audit.history(connection, "Site Visit", NAME)]


def test_neither_the_table_nor_the_versions_hold_it_in_clear(visits: Site) -> None:
    kept = repr(stored(visits))

    assert "sealed:" in kept
    assert FILLED["password"] not in kept


def test_nobody_reads_it(visits: Site) -> None:
    admin = User.administrator()

    seen = [
        visits.documents.load(admin, "Site Visit", NAME),
        visits.queries.list(admin, "Site Visit", fields=["*"]).rows[0],
        visits.documents.save(admin, "Site Visit", {"icon": "gear"}, name=NAME).record,
    ]
    changes = [change for entry in visits.queries.history(admin, "Site Visit", NAME) for change in entry.changes]

    assert [record["password"] for record in seen] == [MASK] * 3
    assert [change["new"] for change in changes if change["field"] == "password"] == [MASK]


def test_nobody_groups_sorts_or_guesses_by_it_sealed_or_not(visits: Site) -> None:
    admin, count = User.administrator(), [("count", "name", "n")]

    with pytest.raises(ValidationFailed):
        visits.queries.group(admin, "Site Visit", group_by="password", aggregates=count)
    with pytest.raises(ValidationFailed):
        visits.queries.list(admin, "Site Visit", order_by="password asc")
    with pytest.raises(ValidationFailed):
        visits.queries.count(admin, "Site Visit", filters=[("password", "like", "sealed:%")])
    assert visits.queries.count(admin, "Site Visit", filters=[("password", "is", "set")]).value == 1


def test_the_mask_that_comes_back_keeps_it_and_another_text_replaces_it(visits: Site) -> None:
    admin = User.administrator()

    visits.documents.save(admin, "Site Visit", {"password": MASK, "icon": "gear"}, name=NAME)
    assert visits.documents.secret(admin, "Site Visit", NAME, "password") == FILLED["password"]
    visits.documents.save(admin, "Site Visit", {"password": "新密码"}, name=NAME)
    assert visits.documents.secret(admin, "Site Visit", NAME, "password") == "新密码"
    visits.documents.save(admin, "Site Visit", {"password": ""}, name=NAME)
    assert visits.documents.secret(admin, "Site Visit", NAME, "password") is None


def test_a_program_gets_it_only_for_who_may_change_the_record(visits: Site) -> None:
    reader = User("reader", "读者", frozenset({"All"}))

    with pytest.raises(PermissionRefused):
        visits.documents.secret(reader, "Site Visit", NAME, "password")


def test_two_editors_are_not_told_it(visits: Site) -> None:
    admin = User.administrator()
    visits.documents.save(admin, "Site Visit", {"icon": "gear"}, name=NAME)

    with pytest.raises(StaleVersion) as stale:
        visits.documents.save(admin, "Site Visit", {"icon": "bell", "password": "另一个"}, name=NAME, version=1)

    assert [difference.fieldname for difference in stale.value.differences] == ["icon"]
    assert "sealed:" not in repr(stale.value.differences)


def test_another_site_key_opens_nothing_and_says_so() -> None:
    sealed = Vault("one key").seal("诊断-2026")

    with pytest.raises(SealBroken, match=r"secret\.key"):
        Vault("another key").open(sealed)
