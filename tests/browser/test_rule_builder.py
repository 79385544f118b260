"""The rule builder as a quality engineer uses it: a rule made by choosing, tested, published, changed with a reason, rolled back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from desk_people import Desk
from playwright.sync_api import Locator, expect

from server.access.user import User
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
ADMIN = User.administrator()
PASSWORD = "guiju-demo"  # of everybody in the demo company
NAME = "a-large-discount-needs-a-reason"
FIELDS_COME_LATE = """() => {
    const asked = window.fetch;
    window.fetch = async (address, ...rest) => {
        if (String(address).includes("/rules/fields?")) await new Promise((done) => { setTimeout(done, 1500); });
        return asked(address, ...rest);
    };
}"""


class Builder:
    """Somebody at the rule builder: types, chooses from lists, presses buttons."""

    def __init__(self, desk: Desk, query: str = "") -> None:
        self.desk, self.page = desk, desk.page
        self.page.goto("/admin/rules/edit" + query)
        self.page.wait_for_selector("#rule-builder[data-ready]")

    def part(self, name: str) -> Locator:
        return self.page.locator(f"[data-{name}]")

    def chooses(self, where: Locator, label: str, text: str) -> Builder:
        """Types into a box that offers what fits, and takes the first."""
        box = where.get_by_role("combobox", name=label, exact=True).last
        box.fill(text)
        box.locator("xpath=..").get_by_role("option").first.wait_for()
        box.press("Enter")
        return self

    def presses(self, where: Locator, button: str) -> Builder:
        where.get_by_role("button", name=button, exact=True).click()
        return self

    def is_told(self, text: str) -> Builder:
        expect(self.part("state")).to_have_text(text)
        return self

    def tests(self, given: dict[str, str], then: str = "") -> Builder:
        """Adds a test of values by the labels of their fields."""
        tests = self.part("tests")
        self.presses(tests, "＋ 加测试")
        card = tests.locator(".rule-test:has(> details[open])")
        card.get_by_label("测试名称").fill(" ".join(given.values()))
        for label, value in given.items():
            if not card.get_by_label(label, exact=True).count():  # what the conditions ask stands there already
                self.chooses(card.locator(".rule-given").first, "加字段", label)
            card.get_by_label(label, exact=True).fill(value)
        if then:
            self.chooses(card, "应有", then)
        return self

    def publishes(self, reason: str = "") -> Builder:
        self.presses(self.page.locator(".builder-bar"), "发布…")
        dialog = self.page.get_by_role("dialog")
        if reason:
            dialog.get_by_label("理由（记入历史）").fill(reason)
        self.presses(dialog, "发布")
        expect(self.part("built")).to_have_text("已发布，立即生效。")
        return self


@pytest.fixture
def xutao(signed_in: SignIn) -> Desk:
    return signed_in("xutao")


@pytest.fixture(autouse=True)
def without_our_rules(site: Site) -> Iterator[None]:
    """Other tests of the session do without what these publish."""
    yield
    ours = [("Rule", name) for name in site.snapshot().rulebook.rules if name in (NAME, "who-repairs-what")]
    if ours:
        site.publisher.publish(site.publisher.propose([], removed=ours), "tests", removed=ours)


@pytest.mark.slow
def test_a_rule_is_made_by_choosing_tested_refused_while_a_test_fails_and_rolled_back(
    xutao: Desk, signed_in: SignIn, site: Site
) -> None:
    builder = Builder(xutao)
    builder.page.get_by_label("标题（英文）").fill("A large discount needs a reason")
    builder.page.get_by_label("标题（中文）").fill("大额让利须说明理由")
    builder.chooses(builder.part("properties"), "适用于", "售后服务报价单")
    when, then = builder.part("when"), builder.part("then")
    builder.presses(when, "＋ 加条件").chooses(when, "字段", "与价目表偏差")
    when.get_by_label("比较").last.select_option("小于")
    when.get_by_label("值", exact=True).last.fill("-5")
    builder.presses(when, "＋ 加条件").chooses(when, "字段", "降价理由")
    when.get_by_label("比较").last.select_option("为")
    when.get_by_label("值", exact=True).last.select_option("未填写")
    then.get_by_label("加后果…").select_option("block")
    then.get_by_label("提示文字 (中文)").fill("比价目表低 ")
    then.get_by_label("提示文字 (中文)").press("End")
    builder.chooses(then, "插入字段的值…", "与价目表偏差")

    builder.is_told("检查通过")
    expect(builder.part("sentence")).to_contain_text("若与价目表偏差小于 -5")
    expect(builder.part("sentence")).to_contain_text("When a Service Quotation is saved")
    builder.tests({"与价目表偏差": "-6"}, "拒绝").tests({"与价目表偏差": "-5"})
    expect(builder.part("tests")).to_contain_text("2 个测试全部通过")
    builder.publishes()
    assert site.snapshot().rulebook.rules[NAME].raw["then"] == [{"block": {"message": "比价目表低 {deviation_percent}"}}]

    builder.part("when").get_by_label("值", exact=True).first.fill("-8")
    expect(builder.part("tests")).to_contain_text("1 个失败，共 2 个")
    red = builder.part("tests").locator(".rule-test.is-bad")
    expect(red.locator(".rule-test-message")).to_be_visible()
    expect(red).to_contain_text("应有“拒绝”，实得“无后果”")
    expect(red.locator(".rule-trace .is-bad").first).to_contain_text("与价目表偏差 小于 -8")
    builder.presses(builder.page.locator(".builder-bar"), "发布…")
    dialog = builder.page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="发布", exact=True)).to_be_disabled()
    builder.presses(dialog, "关闭")
    expect(builder.part("saved")).to_have_text("草稿已保存")

    other = Builder(signed_in("xutao"), f"?name={NAME}")
    expect(other.part("draft")).to_contain_text("这是您")
    other.publishes("总经理会议决定放宽到 8 %")
    history = xutao.page
    history.goto(f"/admin/rules/history?name={NAME}")
    expect(history.locator(".admin-version").first).to_contain_text("总经理会议决定放宽到 8 %")
    history.locator(".admin-version").nth(1).locator("summary").first.click()
    history.get_by_role("link", name="回到此版本…").click()
    history.wait_for_selector("#rule-builder[data-ready]")
    builder.publishes()

    assert site.snapshot().rulebook.rules[NAME].raw["when"]["all"][0] == ["deviation_percent", "<", -5]
    assert [row["reason"] for row in site.publisher.history("Rule", NAME)][:2] == ["回到较早的版本", "总经理会议决定放宽到 8 %"]


def test_a_condition_is_begun_once_the_fields_of_the_record_type_are_there_and_stays(xutao: Desk) -> None:
    builder = Builder(xutao)
    builder.page.evaluate(FIELDS_COME_LATE)
    when = builder.part("when")

    builder.chooses(builder.part("properties"), "适用于", "售后服务报价单")
    builder.presses(when, "＋ 加条件").chooses(when, "字段", "与价目表偏差")

    expect(when.get_by_role("combobox", name="字段", exact=True)).to_have_value("与价目表偏差")


def test_a_test_is_made_from_a_record_with_what_came_of_it(signed_in: SignIn, site: Site) -> None:
    quotation = site.queries.list(ADMIN, "Service Quotation", limit=1).rows[0]["name"]
    roles = [{"role": "System Manager"}, {"role": "After-sales Manager"}]
    site.documents.save(ADMIN, "User", {"login": "quality", "full_name": "质量工程师", "enabled": 1, "roles": roles})
    site.accounts.set_password("quality", PASSWORD)
    builder = Builder(signed_in("quality"), "?name=quotation-below-list-price")

    builder.presses(builder.part("tests"), "从单据生成")
    builder.chooses(builder.page.get_by_role("dialog"), "选一张单据，取其值为测试", quotation)

    card = builder.part("tests").locator(".rule-test:has(> details[open])")
    expect(card).to_have_class("rule-test is-good")
    expect(card.get_by_label("报价总价", exact=True)).not_to_have_value("")
    expect(builder.part("tests")).to_contain_text("7 个测试全部通过")
    builder.page.get_by_role("tab", name="JSON").click()
    assert quotation in builder.page.get_by_label("JSON", exact=True).input_value()
    builder.page.get_by_role("tab", name="表单").click()
    builder.presses(builder.page.locator(".builder-bar"), "撤销")
    expect(builder.part("tests")).to_contain_text("6 个测试全部通过")
    site.drafts.drop("Rule", "quotation-below-list-price", "quality")


def test_who_may_not_read_the_records_tests_with_made_up_values_and_types_a_title_in_one_language(xutao: Desk) -> None:
    builder = Builder(xutao, "?doctype=Service Quotation")
    builder.page.get_by_label("标题（中文）").press_sequentially("打折")
    when, then = builder.part("when"), builder.part("then")
    builder.presses(when, "＋ 加条件").chooses(when, "字段", "与价目表偏差")
    when.get_by_label("比较").last.select_option("大于")
    when.get_by_label("值", exact=True).last.fill("5")
    then.get_by_label("加后果…").select_option("warn")
    then.get_by_label("提示文字 (中文)").press_sequentially("注意")
    builder.presses(builder.part("tests"), "从单据生成").presses(builder.page.get_by_role("dialog"), "用虚构的值")
    expect(builder.part("tests")).to_contain_text("1 个测试全部通过")
    builder.page.get_by_role("tab", name="JSON").click()
    raw = json.loads(builder.page.get_by_label("JSON", exact=True).input_value())
    assert (raw["title"], raw["then"], raw["tests"]) == (
        "打折", [{"warn": {"message": "注意"}}], [{"title": "", "doc": {"deviation_percent": 12.5}, "then": ["warn"]}],
    )  # fmt: skip


def test_a_decision_table_is_pasted_from_excel_and_its_gaps_are_shown(xutao: Desk, site: Site) -> None:
    builder = Builder(xutao, "?doctype=Service Ticket")
    builder.page.get_by_label("标题（英文）").fill("Who repairs what")
    then = builder.part("then")
    then.get_by_label("加后果…").select_option("table")
    for label in ("紧急程度", "区域"):
        builder.presses(then, "＋ 输入列").chooses(then.locator("thead th[data-at]").last, "字段", label)
    builder.presses(then, "＋ 输出列")
    builder.chooses(then.locator("thead th[data-at]").last, "字段", "派工时限")
    xutao.context.grant_permissions(["clipboard-read", "clipboard-write"])
    builder.page.evaluate(
        "text => navigator.clipboard.writeText(text)", '"Emergency"\t-\t3\r\nNormal\tCity\t3\r\nNormal\tSuburbs\t7\r\n'
    )
    cell = then.locator("td[data-row='0'][data-column='0'] input")
    cell.click()
    builder.page.keyboard.press("Control+V")

    expect(then.locator("td[data-row='2'][data-column='2'] input")).to_have_value("7")
    expect(then.locator("td[data-row='2'][data-column='1']")).to_have_class("has-rule-fault")
    then.locator("td[data-row='2'][data-column='1'] input").fill("Suburb")
    expect(then.locator(".rule-findings")).to_contain_text("没有一行符合，例如")
    then.locator("td[data-row='2'][data-column='2'] input").press("Enter")
    builder.page.keyboard.type("9")
    builder.page.keyboard.press("Shift+Tab")
    builder.page.keyboard.press("ArrowUp")
    expect(then.locator("td[data-row='2'][data-column='1'] input")).to_be_focused()
    expect(then.locator("td[data-row='3'][data-column='2'] input")).to_have_value("9")
    builder.is_told("检查通过").publishes()

    table = site.snapshot().rulebook.rules["who-repairs-what"].tables[0]
    assert [(row.when, row.then) for row in table.rows][1:] == [
        (("Normal", "City"), ("3",)), (("Normal", "Suburb"), ("7",)), (("-", "-"), ("9",)),
    ]  # fmt: skip


def test_a_block_from_excel_keeps_quotes_line_breaks_and_full_width_symbols_and_says_what_did_not_fit(
    xutao: Desk, site: Site
) -> None:
    builder = Builder(xutao, "?doctype=Service Quotation")
    builder.page.get_by_label("标题（英文）").fill("Pasted")
    then = builder.part("then")
    then.get_by_label("加后果…").select_option("table")
    builder.presses(then, "＋ 输入列").chooses(then.locator("thead th[data-at]").last, "字段", "报价总价")
    builder.presses(then, "＋ 输出列")
    then.locator("thead").get_by_label("输出").last.select_option("warn")
    pasted = '＞１０，＜０\t"第一行 ""引号""\n第二行 || one"\t多出的列\r\n［１．５．．２）\t，。；\r\n'
    xutao.context.grant_permissions(["clipboard-read", "clipboard-write"])
    builder.page.evaluate("text => navigator.clipboard.writeText(text)", pasted)
    then.locator("td[data-row='0'][data-column='0'] input").click()
    builder.page.keyboard.press("Control+V")

    expect(then.locator("td[data-row='0'][data-column='1'] input")).to_have_value('第一行 "引号"↵第二行 || one')
    expect(then.locator(".rule-findings")).to_contain_text("比表格多 1 列")
    then.locator("td[data-row='0'][data-column='1'] input").press("End")
    builder.page.keyboard.type("!")
    builder.is_told("检查通过")
    builder.page.get_by_role("tab", name="JSON").click()
    rows = json.loads(builder.page.get_by_label("JSON", exact=True).input_value())["then"][0]["table"]["rows"]
    assert rows == [["＞１０，＜０", {"zh": '第一行 "引号"\n第二行', "en": "one!"}], ["［１．５．．２）", "，。；"]]


def test_a_version_from_a_day_on_is_added_edited_compared_and_nothing_is_lost(xutao: Desk, site: Site) -> None:
    name = "quotation-below-list-price"
    before = json.loads(json.dumps(site.snapshot().rulebook.rules[name].raw))
    builder = Builder(xutao, f"?name={name}")
    line, when = builder.part("versions"), builder.part("when")
    builder.presses(line, "＋ 自某日起的新版本")
    line.get_by_label("自哪一天起").fill("2026-09-01")
    builder.presses(line, "加上")
    when.get_by_label("比较").first.select_option("不大于")
    expect(line.locator(".rule-line-own")).to_contain_text("条件")
    builder.tests({"报价总价": "9", "免审批最低总价": "9"}, "须审批")
    expect(builder.part("tests")).to_contain_text("1 个测试全部通过")
    line.get_by_role("tab").first.click()
    expect(when.get_by_label("比较").first).to_have_value("<")
    expect(builder.part("tests")).to_contain_text("6 个测试全部通过")
    builder.presses(line, "比较…")
    expect(builder.page.get_by_role("dialog")).to_contain_text(
        "条件：报价总价小于 免审批最低总价 → 报价总价不大于 免审批最低总价"
    )
    builder.presses(builder.page.get_by_role("dialog"), "关闭")

    line.get_by_role("tab").last.click()
    builder.page.get_by_role("tab", name="JSON").click()
    after = json.loads(builder.page.get_by_label("JSON", exact=True).input_value())
    versions = after.pop("versions")
    assert after == before
    assert [(one["valid_from"], one["when"], len(one["tests"]), sorted(one)) for one in versions] == [
        ("2026-09-01", {"all": [["total", "<=", {"path": "floor_total"}]]}, 1, ["tests", "valid_from", "when"])
    ]
    builder.page.get_by_role("tab", name="表单").click()
    builder.presses(line, "去掉此版本")
    builder.page.get_by_role("tab", name="JSON").click()
    assert json.loads(builder.page.get_by_label("JSON", exact=True).input_value()) == before
    expect(builder.part("saved")).to_have_text("草稿已保存")
    site.drafts.drop("Rule", name, "xutao")


def test_who_is_told_step_by_step_and_when_a_clock_stands_are_chosen_in_forms(xutao: Desk, site: Site) -> None:
    builder = Builder(xutao, "?name=ticket-arrive-in-8-working-hours")
    then = builder.part("then")
    expect(then.get_by_role("combobox", name="逐级升级 2", exact=True)).to_have_value("总经理")
    then.get_by_label("逐级升级 2: 超期后", exact=True).fill("4")
    builder.presses(then, "＋ 一级").chooses(then, "逐级升级 3", "质量工程师")
    then.get_by_label("逐级升级 3: 超期后", exact=True).fill("24")
    clock = then.locator("[data-at$='.oblige.pause_when']")
    builder.presses(clock, "＋ 加条件").chooses(clock, "字段", "紧急程度")

    builder.page.get_by_role("tab", name="JSON").click()
    owed = json.loads(builder.page.get_by_label("JSON", exact=True).input_value())["then"][0]["oblige"]
    site.drafts.drop("Rule", "ticket-arrive-in-8-working-hours", "xutao")

    assert owed["escalate"] == [
        {"to": "After-sales Manager"}, {"after": "4 working hours", "to": "General Manager"}, {"after": "24 h", "to": "Quality Engineer"},
    ]  # fmt: skip
    assert owed["pause_when"][0][0] == "urgency"
