"""A tour of the desk as its people use it all day: home, inbox, why, timeline, files, links, amending."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from desk_people import Desk
from playwright.sync_api import expect

from server.documents.copies import copied_values
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
CUSTOMER = "东岭汽车零部件股份有限公司"


# Home


def test_home_shows_what_i_owe_what_i_worked_on_and_where_to_go(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").goes("/")
    page = wangfang.page

    expect(page.get_by_role("heading", level=1)).to_have_text("王芳，您好")
    expect(page.locator(".home .owed", has_text="备用机").first).to_be_visible()
    assert page.locator(".recent li").count() >= 1
    page.locator(".tiles").get_by_role("link", name="报修单").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("报修单")


def test_home_offers_only_what_one_may_read(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu").goes("/")

    expect(sunyu.page.locator(".tiles")).to_contain_text("工艺评审报告")
    expect(sunyu.page.locator(".tiles")).not_to_contain_text("售后服务报价单")
    expect(sunyu.page.get_by_text("没有待办，都处理完了。")).to_be_visible()


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
    asked.get_by_label("审批意见").fill("可以发。")
    asked.get_by_role("button", name="驳回").click()  # a slip: nothing is rejected before it is said twice
    again = hezhong.page.get_by_role("dialog")
    expect(again).to_contain_text("发货单 FH-2026-00002")
    expect(again).to_contain_text("驳回“")
    expect(again.get_by_label("审批意见")).to_have_value("可以发。")
    again.get_by_role("button", name="取消").click()
    expect(asked.get_by_role("button", name="驳回")).to_be_visible()
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


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", "您提交的，须由他人批准。"), ("en", "You submitted this; someone else has to approve it.")],
)
def test_what_one_submitted_oneself_is_said_to_be_for_others(signed_in: SignIn, site: Site, language: str, said: str) -> None:
    leader = site.user("hezhong")
    note = site.documents.load(leader, "Shipment Note", "FH-2026-00001")
    values = copied_values(site.snapshot().doctype("Shipment Note"), note)
    name = site.documents.save(site.user("zhengli"), "Shipment Note", values).name
    site.documents.save(leader, "Shipment Note", {"customer": "KH-0003"}, name=name)  # asks for the release anew, in their name

    asked = signed_in("hezhong", language=language).goes("/inbox").asked(name)

    expect(asked).to_contain_text(said)
    expect(asked.get_by_role("button")).to_have_count(0)


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

    box.locator("[data-file]").set_input_files(pictures("漏油.jpg"))
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

    wangfang.box("故障照片").locator("[data-file]").set_input_files(program)

    expect(wangfang.page.locator(".toast-error")).to_contain_text("exe")


def test_connected_records_lead_to_their_list(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Customer", "KH-0002")

    wangfang.follows(wangfang.page.locator(".record-side").get_by_role("link", name="报修单"))

    customers = wangfang.page.locator("td[data-label='客户']").all_inner_texts()
    assert {text.strip() for text in customers} == {CUSTOMER}


def test_a_link_field_leads_to_a_new_record_for_whoever_may_make_one(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Ticket")
    wangfang.field("客户").press_sequentially("新客户")
    expect(wangfang.page.locator(".choices:visible")).to_contain_text("没有找到")
    wangfang.page.locator(".choices:visible .choices-new a").click()
    expect(wangfang.page.frame_locator(".quick-dialog iframe").get_by_role("heading", level=1)).to_have_text("新建客户")

    sunyu = signed_in("sunyu").opens("Process Review Report")
    sunyu.field("主持人").press_sequentially("zhou")
    expect(sunyu.page.locator(".choices:visible [role=option]")).to_have_count(1)
    expect(sunyu.page.locator(".choices:visible .choices-new")).to_have_count(0)


def test_every_script_of_a_form_has_its_version_in_its_address(signed_in: SignIn) -> None:
    page = signed_in("wangfang").opens("Service Ticket").page

    loaded = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    scripts = [address for address in loaded if "/static/guiju/" in address and ".js" in address]

    assert len(scripts) > 10
    assert [address for address in scripts if "?v=" not in address] == []


# Searching everywhere


def test_the_search_leads_to_everything_it_found(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").goes("/")
    page = wangfang.page
    page.keyboard.press("/")
    page.keyboard.type("2026")
    found = page.locator("[data-search-results]")
    expect(found.locator("li")).to_have_count(9)

    wangfang.follows(found.get_by_role("link", name="查看全部结果"))

    expect(page.get_by_role("heading", level=1)).to_have_text("“2026”的搜索结果")
    tickets = page.locator("section", has=page.get_by_role("heading", name="报修单"))
    assert tickets.locator("li").count() > 5
    tickets.get_by_role("link", name="在列表中查看").click()
    expect(page.get_by_role("searchbox", name="搜索报修单")).to_have_value("2026")


def test_a_search_that_shows_all_it_found_offers_no_more(signed_in: SignIn) -> None:
    page = signed_in("wangfang").goes("/").page
    page.get_by_role("searchbox").fill("QT-2026-00002")

    expect(page.locator("[data-search-results] li").first).to_be_visible()
    expect(page.locator("[data-search-results]")).not_to_contain_text("查看全部结果")


# A submitted record is corrected by a new one


def test_a_submit_that_is_refused_leaves_no_empty_entry_in_the_timeline(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Quotation", "QT-2026-00002")
    before = wangfang.page.locator(".timeline li").all_inner_texts()

    wangfang.is_refused("提交")

    assert wangfang.page.locator(".timeline li").all_inner_texts() == before


def test_rows_that_changed_places_are_told(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu").opens("Trial Cut")
    sunyu.types(试切件="换行")
    cuts = sunyu.grid("走刀")
    for number in (1, 2):
        cuts.adds()
        cuts.types(number, 刀具=f"T{number}")
    sunyu.saves()
    cuts.cell(2, "刀具").locator("input").press("Alt+ArrowUp")
    sunyu.saves()

    entry = sunyu.page.locator(".timeline li").first
    entry.locator("summary").click()

    assert entry.locator(".changes > li").all_inner_texts() == ["走刀 · 行的顺序：1、2 → 2、1"]


def test_what_was_signed_on_a_submitted_record_is_not_signed_again(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu").opens("Trial Cut")
    sunyu.types(试切件="阶梯轴")
    sunyu.signs("检验员", "高翔")
    sunyu.types(试切件="已检")
    expect(sunyu.box("检验员").get_by_role("button")).to_be_hidden()  # read only from now on
    sunyu.saves().submits()
    expect(sunyu.box("检验员").get_by_role("button")).to_have_count(0)

    sunyu.signs("见证人", "谢军")  # open after submitting, and signed for the first time
    sunyu.saves()

    expect(sunyu.box("见证人").locator("img")).to_be_visible()
    expect(sunyu.box("见证人").get_by_role("button")).to_have_count(0)


def test_a_cancelled_record_is_amended_into_a_new_one(signed_in: SignIn) -> None:
    zhoumin = signed_in("zhoumin").opens("Process Review Report", "RCDF-02-2026-0001")
    expect(zhoumin.page.get_by_role("button", name="保存")).to_have_count(0)

    zhoumin.page.get_by_label("更多").click()
    zhoumin.page.get_by_role("button", name="作废").click()
    expect(zhoumin.page.locator("dialog[open]")).to_contain_text("作废后只能修订出新版")
    dialog = zhoumin.page.get_by_role("dialog")
    zhoumin.agrees()
    expect(dialog.get_by_role("alert")).to_have_text("作废原因必填，会记入时间线。")
    dialog.get_by_label("作废原因").fill("评审项目填错。")
    zhoumin.agrees()
    expect(zhoumin.page.locator(".toast", has_text="已作废")).to_be_visible()
    zhoumin.is_ready()
    expect(zhoumin.state).to_have_text("已作废")
    expect(zhoumin.page.locator(".timeline li").first).to_contain_text("评审项目填错。")
    zhoumin.page.get_by_role("link", name="修订", exact=True).click()
    zhoumin.page.wait_for_url(re.compile("amend="))
    zhoumin.is_ready()
    zhoumin.shows("项目名称", "GJ-MC300 灭菌器试制")
    zhoumin.saves()

    assert zhoumin.name == "RCDF-02-2026-0001-1"
    zhoumin.turns_to("评审结论")
    expect(zhoumin.field("修订自")).to_have_text("RCDF-02-2026-0001")
