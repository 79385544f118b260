"""The print designer as an administrator uses it: a form built from blocks by mouse and keyboard beside its paper, faults at their
blocks, undone, published, printed by a clerk; a shipped HTML format opened as it is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from desk_people import Desk
from playwright.sync_api import expect

from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
NAME = "Repair Slip"


@pytest.fixture
def slip(site: Site) -> Iterator[str]:
    yield NAME
    gone = [("Print Format", NAME)]
    if gone[0] in {(one.kind, one.name) for one in site.publisher.stored()}:
        site.publisher.publish(site.publisher.propose([], removed=gone), "tests", removed=gone)


def test_a_form_is_built_from_blocks_beside_its_paper_and_a_clerk_prints_it(signed_in: SignIn, site: Site, slip: str) -> None:
    page = signed_in("xutao").page
    page.goto("/admin/formats/design")
    page.wait_for_selector("#print-designer[data-ready]")
    panel, blocks = page.locator("[data-panel]"), page.locator(".print-block")
    panel.get_by_label("名称（代号）").fill(slip)
    doctype = panel.get_by_role("combobox", name="打印的单据")
    doctype.fill("售后服务报价单")
    expect(panel.get_by_role("option").first).to_be_visible()
    doctype.press("Enter")
    expect(blocks.first).to_contain_text("标题")  # begins with what stands on the form
    expect(page.locator(".print-page").first).to_be_visible()
    count = blocks.count()

    page.get_by_role("button", name="二维码、条码", exact=True).drag_to(blocks.nth(1))
    expect(blocks).to_have_count(count + 1)
    expect(panel.get_by_role("heading")).to_contain_text("二维码")
    code = page.locator(".print-block.is-selected")
    expect(code).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")  # the keyboard's way of dragging
    expect(blocks.first).to_contain_text("二维码")
    page.keyboard.press("Delete")
    expect(blocks).to_have_count(count)
    page.get_by_role("button", name="撤销").click()
    expect(blocks).to_have_count(count + 1)

    page.get_by_role("button", name="文字（可含字段）").click()
    panel.get_by_label("中文").fill("致 {{ custmer }}")
    expect(page.locator("[data-faults]")).to_contain_text("没有字段 'custmer'")
    expect(page.locator(".print-block.is-selected")).to_have_class("print-block is-selected is-wrong")
    panel.get_by_label("中文").fill("致 {{ customer }}")
    expect(page.locator("[data-state]")).to_have_text("检查通过")
    page.get_by_role("tab", name="HTML").click()
    expect(page.locator("#print-html")).to_have_value(re.compile(r'value\("customer"\)'))

    page.get_by_role("button", name="发布…").click()
    page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("[data-built]")).to_contain_text("已发布")
    clerk = site.user("wangfang")
    quotation = str(site.queries.list(clerk, "Service Quotation", limit=1).rows[0]["name"])
    assert site.printouts.printout(clerk, "Service Quotation", quotation, format_name=slip).content.startswith(b"%PDF-")

    page.goto("/admin/formats/design?name=Stock Lot Label")
    page.wait_for_selector("#print-designer[data-ready]")
    expect(page.get_by_role("tab", name="HTML")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".print-page").first).to_be_visible()
