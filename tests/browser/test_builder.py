"""The DocType builder as an administrator uses it: drawn, checked, previewed, published, changed, undone, rolled back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import count

import pytest
from desk_people import Desk
from playwright.sync_api import Locator, expect

from server.access.user import User
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
ADMIN = User.administrator()
NUMBERS = count(1)


class Builder:
    """Somebody at the builder: clicks types, fills in the panel, publishes."""

    def __init__(self, desk: Desk, name: str = "", *, version: int | None = None) -> None:
        self.desk, self.page = desk, desk.page
        query = f"?name={name}" if name else ""
        self.page.goto("/admin/builder/" + query + (f"&version={version}" if version is not None else ""))
        self.page.wait_for_selector("#builder[data-ready]")

    def types(self, **fields: str) -> Builder:
        for label, text in fields.items():
            self.panel.get_by_label(label, exact=True).fill(text)
        return self

    def titles(self, zh: str, en: str) -> Builder:
        self.panel.get_by_label("标题（中文）").fill(zh)
        self.panel.get_by_label("标题（英文）").fill(en)
        return self

    def adds(self, kind: str, zh: str = "", en: str = "") -> Builder:
        self.page.locator("[data-palette]").get_by_role("button", name=kind, exact=True).click()
        return self.titles(zh, en) if zh else self

    def ticks(self, label: str) -> Builder:
        self.panel.get_by_label(label, exact=True).check()
        return self

    def card(self, label: str) -> Locator:
        return self.page.locator(".builder-field", has_text=label)

    @property
    def panel(self) -> Locator:
        return self.page.locator("[data-panel]")

    @property
    def labels(self) -> list[str]:
        return [text.rstrip("*") for text in self.page.locator(".builder-label").all_inner_texts()]

    def sees(self, view: str) -> Builder:
        self.page.get_by_role("tab", name=view, exact=True).click()
        return self

    def presses(self, button: str) -> Builder:
        self.page.locator(".builder-bar").get_by_role("button", name=button).click()
        return self

    def publishes(self) -> Builder:
        self.presses("发布…")
        self.page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
        expect(self.page.locator("[data-built]:not([hidden])")).to_contain_text("已发布，立即生效。")
        return self


@pytest.fixture
def xutao(signed_in: SignIn) -> Desk:
    return signed_in("xutao")


@pytest.fixture
def name() -> str:
    """Each test draws a record type of its own."""
    return f"Line Check {next(NUMBERS)}"


def draws(desk: Desk, name: str) -> Builder:
    """The smallest record type that people can use: a title and a date."""
    builder = Builder(desk).titles("巡检", name.lower())
    expect(builder.panel.get_by_label("名称（英文）")).to_have_value(name)
    return builder.adds("日期", "巡检日期", "Checked on")


def test_a_checklist_of_ten_fields_with_a_child_table_is_drawn_and_used(
    xutao: Desk, signed_in: SignIn, site: Site, name: str
) -> None:
    builder = draws(xutao, name).ticks("必填")
    builder.adds("链接到单据", "责任人", "In charge").panel.get_by_label("链接到").select_option("User")
    builder.adds("单选", "班次", "Shift").types(
        **{"选项，每行一个：存储值 | 中文 | English": "Day | 白班 | Day\nNight | 夜班 | Night"}
    )
    builder.adds("整数", "设备数", "Machines").adds("金额", "损失金额", "Loss").adds("是否", "有异常", "Abnormal")
    builder.adds("新分区", "检查项目", "Items").adds("子表", "项目", "Checks")
    builder.page.get_by_role("button", name="＋ 加列").click()
    builder.titles("结果", "Result")
    builder.card("项目").locator(".builder-field-head").click()
    builder.adds("多行文字", "备注", "Remarks").adds("手写签名", "巡检人签名", "Signed")
    builder.sees("权限").page.get_by_label("加角色").select_option("客服")
    builder.publishes()

    staff = signed_in("wangfang").opens(name)
    staff.types(标题="三号线早班", 巡检日期="2026-06-15")
    staff.page.get_by_label("班次").select_option("夜班")
    staff.page.get_by_role("button", name="添加一行").click()
    staff.page.locator(".grid").get_by_role("textbox", name="结果").fill("合格")
    staff.page.get_by_role("button", name="保存").click()
    expect(staff.page.get_by_text("已保存")).to_be_visible()
    kept = site.documents.load(ADMIN, name, staff.name)
    assert (kept["title"], kept["shift"], kept["checks"][0]["result"]) == ("三号线早班", "Night", "合格")
    assert len([item for item in site.snapshot().model[name].data_fields if not item.hidden]) >= 10


def test_what_is_wrong_is_told_while_drawing_and_leads_to_its_field(xutao: Desk, name: str) -> None:
    builder = draws(xutao, name).adds("链接到单据", "责任人", "In charge")

    fault = builder.page.locator("[data-faults]").get_by_role("button", name="责任人")
    expect(fault).to_contain_text("须填一个单据类型名")
    builder.card("巡检日期").click()
    fault.click()
    builder.panel.get_by_label("链接到").select_option("User")

    expect(builder.page.locator("[data-state]")).to_have_text("检查通过")


def test_a_tree_gets_the_link_that_it_needs(xutao: Desk, site: Site, name: str) -> None:
    builder = Builder(xutao).titles("巡检", "line").ticks("树形（逐级归属）").titles("巡检", name.lower())
    builder.card("上级").click()
    expect(builder.panel.get_by_label("链接到")).to_have_value(name)

    builder.publishes()

    assert site.snapshot().doctype(name).parent_link.fieldname == "parent_record"


def test_a_field_is_dragged_from_the_palette_and_between_columns(xutao: Desk, name: str) -> None:
    builder = draws(xutao, name)
    money = builder.page.locator("[data-palette]").get_by_role("button", name="金额", exact=True)

    money.drag_to(builder.card("巡检日期"), target_position={"x": 30, "y": 4})
    if not builder.card("金额").count():  # what is told meanwhile moved the fields down, away from the pointer
        money.drag_to(builder.card("巡检日期"), target_position={"x": 30, "y": 4})
    builder.card("巡检日期").click()
    builder.adds("新列").adds("整数", "设备数", "Machines")
    expect(builder.page.locator("[data-state]")).to_have_text("检查通过")  # nothing moves any more
    builder.card("设备数").drag_to(builder.card("标题"), target_position={"x": 30, "y": 4})

    assert builder.labels == ["编号规则", "设备数", "标题", "金额", "巡检日期"]


def test_everything_is_undone_and_redone_also_by_keys(xutao: Desk, name: str) -> None:
    builder = draws(xutao, name)
    before = builder.labels

    builder.card("巡检日期").focus()
    xutao.page.keyboard.press("Alt+ArrowUp")
    moved = builder.labels
    xutao.page.keyboard.press("Delete")
    removed = builder.labels
    xutao.page.keyboard.press("Control+z")
    assert builder.labels == moved
    xutao.page.keyboard.press("Control+z")
    assert builder.labels == before
    builder.presses("重做").presses("重做")

    assert (moved, removed) == (["编号规则", "巡检日期", "标题"], ["编号规则", "标题"])
    assert builder.labels == removed


def test_a_condition_is_chosen_and_its_text_stands_beside_it(xutao: Desk, name: str) -> None:
    builder = draws(xutao, name).adds("是否", "有异常", "Abnormal").adds("多行文字", "异常说明", "What is wrong")
    shown = builder.panel.get_by_role("group", name="何时显示")
    shown.get_by_role("button", name="＋ 加条件").click()
    shown.get_by_label("字段").select_option("有异常")
    shown.get_by_label("值").select_option("是")
    builder.card("异常说明").click()

    expect(shown.get_by_label("表达式")).to_have_value("eval:doc.abnormal == 1")
    expect(builder.card("异常说明")).to_contain_text("doc.abnormal == 1")


def test_the_preview_follows_the_drawing_in_both_languages(xutao: Desk, name: str) -> None:
    builder = draws(xutao, name).adds("是否", "有异常", "Abnormal").sees("预览")

    builder.page.get_by_role("button", name="双语并排").click()
    builder.page.get_by_role("button", name="手机").click()
    chinese, english = (builder.page.frame_locator(f"[data-language={code}] iframe[data-shown]") for code in ("zh", "en"))
    expect(chinese.get_by_label("有异常")).to_be_visible()
    expect(chinese.get_by_role("button", name="保存")).to_be_hidden()
    english.get_by_text("Checked on").click()
    builder.titles("检查日", "Seen on")

    expect(chinese.get_by_label("检查日")).to_be_visible()
    expect(english.get_by_label("Seen on")).to_be_visible()
    expect(builder.page.locator("[data-language=zh] iframe[data-shown]")).to_have_css("width", "390px")


CHECKLIST = """检验日期 | Checked on
客户 | Customer
责任人 | In charge
设备数 | Machines
损失金额 | Loss
是否异常 | Abnormal
异常说明 | What is wrong
# 检查项目 | Items
检查 | Checks（检查项 | Item、实测值 | Value、是否合格 | Passed）
备注 | Remarks
检验员签名 | Signed by"""


def test_a_ten_field_checklist_takes_eight_steps(xutao: Desk, site: Site, name: str) -> None:
    builder = Builder(xutao).titles("巡检", name.lower())  # 1, 2
    line = builder.page.get_by_label("快速添加字段")
    line.fill(CHECKLIST)  # 3
    line.press("Enter")  # 4
    builder.sees("权限").page.get_by_label("加角色").select_option("客服")  # 5, 6
    builder.publishes()  # 7, 8

    drawn = site.snapshot().model[name]
    assert [(item.fieldname, item.fieldtype) for item in drawn.data_fields[2:]] == [
        ("checked_on", "Date"), ("customer", "Link"), ("in_charge", "Link"), ("machines", "Int"), ("loss", "Currency"),
        ("abnormal", "Check"), ("what_is_wrong", "Small Text"), ("checks", "Table"), ("remarks", "Small Text"), ("signed_by", "Signature"),
    ]  # fmt: skip
    assert [item.fieldtype for item in site.snapshot().model.child(drawn.field("checks")).fields] == ["Data", "Float", "Check"]
    clerk = next(item for item in drawn.permissions if item.role == "Customer Service")
    assert (clerk.create, clerk.print, clerk.delete) == (True, True, False)


def test_a_formula_is_written_with_the_titles_that_stand_on_the_canvas(xutao: Desk, site: Site, name: str) -> None:
    builder = Builder(xutao).titles("领料", name.lower())
    line = builder.page.get_by_label("快速添加字段")
    line.fill("明细 | Lines（数量 | Qty、单价 | Price、金额 | Amount）\n总额 | Total")
    line.press("Enter")
    for label, formula, kept in (("金额", "数量 × 单价", "qty * price"), ("总额", "sum(明细.金额)", "sum(lines.amount)")):
        builder.page.locator(".builder-canvas, [data-canvas]").get_by_text(label, exact=True).last.click()
        builder.panel.locator(".builder-more summary").click()
        box = builder.panel.get_by_label("公式", exact=True)
        box.fill(formula)
        box.blur()
        expect(box).to_have_value(kept)
    builder.publishes()

    drawn = site.snapshot().model[name]
    assert [(item.fieldname, item.fieldtype, item.formula) for item in drawn.data_fields[-1:]] == [
        ("total", "Currency", "sum(lines.amount)")
    ]
    assert site.snapshot().model.child(drawn.field("lines")).fields[-1].formula == "qty * price"


@pytest.mark.parametrize(
    ("step", "label"),
    [("画审批流程", "适用单据"), ("写规则", "适用于"), ("设计打印", "打印的单据")],
    ids=["workflow", "rule", "print"],
)
def test_what_comes_after_a_record_type_begins_with_it(xutao: Desk, name: str, step: str, label: str) -> None:
    page = draws(xutao, name).publishes().page

    page.locator("[data-built]").get_by_role("link", name=step).click()

    expect(page.get_by_label(label, exact=True).first).to_have_value("巡检")
    if step == "设计打印":
        expect(page.locator("[data-preview] img").first).to_be_visible()


def test_a_record_type_belongs_to_a_module_by_its_title_or_to_one_of_its_own(xutao: Desk, site: Site, name: str) -> None:
    builder = Builder(xutao).titles("巡检", name.lower())
    module = builder.panel.get_by_label("模块", exact=True)
    expect(module.locator("option:checked")).to_have_text("自定义")
    module.select_option(label="质量")
    builder.publishes()
    assert site.snapshot().model[name].module == "quality"

    other = Builder(xutao, name)
    expect(other.panel.get_by_label("模块", exact=True).locator("option:checked")).to_have_text("质量")
    other.panel.get_by_label("模块", exact=True).select_option(label="另起一个模块…")
    other.panel.get_by_role("textbox", name="模块").fill("line_checks")
    other.publishes()
    assert site.snapshot().model[name].module == "line_checks"


def test_a_stranger_reading_english_is_met_without_faults_and_finds_english_titles_in_their_box(signed_in: SignIn) -> None:
    page = signed_in("xutao", language="en").page
    page.goto("/admin/builder/")
    page.wait_for_selector("#builder[data-ready]")
    expect(page.locator("[data-state]")).to_have_text("Begin with the title, then add fields.")
    expect(page.locator("[data-faults]")).to_be_hidden()

    line, panel = page.get_by_label("Add fields quickly"), page.locator("[data-panel]")
    line.fill("Issued on\nBased on")
    line.press("Enter")

    for label, kind in (("Issued on", "Date"), ("Based on", "Text")):
        page.locator(".builder-field", has_text=label).click()
        expect(panel.get_by_label("Title in English")).to_have_value(label)
        expect(panel.get_by_label("Title in Chinese")).to_have_value("")
        expect(page.locator(".builder-field", has_text=label)).to_contain_text(f"{kind} · {label.lower().replace(' ', '_')}")
    panel.get_by_label("Title in Chinese").fill("依据")
    panel.get_by_label("Title in English").fill("Based upon")
    expect(page.locator(".builder-field.is-selected")).to_contain_text("Based upon")
    expect(panel.get_by_label("Title in Chinese")).to_have_value("依据")
    expect(page.locator("[data-faults]")).to_contain_text("the record type needs a name")  # once something is drawn


def test_the_next_number_stands_under_the_numbering(xutao: Desk, name: str) -> None:
    builder = draws(xutao, name).adds("整数", "设备数", "Machines")
    builder.page.locator("[data-canvas]").click(position={"x": 2, "y": 2})

    builder.panel.get_by_label("流水号格式").fill(f"{name}-.YYYY.-.title.-.###")

    expect(builder.panel.locator("[data-next-name]")).to_have_text(f"下一个编号：{name}-2026-‹标题›-001")


def test_the_history_says_what_each_version_changed(xutao: Desk, name: str) -> None:
    builder = draws(xutao, name).publishes().adds("整数", "设备数", "Machines").ticks("必填")
    builder.card("巡检日期").click()
    builder.ticks("必填").publishes()

    xutao.goes(f"/admin/doctypes/history?name={name}")

    lines = xutao.page.locator(".admin-version").first.locator("li")
    expect(lines).to_have_text([re.compile("字段 巡检日期.*必填.*否 → 是"), re.compile("字段 设备数.*新增.*Int")])


def test_a_duplicate_and_an_exported_file_bring_the_child_table_along(xutao: Desk, name: str) -> None:
    builder = draws(xutao, name).adds("子表", "项目", "Checks").publishes()
    with xutao.page.expect_download() as download:
        builder.presses("导出文件")
    assert [piece["name"] for piece in json.loads(download.value.path().read_text("utf-8"))] == [name, f"{name} Row"]

    builder.presses("另存为副本")

    expect(xutao.page.locator("[data-title]")).to_have_text("巡检 副本")
    expect(xutao.page.get_by_label("名称（英文）")).to_have_value(f"{name} Copy")
    expect(builder.card("项目").locator(".builder-cell").first).to_have_text("项目")


def test_what_was_drawn_survives_leaving_the_page(xutao: Desk, name: str) -> None:
    draws(xutao, name)

    builder = Builder(xutao)
    builder.page.get_by_role("button", name="继续编辑").click()

    assert builder.labels == ["编号规则", "标题", "巡检日期"]


def test_an_earlier_version_is_opened_and_published_again(xutao: Desk, site: Site, name: str) -> None:
    draws(xutao, name).publishes().adds("整数", "设备数", "Machines").publishes()
    assert "machines" in site.snapshot().model[name].by_name

    xutao.goes(f"/admin/doctypes/history?name={name}")
    xutao.page.locator(".admin-version").nth(1).locator("> summary").click()
    xutao.page.locator(".admin-version").nth(1).get_by_role("link", name="在设计器中打开").click()
    xutao.page.wait_for_selector("#builder[data-ready]")
    earlier = Builder(xutao, name, version=1)
    earlier.publishes()

    assert "machines" not in site.snapshot().model[name].by_name


def test_a_published_field_is_renamed_with_its_values_and_its_mentions(xutao: Desk, site: Site, name: str) -> None:
    builder = draws(xutao, name).adds("多行文字", "备注", "Remarks")
    shown = builder.panel.get_by_role("group", name="何时显示")
    shown.get_by_role("button", name="＋ 加条件").click()
    shown.get_by_label("字段").select_option("巡检日期")
    shown.get_by_label("比较").select_option("已填写")
    builder.publishes()
    record = site.documents.save(ADMIN, name, {"title": "一", "checked_on": "2026-06-15"}).name

    builder.card("巡检日期").click()
    builder.types(字段名="inspected_on").publishes()

    doctype = site.snapshot().model[name]
    assert str(site.documents.load(ADMIN, name, record)["inspected_on"]) == "2026-06-15"
    assert doctype.field("remarks").depends_on == "eval:doc.inspected_on"
    assert "checked_on" not in doctype.by_name


def test_a_published_record_type_is_renamed_with_its_records(xutao: Desk, site: Site, name: str) -> None:
    builder = draws(xutao, name).publishes()
    record = site.documents.save(ADMIN, name, {"title": "一", "checked_on": "2026-06-15"}).name
    builder.page.locator("[data-canvas]").click(position={"x": 2, "y": 2})

    builder.types(**{"名称（英文）": f"{name} Renamed"}).publishes()

    assert name not in site.snapshot().model
    assert site.documents.load(ADMIN, f"{name} Renamed", record)["title"] == "一"


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_runs_out_of_the_page(signed_in: SignIn, width: int) -> None:
    desk = signed_in("xutao", width=width, language="en")
    Builder(desk, "Service Ticket")

    assert desk.page.evaluate("document.documentElement.scrollWidth") <= width
