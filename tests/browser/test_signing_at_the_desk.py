"""A closed ticket is signed electronically at the desk; a change later shows the signature as void, on the form and on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from desk_people import Desk
from playwright.sync_api import Locator, Page, expect

from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]


def test_a_ticket_is_signed_changed_and_its_signature_shown_as_void(
    site: Site, signed_in: SignIn, pdf_text: Callable[[bytes], str]
) -> None:
    wang = site.user("wangfang")
    values = {
        "subject": "主轴异响",
        "customer": _any_customer(site),
        "reported_at": datetime(2026, 6, 15, 0, 30, tzinfo=UTC),
        "reporter": "高远",
        "reporter_phone": "13000000111",
        "fault_description": "主轴高速时异响",
    }
    name = site.documents.save(wang, "Service Ticket", values).name
    desk = signed_in("wangfang").opens("Service Ticket", name)
    page: Page | Locator = desk.page
    desk.types(故障简述="主轴异响！")
    page.locator("summary[aria-label='更多操作'], summary[aria-label]").last.click()
    page.get_by_role("link", name="电子签名").click()
    expect(page.locator(".toast")).to_contain_text("请先保存")  # what is typed and not saved is not what would be signed
    desk.reopens()

    page.locator("summary[aria-label='更多操作'], summary[aria-label]").last.click()
    page.get_by_role("link", name="电子签名").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("summary").click()
    expect(dialog.locator(".signed-content")).to_contain_text("主轴异响")  # what is signed can be read before it is signed
    page = dialog
    page.get_by_label("签名含义").select_option(label="审核")
    page.get_by_label("说明").fill("已与客户核对")
    page.get_by_label("登录名").fill("wangfang")
    page.get_by_label("密码").fill("not-her-password")
    page.get_by_role("button", name="签名", exact=True).click()
    expect(page.locator(".banner-error")).to_contain_text("签名只能由本人作出")
    expect(page.get_by_label("说明")).to_have_value("已与客户核对")
    page.get_by_label("密码").fill("guiju-demo")
    page.get_by_role("button", name="签名", exact=True).click()

    page = desk.page
    manifest = page.locator("#signatures")
    expect(manifest.locator("li")).to_contain_text(["有效"])
    expect(manifest).to_contain_text("审核")
    expect(manifest).to_contain_text("王芳")
    assert "已与客户核对有效" in _print(site, name, pdf_text)

    desk.is_ready().types(故障简述="主轴异响和过热")
    desk.saves()

    expect(manifest).to_contain_text("已失效")
    manifest.locator("summary").click()
    expect(manifest).to_contain_text("主轴异响 → 主轴异响和过热")
    assert desk.runs_out == []
    assert "已失效；签名后更改" in _print(site, name, pdf_text)


def _any_customer(site: Site) -> str:
    return str(site.queries.list(site.user("wangfang"), "Customer", limit=1).rows[0]["name"])


def _print(site: Site, name: str, pdf_text: Callable[[bytes], str]) -> str:
    return pdf_text(site.printouts.pdf(site.user("wangfang"), "Service Ticket", name, language="zh"))
