"""A child table is worked in like a spreadsheet: blocks go in and out, arrows move, Ctrl+Z takes back, many rows stay fluent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import expect

from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
BLOCK = "主轴轴承组件\t\t\t２\t\t6,500\nFW-JX\t\t\t两小时\t\t\n不存在的项目\t\t\t3\t\t5\n"


def pastes(desk: Desk, text: str) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.page.evaluate("text => navigator.clipboard.writeText(text)", text)
    desk.page.keyboard.press("Control+V")


def test_a_block_from_excel_is_read_marked_corrected_and_taken_back(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Quotation")
    lines, keyboard = wangfang.grid("报价明细"), wangfang.page.keyboard
    lines.adds()
    pastes(wangfang, BLOCK)

    told = lines.box.locator(".grid-told")
    expect(told).to_contain_text("2 格不能识别")
    assert [lines.reads(row, "价目表项目") for row in (1, 2, 3)] == ["主轴轴承组件", "机械维修工时", "不存在的项目"]
    assert [lines.reads(row, "数量") for row in (1, 2, 3)] == ["2", "两小时", "3"]
    lines.shows(1, "报价金额", "13,000.00")
    lines.shows(2, "报价单价", "300.00")  # fetched through the item
    told.get_by_role("button", name="“两小时”不是数字").click()
    keyboard.type("8")
    expect(told).to_contain_text("1 格不能识别")
    lines.shows(2, "报价金额", "2,400.00")

    keyboard.press("Shift+ArrowDown")
    keyboard.press("Control+D")  # 8 for the third as well
    lines.shows(3, "数量", "8")
    keyboard.press("Control+C")
    assert wangfang.page.evaluate("navigator.clipboard.readText()") == "8\r\n8\r\n"
    for _ in range(3):  # the filling, the typing, the pasting
        keyboard.press("Control+Z")
    expect(lines.rows).to_have_count(1)
    expect(told).to_have_count(0)
    keyboard.press("Control+Y")
    expect(lines.rows).to_have_count(3)


def test_arrows_and_the_menu_of_a_row_need_no_mouse(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang", language="en").opens("Service Quotation")
    box, keyboard = wangfang.page.locator("[data-field=items]"), wangfang.page.keyboard
    box.locator("[data-add]").click()
    for quantity in ("1", "2", "3"):
        box.locator("tr[data-index] [data-column=qty] input").last.fill(quantity)
        keyboard.press("Enter")
    quantities = box.locator("[data-column=qty] input")
    quantities.nth(2).focus()
    quantities.nth(2).select_text()
    keyboard.press("ArrowUp")
    expect(quantities.nth(1)).to_be_focused()
    keyboard.press("Alt+Insert")
    expect(quantities).to_have_count(5)
    expect(quantities.nth(1)).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("Control+Delete")
    keyboard.press("ArrowDown")
    keyboard.press("Control+Shift+D")
    expect(quantities).to_have_count(5)
    assert quantities.evaluate_all("found => found.map((input) => input.value)") == [
        "1",
        "1",
        "3",
        "1",
        "1",
    ]  # new rows begin with 1
    box.get_by_role("button", name="More for this row").first.click()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        keyboard.press(key)
    expect(quantities).to_have_count(6)


def test_five_hundred_rows_are_drawn_as_they_are_looked_at_and_all_kept(signed_in: SignIn, site: Site) -> None:
    sunyu = signed_in("sunyu").opens("Trial Cut")
    sunyu.types(试切件="五百刀")
    passes = sunyu.page.locator("[data-grid]").first
    passes.locator("[data-add]").click()
    passes.locator("td input").first.focus()
    pastes(sunyu, "\n".join(f"刀{number}\t2026/6/15\t{number}.5" for number in range(1, 501)))

    expect(passes.locator("[data-count]")).to_have_text("500")
    expect(passes.locator("tr.is-far").first).to_be_attached()
    assert passes.locator("td input").count() < 300
    sunyu.page.keyboard.press("Control+ArrowDown")
    expect(passes.locator("tr[data-index='499'] input").first).to_be_focused()
    sunyu.saves()

    kept = site.documents.load(site.user("sunyu"), "Trial Cut", sunyu.name)["cuts"]
    assert [(row["tool"], str(row["measured"])) for row in kept[::499]] == [("刀1", "1.500"), ("刀500", "500.500")]
    assert len(kept) == 500


def test_what_lacks_in_every_row_is_one_line_and_marked_in_each(signed_in: SignIn) -> None:
    zhengli = signed_in("zhengli").opens("Delivery Notice")
    grid = zhengli.grid("交付明细")
    for _ in range(6):
        grid.adds()
    grid.types(3, 数量="2")

    lines = zhengli.is_refused("保存")

    assert "“交付明细”第 1 行，数量必填。（第 2, 4–6 行相同）" in lines
    assert not [line for line in lines if "第 2 行" in line]
    expect(grid.box.locator("td.has-error[data-label='数量']")).to_have_count(5)
