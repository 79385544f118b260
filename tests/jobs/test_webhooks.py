"""Webhooks: told of the changes they ask for, with what the administrator chose, in one transaction with the change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_servers import WebServer
from notified_office import ADMIN, furnish, log

from server.core.clock import SettableClock
from server.core.errors import ValidationFailed
from server.site import Site, open_site


@pytest.fixture
def office(tmp_path: Path, clock: SettableClock) -> Iterator[Site]:
    site = open_site(tmp_path, clock=clock, environ={}, embedded_worker=False, private_hosts=("127.0.0.0/8",))
    yield furnish(site)
    site.close()


def hook(site: Site, web: WebServer, event: str, **values: Any) -> str:
    sent = {
        "title": f"to ERP {event}", "webhook_doctype": "Ticket", "webhook_docevent": event, "enabled": 1, "request_url": f"{web.url}/in",
        "webhook_secret": "shared", "webhook_headers": [{"key": "Authorization", "value": "Bearer theirs"}],
    }  # fmt: skip
    return site.documents.save(ADMIN, "Webhook", sent | values).name


def test_each_change_tells_the_webhooks_of_its_events(office: Site, web: WebServer) -> None:
    for event in ("after_insert", "on_update", "on_submit", "on_update_after_submit", "on_cancel", "on_trash", "on_change"):
        hook(office, web, event)
    site = office.documents
    site.save(ADMIN, "Ticket", {"code": "T-2"})
    site.save(ADMIN, "Ticket", {"hours": 1}, name="T-2")
    site.save(ADMIN, "Ticket", {"hours": 1}, name="T-2")  # changes nothing
    site.submit(ADMIN, "Ticket", "T-2")
    site.save(ADMIN, "Ticket", {"hours": 2}, name="T-2")
    site.cancel(ADMIN, "Ticket", "T-2")
    site.delete(ADMIN, "Ticket", "T-1")
    assert office.post_office.run_once() == len(web.asked)
    told = [(asked.json["event"], asked.json["name"]) for asked in web.asked if asked.json["event"] != "on_change"]
    assert told == [
        ("after_insert", "T-2"), ("on_update", "T-2"), ("on_update", "T-2"), ("on_submit", "T-2"), ("on_update", "T-2"),
        ("on_update_after_submit", "T-2"), ("on_cancel", "T-2"), ("on_trash", "T-1"),
    ]  # fmt: skip
    assert sum(asked.json["event"] == "on_change" for asked in web.asked) == 6
    assert all(asked.headers["authorization"] == "Bearer theirs" for asked in web.asked)


def test_what_nobody_named_is_left_out_when_it_is_guarded(office: Site, web: WebServer) -> None:
    hook(office, web, "after_insert")
    hook(office, web, "on_update", webhook_data=[{"fieldname": "fee", "key": "amount"}, {"fieldname": "phone", "key": "phone"}])
    office.documents.save(ADMIN, "Ticket", {"code": "T-2", "hours": 1, "fee": 900, "phone": "13800000009", "token": "t0ken"})
    office.post_office.run_once()
    open_doc, named = (asked.json["doc"] for asked in sorted(web.asked, key=lambda asked: asked.json["event"]))
    assert open_doc["hours"] == 1
    assert not {"fee", "phone", "token"} & set(open_doc)
    assert named == {"amount": 900, "phone": "13800000009"}


def test_a_condition_chooses_and_a_refused_save_tells_nobody(office: Site, web: WebServer) -> None:
    hook(office, web, "on_change", condition="doc.hours > 8")
    office.documents.save(ADMIN, "Ticket", {"code": "T-2", "hours": 8})
    office.documents.save(ADMIN, "Ticket", {"code": "T-3", "hours": 9})
    with pytest.raises(ValidationFailed):
        office.documents.save(ADMIN, "Ticket", {"code": "T-4", "hours": "many"})
    office.post_office.run_once()
    assert [asked.json["name"] for asked in web.asked] == ["T-3"]


def test_a_dead_receiver_stops_no_save_and_no_other_webhook(office: Site, web: WebServer, clock: SettableClock) -> None:
    hook(office, web, "after_insert")
    hook(office, web, "on_update", request_url="http://127.0.0.1:1/nobody")
    for number in range(2, 6):
        office.documents.save(ADMIN, "Ticket", {"code": f"T-{number}"})
    office.post_office.run_once()
    assert len(web.asked) == 4
    tried = [row["attempts"] for row in log(office, target="to ERP on_update")]
    assert sum(tried) == 1  # the others wait without being tried


def test_it_is_tried_again_with_one_delivery_number_and_a_new_signature(
    office: Site, web: WebServer, clock: SettableClock
) -> None:
    hook(office, web, "after_insert")
    web.reply = lambda asked: (500, {}, {})
    office.documents.save(ADMIN, "Ticket", {"code": "T-2"})
    office.post_office.run_once()
    web.reply = lambda asked: (200, {}, {})
    clock.advance(seconds=6)
    office.post_office.run_once()
    first, second = web.asked
    assert first.headers["x-guiju-delivery"] == second.headers["x-guiju-delivery"]
    assert first.headers["x-guiju-signature"] != second.headers["x-guiju-signature"]
    assert [(row["state"], row["attempts"]) for row in log(office)] == [("done", 2)]


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"request_url": "ftp://x"}, ["request_url"]),
        ({"condition": "doc.hours >"}, ["condition"]),
        ({"condition": "doc.ours > 3"}, ["condition"]),
        ({"webhook_doctype": "Has Role"}, ["webhook_doctype"]),
        ({"webhook_data": [{"fieldname": "feee", "key": "a"}, {"fieldname": "token", "key": "b"}]}, ["webhook_data[0].fieldname", "webhook_data[1].fieldname"]),
        ({"webhook_headers": [{"key": "X Y", "value": "1"}]}, ["webhook_headers[0].key"]),
    ],
)  # fmt: skip
def test_a_webhook_that_cannot_work_is_refused(office: Site, web: WebServer, values: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        hook(office, web, "on_update", **values)
    assert [fault.where for fault in refused.value.faults] == fields
