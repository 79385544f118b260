"""What cannot be saved: the form says why in words, keeps everything typed, and nothing is half-saved.

A text of 5 MB, a link to nothing, a database that is locked or gone, a connection that is lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from desk_calls import CALL, CUSTOMER, takes_the_call, tickets, typed
from desk_people import Desk
from playwright.sync_api import expect

from server.core.errors import StorageUnavailable
from server.core.text import Text
from server.site import Site
from server.storage.database import Database

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]


@pytest.mark.parametrize(
    "letter", [pytest.param("x", id="5 MB"), pytest.param("字", id="15 MB, more than one request may carry")]
)
def test_a_text_of_5_mb_is_refused_by_the_name_of_its_field(signed_in: SignIn, site: Site, letter: str) -> None:
    wangfang = takes_the_call(signed_in("wangfang"), 故障简述="超长文本")
    wangfang.field("故障现象").evaluate(
        """(box, letter) => {
            box.value = letter.repeat(5_000_000);
            box.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        letter,
    )

    [line] = wangfang.is_refused("保存")

    assert "故障现象" in line
    assert "5,000,000 个字符" in line
    assert wangfang.field("故障现象").evaluate("(box) => box.value.length") == 5_000_000
    assert tickets(site, "超长文本") == []


def test_a_link_to_nothing_is_named_with_its_field(signed_in: SignIn, site: Site) -> None:
    wangfang = signed_in("wangfang").opens("Service Ticket")
    wangfang.types(**CALL | {"故障简述": "查无此客户"})
    wangfang.types(客户="查无此厂")

    [line] = wangfang.is_refused("保存")

    assert "客户" in line
    assert "查无此厂" in line
    expect(wangfang.field("客户")).to_have_attribute("aria-invalid", "true")
    expect(wangfang.field("客户")).to_have_value("查无此厂")
    assert tickets(site, "查无此客户") == []


# The database or the server is away


@pytest.fixture
def locked(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Another program holds the database's write lock until it is released; waiting for it is cut short."""
    impatient = Database(site.settings.url, on_busy_seconds=0.2)
    monkeypatch.setattr(site.database, "_writer", impatient._writer)
    path = Path(str(site.database.url.database))
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield lambda: other.rollback()
    impatient.close()


def test_a_locked_database_is_told_and_the_form_is_saved_once_it_is_free(
    signed_in: SignIn, site: Site, request: pytest.FixtureRequest
) -> None:
    wangfang = takes_the_call(signed_in("wangfang"), 故障简述="数据库锁定")
    release: Callable[[], None] = request.getfixturevalue("locked")

    wangfang.press("保存")
    expect(wangfang.page.locator("#errors strong")).to_contain_text("数据库正忙")
    expect(wangfang.page.locator("#errors strong")).to_contain_text("未保存任何内容")
    assert typed(wangfang) == CALL | {"故障简述": "数据库锁定", "客户": CUSTOMER}
    assert tickets(site, "数据库锁定") == []

    release()
    wangfang.saves()
    assert len(tickets(site, "数据库锁定")) == 1


def test_a_database_that_is_gone_is_told_in_the_form_and_on_a_page(
    signed_in: SignIn, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    wangfang = takes_the_call(signed_in("wangfang"), 故障简述="数据库不在")
    other = signed_in("wangfang")

    def gone() -> None:
        raise StorageUnavailable(Text("数据库暂时无法使用。未保存任何内容。", "The database is not available."))

    with monkeypatch.context() as patch:
        patch.setattr(site.database, "read", gone)
        patch.setattr(site.database, "write", gone)
        wangfang.press("保存")
        expect(wangfang.page.locator("#errors strong")).to_contain_text("数据库暂时无法使用")
        expect(other.goes("/").page.locator("main")).to_contain_text("数据库暂时无法使用")

    assert typed(wangfang) == CALL | {"故障简述": "数据库不在", "客户": CUSTOMER}
    wangfang.saves()
    assert len(tickets(site, "数据库不在")) == 1


def test_a_lost_connection_keeps_everything_until_it_is_back(signed_in: SignIn, site: Site) -> None:
    wangfang = takes_the_call(signed_in("wangfang"), 故障简述="网络中断")

    wangfang.context.set_offline(True)
    wangfang.press("保存")
    expect(wangfang.page.locator("#errors strong")).to_contain_text("连接不上服务器，不清楚是否已保存")
    wangfang.context.set_offline(False)
    wangfang.saves()

    assert len(tickets(site, "网络中断")) == 1


def test_a_record_that_is_not_there_is_a_page_in_words(signed_in: SignIn) -> None:
    page = signed_in("wangfang").goes("/form/Customer/KH-9999").page

    expect(page.locator("main h1")).to_contain_text("没有编号为“KH-9999”的客户")
    page.get_by_role("link", name="回首页").click()
    expect(page.locator("h1")).to_contain_text("您好")
