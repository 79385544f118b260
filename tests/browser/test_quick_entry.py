"""The customer on the telephone is not in the books yet: he is entered without leaving the ticket."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import FrameLocator, expect

from server.access.user import User
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
ADMIN = User.administrator()


def asks_for_new(desk: Desk, typed: str) -> FrameLocator:
    """Type into the customer of a new ticket, and choose to make a new one."""
    desk.opens("Service Ticket")
    desk.types(故障简述="不换刀")
    field = desk.field("客户")
    field.click()
    field.press_sequentially(typed)
    desk.page.locator(".choices:visible .choices-new a").click()
    within = desk.page.frame_locator(".quick-dialog iframe")
    expect(within.get_by_role("heading", name="新建客户")).to_be_visible()
    expect(within.locator("#record[data-ready]")).to_be_visible()
    return within


def test_a_customer_is_made_and_chosen_without_leaving_the_ticket(site: Site, signed_in: SignIn) -> None:
    desk = signed_in("wangfang")
    within = asks_for_new(desk, "海州精工")
    expect(within.get_by_label("客户名称")).to_have_value("海州精工")
    expect(within.get_by_label("地址", exact=True)).to_be_hidden()

    within.get_by_role("button", name="保存").click()

    expect(desk.page.locator(".quick-dialog")).to_have_count(0)
    desk.shows("客户", "海州精工")
    desk.shows("故障简述", "不换刀")
    [made] = site.queries.list(ADMIN, "Customer", filters=[("customer_name", "=", "海州精工")]).rows
    for visit in site.queries.list(
        ADMIN, "Customer Visit", filters=[("customer", "=", made["name"])]
    ).rows:  # planned by the standard
        site.documents.delete(ADMIN, "Customer Visit", visit["name"])
    site.documents.delete(ADMIN, "Customer", made["name"])


def test_all_fields_are_one_press_away_and_giving_up_leaves_the_ticket_as_it_was(signed_in: SignIn) -> None:
    desk = signed_in("wangfang")
    within = asks_for_new(desk, "不存在的厂")

    within.get_by_role("button", name="全部字段").click()
    expect(within.get_by_label("地址", exact=True)).to_be_visible()
    within.get_by_label("客户名称").fill("")
    within.get_by_role("button", name="保存").click()
    expect(within.locator("#errors")).to_contain_text("客户名称")
    within.get_by_role("button", name="取消").click()

    expect(desk.page.locator(".quick-dialog")).to_have_count(0)
    desk.shows("故障简述", "不换刀")
    asks_for_new(desk, "海")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator(".quick-dialog")).to_have_count(0)


def test_enter_before_the_list_is_there_takes_the_only_one_found_and_saves_nothing(signed_in: SignIn) -> None:
    desk = signed_in("wangfang").opens("Call Log")
    desk.field("客户").focus()

    desk.page.keyboard.insert_text("沐阳县中医")
    desk.page.keyboard.press("Enter")

    desk.shows("客户", "沐阳县中医院")
    expect(desk.page.locator("#errors")).to_be_hidden()


def test_who_presses_n_types_at_once_and_no_letter_leads_away(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").lists("Service Ticket")
    with wangfang.page.expect_navigation():
        wangfang.page.keyboard.press("n")
    wangfang.is_ready()
    expect(wangfang.field("故障简述")).to_be_focused()
    wangfang.page.keyboard.type("PLC lost its programme")  # every letter of it is a key of the page as well

    expect(wangfang.field("故障简述")).to_have_value("PLC lost its programme")


def test_a_keyboard_does_not_cover_a_new_form_of_a_phone(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang", width=390, height=844, phone=True).opens("Service Ticket")
    assert wangfang.page.evaluate("document.activeElement.tagName") == "BODY"


def test_tab_goes_on_from_a_chosen_link_and_alt_enter_opens_its_record_beside(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Ticket")
    wangfang.links("客户", "dlqc", "东岭汽车零部件股份有限公司")
    customer = wangfang.field("客户")
    customer.press("Tab")
    expect(wangfang.page.locator("#record .field:not([data-field=customer]) :focus")).to_have_count(1)

    with wangfang.context.expect_page() as opened:
        customer.press("Alt+Enter")
    assert "/form/Customer/KH-0002" in opened.value.url
    opened.value.close()
