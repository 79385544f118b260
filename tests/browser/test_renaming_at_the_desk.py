"""A device was taken down under a mistyped serial number: it gets the right one, and everything about it follows."""

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


def test_a_serial_number_is_corrected(site: Site, signed_in: SignIn) -> None:
    tickets = site.queries.list(ADMIN, "Service Ticket", fields=["device"], filters=[("device", "is", "set")], limit=1).rows
    name, old = tickets[0]["name"], tickets[0]["device"]
    desk = signed_in("wangfang").opens("Installed Device", old)

    desk.page.locator("summary[aria-label]").last.click()
    desk.page.get_by_role("button", name="重命名").click()
    asked = desk.page.get_by_role("dialog")
    expect(asked.get_by_label("新编号")).to_have_value(old)
    asked.get_by_label("新编号").fill(f"{old}-X")
    asked.get_by_role("button", name="重命名").click()

    expect(desk.page.get_by_text("已重命名")).to_be_visible()
    assert desk.is_ready().name == f"{old}-X"
    entry = desk.page.locator(".timeline li").first
    expect(entry).to_contain_text("重命名")
    entry.locator("summary").click()
    expect(entry).to_contain_text(f"编号：{old} → {old}-X")
    assert site.documents.load(ADMIN, "Service Ticket", name)["device"] == f"{old}-X"
    desk.opens("Installed Device", old)  # a bookmark of it
    assert desk.name == f"{old}-X"
    site.documents.rename(ADMIN, "Installed Device", f"{old}-X", old)  # other tests share the site and look for it


def test_a_name_that_is_taken_is_refused_in_words(site: Site, signed_in: SignIn) -> None:
    first, second = (row["name"] for row in site.queries.list(ADMIN, "Item", limit=2).rows)
    desk = signed_in("xutao").opens("Item", first)

    desk.page.locator("summary[aria-label]").last.click()
    desk.page.get_by_role("button", name="重命名").click()
    desk.page.get_by_label("新编号").fill(second)
    desk.page.get_by_role("dialog").get_by_role("button", name="重命名").click()

    expect(desk.page.locator("#errors")).to_contain_text(f"已有编号为“{second}”的")
