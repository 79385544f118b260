"""Many records changed from a list, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from server.access.user import User
from server.exchange.packs import Source
from server.site import Site

PAGE = "/bulk/Tool%20Loan"


@pytest.fixture
def lent(lends: Callable[..., str]) -> list[str]:
    return [lends(tool=f"千分尺 {number}", kind="Gauge") for number in range(3)]


def token(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def sent(client: FlaskClient, names: list[str], *, json: bool = False, **values: str) -> tuple[int, str]:
    page = client.get(PAGE, query_string={"n": names}).text
    data = {"csrf_token": token(page), "n": names, **values}
    answer = client.post(PAGE, data=data, headers={"Accept": "application/json"} if json else {})
    return answer.status_code, answer.text


def test_the_page_shows_what_is_chosen_and_what_it_holds_now(signed_in: FlaskClient, lent: list[str]) -> None:
    page = signed_in.get(PAGE, query_string={"n": lent[:2], "field": "kind"}).text

    assert ("千分尺 0" in page, "千分尺 1" in page, "千分尺 2" in page) == (True, True, False)
    assert "类别（现在）" in page
    assert page.count(">量具<") >= 2
    assert ">原值<" not in page  # permlevel 1
    assert ">借用人<" in page


def test_a_field_is_changed_without_scripts(signed_in: FlaskClient, site: Site, li: User, lent: list[str]) -> None:
    status, page = sent(signed_in, lent, action="change", field="kind", kind="Cutter")

    assert (status, "已完成 3 条，未完成 0 条。" in page) == (200, True)
    assert {site.documents.load(li, "Tool Loan", name)["kind"] for name in lent} == {"Cutter"}


def test_a_script_sends_portions_and_hears_of_each_record(
    signed_in: FlaskClient, site: Site, li: User, lent: list[str]
) -> None:
    page = signed_in.get(PAGE, query_string={"n": lent}).text
    data = {"csrf_token": token(page), "action": "change", "field": "qty", "qty": "viel", "name": lent[:2]}

    answer = signed_in.post(PAGE, data=data, headers={"Accept": "application/json"}).json

    assert answer["done"] == []
    assert [item["name"] for item in answer["refused"]] == lent[:2]
    assert all("数量" in item["why"] and "viel" in item["why"] for item in answer["refused"])


def test_everything_that_the_filters_find(signed_in: FlaskClient, lent: list[str]) -> None:
    query = {"all": "1", "f": "tool", "o": "=", "v": "千分尺 1", "field": "kind"}
    page = signed_in.get(PAGE, query_string=query).text
    assert ("千分尺 1" in page, "千分尺 2" in page) == (True, False)


@pytest.mark.parametrize(
    ("values", "status", "said"),
    [
        ({"action": "change", "field": "price", "price": "1"}, 417, "请选择要更改的字段"),
        ({"action": "change"}, 417, "请选择要更改的字段"),
        ({"action": "cancel"}, 417, "作废原因必填"),
        ({"action": "burn"}, 400, ""),
    ],
)
def test_what_is_not_said_or_not_allowed(
    signed_in: FlaskClient, lent: list[str], values: dict[str, str], status: int, said: str
) -> None:
    got, page = sent(signed_in, lent, **values)
    assert (got, said in page) == (status, True)


def test_records_that_one_may_not_read_do_not_show(signed_in: FlaskClient) -> None:
    page = signed_in.get(PAGE, query_string={"n": ["GJ-9999"]}).text
    assert "没有选中任何记录" in page


def test_several_are_printed_in_one_pdf_or_none_is(signed_in: FlaskClient, site: Site, lent: list[str]) -> None:
    assert '/print"' not in signed_in.get(PAGE, query_string={"n": lent[:2], "action": "print"}).text  # nobody said they may
    loan = deepcopy(next(source.raw for source in site.publisher.stored() if source.name == "Tool Loan"))
    loan["permissions"][0] |= {"print": 1}
    site.publisher.publish(site.publisher.propose([Source("DocType", "Tool Loan", loan)]), "tests")
    page = signed_in.get(PAGE, query_string={"n": lent[:2], "action": "print"}).text
    assert 'value="Standard"' in page
    data = {"csrf_token": token(page), "n": lent[:2], "format": "Standard", "language": "en"}
    answer = signed_in.post(f"{PAGE}/print", data=data)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert len(PdfReader(BytesIO(answer.data)).pages) == 2

    unknown = signed_in.post(f"{PAGE}/print", data={**data, "format": "Nothing"})
    assert unknown.status_code == 404
