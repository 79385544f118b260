"""Lists in groups: what stands in each, what it adds up to, and the address of what is in it."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from server.access.user import User
from server.desk import list_page
from server.desk.list_page import ListPage
from server.site import Site

UNITS = ("day", "week", "month", "quarter", "year")


@pytest.fixture(scope="module", autouse=True)
def loans(site: Site) -> None:
    li = site.user("li")
    for kind, qty, at in [
        ("Gauge", "1.5", "2026-05-31 23:30"), ("Gauge", "2", "2026-06-01 00:30"), ("Cutter", "3", "2026-06-01 07:59"),
        ("Cutter", "4", "2025-12-29 12:00"), ("", "5", None),
    ]:  # fmt: skip
        site.documents.save(li, "Tool Loan", {"tool": "卡尺", "kind": kind, "qty": qty, "lent_at": at, "borrower": "li"})


def page(site: Site, user: User, query: str) -> ListPage:
    return ListPage(site, user, "Tool Loan", MultiDict(parse_qsl(query.removeprefix("?"))), "zh")


def test_groups_are_counted_and_added_up_over_all_pages(site: Site, li: User) -> None:
    groups = page(site, li, "group=kind").groups

    assert [(group.label, group.count, group.sums["qty"]) for group in groups.groups] == [
        ("（空）", 1, "5"), ("量具", 2, "3.5"), ("刀具", 2, "7"),
    ]  # fmt: skip
    assert (groups.total.count, groups.total.sums["qty"]) == (5, "15.5")


def test_groups_are_of_what_the_list_finds(site: Site, li: User) -> None:
    either = "f=kind&o=%3D&v=Gauge&f=qty&o=%3E&v=4&match=any&group=kind"

    assert [(group.label, group.count, group.address) for group in page(site, li, either).groups.groups] == [
        ("（空）", 1, None), ("量具", 2, None),
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["kind", "borrower", *(f"lent_at&unit={unit}" for unit in UNITS)])
def test_the_address_of_a_group_finds_its_records(site: Site, li: User, by: str) -> None:
    groups = page(site, li, f"group={by}").groups.groups

    assert sum(group.count for group in groups) == 5
    assert [page(site, li, group.address or "").count.value for group in groups] == [group.count for group in groups]


@pytest.mark.parametrize("unit", UNITS)
def test_every_row_stands_in_a_group_and_groups_hang_together(site: Site, li: User, unit: str) -> None:
    shown = page(site, li, f"group=lent_at&unit={unit}")

    keys = [found.key if (found := shown.groups.of(row)) else "none" for row in shown.page.rows]

    assert [key for number, key in enumerate(keys) if number == 0 or keys[number - 1] != key] == [
        group.key for group in shown.groups.groups
    ]


def test_months_are_those_of_the_site(site: Site, li: User) -> None:
    assert [(group.label, group.count) for group in page(site, li, "group=lent_at").groups.groups] == [
        ("2026-06", 2), ("2026-05", 1), ("2025-12", 1), ("（空）", 1),
    ]  # fmt: skip


def test_what_the_reader_does_not_see_is_neither_grouped_by_nor_added_up(site: Site, li: User) -> None:
    shown = page(site, li, "group=price&cols=price,qty")

    assert shown.groups.field is None
    assert [column.fieldname for column in shown.groups.summed] == ["qty"]


def test_the_page_shows_groups_without_scripts(signed_in: FlaskClient) -> None:
    whole = signed_in.get("/list/Tool%20Loan?group=kind").text
    totals = signed_in.get("/list/Tool%20Loan?group=kind&totals=1").text

    assert whole.count('class="group-row"') == 3
    assert (totals.count('class="group-row"'), totals.count("data-name=")) == (3, 0)
    assert re.search(r'data-field="borrower"[^>]*><span class="cell-lines">', whole)  # a text takes two lines before it is cut


def test_choices_stand_in_the_order_of_their_options_page_by_page(
    site: Site, li: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_page, "PAGE_SIZE", 2)
    for way, wanted in {
        "": ["", "Gauge", "Gauge", "Cutter", "Cutter"],
        "&sort=kind:desc": ["Cutter", "Cutter", "Gauge", "Gauge", ""],
    }.items():
        found, after = [], ""
        while True:
            part = page(site, li, f"group=kind{way}&after={after}").page
            found += [row["kind"] or "" for row in part.rows]
            if not (after := part.next_cursor or ""):
                break
        assert found == wanted
