"""Both languages of the desk, the way in, and work without a mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
CUSTOMER = "东岭汽车零部件股份有限公司"


def switches(person: Desk, title: str) -> None:
    """Press the language switch of the bar, which names itself in the other language."""
    person.page.get_by_title(title).click()


# English and back


def test_the_switch_changes_the_page_one_is_on_and_back(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").lists("Service Ticket", "?q=主轴")
    page = wangfang.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("报修单")

    switches(wangfang, "Switch to English")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Service Ticket")
    expect(page.get_by_role("columnheader", name="Urgency")).to_be_visible()
    expect(page.get_by_role("searchbox", name="Search Service Ticket")).to_have_value("主轴")  # the search went along
    expect(page.locator("html")).to_have_attribute("lang", "en")

    switches(wangfang, "切换为中文")
    expect(page.get_by_role("columnheader", name="紧急程度")).to_be_visible()


def test_home_form_inbox_and_why_are_english_for_an_english_reader(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang", language="en").goes("/")
    page = wangfang.page
    expect(page.get_by_role("heading", name="What I owe")).to_be_visible()
    expect(page.locator(".tiles")).to_contain_text("Service Quotation")

    wangfang.goes("/inbox")
    owed = page.locator("li.owed", has_text="Because of Not fixed 12 h after the report")
    expect(owed.first).to_contain_text("Due 2026-06-15")

    wangfang.opens("Service Quotation", "QT-2026-00002")
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    wangfang.shows("List Total", "10,000.00")
    expect(page.locator(".banner-owed")).to_contain_text("Owed by General Manager")
    expect(page.locator(".why .is-matched")).to_contain_text("More than 10 % below list")
    [said] = wangfang.is_refused("Submit")
    assert "waiting for the approval of General Manager" in said
    assert "S02-04" in said


def test_errors_are_english_for_an_english_reader(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang", language="en").opens("Service Ticket")
    wangfang.types(Subject="No customer")

    said = wangfang.is_refused("Save")

    assert any("Customer" in line for line in said)
    assert not any(ord(letter) > 0x2E80 for line in said for letter in line)
    expect(wangfang.goes("/form/Customer/KH-9999").page.locator("main h1")).to_contain_text("KH-9999")
    expect(wangfang.page.get_by_role("link", name="Home").last).to_be_visible()


def test_what_one_typed_is_not_lost_by_switching_the_language(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Ticket")
    wangfang.types(故障简述="换语言")

    switches(wangfang, "Switch to English")
    wangfang.is_ready().page.locator("#draft-notice").get_by_role("button", name="Restore").click()

    wangfang.shows("Subject", "换语言")


# The way in


def test_a_wrong_password_is_told_and_the_right_one_leads_where_one_wanted_to_go(signed_in: SignIn) -> None:
    page = signed_in(None).goes("/list/Service%20Ticket?q=主轴").page
    expect(page.get_by_label("登录名")).to_be_focused()
    page.keyboard.type("wangfang")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("密码")
    expect(page.get_by_label("登录名")).to_have_value("wangfang")  # typed once is enough
    page.get_by_label("密码").fill("guiju-demo")
    page.get_by_role("button", name="登录").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("报修单")
    expect(page.get_by_role("searchbox", name="搜索报修单")).to_have_value("主轴")


def test_the_way_out_ends_the_session(signed_in: SignIn) -> None:
    page = signed_in("qianying").goes("/").page

    page.get_by_text("钱英", exact=True).first.click()
    page.get_by_role("button", name="退出登录").click()

    expect(page.get_by_role("heading", name="登录规矩")).to_be_visible()
    page.goto("/inbox")
    expect(page.get_by_role("heading", name="登录规矩")).to_be_visible()


# Without a mouse


def test_a_ticket_is_registered_by_keyboard_alone(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Ticket")
    keys = wangfang.page.keyboard
    wangfang.field("故障简述").focus()
    keys.type("键盘登记")
    keys.press("Tab")
    expect(wangfang.field("客户")).to_be_focused()
    keys.type("东岭")
    expect(wangfang.page.locator(".choices:visible [role=option]").first).to_be_visible()
    keys.press("Enter")
    expect(wangfang.field("客户")).to_have_value(CUSTOMER)
    for label in ("设备", "服务类型", "紧急程度"):  # down one column, then the next
        _tabs_to(wangfang, label)
    keys.press("F1")
    expect(wangfang.page.locator("#help-urgency")).to_be_visible()
    keys.press("Escape")
    expect(wangfang.page.locator("#help-urgency")).not_to_be_visible()
    _tabs_to(wangfang, "报修时间")
    wangfang.field("故障现象").focus()
    keys.type("低速无力。")
    keys.press("Control+s")

    expect(wangfang.page.locator(".toast", has_text="已保存")).to_be_visible()
    wangfang.is_ready()
    assert (wangfang.reads("故障简述"), wangfang.reads("客户"), wangfang.reads("故障现象")) == (
        "键盘登记",
        CUSTOMER,
        "低速无力。",
    )


def _tabs_to(person: Desk, label: str) -> None:
    """The next field; in between stands the help of a field that nobody fills in."""
    between = ".field:not(:has(input:not([type=hidden]), select, textarea)) > .help-mark"
    person.page.keyboard.press("Tab")
    while person.page.evaluate("between => document.activeElement.matches(between)", between):
        person.page.keyboard.press("Tab")
    expect(person.field(label)).to_be_focused()


def test_the_first_tab_leads_past_the_menu_and_arrows_move_between_tabs(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Ticket", "ST-2026-00001")
    keys = wangfang.page.keyboard
    keys.press("Tab")
    expect(wangfang.page.get_by_role("link", name="跳到正文")).to_be_focused()
    keys.press("Enter")
    expect(wangfang.page.locator("#content")).to_be_focused()

    wangfang.page.get_by_role("tab", name="基本信息").focus()
    keys.press("ArrowRight")

    expect(wangfang.page.get_by_role("tab", name="派工与处理")).to_be_focused()
    expect(wangfang.field("派工时间")).to_be_visible()


def test_every_field_of_a_form_has_a_name_for_a_screen_reader(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Quotation", "QT-2026-00002")

    nameless = wangfang.page.locator("#record :is(input:not([type=hidden]), select, textarea):visible").evaluate_all(
        "(all) => all.filter((input) => !input.labels.length && !input.getAttribute('aria-label')).map((input) => input.id)"
    )

    assert nameless == []
