"""A rule that fails while it is judged: the save is refused or passes as the rule says, the input is not lost, somebody is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from documents_shop import ROLE
from sqlalchemy import text

from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import ValidationFailed
from server.site import Site

VISIT = {
    "name": "Visit", "autoname": "V-.###",
    "fields": [
        {"fieldname": "note", "fieldtype": "Data"}, {"fieldname": "due_on", "fieldtype": "Date"},
        {"fieldname": "reported_at", "fieldtype": "Datetime"},
    ],
    "permissions": [{"role": "Clerk", **ROLE}],
}  # fmt: skip
OTHER = {
    "name": "Other",
    "autoname": "O-.###",
    "fields": [{"fieldname": "note", "fieldtype": "Data"}],
    "permissions": [{"role": "Clerk", **ROLE}],
}
DUE: dict[str, Any] = {
    "name": "due", "title": {"zh": "期限", "en": "Due"}, "applies_to": "Visit", "when": {"all": [["note", "is", "set"]]},
    "then": [{"set": {"due_on": {"expr": "doc.note"}}}],
}  # fmt: skip
COUNT: dict[str, Any] = {
    "name": "count", "applies_to": "Visit", "facts": {"n": {"count": "Other"}, "m": {"count": "Visit"}},
    "when": {"all": [["@m", ">=", 0], ["@n", ">", 3]]}, "then": [{"warn": "many"}],
}  # fmt: skip


def told(site: Site) -> list[str]:
    return [item["payload"]["title"]["en"] for item in site.engine.outbox() if item["kind"] == "notification"]


def test_a_save_passes_with_a_recorded_incident(
    empty_site: Site, publish: Callable[..., int], clerk: User, clock: SettableClock
) -> None:
    publish(empty_site, VISIT, DUE)
    name = empty_site.documents.save(clerk, "Visit", {"note": "soon"}).name
    (incident,) = empty_site.engine.incidents()
    assert (incident["rule"], incident["doctype"], incident["name"], incident["by"]) == ("due", "Visit", name, "clerk")
    assert (incident["refused"], incident["event"]) == (0, "validate")
    assert "not a date; expected" in incident["reason"]["en"]
    assert told(empty_site) == ['The rule "Due" could not be judged: "soon" is not a date; expected e.g. 2026-03-31']
    empty_site.documents.save(clerk, "Visit", {"note": "soon", "reported_at": clock.now()}, name=name)
    other = empty_site.documents.save(clerk, "Visit", {"note": "soon"}).name
    assert {item["name"] for item in empty_site.engine.incidents()} == {name, other}  # once a day and record
    assert len(told(empty_site)) == 1  # once a day
    empty_site.engine.settle_incident(incident["key"], "boss")
    assert empty_site.engine.open_incidents() == 1


def test_a_save_is_refused_and_the_incident_stays(empty_site: Site, publish: Callable[..., int], clerk: User) -> None:
    publish(empty_site, VISIT, DUE | {"on_failure": "refuse"})
    with pytest.raises(ValidationFailed) as refused:
        empty_site.documents.save(clerk, "Visit", {"note": "soon"})
    assert [fault.rule for fault in refused.value.faults] == ["due"]
    (incident,) = empty_site.engine.incidents()
    assert (incident["name"], incident["refused"]) == (None, 1)
    assert len(told(empty_site)) == 1
    assert empty_site.queries.list(clerk, "Visit").rows == []


def test_a_question_that_breaks_takes_nothing_along(empty_site: Site, publish: Callable[..., int], clerk: User) -> None:
    publish(empty_site, VISIT, OTHER, COUNT)
    empty_site.documents.save(clerk, "Visit", {"note": "before"})
    with empty_site.database.write() as connection:
        connection.execute(text("DROP TABLE tab_other"))
    saved = empty_site.documents.save(clerk, "Visit", {"note": "kept"})
    assert saved.record["note"] == "kept"
    (incident,) = empty_site.engine.incidents()
    assert (incident["rule"], incident["refused"]) == ("count", 0)


def test_a_condition_of_a_pause_that_breaks_is_told_and_leaves_the_clock(
    empty_site: Site, publish: Callable[..., int], clerk: User
) -> None:
    owe = {"role": "Clerk", "title": "Visit", "due": "8 h", "from": "reported_at", "pause_when": [["@n", ">", 0]]}
    rule = {"name": "owe", "applies_to": "Visit", "facts": {"n": {"count": "Other"}}, "then": [{"oblige": owe}]}
    publish(empty_site, VISIT, OTHER, rule)
    with empty_site.database.write() as connection:
        connection.execute(text("DROP TABLE tab_other"))

    name = empty_site.documents.save(clerk, "Visit", {"note": "kept", "reported_at": empty_site.clock.now()}).name

    (incident,) = empty_site.engine.incidents()
    assert (incident["rule"], incident["name"], incident["refused"]) == ("owe", name, 0)
    (item,) = empty_site.inbox.for_record(clerk, "Visit", name)
    assert item.obligation.paused_at is None


def test_a_time_rule_that_fails_is_marked_and_told(
    empty_site: Site, publish: Callable[..., int], clerk: User, clock: SettableClock
) -> None:
    publish(empty_site, VISIT, DUE | {"on": [{"after": "1 h", "of": "reported_at"}]})
    name = empty_site.documents.save(clerk, "Visit", {"note": "soon", "reported_at": clock.now()}).name
    clock.set(clock.now() + timedelta(hours=1))
    assert empty_site.timers.sweep() == 1
    assert [item["name"] for item in empty_site.engine.failed_timers()] == [name]
    assert [(item["name"], item["event"]) for item in empty_site.engine.incidents()] == [(name, "time:due")]
    assert empty_site.timers.sweep() == 0
