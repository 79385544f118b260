"""Many records changed from a list, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import update

from server.access.user import User
from server.core.errors import NotFound
from server.desk import bulk_views
from server.documents import print_runs
from server.exchange.packs import Source
from server.site import Site
from server.storage.system import print_run

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


def let_print(site: Site, may: int) -> None:
    loan = deepcopy(next(source.raw for source in site.publisher.stored() if source.name == "Tool Loan"))
    loan["permissions"][0] |= {"print": may}
    site.publisher.publish(site.publisher.propose([Source("DocType", "Tool Loan", loan)]), "tests")


def test_several_are_printed_in_one_pdf_or_none_is(signed_in: FlaskClient, site: Site, lent: list[str]) -> None:
    let_print(site, 0)
    assert '/print"' not in signed_in.get(PAGE, query_string={"n": lent[:2], "action": "print"}).text
    let_print(site, 1)
    page = signed_in.get(PAGE, query_string={"n": lent[:2], "action": "print"}).text
    assert 'value="Standard"' in page
    data = {"csrf_token": token(page), "n": lent[:2], "format": "Standard", "language": "en"}
    answer = signed_in.post(f"{PAGE}/print", data=data)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert len(PdfReader(BytesIO(answer.data)).pages) == 2

    unknown = signed_in.post(f"{PAGE}/print", data={**data, "format": "Nothing"})
    assert unknown.status_code == 404


@pytest.fixture
def many(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two records are many, and each is a portion."""
    let_print(site, 1)
    monkeypatch.setattr(bulk_views, "FEW", 1)
    monkeypatch.setattr(print_runs, "PORTION", 1)


def asked(client: FlaskClient, names: list[str]) -> str:
    """The address of a print of these records."""
    data = {"csrf_token": token(client.get(PAGE, query_string={"n": names, "action": "print"}).text), "n": names}
    return str(client.post(f"{PAGE}/print", data=data | {"format": "Standard", "language": "zh"}).location)


def test_many_are_printed_in_the_background_and_go_on_after_a_kill(
    signed_in: FlaskClient, site: Site, li: User, lent: list[str], many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, lent = asked(signed_in, lent), lent[::-1]  # as the list has them
    assert "正在打印 3 张" in signed_in.get(address).text
    printed, names = site.printouts.sheets, []

    def dies(user: User, doctype: str, portion: list[str], **more: Any) -> Any:
        if portion == [lent[1]] and portion not in names:
            names.append(portion)
            raise SystemExit  # what a kill leaves behind: a lease that runs out
        names.append(portion)
        return printed(user, doctype, portion, **more)

    monkeypatch.setattr(site.printouts, "sheets", dies)
    with pytest.raises(SystemExit):
        site.print_runs.run_next()
    assert signed_in.get(f"{address}/progress").json == {"active": True, "percent": 33}
    site.clock.set(site.clock.now() + print_runs.LEASE)  # type: ignore[attr-defined]
    assert site.print_runs.run_next()

    assert names == [[lent[0]], [lent[1]], [lent[1]], [lent[2]]]
    assert f"{address}/file" in signed_in.get(address).text
    answer = signed_in.get(f"{address}/file")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert [name in page.extract_text() for name, page in zip(lent, PdfReader(BytesIO(answer.data)).pages, strict=True)] == [
        True
    ] * 3

    let_print(site, 0)
    assert signed_in.get(f"{address}/file").status_code == 403
    let_print(site, 1)
    site.documents.delete(li, "Tool Loan", lent[0])
    assert signed_in.get(f"{address}/file").status_code == 403
    with pytest.raises(NotFound):
        site.print_runs.get(User.administrator(), address.rpartition("/")[2])


def test_a_print_of_many_names_all_that_cannot_be_printed_and_offers_the_others(
    signed_in: FlaskClient, site: Site, li: User, lent: list[str], many: None
) -> None:
    address = asked(signed_in, lent)
    for name in lent[:2]:
        site.documents.delete(li, "Tool Loan", name)
    site.print_runs.run_next()

    page = signed_in.get(address).text
    assert ("2 张不能打印，未打印。" in page, "打印其余 1 张" in page, lent[0] in page, lent[1] in page) == (True,) * 4
    assert signed_in.get(f"{address}/file").status_code == 403
    others = str(signed_in.post(address, data={"csrf_token": token(page), "action": "others"}).location)
    site.print_runs.run_next()
    assert len(PdfReader(BytesIO(signed_in.get(f"{others}/file").data)).pages) == 1
    assert "已打印" in signed_in.get("/print-run").text
    site.worker.run_once()
    told = {item.address: item.title.zh for item in site.told.notifications(li) if item.kind == "print"}
    assert told[address].startswith("3 张")
    assert "未能打印" in told[address]
    assert "1 张" in told[others]
    assert "已打印" in told[others]
    assert f'href="{others}"' in signed_in.get("/notifications").text

    site.clock.set(site.clock.now() + print_runs.KEPT + timedelta(hours=1))  # type: ignore[attr-defined]
    site.print_runs.expire()
    assert site.print_runs.of(li) == []
    assert list((site.settings.files_dir / "prints").iterdir()) == []


def test_one_person_has_few_prints_of_many_at_a_time(signed_in: FlaskClient, site: Site, lent: list[str], many: None) -> None:
    runs = [asked(signed_in, lent) for _ in range(print_runs.MOST_OF_ONE)]
    data = {"csrf_token": token(signed_in.get(PAGE, query_string={"n": lent, "action": "print"}).text), "n": lent}
    refused = signed_in.post(f"{PAGE}/print", data=data | {"format": "Standard", "language": "zh"})
    assert refused.status_code == 417
    assert "您已有 3 份批量打印" in refused.text

    signed_in.post(runs[0], data={"csrf_token": data["csrf_token"], "action": "stop"})
    assert asked(signed_in, lent).startswith("/print-run/")
    while site.print_runs.run_next():
        pass


def test_a_print_of_many_whose_record_type_is_gone_fails_and_is_told(
    signed_in: FlaskClient, site: Site, li: User, lent: list[str], many: None
) -> None:
    address = asked(signed_in, lent)
    number = address.rpartition("/")[2]
    with site.database.write() as connection:
        connection.execute(update(print_run).where(print_run.c.id == number).values(doctype="Gone"))

    assert site.print_runs.run_next()

    assert site.print_runs.get(li, number).state == "failed"
    site.worker.run_once()
    [told] = [item for item in site.told.notifications(li) if item.address == address]
    assert told.title.zh == "3 张Gone未能打印，请看原因。"
    assert "Gone" in signed_in.get(address).text
    assert signed_in.get("/print-run").status_code == 200


def test_a_print_of_many_stops(signed_in: FlaskClient, site: Site, lent: list[str], many: None) -> None:
    address = asked(signed_in, lent)
    data = {"csrf_token": token(signed_in.get(address).text), "action": "stop"}
    assert signed_in.post(address, data=data).location == address
    assert not site.print_runs.run_next()
    assert "已停止" in signed_in.get(address).text
