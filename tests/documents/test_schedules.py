"""Rules on a schedule and on transitions: each firing once for each record, made up for after downtime, with effects of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from documents_shop import ROLE
from sqlalchemy import update
from test_at_once import both

from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import MetadataInvalid, ValidationFailed
from server.documents import incidents, timers
from server.site import Site
from server.storage.system import schedule

ADMIN = User.administrator()
MACHINE = {
    "name": "Machine", "autoname": "field:code",
    "fields": [{"fieldname": "code", "fieldtype": "Data", "reqd": 1}, {"fieldname": "state", "fieldtype": "Select", "options": "Running\nScrapped"}],
    "permissions": [{"role": "Clerk", **ROLE}],
}  # fmt: skip
CHECK = {
    "name": "Machine Check",
    "fields": [{"fieldname": "machine", "fieldtype": "Data"}, {"fieldname": "due", "fieldtype": "Date"}],
    "permissions": [{"role": "Clerk", **ROLE}],
}  # fmt: skip
MONTHLY = {
    "name": "monthly-check", "applies_to": "Machine", "on": [{"schedule": {"every": "month", "on": 1, "at": "08:00"}}],
    "when": {"all": [["state", "=", "Running"]]},
    "then": [{"create": {"doctype": "Machine Check", "values": {"machine": {"path": "code"}, "due": {"expr": "today()"}}}},
             {"oblige": {"role": "Clerk", "title": "check {code}"}}],
}  # fmt: skip


def at(site: Site) -> list[tuple[str, str]]:
    rows = site.queries.list(ADMIN, "Machine Check", fields=["machine", "due"], limit=100).rows
    return sorted((str(row["due"]), row["machine"]) for row in rows)


@pytest.fixture
def machines(empty_site: Site, publish: Callable[..., int], clerk: User) -> Site:
    publish(empty_site, MACHINE, CHECK, MONTHLY)
    for code, state in (("A", "Running"), ("B", "Running"), ("C", "Scrapped")):
        empty_site.documents.save(clerk, "Machine", {"code": code, "state": state})
    empty_site.timers.sweep()
    return empty_site


def test_a_firing_comes_once_and_what_was_missed_is_made_up_for(machines: Site, clerk: User, clock: SettableClock) -> None:
    for _ in range(2):
        machines.timers.sweep()
    assert at(machines) == []

    clock.advance(days=30)  # Monday 2 March 09:00 -> 1 April 09:00
    both(machines.timers.sweep, machines.timers.sweep)
    machines.timers.sweep()
    assert at(machines) == [("2026-04-01", "A"), ("2026-04-01", "B")]
    machines.documents.save(clerk, "Machine", {"state": "Running"}, name="C")

    clock.advance(days=75)  # nobody was at work on the first of May and of June
    for _ in range(3):
        machines.timers.sweep()
    assert at(machines)[2:] == [(f"2026-0{month}-01", code) for month in (5, 6) for code in "ABC"]
    assert len(machines.inbox.for_record(clerk, "Machine", "A")) == 3


def test_what_is_switched_off_is_not_made_up_for(machines: Site, publish: Callable[..., int], clock: SettableClock) -> None:
    publish(machines, MONTHLY | {"enabled": 0})
    machines.timers.sweep()
    clock.advance(days=40)
    publish(machines, MONTHLY)
    machines.timers.sweep()
    machines.timers.sweep()
    assert at(machines) == []


WORKFLOW = {
    "name": "machine-life", "document_type": "Machine", "is_active": 1, "workflow_state_field": "workflow_state",
    "states": [{"state": "New", "allow_edit": "Clerk"}, {"state": "In Use", "allow_edit": "Clerk"}, {"state": "Gone", "allow_edit": "Clerk"}],
    "transitions": [{"state": "New", "action": "Release", "next_state": "In Use", "allowed": "Clerk"},
                    {"state": "In Use", "action": "Scrap", "next_state": "Gone", "allowed": "Clerk"}],
}  # fmt: skip


def test_a_rule_on_a_transition_speaks_then_and_may_refuse_it(
    empty_site: Site, publish: Callable[..., int], clerk: User, clock: SettableClock
) -> None:
    stop = {"name": "stop", "applies_to": "Machine", "on": [{"transition": {"action": "Scrap", "from": "In Use"}}],
            "when": {"all": [["state", "!=", "Scrapped"]]}, "then": [{"block": {"field": "state", "message": "scrap it first"}}]}  # fmt: skip
    tell = {
        "name": "tell",
        "applies_to": "Machine",
        "on": [{"transition": {"to": "In Use"}}],
        "then": [{"set": {"state": "Running"}}],
    }
    publish(empty_site, MACHINE | {"track_changes": 1}, WORKFLOW, stop, tell)
    name = empty_site.documents.save(clerk, "Machine", {"code": "A"}).name
    with pytest.raises(MetadataInvalid, match="'Scarp' is not in the workflow"):
        publish(empty_site, {**stop, "on": [{"transition": {"action": "Scarp"}}]})

    assert empty_site.documents.transition(clerk, "Machine", name, "Release").record["state"] == "Running"
    judged = empty_site.judged_then.replay(clerk, "Machine", name, clock.now())
    assert (judged["event"], [entry["rule"] for entry in judged["rules"] if entry["matched"]]) == ("transition", ["tell"])
    with pytest.raises(ValidationFailed) as refused:
        empty_site.documents.transition(clerk, "Machine", name, "Scrap")
    assert [(fault.where, fault.text.en) for fault in refused.value.faults] == [("state", "scrap it first")]
    empty_site.documents.save(clerk, "Machine", {"state": "Scrapped"}, name=name)
    assert empty_site.documents.transition(clerk, "Machine", name, "Scrap").record["workflow_state"] == "Gone"


def test_what_is_cancelled_between_the_firing_and_its_turn_is_left_alone(
    machines: Site, publish: Callable[..., int], clerk: User, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(machines, MACHINE | {"is_submittable": 1})
    machines.documents.submit(clerk, "Machine", "B")
    monkeypatch.setattr(timers, "AT_ONCE", 1)
    clock.advance(days=30)
    machines.timers.sweep()
    machines.documents.cancel(clerk, "Machine", "B")

    machines.timers.sweep()

    assert at(machines) == [("2026-04-01", "A")]
    assert machines.inbox.for_record(clerk, "Machine", "B") == []


def test_a_day_of_the_year_is_a_month_and_a_day(publish: Callable[..., int], empty_site: Site) -> None:
    yearly = {"every": "year", "on": "W01-1"}
    with pytest.raises(MetadataInvalid, match="'W01-1' should be month and day such as 03-31"):
        publish(empty_site, MACHINE, CHECK, MONTHLY | {"on": [{"schedule": yearly}]})


def test_a_schedule_that_cannot_be_planned_holds_up_no_other(
    machines: Site, publish: Callable[..., int], clock: SettableClock
) -> None:
    broken = {**MONTHLY, "name": "a-broken-one", "then": [{"oblige": {"role": "Clerk", "title": "x"}}]}
    publish(machines, broken)
    machines.timers.sweep()
    with machines.database.write() as connection:
        connection.execute(update(schedule).where(schedule.c.rule == "a-broken-one").values(planned_to=None))

    clock.advance(days=30)
    for _ in range(2):
        machines.timers.sweep()

    assert at(machines) == [("2026-04-01", "A"), ("2026-04-01", "B")]
    with machines.database.read() as connection:
        assert [row["rule"] for row in incidents.newest(connection)] == ["a-broken-one"]
