"""A list as a board, a calendar, a gallery: the same records under the same filters, moved by the path of every change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import parse_qsl

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from server.access.user import User
from server.core.errors import ValidationFailed
from server.desk.calendar_bars import Span, week_of
from server.desk.list_page import ListPage
from server.site import Site

LIST = "/list/Tool%20Loan"


@pytest.fixture(scope="module", autouse=True)
def loans(site: Site) -> dict[str, str]:
    """By tool: late on the last of May by the clock of the site, which in UTC is still that day; on the 1st of June, which there is not."""
    rows = [
        ("夜", "Gauge", "2026-05-31 23:30"),
        ("晨", "Gauge", "2026-06-01 00:30"),
        ("午", "Cutter", "2026-06-15 12:00"),
        ("无", "", None),
    ]
    return {
        tool: site.documents.save(site.user("li"), "Tool Loan", {"tool": tool, "kind": kind, "lent_at": at}).name
        for tool, kind, at in rows
    }


@pytest.fixture
def token(signed_in: FlaskClient) -> dict[str, str]:
    text = signed_in.get(f"{LIST}?view=").text
    return {"X-CSRF-Token": text.split('name="csrf_token" value="')[1].split('"')[0], "Accept": "application/json"}


def page(site: Site, user: User, query: str) -> ListPage:
    return ListPage(site, user, "Tool Loan", MultiDict(parse_qsl(query)), "zh")


def test_a_board_has_a_lane_for_each_choice_and_one_for_none(site: Site, li: User) -> None:
    lanes = page(site, li, "as=board").board.lanes

    assert [(lane.title, lane.count, sorted(row["tool"] for row in lane.rows)) for lane in lanes] == [
        ("（空）", 1, ["无"]), ("量具", 2, ["夜", "晨"]), ("刀具", 1, ["午"]),
    ]  # fmt: skip


def test_filters_hold_on_a_board_any_of_them_as_well(site: Site, li: User) -> None:
    shown = page(site, li, "as=board&f=tool&o=%3D&v=夜&f=tool&o=%3D&v=午&match=any")

    assert [row["tool"] for row in shown.rows] == ["夜", "午"]
    assert page(site, li, "as=board&f=price&o=%3E&v=0").rows == []


def test_a_calendar_puts_moments_on_the_days_of_the_site(site: Site, li: User) -> None:
    june = page(site, li, "as=calendar&by=lent_at&at=2026-06").calendar
    week = page(site, li, "as=calendar&by=lent_at&at=2026-06-15&unit=week").calendar

    assert {day.isoformat(): [row["tool"] for row in rows] for day, rows in june.by_day.items()} == {
        "2026-06-01": ["晨"],
        "2026-06-15": ["午"],
    }
    assert (june.weeks[0][0], june.weeks[-1][-1]) == (date(2026, 6, 1), date(2026, 7, 5))
    assert [len(row) for row in week.weeks] == [7]
    assert [row["tool"] for row in week.rows] == ["午"]


def test_what_lasts_several_days_lies_over_them_and_goes_on_in_the_next_week() -> None:
    def span(name: str, first: int, last: int) -> Span:
        return Span({"name": name}, date(2026, 6, first), date(2026, 6, last))

    spans = [span("long", 3, 9), span("short", 4, 5), span("later", 6, 7), span("before", 1, 2)]
    first, second = (week_of([date(2026, 6, start + day) for day in range(7)], spans) for start in (1, 8))

    assert [{day.day: (bar.span.row["name"], bar.days, bar.is_begun, bar.is_going) for day, bar in lane.items()} for lane in first.lanes] == [
        {1: ("before", 2, False, False), 3: ("long", 5, False, True)},
        {4: ("short", 2, False, False), 6: ("later", 2, False, False)},
    ]  # fmt: skip
    assert [(bar.days, bar.is_begun, bar.is_going) for lane in second.lanes for bar in lane.values()] == [(2, True, False)]
    crowded = week_of([date(2026, 6, day) for day in range(1, 8)], [span(str(number), 1, 3) for number in range(8)])
    assert (len(crowded.lanes), len(crowded.rest_on(date(2026, 6, 1)))) == (6, 2)


def test_a_card_is_moved_to_another_choice_and_a_record_to_another_day_at_its_time(
    site: Site, li: User, signed_in: FlaskClient, token: dict[str, str], loans: dict[str, str]
) -> None:
    address = f"/move/Tool%20Loan/{loans['晨']}"

    moved = signed_in.post(address, data={"by": "kind", "to": "Cutter"}, headers=token)
    later = signed_in.post(address, data={"by": "lent_at", "kind": "day", "to": "2026-06-20"}, headers=token)

    record = site.documents.load(li, "Tool Loan", loans["晨"])
    assert (moved.status_code, later.status_code) == (200, 200)
    assert (record["kind"], record["lent_at"].astimezone(site.zone).strftime("%m-%d %H:%M")) == ("Cutter", "06-20 00:30")
    site.documents.save(li, "Tool Loan", {"kind": "Gauge", "lent_at": "2026-06-01 00:30"}, name=loans["晨"])


def test_who_moves_what_somebody_changed_meanwhile_is_told_and_moves_nothing(
    site: Site, li: User, signed_in: FlaskClient, token: dict[str, str], loans: dict[str, str]
) -> None:
    address, seen = f"/move/Tool%20Loan/{loans['午']}", site.documents.load(li, "Tool Loan", loans["午"])["version"]

    first = signed_in.post(address, data={"by": "kind", "to": "Gauge", "version": seen}, headers=token)
    second = signed_in.post(address, data={"by": "kind", "to": "Cutter", "version": seen}, headers=token)
    day = {"by": "lent_at", "kind": "day", "to": "2026-06-20", "version": seen}

    assert (first.status_code, second.status_code) == (200, 409)
    assert "刷新页面" in second.json["message"]
    assert signed_in.post(address, data=day, headers=token).status_code == 409
    again = {"by": "kind", "to": "Cutter", "version": first.json["version"]}
    assert signed_in.post(address, data=again, headers=token).status_code == 200


@pytest.mark.parametrize("form", [{"by": "kind", "to": "Drill"}, {"by": "price", "to": "9"}, {"by": "nothing", "to": "x"}, {"by": "lent_at", "kind": "day", "to": "x"}])  # fmt: skip
def test_what_a_move_may_not_is_refused_in_words(
    site: Site, li: User, signed_in: FlaskClient, token: dict[str, str], loans: dict[str, str], form: dict[str, str]
) -> None:
    version = site.documents.load(li, "Tool Loan", loans["夜"])["version"]

    answer = signed_in.post(f"/move/Tool%20Loan/{loans['夜']}", data=form, headers=token)

    assert answer.status_code in (403, 417)
    assert answer.json["message"]
    assert site.documents.load(li, "Tool Loan", loans["夜"])["version"] == version


def test_a_submitted_record_does_not_move(site: Site, li: User, scraps: Callable[..., str]) -> None:
    with pytest.raises(ValidationFailed):
        site.moving.to_choice(li, "Tool Scrapping", scraps(), "tool", "锉刀")


def test_shapes_are_shown_without_scripts_and_a_card_has_a_form(signed_in: FlaskClient) -> None:
    assert signed_in.get(f"{LIST}?as=board").text.count('class="card-move"') == 4
    assert signed_in.get(f"{LIST}?as=calendar&by=lent_at&at=2026-06").text.count("calendar-entry") == 2
    assert "<table" in signed_in.get(f"{LIST}?as=gallery").text  # there is no picture: the list it stays
