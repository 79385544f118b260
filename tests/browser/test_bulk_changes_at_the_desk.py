"""Several tickets are handed to another technician at once; what may not be changed says so at its line."""

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


def test_ticked_items_get_one_value_and_the_refused_one_says_why(site: Site, signed_in: SignIn) -> None:
    for number in range(3):
        site.documents.save(ADMIN, "Department", {"department_name": f"班组 {number}"})
    site.documents.save(ADMIN, "Department", {"department_name": "班长室", "parent_department": "班组 1"})
    desk = signed_in("xutao").lists("Department", "?q=班")
    try:
        rows = desk.page.locator("table.list tbody tr")
        rows.filter(has_text="班组 0").get_by_role("checkbox").check()
        rows.filter(has_text="班组 2").get_by_role("checkbox").click(modifiers=["Shift"])
        expect(desk.page.locator("[data-chosen]")).to_have_text("已选 3 条")
        desk.page.set_viewport_size({"width": 1280, "height": 260})
        desk.page.evaluate("scrollTo(0, document.querySelector('table.list').getBoundingClientRect().top + scrollY)")
        edges = (
            "[document.querySelector('.choice-bar').getBoundingClientRect().top, document.querySelector('.bar').offsetHeight]"
        )
        top, bar = desk.page.evaluate(edges)
        assert top >= bar, "what is done with the chosen ones stays in sight below the bar of the page"
        desk.page.get_by_role("button", name="处理所选").click()

        desk.page.get_by_label("字段").select_option(label="上级部门")
        desk.page.get_by_label("上级部门改为").fill("班长室")
        desk.page.get_by_role("button", name="更改 3 条").click()

        expect(desk.page.locator("[data-said]")).to_contain_text("已完成 2 条，未完成 1 条。")
        outcome = desk.page.locator("tr[data-name='班组 1'] [data-outcome]")
        expect(outcome).to_contain_text("不能作为它的上级")
        above = {
            name: site.documents.load(ADMIN, "Department", name)["parent_department"] for name in ("班组 0", "班组 1", "班组 2")
        }
        assert above == {"班组 0": "班长室", "班组 1": None, "班组 2": "班长室"}
    finally:
        for name in ("班组 0", "班组 2", "班长室", "班组 1"):
            site.documents.delete(ADMIN, "Department", name)


def test_who_may_change_nothing_is_offered_no_choice(signed_in: SignIn) -> None:
    desk = signed_in("wangfang").lists("Department")
    expect(desk.page.locator("[data-choose]")).to_have_count(0)


def test_a_date_of_many_is_typed_or_chosen_as_on_a_form(site: Site, signed_in: SignIn) -> None:
    name = "SC-2026-00001"
    before = site.documents.load(ADMIN, "Production Plan", name)["planned_on"]
    desk = signed_in("hejun").goes(f"/bulk/Production%20Plan?n={name}&action=change&field=planned_on")
    field = desk.page.get_by_label("计划完成日期改为")
    expect(field).to_have_attribute("data-picker", "date")

    field.fill("2027/2/31")
    field.press("Tab")
    desk.page.get_by_role("button", name="更改 1 条").click()
    expect(desk.page.locator("#bulk-value-error")).to_contain_text("“2027/2/31”不是日期")
    expect(field).to_be_focused()
    assert site.documents.load(ADMIN, "Production Plan", name)["planned_on"] == before

    field.fill("2027/2/3")
    desk.page.locator(".flatpickr-calendar.open .flatpickr-day").get_by_text("24", exact=True).click()
    expect(field).to_have_value("2027-02-24")
    desk.page.get_by_role("button", name="更改 1 条").click()
    expect(desk.page.locator("[data-said]")).to_contain_text("已完成 1 条")
    assert str(site.documents.load(ADMIN, "Production Plan", name)["planned_on"]) == "2027-02-24"


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 800)], ids=["desk", "phone"])
@pytest.mark.parametrize("query", ["action=change&field=planned_on", "action=assign"], ids=["change", "assign"])
def test_the_calendar_of_a_date_leaves_the_button_of_the_change_free(
    signed_in: SignIn, query: str, width: int, height: int
) -> None:
    desk = signed_in("hejun", width=width, height=height, phone=width < 600)
    desk.goes(f"/bulk/Production%20Plan?n=SC-2026-00001&{query}")
    desk.page.locator(".bulk-change [data-picker]").click()
    calendar = desk.page.locator(".flatpickr-calendar.open")
    expect(calendar).to_be_visible()

    button, days = (
        box.evaluate("(one) => { const at = one.getBoundingClientRect(); return [at.left, at.top, at.right, at.bottom]; }")
        for box in (desk.page.locator(".bulk-change > button"), calendar)
    )

    assert days[0] >= button[2] or days[2] <= button[0] or days[1] >= button[3] or days[3] <= button[1]
    assert 0 <= days[0] <= days[2] <= width
    assert 0 <= days[1] <= days[3] <= height
    desk.page.locator(".bulk-change > button").click(trial=True)
