"""Several obligations are waived at once from the inbox, by keyboard alone; what may not be done says so at its line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import expect

from server.core.ids import new_id
from server.core.text import Text
from server.obligations.book import ObligationBook
from server.obligations.model import Obligation
from server.site import Site

pytestmark = pytest.mark.browser
SignIn = Callable[..., Desk]


def test_what_is_ticked_is_waived_together_by_keyboard(site: Site, signed_in: SignIn) -> None:
    ticket = str(site.queries.list(site.user("chenjing"), "Service Ticket", limit=1).rows[0]["name"])
    titles = ("甲的回访", "乙的回访", "丙的回访")
    with site.database.write() as connection:
        for title, escalates_to in zip(titles, ("After-sales Manager", "After-sales Manager", "General Manager"), strict=True):
            ObligationBook(connection).open(Obligation(
                id=new_id(16), kind="obligation", rule="by-hand", doctype="Service Ticket", name=ticket, title=Text(title, title),
                opened_at=site.clock.now(), opened_by="wangfang", owed_by_user="chenjing", escalate_to=escalates_to,
            ))  # fmt: skip
    desk = signed_in("chenjing").goes("/inbox?rule=by-hand")
    page, keys = desk.page, desk.page.keyboard
    page.get_by_role("checkbox", name="全选").focus()
    keys.press("Space")
    expect(page.locator("[data-chosen]")).to_have_text("已选 3 条")
    page.get_by_role("button", name="处理所选").focus()
    keys.press("Enter")
    page.get_by_role("link", name="豁免").focus()
    keys.press("Enter")
    page.get_by_label("豁免理由").fill("客户已退机")
    page.get_by_role("button", name="豁免").focus()
    keys.press("Enter")

    expect(page.locator("[data-said]")).to_contain_text("已完成 2 条，未完成 1 条。")
    for title, outcome in zip(titles, ("已豁免", "已豁免", "不能由您豁免"), strict=True):
        expect(page.locator("tr", has_text=title).locator("[data-outcome]")).to_contain_text(outcome)
    page.set_viewport_size({"width": 390, "height": 800})
    assert desk.runs_out == []
