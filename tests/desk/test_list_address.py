"""The address of a list is its whole state: search, filters, sorting, place."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, quote

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from server.access.user import User
from server.desk.list_page import FilterRow, ListPage
from server.site import Site

Opens = Callable[[str], ListPage]


@pytest.fixture
def opens(site: Site, li: User) -> Opens:
    def at(query: str) -> ListPage:
        return ListPage(site, li, "Tool Loan", MultiDict(parse_qsl(query.removeprefix("?"), keep_blank_values=True)), "zh")

    return at


HARD = "50 % & 更多=“千分尺”+1"


def test_a_filter_with_any_characters_survives_its_address(opens: Opens) -> None:
    query = f"q=%20{quote(HARD)}&f=tool&o=like&v={quote(HARD)}"

    again = opens(opens(query).address())

    assert (again.q, again.filters) == (HARD, [FilterRow("tool", "like", HARD)])


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        pytest.param("f=tool&o=%3D&v=", [], id="no value: no filter"),
        pytest.param("f=tool&o=is&v=", [FilterRow("tool", "is", "")], id="filled in at all"),
        pytest.param("f=tool&f=kind&o=%3D&v=A", [FilterRow("tool", "=", "A")], id="half a filter"),
        pytest.param("f=&o=%3D&v=A", [], id="no field"),
    ],
)
def test_what_is_no_whole_filter_is_left_out(opens: Opens, query: str, filters: list[FilterRow]) -> None:
    assert opens(query).filters == filters


def test_a_quick_filter_replaces_itself_and_keeps_the_rest(opens: Opens) -> None:
    page = opens("q=尺&f=kind&o=%3D&v=Gauge&f=qty&o=%3E&v=1&sort=name:asc&after=abc")
    assert page.chosen("kind") == "Gauge"

    other = opens(page.address(quick=("kind", "Cutter")))

    assert (other.chosen("kind"), other.q, other.sort) == ("Cutter", "尺", "name:asc")
    assert [row.fieldname for row in other.filters] == ["qty", "kind"]
    assert "after" not in page.address(quick=("kind", "Cutter"))  # paging begins anew
    assert opens(page.address(quick=("kind", ""))).chosen("kind") == ""


def test_a_filter_is_taken_out_alone(opens: Opens) -> None:
    page = opens("f=kind&o=%3D&v=Gauge&f=qty&o=%3E&v=1")

    assert opens(page.address(without=page.filters[0])).filters == [FilterRow("qty", ">", "1")]


@pytest.mark.parametrize(
    ("sort", "field", "next_sort"),
    [
        pytest.param("", "name", "name:asc", id="a heading sorts upwards"),
        pytest.param("name:asc", "name", "name:desc", id="again: downwards"),
        pytest.param("name:desc", "name", "name:asc", id="and up again"),
        pytest.param("name:asc", "qty", "qty:asc", id="another heading starts upwards"),
    ],
)
def test_a_heading_turns_its_order(opens: Opens, sort: str, field: str, next_sort: str) -> None:
    assert opens(opens(f"sort={sort}").sort_address(field)).sort == next_sort


def test_a_filter_is_said_in_words(opens: Opens) -> None:
    page = opens("f=kind&o=%3D&v=Gauge&f=qty&o=between&v=1,5&f=unknown&o=~&v=x")

    assert [page.label(row) for row in page.filters] == ["类别 等于 量具", "数量 介于 1,5", "unknown ~ x"]


def test_rows_are_found_by_filter_and_read_as_people_read_them(opens: Opens, lends: Callable[..., str]) -> None:
    lends(tool="塞规", kind="Gauge", qty="1200.50", borrower="li")
    lends(tool="铣刀", kind="Cutter")

    page = opens("f=kind&o=%3D&v=Gauge&f=qty&o=between&v=1000，2000")  # a Chinese comma parts values as well

    [row] = page.page.rows
    assert page.count.value == 1
    assert {column.fieldname: page.cell(column, row) for column in page.columns} == {
        "tool": "塞规",
        "modified": "2026-06-15 09:00",
        "kind": "量具",
        "borrower": "李工",
        "qty": "1,200.5",
    }


@pytest.mark.parametrize("query", ["f=unknown&o=%3D&v=x", "f=qty&o=%3D&v=many", "f=qty&o=~&v=1", "f=price&o=%3E&v=1"])
def test_a_filter_that_cannot_be_read_shows_an_empty_list_and_why(opens: Opens, query: str) -> None:
    page = opens(query)

    assert page.page.rows == []
    assert page.error is not None
    assert page.count.value == 0


def test_the_address_of_a_form_without_its_name_leads_to_the_list(signed_in: FlaskClient) -> None:
    assert signed_in.get("/form/Tool%20Loan").location == "/list/Tool%20Loan"
