"""Stories: a past that is lived through under a turned-back clock, the same each time, with what rules make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from needs import own_database

from server.access.user import User
from server.core.clock import SettableClock, TurnedClock
from server.exchange.stories import StoryTeller
from server.site import Site, open_site

NOW = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai
ADMIN = User.administrator()
CALL: dict[str, Any] = {
    "doctype": "DocType", "name": "Call", "autoname": "format:C-{####}", "is_submittable": 1,
    "fields": [
        {"fieldname": "who", "fieldtype": "Data"}, {"fieldname": "phone", "fieldtype": "Data"},
        {"fieldname": "at", "fieldtype": "Datetime"}, {"fieldname": "answered", "fieldtype": "Datetime"},
        {"fieldname": "photo", "fieldtype": "Attach Image"},
    ],
    "permissions": [{"role": "System Manager", "read": 1, "write": 1, "create": 1, "submit": 1}],
}  # fmt: skip
NEVER_BERG = {
    "name": "no-call-from-berg", "title": "No call from Berg", "applies_to": "Call", "on": ["validate"],
    "when": {"all": [["who", "=", "Berg"]]}, "then": [{"block": {"message": "Berg never calls."}}],
}  # fmt: skip
STORY: dict[str, Any] = {
    "doctype": "Call", "as": "Administrator", "per_month": 30,
    "choices": {"whose": [{"weight": 3, "who": "Arno", "phone": "1380000"}, {"who": "Cleo"}, {"for_days": 10, "who": "Dora"}]},
    "values": {"who": "@whose.who", "phone": "@whose.phone", "at": "@moment"},
    "then": [{"after": "10min..3h", "values": {"answered": "@moment", "photo": {"picture": "p.png"}}}, {"after": "1d..3d", "submit": 1}],
}  # fmt: skip


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock(SettableClock(NOW))


@pytest.fixture
def site(tmp_path: Path, clock: TurnedClock, publish: Callable[..., int]) -> Iterator[Site]:
    with own_database("sqlite", tmp_path) as url:
        opened = open_site(tmp_path, clock=clock, environ={}, database_url=url, embedded_worker=False)
        publish(opened, CALL, NEVER_BERG)
        yield opened
        opened.close()


def told(site: Site, clock: TurnedClock, **changes: Any) -> tuple[StoryTeller, list[dict[str, Any]]]:
    teller = site.story_teller(clock)
    days = list(teller.tell([("calls.json", STORY | changes)], 1, {}))
    assert len(days) == 30
    fields = ["name", "who", "phone", "at", "answered", "creation", "docstatus", "photo"]
    return teller, site.queries.list(ADMIN, "Call", fields=fields, order_by="name asc", limit=100).rows


def test_calls_come_in_order_at_work_and_are_answered_then(site: Site, clock: TurnedClock) -> None:
    teller, rows = told(site, clock)

    assert teller.told.records == len(rows) > 20
    assert clock.now() == NOW
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    for row in rows:
        local = row["at"].astimezone(site.zone)
        assert row["creation"] == row["at"]
        assert NOW - timedelta(days=30) <= row["at"] < NOW
        assert (local.weekday() < 5, 8 <= local.hour < 17) == (True, True)
        assert row["answered"] is None or row["at"] + timedelta(minutes=10) <= row["answered"] < NOW
        assert row["phone"] == ("1380000" if row["who"] == "Arno" else None)
        assert row["who"] != "Dora" or row["at"] >= NOW - timedelta(days=11)
    assert {row["docstatus"] for row in rows} == {0, 1}  # the last ones are still open
    assert all(row["photo"].startswith("/files/") for row in rows if row["docstatus"])


def test_each_alternative_has_its_cases_evenly(site: Site, clock: TurnedClock) -> None:
    _, rows = told(site, clock, each="whose", per_month=4)

    for who, number in (("Arno", 4), ("Cleo", 4)):
        times = sorted(row["at"] for row in rows if row["who"] == who)
        assert len(times) == number
        assert all(timedelta(days=2) < later - earlier < timedelta(days=13) for earlier, later in pairwise(times))


def test_the_same_story_tells_the_same(site: Site, clock: TurnedClock) -> None:
    _, first = told(site, clock)
    _, again = told(site, clock)

    assert [(row["who"], row["at"], row["answered"]) for row in again[len(first) :]] == [
        (row["who"], row["at"], row["answered"]) for row in first
    ]


def test_what_a_rule_refuses_ends_that_case_and_is_counted(site: Site, clock: TurnedClock) -> None:
    teller, rows = told(site, clock, choices={"whose": [{"who": "Berg"}, {"who": "Cleo"}]})

    assert teller.told.refused > 0
    assert teller.told.records == len(rows)
    assert {row["who"] for row in rows} == {"Cleo"}
    assert "Berg never calls." in " ".join(teller.told.first_refusal.lines("en")) if teller.told.first_refusal else False


def test_nothing_is_told_beyond_now_and_the_clock_is_released_when_broken_off(site: Site, clock: TurnedClock) -> None:
    days = site.story_teller(clock).tell([("calls.json", STORY)], 1, {})
    for _ in range(5):
        next(days)
    assert clock.now() < NOW
    days.close()  # type: ignore[attr-defined]
    assert clock.now() == NOW


def test_a_case_goes_back_to_an_earlier_record_and_fills_in_every_row(
    site: Site, clock: TurnedClock, publish: Callable[..., int]
) -> None:
    rights = [{"role": "System Manager", "read": 1, "write": 1, "create": 1}]
    line = {
        "doctype": "DocType", "name": "Pack Line", "istable": 1,
        "fields": [{"fieldname": "wanted", "fieldtype": "Int"}, {"fieldname": "found", "fieldtype": "Int"}],
    }  # fmt: skip
    pack = {
        "doctype": "DocType", "name": "Pack", "autoname": "format:P-{####}", "permissions": rights,
        "fields": [{"fieldname": "lines", "fieldtype": "Table", "options": "Pack Line"}, {"fieldname": "left", "fieldtype": "Check"}],
    }  # fmt: skip
    slip = {
        "doctype": "DocType", "name": "Slip", "permissions": rights, "fields": [{"fieldname": "pack", "fieldtype": "Link", "options": "Pack"}],
        "maps_from": [{"doctype": "Pack", "fields": {"pack": "name"}}],
    }  # fmt: skip
    publish(site, line, pack, slip)
    story = {
        "doctype": "Pack", "as": "Administrator", "per_month": 8, "values": {"lines": [{"wanted": 3}, {"wanted": 5}]},
        "then": [
            {"after": "1h", "make": "Slip"},
            {"after": "1h", "of": "Pack", "rows": {"lines": {"found": "@row.wanted"}}, "values": {"left": 1}},
        ],
    }  # fmt: skip

    teller = site.story_teller(clock)
    list(teller.tell([("packs.json", story)], 1, {}))

    assert teller.told.refused == 0
    packs = [site.documents.load(ADMIN, "Pack", row["name"]) for row in site.queries.list(ADMIN, "Pack").rows]
    done = [pack for pack in packs if pack["left"]]
    assert len(done) >= 4
    assert all([line["found"] for line in pack["lines"]] == [3, 5] for pack in done)
    made_from = {row["pack"] for row in site.queries.list(ADMIN, "Slip", fields=["pack"]).rows}
    assert {pack["name"] for pack in done} <= made_from


def test_alternatives_drawn_from_records_exist_from_their_day_on(
    site: Site, clock: TurnedClock, publish: Callable[..., int]
) -> None:
    machine = {
        "doctype": "DocType", "name": "Machine", "autoname": "field:number",
        "fields": [
            {"fieldname": "number", "fieldtype": "Data", "reqd": 1}, {"fieldname": "kind", "fieldtype": "Data"},
            {"fieldname": "phone", "fieldtype": "Data"}, {"fieldname": "since", "fieldtype": "Date"},
        ],
        "permissions": [{"role": "System Manager", "read": 1, "write": 1, "create": 1}],
    }  # fmt: skip
    publish(site, machine)
    for number, kind, days in (("M-1", "mill", 100), ("M-2", "mill", 10), ("L-1", "lathe", 100)):
        site.documents.save(
            ADMIN,
            "Machine",
            {"number": number, "kind": kind, "phone": f"1-{number}", "since": NOW.date() - timedelta(days=days)},
        )
    drawn = {"records": "Machine", "fields": ["phone"], "where": {"kind": ["mill"]}, "since": "since", "often": {"M-2": 5}}
    values = {"who": "@whose.name", "phone": "@whose.phone", "at": "@moment"}

    _, rows = told(site, clock, choices={"whose": drawn}, values=values)

    assert {(row["who"], row["phone"]) for row in rows} == {("M-1", "1-M-1"), ("M-2", "1-M-2")}
    assert all(row["at"] >= NOW - timedelta(days=11) for row in rows if row["who"] == "M-2")
    late = [row["who"] for row in rows if row["at"] >= NOW - timedelta(days=9)]
    assert late.count("M-2") > late.count("M-1")


def test_a_season_has_more_cases_than_another(site: Site, clock: TurnedClock) -> None:
    teller = site.story_teller(clock)
    list(teller.tell([("calls.json", {**STORY, "per_month": 40, "season": {"5": 0, "6": 2}, "then": []})], 1, {}))
    rows = site.queries.list(ADMIN, "Call", fields=["at"], limit=100).rows
    assert len(rows) > 30
    assert {row["at"].astimezone(site.zone).month for row in rows} == {6}


def test_a_case_goes_on_with_what_a_rule_opened(site: Site, clock: TurnedClock, publish: Callable[..., int]) -> None:
    look = {
        "doctype": "DocType", "name": "Look", "permissions": CALL["permissions"][:1],
        "fields": [{"fieldname": "about", "fieldtype": "Data"}, {"fieldname": "done", "fieldtype": "Check"}],
    }  # fmt: skip
    opens = {
        "name": "look-into", "title": "Look into it", "applies_to": "Call", "on": ["validate"],
        "when": {"all": [["who", "=", "Arno"]]}, "then": [{"create": {"doctype": "Look", "values": {"about": {"path": "name"}}}}],
    }  # fmt: skip
    publish(site, look, opens)
    done = {"after": "1h", "opened": "Look", "then": [{"after": "1h", "values": {"done": 1}}]}

    teller, rows = told(site, clock, then=[done])

    assert teller.told.refused == 0
    looked = site.queries.list(ADMIN, "Look", fields=["about", "done"], limit=100).rows
    assert {row["about"] for row in looked} == {row["name"] for row in rows if row["who"] == "Arno"}
    assert sum(row["done"] for row in looked) >= len(looked) - 2  # the last ones are still under way


def test_what_a_rule_refuses_is_tried_again_where_the_story_says_so(site: Site, clock: TurnedClock) -> None:
    first = {
        "after": "1d",
        "values": {"who": "Berg"},
        "again_after": "2d",
    }  # never allowed: it comes back until the month is over
    teller, rows = told(site, clock, per_month=3, then=[first])

    assert teller.told.refused == 0
    assert len(rows) == 3
    assert "Berg" not in {row["who"] for row in rows}


def test_a_story_watches_for_records_that_come_up_by_themselves(
    site: Site, clock: TurnedClock, publish: Callable[..., int]
) -> None:
    note = {
        "doctype": "DocType", "name": "Note", "permissions": CALL["permissions"][:1],
        "fields": [{"fieldname": "about", "fieldtype": "Data"}, {"fieldname": "read_at", "fieldtype": "Datetime"}],
    }  # fmt: skip
    noted = {
        "name": "noted", "title": "Noted", "applies_to": "Call", "on": ["validate"],
        "then": [{"create": {"doctype": "Note", "values": {"about": {"path": "name"}}}}],
    }  # fmt: skip
    publish(site, note, noted)
    reads = {"watches": "Note", "as": "Administrator", "then": [{"after": "1h..3h", "values": {"read_at": "@moment"}}]}

    list(site.story_teller(clock).tell([("calls.json", STORY), ("notes.json", reads)], 1, {}))

    notes = site.queries.list(ADMIN, "Note", fields=["creation", "read_at"], limit=100).rows
    assert len(notes) > 20
    assert all(row["read_at"] > row["creation"] for row in notes if row["creation"] < NOW - timedelta(days=9))
