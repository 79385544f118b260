"""One record opened to one person: what that gives, what it does not, who may, and that it can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from documents_shop import LINE, ORDER, PART, ROLE, order

from server.access.directory import load_user
from server.access.explain import explain
from server.access.user import User
from server.core.errors import NotFound, PermissionRefused, ValidationFailed
from server.site import Site
from server.storage import audit

Publish = Callable[..., int]
ADMIN = User.administrator()
CORE = ("User", "Role", "Has Role", "Department", "User Permission")


@pytest.fixture
def shop(empty_site: Site, publish: Publish, shipped_doctypes: Mapping[str, dict[str, object]]) -> Site:
    """Orders that clerks make and may share; Lin (a stranger to orders) and Zhou (a stranger too)."""
    sharing_order = {
        **ORDER,
        "allow_rename": 1,
        "permissions": [{"role": "Clerk", **ROLE, "share": 1}, *ORDER["permissions"][1:]],
    }
    publish(empty_site, *(shipped_doctypes[name] for name in CORE), PART, LINE, sharing_order)
    for role in ("Clerk", "Boss"):
        empty_site.documents.save(ADMIN, "Role", {"role_name": role})
    for login, roles in (("clerk", ["Clerk"]), ("lin", []), ("zhou", []), ("boss", ["Boss"])):
        values = {"login": login, "full_name": login.title(), "enabled": 1, "roles": [{"role": role} for role in roles]}
        empty_site.documents.save(ADMIN, "User", values)
    empty_site.documents.save(ADMIN, "Part", {"code": "P1", "price": "6800"})
    empty_site.documents.save(ADMIN, "Part", {"code": "P2", "price": "12.50"})
    return empty_site


def placed(shop: Site, **values: Any) -> str:
    return shop.documents.save(shop.user("clerk"), "Order", order(**values)).name


def found_by(shop: Site, user: User) -> tuple[set[str], set[str], int]:
    listed = {row["name"] for row in shop.queries.list(user, "Order").rows}
    searched = {item.name for item in shop.queries.find(user, "OR-") if item.doctype.name == "Order"}
    return listed, searched, shop.queries.count(user, "Order").value


def test_it_opens_this_record_and_no_other(shop: Site) -> None:
    mine, other = placed(shop), placed(shop)
    with pytest.raises(PermissionRefused):
        shop.documents.load(shop.user("lin"), "Order", mine)

    shop.sharing.share(shop.user("clerk"), "Order", mine, "lin")

    lin = shop.user("lin")
    assert shop.documents.load(lin, "Order", mine)["subject"] == "two parts"
    assert found_by(shop, lin) == ({mine}, {mine}, 1)
    assert shop.printouts.pdf(lin, "Order", mine).startswith(b"%PDF")
    assert [row["name"] for row in shop.queries.list(lin, "Order", filters=[("name", "in", [mine, other])]).rows] == [mine]
    for refused in (
        lambda: shop.documents.load(lin, "Order", other),
        lambda: shop.documents.save(lin, "Order", {"subject": "x"}, name=mine),
        lambda: shop.documents.submit(lin, "Order", mine),
        lambda: shop.documents.delete(lin, "Order", mine),
        lambda: shop.sharing.share(lin, "Order", mine, "zhou"),
        lambda: shop.documents.save(lin, "Order", order()),
    ):
        with pytest.raises(PermissionRefused):
            refused()


def test_what_may_be_changed_and_what_stays_hidden(shop: Site) -> None:
    mine = placed(shop)
    shop.documents.save(shop.user("boss"), "Order", {"discount": 5}, name=mine)
    shop.sharing.share(shop.user("clerk"), "Order", mine, "lin", write=True)
    lin = shop.user("lin")

    shop.documents.save(lin, "Order", {"subject": "changed"}, name=mine)

    assert shop.documents.load(lin, "Order", mine)["subject"] == "changed"
    assert "discount" not in shop.documents.load(lin, "Order", mine)
    with pytest.raises(PermissionRefused, match="You may not change these fields"):
        shop.documents.save(lin, "Order", {"discount": 9}, name=mine)
    with pytest.raises(ValidationFailed, match='no field "discount" that you may read'):
        shop.queries.list(lin, "Order", filters=[("discount", ">", 0)])


def test_who_may_share_on_may_and_gives_no_more_than_they_have(shop: Site) -> None:
    mine = placed(shop)
    shop.sharing.share(shop.user("clerk"), "Order", mine, "lin", share=True)

    with pytest.raises(PermissionRefused, match="may not change"):
        shop.sharing.share(shop.user("lin"), "Order", mine, "zhou", write=True)
    shop.sharing.share(shop.user("lin"), "Order", mine, "zhou")

    assert shop.documents.load(shop.user("zhou"), "Order", mine)["name"] == mine
    assert [(item.full_name, item.by_name) for item in shop.sharing.shares(shop.user("zhou"), "Order", mine)] == [
        ("Lin", "Clerk"), ("Zhou", "Lin"),
    ]  # fmt: skip


def test_a_sharer_who_may_not_change_the_record_leaves_those_alone_who_may(shop: Site) -> None:
    mine = placed(shop)
    shop.sharing.share(shop.user("clerk"), "Order", mine, "lin", share=True)
    shop.sharing.share(shop.user("clerk"), "Order", mine, "zhou", write=True)

    for narrowing in (
        lambda: shop.sharing.share(shop.user("lin"), "Order", mine, "zhou"),
        lambda: shop.sharing.unshare(shop.user("lin"), "Order", mine, "zhou"),
    ):
        with pytest.raises(PermissionRefused, match="may not change"):
            narrowing()

    shop.documents.save(shop.user("zhou"), "Order", {"subject": "still mine to change"}, name=mine)


def test_taken_back_it_counts_at_once_and_one_may_give_it_up_oneself(shop: Site) -> None:
    mine = placed(shop)
    for person in ("lin", "zhou"):
        shop.sharing.share(shop.user("clerk"), "Order", mine, person)

    shop.sharing.unshare(shop.user("clerk"), "Order", mine, "lin")
    shop.sharing.unshare(shop.user("zhou"), "Order", mine, "zhou")

    for person in ("lin", "zhou"):
        with pytest.raises(PermissionRefused):
            shop.documents.load(shop.user(person), "Order", mine)
        with pytest.raises(PermissionRefused):
            shop.queries.list(shop.user(person), "Order")
    with pytest.raises(ValidationFailed, match='is not shared with "lin"'):
        shop.sharing.unshare(shop.user("clerk"), "Order", mine, "lin")


@pytest.mark.parametrize(
    ("person", "said"),
    [("nobody", 'no enabled user "nobody"'), ("Administrator", "no enabled user"), ("clerk", "not shared with oneself")],
)
def test_people_one_cannot_share_with(shop: Site, person: str, said: str) -> None:
    mine = placed(shop)

    with pytest.raises(ValidationFailed, match=said) as refused:
        shop.sharing.share(shop.user("clerk"), "Order", mine, person)
    assert [fault.where for fault in refused.value.faults] == ["user"]


def test_it_reaches_nobody_beyond_their_user_permissions(shop: Site) -> None:
    mine, other = placed(shop), placed(shop)
    rows = [{"allow": "Order", "for_value": other}]
    shop.documents.save(ADMIN, "User", {"user_permissions": rows}, name="lin")
    with pytest.raises(PermissionRefused, match="lies outside the data that Lin works with"):
        shop.sharing.share(shop.user("clerk"), "Order", mine, "lin")

    shop.sharing.share(shop.user("clerk"), "Order", other, "lin")
    shop.documents.save(ADMIN, "User", {"user_permissions": [{"allow": "Order", "for_value": mine}]}, name="lin")
    assert found_by(shop, shop.user("lin")) == (set(), set(), 0)  # confined later


def test_the_timeline_and_the_person_are_told_and_the_chain_holds(shop: Site) -> None:
    mine = placed(shop)
    shop.sharing.share(shop.user("clerk"), "Order", mine, "lin", write=True)
    shop.worker.run_once()
    assert any(mine in note.title.zh for note in shop.told.notifications(shop.user("lin")))
    shop.sharing.unshare(shop.user("clerk"), "Order", mine, "lin")

    entries = shop.queries.history(shop.user("clerk"), "Order", mine)
    assert [(entry.action, entry.reason and entry.reason.zh) for entry in entries[:2]] == [
        ("unshare", "不再共享给 Lin"), ("share", "共享给 Lin：查看、修改"),
    ]  # fmt: skip
    assert not any(
        mine in note.title.zh for note in shop.told.notifications(shop.user("lin"))
    )  # it is nothing to them any more
    with shop.database.read() as connection:
        assert list(audit.verify(connection, shop.snapshot().model)) == []


def test_a_share_follows_a_new_name_and_goes_with_the_record_or_the_person(shop: Site) -> None:
    clerk = shop.user("clerk")
    for login in ("ma", "ge"):
        shop.documents.save(ADMIN, "User", {"login": login, "full_name": login, "enabled": 1})
    mine = placed(shop)
    shop.sharing.share(clerk, "Order", mine, "lin")
    shop.sharing.share(clerk, "Order", mine, "ma")

    shop.documents.delete(ADMIN, "User", "ma")
    shop.documents.save(ADMIN, "User", {"login": "ma", "full_name": "another", "enabled": 1})
    with pytest.raises(PermissionRefused):
        shop.documents.load(shop.user("ma"), "Order", mine)

    shop.documents.rename(clerk, "Order", mine, "MY-ORDER")
    assert shop.documents.load(shop.user("lin"), "Order", "MY-ORDER")["name"] == "MY-ORDER"
    shop.documents.delete(clerk, "Order", "MY-ORDER")
    with shop.database.read() as connection:
        lin = load_user(connection, "lin")
    assert lin is not None
    assert lin.shared == {}


def test_a_record_that_is_not_there(shop: Site) -> None:
    with pytest.raises(NotFound):
        shop.sharing.share(shop.user("clerk"), "Order", "OR-none", "lin")


def test_the_rights_page_says_so(shop: Site) -> None:
    mine = placed(shop)
    shop.sharing.share(shop.user("clerk"), "Order", mine, "lin")
    snapshot = shop.snapshot()
    record = shop.documents.load(ADMIN, "Order", mine)

    answers = {item.action: item for item in explain(snapshot.model, shop.user("lin"), snapshot.model["Order"], record)}

    assert (answers["read"].allowed, answers["read"].because.en) == (True, "the record is shared with the user")
    assert not answers["write"].allowed
    disabled = replace(shop.user("lin"), enabled=False)
    assert not any(item.allowed for item in explain(snapshot.model, disabled, snapshot.model["Order"], record))
