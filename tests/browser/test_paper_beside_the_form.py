"""Glimpses beside a form: the record behind a link, the paper as it will print."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]


def test_a_link_shows_what_is_behind_it_and_the_paper_stands_beside_the_form(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Quotation", "QT-2026-00002")
    page = wangfang.page
    link = page.locator("#record .link-open:visible").first
    link.hover()
    glimpse = page.get_by_role("tooltip")
    expect(glimpse).to_contain_text("客户 KH-")
    page.keyboard.press("Escape")
    expect(glimpse).to_have_count(0)

    page.locator(".record-actions summary", has_text="打印").click()
    page.get_by_role("button", name="在旁预览").click()
    paper = page.get_by_role("complementary", name="打印预览")
    expect(paper.get_by_role("status")).to_contain_text("共 ")
    expect(paper.get_by_role("img", name="第 1 页")).to_be_visible()
    wangfang.reopens()
    expect(paper.get_by_role("img", name="第 1 页")).to_be_visible()  # it stays open over saving
    paper.get_by_role("button", name="关闭预览").click()
    expect(paper).to_have_count(0)
    assert wangfang.runs_out == []
