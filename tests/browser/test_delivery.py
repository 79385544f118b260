"""Delivery at the desk (S03): the note is made, released, picked line by line, and only then goes out.

Zheng Li (郑丽) is the sales clerk, He Zhong (何忠) the leader in charge, Feng Bo (冯博) the warehouse keeper.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import expect

from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
CUSTOMER = "临江航达精密零件有限公司"
LINES = (
    ("BJ-GS32", "X 轴滚珠丝杠副", "BJ-GS32/260511", "2"),
    ("BJ-LUB", "集中润滑泵", "BJ-LUB/260420", "4"),
    ("BJ-ENC", "主轴编码器", "BJ-ENC/260507", "1"),
)


def writes_a_note(zhengli: Desk, order: str) -> str:
    """Zheng Li makes the note with its three lines."""
    zhengli.opens("Shipment Note")
    zhengli.links("客户", "航达", CUSTOMER)
    zhengli.types(**{"合同/订单号": order, "收货人": "刘敏", "车牌号": "苏E·00017"})
    lines = zhengli.grid("发货明细")
    for typed, title, lot, quantity in LINES:
        row = lines.adds()
        lines.links(row, "物料", typed, title)
        lines.links(row, "批次", lot, lot)
        lines.types(row, 应发数量=quantity)
    return zhengli.saves().name


def picks(fengbo: Desk, *quantities: str) -> None:
    """Feng Bo counts what stands on the pallet."""
    for row, quantity in enumerate(quantities, start=1):
        fengbo.grid("发货明细").types(row, 实拣数量=quantity)


def test_the_sales_clerk_makes_the_note_and_neither_picks_nor_ships(signed_in: SignIn) -> None:
    zhengli = signed_in("zhengli")

    name = writes_a_note(zhengli, "HT-2606-101")

    assert re.fullmatch(r"FH-2026-\d{5}", name)
    zhengli.shows("应发合计", "7")
    expect(zhengli.grid("发货明细").cell(1, "规格型号")).not_to_have_text("")
    expect(zhengli.grid("发货明细").cell(1, "实拣数量").locator("input")).to_have_count(0)
    expect(zhengli.page.get_by_role("button", name="提交")).to_have_count(0)
    expect(zhengli.page.locator(".banner-owed")).to_contain_text("分管领导")
    expect(zhengli.page.locator(".banner-owed")).to_contain_text("S03-03")


def test_every_difference_is_listed_and_nothing_goes_out_before_lines_and_release_agree(signed_in: SignIn) -> None:
    zhengli, fengbo, hezhong = signed_in("zhengli"), signed_in("fengbo"), signed_in("hezhong")
    name = writes_a_note(zhengli, "HT-2606-102")

    # picked wrong: one too many, one missing, one not counted; and not released yet
    fengbo.opens("Shipment Note", name)
    picks(fengbo, "3", "3", "")
    lines = fengbo.grid("发货明细")
    lines.shows(1, "差异", "1")
    lines.shows(2, "差异", "-1")
    said = "\n".join(fengbo.is_refused())
    for difference in (
        "第 1 行 X 轴滚珠丝杠副",
        "应发 2，实拣 3，差 1",
        "第 2 行 集中润滑泵",
        "应发 4，实拣 3，差 -1",
        "第 3 行 主轴编码器",
        "尚未填写实拣数量",
    ):
        assert difference in said
    assert "S03-04" in said
    expect(fengbo.state).to_have_text("草稿")

    # each sentence leads to its cell
    expect(lines.cell(3, "实拣数量")).to_have_class(re.compile("has-error"))
    fengbo.page.locator("#errors a", has_text="第 2 行").click()
    expect(lines.cell(2, "实拣数量").locator("input")).to_be_focused()

    # picked right, still not released
    picks(fengbo, "2", "4", "1")
    [unreleased] = fengbo.is_refused()
    assert "尚待分管领导审批" in unreleased
    assert "S03-03" in unreleased

    # released in the inbox, with what is released as people read it
    hezhong.goes("/inbox")
    asked = hezhong.asked(name)
    for text in (CUSTOMER, "HT-2606-102", "刘敏", "公司车队送货", "应发合计 7", "S03-03"):
        expect(asked).to_contain_text(re.compile(re.escape(text).replace(r"\ ", r"\s*")))
    hezhong.approves(name, "同意发货。")

    fengbo.reopens().submits()
    expect(fengbo.state).to_have_text("已提交")
    expect(fengbo.page.locator(".decisions")).to_contain_text("同意发货。")
    expect(fengbo.page.locator(".decisions")).to_contain_text("何忠")


def test_the_note_is_printed_for_the_driver(signed_in: SignIn, pdf_text: Callable[[bytes], str]) -> None:
    zhengli = signed_in("zhengli")
    name = writes_a_note(zhengli, "HT-2606-103")

    printed = pdf_text(zhengli.prints("发货单"))

    for text in (name, CUSTOMER, "HT-2606-103", "苏E·00017", *(line[1] for line in LINES)):
        assert text.replace(" ", "") in printed


def test_a_note_rejected_by_the_leader_says_why_and_stays(signed_in: SignIn, site: Site) -> None:
    zhengli, hezhong, fengbo = signed_in("zhengli"), signed_in("hezhong"), signed_in("fengbo")
    name = writes_a_note(zhengli, "HT-2606-104")

    hezhong.goes("/inbox").asked(name).get_by_role("button", name="驳回").click()
    hezhong.agrees()
    expect(hezhong.page.get_by_role("dialog")).to_contain_text("审批意见必填")  # not without a word to the clerk
    hezhong.rejects(name, "货款未到，暂缓。")

    fengbo.opens("Shipment Note", name)
    picks(fengbo, "2", "4", "1")
    assert any("货款未到，暂缓。" in line for line in fengbo.is_refused())
    site.worker.run_once()
    expect(zhengli.goes("/notifications").page.locator(".recent")).to_contain_text("货款未到，暂缓。")


def test_what_is_typed_while_an_item_is_still_looked_up_stays(signed_in: SignIn) -> None:
    zhengli = signed_in("zhengli")
    zhengli.context.add_init_script(
        """const asked = window.fetch;
        window.fetch = async (address, ...rest) => {
            if (String(address).includes("?fields=")) await new Promise((done) => { window.answers = done; });
            return asked(address, ...rest);
        };"""
    )
    zhengli.opens("Shipment Note")
    lines = zhengli.grid("发货明细")
    row = lines.adds()
    lines.links(row, "物料", *LINES[0][:2])
    lines.cell(row, "应发数量").locator("input").focus()
    zhengli.page.keyboard.type("1")

    zhengli.page.evaluate("window.answers()")
    expect(lines.cell(row, "规格型号")).not_to_have_text("")
    zhengli.page.keyboard.type("2")

    assert lines.reads(row, "应发数量") == "12"
