"""An administrator confines somebody to one customer; from then on that person's desk holds nothing of the others."""

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


def test_a_user_is_confined_to_one_customer(site: Site, signed_in: SignIn) -> None:
    ticket = site.queries.list(ADMIN, "Service Ticket", fields=["customer"], limit=1).rows[0]
    customer = site.documents.load(ADMIN, "Customer", ticket["customer"])
    roles = [{"role": "Customer Service"}]
    site.documents.save(ADMIN, "User", {"login": "xiaoli", "full_name": "小李", "enabled": 1, "roles": roles})
    site.accounts.set_password("xiaoli", "guiju-demo")

    desk = signed_in("xutao").opens("User", "xiaoli")
    grid = desk.page.locator("[data-field=user_permissions]")
    grid.get_by_role("button", name="添加一行").click()
    grid.get_by_role("combobox", name="单据类型").fill("客户")
    desk.page.get_by_role("option", name="客户 Customer", exact=True).click()
    grid.get_by_role("combobox", name="只限").fill(customer["name"])
    desk.page.locator(".choices:visible [role=option]").first.click()
    desk.page.get_by_role("button", name="保存").click()
    expect(desk.page.get_by_text("已保存")).to_be_visible()

    confined = signed_in("xiaoli").lists("Customer")
    expect(confined.page.locator("tbody tr")).to_have_count(1)
    confined.lists("Service Ticket")
    names = {
        row["name"] for row in site.queries.list(ADMIN, "Service Ticket", filters=[("customer", "=", customer["name"])]).rows
    }
    expect(confined.page.locator("tbody tr")).to_have_count(len(names))
