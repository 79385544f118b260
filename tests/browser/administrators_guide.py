"""The steps of `docs/guide.md`, each example a function: what an administrator does in the browser, in the order of the guide.

The tests do them and see what comes of them; `docs/pictures.py` does them and takes the guide's pictures on the way.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

Take = Callable[[str, "Page | Locator"], None]

COUNTERSIGNING = "Start-up Readiness Countersigning"


def takes_none(name: str, part: Page | Locator) -> None:
    """No pictures are wanted."""


def adds_a_fourth_signer(page: Page, take: Take = takes_none) -> None:
    """The leader in charge countersigns the start-up check beside the three departments."""
    page.goto(f"/admin/workflows/diagram?name={COUNTERSIGNING}")
    page.wait_for_selector("#workflow-editor[data-ready]")
    page.locator(".workflow-state", has_text="会签中").click()
    panel = page.locator("[data-panel]")
    panel.get_by_role("button", name="＋ 步骤").first.click()
    step = panel.locator(".workflow-step[open], .workflow-step").last
    step.get_by_label("标题（中文）").fill("主管领导会签")
    step.get_by_label("标题（英文）").fill("Leader in charge")
    _finds(step, "角色", "分管领导")
    expect(page.locator("[data-state]")).to_have_text("检查通过")
    take("guide-fourth-signer", page)
    _publishes(page, page)


def adds_a_holiday(page: Page, take: Take = takes_none) -> None:
    """The works are closed on 17 June for the stocktaking."""
    page.goto("/admin/calendars/")
    page.get_by_role("link", name="修改", exact=True).click()
    page.wait_for_selector("#record[data-ready]")
    days = page.locator("[data-grid]").filter(has=page.locator(".grid-title", has_text="特殊日"))
    days.get_by_role("button", name="添加一行").click()
    row = days.locator("tbody tr[data-index]").last
    row.locator("td[data-label='日期'] input").first.fill("2026-06-17")
    row.locator("td[data-label='名称'] input").fill("年中盘点停工")
    take("guide-holiday", page)
    page.locator(".record-actions").get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".toast", has_text="已保存")).to_be_visible()
    page.goto("/admin/calendars/?year=2026")


def _finds(where: Locator, label: str, text: str) -> None:
    """Types into a box that offers what fits, and takes the first."""
    box = where.get_by_role("combobox", name=label, exact=True).last
    box.fill(text)
    box.locator("xpath=..").get_by_role("option").first.wait_for()
    box.press("Enter")


def _publishes(page: Page, bar: Page | Locator) -> None:
    bar.get_by_role("button", name="发布…").click()
    page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("[data-built]:not([hidden])")).to_contain_text("已发布")
