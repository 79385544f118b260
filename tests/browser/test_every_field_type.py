"""A record type with every kind of field is filled in, kept and read again, with scripts; each input is found by its label."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from desk_people import Desk
from every_type import EVERY_TYPE, FILLED
from playwright.sync_api import expect

from server.access.user import User
from server.exchange.packs import Source
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
ADMIN = User.administrator()


@pytest.fixture(scope="module", autouse=True)
def published(site: Site) -> None:
    sources = [Source("DocType", str(piece["name"]), dict(piece)) for piece in EVERY_TYPE]
    site.publisher.publish(site.publisher.propose(sources), "tests")
    for symptom in ("主轴异响", "漏油", "卡盘松动"):
        site.documents.save(ADMIN, "Symptom", {"title": symptom})


@pytest.fixture
def visit(site: Site) -> str:
    """The number of a visit that is filled in; each test has its own."""
    number = site.queries.count(ADMIN, "Site Visit").value + 1
    return site.documents.save(ADMIN, "Site Visit", FILLED | {"name": f"回访-{number}"}).name


def test_a_new_visit_is_named_filled_in_and_kept(signed_in: SignIn, site: Site) -> None:
    desk = signed_in("xutao").opens("Site Visit")
    desk.types(编号="回访-甲", 联系电话="029-88880000转12", 使用车间="机加车间", 指示灯颜色="#c62828", 安装位置="34.26, 108.94")
    desk.page.get_by_label("客户评分").select_option("★★★★☆")
    desk.types(回访记录="主轴 **异响**", 试切程序="G0 X0", 参数='{"rpm": 800}', 远程诊断密码="诊断-2026")
    chooser = desk.page.get_by_role("combobox", name="故障现象")
    chooser.fill("主轴")
    desk.page.get_by_role("option", name="主轴异响").click()
    chooser.fill("漏")
    desk.page.get_by_role("option", name="漏油").click()
    desk.page.get_by_role("button", name="保存").click()
    expect(desk.page.locator("[aria-current=page]").last).to_have_text("回访-甲")

    kept = site.documents.load(ADMIN, "Site Visit", "回访-甲")
    assert (kept["stars"], kept["lamp"], kept["settings"]) == (Decimal("0.80"), "#c62828", '{"rpm": 800}')
    assert [row["symptom"] for row in kept["symptoms"]] == ["主轴异响", "漏油"]
    assert '"coordinates": [108.94, 34.26]' in kept["place"]
    assert site.documents.secret(ADMIN, "Site Visit", "回访-甲", "password") == "诊断-2026"


def test_a_save_that_touches_one_field_keeps_all_the_others(signed_in: SignIn, site: Site, visit: str) -> None:
    before = site.documents.load(ADMIN, "Site Visit", visit)

    desk = signed_in("xutao").opens("Site Visit", visit)
    desk.types(设备条码="CK6140-0099")
    desk.page.get_by_role("button", name="保存").click()
    expect(desk.page.get_by_text("已保存")).to_be_visible()

    after = site.documents.load(ADMIN, "Site Visit", visit)
    same = set(before) - {"barcode", "modified", "modified_by", "version"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert site.documents.secret(ADMIN, "Site Visit", visit, "password") == FILLED["password"]


def test_tags_are_removed_by_their_button_and_by_backspace(signed_in: SignIn, site: Site, visit: str) -> None:
    desk = signed_in("xutao").opens("Site Visit", visit)
    desk.page.get_by_role("button", name=re.compile("主轴异响")).click()
    desk.page.get_by_role("combobox", name="故障现象").fill("卡盘")
    desk.page.get_by_role("option", name="卡盘松动").click()
    desk.page.get_by_role("combobox", name="故障现象").press("Backspace")
    desk.page.get_by_role("button", name="保存").click()
    expect(desk.page.get_by_text("已保存")).to_be_visible()

    assert [row["symptom"] for row in site.documents.load(ADMIN, "Site Visit", visit)["symptoms"]] == ["漏油"]


def test_a_reader_sees_stars_tags_and_marked_up_notes_and_can_call(signed_in: SignIn, visit: str) -> None:
    desk = signed_in("wangfang", language="en").opens("Site Visit", visit)

    expect(desk.page.locator("#f-stars")).to_have_text("★★★★½")
    expect(desk.page.locator(".tag")).to_have_text(["主轴异响", "漏油"])
    expect(desk.page.locator("#f-notes strong")).to_have_text("2000 rpm")
    expect(desk.page.locator("#f-password")).to_have_text("********")
    expect(desk.page.locator("#f-phone a")).to_have_attribute("href", "tel:02988880000;ext=12")
    expect(desk.page.locator("#f-mail a")).to_have_attribute("href", "mailto:service@example.com")
    expect(desk.page.locator("#f-place a")).to_have_attribute("href", "geo:34.26,108.94")


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_runs_out_of_the_page(signed_in: SignIn, visit: str, width: int) -> None:
    desk = signed_in("xutao", width=width, phone=width < 500).opens("Site Visit", visit)

    assert desk.runs_out == []


def test_what_does_not_fit_is_told_at_its_field(signed_in: SignIn) -> None:
    desk = signed_in("xutao").opens("Site Visit")
    desk.types(联系电话="打电话", 安装位置="北门", 参数="{")
    desk.page.get_by_role("button", name="保存").click()

    for fieldname, said in (("phone", "不是电话号码"), ("place", "不是位置"), ("settings", "不是有效的 JSON")):
        expect(desk.page.locator(f"#e-{fieldname}")).to_contain_text(said)
