"""From a clause's number to its words, and from a procedure to what becomes of its clauses."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]


def test_quality_sees_what_becomes_of_each_clause_and_reaches_its_words(signed_in: SignIn) -> None:
    qianli = signed_in("qianli").goes("/")
    page = qianli.page
    page.get_by_role("link", name="条款落实").click()
    page.get_by_label("程序", exact=True).select_option("S08")
    page.get_by_role("button", name="筛选").click()

    line = page.locator("#S08-05")
    for text in ("规则 报修 12 小时未修复", "通过"):
        expect(line).to_contain_text(text)
    assert int(line.locator("td").last.inner_text()) > 0
    expect(line.get_by_role("link", name="报修 12 小时未修复")).to_have_count(0)  # rules are for administrators

    line.get_by_role("link", name="S08-05").click()
    qianli.shows("条文", "在12小时规定时间内不能修复解决问题的")


def test_the_number_beside_an_obligation_leads_to_the_clause(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").goes("/inbox")
    expect(wangfang.page.get_by_role("link", name="条款落实")).to_have_count(0)

    wangfang.page.locator("li.owed", has_text="备用机").first.get_by_role("link", name="S08-05").click()

    expect(wangfang.page.get_by_role("heading", level=1)).to_contain_text("在12小时规定时间内")


def test_a_form_says_in_the_procedures_words_what_is_asked_for_and_where(signed_in: SignIn) -> None:
    wugang = signed_in("wugang").opens("Inbound Receipt")
    wugang.page.locator("summary", has_text="程序要求").click()
    asked = wugang.page.locator(".clause-help li", has_text="S07-01")
    expect(asked).to_contain_text("数量少于本批次订单数量")
    fengbo = signed_in("fengbo").opens("Stock Lot", "BJ-LUB/260420")
    fengbo.page.locator("summary", has_text="程序要求").click()
    fengbo.page.locator(".clause-help li", has_text="S07-02").get_by_role("link", name="类别").click()
    expect(fengbo.page).to_have_url(re.compile("#f-kind$"))
