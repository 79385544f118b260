"""Departments and their workshops: opened where they stand, with the mouse and with the keys, and added to."""

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


def test_a_branch_opens_where_it_stands_and_takes_a_new_record(site: Site, signed_in: SignIn) -> None:
    desk = signed_in("xutao").lists("Department")
    desk.page.get_by_role("link", name="树形").click()
    desk.page.wait_for_selector(".tree[data-ready]")
    expect(desk.page.get_by_text("装配车间")).to_be_hidden()

    desk.page.get_by_label("展开 制造部").click()
    expect(desk.page.get_by_role("link", name="装配车间", exact=True)).to_be_visible()
    desk.page.get_by_label("展开 制造部").click()
    expect(desk.page.get_by_role("link", name="装配车间", exact=True)).to_be_hidden()

    desk.page.get_by_role("link", name="制造部", exact=True).hover()
    desk.page.get_by_label("在 制造部 下新建").click()
    desk.is_ready()
    desk.shows("上级部门", "制造部")
    desk.types(部门名称="热处理车间")
    desk.saves()
    try:
        desk.page.goto(desk.page.url.split("/form/")[0] + "/tree/Department?of=制造部")
        expect(desk.page.locator(".tree-title")).to_have_text(["机加车间", "热处理车间", "装配车间"])
    finally:
        site.documents.delete(ADMIN, "Department", "热处理车间")


def test_the_arrow_keys_walk_through_it(signed_in: SignIn) -> None:
    desk = signed_in("wangfang").lists("Department")
    desk.page.get_by_role("link", name="树形").click()
    desk.page.wait_for_selector(".tree[data-ready]")
    desk.page.get_by_role("link", name="制造部", exact=True).focus()

    for key, focused in (
        ("ArrowRight", "制造部"),
        ("ArrowDown", "机加车间"),
        ("ArrowDown", "装配车间"),
        ("ArrowLeft", "制造部"),
    ):
        desk.page.keyboard.press(key)
        expect(desk.page.locator(".tree-title:focus")).to_have_text(focused)
        if key == "ArrowRight":
            expect(desk.page.get_by_role("link", name="装配车间", exact=True)).to_be_visible()
    desk.page.keyboard.press("ArrowLeft")
    expect(desk.page.get_by_role("link", name="装配车间", exact=True)).to_be_hidden()
    expect(desk.page.locator(".tree-add")).to_have_count(0)  # wangfang reads departments and makes none


def test_a_list_is_asked_for_a_whole_branch(signed_in: SignIn) -> None:
    desk = signed_in("xutao").lists("Department")
    desk.page.get_by_text("筛选").click()
    desk.page.locator("#filter-field-1").select_option(label="上级部门")
    desk.page.locator("#filter-operator-1").select_option(label="在其中或其下")
    desk.page.locator("#filter-value-1").fill("制造部")
    desk.page.get_by_role("button", name="应用").click()

    expect(desk.page.locator(".filter-rows")).to_contain_text("上级部门 在其中或其下 制造部")
    expect(desk.page.locator(".cell-name")).to_have_text(["机加车间", "装配车间"])
