"""Trial production at the desk (S01): the process review and its report RCDF-02, comment by comment, signed off, printed.

Sun Yu (孙宇) is the process engineer, Zhou Min (周敏) the technology manager, Wu Gang (吴刚) of quality sits on the team.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
CLAUSES = ["a) 1)", "a) 2)", "a) 3)", "b) 1)", "b) 2)", "b) 3)", "c) 1)", "c) 2)"]


def reviews(sunyu: Desk) -> str:
    """Sun Yu writes the report: every requirement conforms; the comments are still to come."""
    sunyu.opens("Process Review Report")
    sunyu.links("项目名称", "XG-26", "XG-26 高速主轴单元试制")
    sunyu.shows("图号", "XG26-01-00")  # product and drawing come from the project
    sunyu.links("主持人", "zhoumin", "周敏")
    team = sunyu.grid("评审组")
    for login, person, speciality in (("zhoumin", "周敏", "工艺"), ("wugang", "吴刚", "检验"), ("songtao", "宋涛", "装配")):
        row = team.adds()
        team.links(row, "姓名", login, person)
        team.types(row, 专业=speciality)
    sunyu.types(评审计划与要求="会前三天分发工艺规程，半天评审", 计划评审日期="2026-06-15")
    sunyu.turns_to("评审要求")
    checks = sunyu.grid("评审要求")
    for row in range(1, len(CLAUSES) + 1):
        checks.chooses(row, "结论", "符合")
    sunyu.turns_to("评审结论")
    sunyu.chooses("评审结论", "落实措施后通过")
    return sunyu.saves().name


def comments(sunyu: Desk, text: str, decision: str = "", **values: str) -> int:
    """A comment of the review; returns its row."""
    sunyu.turns_to("评审意见")
    grid = sunyu.grid("评审意见及处置")
    row = grid.adds()
    grid.types(row, 问题和意见=text)
    if decision:
        grid.chooses(row, "处置", decision)
    grid.types(row, **values)
    return row


def test_a_new_report_stands_prefilled_with_the_requirements(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu").opens("Process Review Report")
    sunyu.shows("填报人", "孙宇")

    sunyu.turns_to("评审要求")
    checks = sunyu.grid("评审要求")

    assert [checks.reads(row, "条号") for row in range(1, 9)] == CLAUSES
    expect(checks.cell(5, "评审要求")).to_contain_text("必须经过研制试验")
    for fixed in ("添加一行", "删除此行"):  # the procedure says what is reviewed
        expect(checks.box.get_by_role("button", name=fixed)).to_have_count(0)


def test_departments_follow_from_the_people_of_the_team(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu").opens("Process Review Report")
    team = sunyu.grid("评审组")

    team.links(team.adds(), "姓名", "wugang", "吴刚")

    expect(team.cell(1, "部门").locator("input")).to_have_value("质量部")


def test_requirements_without_a_result_are_listed_each_at_its_row(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu")
    reviews(sunyu)
    sunyu.turns_to("评审要求")
    checks = sunyu.grid("评审要求")
    checks.chooses(2, "结论", "")
    checks.chooses(6, "结论", "不符合")

    said = "\n".join(sunyu.is_refused())

    assert "评审要求 a) 2) 没有结论" in said
    assert "评审要求 b) 3) 不符合，须写明评审情况" in said
    sunyu.page.locator("#errors a", has_text="b) 3)").click()
    expect(sunyu.page.get_by_role("tab", name="评审要求")).to_have_attribute("aria-selected", "true")
    expect(checks.cell(6, "评审情况").locator("textarea")).to_be_focused()


def test_an_adopted_comment_needs_a_measure_and_a_rejected_one_a_reason(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu")
    reviews(sunyu)
    comments(sunyu, "补充去毛刺工序", "采纳")
    comments(sunyu, "改用进口油石", "不予采纳")
    comments(sunyu, "增加中间检验")
    grid = sunyu.grid("评审意见及处置")
    # measure and reason are asked for where they belong
    expect(grid.cell(1, "措施").locator("textarea")).to_be_visible()
    expect(grid.cell(1, "不采纳理由").locator("textarea")).not_to_be_visible()
    expect(grid.cell(2, "措施").locator("textarea")).not_to_be_visible()

    said = "\n".join(sunyu.is_refused())

    assert "已采纳，须写明措施" in said
    assert "不予采纳，须写明理由" in said
    assert "第 3 条意见" in said
    assert "S01-07" in said
    expect(sunyu.state).to_have_text("草稿")
    here = sunyu.page.get_by_role("tab", name="评审意见")
    expect(here).to_have_class(re.compile("has-error"))
    expect(here).to_have_attribute("aria-selected", "true")  # where the comments were typed, though the page was opened anew


def test_a_report_whose_comments_are_all_adopted_needs_nobodys_sign_off(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu")
    reviews(sunyu)
    comments(sunyu, "补充去毛刺工序", "采纳", 措施="增加 55 工序")

    sunyu.submits()

    expect(sunyu.state).to_have_text("已提交")
    expect(sunyu.page.locator(".decisions")).to_have_count(0)
    # a row that nobody may change any more is still read whole
    sunyu.grid("评审意见及处置").rows.first.get_by_role("button", name="查看此行全部内容").click()
    expect(sunyu.page.locator("dialog.row-dialog")).to_contain_text("完成期限")
    expect(sunyu.page.locator("dialog.row-dialog #row-measure")).to_have_text("增加 55 工序")


def test_a_rejected_comment_waits_for_the_technology_manager_whose_sign_off_stays_on_record(
    signed_in: SignIn, pdf_text: Callable[[bytes], str]
) -> None:
    sunyu, zhoumin = signed_in("sunyu"), signed_in("zhoumin")
    name = reviews(sunyu)
    comments(sunyu, "补充去毛刺工序", "采纳", 措施="增加 55 工序")
    comments(sunyu, "改用进口油石", "不予采纳", 不采纳理由="国产油石寿命试验合格")

    [said] = sunyu.is_refused()
    assert "改用进口油石" in said
    assert "尚待科技部经理审批" in said
    expect(sunyu.page.locator(".banner-owed")).to_contain_text("科技部经理")
    expect(sunyu.page.locator(".why .is-matched")).to_contain_text("不予采纳的意见须经科技部经理批准")

    # the one who wrote the report is not asked
    expect(sunyu.goes("/inbox").asked(name)).to_have_count(0)
    zhoumin.goes("/inbox")
    for text in ("改用进口油石", "国产油石寿命试验合格", "S01-07"):
        expect(zhoumin.asked(name)).to_contain_text(text)
    zhoumin.approves(name, "同意不予采纳。")
    expect(zhoumin.goes("/inbox?tab=done").asked(name)).to_contain_text("已批准")

    sunyu.opens("Process Review Report", name).submits()
    expect(sunyu.state).to_have_text("已提交")
    for text in ("周敏", "2026-06-15", "同意不予采纳。"):
        expect(sunyu.page.locator(".decisions")).to_contain_text(text)
    expect(sunyu.page.locator(".timeline")).to_contain_text("周敏 批准")
    printed = pdf_text(sunyu.prints("工艺评审报告"))
    for text in ("RCDF-02", name, "改用进口油石", "国产油石寿命试验合格", "同意不予采纳。", "周敏"):
        assert text in printed


def test_another_reason_after_the_sign_off_is_signed_off_again(signed_in: SignIn) -> None:
    sunyu, zhoumin = signed_in("sunyu"), signed_in("zhoumin")
    name = reviews(sunyu)
    comments(sunyu, "取消低温时效", "不予采纳", 不采纳理由="薄壁件变形超差")
    sunyu.saves()
    zhoumin.approves(name)

    sunyu.reopens().turns_to("评审意见")
    sunyu.grid("评审意见及处置").types(1, 不采纳理由="交期不允许")
    assert len(sunyu.is_refused()) == 1

    expect(zhoumin.goes("/inbox").asked(name)).to_contain_text("交期不允许")
