"""Notifications reach every person concerned, once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import SettableClock
from server.jobs import outbox
from server.jobs.channels import deliver_notification
from server.jobs.worker import Worker
from server.metadata.load import read_doctype
from server.metadata.model import Model
from server.storage import migrate, records
from server.storage.database import Database
from server.storage.system import notification

HAS_ROLE = {"name": "Has Role", "istable": 1, "fields": [{"fieldname": "role", "fieldtype": "Data"}]}
USER = {
    "name": "User",
    "fields": [
        {"fieldname": "enabled", "fieldtype": "Check"},
        {"fieldname": "roles", "fieldtype": "Table", "options": "Has Role"},
    ],
}


@pytest.fixture
def people(database: Database, clock: SettableClock) -> None:
    model = Model({item["name"]: read_doctype(item) for item in (HAS_ROLE, USER)})
    with database.read() as connection:
        plan = migrate.propose(connection, model)
    migrate.apply(database, plan)
    with database.write() as connection:
        for name, enabled, roles in (
            ("li", 1, ["Sales"]),
            ("wang", 1, ["Sales", "Manager"]),
            ("left", 0, ["Sales"]),
            ("zhao", 1, []),
        ):
            base = {"name": name, "creation": clock.now(), "modified": clock.now(), "enabled": enabled}
            records.insert(connection, model, model["User"], base | {"roles": [{"role": role} for role in roles]})


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        pytest.param({"role": "Sales"}, ["li", "wang"], id="everybody enabled with a role"),
        pytest.param({"role": "All"}, ["li", "wang", "zhao"], id="everybody"),
        pytest.param({"user": "zhao"}, ["zhao"], id="one person"),
        pytest.param({"user": "li", "role": "Manager"}, ["li"], id="the person named, not the role"),
        pytest.param({"role": "Nobody has this"}, [], id="a role without people"),
        pytest.param({}, [], id="nobody"),
    ],
)
def test_a_notification_reaches_each_person_once(
    database: Database, clock: SettableClock, payload: dict[str, Any], expected: list[str]
) -> None:
    content = {"title": {"zh": "已超期", "en": "Late"}, "doctype": "D", "name": "n", "key": "late:1"} | payload
    with database.write() as connection:
        for key in ("first", "again"):
            outbox.enqueue(connection, "notification", content, key, clock.now())
    assert Worker(database, clock, {"notification": deliver_notification}).run_once() == 2
    with database.read() as connection:
        rows = connection.execute(select(notification).order_by(notification.c.user)).mappings().all()
    assert [row["user"] for row in rows] == expected
    assert all(row["title"]["zh"] == "已超期" and row["at"] == clock.now() and row["read_at"] is None for row in rows)
