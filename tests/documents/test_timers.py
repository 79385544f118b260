"""Time rules: judged once at each of their times, moved with the field they count from, and never held up by one that fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from documents_shop import ROLE

from server.access.user import User
from server.core.clock import SettableClock
from server.documents.save_path import SavePath
from server.site import Site

VISIT = {
    "name": "Visit", "autoname": "V-.###",
    "fields": [{"fieldname": "reported_at", "fieldtype": "Datetime"}, {"fieldname": "due_on", "fieldtype": "Datetime"}],
    "permissions": [{"role": "Clerk", **ROLE}],
}  # fmt: skip
REMIND = {
    "name": "remind", "applies_to": "Visit",
    "on": [{"after": "12 h", "of": "reported_at"}, {"after": "-1 h", "of": "due_on"}],
    "then": [{"oblige": {"role": "Clerk", "title": "call the customer"}}],
}  # fmt: skip


@pytest.fixture
def visits(any_site: Site, publish: Callable[..., int]) -> Site:
    publish(any_site, VISIT, REMIND)
    return any_site


def owed(site: Site, clerk: User, name: str) -> int:
    return len(site.inbox.for_record(clerk, "Visit", name))


def test_a_rule_with_two_times_is_judged_at_both(visits: Site, clerk: User, clock: SettableClock) -> None:
    now = clock.now()
    values: dict[str, Any] = {"reported_at": now, "due_on": now + timedelta(hours=4)}
    name = visits.documents.save(clerk, "Visit", values).name
    fired = []
    for _ in range(13):
        clock.advance(hours=1)
        fired.append(visits.timers.sweep())
    assert [hour for hour, count in enumerate(fired, 1) if count] == [3, 12]
    assert owed(visits, clerk, name) == 1


def test_a_record_whose_rule_fails_holds_up_no_other(
    visits: Site, clerk: User, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (visits.documents.save(clerk, "Visit", {"reported_at": clock.now()}).name for _ in range(2))
    fire = SavePath.fire

    def failing(path: SavePath, name: str, rule: str, scheduled_at: datetime | None = None) -> None:
        if name == bad:
            raise RuntimeError("something nobody thought of")
        fire(path, name, rule, scheduled_at)

    monkeypatch.setattr(SavePath, "fire", failing)
    clock.advance(hours=12)
    assert visits.timers.sweep() == 2
    assert (owed(visits, clerk, bad), owed(visits, clerk, good)) == (0, 1)
    assert visits.timers.sweep() == 0  # it is marked, not tried for ever
    assert [(item["name"], item["rule"]) for item in visits.engine.failed_timers()] == [
        (bad, "remind")
    ]  # administrators see it
