"""The report builder in Chromium: fields dragged and moved by keyboard, a preview that follows, the report saved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_report_is_dragged_together_previewed_and_saved(signed_in: Callable[..., Desk]) -> None:
    chenjing = signed_in("chenjing").goes("/reports/build")
    page = chenjing.page
    names, preview = page.locator(".rb-name > span"), page.locator("[data-preview]")

    page.get_by_label("单据类型").select_option(label="报修单")
    page.get_by_role("button", name="加为列: 报修时间").click()
    page.locator("[data-path=channel] > span").drag_to(page.locator("[data-columns]"))
    expect(names).to_have_text(["报修时间", "报修渠道"])
    page.locator("[data-handle]").nth(1).press("ArrowUp")
    expect(names).to_have_text(["报修渠道", "报修时间"])
    page.locator(".rb-name").nth(1).click()
    page.get_by_label("显示为").select_option(label="按月")
    page.get_by_role("button", name="+ 记录数").click()
    expect(preview.get_by_role("columnheader", name="报修时间（月）")).to_be_visible()
    page.locator("summary", has_text="图表").click()
    page.locator(".rb-section[open]").get_by_label("图表", exact=True).select_option(label="柱形图")
    expect(preview.locator(".chart-wide svg.chart-bar")).to_be_visible()
    page.get_by_label("标题", exact=True).fill("渠道按月")

    with page.expect_navigation():
        page.get_by_role("button", name="保存").click()

    expect(page.get_by_role("heading", name="渠道按月")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="修改").click()
    expect(names).to_have_count(3)
    page.get_by_role("tab", name="JSON").click()
    kept = json.loads(page.get_by_label("报表的 JSON").input_value())
    assert kept["columns"] == ["channel", {"field": "reported_at", "by": "month"}, {"count": "name", "key": "number"}]
    assert chenjing.problems == []


def test_another_record_type_is_counted_beside(signed_in: Callable[..., Desk]) -> None:
    page = signed_in("chenjing").goes("/reports/build").page
    preview, beside = page.locator("[data-preview]"), page.locator(".rb-beside")

    page.get_by_label("单据类型").select_option(label="报修单")
    page.get_by_role("button", name="加为列: 客户", exact=True).first.click()
    page.get_by_role("button", name="+ 记录数").click()
    page.locator("summary", has_text="旁列").click()
    page.get_by_role("button", name="+ 另一种单据").click()
    beside.get_by_label("单据类型").select_option(label="售后服务单")
    expect(beside.locator("fieldset", has_text="分组对应").locator("select")).to_have_value("customer")
    page.get_by_role("button", name="+ 公式列").click()

    expect(page.locator("[data-columns] .rb-name").last).to_contain_text("number / number_2")
    expect(preview.get_by_role("columnheader", name="售后服务单数量")).to_be_visible()
    kept = json.loads(page.locator("[name=content]").input_value())
    assert kept["beside"] == [
        {"ref_doctype": "Service Order", "columns": [{"count": "name", "key": "number_2"}], "match": {"customer": "customer"}}
    ]


def test_a_dashboard_is_put_together_by_hand(signed_in: Callable[..., Desk]) -> None:
    chenjing = signed_in("chenjing").goes("/dashboard/new")
    page = chenjing.page
    kinds = page.locator("[data-canvas] .dash-kind")

    page.get_by_label("标题", exact=True).fill("我的一页")
    page.get_by_role("button", name="+ 单据数").click()
    page.get_by_role("button", name="+ 图表").click()
    expect(kinds).to_have_text(["单据数", "图表"])
    page.get_by_label("报表", exact=True).select_option(label="售后故障原因排列图")
    expect(page.locator("[data-canvas] .chart-wide svg.chart-pareto")).to_be_visible()
    page.locator("[data-handle]").nth(1).press("ArrowUp")
    expect(kinds).to_have_text(["图表", "单据数"])

    with page.expect_navigation():
        page.get_by_role("button", name="保存").click()

    expect(page.get_by_role("heading", name="我的一页")).to_be_visible()
    expect(page.locator(".dash-tile").first.locator(".chart-wide svg.chart-pareto")).to_be_visible()
    expect(page.locator(".dash-tile").nth(1).locator(".dash-number")).to_be_visible()
    assert chenjing.problems == []


def test_on_a_phone_the_answer_comes_first_and_its_chart_is_whole(signed_in: Callable[..., Desk]) -> None:
    page = signed_in("chenjing", width=390, height=800, phone=True).goes("/report/fault-causes").page
    chart, shown = page.locator(".chart-slim svg"), page.get_by_role("button", name="查询")

    expect(chart).to_be_visible()
    expect(page.locator(".chart-wide svg")).not_to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(shown).not_to_be_visible()
    page.locator(".filters-label").tap()
    expect(shown).to_be_visible()


def test_tiles_that_their_reader_may_not_see_are_named_once(signed_in: Callable[..., Desk]) -> None:
    page = signed_in("xutao", width=390, language="en").goes("/dashboards").page
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("link", name="General manager").first.click()

    unseen = page.locator(".dash-tile:has([data-unseen])")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(unseen).to_have_count(1)
    expect(unseen.get_by_role("heading")).to_contain_text("Service objectives · Satisfaction by month")
    expect(unseen).to_contain_text("For those who may see the figures")
    expect(page.locator(".dash-tile").first).to_contain_text("What waits for me")  # what is theirs comes before


@pytest.mark.parametrize("first", ["标题", "英文标题"])
def test_both_titles_of_a_new_report_are_kept_whichever_is_typed_first(signed_in: Callable[..., Desk], first: str) -> None:
    page = signed_in("chenjing").goes("/reports/build").page
    page.get_by_label("单据类型", exact=True).select_option("Service Ticket")
    expect(page.locator(".rb-plus").first).to_be_visible()
    typed = {"标题": "我的工单", "英文标题": "My tickets"}
    for label in sorted(typed, key=lambda label: label != first):
        page.get_by_label(label, exact=True).fill(typed[label])

    page.get_by_role("tab", name="JSON").click()

    expect(page.locator("textarea").first).to_have_value(re.compile('"zh": "我的工单",\\s+"en": "My tickets"'))
