"""Records with Chinese titles are found by the initials by which Chinese is typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete
from werkzeug.datastructures import MultiDict

from server.access.user import User
from server.core.pinyin import initials
from server.desk.list_page import ListPage
from server.site import Site
from server.storage import site_state
from server.storage.initials import FILLED, fill
from server.storage.system import initials as table


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("东岭汽车零部件", ["dlqclbj"]), ("CNC 车床２", ["cnccc2"]), ("重庆", ["zq", "cq"]), ("淼鑫珞", ["mxl"]), ("Dongling", []), ("", []), ("，。", []),
    ],
)  # fmt: skip
def test_initials_of_a_text(text: str, ways: list[str]) -> None:
    assert initials(text) == ways


def test_a_text_of_many_readings_has_few_ways() -> None:
    assert len(initials("重长行乐单曾朝盛厦调传会解" * 9)) <= 8


def found(site: Site, user: User, q: str) -> set[str]:
    return {row["tool"] for row in ListPage(site, user, "Tool Loan", MultiDict({"q": q}), "zh").page.rows}


def test_a_record_is_found_by_its_initials_in_lists_links_and_the_search_over_everything(
    site: Site, li: User, lends: Callable[..., str]
) -> None:
    name = lends(tool="东岭深孔规")

    assert found(site, li, "DLsk") == {"东岭深孔规"}
    assert found(site, li, "dl 孔规") == {"东岭深孔规"}  # beside other words
    assert found(site, li, "skg") == set()  # they begin a title
    assert [choice.value for choice in site.queries.search_link(li, "Tool Loan", "dlskg")] == [name]
    assert name in {item.name for item in site.queries.find(li, "dlskg")}


def test_what_a_record_is_called_now_finds_it(site: Site, li: User, lends: Callable[..., str]) -> None:
    name = lends(tool="旧名字样板")
    site.documents.save(li, "Tool Loan", {"tool": "新名字样板"}, name=name)
    assert (found(site, li, "jmzyb"), found(site, li, "xmzyb")) == (set(), {"新名字样板"})

    site.documents.delete(li, "Tool Loan", name)

    with site.database.read() as connection:
        assert connection.execute(table.select().where(table.c.name == name)).first() is None


def test_records_from_before_are_gone_through_once(site: Site, li: User, lends: Callable[..., str]) -> None:
    lends(tool="早先的卡尺")
    with site.database.write() as connection:
        connection.execute(delete(table))
        site_state.put(connection, FILLED, {})
    assert found(site, li, "zxdkc") == set()

    assert fill(site.database, site.snapshot().model) > 0

    assert found(site, li, "zxdkc") == {"早先的卡尺"}
    assert fill(site.database, site.snapshot().model) == 0
