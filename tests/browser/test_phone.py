"""On the phone: no page is wider than the screen, and a technician finishes a service order at the machine.

Li Qiang (李强) repairs and has the customer sign with a finger.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from desk_people import Desk
from playwright.sync_api import expect

from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
FORMS = [
    pytest.param("wangfang", "Service Ticket", id="报修单"),
    pytest.param("wangfang", "Service Quotation", id="报价单"),
    pytest.param("sunyu", "Process Review Report", id="工艺评审报告"),
    pytest.param("fengbo", "Shipment Note", id="发货单"),
]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_is_wider_than_the_phone(signed_in: SignIn, language: str) -> None:
    visitor = signed_in(None, width=360, height=800, language=language, phone=True)
    leader = signed_in("hezhong", width=360, height=800, language=language, phone=True)

    wide = {("/login", width): out for width, out in runs_out(visitor.goes("/login"), 360, 390)}
    for path in (
        "/",
        "/inbox",
        "/notifications",
        "/search?q=东岭",
        "/form/Customer/x",
        "/list/Shipment%20Note",
        "/list/Customer",
    ):
        wide |= {(path, width): out for width, out in runs_out(leader.goes(path), 360, 390)}

    assert {page: out for page, out in wide.items() if out} == {}


@pytest.mark.parametrize(("login", "doctype"), FORMS)
def test_no_tab_of_a_form_is_wider_than_its_place(signed_in: SignIn, login: str, doctype: str) -> None:
    person = signed_in(login, width=390, height=800, phone=True).lists(doctype)
    person.opens(doctype, person.page.locator(".cell-name > a:first-child").first.inner_text())

    wide = {}
    for tab in person.page.get_by_role("tab").all():
        tab.click()
        wide |= {(tab.inner_text(), width): out for width, out in runs_out(person, 360, 390, 1000, 1280)}

    assert {place: out for place, out in wide.items() if out} == {}


def test_a_grid_too_wide_for_its_card_scrolls_by_itself(signed_in: SignIn) -> None:
    fengbo = signed_in("fengbo", width=1280).opens("Shipment Note", "FH-2026-00001")

    fengbo.grid("发货明细").box.locator("table").evaluate("(table) => { table.style.minWidth = '2000px'; }")

    assert fengbo.runs_out == []


def runs_out(person: Desk, *widths: int) -> list[tuple[int, list[str]]]:
    """What is too wide on the open page, on screens of these widths."""
    found = []
    for width in widths:
        person.page.set_viewport_size({"width": width, "height": 800})
        found.append((width, person.runs_out))
    return found


def test_a_long_text_in_a_row_is_read_without_scrolling(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu", width=390, height=800, phone=True).opens("Process Review Report", "RCDF-02-2026-0002")
    sunyu.turns_to("评审意见")

    boxes = sunyu.grid("评审意见及处置").box.locator("textarea:visible")

    assert boxes.count() >= 4
    assert boxes.evaluate_all("(all) => all.filter((box) => box.scrollHeight > box.clientHeight + 1).length") == 0


def test_a_long_text_grows_where_the_browser_does_not_grow_it(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu", width=390, height=800, phone=True)
    sunyu.context.add_init_script(
        """CSS.supports = () => false;
        addEventListener("DOMContentLoaded", () => document.styleSheets[0].insertRule("textarea { field-sizing: fixed !important; }"));"""
    )
    sunyu.opens("Process Review Report", "RCDF-02-2026-0002").turns_to("评审意见")
    boxes = sunyu.grid("评审意见及处置").box.locator("textarea:visible")

    boxes.first.fill("一行很长的意见。" * 20)

    cut = boxes.evaluate_all("(all) => all.filter((box) => box.scrollHeight > box.clientHeight + 1).length")
    assert (boxes.count() >= 4, cut) == (True, 0)


def test_what_is_needed_in_a_row_bears_a_star_on_a_phone(signed_in: SignIn) -> None:
    sunyu = signed_in("sunyu", width=390, height=800, phone=True).opens("Trial Cut")
    cuts = sunyu.grid("走刀")
    cuts.adds()
    cuts.cell(1, "日期").locator("input").fill("2026-06-15")  # demands what was measured
    cuts.cell(1, "日期").locator("input").press("Tab")

    stars = cuts.rows.first.locator("td[data-label]").evaluate_all(
        "(cells) => cells.map((cell) => getComputedStyle(cell, '::before').content.replaceAll('\"', ''))"
    )
    assert ["".join(star.split()) for star in stars] == ["刀具*", "日期", "实测*"]
    cuts.rows.first.get_by_role("button", name="编辑此行").tap()
    row = sunyu.page.locator("dialog.row-dialog")
    shown = row.locator(".field", has=sunyu.page.locator(".star").filter(visible=True)).locator("label").all_inner_texts()
    assert shown == ["刀具*", "实测*"]


def test_menus_open_within_the_screen(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang", width=360, height=800, phone=True).opens("Service Ticket", "ST-2026-00005")

    for summary in wangfang.page.locator("main details.menu summary, .bar details.menu summary").all():
        summary.tap()
        menu = wangfang.page.locator("details[open] .menu-list").bounding_box()
        assert menu is not None
        assert menu["x"] >= 0
        assert menu["x"] + menu["width"] <= 360
        assert menu["y"] + menu["height"] <= 800
        summary.tap()


def test_the_menu_is_a_drawer_of_folded_modules(signed_in: SignIn) -> None:
    liqiang = signed_in("liqiang", width=390, height=800, phone=True).goes("/")
    tickets = liqiang.page.locator(".side").get_by_role("link", name="报修单", exact=True)
    expect(tickets).not_to_be_visible()

    liqiang.page.get_by_role("button", name="菜单").tap()
    liqiang.page.locator(".side").get_by_text("售后服务", exact=True).tap()
    tickets.tap()

    expect(liqiang.page.get_by_role("heading", name="报修单")).to_be_visible()


def test_a_service_order_is_finished_at_the_machine(signed_in: SignIn, pictures: Callable[[str], Path], tmp_path: Path) -> None:
    liqiang = signed_in("liqiang", width=390, height=800, phone=True).lists("Service Ticket", "?q=主轴驱动报警")
    liqiang.page.locator(".cell-name > a:first-child").first.tap()
    liqiang.is_ready().makes("开服务单")
    liqiang.types(开始时间="2026-06-15 06:00", 结束时间="2026-06-15 08:30", 服务过程记录="更换主轴驱动模块，试机正常。")
    liqiang.chooses("服务结果", "已解决")
    parts = liqiang.grid("用料与服务项目")
    parts.links(parts.adds(), "物料或服务", "主轴轴承", "主轴轴承组件")
    parts.rows.first.get_by_role("button", name="编辑此行").tap()
    row = liqiang.page.locator("dialog.row-dialog")
    row.get_by_label("换上件编号").fill("Z26-0331")
    row.get_by_role("button", name="完成").tap()

    liqiang.turns_to("资料与照片")
    photos, records = liqiang.grid("现场照片"), liqiang.grid("归档资料")
    photos.uploads(photos.adds(), "照片", pictures("现场.jpg"))
    measured = tmp_path / "检测记录.csv"
    measured.write_text("项目,实测\n径向跳动,0.003\n", "utf-8")
    records.chooses(records.adds(), "资料类别", "数据")
    records.types(1, 资料名称="检测记录")
    records.uploads(1, "文件", measured)
    liqiang.turns_to("客户签字")
    liqiang.chooses("客户满意度", "满意")
    liqiang.signs_with_a_finger("客户签字", "谢军")

    expect(liqiang.box("客户签字")).to_contain_text("谢军")
    assert liqiang.runs_out == []
    liqiang.saves().submits()
    expect(liqiang.state).to_have_text("已提交")
    liqiang.turns_to("基本信息")
    expect(liqiang.grid("用料与服务项目").cell(1, "换上件编号")).to_have_text("Z26-0331")


BOXES = "(all) => all.map((one) => { const at = one.getBoundingClientRect(); return [at.left, at.top, at.right, at.bottom]; })"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["/", "/inbox", "/form/Customer%20Training%20Record/new"])
def test_the_sign_of_being_in_step_covers_no_word_of_the_first_line(signed_in: SignIn, path: str, language: str) -> None:
    liqiang = signed_in("liqiang", width=360, height=800, language=language, phone=True).goes(path)
    sign = liqiang.page.locator("[data-sync=synced]")
    expect(sign).to_be_visible()

    box = sign.bounding_box()
    words = liqiang.page.locator("main .breadcrumb > *, main h1, main .card").evaluate_all(BOXES)

    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    covered = [
        word for word in words
        if word[2] > box["x"] and word[0] < box["x"] + box["width"] and word[3] > box["y"] and word[1] < box["y"] + box["height"]
    ]  # fmt: skip
    assert covered == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["/", "/inbox", "/form/Customer%20Training%20Record/new"])
def test_what_is_said_without_network_covers_no_word_of_the_first_line(signed_in: SignIn, path: str, language: str) -> None:
    liqiang = signed_in("liqiang", width=360, height=800, language=language, phone=True).goes(path)
    sign = liqiang.page.locator("[data-sync]")
    expect(sign).to_be_visible()

    liqiang.context.set_offline(True)
    expect(sign).not_to_have_attribute("data-sync", "synced")
    covered = liqiang.page.evaluate(
        """() => {
            const sign = document.querySelector("[data-sync]").getBoundingClientRect();
            return [...document.querySelectorAll("main .breadcrumb > *, main h1")].filter((one) => {
                const at = one.getBoundingClientRect();
                return at.right > sign.left && at.left < sign.right && at.bottom > sign.top && at.top < sign.bottom;
            }).map((one) => one.textContent);
        }"""
    )

    assert covered == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_head_of_the_inbox_and_its_bar_of_choice_stand_on_one_line_each(signed_in: SignIn, language: str) -> None:
    wangfang = signed_in("wangfang", width=390, height=844, language=language, phone=True).goes("/inbox")
    for line in (".page-head > *", ".owed-choice > *"):
        tops = (
            wangfang.page.locator(line)
            .filter(visible=True)
            .evaluate_all("(all) => all.map((one) => one.getBoundingClientRect()).map((at) => (at.top + at.bottom) / 2)")
        )
        assert len(tops) > 1
        assert max(tops) - min(tops) < 12, line

    wangfang.page.locator(".filters-label").tap()
    expect(wangfang.page.locator(".owed-filters")).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 390])
def test_no_button_of_a_form_is_cut_by_the_edge_of_the_phone(signed_in: SignIn, site: Site, language: str, width: int) -> None:
    order = site.documents.save(site.user("liqiang"), "Service Order", {"customer": "KH-0002", "technician": "liqiang"}).name
    liqiang = signed_in("liqiang", width=width, height=844, language=language, phone=True).opens("Service Order", order)

    boxes = liqiang.page.locator(".record-actions .button:visible").evaluate_all(BOXES)

    assert len(boxes) > 3
    assert min(box[0] for box in boxes) >= 0
    assert max(box[2] for box in boxes) <= width


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_answers_to_the_offer_of_a_tour_stand_side_by_side(signed_in: SignIn, language: str) -> None:
    liqiang = signed_in("liqiang", width=390, height=800, language=language, phone=True).goes("/")
    offer = liqiang.page.locator(".tour-offer")

    start, decline = (one.bounding_box() for one in (offer.locator("a"), offer.locator("form button")))

    assert start is not None
    assert decline is not None
    assert abs(start["y"] - decline["y"]) < 4
