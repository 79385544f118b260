"""What time does to obligations: due in working time, paused, escalated step by step, planned ahead, counted anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import PermissionRefused, ValidationFailed
from server.obligations.book import ObligationBook
from server.obligations.model import Obligation
from server.site import Site

pytestmark = pytest.mark.parametrize("any_site", ["sqlite"], indirect=True)
SHANGHAI = ZoneInfo("Asia/Shanghai")
ROOT = User.administrator()
ROLES = ("Service", "Head", "Manager", "Director")
EVERY_RIGHT = [{"role": role, "read": 1} for role in ROLES] + [
    {"role": "All", "read": 1, "write": 1, "create": 1, "submit": 1, "cancel": 1}
]
CALL = {
    "doctype": "DocType", "name": "Call", "module": "tests", "autoname": "format:C-{####}", "is_submittable": 1, "permissions": EVERY_RIGHT,
    "fields": [{"fieldname": "reported_at", "fieldtype": "Datetime", "label": "Reported"},
               {"fieldname": "waits", "fieldtype": "Check", "label": "Waiting for the customer"},
               {"fieldname": "arrived_at", "fieldtype": "Datetime", "label": "Arrived"},
               {"fieldname": "accepted_on", "fieldtype": "Date", "label": "Accepted"},
               {"fieldname": "warranty_end", "fieldtype": "Date", "label": "Warranty"},
               {"fieldname": "scrapped", "fieldtype": "Check", "label": "Scrapped"}],
}  # fmt: skip
ARRIVE = {
    "name": "arrive", "title": "Arrive in time", "applies_to": "Call", "when": {"all": [["reported_at", "is", "set"]]},
    "then": [{"oblige": {"role": "Service", "title": {"zh": "到场 {name}", "en": "Arrive for {name}"}, "due": "8 working hours",
                         "from": "reported_at", "warn_before": "2 working hours", "pause_when": [["waits", "=", 1]],
                         "escalate": [{"to": "Head"}, {"after": "4 working hours", "to": "Manager"}, {"after": "2 working days", "to": "Director"}]}}],
}  # fmt: skip
ARRIVED = {
    "name": "arrived", "title": "Arrived", "applies_to": "Call", "when": {"all": [["arrived_at", "is", "set"]]}, "then": [{"fulfil": "arrive"}],
}  # fmt: skip
VISITS = {
    "name": "visits", "title": "Visits", "applies_to": "Call", "when": {"all": [["accepted_on", "is", "set"], ["scrapped", "=", 0]]},
    "then": [{"oblige": {"role": "Service", "title": {"zh": "回访 {name}", "en": "Visit {name}"}, "every": "3 months", "from": "accepted_on",
                         "until": "warranty_end", "warn_before": "7 d", "escalate_to": "Head"}}],
}  # fmt: skip
SERVICE = User("li", "Li", roles=frozenset({"All", "Service"}))
DIRECTOR = User("gao", "Gao", roles=frozenset({"All", "Director"}))
STRANGER = User("wu", "Wu", roles=frozenset({"All"}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture
def site(
    any_site: Site, publish: Callable[..., int], clock: SettableClock, shipped_doctypes: Mapping[str, dict[str, object]]
) -> Site:
    clock.set(at("2026-03-02 09:00"))
    calendars = (shipped_doctypes[name] for name in shipped_doctypes if name.startswith("Work Calendar"))
    publish(any_site, *calendars, CALL, ARRIVE, ARRIVED, VISITS)
    return any_site


def save(site: Site, name: str | None = None, **values: Any) -> str:
    return site.documents.save(ROOT, "Call", values, name=name).name


def owed(site: Site, name: str, rule: str = "arrive") -> list[Obligation]:
    """Of the record, in the order of their due times."""
    with site.database.read() as connection:
        found = ObligationBook(connection).of_record("Call", name, rule)
    return sorted(found, key=lambda item: item.due_at or datetime.max.replace(tzinfo=UTC))


def at_time(site: Site, clock: SettableClock, text: str) -> None:
    clock.set(at(text))
    site.timers.sweep()
    site.due.sweep()


def told(site: Site) -> list[str]:
    return [item["payload"]["title"]["en"] for item in reversed(site.engine.outbox()) if item["kind"] == "notification"]


def test_it_is_due_warned_of_and_escalated_in_working_time(site: Site, clock: SettableClock) -> None:
    name = save(site, reported_at="2026-03-06 16:00")
    (item,) = owed(site, name)
    assert (item.due_at, item.warn_at) == (at("2026-03-09 16:00"), at("2026-03-09 14:00"))
    states = {}
    for moment in ("2026-03-09 13:59", "2026-03-09 14:00", "2026-03-09 16:00", "2026-03-10 11:00", "2026-03-11 17:00"):
        at_time(site, clock, moment)
        (item,) = owed(site, name)
        states[moment] = (item.state, item.warned_at is not None, item.escalate_to, item.level)
    assert states == {
        "2026-03-09 13:59": ("open", False, "Head", 0),
        "2026-03-09 14:00": ("open", True, "Head", 0),
        "2026-03-09 16:00": ("escalated", True, "Head", 1),
        "2026-03-10 11:00": ("escalated", True, "Manager", 2),
        "2026-03-11 17:00": ("escalated", True, "Director", 3),
    }
    assert item.breached_at == at("2026-03-09 16:00")
    assert item.escalated_to == ("Head", "Manager", "Director"), "everybody it went to goes on seeing it"
    with site.database.read() as connection:
        for role in ("Service", "Head", "Manager", "Director"):
            assert ObligationBook(connection).inbox("x", frozenset({role})), role
        assert not ObligationBook(connection).inbox("x", frozenset({"Dir"}))
    assert [text.split(":")[0] for text in told(site)] == ["To do", "Due soon", "Late", *["Escalated because late"] * 3]


def test_a_worker_that_was_away_does_every_step_once(site: Site, clock: SettableClock) -> None:
    name = save(site, reported_at="2026-03-02 09:00")
    at_time(site, clock, "2026-04-01 09:00")
    at_time(site, clock, "2026-03-01 09:00")  # the clock is set back
    at_time(site, clock, "2026-04-01 10:00")
    assert owed(site, name)[0].level == 3
    assert len(told(site)) == len(set(told(site))) + 2, "three different people are told of the escalation"


def test_meeting_it_keeps_how_long_it_took_and_that_it_was_late(site: Site, clock: SettableClock) -> None:
    in_time, late = save(site, reported_at="2026-03-02 09:00"), save(site, reported_at="2026-03-02 09:00")
    clock.set(at("2026-03-02 15:00"))
    save(site, in_time, arrived_at="2026-03-02 15:00")
    clock.set(at("2026-03-03 11:00"))  # nobody has swept
    save(site, late, arrived_at="2026-03-03 11:00")
    (good,), (bad,) = owed(site, in_time), owed(site, late)
    assert (good.state, good.elapsed_seconds, good.breached_at) == ("met", 5 * 3600, None)
    assert (bad.state, bad.elapsed_seconds, bad.breached_at) == ("met", 10 * 3600, at("2026-03-03 09:00"))


def test_the_clock_stops_while_the_condition_holds(site: Site, clock: SettableClock) -> None:
    name = save(site, reported_at="2026-03-02 09:00")
    clock.set(at("2026-03-02 11:00"))
    save(site, name, waits=1)
    at_time(site, clock, "2026-03-05 09:00")
    (item,) = owed(site, name)
    assert (item.state, item.paused_at) == ("open", at("2026-03-02 11:00")), "nothing falls due while it waits"
    save(site, name, waits=0)
    (item,) = owed(site, name)
    assert (item.paused_at, item.due_at) == (None, at("2026-03-05 16:00")), "six working hours are left"
    (pause,) = site.due.pauses(ROOT, "Call", name)[item.id]
    assert (pause.started_at, pause.ended_at) == (at("2026-03-02 11:00"), at("2026-03-05 09:00"))
    assert told(site)[-1].startswith("Now due 2026-03-05 16:00")


def test_it_is_paused_by_hand_with_a_reason_and_by_whom_it_concerns(site: Site, clock: SettableClock) -> None:
    name = save(site, reported_at="2026-03-02 09:00")
    (item,) = owed(site, name)
    with pytest.raises(ValidationFailed):
        site.due.pause(SERVICE, item.id, "  ")
    with pytest.raises(PermissionRefused):
        site.due.pause(STRANGER, item.id, "I want to")
    site.due.pause(SERVICE, item.id, "the customer is asked for a date")
    with pytest.raises(ValidationFailed, match="stands already"):
        site.due.pause(DIRECTOR, item.id, "again")
    save(site, name, waits=0)
    assert owed(site, name)[0].paused_at, "what a person stopped does not go on by a rule"
    clock.set(at("2026-03-02 14:00"))
    assert site.due.resume(DIRECTOR, item.id).due_at == at("2026-03-03 14:00")
    with pytest.raises(ValidationFailed):
        site.due.resume(DIRECTOR, item.id)
    assert [pause.reason for pause in site.due.pauses(SERVICE, "Call", name)[item.id]] == ["the customer is asked for a date"]


def test_it_moves_with_the_record(site: Site, clock: SettableClock) -> None:
    name = save(site, reported_at="2026-03-02 09:00")
    at_time(site, clock, "2026-03-03 09:00")
    assert owed(site, name)[0].state == "escalated"
    save(site, name, reported_at="2026-03-02 16:00")
    (item,) = owed(site, name)
    assert (item.state, item.due_at, item.level, item.breached_at) == ("open", at("2026-03-03 16:00"), 0, None)
    at_time(site, clock, "2026-03-03 16:00")
    assert owed(site, name)[0].state == "escalated", "late anew, and told anew"
    assert sum(text.startswith("Late") for text in told(site)) == 2


def test_due_times_follow_the_calendar_and_their_owners_are_told(site: Site, clock: SettableClock) -> None:
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), 1)
    shifts = [{"start_time": start, "end_time": end, **week} for start, end in (("08:00", "12:00"), ("13:00", "17:00"))]
    site.documents.save(ROOT, "Work Calendar", {"calendar_name": "Site", "title": "Site", "is_default": 1, "shifts": shifts})
    site.worker.run_once()
    name = save(site, reported_at="2026-12-31 16:00")
    (item,) = owed(site, name)
    assert (item.due_at, item.is_estimated) == (at("2027-01-04 16:00"), True)
    site.calendar_years.fill(ROOT, 2027)
    record = site.documents.load(ROOT, "Work Calendar", "Site")
    years = [{**row, "state": "Announced"} for row in record["years"]]
    days = [*record["days"], {"day": "2027-01-03", "kind": "Workday", "title": "元旦调休"}]
    site.documents.save(ROOT, "Work Calendar", {"years": years, "days": days}, name="Site", version=record["version"])
    site.worker.run_once()
    (item,) = owed(site, name)
    assert (item.due_at, item.is_estimated) == (at("2027-01-03 16:00"), False)
    assert told(site)[-1] == f"Now due 2027-01-03 16:00: Arrive for {name}"


# Plans


def due_days(site: Site, name: str, *states: str) -> list[date]:
    found = [item for item in owed(site, name, "visits") if item.state in (states or ("open",))]
    return [item.due_at.astimezone(SHANGHAI).date() for item in found if item.due_at]


def test_a_plan_makes_its_rows_ahead_and_none_twice(site: Site, clock: SettableClock) -> None:
    name = save(site, accepted_on="2026-01-31", warranty_end="2027-01-31")
    assert due_days(site, name) == [date(2026, 4, 30), date(2026, 7, 31)]
    save(site, name, waits=1)
    save(site, name, waits=0)
    assert len(owed(site, name, "visits")) == 2
    at_time(site, clock, "2026-05-01 09:00")
    assert due_days(site, name) == [date(2026, 7, 31), date(2026, 10, 31)], "time alone made the next one"
    assert due_days(site, name, "escalated") == [date(2026, 4, 30)]
    for moment in ("2026-08-01 09:00", "2026-11-01 09:00", "2027-02-01 09:00", "2027-06-01 09:00"):
        at_time(site, clock, moment)
    assert due_days(site, name, "open", "escalated") == [
        date(2026, 4, 30),
        date(2026, 7, 31),
        date(2026, 10, 31),
        date(2027, 1, 31),
    ]


def test_a_plan_follows_the_dates_of_the_record(site: Site, clock: SettableClock) -> None:
    name = save(site, accepted_on="2026-01-31", warranty_end="2027-01-31")
    save(site, name, accepted_on="2026-02-15", warranty_end="2026-06-30")
    assert due_days(site, name) == [date(2026, 5, 15)]
    save(site, name, warranty_end="2027-06-30")
    assert due_days(site, name) == [date(2026, 5, 15), date(2026, 8, 15)]


def test_a_plan_that_is_entered_late_asks_for_no_visits_of_the_past(site: Site) -> None:
    name = save(site, accepted_on="2024-01-31", warranty_end="2027-01-31")
    assert due_days(site, name) == [date(2026, 4, 30), date(2026, 7, 31)]


@pytest.mark.parametrize("ended", ["scrapped", "cancelled"])
def test_a_plan_stops_with_its_record(site: Site, clock: SettableClock, ended: str) -> None:
    name = save(site, accepted_on="2026-01-31", warranty_end="2027-01-31")
    if ended == "scrapped":
        save(site, name, scrapped=1)
    else:
        site.documents.submit(ROOT, "Call", name)
        site.documents.cancel(ROOT, "Call", name, reason="wrong")
    at_time(site, clock, "2026-09-01 09:00")
    assert due_days(site, name, "open", "late", "escalated") == []


def test_what_a_rule_may_not_say_is_named(site: Site, publish: Callable[..., int]) -> None:
    body = {
        "role": "Service", "title": "t", "due": "8 workhours", "every": "quarter", "ahead": 0, "escalate_to": "Head",
        "escalate": [{"after": "2 h", "to": "Head"}, {"after": "1 h", "to": "Head", "at": 1}],
    }  # fmt: skip
    with pytest.raises(Exception) as refused:
        publish(site, {"name": "odd", "title": "Odd", "applies_to": "Call", "then": [{"oblige": body}]})
    faults = [fault.where.rpartition("oblige.")[2] for fault in refused.value.faults]  # type: ignore[attr-defined]
    assert sorted(faults) == ["ahead", "due", "escalate", "escalate[1].after", "escalate[1].at", "every", "from"]
