"""Views of lists: what is arranged in an address is kept under a title, for oneself, a role or everyone, and opened again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from server.access.permissions import Permissions
from server.access.user import User
from server.core.errors import MetadataInvalid, NotFound, PermissionRefused, ValidationFailed
from server.desk.list_page import ListPage
from server.exchange.packs import Source
from server.exchange.view_sources import view_sources
from server.metadata.list_view import check_list_view
from server.site import Site

LOANS = "/list/Tool%20Loan"
QUERY = "f=kind&o=%3D&v=Gauge&sort=qty%3Adesc&cols=qty%2Ctool"


@pytest.fixture
def chen(site: Site) -> User:
    """Somebody else, with a role of their own."""
    if not site.queries.list(User.administrator(), "User", filters=[("name", "=", "chen")]).rows:
        site.documents.save(User.administrator(), "User", {"login": "chen", "full_name": "陈工", "enabled": 1})
    return site.user("chen")


@pytest.fixture
def manager(site: Site) -> User:
    return User("boss", "Boss", frozenset({"System Manager"}))


@pytest.fixture
def sends(site: Site, signed_in: FlaskClient) -> Callable[..., str]:
    """Post a form of the list's page; the address that is gone on to."""
    token = signed_in.get(LOANS + "?view=").text.split('name="csrf_token" value="')[1].split('"')[0]

    def post(path: str, **form: str) -> str:
        answer = signed_in.post(path, data={"csrf_token": token, **form})
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    return post


def test_a_view_opens_as_it_was_kept_and_what_is_changed_then_comes_of_it(
    site: Site, li: User, signed_in: FlaskClient, sends: Callable[..., str], lends: Callable[..., str]
) -> None:
    few, many = lends(kind="Gauge", qty=2), lends(kind="Gauge", qty=5)
    lends(kind="Cutter")

    address = sends(f"{LOANS}/views", title="量具", query=QUERY)

    page = signed_in.get(address).text
    assert page.index(many) < page.index(few)
    assert "Cutter" not in page.split("<tbody>")[1]
    key = parse_qs(urlsplit(address).query)["view"][0]
    changed = ListPage(site, li, "Tool Loan", MultiDict({"from": key, "q": "尺"}), "zh")
    assert (changed.view is not None, changed.is_changed, changed.filters) == (True, True, [])


def test_a_list_begins_with_the_view_that_one_chose_until_it_is_removed(
    signed_in: FlaskClient, sends: Callable[..., str]
) -> None:
    address = sends(f"{LOANS}/views", title="我的", query=QUERY, begin="1")
    assert signed_in.get(LOANS).location == address
    assert signed_in.get(f"{LOANS}?view=").status_code == 200  # and the plain list stays in reach

    key = parse_qs(urlsplit(address).query)["view"][0]
    sends(f"{LOANS}/views/{key}", action="remove")

    assert signed_in.get(LOANS).status_code == 200
    assert signed_in.get(address).status_code == 404


@pytest.mark.parametrize(("language", "told"), [("zh", "没有这个列表视图"), ("en", "There is no such view")])
def test_a_view_that_is_gone_says_so_over_the_plain_list(
    signed_in: FlaskClient, lends: Callable[..., str], language: str, told: str
) -> None:
    name = lends(kind="Cutter")
    signed_in.set_cookie("language", language)

    answer = signed_in.get(f"{LOANS}?view=long-gone")

    assert (answer.status_code, told in answer.text) == (404, True)
    assert name in answer.text.split("<tbody>")[1]
    assert "view=long-gone" not in answer.text
    assert signed_in.get(LOANS.replace("/list/", "/export/") + "?view=long-gone").status_code == 404
    assert signed_in.get(LOANS.replace("/list/", "/bulk/") + "?view=long-gone&all=1").status_code == 404  # never all of them


def test_a_private_view_is_nobody_elses_and_a_shared_one_is_theirs_it_is_meant_for(
    site: Site, li: User, chen: User, manager: User
) -> None:
    views = site.list_views
    private = views.keep(manager, "Tool Loan", "私用", QUERY)
    for_all = views.keep(manager, "Tool Loan", "全员", QUERY, "everyone")
    for_managers = views.keep(manager, "Tool Loan", "管理", QUERY, "role", "System Manager")

    assert [view.id for view in views.offered(chen, "Tool Loan") if view.owner == "boss"] == [for_all.id]
    for key in (private.id, for_managers.id):
        with pytest.raises(NotFound):
            views.view(chen, "Tool Loan", key)
    with pytest.raises(PermissionRefused):
        views.remove(chen, "Tool Loan", for_all.id)
    with pytest.raises(PermissionRefused):  # nor changed by keeping another in its place
        views.keep(chen, "Tool Loan", "改", QUERY, key=for_all.id)


@pytest.mark.parametrize(("audience", "role"), [("everyone", ""), ("role", "System Manager")])
def test_who_may_not_share_the_records_offers_no_view_to_others(site: Site, li: User, audience: str, role: str) -> None:
    with pytest.raises(PermissionRefused):
        site.list_views.keep(li, "Tool Loan", "全员", QUERY, audience, role)


@pytest.mark.parametrize(("title", "audience", "role"), [("", "private", ""), ("x" * 81, "private", ""), ("x", "nobody", ""), ("x", "role", "Nobody")])  # fmt: skip
def test_a_view_that_is_no_view_is_refused(site: Site, manager: User, title: str, audience: str, role: str) -> None:
    with pytest.raises(ValidationFailed):
        site.list_views.keep(manager, "Tool Loan", title, QUERY, audience, role)


def test_a_view_shows_and_asks_for_nothing_that_its_reader_may_not_see(site: Site, li: User, lends: Callable[..., str]) -> None:
    lends()
    view = site.list_views.keep(li, "Tool Loan", "价格", "cols=price,qty,mark,nothing&f=price&o=%3E&v=0")

    page = ListPage(site, li, "Tool Loan", MultiDict({"view": view.id}), "zh")

    assert page.page.rows == []
    assert page.error is not None
    assert [column.fieldname for column in page.columns] == ["qty"]
    assert {"price", "mark"}.isdisjoint(column.fieldname for column in page.offered_columns)


def test_widths_are_kept_for_the_person(site: Site, li: User, chen: User) -> None:
    site.list_views.keep_widths(li, "Tool Loan", {"tool": 240, "qty": 90, "nothing": 90, "kind": 5})
    site.list_views.keep_widths(li, "Tool Loan", {"qty": 0})

    assert site.list_views.settings(li, "Tool Loan").widths == {"tool": 240}
    assert site.list_views.settings(chen, "Tool Loan").widths == {}


def test_any_of_several_conditions_days_from_today_and_an_order_by_several(
    site: Site, li: User, lends: Callable[..., str]
) -> None:
    today = lends(kind="Cutter", lent_at="2026-06-15 08:00", qty=1, tool="甲")
    last = lends(kind="Cutter", lent_at="2026-05-31 23:00", qty=1, tool="乙")
    gauge = lends(kind="Gauge", lent_at="2026-01-01 08:00", qty=2, tool="丙")
    args = [("f", "lent_at"), ("o", "timespan"), ("v", "this month"), ("f", "kind"), ("o", "="), ("v", "Gauge")]
    only = [("f", "name"), ("o", "in"), ("v", f"{today},{last},{gauge}")]

    def names(pairs: list[tuple[str, str]]) -> list[str]:
        return [row["name"] for row in ListPage(site, li, "Tool Loan", MultiDict(pairs), "zh").page.rows]

    assert [
        each for each in names([*args, ("match", "any"), ("sort", "qty:desc,name:asc")]) if each in (today, last, gauge)
    ] == [gauge, today]
    assert names([*args[:3], *only]) == [today]
    assert names([*only, ("sort_by", "qty"), ("sort_way", "asc"), ("sort_by", "name"), ("sort_way", "desc")]) == [
        last,
        today,
        gauge,
    ]


def test_what_contains_a_word_is_found_anywhere_in_a_text_and_exported_under_any_condition(
    site: Site, lends: Callable[..., str]
) -> None:
    for tool in ("甲级量块", "乙级量块", "丙级量块"):
        lends(tool=tool)
    boss = User.administrator()
    query = [("f", "tool"), ("o", "like"), ("v", "甲级"), ("f", "tool"), ("o", "like"), ("v", "乙级"), ("match", "any")]

    _, rows = site.queries.export(boss, "Tool Loan", **ListPage(site, boss, "Tool Loan", MultiDict(query), "zh").asked)

    assert {row["tool"] for row in rows} == {"甲级量块", "乙级量块"}


def test_a_view_of_a_pack_is_offered_and_kept_as_it_is_and_a_shared_one_is_exported(
    site: Site, li: User, manager: User
) -> None:
    piece = {
        "doctype": "List View", "name": "gauges", "document_type": "Tool Loan", "title": {"zh": "量具们", "en": "Gauges"}, "query": QUERY,
    }  # fmt: skip
    site.publisher.publish(site.publisher.propose([Source("List View", "gauges", piece)]), "tests")
    try:
        [shipped] = [view for view in site.list_views.offered(li, "Tool Loan") if not view.owner]
        assert (shipped.title.zh, shipped.title.en, shipped.query) == ("量具们", "Gauges", QUERY)
        assert ListPage(site, li, "Tool Loan", MultiDict({"view": shipped.id}), "zh").state.sort == "qty:desc"
        with pytest.raises(PermissionRefused):
            site.list_views.remove(manager, "Tool Loan", shipped.id)
        site.list_views.begin_with(li, "Tool Loan", shipped.id)
        assert site.list_views.settings(li, "Tool Loan").default_view == shipped.id
        for wrong in ({"document_type": "Tool Loan Part"}, {"role": "Nobody"}, {"name": "Not So"}, {"colour": "red"}):
            with pytest.raises(MetadataInvalid):
                site.publisher.propose([Source("List View", "gauges", piece | wrong)])
    finally:
        site.publisher.publish(site.publisher.propose([], removed=[("List View", "gauges")]), "tests")
    assert site.list_views.settings(li, "Tool Loan").default_view == ""

    kept = site.list_views.keep(manager, "Tool Loan", "给大家", QUERY, "everyone")
    [raw] = [source.raw for source in view_sources(site.list_views.shared()) if kept.id.lower() in source.name]
    assert (raw["title"], raw["query"], "role" in raw) == ("给大家", QUERY, False)
    assert not check_list_view(raw, "x")


def test_views_are_listed_read_saved_and_deleted_by_rest(site: Site, signed_in: FlaskClient) -> None:
    token = signed_in.get(LOANS + "?view=").text.split('name="csrf_token" value="')[1].split('"')[0]

    def call(method: str, **values: str) -> Any:
        path = f"/api/method/guiju.list_views.{method}"
        return signed_in.post(path, json={"doctype": "Tool Loan", **values}, headers={"X-CSRF-Token": token})

    made = call("save", title="接口", query=QUERY).json["message"]
    assert call("get", name=made["name"]).json["message"]["query"] == QUERY
    call("save", name=made["name"], title="接口二", query="q=x")
    call("set_default", name=made["name"])
    [listed] = [view for view in call("get_list").json["message"] if view["name"] == made["name"]]
    assert (listed["title"], listed["query"], listed["is_default"], listed["is_shipped"]) == ("接口二", "q=x", 1, 0)
    assert call("delete", name=made["name"]).status_code == 200
    assert call("get", name=made["name"]).status_code == 404


def test_whoever_may_not_read_a_list_is_told_nothing_of_its_views(
    site: Site, li: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = site.list_views.keep(User.administrator(), "Tool Loan", "给大家", QUERY, "everyone")
    assert site.list_views.offered(li, "Tool Loan")

    monkeypatch.setattr(Permissions, "may", lambda *_: False)

    assert not site.list_views.offered(li, "Tool Loan")
    with pytest.raises(NotFound):
        site.list_views.view(li, "Tool Loan", kept.id)
