"""What is typed into a date stays as it was typed; what is no date is said beside its field and never saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_calls import takes_the_call, tickets
from desk_people import Desk
from playwright.sync_api import Locator, expect

from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
NO_DATES = ["2026-02-31", "昨天", "9999-99-99"]


def leaves(field: Locator, typed: str) -> None:
    """Click, type as people do, and go on with Tab."""
    field.click()
    field.press("ControlOrMeta+a")
    field.press_sequentially(typed)
    field.press("Tab")


@pytest.mark.parametrize("typed", NO_DATES)
def test_what_is_no_date_stays_is_named_at_once_and_is_not_saved(signed_in: SignIn, site: Site, typed: str) -> None:
    wangfang = signed_in("wangfang").opens("Service Quotation", "QT-2026-00002")

    leaves(wangfang.field("报价日期"), typed)

    said = wangfang.box("报价日期").locator(".field-error")
    expect(said).to_have_text(f"报价日期：“{typed}”不是日期，应如 2026-11-24。")
    expect(wangfang.field("报价日期")).to_have_value(typed)
    expect(wangfang.field("有效期至")).to_have_text("—")  # nothing is computed from it
    [line] = wangfang.is_refused("保存")
    assert typed in line
    expect(wangfang.field("报价日期")).to_have_value(typed)
    assert str(site.documents.load(site.user("wangfang"), "Service Quotation", "QT-2026-00002")["quoted_on"]) != typed


def test_it_is_said_in_english_too_and_taken_back_once_mended(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang", language="en").opens("Service Quotation", "QT-2026-00002")
    said = wangfang.box("Quoted On").locator(".field-error")

    leaves(wangfang.field("Quoted On"), "2026-02-31")
    expect(said).to_have_text('Quoted On: "2026-02-31" is not a date; expected e.g. 2026-11-24.')
    leaves(wangfang.field("Quoted On"), "2026-02-28")

    expect(said).to_be_hidden()
    expect(wangfang.field("Quoted On")).not_to_have_attribute("aria-invalid", "true")
    expect(wangfang.field("Valid Until")).to_have_text("2026-03-30")


def test_a_moment_that_is_none_is_kept_and_refused(signed_in: SignIn, site: Site) -> None:
    wangfang = takes_the_call(signed_in("wangfang"), 故障简述="时间不对")

    leaves(wangfang.field("报修时间"), "2026-06-15 25:00")

    expect(wangfang.box("报修时间").locator(".field-error")).to_contain_text("“2026-06-15 25:00”不是日期时间")
    [line] = wangfang.is_refused("保存")
    assert "2026-06-15 25:00" in line
    assert tickets(site, "时间不对") == []


def test_a_cell_that_is_no_date_is_kept_named_under_its_grid_and_refused(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu").opens("Trial Cut")
    sunyu.types(试切件="阶梯轴")
    grid = sunyu.grid("走刀")
    grid.adds()
    grid.types(1, 刀具="CNMG", 实测="0.01")
    said = grid.box.locator(":scope > .field-error")

    leaves(grid.cell(1, "日期").locator("input"), "2026-02-31")

    expect(said).to_have_text("“走刀”第 1 行，日期：“2026-02-31”不是日期，应如 2026-11-24。")
    [line] = sunyu.is_refused("保存")
    assert "第 1 行" in line
    grid.shows(1, "日期", "2026-02-31")
    leaves(grid.cell(1, "日期").locator("input"), "2026-02-28")
    expect(said).to_be_hidden()
    sunyu.saves()


def test_in_the_dialog_of_a_row_it_is_said_beside_the_field(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu").opens("Trial Cut")
    grid = sunyu.grid("走刀")
    grid.adds()
    grid.rows.first.get_by_role("button", name="编辑此行").click()
    row = sunyu.page.locator("dialog.row-dialog")

    leaves(row.get_by_label("日期"), "明天")

    expect(row.get_by_role("alert").filter(visible=True)).to_have_text("日期：“明天”不是日期，应如 2026-11-24。")
    row.get_by_role("button", name="完成").click()
    grid.shows(1, "日期", "明天")
    expect(grid.box.locator(":scope > .field-error")).to_contain_text("“明天”不是日期")


@pytest.mark.parametrize("typed", ["25:00", "九点"])
def test_a_time_that_is_none_is_kept_and_refused(signed_in: SignIn, typed: str) -> None:
    sunyu = signed_in("sunyu").opens("Trial Cut")
    sunyu.types(试切件="阶梯轴")

    leaves(sunyu.field("开始时刻"), typed)

    expect(sunyu.box("开始时刻").locator(".field-error")).to_have_text(f"开始时刻：“{typed}”不是时间，应如 14:30。")
    [line] = sunyu.is_refused("保存")
    assert typed in line
    leaves(sunyu.field("开始时刻"), "9:05")
    sunyu.saves()
    expect(sunyu.field("开始时刻")).to_have_value("09:05")


@pytest.mark.parametrize("typed", ["2026-03-05", "2026/3/5", "2026.3.5"])
def test_a_date_is_read_however_its_parts_are_divided(signed_in: SignIn, typed: str) -> None:
    wangfang = signed_in("wangfang").opens("Service Quotation", "QT-2026-00003")

    leaves(wangfang.field("报价日期"), typed)
    expect(wangfang.field("报价日期")).to_have_value(typed)  # changed by the save alone
    expect(wangfang.field("有效期至")).to_have_text("2026-04-04")

    wangfang.saves()
    expect(wangfang.field("报价日期")).to_have_value("2026-03-05")


def test_a_date_is_chosen_from_the_calendar_by_pointer_and_by_key(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Quotation", "QT-2026-00003")
    field = wangfang.field("报价日期")
    calendar = wangfang.page.locator(".flatpickr-calendar.open")

    field.click()
    field.fill("2026-05-01")
    calendar.get_by_text("20", exact=True).click()
    expect(field).to_have_value("2026-05-20")
    expect(field).to_be_focused()
    expect(calendar).to_have_count(0)
    field.press("ArrowDown")
    field.press("ArrowDown")
    wangfang.page.keyboard.press("ArrowRight")
    wangfang.page.keyboard.press("Enter")

    expect(field).to_have_value("2026-05-21")
    expect(field).to_be_focused()


def test_the_calendar_stands_over_the_dialog_of_a_row(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu", width=390, height=800, phone=True).opens("Trial Cut")
    sunyu.grid("走刀").adds()
    sunyu.grid("走刀").rows.first.get_by_role("button", name="编辑此行").tap()

    field = sunyu.page.locator("dialog.row-dialog").get_by_label("日期")
    field.fill("2026-07-01")
    sunyu.page.locator("dialog .flatpickr-calendar.open").get_by_text("16", exact=True).tap()

    expect(field).to_have_value("2026-07-16")


def test_a_report_and_the_statistics_take_a_day_as_it_is_typed_and_are_not_asked_for_what_is_none(signed_in: SignIn) -> None:
    chenjing = signed_in("chenjing").goes("/owed/statistics")
    since, show = chenjing.page.get_by_label("自", exact=True), chenjing.page.get_by_role("button", name="查看")

    leaves(since, "2026-02-31")
    show.click()
    expect(since).to_have_value("2026-02-31")
    expect(since).to_be_focused()
    expect(chenjing.page.locator(".field-error:visible")).to_have_text("自：“2026-02-31”不是日期，应如 2026-11-24。")

    leaves(since, "2026/3/5")
    chenjing.follows(show)
    expect(since).to_have_value("2026-03-05")


def test_a_condition_of_a_list_takes_a_day_as_it_is_typed(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").lists("Service Quotation")
    menu = wangfang.page.locator(".filter-menu")
    menu.locator("summary").click()
    menu.get_by_label("字段").select_option(label="报价日期")
    menu.get_by_label("条件").select_option(label="介于")
    first, last = (menu.get_by_label(f"值 {each}") for each in "①②")

    leaves(first, "2026/13/1")
    expect(menu.locator(".field-error:visible")).to_contain_text("“2026/13/1”不是日期")
    leaves(first, "2026/1/1")
    leaves(last, "2026.12.31")
    wangfang.follows(menu.get_by_role("button", name="应用"))

    expect(wangfang.page.locator("tbody tr[data-name]").first).to_be_visible()


def test_a_cell_of_a_list_takes_a_day_from_its_calendar_and_as_it_is_typed(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").lists("Service Quotation", "?f=name&o==&v=QT-2026-00003&cols=quoted_on,status")
    wangfang.page.get_by_role("button", name="就地编辑").click()
    cell = wangfang.page.locator("tr[data-name='QT-2026-00003'] td[data-field=quoted_on]")
    cell.click()
    cell.locator("input").fill("2026-05-01")
    wangfang.page.locator(".flatpickr-calendar.open").get_by_text("20", exact=True).click()
    cell.locator("input").press("Enter")
    expect(cell).to_have_text("2026-05-20")

    cell.click()
    cell.locator("input").fill("明天")
    cell.locator("input").press("Enter")
    expect(cell.locator(".field-error")).to_contain_text("“明天”不是日期")
    cell.locator("input").fill("2026/5/6")
    cell.locator("input").press("Enter")
    expect(cell).to_have_text("2026-05-06")


def test_who_is_assigned_gets_the_day_that_was_typed(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Quotation", "QT-2026-00003")
    together = wangfang.page.locator("#together")
    together.locator("[data-assign] summary").click()
    together.get_by_label("分配给").fill("chenjing")
    leaves(together.get_by_label("期限"), "2099/3/5")
    together.get_by_role("button", name="分配", exact=True).click()

    expect(together.locator(".together-people")).to_contain_text("2099-03-05")
