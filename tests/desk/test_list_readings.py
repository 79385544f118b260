"""Records with Chinese titles are found by the initials by which Chinese is typed, and sorted by pinyin."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete
from werkzeug.datastructures import MultiDict

from server.access.user import User
from server.core.pinyin import initials, sort_key
from server.desk.list_page import ListPage
from server.site import Site
from server.storage import readings, site_state
from server.storage.readings import FILLED, fill
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


def test_an_order_by_key_is_that_of_a_dictionary() -> None:
    wanted = [
        "",
        "3号机",
        "abc",
        "Abd",
        "安全",
        "保定",
        "妈妈",
        "麻绳",
        "马达",
        "骂",
        "西安",
        "先锋",
        "张一",
        "张衣",
        "章程",
        "重庆",
        "Ω",
    ]
    assert sorted(wanted[1::2] + wanted[::2], key=sort_key) == wanted
    assert len(sort_key("鑫" * 500)) <= 190  # what stands in a key on MariaDB
    assert sort_key("A" * 179 + "鑫" + "b") == "a" * 179  # cut before the first character that does not fit, and never after it
    assert sort_key("A" * 500) == "a" * 180


def titles(site: Site, user: User, order: str, size: int = 2) -> list[str]:
    """All of them, page by page."""
    found, after = [], None
    while True:
        page = site.queries.list(user, "Tool Loan", fields=["tool"], order_by=order, limit=size, after=after)
        found += [row["tool"] for row in page.rows]
        after = page.next_cursor
        if after is None:
            return found


def test_a_list_by_title_is_sorted_by_pinyin_page_by_page(site: Site, li: User, lends: Callable[..., str]) -> None:
    for tool in ("张力计", "卡尺", "Zebra", "游标尺", "apple", "安装架", "卡尺"):
        lends(tool=tool)
    fill(site.database, site.snapshot().model)
    wanted = ["apple", "Zebra", "安装架", "卡尺", "卡尺", "游标尺", "张力计"]

    assert [tool for tool in titles(site, li, "tool asc") if tool in wanted] == wanted
    assert [tool for tool in titles(site, li, "tool desc") if tool in wanted] == wanted[::-1]
    assert [tool for tool in titles(site, li, "docstatus asc, tool asc") if tool in wanted] == wanted


def test_what_names_a_record_is_sorted_as_a_title_is(site: Site) -> None:
    administrator = User.administrator()
    for name in ("装配车间", "财务部", "机加车间"):
        site.documents.save(administrator, "Department", {"department_name": name})
    fill(site.database, site.snapshot().model)

    page = site.queries.list(administrator, "Department", fields=["name"], order_by="department_name asc")

    names = [row["name"] for row in page.rows]
    assert [name for name in names if name in ("装配车间", "财务部", "机加车间")] == ["财务部", "机加车间", "装配车间"]


def test_who_is_called_otherwise_stands_elsewhere_and_what_is_deleted_nowhere(
    site: Site, li: User, lends: Callable[..., str]
) -> None:
    fill(site.database, site.snapshot().model)
    first, last = lends(tool="阿尔法"), lends(tool="最后一把")
    site.documents.save(li, "Tool Loan", {"tool": "钻头"}, name=first)
    site.documents.delete(li, "Tool Loan", last)

    assert [tool for tool in titles(site, li, "tool asc") if tool in ("钻头", "阿尔法", "最后一把")] == ["钻头"]


def test_initials_that_many_have_are_looked_up_record_by_record(
    site: Site, li: User, lends: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "FEW", 1)
    for tool in ("螺纹环规", "螺纹塞规", "螺纹环规", "光面塞规"):
        lends(tool=tool)

    assert found(site, li, "lw") == {"螺纹环规", "螺纹塞规"}
    assert found(site, li, "gm") == {"光面塞规"}
