"""Three departments countersign the start-up check at the desk (S01-13): each on the record's own page or in the inbox, all seeing one
picture of who did what and who is next.

Zhou Min (周敏) of technology, Qian Li (钱立) of quality, He Jun (何军) of manufacturing.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import Browser, expect
from start_up_check import CHECKLIST, concluded_check

from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]


@pytest.fixture
def checklist(site: Site) -> str:
    return concluded_check(site)


def approves_here(person: Desk) -> None:
    """On the record's own page, at the second look."""
    person.page.locator("#flow").get_by_role("button", name="批准").click()
    person.agrees()


def test_three_departments_countersign_at_once(signed_in: SignIn, checklist: str) -> None:
    zhoumin = signed_in("zhoumin").opens(CHECKLIST, checklist)
    expect(zhoumin.page.locator("button[value=submit]")).to_have_count(0)  # the workflow submits it
    zhoumin._leaves("送会签", "已办理")
    picture = zhoumin.page.locator("svg.flow-svg")
    expect(picture).to_have_attribute(
        "aria-label", "流程状态：会签中，等待：科技部会签 (科技部经理), 质量部会签 (质量部经理), 制造部会签 (制造部经理)"
    )
    expect(zhoumin.page.locator(".record-title .pill")).to_have_text("会签中")

    hejun = signed_in("hejun", width=390, phone=True).opens(CHECKLIST, checklist)
    box = hejun.page.locator("svg.flow-svg").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    hejun.page.locator("#flow").get_by_role("button", name="驳回").click()
    asked = hejun.page.get_by_role("dialog")
    asked.get_by_role("button", name="驳回").click()
    expect(asked.get_by_role("alert")).to_contain_text("意见必填")
    hejun.page.keyboard.press("Escape")
    hejun.page.locator("#flow").get_by_role("button", name="批准").tap()
    expect(asked).to_contain_text(f"开工条件检查单 {checklist} · XG-26 高速主轴单元试制")
    expect(asked).to_contain_text("批准“开工检查会签 · 制造部会签”？")
    asked.get_by_role("button", name="取消").tap()
    expect(hejun.page.locator("svg.flow-svg .is-approved")).to_have_count(0)
    approves_here(hejun)
    expect(hejun.page.locator("svg.flow-svg .is-approved")).to_contain_text("✓ 何军")

    signed_in("qianli").approves(checklist)  # in the inbox, in place
    zhoumin.opens(CHECKLIST, checklist)
    expect(zhoumin.page.locator("svg.flow-svg .flow-step.is-approved")).to_have_count(2)
    approves_here(zhoumin)
    expect(zhoumin.page.locator(".record-title .pill")).to_have_text("已会签")

    zhoumin.lists(CHECKLIST)
    expect(zhoumin.page.locator("tr", has_text=checklist).locator(".pill")).to_have_text("已会签")
    songtao = signed_in("songtao", language="en").opens(CHECKLIST, checklist)
    expect(songtao.page.locator("svg.flow-svg")).to_have_attribute("aria-label", "Workflow state: Countersigned")
    expect(songtao.page.locator("svg.flow-svg .flow-step.is-approved")).to_have_count(3)
    expect(songtao.page.locator("#flow .flow-history li").last).to_contain_text("→ Countersigned")


def test_the_page_decides_without_scripts(
    signed_in: SignIn, checklist: str, site: Site, address: str, chromium: Browser
) -> None:
    site.documents.transition(site.user("zhoumin"), CHECKLIST, checklist, "Send for Countersigning")
    cookies = signed_in("qianli").context.storage_state()
    with chromium.new_context(base_url=address, java_script_enabled=False, storage_state=cookies) as plain:
        page = plain.new_page()
        page.goto(f"/form/{CHECKLIST}/{checklist}")
        page.locator("#flow").get_by_role("button", name="驳回").click()
        expect(page.locator("#errors")).to_contain_text("驳回须填写意见")
        page.locator("#flow").get_by_role("button", name="批准").click()
        expect(page.locator("svg.flow-svg .is-approved")).to_contain_text("钱立")
