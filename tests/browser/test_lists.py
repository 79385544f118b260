"""Lists at the desk: searched, filtered, sorted, page by page, empty; and the search over everything."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from desk_people import Desk
from playwright.sync_api import Page, Route, expect

from server.access.user import User
from server.core.text import Text
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
GAUGE_PLAN: dict[str, Any] = {
    "name": "Gauge Plan", "autoname": "hash", "title_field": "gauge", "label": {"zh": "量具计划", "en": "Gauge Plan"},
    "fields": [
        {"fieldname": "gauge", "fieldtype": "Data", "label": {"zh": "量具", "en": "Gauge"}, "reqd": 1},
        {"fieldname": "stage", "fieldtype": "Select", "options": "Open\nDone", "label": {"zh": "进度", "en": "Stage"}, "default": "Open"},
        {"fieldname": "day", "fieldtype": "Date", "label": {"zh": "日期", "en": "Day"}, "set_only_once": 1},
    ],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip


def column(page: Page, label: str) -> list[str]:
    return [text.strip() for text in page.locator(f"td[data-label='{label}']").all_inner_texts()]


def test_a_list_is_searched_filtered_and_cleared(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").lists("Service Ticket")
    page = wangfang.page

    page.get_by_role("searchbox", name="搜索报修单").fill("灭菌")
    page.keyboard.press("Enter")
    expect(page.locator(".page-count")).to_have_text("共 2 条")
    expect(page.get_by_role("navigation", name="状态")).to_be_visible()
    expect(page.get_by_role("navigation", name="紧急程度")).to_have_count(0)
    page.get_by_text("更多筛选").click()
    wangfang.follows(page.get_by_role("navigation", name="紧急程度").get_by_role("link", name="特急"))
    expect(page.get_by_role("navigation", name="紧急程度")).to_be_visible()  # what is chosen stands in the open
    expect(page.locator(".filter-rows")).to_contain_text("紧急程度 等于 特急")
    assert set(column(page, "紧急程度")) == {"特急"}
    page.get_by_role("link", name="去掉此条件").click()
    page.get_by_role("searchbox", name="搜索报修单").fill("查无此事")
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有符合条件的报修单。")).to_be_visible()

    wangfang.follows(page.get_by_role("link", name="清除筛选"))

    assert page.locator("table.list tbody tr").count() >= 13


def test_a_filter_is_made_of_a_field_a_condition_and_a_value(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").lists("Service Quotation")
    page = wangfang.page

    page.get_by_text("筛选", exact=True).click()
    page.get_by_label("字段").select_option(label="报价总价")
    page.get_by_label("条件").select_option(label="不小于")
    page.get_by_label("值", exact=True).fill("8000")
    wangfang.follows(page.get_by_role("button", name="应用"))

    totals = [float(text.replace(",", "")) for text in column(page, "报价总价")]
    assert totals
    assert min(totals) >= 8000


def test_a_filter_that_cannot_be_read_is_told_above_the_list(signed_in: SignIn) -> None:
    page = signed_in("wangfang").lists("Service Quotation", "?f=total&o=%3E%3D&v=很多").page

    expect(page.get_by_role("alert")).to_contain_text("很多")
    page.get_by_role("alert").get_by_role("link", name="清除筛选").click()
    expect(page.locator("table.list tbody tr").first).to_be_visible()


def test_a_list_is_sorted_by_its_headings(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").lists("Service Ticket")
    page = wangfang.page
    heading = page.get_by_role("columnheader", name="编号")

    wangfang.follows(heading.get_by_role("link"))
    expect(heading).to_have_attribute("aria-sort", "ascending")
    names = page.locator(".cell-name > a:first-child").all_inner_texts()
    assert names == sorted(names)
    wangfang.follows(heading.get_by_role("link"))

    expect(heading).to_have_attribute("aria-sort", "descending")
    assert page.locator(".cell-name > a:first-child").all_inner_texts()[-1] == names[0]


def test_a_long_list_comes_page_by_page(signed_in: SignIn, site: Site) -> None:
    for number in range(25):
        site.documents.save(User.administrator(), "Department", {"department_name": f"工段 {number:02}"})
    wangfang = signed_in("wangfang").lists("Department", "?sort=name:asc")
    page = wangfang.page
    first = page.locator(".cell-name > a:first-child").all_inner_texts()
    assert len(first) == 20

    wangfang.follows(page.get_by_role("link", name="下一页"))
    second = page.locator(".cell-name > a:first-child").all_inner_texts()
    assert second
    assert max(first) < min(second)
    wangfang.follows(page.get_by_role("link", name="第一页"))

    expect(page.locator(".cell-name > a:first-child").first).to_have_text(first[0])


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


def test_a_cell_becomes_its_editor_and_a_refusal_is_told_at_it(signed_in: SignIn, site: Site) -> None:
    name = site.documents.save(User.administrator(), "Supplier", {"supplier_name": "就地编辑的供方"}).name
    page = signed_in("pengtao").lists("Supplier", f"?f=name&o=%3D&v={name}&cols=short_name,phone").page
    page.get_by_role("button", name="就地编辑").click()
    cell = page.locator("td[data-field=phone]")

    cell.click()
    cell.get_by_role("textbox").fill("没有电话")
    page.keyboard.press("Enter")
    expect(cell.get_by_role("alert")).to_contain_text("没有电话")
    cell.get_by_role("textbox").fill("010-88886666")
    page.keyboard.press("Enter")

    expect(cell).to_have_text("010-88886666")
    assert site.documents.load(User.administrator(), "Supplier", name)["phone"] == "010-88886666"


def test_a_card_moves_by_the_keyboard_and_a_refused_move_goes_back_with_its_reason(signed_in: SignIn, site: Site) -> None:
    site.publisher.publish(site.publisher.propose([Source("DocType", "gauge_plan.json", GAUGE_PLAN)]), "Administrator")
    name = site.documents.save(User.administrator(), "Gauge Plan", {"gauge": "塞规", "day": "2026-06-16"}).name
    page = signed_in("wangfang").lists("Gauge Plan", "?as=board").page
    done = page.get_by_role("region", name="Done")

    page.locator("[data-card]").focus()
    with page.expect_response("**/move/**"):
        page.keyboard.press("Alt+ArrowRight")

    expect(done.locator("[data-card]")).to_have_count(1)
    assert site.documents.load(User.administrator(), "Gauge Plan", name)["stage"] == "Done"

    page = signed_in("wangfang").lists("Gauge Plan", "?as=calendar&at=2026-06").page
    page.locator("[data-entry]").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.get_by_role("alert")).to_contain_text("日期")
    expect(page.locator("[data-day='2026-06-16'] [data-entry]")).to_have_count(1)


def test_a_card_on_its_way_is_not_moved_again_until_the_server_has_answered(signed_in: SignIn, site: Site) -> None:
    """A second move would carry the version from before the first, and be refused as somebody else's change."""
    shift = GAUGE_PLAN | {"name": "Gauge Shift"}
    site.publisher.publish(site.publisher.propose([Source("DocType", "shift.json", shift)]), "Administrator")
    name = site.documents.save(User.administrator(), "Gauge Shift", {"gauge": "塞规", "day": "2026-06-16"}).name
    page = signed_in("wangfang").lists("Gauge Shift", "?as=board").page
    card, choice = page.locator("[data-card]"), page.locator("[data-card] select")
    held: list[Route] = []
    page.route("**/move/**", lambda route: route.continue_() if held else held.append(route))

    card.focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(choice).to_be_disabled()
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.get_by_role("region", name="Done").locator("[data-card]")).to_have_count(1)
    [first] = held
    first.continue_()
    choice.select_option("Open")

    expect(page.get_by_role("region", name="Open").locator("[data-card]")).to_have_count(1)
    expect(choice).to_be_enabled()
    expect(choice).to_be_focused()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert site.documents.load(User.administrator(), "Gauge Shift", name)["stage"] == "Open"


def test_a_card_moved_by_a_transition_that_wants_a_comment_and_a_signature_asks_for_them(signed_in: SignIn, site: Site) -> None:
    turn = copy.deepcopy(GAUGE_PLAN) | {"name": "Gauge Turn", "calendar_view": {"start": "day", "end": "until"}}
    turn["fields"].append({"fieldname": "until", "fieldtype": "Date", "label": {"zh": "至", "en": "Until"}})
    flow = {
        "doctype": "Workflow", "name": "Gauge Turn Flow", "title": "Turn", "document_type": "Gauge Turn", "workflow_state_field": "stage", "is_active": 1,
        "states": [{"state": state, "doc_status": "0", "allow_edit": "All"} for state in ("Open", "Done", "Filed", "Sealed")],
        "transitions": [
            {"state": "Open", "action": "Finish", "next_state": "Done", "allowed": "All", "comment": 1},
            {"state": "Done", "action": "File", "next_state": "Filed", "allowed": "All"},
            {"state": "Done", "action": "Seal", "next_state": "Sealed", "allowed": "All"},
        ],
    }  # fmt: skip
    turn["fields"][2].pop("set_only_once")
    turn["fields"][1]["options"] += "\nFiled\nSealed"
    signed = [
        {
            "name": f"gauge-turn-{step.lower()}", "title": "Signed", "applies_to": "Gauge Turn", "when": {"all": [["gauge", "is", "set"]]},
            "then": [{"require_signature": {"meaning": "approved", "role": "Customer Service", "before": step}}],
        }
        for step in ("Finish", "Seal")
    ]  # fmt: skip
    pieces = [Source("DocType", "turn.json", turn), Source("Workflow", "flow.json", flow)]
    pieces += [Source("Rule", f"{raw['name']}.json", raw) for raw in signed]
    site.publisher.publish(site.publisher.propose(pieces), "Administrator")
    values = {"gauge": "环规", "day": "2026-06-12", "until": "2026-06-15"}
    name = site.documents.save(User.administrator(), "Gauge Turn", values).name
    page = signed_in("wangfang").lists("Gauge Turn", "?as=board").page
    done = page.get_by_role("region", name="Done")

    page.locator("[data-card]").focus()
    page.keyboard.press("Alt+ArrowRight")
    page.get_by_role("dialog").get_by_role("button", name="取消").click()
    expect(done.locator("[data-card]")).to_have_count(0)
    page.locator("[data-card]").focus()
    page.keyboard.press("Alt+ArrowRight")
    page.get_by_role("dialog").get_by_role("textbox").fill("已校准")
    page.get_by_role("dialog").get_by_role("button", name="移动").click()
    signing = page.locator("dialog.signing-dialog")
    signing.get_by_label("登录名").fill("wangfang")
    signing.get_by_label("密码").fill("guiju-demo")
    with page.expect_response(lambda answer: "/move/" in answer.url and answer.ok):
        signing.locator(".signing-buttons button").click()

    expect(done.locator("[data-card]")).to_have_count(1)
    assert site.queries.history(User.administrator(), "Gauge Turn", name)[0].reason == Text("已校准", "已校准")

    page.locator("[data-card] select").select_option("Sealed")  # nothing leads back, and who signs is not asked that as well
    expect(signing.get_by_label("密码")).to_be_visible()
    expect(page.get_by_text("后不能收回")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(done.locator("[data-card]")).to_have_count(1)
    for button, moved in (("取消", 0), ("移动", 1)):
        page.locator("[data-card]").focus()
        page.keyboard.press("Alt+ArrowRight")
        expect(page.get_by_role("dialog")).to_contain_text(f"{name} 移到“Filed”后不能收回")
        page.get_by_role("dialog").get_by_role("button", name=button).click()
        expect(page.get_by_role("region", name="Filed").locator("[data-card]")).to_have_count(moved)
    expect(page.locator("[data-card] select")).to_be_enabled()  # the last move has arrived

    page = signed_in("wangfang").lists("Gauge Turn", "?as=calendar&at=2026-06").page
    bars = page.locator(".calendar-bar-entry")
    expect(bars).to_have_count(2)  # over the end of a week
    bars.first.focus()
    with page.expect_navigation():
        page.keyboard.press("Alt+Shift+ArrowLeft")
    expect(page.locator(".calendar-bar-entry")).to_have_count(1)
    assert str(site.documents.load(User.administrator(), "Gauge Turn", name)["until"]) == "2026-06-14"


# Search over everything


def test_search_finds_records_by_number_customer_and_title(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").goes("/")
    page = wangfang.page
    page.keyboard.press("/")
    page.keyboard.type("东岭")
    expect(page.locator("[data-search-results] a").first).to_contain_text(CUSTOMER)
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    wangfang.is_ready()
    expect(page.get_by_role("heading", level=1)).to_have_text(CUSTOMER)

    page.get_by_role("searchbox", name="搜索单号").fill("QT-2026-00002")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    wangfang.is_ready()
    assert wangfang.name == "QT-2026-00002"


def test_what_is_ticked_is_printed_from_the_bar(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").lists("Service Quotation")
    ticks = wangfang.page.locator("[data-choose]")
    ticks.nth(0).check()
    ticks.nth(1).check()

    wangfang.follows(wangfang.page.get_by_role("button", name="打印所选"))

    expect(wangfang.page.get_by_role("button", name="打印 2 张")).to_be_visible()
