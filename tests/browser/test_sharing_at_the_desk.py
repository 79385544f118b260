"""Customer service opens one quotation to somebody whose roles do not reach it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import expect

from server.access.user import User
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
ADMIN = User.administrator()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_ticket_is_shared_and_taken_back(site: Site, signed_in: SignIn, width: int) -> None:
    login = f"guest{width}"
    site.documents.save(ADMIN, "User", {"login": login, "full_name": f"访客{width}", "enabled": 1})
    site.accounts.set_password(login, "guiju-demo")
    ticket = site.queries.list(ADMIN, "Service Ticket", fields=["name"], limit=1).rows[0]["name"]
    desk = signed_in("wangfang", width=width).opens("Service Ticket", ticket)

    desk.page.locator("summary[aria-label]").last.click()
    desk.page.get_by_role("link", name="共享…").click()
    desk.page.get_by_label("共享给").fill(login)
    expect(desk.page.locator(f"#share-people option[value={login}]")).to_have_count(1)
    desk.page.get_by_label("可修改").check()
    desk.page.get_by_role("button", name="共享", exact=True).click()
    line = desk.page.locator(".share-list li").filter(has_text=login)
    expect(line).to_contain_text("可查看、可修改")
    assert desk.runs_out == []

    guest = signed_in(login).lists("Service Ticket")
    expect(guest.page.locator("tbody tr")).to_have_count(1)
    guest.opens("Service Ticket", ticket)
    expect(guest.page.get_by_role("button", name="保存")).to_be_visible()
    site.worker.run_once()
    guest.goes("/notifications")
    expect(guest.page.locator("main")).to_contain_text("王芳 与您共享了")

    line.get_by_role("button", name="取消共享").click()
    expect(line).to_have_count(0)
    guest.goes("/list/Service%20Ticket")
    expect(guest.page.locator("main")).to_contain_text("没有查看")
    expect(guest.page.locator("main")).to_contain_text("有此权限的角色：客服")  # as people call it, not by its English name


def test_who_may_not_be_shared_with_is_said_in_words(site: Site, signed_in: SignIn) -> None:
    ticket = site.queries.list(ADMIN, "Service Ticket", fields=["name"], limit=1).rows[0]["name"]
    desk = signed_in("wangfang").goes(f"/share/Service%20Ticket/{ticket}")

    desk.page.get_by_label("共享给").fill("nobody-here")
    desk.page.get_by_role("button", name="共享", exact=True).click()

    expect(desk.page.get_by_role("alert")).to_contain_text("没有启用的用户“nobody-here”")
    expect(desk.page.get_by_label("共享给")).to_have_value("nobody-here")
