"""One change of many records: each judged by itself, and what became of each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from documents_shop import order

from server.access.user import User
from server.core.errors import StorageUnavailable, ValidationFailed
from server.core.text import Text
from server.documents.bulk import changeable
from server.site import Site


@pytest.fixture
def placed(shop: Site, clerk: User) -> list[str]:
    return [shop.documents.save(clerk, "Order", order(subject=f"order {number}")).name for number in range(4)]


def subjects(shop: Site, clerk: User) -> list[str]:
    rows = shop.queries.list(clerk, "Order", fields=["subject"], order_by="name asc").rows
    return [row["subject"] for row in rows]


def test_one_that_is_refused_keeps_no_other_from_being_changed(shop: Site, clerk: User, placed: list[str]) -> None:
    shop.documents.submit(clerk, "Order", placed[1])

    outcome = shop.bulk.change(clerk, "Order", [*placed, placed[0], "OR-none"], {"subject": "all alike"})

    assert outcome.done == [placed[0], placed[2], placed[3]]
    assert [name for name, _ in outcome.refused] == [placed[1], "OR-none"]
    assert subjects(shop, clerk) == ["all alike", "order 1", "all alike", "all alike"]
    assert shop.documents.load(clerk, "Order", placed[0])["version"] == 2  # named twice, changed once


def test_rules_of_single_records_hold(shop: Site, clerk: User, placed: list[str]) -> None:
    outcome = shop.bulk.change(clerk, "Order", placed, {"status": "Closed"})  # which needs a reason

    assert (outcome.done, len(outcome.refused)) == ([], 4)
    assert [fault.where for fault in outcome.refused[0][1].faults] == ["reason"]


def test_submitting_cancelling_and_deleting(shop: Site, clerk: User, placed: list[str]) -> None:
    assert shop.bulk.submit(clerk, "Order", placed[:2]).done == placed[:2]
    outcome = shop.bulk.delete(clerk, "Order", placed)
    assert (outcome.done, [name for name, _ in outcome.refused]) == (placed[2:], placed[:2])

    assert shop.bulk.cancel(clerk, "Order", placed[:2], "wrong customer").done == placed[:2]
    assert shop.queries.history(clerk, "Order", placed[0])[0].reason.en == "wrong customer"


def test_nobody_gets_more_rights_by_it(shop: Site, boss: User, placed: list[str]) -> None:
    outcome = shop.bulk.delete(boss, "Order", placed)
    assert (outcome.done, len(outcome.refused)) == ([], 4)


def test_too_many_are_refused_before_any_is_changed(shop: Site, clerk: User, placed: list[str]) -> None:
    with pytest.raises(ValidationFailed, match="501 records are chosen; at most 500"):
        shop.bulk.change(clerk, "Order", [*placed, *map(str, range(497))], {"subject": "x"})
    assert "x" not in subjects(shop, clerk)


def test_a_database_that_is_gone_is_not_waited_for_at_each_record(
    shop: Site, clerk: User, placed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def gone(user: User, doctype: str, name: str) -> None:
        asked.append(name)
        raise StorageUnavailable(Text("数据库不可用。", "The database is gone."))

    monkeypatch.setattr(shop.documents, "submit", gone)
    outcome = shop.bulk.submit(clerk, "Order", placed)

    assert (asked, [name for name, _ in outcome.refused]) == (placed[:1], placed)


@pytest.mark.parametrize(
    ("who", "fields"),
    [("clerk", ["subject", "status", "reason", "note"]), ("boss", ["subject", "status", "reason", "note", "discount"])],
)
def test_which_fields_may_get_one_value(
    shop: Site, who: str, fields: list[str], request: pytest.FixtureRequest, publish: Callable[..., int]
) -> None:
    model = shop.snapshot().model
    user: User = request.getfixturevalue(who)
    assert [item.fieldname for item in changeable(model, user, model["Order"])] == fields  # neither unique nor computed ones
