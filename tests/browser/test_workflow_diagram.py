"""The workflow diagram as an administrator uses it: an approval in two steps drawn from nothing and lived through by a record; a
shipped workflow changed, undone, published as a customisation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from desk_people import Desk
from playwright.sync_api import Locator, expect

from server.access.user import User
from server.exchange.packs import Source
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
ADMIN = User.administrator()
SHIPPED = "Product Quality Review Approval"
JIG_LOAN = {
    "name": "Jig Loan", "label": {"zh": "工装借用", "en": "Jig Loan"}, "autoname": "format:GJ-{####}", "title_field": "tool",
    "fields": [{"fieldname": "tool", "fieldtype": "Data", "label": {"zh": "工具", "en": "Tool"}, "reqd": 1, "in_list_view": 1}],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip


class Diagram:
    """Somebody at the diagram: drags boxes, draws arrows, fills in the form beside it."""

    def __init__(self, desk: Desk, name: str = "") -> None:
        self.page = desk.page
        self.page.goto("/admin/workflows/diagram" + (f"?name={name}" if name else ""))
        self.page.wait_for_selector("#workflow-editor[data-ready]")
        self.panel = self.page.locator("[data-panel]")

    def box(self, title: str) -> Locator:
        return self.page.locator(".workflow-state", has_text=title)

    def arrow(self, label: str) -> Locator:
        return self.page.locator(".workflow-arrow", has_text=label)

    def adds(self, zh: str, en: str) -> Diagram:
        self.page.get_by_role("button", name="＋ 状态").click()
        self.panel.get_by_label("标题（中文）").fill(zh)
        self.panel.get_by_label("标题（英文）").fill(en)
        self.panel.get_by_label("标题（英文）").press("Tab")
        return self

    def presses(self, button: str) -> Diagram:
        self.page.get_by_role("button", name=button, exact=True).first.click()
        return self

    def chooses(self, where: Locator, label: str, text: str) -> Diagram:
        field = where.get_by_role("combobox", name=label, exact=True).last
        field.fill(text)
        field.locator("xpath=..").get_by_role("option").first.wait_for()
        field.press("Enter")
        return self

    def draws(self, start: str, end: str) -> Diagram:
        """Drags from the lower edge of one box into another."""
        first, second = (self.box(title).locator(".workflow-box").bounding_box() for title in (start, end))
        assert first is not None
        assert second is not None
        mouse = self.page.mouse
        mouse.move(first["x"] + first["width"] / 2, first["y"] + first["height"] - 1)
        mouse.down()
        mouse.move(second["x"] + 50, second["y"] + 20, steps=4)
        mouse.up()
        return self

    def drags(self, title: str, dx: float, dy: float) -> Diagram:
        found = self.box(title).locator(".workflow-box").bounding_box()
        assert found is not None
        mouse = self.page.mouse
        mouse.move(found["x"] + 40, found["y"] + 20)
        mouse.down()
        mouse.move(found["x"] + 40 + dx, found["y"] + 20 + dy, steps=4)
        mouse.up()
        return self

    def asks(self, zh: str, en: str, role: str) -> Diagram:
        """Adds a step to the state that is chosen."""
        self.panel.get_by_role("button", name="＋ 步骤").last.click()
        step = self.panel.locator(".workflow-step").last
        step.get_by_label("标题（中文）").fill(zh)
        step.get_by_label("标题（英文）").fill(en)
        return self.chooses(step, "角色", role)

    def is_told(self, text: str) -> Diagram:
        expect(self.page.locator("[data-state]")).to_have_text(text)
        return self

    def publishes(self) -> Diagram:
        self.presses("发布…")
        self.page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
        expect(self.page.locator("[data-built]")).to_contain_text("已发布")
        self.page.wait_for_selector("#workflow-editor[data-ready]")
        return self


@pytest.fixture
def jig_loan(site: Site) -> Iterator[str]:
    site.publisher.publish(site.publisher.propose([Source("DocType", "Jig Loan", JIG_LOAN)]), "tests")
    yield "Jig Loan"
    if ("Workflow", "Jig Loan Approval") in {(one.kind, one.name) for one in site.publisher.stored()}:
        gone = [("Workflow", "Jig Loan Approval")]
        site.publisher.publish(site.publisher.propose([], removed=gone), "tests", removed=gone)


@pytest.fixture
def shipped(site: Site) -> Iterator[dict[str, object]]:
    raw = next(one.raw for one in site.publisher.stored() if (one.kind, one.name) == ("Workflow", SHIPPED))
    yield raw
    site.publisher.publish(site.publisher.propose([Source("Workflow", SHIPPED, raw)]), "tests")


@pytest.mark.slow
def test_an_approval_in_two_steps_is_drawn_from_nothing_and_a_record_goes_through_it(
    signed_in: SignIn, site: Site, jig_loan: str
) -> None:
    diagram = Diagram(signed_in("xutao"))
    diagram.panel.get_by_label("名称（代号）").fill("Jig Loan Approval")
    diagram.chooses(diagram.panel, "适用单据", "工装借用")
    diagram.adds("待借", "Wanted").adds("审批", "In Approval").adds("可借", "Lent")
    diagram.draws("待借", "审批").chooses(diagram.panel, "谁可执行", "All")
    diagram.box("审批").click()
    diagram.asks("班长同意", "Foreman agrees", "Quality Manager").asks("经理同意", "Manager agrees", "Technology Manager")
    diagram.draws("审批", "可借")  # of a state with approvals the first arrow is what they lead to
    expect(diagram.panel.get_by_label("何时")).to_have_value("approved")
    diagram.draws("审批", "待借")
    expect(diagram.panel.get_by_label("何时")).to_have_value("refused")

    diagram.is_told("检查通过")
    diagram.box("可借").focus()
    diagram.page.keyboard.press("Delete")
    expect(diagram.box("审批").locator(".workflow-badge")).to_be_visible()  # its steps lead nowhere now
    diagram.page.keyboard.press("Control+z")
    diagram.is_told("检查通过").drags("可借", 240, -60)
    placed = diagram.box("可借").get_attribute("transform")
    diagram.publishes()
    assert diagram.box("可借").get_attribute("transform") == placed

    name = site.documents.save(site.user("wangfang"), jig_loan, {"tool": "扭矩扳手"}).name
    wangfang = signed_in("wangfang").opens(jig_loan, name)
    wangfang._leaves("到审批", "已办理")
    signed_in("qianli").approves(name)
    expect(wangfang.opens(jig_loan, name).page.locator(".record-title .pill")).to_have_text("审批")
    signed_in("zhoumin").approves(name)
    expect(wangfang.opens(jig_loan, name).page.locator(".record-title .pill")).to_have_text("可借")


def test_a_shipped_workflow_keeps_what_the_form_does_not_show(
    signed_in: SignIn, site: Site, shipped: dict[str, object]
) -> None:
    diagram = Diagram(signed_in("xutao", width=390, phone=True), SHIPPED)
    assert diagram.page.evaluate("document.documentElement.scrollWidth") <= 390
    diagram.box("已批准").press("ArrowRight")
    diagram.box("审批中").press("Enter")
    diagram.panel.get_by_label("标题（中文）").first.fill("评审中")
    diagram.arrow("提出申请").locator(".workflow-label").click()  # one arrow for each of two roles in the file
    diagram.chooses(diagram.panel, "谁可执行", "质量部经理")
    diagram.is_told("检查通过").publishes()
    stored = next(one.raw for one in site.publisher.stored() if (one.kind, one.name) == ("Workflow", SHIPPED))
    states = [{key: value for key, value in state.items() if key != "position"} for state in stored["states"]]
    expected = json.loads(json.dumps(shipped))
    expected["states"][1]["title"]["zh"] = "评审中"
    expected["transitions"].insert(2, expected["transitions"][0] | {"allowed": "Quality Manager"})
    assert {**stored, "states": states} == expected
    assert all("position" in state for state in stored["states"])
