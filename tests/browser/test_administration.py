"""An administrator at the admin UI's record form: rows of a child table without JSON, on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from desk_people import Desk
from playwright.sync_api import expect

from server.access.user import User
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
ADMINISTRATOR = User.administrator()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_user_is_made_with_roles_chosen_row_by_row(site: Site, signed_in: SignIn, width: int) -> None:
    login = f"new-{width}"
    page = signed_in("xutao", width=width, language="en").page
    page.goto("/admin/doc/User/new/")
    expect(page.get_by_label("Enabled")).to_be_checked()
    page.get_by_label("Login").fill(login)
    page.get_by_label("Full Name").fill("New Person")
    page.get_by_label("Department").select_option("信息部")
    roles = page.get_by_role("group", name="Roles")
    for number, role in enumerate(("Finance", "Customer Service", "General Manager")):
        roles.get_by_role("button", name="Add a row").click()
        roles.get_by_role("combobox").nth(number).select_option(role)
    roles.get_by_role("button", name="Remove this row 2").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("successfully created")).to_be_visible()

    record = site.documents.load(ADMINISTRATOR, "User", login)
    assert (record["enabled"], record["department"]) == (1, "信息部")
    assert [row["role"] for row in record["roles"]] == ["Finance", "General Manager"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_rows_that_nobody_touched_are_not_written_again(site: Site, signed_in: SignIn) -> None:
    before = site.documents.load(ADMINISTRATOR, "User", "emma")
    page = signed_in("xutao", language="en").page
    page.goto("/admin/doc/User/edit/?id=emma")
    page.get_by_label("Phone").fill("13999999999")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("successfully saved")).to_be_visible()

    after = site.documents.load(ADMINISTRATOR, "User", "emma")
    assert after["phone"] == "13999999999"
    assert after["roles"] == before["roles"]


@pytest.fixture
def sixty_workshops(site: Site) -> Iterator[None]:
    names = [f"第{number}车间" for number in range(60)]
    for name in names:
        site.documents.save(ADMINISTRATOR, "Department", {"department_name": name})
    yield
    for name in names:
        site.documents.delete(ADMINISTRATOR, "Department", name)


@pytest.mark.usefixtures("sixty_workshops")
def test_a_link_to_many_records_suggests_while_one_types(signed_in: SignIn) -> None:
    page = signed_in("xutao").page
    page.goto("/admin/doc/User/edit/?id=emma")
    page.get_by_label("部门").fill("第41")
    expect(page.locator('datalist option[value="第41车间"]')).to_be_attached()


def test_rules_are_found_as_one_types(signed_in: SignIn) -> None:
    page = signed_in("xutao", width=390, language="en").page
    page.goto("/admin/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto("/admin/rules/")
    expect(page.locator("details.module[open]")).to_have_count(0)

    page.get_by_label("Search").press_sequentially("quotation-below-list-price")
    expect(page.locator(".rule-lines tbody tr:visible")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=quotation-below-list-price"))

    page.get_by_label("Search").fill("")
    page.get_by_label("Group by").select_option("procedure")
    expect(page.locator("summary", has_text="S02 Out-of-warranty service")).to_be_visible()
