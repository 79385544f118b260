"""Going anywhere by a few letters, and the keys: the palette (Ctrl+K), the list of keys (`?`), previous and next record."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]


def test_the_palette_finds_lists_records_and_the_actions_of_the_page(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Quotation", "QT-2026-00002")
    page = wangfang.page
    palette = page.get_by_role("dialog", name="快速前往")
    page.keyboard.press("Control+k")
    expect(palette.get_by_role("group", name="本页操作")).to_contain_text("打印")
    page.keyboard.type("QT-2026-00001")
    expect(palette.get_by_role("group", name="单据").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(palette).to_have_count(0)
    page.keyboard.press("Control+k")
    for typed, title in (("bxd", "报修单"), ("baoxiud", "报修单"), ("shfwsftj", "售后服务收费统计"), ("daiban", "待办")):
        palette.get_by_role("combobox").fill(typed)
        expect(palette.get_by_role("option").first).to_contain_text(title)
    palette.get_by_role("combobox").fill("")
    page.keyboard.type("service ticket")  # in the other language
    expect(palette.get_by_role("option", selected=True)).to_contain_text("报修单")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("报修单")


def test_what_is_typed_while_the_palette_opens_is_in_it(signed_in: SignIn) -> None:
    page = signed_in("wangfang").lists("Customer").page
    page.route("**/palette", lambda route: (time.sleep(0.5), route.continue_()))

    page.keyboard.press("Control+k")
    page.keyboard.type("报修")

    expect(page.get_by_role("dialog").get_by_role("option", selected=True)).to_contain_text("报修单")
    expect(page.get_by_role("combobox")).to_have_value("报修")


def test_the_palette_offers_nobody_what_they_may_not_open(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu", width=390, phone=True, language="en").goes("/")
    sunyu.page.get_by_role("button", name="Go to").tap()
    palette = sunyu.page.get_by_role("dialog", name="Go to")
    palette.get_by_role("combobox").fill("Quotation")
    expect(palette).to_contain_text("Nothing found")
    palette.get_by_role("combobox").fill("Process Review")
    expect(palette.get_by_role("option").first).to_contain_text("Process Review")
    assert sunyu.runs_out == []


def test_keys_go_through_the_records_of_the_list_one_came_from(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").lists("Service Ticket")
    page = wangfang.page
    numbers = page.locator(".cell-name > a:first-child").all_inner_texts()[:2]
    with page.expect_navigation():
        page.locator(".cell-name > a:first-child").first.click()
    wangfang.is_ready()
    expect(page.locator("[data-trail]")).to_contain_text("1 / ")
    for key, number in (("j", numbers[1]), ("k", numbers[0]), ("Alt+PageDown", numbers[1])):
        with page.expect_navigation():
            page.keyboard.press(key)
        wangfang.is_ready()
        expect(page.locator(".breadcrumb [aria-current=page]")).to_have_text(number)

    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="键盘快捷键")
    expect(keys).to_contain_text("向下填充")
    keys.get_by_label("启用单键快捷键").uncheck()
    keys.get_by_role("button", name="关闭").click()
    page.keyboard.press("?")
    expect(keys).to_have_count(0)


def test_a_tour_points_from_one_element_to_the_next_by_keys_and_is_not_offered_twice(signed_in: SignIn) -> None:
    desk = signed_in("hejun", language="en").goes("/")
    page, ring = desk.page, desk.page.locator(".tour-ring")
    page.get_by_role("link", name="Start the tour").click()
    tour = page.get_by_role("dialog", name="What you owe")
    expect(tour).to_contain_text("Step 1 of")
    around, target = ring.bounding_box(), page.locator("[data-tour-at=owed]").bounding_box()
    assert around is not None
    assert target is not None
    assert around["x"] < target["x"] < target["x"] + target["width"] < around["x"] + around["width"]

    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog", name="From everywhere")).to_contain_text("Step 2 of")
    page.keyboard.press("ArrowLeft")
    expect(tour).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.tour")).to_have_count(0)

    page.reload()
    expect(page.get_by_role("link", name="Start the tour")).to_have_count(0)
    desk.goes("/?tour=staff")
    expect(tour).to_be_visible()
