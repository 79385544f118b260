"""Records by the verbs of HTTP, with a plain client: what goes in, what comes back, what is refused and how."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_client import Client, resource

TICKET = "Repair Ticket"
Code = Callable[[], str]


def ticket(code: str, **values: Any) -> dict[str, Any]:
    return {"code": code, "subject": "主轴异响"} | values


def test_a_record_comes_back_in_frappes_shape(li: Client, code: Code) -> None:
    name = code()
    parts = [{"item": "轴承", "qty": 2, "rate": 99.5}, {"item": "密封圈", "qty": 3, "rate": 10}]

    made = li.create(TICKET, ticket(name, reported_at="2026-03-31 14:30:00", due_on="2026-04-02", parts=parts))

    assert made.status == 200
    record = made.json["data"]
    assert (record["doctype"], record["name"], record["owner"], record["docstatus"]) == (TICKET, name, "li", 0)
    assert (record["reported_at"], record["due_on"], record["creation"]) == (
        "2026-03-31 14:30:00",
        "2026-04-02",
        "2026-06-15 09:00:00",
    )
    assert record["total"] == 229
    row = record["parts"][1]
    assert (row["doctype"], row["parent"], row["parentfield"], row["idx"], row["amount"]) == (
        "Repair Part",
        name,
        "parts",
        2,
        30,
    )
    assert li.get(TICKET, name).data == record


def test_a_record_sent_back_unchanged_changes_nothing(li: Client, code: Code) -> None:
    record = li.create(TICKET, ticket(code(), reported_at="2026-03-31 14:30:00", parts=[{"item": "轴承", "rate": 1.05}])).data

    again = li.update(TICKET, record["name"], record).data

    assert again == record


@pytest.mark.parametrize(
    "name",
    ["返修单 一号", "RT/2026/03", "RT//2026", "50% off?#&+", "引号“'\"", "a.b;c=d"],
    ids=lambda name: name.encode("ascii", "replace").decode(),
)
def test_names_may_hold_chinese_slashes_and_signs(li: Client, name: str) -> None:
    assert li.create(TICKET, ticket(name)).status == 200
    assert li.get(TICKET, name).data["name"] == name
    assert li.update(TICKET, name, {"subject": "改后"}).data["subject"] == "改后"
    deleted = li.delete(TICKET, name)
    assert (deleted.status, deleted.json) == (202, {"data": "ok"})
    assert li.get(TICKET, name).status == 404


def test_a_partial_change_keeps_the_rest(li: Client, code: Code) -> None:
    record = li.create(TICKET, ticket(code(), note="原说明", parts=[{"item": "轴承"}, {"item": "皮带"}])).data
    kept = record["parts"][1]

    changed = li.update(TICKET, record["name"], {"parts": [{"name": kept["name"], "qty": 5}]}).data

    assert changed["note"] == "原说明"
    assert [(row["name"], row["item"], row["qty"]) for row in changed["parts"]] == [(kept["name"], "皮带", 5)]


def test_forms_are_taken_as_frappes_clients_send_them(li: Client, code: Code) -> None:
    from urllib.parse import urlencode

    name = code()
    body = urlencode({"data": json.dumps(ticket(name))})

    made = li.request("POST", resource(TICKET), body, Content_Type="application/x-www-form-urlencoded")

    assert made.data["name"] == name


# What cannot be sent


def test_what_the_server_keeps_cannot_be_sent(li: Client, code: Code) -> None:
    name = code()
    forged = {"owner": "zhao", "creation": "2020-01-01 00:00:00", "modified_by": "zhao", "idx": 7, "version": 9}

    record = li.create(TICKET, ticket(name, **forged)).data
    assert (record["owner"], record["modified_by"], record["version"]) == ("li", "li", 1)
    assert record["creation"] == "2026-06-15 09:00:00"

    changed = li.update(TICKET, name, {"owner": "zhao", "name": "other", "creation": "2020-01-01 00:00:00"}).data
    assert (changed["owner"], changed["name"], changed["creation"]) == ("li", name, "2026-06-15 09:00:00")


def test_a_new_record_cannot_be_submitted_already(li: Client, code: Code) -> None:
    name = code()

    refused = li.create(TICKET, ticket(name, docstatus=1))

    assert refused.status == 417
    assert "run_method=submit" in refused.json["message"]
    assert li.get(TICKET, name).status == 404


def test_an_unknown_field_is_named_with_the_nearest_right_one(li: Client, code: Code) -> None:
    refused = li.create(TICKET, ticket(code(), subjekt="x"))

    assert refused.status == 417
    assert refused.json["exc_type"] == "ValidationError"
    fault = refused.json["faults"][0]
    assert fault["where"] == "subjekt"
    assert "subject" in fault["message"]


# Refusals


def test_every_fault_comes_at_once_in_frappes_envelope(li: Client) -> None:
    refused = li.create(TICKET, {"code": "", "status": "Lost", "due_on": "yesterday", "parts": [{"qty": "many"}]})

    assert refused.status == 417
    answer = refused.json
    assert {fault["where"] for fault in answer["faults"]} >= {"status", "due_on", "parts[0].qty"}
    assert answer["exception"].startswith("ValidationError: ")
    messages = [json.loads(item)["message"] for item in json.loads(answer["_server_messages"])]
    assert messages == [answer["message"], *(fault["message"] for fault in answer["faults"])]


def test_a_rule_refuses_with_its_clause_and_field(li: Client, code: Code) -> None:
    name = code()

    refused = li.create(TICKET, ticket(name, parts=[{"item": "主轴", "qty": 1, "rate": 10000.01}]))

    assert refused.status == 417
    assert refused.json["faults"] == [
        {
            "where": "total",
            "message": "合计 10,000.01 超过 10,000.00（条款 S08-05）",
            "clauses": ["S08-05"],
            "rule": "repair-total-limit",
        }
    ]
    assert li.get(TICKET, name).status == 404


def test_a_warning_is_told_and_does_not_refuse(li: Client, code: Code) -> None:
    saved = li.create(TICKET, ticket(code(), parts=[{"item": "主轴", "qty": 1, "rate": 5001}]))

    assert saved.status == 200
    assert saved.json["warnings"][0]["message"] == "合计偏高"
    assert json.loads(json.loads(saved.json["_server_messages"])[0]) == {"message": "合计偏高", "indicator": "orange"}


def test_a_number_that_is_taken_answers_409(li: Client, zhao: Client, code: Code) -> None:
    name = code()
    li.create(TICKET, ticket(name))

    for client in (li, zhao):
        refused = client.create(TICKET, ticket(name))
        assert (refused.status, refused.json["exc_type"]) == (409, "DuplicateEntryError")


def test_what_is_not_there_answers_404_with_the_nearest_word(li: Client) -> None:
    refused = li.list("Repair Tickets")
    assert (refused.status, refused.json["exc_type"]) == (404, "DoesNotExistError")
    assert "Repair Ticket" in refused.json["message"]
    assert li.get(TICKET, "没有这张").status == 404


def test_rows_of_child_tables_have_no_address(li: Client, zhao: Client, code: Code) -> None:
    row = zhao.create(TICKET, ticket(code(), parts=[{"item": "轴承"}])).data["parts"][0]

    for client in (li, zhao):
        assert client.get("Repair Part", row["name"]).status == 404
        assert client.list("Repair Part").status == 404
        assert client.create("Repair Part", {"item": "x", "parent": row["parent"]}).status == 404
        assert client.update("Repair Part", row["name"], {"item": "x"}).status == 404
        assert client.delete("Repair Part", row["name"]).status == 404
        assert client.create("Has Role", {"role": "System Manager", "parent": "li", "parenttype": "User"}).status == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param("{not json", "JSON", id="not JSON"),
        pytest.param('{"subject": NaN}', "JSON", id="NaN"),
        pytest.param('{"subject": 1e400}', "JSON", id="infinity"),
        pytest.param("[1, 2]", "JSON", id="a list"),
        pytest.param('{"parts": ' + "[" * 40 + "]" * 40 + "}", "20", id="nested too deep"),
        pytest.param('{"parts": ' + "[" * 3000 + "]" * 3000 + "}", "JSON", id="nested far too deep"),
        pytest.param(b'{"subject": "\xff\xfe"}', "JSON", id="not UTF-8"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_words(li: Client, body: Any, said: str) -> None:
    sent = body if isinstance(body, bytes) else body.encode()

    refused = li.request("POST", resource(TICKET), sent, Content_Type="application/json")

    assert refused.status == 417
    assert said in refused.json["message"]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"subject": {"a": 1}}, id="object as text"),
        pytest.param({"subject": ["a"]}, id="list as text"),
        pytest.param({"parts": "none"}, id="text as rows"),
        pytest.param({"parts": [1, 2]}, id="numbers as rows"),
        pytest.param({"parts": {"item": "x"}}, id="object as rows"),
        pytest.param({"parts": [{"item": ["x"]}]}, id="list in a row"),
        pytest.param({"margin": "12,5"}, id="a number with a comma"),
        pytest.param({"version": "first"}, id="a word as version"),
        pytest.param({"version": [1]}, id="a list as version"),
        pytest.param({"docstatus": {"a": 1}}, id="an object as docstatus"),
        pytest.param({"code": "a\u0000b"}, id="null character in the name"),
        pytest.param({"note": "a\u0000b"}, id="null character in a text"),
        pytest.param({"name": {"a": 1}}, id="an object as name"),
        pytest.param({"reported_at": 10**30}, id="an enormous number as time"),
        pytest.param({"due_on": True}, id="a truth value as date"),
    ],
)
def test_odd_values_are_refused_or_taken_but_never_break_the_server(zhao: Client, code: Code, values: dict[str, Any]) -> None:
    made = zhao.create(TICKET, ticket(code()) | values)
    assert made.status in (200, 417), made.body

    changed = zhao.update(TICKET, zhao.create(TICKET, ticket(code())).data["name"], values)
    assert changed.status in (200, 404, 409, 417), changed.body


# The lock and the repeated request


def test_a_stale_change_answers_409_with_what_differs(li: Client, zhao: Client, code: Code) -> None:
    record = li.create(TICKET, ticket(code(), note="一")).data
    zhao.update(TICKET, record["name"], {"note": "二", "version": 1})

    refused = li.update(TICKET, record["name"], {"note": "三", "version": record["version"]})

    assert (refused.status, refused.json["exc_type"]) == (409, "TimestampMismatchError")
    assert refused.json["differences"] == [{"fieldname": "note", "label": "说明", "theirs": "二", "mine": "三"}]
    assert (refused.json["current_version"], refused.json["modified_by"]) == (2, "zhao")
    assert li.get(TICKET, record["name"]).data["note"] == "二"


def test_frappes_lock_by_time_of_change_holds_too(li: Client, zhao: Client, code: Code, site: Any) -> None:
    record = li.create(TICKET, ticket(code())).data
    assert li.update(TICKET, record["name"], {"note": "一", "modified": record["modified"]}).status == 200
    site.clock.advance(seconds=5)
    zhao.update(TICKET, record["name"], {"note": "二"})

    assert li.update(TICKET, record["name"], {"note": "三", "modified": record["modified"]}).status == 409


def test_a_request_sent_twice_with_one_key_happens_once(li: Client, code: Code) -> None:
    key, name = code(), code()

    first = li.create(TICKET, ticket(name), Idempotency_Key=key)
    second = li.create(TICKET, ticket(name), Idempotency_Key=key)
    other = li.create(TICKET, ticket(code()), Idempotency_Key=key)

    assert first.data == second.data
    assert other.status == 417
    assert len(li.list(TICKET, filters=[["code", "=", name]]).data) == 1


# Submitting and cancelling


def test_submit_and_cancel_by_run_method(li: Client, code: Code) -> None:
    name = li.create(TICKET, ticket(code())).data["name"]

    submitted = li.request("POST", resource(TICKET, name), {"run_method": "submit"})
    assert submitted.data["docstatus"] == 1
    assert li.update(TICKET, name, {"subject": "改"}).status == 417
    assert li.delete(TICKET, name).status == 417
    cancelled = li.request("POST", resource(TICKET, name) + "?run_method=cancel", {})
    assert cancelled.data["docstatus"] == 2
    refused = li.request("POST", resource(TICKET, name), {"run_method": "destroy"})
    assert refused.status == 417


def test_a_docstatus_in_a_change_submits_and_cancels_as_in_frappe(li: Client, code: Code) -> None:
    record = li.create(TICKET, ticket(code())).data
    name = record["name"]

    submitted = li.update(TICKET, name, record | {"docstatus": 1, "note": "随提交保存"}).data
    assert (submitted["docstatus"], submitted["note"]) == (1, "随提交保存")
    assert li.update(TICKET, name, {"docstatus": 0}).status == 417
    assert li.update(TICKET, name, {"docstatus": 2}).data["docstatus"] == 2


def test_what_was_submitted_is_never_skipped_past(li: Client, code: Code) -> None:
    name = li.create(TICKET, ticket(code())).data["name"]

    assert li.update(TICKET, name, {"docstatus": 2}).status == 417
    assert li.get(TICKET, name).data["docstatus"] == 0
