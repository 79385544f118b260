"""E-signatures over REST: what a program must send to sign, and that nothing less does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_client import Client
from rest_company import PASSWORD

from server.site import Site

TICKET = "Repair Ticket"


@pytest.fixture
def ticket(zhao: Client, code: Callable[[], str]) -> str:
    return str(zhao.create(TICKET, {"code": code(), "subject": "a ticket to sign"}).data["name"])


def wanted(name: str, **further: Any) -> dict[str, Any]:
    return {
        "doctype": TICKET,
        "name": name,
        "version": 1,
        "meaning": "approved",
        "login": "zhao",
        "password": PASSWORD,
    } | further


def signatures(client: Client, name: str) -> list[dict[str, Any]]:
    return list(client.call("guiju.signatures", doctype=TICKET, name=name).data)


def test_a_record_is_signed_and_its_signature_read(zhao: Client, ticket: str) -> None:
    signed = zhao.call("guiju.sign", **wanted(ticket, reason="all parts there")).data

    assert (signed["signer"], signed["meaning"], signed["reason"], signed["valid"]) == (
        "zhao",
        "approved",
        "all parts there",
        True,
    )
    assert signatures(zhao, ticket) == [signed]


def test_a_change_makes_it_void_and_says_what_changed(zhao: Client, ticket: str) -> None:
    zhao.call("guiju.sign", **wanted(ticket))
    zhao.update(TICKET, ticket, {"subject": "something else"})

    (found,) = signatures(zhao, ticket)

    assert (found["valid"], found["voided_by"]) == (False, "zhao")
    assert [(item["field"], item["old"], item["new"]) for item in found["changed"]] == [
        ("subject", "a ticket to sign", "something else")
    ]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param({"password": ""}, 417, id="without the password"),
        pytest.param({"login": ""}, 417, id="without the login"),
        pytest.param({"password": "wrong-Password-1"}, 417, id="with a wrong password"),
        pytest.param({"login": "li"}, 417, id="in the name of another"),
        pytest.param({"version": 2}, 409, id="for another version"),
        pytest.param({"version": None}, 417, id="without the version"),
        pytest.param({"meaning": "liked"}, 417, id="for no known meaning"),
        pytest.param({"obligation": "nothing-owed"}, 404, id="for what is not owed"),
    ],
)
def test_nothing_less_signs(zhao: Client, ticket: str, sent: dict[str, Any], status: int) -> None:
    refused = zhao.call("guiju.sign", **wanted(ticket, **sent))

    assert refused.status == status
    assert signatures(zhao, ticket) == []


def test_a_request_that_is_sent_a_second_time_for_another_record_signs_that_only_with_the_password(
    zhao: Client, ticket: str, code: Callable[[], str]
) -> None:
    """Nothing that the first answer holds opens a second signing."""
    signed = zhao.call("guiju.sign", **wanted(ticket)).data
    other = zhao.create(TICKET, {"code": code(), "subject": "another"}).data["name"]

    replayed = zhao.call("guiju.sign", **{**signed, "name": other, "login": "zhao"})

    assert replayed.status == 417
    assert signatures(zhao, other) == []


def test_an_api_key_signs_only_with_everything_each_time(site: Site, port: int, ticket: str) -> None:
    program = Client(port).use_key(*site.accounts.create_api_key("zhao"))
    assert program.call("guiju.sign", **wanted(ticket)).status == 200

    again = program.call("guiju.sign", **wanted(ticket, login=""))

    assert again.status == 417


def test_a_page_of_another_site_signs_nothing(zhao: Client, ticket: str) -> None:
    forged = zhao.request("POST", "/api/method/guiju.sign", wanted(ticket), X_Frappe_CSRF_Token="guessed")
    assert forged.status == 403
