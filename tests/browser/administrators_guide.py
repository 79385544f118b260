"""The steps of `docs/guide.md`, each example a function: what an administrator does in the browser, in the order of the guide.

The tests do them and see what comes of them; `docs/pictures.py` does them and takes the guide's pictures on the way.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

Take = Callable[[str, "Page | Locator"], None]

QUOTATION = "Service Quotation"
COUNTERSIGNING = "Start-up Readiness Countersigning"
CHECKLIST = "Machine Check"
LINES = """点检日期 | Checked on
机床编号 | Machine
# 点检项目 | Items
项目 | Checks（检查项 | Item、是否合格 | Passed、说明 | Remark）
点检人签名 | Signed by"""
FLOOR = 'quoted_on < "2026-07-01" ? ceil(list_total * 90) / 100 : ceil(list_total * 92) / 100'


def takes_none(name: str, part: Page | Locator) -> None:
    """No pictures are wanted."""


def changes_the_price_rule(page: Page, take: Take = takes_none) -> None:
    """10 % below list needs the general manager until June, 8 % from 1 July."""
    page.goto("/admin/rules/")
    page.get_by_label("搜索", exact=True).fill("价目表")
    page.get_by_role("link", name="报价低于价目表超过 10 % 须总经理审批").click()
    page.wait_for_selector("#rule-builder[data-ready]")
    line, when, then, tests = (page.locator(f"[data-{part}]") for part in ("versions", "when", "then", "tests"))
    page.locator("[data-properties] summary").click()
    _finds(page.locator("[data-properties]"), "按哪个日期看生效", "报价日期")

    _presses(line, "＋ 自某日起的新版本")
    line.get_by_label("自哪一天起").fill("2026-07-01")
    _presses(line, "加上")
    page.get_by_label("标题（中文）").fill("报价低于价目表超过 8 % 须总经理审批")
    page.get_by_label("标题（英文）").fill("More than 8 % below list: the general manager approves")
    when.get_by_label("值: 固定值 / 另一字段 / 公式").select_option("公式")
    when.get_by_label("值", exact=True).fill("list_total * 0.92")
    for language in ("中文", "英文"):
        words = then.get_by_label(f"标题 ({language})")
        words.fill(words.input_value().replace("10 %", "8 %"))
    for total, follows in (("9200", ""), ("9199.99", "须审批")):
        _presses(tests, "＋ 加测试")
        card = tests.locator(".rule-test:has(> details[open])")
        card.get_by_label("测试名称").fill(f"10,000 → {total}")
        _finds(card.locator(".rule-given").first, "加字段", "价目表合计")
        for label, value in (("报价总价", total), ("价目表合计", "10000")):
            card.get_by_label(label, exact=True).fill(value)
        if follows:
            _finds(card, "应有", follows)
    expect(tests).to_contain_text("2 个测试全部通过")
    take("guide-price-version", page)
    _publishes(page, page.locator(".builder-bar"))

    page.goto(f"/admin/builder/?name={QUOTATION}")
    page.wait_for_selector("#builder[data-ready]")
    page.locator(".builder-field", has_text="免审批最低总价").click()
    panel = page.locator("[data-panel]")
    panel.locator("summary", has_text="更多属性").click()
    panel.get_by_label("公式", exact=True).fill(FLOOR)
    panel.get_by_label("公式", exact=True).press("Tab")
    expect(page.locator("[data-state]")).to_have_text("检查通过")
    take("guide-price-field", page)
    _publishes(page, page.locator(".builder-bar"))


def makes_a_checklist(page: Page, take: Take = takes_none) -> None:
    """The check of a machine before the shift, item by item, for the workshop's foremen."""
    page.goto("/admin/builder/")
    page.wait_for_selector("#builder[data-ready]")
    panel = page.locator("[data-panel]")
    panel.get_by_label("标题（中文）").fill("班前点检表")
    panel.get_by_label("标题（英文）").fill("machine check")
    quick = page.get_by_label("快速添加字段")
    quick.fill(LINES)
    quick.press("Enter")
    expect(page.locator("[data-state]")).to_have_text("检查通过")
    take("guide-checklist", page)
    page.get_by_role("tab", name="权限", exact=True).click()
    page.get_by_label("加角色").select_option("车间主任")
    _publishes(page, page.locator(".builder-bar"))


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


def _presses(where: Locator, button: str) -> None:
    where.get_by_role("button", name=button, exact=True).click()


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
