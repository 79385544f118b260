"""On the screens of the office: no number wraps, no column and no state is cut off, nothing lies over anything else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_people import Desk

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
SCREENS = [(1280, 800), (1366, 768)]
GRIDS = [("wangfang", "Service Quotation", "QT-2026-00002"), ("fengbo", "Shipment Note", "FH-2026-00001")]
LISTS = ["Service Ticket", "Service Quotation", "Service Order", "Customer"]

screens = pytest.mark.parametrize(("width", "height"), SCREENS)
languages = pytest.mark.parametrize("language", ["zh", "en"])


@screens
@languages
@pytest.mark.parametrize(("login", "doctype", "name"), GRIDS)
def test_a_number_in_a_grid_stays_on_one_line(
    signed_in: SignIn, width: int, height: int, language: str, login: str, doctype: str, name: str
) -> None:
    page = signed_in(login, width=width, height=height, language=language).opens(doctype, name).page

    heights = page.locator("td.cell-number > span").evaluate_all(
        "(all) => all.filter((cell) => cell.textContent).map((cell) => cell.offsetHeight)"
    )
    assert all(each < 40 for each in heights)
    cut = page.locator("td.cell-number > input").evaluate_all(
        "(all) => all.filter((box) => box.scrollWidth > box.clientWidth + 1).length"
    )
    assert cut == 0


@screens
@pytest.mark.parametrize(("login", "doctype", "name"), GRIDS)
def test_what_stands_beside_a_form_never_covers_its_grids(
    signed_in: SignIn, width: int, height: int, login: str, doctype: str, name: str
) -> None:
    page = signed_in(login, width=width, height=height).opens(doctype, name).page
    side = page.locator(".record-side").bounding_box()
    assert side is not None

    for grid in page.locator(".grid-scroll:visible").all():
        box = grid.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= side["x"]


def test_a_large_amount_is_whole(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang", width=1280).opens("Service Quotation", "QT-2026-00002")
    lines = wangfang.grid("报价明细")

    lines.types(1, 报价单价="12345678.9")

    box = lines.cell(1, "报价单价").locator("input")
    assert box.input_value() == "12,345,678.90"
    assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth + 1")
    assert lines.cell(1, "报价金额").locator("span").evaluate("(cell) => cell.offsetHeight") < 40
    assert wangfang.runs_out == []


@screens
@languages
@pytest.mark.parametrize("doctype", LISTS)
def test_every_column_of_a_list_is_in_sight(signed_in: SignIn, width: int, height: int, language: str, doctype: str) -> None:
    desk = signed_in("wangfang", width=width, height=height, language=language).lists(doctype)

    box = desk.page.locator(".table-scroll")
    assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    assert desk.runs_out == []


@languages
def test_the_state_stays_in_sight_where_a_list_scrolls(signed_in: SignIn, language: str) -> None:
    desk = signed_in("wangfang", width=920, height=700, language=language).lists("Service Ticket")
    box = desk.page.locator(".table-scroll")
    assert box.evaluate("(box) => box.scrollWidth > box.clientWidth")

    beyond = box.evaluate(
        """(box) => {
            const right = box.getBoundingClientRect().right;
            return [...box.querySelectorAll(".cell-state .pill")].filter((pill) => pill.getBoundingClientRect().right > right).length;
        }"""
    )
    assert beyond == 0


def test_a_shortened_text_is_whole_in_its_title(signed_in: SignIn) -> None:
    cell = signed_in("wangfang", width=1280).lists("Service Ticket").page.locator("td[data-label='客户']").first

    assert cell.get_attribute("title") == cell.inner_text()
