"""A tour of the desk as its people use it all day: home, lists, search, inbox, why, timeline, files, amending."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from desk_people import Desk
from playwright.sync_api import Page, expect

from server.access.user import User
from server.exchange.packs import Source
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
CUSTOMER = "东岭汽车零部件股份有限公司"

GAUGE_LOAN = {
    "name": "Gauge Loan", "autoname": "hash", "title_field": "gauge", "label": {"zh": "量具借用", "en": "Gauge Loan"},
    "fields": [{"fieldname": "gauge", "fieldtype": "Data", "label": {"zh": "量具", "en": "Gauge"}, "reqd": 1}],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip


def column(page: Page, label: str) -> list[str]:
    return [text.strip() for text in page.locator(f"td[data-label='{label}']").all_inner_texts()]


# Home


def test_home_shows_what_i_owe_what_i_worked_on_and_where_to_go(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").goes("/")
    page = wangfang.page

    expect(page.get_by_role("heading", level=1)).to_have_text("王芳，您好")
    expect(page.locator(".home .owed").first).to_contain_text("备用机")
    assert page.locator(".recent li").count() >= 1
    page.locator(".tiles").get_by_role("link", name="报修单").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("报修单")


def test_home_offers_only_what_one_may_read(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu").goes("/")

    expect(sunyu.page.locator(".tiles")).to_contain_text("工艺评审报告")
    expect(sunyu.page.locator(".tiles")).not_to_contain_text("售后服务报价单")
    expect(sunyu.page.get_by_text("没有待办，都处理完了。")).to_be_visible()


# Lists


def test_a_list_is_searched_filtered_and_cleared(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").lists("Service Ticket")
    page = wangfang.page

    page.get_by_role("searchbox", name="搜索报修单").fill("灭菌")
    page.keyboard.press("Enter")
    expect(page.locator(".page-count")).to_have_text("共 2 条")
    page.get_by_role("navigation", name="紧急程度").get_by_role("link", name="特急").click()
    expect(page.locator(".filter-rows")).to_contain_text("紧急程度 等于 特急")
    assert set(column(page, "紧急程度")) == {"特急"}
    page.get_by_role("link", name="去掉此条件").click()
    page.get_by_role("searchbox", name="搜索报修单").fill("查无此事")
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有符合条件的记录。")).to_be_visible()

    page.get_by_role("link", name="清除筛选").click()

    assert page.locator("table.list tbody tr").count() >= 13


def test_a_filter_is_made_of_a_field_a_condition_and_a_value(signed_in: SignIn) -> None:
    page = signed_in("wangfang").lists("Service Quotation").page

    page.get_by_text("筛选", exact=True).click()
    page.get_by_label("字段").select_option(label="报价总价")
    page.get_by_label("条件").select_option(label="不小于")
    page.get_by_label("值", exact=True).fill("8000")
    page.get_by_role("button", name="应用").click()

    totals = [float(text.replace(",", "")) for text in column(page, "报价总价")]
    assert totals
    assert min(totals) >= 8000


def test_a_filter_that_cannot_be_read_is_told_above_the_list(signed_in: SignIn) -> None:
    page = signed_in("wangfang").lists("Service Quotation", "?f=total&o=%3E%3D&v=很多").page

    expect(page.get_by_role("alert")).to_contain_text("很多")
    page.get_by_role("alert").get_by_role("link", name="清除筛选").click()
    expect(page.locator("table.list tbody tr").first).to_be_visible()


def test_a_list_is_sorted_by_its_headings(signed_in: SignIn) -> None:
    page = signed_in("wangfang").lists("Service Ticket").page
    heading = page.get_by_role("columnheader", name="编号")

    heading.get_by_role("link").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    names = page.locator(".cell-name a").all_inner_texts()
    assert names == sorted(names)
    heading.get_by_role("link").click()

    expect(heading).to_have_attribute("aria-sort", "descending")
    assert page.locator(".cell-name a").all_inner_texts()[-1] == names[0]


def test_a_long_list_comes_page_by_page(signed_in: SignIn, site: Site) -> None:
    for number in range(25):
        site.documents.save(User.administrator(), "Department", {"department_name": f"工段 {number:02}"})
    page = signed_in("wangfang").lists("Department", "?sort=name:asc").page
    first = page.locator(".cell-name a").all_inner_texts()
    assert len(first) == 20

    page.get_by_role("link", name="下一页").click()
    second = page.locator(".cell-name a").all_inner_texts()
    assert second
    assert max(first) < min(second)
    page.get_by_role("link", name="第一页").click()

    expect(page.locator(".cell-name a").first).to_have_text(first[0])


def test_a_record_type_published_just_now_has_its_list_which_says_how_to_begin(signed_in: SignIn, site: Site) -> None:
    wangfang = signed_in("wangfang").goes("/")
    site.publisher.publish(site.publisher.propose([Source("DocType", "gauge_loan.json", GAUGE_LOAN)]), "Administrator")

    wangfang.page.reload()
    wangfang.page.locator(".tiles").get_by_role("link", name="量具借用").click()
    expect(wangfang.page.locator(".empty")).to_contain_text("还没有量具借用。")
    wangfang.page.locator(".empty").get_by_role("link", name="新建量具借用").click()
    wangfang.is_ready().types(量具="外径千分尺 25-50")

    assert wangfang.saves().name != ""


def test_a_row_is_opened_by_a_click_anywhere_and_slash_goes_to_the_search(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").lists("Service Ticket")
    page = wangfang.page
    page.locator("h1").click()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="搜索报修单")).to_be_focused()

    page.locator("table.list tbody tr").first.locator(".cell-state").click()

    wangfang.is_ready()
    assert wangfang.name.startswith("ST-2026-")


# Search over everything


def test_search_finds_records_by_number_customer_and_title(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").goes("/")
    page = wangfang.page
    page.keyboard.press("Control+k")
    page.keyboard.type("东岭")
    expect(page.locator("[data-search-results] a").first).to_contain_text(CUSTOMER)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wangfang.is_ready()
    expect(page.get_by_role("heading", level=1)).to_have_text(CUSTOMER)

    page.get_by_role("searchbox", name="搜索单号").fill("QT-2026-00002")
    page.keyboard.press("Enter")

    wangfang.is_ready()
    assert wangfang.name == "QT-2026-00002"


# The inbox


def test_the_inbox_says_what_by_when_and_why_and_is_acted_on_in_place(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").goes("/inbox")
    owed = wangfang.page.locator("li.owed", has_text="备用机").first
    for text in ("期限 2026-06-15", "依据 报修 12 小时未修复", "条款 S08-05"):
        expect(owed).to_contain_text(text)

    hezhong = signed_in("hezhong").goes("/inbox")
    asked = hezhong.asked("FH-2026-00002")
    # what is asked about stands as people read it: titles, not numbers; labels, not keys
    for text in (CUSTOMER, "公司车队送货", "谢军"):
        expect(asked.locator(".shown-values")).to_contain_text(text)
    expect(asked).not_to_contain_text("KH-0002")
    expect(asked).not_to_contain_text("Own Fleet")
    asked.get_by_role("button", name="驳回").click()
    expect(asked.locator(".field-error")).to_contain_text("驳回须填写意见")
    hezhong.approves("FH-2026-00002", "可以发。")

    expect(hezhong.goes("/inbox").asked("FH-2026-00002")).to_have_count(0)
    done = hezhong.goes("/inbox?tab=done").asked("FH-2026-00002")
    for text in ("已批准", "何忠", "可以发。"):
        expect(done).to_contain_text(text)


def test_money_in_the_inbox_is_grouped_with_its_places(signed_in: SignIn) -> None:
    asked = signed_in("zhangjianguo").goes("/inbox").asked("QT-2026-00002")

    values = dict(zip(asked.locator("dt").all_inner_texts(), asked.locator("dd").all_inner_texts(), strict=True))

    assert values["客户"] == CUSTOMER
    assert (values["价目表合计"], values["报价总价"], values["与价目表偏差"]) == ("10,000.00", "8,800.00", "-12.00 %")


# Beside the form


def test_the_why_panel_names_rule_clause_and_what_was_found(signed_in: SignIn) -> None:
    why = signed_in("wangfang").opens("Service Quotation", "QT-2026-00002").page.locator(".why")
    matched = why.locator(".is-matched")

    expect(matched).to_contain_text("S02-04")
    expect(matched.locator(".holds")).to_contain_text("报价总价 小于 免审批最低总价")
    expect(matched.locator(".holds")).to_contain_text("8,800.00")
    why.get_by_text(re.compile("另有 \\d+ 条规则未命中")).click()
    expect(why.locator(".is-quiet").first).to_be_visible()


def test_the_timeline_tells_every_difference_as_people_read_it(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Quotation")
    wangfang.links("客户", "东岭", CUSTOMER)
    lines = wangfang.grid("报价明细")
    for typed, title in (("主轴轴承", "主轴轴承组件"), ("FW-JX", "机械维修工时")):
        lines.links(lines.adds(), "价目表项目", typed, title)
    lines.types(1, 数量="1")
    lines.types(2, 数量="2")
    wangfang.saves()
    wangfang.links("客户", "安泽", "安泽轴承有限公司")
    lines.types(1, 报价单价="6700")
    lines.rows.nth(1).get_by_role("button", name="删除此行").click()
    wangfang.saves()

    entry = wangfang.page.locator(".timeline li").first
    expect(entry).to_contain_text("王芳 修改")
    entry.locator("summary").click()

    told = entry.locator(".changes > li").all_inner_texts()
    assert f"客户：{CUSTOMER} → 安泽轴承有限公司" in told
    assert "报价明细 第 1 行 · 报价单价：6,800.00 → 6,700.00" in told
    assert any(line.startswith("报价明细 第 2 行：机械维修工时") for line in told)


def test_a_photo_is_attached_shown_and_removed(signed_in: SignIn, pictures: Callable[[str], Path]) -> None:
    wangfang = signed_in("wangfang").opens("Service Ticket", "ST-2026-00013")
    box = wangfang.box("故障照片")

    box.locator("input[type=file]").set_input_files(pictures("漏油.jpg"))
    expect(box.locator("img")).to_be_visible()
    wangfang.saves()
    seen = wangfang.context.request.get(str(box.locator("a[data-shown]").get_attribute("href")))
    assert (seen.status, seen.headers["content-type"]) == (200, "image/jpeg")
    box.get_by_role("button", name="移除").click()
    wangfang.saves()

    expect(box.locator("a[data-shown]")).not_to_be_visible()


def test_a_file_that_may_not_be_attached_is_refused_in_words(signed_in: SignIn, tmp_path: Path) -> None:
    program = tmp_path / "维修工具.exe"
    program.write_bytes(b"MZ" + bytes(64))
    wangfang = signed_in("wangfang").opens("Service Ticket", "ST-2026-00013")

    wangfang.box("故障照片").locator("input[type=file]").set_input_files(program)

    expect(wangfang.page.locator(".toast-error")).to_contain_text("exe")


def test_connected_records_lead_to_their_list(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Customer", "KH-0002")

    wangfang.page.locator(".record-side").get_by_role("link", name="报修单").click()

    assert set(column(wangfang.page, "客户")) == {CUSTOMER}


def test_a_link_field_leads_to_a_new_record_for_whoever_may_make_one(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Ticket")
    wangfang.field("客户").press_sequentially("新客户")
    new = wangfang.page.locator(".choices:visible .choices-new a")
    expect(wangfang.page.locator(".choices:visible")).to_contain_text("没有找到")
    with wangfang.context.expect_page() as opened:
        new.click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("新建客户")

    sunyu = signed_in("sunyu").opens("Process Review Report")
    sunyu.field("主持人").press_sequentially("zhou")
    expect(sunyu.page.locator(".choices:visible [role=option]")).to_have_count(1)
    expect(sunyu.page.locator(".choices:visible .choices-new")).to_have_count(0)


# A submitted record is corrected by a new one


def test_a_cancelled_record_is_amended_into_a_new_one(signed_in: SignIn) -> None:
    zhoumin = signed_in("zhoumin").opens("Process Review Report", "RCDF-02-2026-0001")
    expect(zhoumin.page.get_by_role("button", name="保存")).to_have_count(0)

    zhoumin.page.get_by_label("更多").click()
    zhoumin.page.get_by_role("button", name="作废").click()
    expect(zhoumin.page.locator("dialog[open]")).to_contain_text("作废后只能修订出新版")
    zhoumin.agrees()
    expect(zhoumin.page.locator(".toast", has_text="已作废")).to_be_visible()
    zhoumin.is_ready()
    expect(zhoumin.state).to_have_text("已作废")
    zhoumin.page.get_by_role("link", name="修订", exact=True).click()
    zhoumin.page.wait_for_url(re.compile("amend="))
    zhoumin.is_ready()
    assert zhoumin.reads("项目名称") == "GJ-MC300 灭菌器试制"
    zhoumin.saves()

    assert zhoumin.name == "RCDF-02-2026-0001-1"
    zhoumin.turns_to("评审结论")
    expect(zhoumin.field("修订自")).to_have_text("RCDF-02-2026-0001")
