"""Why rules spoke, over REST: for each version of a record, with the words of the clauses, as far as the reader sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_client import Client

from server.access.user import User
from server.site import Site

TICKET = "Repair Ticket"


def entry(client: Client, name: str, **further: Any) -> dict[str, Any]:
    found = client.call("guiju.why", doctype=TICKET, name=name, **further).data
    assert found["doctype"] == TICKET
    return {rule["rule"]: rule for rule in found["rules"]} | {"clauses": found["clauses"]}


def test_each_save_says_why_and_the_clause_says_its_words(site: Site, zhao: Client, code: Callable[[], str]) -> None:
    words = {"code": "S08-05", "document": "S08", "text": "按实际收费", "expectation": "charged as it was"}
    site.documents.save(User.administrator(), "Procedure", {"code": "S08", "title": "售后服务"})
    site.documents.save(User.administrator(), "Clause", words)
    name = zhao.create(TICKET, {"code": code(), "subject": "dear"}).data["name"]
    zhao.update(TICKET, name, {"subject": "dearer"})
    for version in (1, 2):
        told = entry(zhao, name, version=version)
        (condition,) = told["repair-total-limit"]["conditions"]
        assert (condition["holds"], condition["operator"], condition["expected"]) == (False, ">", 10000)
        assert told["repair-total-limit"]["matched"] is False
        assert told["clauses"] == {"S08-05": {"zh": "按实际收费", "en": "charged as it was"}}
    assert zhao.call("guiju.why", doctype=TICKET, name=name, version=9).status == 404


def test_who_may_not_read_the_record_learns_nothing(anonymous: Client, zhao: Client, code: Callable[[], str]) -> None:
    name = zhao.create(TICKET, {"code": code(), "subject": "secret"}).data["name"]
    assert anonymous.call("guiju.why", doctype=TICKET, name=name).status in (401, 403)


def test_a_record_is_judged_again_as_of_a_day(zhao: Client, code: Callable[[], str]) -> None:
    name = zhao.create(TICKET, {"code": code(), "subject": "dear"}).data["name"]
    zhao.update(TICKET, name, {"subject": "dearer"})

    def judged(at: str) -> Any:
        return zhao.call("guiju.replay", doctype=TICKET, name=name, at=at)

    found = judged("2999-12-31").data
    assert (found["version"], found["event"], found["facts"]) == (2, "validate", "today")
    assert "repair-total-limit" in {rule["rule"] for rule in found["rules"]}
    assert judged("2001-02-03").status == 404
    for wrong in ("31.12.2999", "0001-01-01T00:00", "9999-12-31T23:59-12:00"):
        assert judged(wrong).status == 417, wrong
    assert zhao.call("guiju.replay", doctype=TICKET, name="no such", at="2999-12-31").status == 404
