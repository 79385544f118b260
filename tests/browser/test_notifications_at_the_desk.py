"""Wang Fang chooses how she is told things, on the phone; the bell tells her while the page is open; the administrator sees the mail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import expect

from server.access.user import User
from server.core.text import Text
from server.documents.tell import tell
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
ADMIN = User.administrator()
TWENTY_SECONDS = 20_000


def tells(site: Site, key: str, title: str) -> None:
    ticket = site.queries.list(ADMIN, "Service Ticket", fields=["name"], limit=1).rows[0]["name"]
    with site.database.write() as connection:
        tell(connection, site.clock.now(), Text(title, title), "Service Ticket", ticket, key=key, kind="due", user="wangfang")
    site.worker.run_once()


def test_choosing_on_the_phone_and_being_told_live(site: Site, signed_in: SignIn) -> None:
    site.documents.save(ADMIN, "User", {"email": "wangfang@example.com"}, name="wangfang")
    site.documents.save(
        ADMIN, "Notification Channel",
        {"title": "公司邮箱", "channel_type": "email", "enabled": 1, "smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_security": "None",
         "from_address": "guiju@example.com"},
    )  # fmt: skip

    phone = signed_in("wangfang", width=390, phone=True).goes("/account/notifications")
    assert phone.runs_out == []
    due = phone.page.get_by_role("group", name="到期与超期")
    due.get_by_label("公司邮箱").check()
    due.get_by_role("combobox").select_option("digest")
    phone.page.get_by_label("免打扰时段").check()
    phone.page.get_by_label("时区").fill("Asia/Shanghia")
    phone.page.get_by_role("button", name="保存").click()
    expect(phone.page.get_by_text("是否指“Asia/Shanghai”")).to_be_visible()
    expect(due.get_by_label("公司邮箱")).to_be_checked()
    phone.page.get_by_label("时区").fill("")
    phone.page.get_by_role("button", name="保存").click()
    expect(phone.page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    expect(due.get_by_role("combobox")).to_have_value("digest")
    expect(phone.page.get_by_label("免打扰时段")).to_be_checked()

    desk = signed_in("wangfang")
    desk.page.clock.install()
    desk.goes("/list/Service%20Ticket")
    bell = desk.page.locator("[data-news]")
    before = int(bell.locator(".badge").inner_text() or 0) if bell.locator(".badge").count() else 0
    tells(site, "live:1", "工单即将到期")
    desk.page.clock.fast_forward(TWENTY_SECONDS + 1000)
    expect(bell.locator(".badge")).not_to_have_text(str(before or ""))  # what else came meanwhile is counted too
    expect(desk.page.locator("a.toast")).to_contain_text("工单即将到期")

    admin = signed_in("xutao").goes("/admin/messages/")
    row = admin.page.locator("tbody tr").filter(has_text="wangfang@example.com")
    expect(row).to_contain_text("等待发送")
    admin.page.get_by_label("收件地址").fill("somebody@example.com")
    admin.page.get_by_role("button", name="发送测试消息").click()
    expect(admin.page.get_by_role("status")).to_contain_text("测试消息没有送出：连接失败")
