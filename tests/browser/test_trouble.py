"""When something goes wrong while somebody fills in a form: they are told in words and nothing they typed is lost.

The session ends, the page is closed, somebody else saves first. Wang Fang (王芳) takes a call down; Chen Jing (陈静), the
after-sales manager, works on the same ticket.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from desk_calls import CALL, CUSTOMER, takes_the_call, tickets, typed
from desk_people import Desk
from playwright.sync_api import Route, expect

from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]


def session_ends(site: Site, person: Desk) -> None:
    [token] = [str(cookie["value"]) for cookie in person.context.cookies() if cookie["name"] == "sid"]
    site.accounts.sign_out(token)


# The session ends in the middle of a form


def test_a_session_that_ended_is_renewed_in_place_and_the_form_is_saved(signed_in: SignIn, site: Site) -> None:
    wangfang = takes_the_call(signed_in("wangfang"), 故障简述="会话过期")
    session_ends(site, wangfang)

    wangfang.press("保存")
    dialog = wangfang.page.get_by_role("dialog", name="登录已过期")
    expect(dialog).to_contain_text("您填写的内容都还在")
    expect(dialog.get_by_label("登录名")).to_have_value("wangfang")
    dialog.get_by_label("密码").fill("wrong")
    dialog.get_by_role("button", name="登录").click()
    expect(dialog.get_by_role("alert")).to_contain_text("密码")
    dialog.get_by_label("密码").fill("guiju-demo")
    dialog.get_by_role("button", name="登录").click()

    expect(wangfang.page.locator(".toast", has_text="已保存")).to_be_visible()
    wangfang.is_ready()
    assert typed(wangfang) == CALL | {"故障简述": "会话过期", "客户": CUSTOMER}
    assert len(tickets(site, "会话过期")) == 1


def test_a_link_searched_for_after_the_session_ended_asks_to_sign_in_and_goes_on(signed_in: SignIn, site: Site) -> None:
    wangfang = signed_in("wangfang").opens("Service Ticket")
    session_ends(site, wangfang)

    wangfang.field("客户").press_sequentially("东岭")
    wangfang.signs_in_again()

    wangfang.page.locator(".choices:visible [role=option]", has_text=CUSTOMER).click()
    expect(wangfang.field("客户")).to_have_value(CUSTOMER)


def test_a_file_chosen_after_the_session_ended_is_uploaded_once_signed_in(
    signed_in: SignIn, site: Site, pictures: Callable[[str], Path]
) -> None:
    wangfang = signed_in("wangfang").opens("Service Ticket")
    session_ends(site, wangfang)

    wangfang.box("故障照片").locator("[data-file]").set_input_files(pictures("主轴.jpg"))
    wangfang.signs_in_again()

    expect(wangfang.box("故障照片").locator("img")).to_be_visible()


def test_a_comment_in_the_inbox_outlives_the_session(signed_in: SignIn, site: Site) -> None:
    hezhong = signed_in("hezhong").goes("/inbox")
    hezhong.asked("FH-2026-00003").get_by_label("审批意见").fill("请先核对收货地址。")
    session_ends(site, hezhong)

    hezhong.asked("FH-2026-00003").get_by_role("button", name="驳回").click()
    hezhong.agrees()
    hezhong.page.get_by_label("登录名").fill("hezhong")
    hezhong.page.get_by_label("密码").fill("guiju-demo")
    hezhong.page.get_by_role("button", name="登录").click()

    expect(hezhong.asked("FH-2026-00003").get_by_label("审批意见")).to_have_value("请先核对收货地址。")


# The answer is lost on the way


def test_a_save_whose_answer_was_lost_is_not_called_lost_and_happens_once(signed_in: SignIn, site: Site) -> None:
    wangfang = takes_the_call(signed_in("wangfang"), 故障简述="网关超时")

    def loses_the_answer(route: Route) -> None:
        assert route.fetch().ok  # the server saved it
        route.fulfill(status=504, content_type="text/html", body="Gateway Time-out")

    wangfang.page.route("**/form/Service*Ticket/*", loses_the_answer, times=1)
    wangfang.press("保存")
    told = wangfang.page.locator(".banner", has_text="服务器没有应答")
    expect(told).to_contain_text("不清楚是否已保存")
    expect(told).to_contain_text("不会重复保存")
    expect(told).not_to_contain_text("未保存")
    assert len(tickets(site, "网关超时")) == 1
    [reported] = wangfang.problems
    assert "status of 504" in reported  # by Chromium, of the answer above
    wangfang.problems.clear()

    wangfang.saves()
    assert len(tickets(site, "网关超时")) == 1


# While one types


def test_what_a_save_would_refuse_is_told_when_the_field_is_left_in_the_same_words(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu").opens("Trial Cut")
    subject = sunyu.page.locator("#e-subject")
    sunyu.types(试切件="当场")
    lines = sunyu.grid("走刀")
    lines.types(lines.adds(), 实测="一点五")
    expect(lines.cell(1, "实测")).to_have_attribute("title", "“走刀”第 1 行，实测：“一点五”不是数字。")
    expect(lines.cell(1, "刀具")).to_have_attribute("title", "“走刀”第 1 行，刀具必填。")
    expect(subject).to_be_hidden()
    sunyu.types(试切件="")
    expect(subject).to_have_text("试切件必填。")
    sunyu.types(试切件="改好")
    expect(subject).to_be_hidden()
    lines.types(1, 实测="1.5", 刀具="甲")
    expect(lines.cell(1, "实测")).not_to_have_attribute("title", "“走刀”第 1 行，实测：“一点五”不是数字。")
    sunyu.saves()


# The page is closed with unsaved work


def test_what_was_typed_is_offered_again_after_the_page_was_closed(signed_in: SignIn, site: Site) -> None:
    wangfang = takes_the_call(signed_in("wangfang"), 故障简述="页面关闭")
    wangfang.links("设备", "2311", "CK6150I-2311-117")
    expect(wangfang.field("规格型号")).to_have_text("CK6150i/1000")
    wangfang.page.close(run_before_unload=True)

    wangfang.page = wangfang.new_page()
    wangfang.opens("Service Ticket")
    notice = wangfang.page.locator("#draft-notice")
    expect(notice).to_contain_text("本机保存有未存盘的内容")
    wangfang.shows("故障简述", "")  # offered, not forced
    expect(notice.locator("[data-differs]")).to_contain_text(f"客户: — {CUSTOMER}")
    notice.get_by_role("button", name="恢复").click()

    assert typed(wangfang) == CALL | {"故障简述": "页面关闭", "客户": CUSTOMER}
    expect(wangfang.field("规格型号")).to_have_text("CK6150i/1000")  # what the device record knows comes back with it
    wangfang.saves()
    assert len(tickets(site, "页面关闭")) == 1
    wangfang.opens("Service Ticket")
    expect(notice).not_to_be_visible()  # saved: nothing is left to offer


def test_a_draft_is_put_on_top_of_what_somebody_else_saved_meanwhile(signed_in: SignIn) -> None:
    wangfang, chenjing = signed_in("wangfang"), signed_in("chenjing")
    name = takes_the_call(wangfang).saves().name
    wangfang.types(报修电话="0500-66880199")
    wangfang.goes("/")  # left without saving
    chenjing.opens("Service Ticket", name).types(报修人="马会计")
    chenjing.saves()

    wangfang.opens("Service Ticket", name)
    expect(wangfang.page.locator("#draft-notice")).to_contain_text("此后单据已被他人更改")
    wangfang.page.locator("#draft-notice").get_by_role("button", name="恢复").click()
    wangfang.saves()

    assert (wangfang.reads("报修人"), wangfang.reads("报修电话")) == ("马会计", "0500-66880199")


def test_the_time_of_a_draft_is_the_site_s_wherever_the_browser_is(signed_in: SignIn) -> None:
    wangfang = takes_the_call(signed_in("wangfang", zone="America/New_York"))
    wangfang.page.clock.set_fixed_time("2026-06-15T01:20:00Z")
    wangfang.types(报修人="马会计")
    wangfang.opens("Service Ticket")

    expect(wangfang.page.locator("#draft-notice [data-at]")).to_have_text("2026-06-15 09:20")


def test_a_draft_is_offered_to_nobody_else_and_kept_for_its_writer(signed_in: SignIn, site: Site) -> None:
    desk = takes_the_call(signed_in("wangfang"))
    desk.goes("/").page.get_by_label("我的账号").click()
    desk.page.get_by_role("button", name="退出登录").click()

    desk.becomes("chenjing").opens("Service Ticket")
    expect(desk.page.locator("#draft-notice")).to_be_hidden()
    desk.becomes("wangfang").opens("Service Ticket")
    expect(desk.page.locator("#draft-notice")).to_be_visible()


def test_a_draft_may_be_discarded(signed_in: SignIn) -> None:
    wangfang = takes_the_call(signed_in("wangfang")).opens("Service Ticket")

    wangfang.page.locator("#draft-notice").get_by_role("button", name="丢弃").click()

    wangfang.reopens()
    expect(wangfang.page.locator("#draft-notice")).not_to_be_visible()


# Two people save one record


@pytest.fixture
def both(signed_in: SignIn, site: Site) -> tuple[Desk, Desk]:
    """Two people have the same ticket open; Chen Jing has saved hers."""
    wangfang, chenjing = signed_in("wangfang"), signed_in("chenjing")
    name = takes_the_call(wangfang).saves().name
    chenjing.opens("Service Ticket", name)
    chenjing.types(报修人="马会计", 故障现象="停机后仍有异响。")
    chenjing.chooses("紧急程度", "紧急")
    chenjing.saves()
    wangfang.types(报修人="谢军（夜班）", 报修电话="0500-66880199")
    return wangfang, chenjing


def test_a_stale_save_asks_only_about_what_both_changed_and_keeps_what_is_chosen(both: tuple[Desk, Desk]) -> None:
    wangfang, chenjing = both

    wangfang.press("保存")
    conflict = wangfang.page.locator("table.conflict")
    expect(wangfang.page.locator("#errors strong")).to_contain_text("陈静")
    expect(conflict.locator("tbody th")).to_have_text(["报修人"])
    expect(wangfang.page.locator("#errors")).to_contain_text("紧急程度、故障现象")  # merged without a question
    expect(conflict.locator("input:checked")).to_have_value("mine")
    conflict.get_by_label("马会计").check()
    wangfang.page.get_by_role("button", name="按所选保存").click()

    expect(wangfang.page.locator(".toast", has_text="已保存")).to_be_visible()
    chenjing.reopens()
    kept = {label: chenjing.reads(label) for label in ("报修人", "故障现象", "报修电话")}
    assert kept == {"报修人": "马会计", "故障现象": "停机后仍有异响。", "报修电话": "0500-66880199"}
    expect(chenjing.field("紧急程度").locator("option:checked")).to_have_text("紧急")


def test_changes_that_do_not_collide_are_merged_without_a_question_rows_cell_by_cell(signed_in: SignIn, site: Site) -> None:
    wangfang, chenjing = signed_in("wangfang"), signed_in("chenjing")
    rows = [{"tool": name, "measured": "1"} for name in ("甲", "乙", "丙")]
    name = site.documents.save(site.user("wangfang"), "Trial Cut", {"subject": "合并", "cuts": rows}).name
    wangfang.opens("Trial Cut", name)
    theirs, mine = chenjing.opens("Trial Cut", name).grid("走刀"), wangfang.grid("走刀")
    chenjing.types(开始时刻="08:30")
    theirs.types(2, 实测="2")
    theirs.types(theirs.adds(), 刀具="戊")
    chenjing.saves()
    mine.types(2, 刀具="乙二")
    mine.rows.nth(0).get_by_role("button", name="删除此行").click()
    mine.types(mine.adds(), 刀具="丁")

    wangfang.press("保存")

    expect(wangfang.page.locator(".toast", has_text="已保存")).to_contain_text("开始时刻、走刀")
    kept = site.documents.load(site.user("wangfang"), "Trial Cut", name)
    assert [(row["tool"], str(row["measured"])) for row in kept["cuts"]] == [
        ("乙二", "2.000"), ("丙", "1.000"), ("戊", "None"), ("丁", "None"),
    ]  # fmt: skip
    assert str(kept["started"])[:5] == "08:30"


def test_a_stale_save_may_be_dropped_for_what_the_other_one_saved(both: tuple[Desk, Desk]) -> None:
    wangfang, _ = both
    wangfang.press("保存")

    wangfang.page.get_by_role("button", name="放弃我的更改").click()

    expect(wangfang.field("报修人")).to_have_value("马会计")
    expect(wangfang.page.locator("#draft-notice")).not_to_be_visible()
