"""Lists, counts, groups and what link fields offer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from rest_client import Client, resource

TICKET = "Repair Ticket"


@pytest.fixture(scope="module")
def batch(site: Any) -> Iterator[str]:
    """Twelve tickets of the manager's, T00 to T11 behind a prefix of their own: even ones closed, totals 0 to 1,100."""
    prefix = f"B{id(site)}-"
    user = site.user("zhao")
    for number in range(12):
        values = {
            "code": f"{prefix}T{number:02}", "subject": f"第{number}张", "status": "Closed" if number % 2 == 0 else "Open",
            "due_on": f"2026-07-{number + 1:02}", "margin": number, "parts": [{"item": "轴承", "qty": number, "rate": 100}],
        }  # fmt: skip
        site.documents.save(user, TICKET, values)
    yield prefix
    for number in range(12):
        site.documents.delete(user, TICKET, f"{prefix}T{number:02}")


@pytest.fixture
def names(zhao: Client, batch: str) -> Callable[..., list[str]]:
    """The short names that a list answers, with the batch as a further filter."""

    def ask(*filters: Any, **arguments: Any) -> list[str]:
        rows = zhao.list(TICKET, filters=[["code", "like", f"{batch}%"], *filters], order_by="name asc", **arguments).data
        return [row["name"].removeprefix(batch) for row in rows]

    return ask


def test_a_list_gives_names_unless_fields_are_asked_for(zhao: Client, batch: str) -> None:
    filters = json.dumps([["code", "like", f"{batch}%"]])

    plain = zhao.list(TICKET, filters=filters).data
    wanted = zhao.list(TICKET, filters=filters, fields=["total", "subject"], order_by="code asc", limit=2).data

    assert len(plain) == 12
    assert set(plain[0]) == {"name"}
    assert wanted == [{"total": 0, "subject": "第0张"}, {"total": 100, "subject": "第1张"}]


def test_a_star_gives_every_readable_field(zhao: Client, batch: str) -> None:
    row = zhao.list(TICKET, filters=[["code", "=", f"{batch}T03"]], fields=["*"]).data[0]

    assert (row["name"], row["total"], row["margin"], row["due_on"], row["docstatus"]) == (
        f"{batch}T03",
        300,
        3,
        "2026-07-04",
        0,
    )
    assert row["creation"].startswith("2026-06-15 09:")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(["total", ">=", 1000], ["T10", "T11"], id="at least"),
        pytest.param(["total", "<", "100"], ["T00"], id="a number as text"),
        pytest.param([TICKET, "total", "=", 500], ["T05"], id="with the DocType before it"),
        pytest.param(["total", 500], ["T05"], id="without operator"),
        pytest.param(["due_on", "between", ["2026-07-02", "2026-07-03"]], ["T01", "T02"], id="between"),
        pytest.param(["subject", "LIKE", "%10%"], ["T10"], id="like, in capitals"),
        pytest.param(["subject", "in", ["第1张", "第2张"]], ["T01", "T02"], id="in a list"),
        pytest.param(["subject", "in", "第1张,第2张"], ["T01", "T02"], id="in a text"),
        pytest.param(["note", "is", "set"], [], id="is set"),
        pytest.param(["`tabRepair Ticket`.`total`", "=", 500], ["T05"], id="with backquotes"),
    ],
)
def test_filters_as_frappes_clients_write_them(names: Callable[..., list[str]], row: list[Any], expected: list[str]) -> None:
    assert names(row) == expected


def test_filters_as_an_object(zhao: Client, batch: str) -> None:
    filters = {"status": "Open", "total": [">", 800], "code": ["like", f"{batch}%"]}

    found = zhao.list(TICKET, filters=filters, order_by="code desc").data

    assert [row["name"] for row in found] == [f"{batch}T11", f"{batch}T09"]


def test_any_of_or_filters(names: Callable[..., list[str]]) -> None:
    assert names(or_filters=[["total", "=", 0], ["total", "=", 1100]]) == ["T00", "T11"]


def test_pages_by_start_and_by_key(zhao: Client, batch: str, names: Callable[..., list[str]]) -> None:
    assert names(limit_start=5, limit_page_length=3) == ["T05", "T06", "T07"]
    assert len(names(limit_page_length=0)) == 12

    first = zhao.list(TICKET, filters=[["code", "like", f"{batch}%"]], order_by="code asc", limit=8)
    second = zhao.list(
        TICKET, filters=[["code", "like", f"{batch}%"]], order_by="code asc", limit=8, after=first.json["next_cursor"]
    )
    assert [row["name"][-3:] for row in second.data] == ["T08", "T09", "T10", "T11"]
    assert "next_cursor" not in second.json


def test_rows_as_lists(zhao: Client, batch: str) -> None:
    found = zhao.list(TICKET, filters=[["code", "=", f"{batch}T04"]], fields=["name", "total"], as_dict="0").data

    assert found == [[f"{batch}T04", 400]]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param({"fields": ["nothing"]}, "nothing", id="unknown field"),
        pytest.param({"filters": [["nothing", "=", 1]]}, "nothing", id="unknown field in a filter"),
        pytest.param({"filters": [["status", "resembles", "x"]]}, "resembles", id="unknown operator"),
        pytest.param({"filters": [["Repair Part", "item", "=", "x"]]}, "Repair Part", id="a child table"),
        pytest.param({"filters": "[[broken"}, "filters", id="broken JSON"),
        pytest.param({"filters": [[1, 2, 3]]}, "filters", id="numbers for names"),
        pytest.param({"filters": {"status": {"a": 1}}}, "status", id="an object as value"),
        pytest.param({"filters": [["status", "=", "x"]] * 51}, "50", id="too many"),
        pytest.param({"filters": [["due_on", "=", "soon"]]}, "soon", id="no date"),
        pytest.param({"order_by": "nothing desc"}, "nothing", id="unknown order"),
        pytest.param({"order_by": "status desc, nothing"}, "nothing", id="unknown second order"),
        pytest.param({"order_by": "code desc, status down"}, "down", id="wrong second direction"),
        pytest.param({"order_by": "code,status,total,margin,due_on,owner"}, "5", id="too many columns"),
        pytest.param({"order_by": "code; drop table x"}, "code;", id="SQL as order"),
        pytest.param({"order_by": "code desc, (select 1)"}, "select", id="SQL after an order"),
        pytest.param({"fields": ["code from tab_user --"]}, "tab_user", id="SQL as field"),
        pytest.param({"limit_start": "-1"}, "limit_start", id="negative start"),
        pytest.param({"limit_page_length": "ten"}, "limit_page_length", id="a word as size"),
        pytest.param({"after": "bm9uc2Vuc2U"}, "翻页", id="a made-up cursor"),
        pytest.param({"fields": ["count(name)"]}, "group_by", id="an aggregate without group"),
        pytest.param(
            {"fields": ["status", "subject", "count(name) as n"], "group_by": "status"},
            "subject",
            id="a further field in a group",
        ),
        pytest.param({"fields": ["sum(subject) as s"], "group_by": "status"}, "subject", id="sum of a text"),
        pytest.param({"fields": ["sleep(5) as s"], "group_by": "status"}, "sleep", id="another function"),
    ],
)
def test_what_a_list_cannot_do_is_refused_by_name(zhao: Client, arguments: dict[str, Any], named: str) -> None:
    refused = zhao.list(TICKET, **arguments)

    assert refused.status == 417, refused.body
    assert named in refused.json["message"]


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        pytest.param("status desc, total asc", ["T01", "T03", "T05", "T07", "T09", "T11", "T00", "T02"], id="two columns"),
        pytest.param("`tabRepair Ticket`.`status` asc, `total` DESC", ["T10", "T08", "T06", "T04", "T02", "T00", "T11", "T09"],
                     id="as Frappe's clients write it"),
        pytest.param("status, total", ["T00", "T02", "T04", "T06", "T08", "T10", "T01", "T03"], id="ascending unless said"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("by", ["key", "number"])
def test_a_list_in_the_order_of_several_columns_pages_without_gaps(
    zhao: Client, batch: str, order_by: str, expected: list[str], by: str
) -> None:
    filters = json.dumps([["code", "like", f"{batch}%"]])
    seen: list[str] = []
    turn: dict[str, Any] = {}
    for _ in range(3):
        answer = zhao.list(TICKET, filters=filters, order_by=order_by, limit_page_length=3, **turn).json
        seen += [row["name"].removeprefix(batch) for row in answer["data"]]
        turn = {"after": answer["next_cursor"]} if by == "key" else {"limit_start": str(len(seen))}

    assert seen[:8] == expected
    assert len(set(seen)) == 9


def test_a_cursor_belongs_to_its_order(zhao: Client, batch: str) -> None:
    cursor = zhao.list(TICKET, order_by="status desc, total asc", limit=3).json["next_cursor"]

    assert zhao.list(TICKET, order_by="status desc, total desc", limit=3, after=cursor).status == 417


def test_groups_with_aggregates(zhao: Client, batch: str) -> None:
    fields = ["status", "count(name) as n", "sum(total) as total", "max(total) as top", "avg(margin)"]

    rows = zhao.list(
        TICKET, fields=fields, group_by="status", filters=[["code", "like", f"{batch}%"]], order_by="n desc", limit=0
    ).data

    assert sorted(rows, key=lambda row: row["status"]) == [
        {"status": "Closed", "n": 6, "total": 3000, "top": 1000, "avg(margin)": 5},
        {"status": "Open", "n": 6, "total": 3600, "top": 1100, "avg(margin)": 6},
    ]


def test_a_count(zhao: Client, batch: str) -> None:
    query = urlencode({"doctype": TICKET, "filters": json.dumps([["code", "like", f"{batch}%"], ["status", "=", "Open"]])})

    assert zhao.request("GET", f"/api/method/frappe.client.get_count?{query}").json == {"message": 6}


def test_a_link_field_is_offered_what_the_words_find(zhao: Client, batch: str) -> None:
    found = zhao.call("frappe.desk.search.search_link", doctype=TICKET, txt=f"{batch}T07").data

    assert [(item["value"], item["label"]) for item in found] == [(f"{batch}T07", "第7张")]


# Whose records, and which fields


def test_a_repairer_sees_counts_groups_and_finds_only_their_own(li: Client, batch: str, code: Callable[[], str]) -> None:
    mine = li.create(TICKET, {"code": code(), "subject": "我的"}).data["name"]

    listed = {row["owner"] for row in li.list(TICKET, fields=["owner"], limit=0).data}
    grouped = li.list(TICKET, fields=["owner", "count(name) as n"], group_by="owner").data
    count = li.call("frappe.client.get_count", doctype=TICKET, filters=[["code", "like", f"{batch}%"]]).data

    assert (listed, {row["owner"] for row in grouped}, count) == ({"li"}, {"li"}, 0)
    assert li.call("frappe.desk.search.search_link", doctype=TICKET, txt=batch).data == []
    assert li.call("frappe.client.get_value", doctype=TICKET, fieldname="subject", filters=f"{batch}T01").data == {}
    assert li.call("frappe.client.get_value", doctype=TICKET, fieldname="subject", filters=mine).data == {"subject": "我的"}


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"fields": ["margin"]}, id="shown"),
        pytest.param({"filters": [["margin", ">", 5]]}, id="filtered by"),
        pytest.param({"filters": {"margin": ["is", "set"]}}, id="asked whether it is set"),
        pytest.param({"or_filters": [["margin", ">", 5]]}, id="filtered by in an or"),
        pytest.param({"order_by": "margin desc"}, id="ordered by"),
        pytest.param({"fields": ["margin", "count(name) as n"], "group_by": "margin"}, id="grouped by"),
        pytest.param({"fields": ["status", "max(margin) as m"], "group_by": "status"}, id="aggregated"),
    ],
)
def test_a_field_one_may_not_read_cannot_be_inferred_either(
    li: Client, signed_in: Callable[[str], Client], arguments: dict[str, Any]
) -> None:
    for client in (li, signed_in("sun")):
        refused = client.list(TICKET, **arguments)
        assert (refused.status, "margin" in refused.json["message"]) == (417, True)
        query = {"doctype": TICKET, "filters": arguments.get("filters", [["margin", "=", 1]])}
        assert client.call("frappe.client.get_count", **query).status == 417


def test_the_address_may_be_encoded_in_any_way(zhao: Client, batch: str) -> None:
    address = f"/api/resource/{quote(TICKET).lower().replace('%20', '%20')}"
    assert zhao.request("GET", resource(TICKET)).status == 200
    assert zhao.request("GET", address.replace("repair%20ticket", "Repair%20%54icket")).status == 200
