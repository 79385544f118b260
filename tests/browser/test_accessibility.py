"""Nobody is shut out: axe-core finds nothing serious on any kind of page, letters may be twice as large, fingers find their targets.

Both languages and both appearances are looked at, each page once in Chinese by day and once in English in the dark.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desk_people import Desk
from needs import missing
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
GRAVE = ("serious", "critical")
TICKET, ORDER = "/form/Service%20Ticket/ST-2026-00005", "/form/Service%20Order/new"
DESK = {
    "hezhong": (
        "/", "/inbox", "/inbox?tab=done", "/owed/calendar", "/owed/statistics", "/notifications", "/search?q=东岭", "/reports",
        "/report/service-risks", "/reports/build?from=service-objectives", "/dashboards", "/dashboard/DASH-0001?all=1",
        "/list/Shipment%20Note", "/list/Customer",
    ),
    "wangfang": (
        TICKET, "/form/Service%20Ticket/new", "/list/Service%20Ticket", "/versions/Service%20Ticket/ST-2026-00005",
        "/why/Service%20Ticket/ST-2026-00005", "/share/Service%20Ticket/ST-2026-00005", "/account/notifications", "/account/password",
        "/account/second-factor", "/form/Customer/x", "/list/Service%20Ticket?as=board", "/list/Service%20Ticket?as=calendar",
        "/list/Service%20Ticket?as=gallery", "/data-import",
    ),
    "liqiang": ("/mine", ORDER),
    "xutao": ("/clauses", "/tree/Department", "/form/User/liqiang"),
    None: ("/login", "/offline"),
}  # fmt: skip
ADMINISTRATION = (
    "", "doctypes/", "rules/", "rules/edit?name=quotation-below-list-price", "rule-sets/", "workflows/",
    "workflows/edit?name=Document%20Change%20Approval", "reports/", "formats/", "formats/design?name=Service%20Order", "simulations/", "analysis/", "customisations/", "packs/",
    "translations/", "passwords/", "rights/", "keys/", "calendars/", "series/", "outbox/", "messages/", "incidents/", "audit/",
    "signatures/", "plans/", "builder/?name=Service%20Order", "doc/User/", "doc/User/new/",
)  # fmt: skip


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        missing("axe-playwright-python")
    return (Path(str(found.origin)).parent / "axe.min.js").read_text("utf-8")  # type: ignore[union-attr]


# Rows whose elements, attributes and filled places are those of four others (of one stripe and the next) look and read like them:
# the contrast of each of six hundred rules took most of the time and told nothing.
MARK_ROWS_LIKE_OTHERS = """() => {
    const seen = new Map();
    const filled = (one) => one.tagName + one.className + one.getAttributeNames() + one.getAttribute("style") + Boolean(one.textContent.trim());
    for (const row of document.querySelectorAll("tbody > tr, li")) {
        const shape = [row, ...row.querySelectorAll("*")].map(filled).join();
        seen.set(shape, (seen.get(shape) || 0) + 1);
        if (seen.get(shape) > 4) row.dataset.likeOthers = "";
    }
}"""
FIND = """(runOnly) => axe.run({ exclude: [["[data-like-others]"]] }, { resultTypes: ["violations"], preload: false, ...(runOnly && { runOnly }) })
    .then((all) => all.violations)"""


def grave(page: Page, axe: str, *, only: str | None = None) -> list[str]:
    """What axe finds that keeps people out, each with the places; by one of its rules or by all."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(axe)
    page.evaluate(MARK_ROWS_LIKE_OTHERS)
    found: list[dict[str, Any]] = page.evaluate(FIND, only)
    return [
        f"{item['id']}: {' | '.join(str(node['target'][-1]) + ' ' + node['html'][:120] for node in item['nodes'][:4])}"
        for item in found
        if item["impact"] in GRAVE
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("language", "appearance"), [("zh", "light"), ("en", "dark")])
def test_no_page_of_the_desk_keeps_anybody_out(signed_in: SignIn, axe: str, language: str, appearance: str) -> None:
    found = {}
    for login, paths in DESK.items():
        person = signed_in(login, language=language)
        person.page.emulate_media(color_scheme=appearance, reduced_motion="reduce")  # type: ignore[arg-type]
        for path in paths:
            found[path] = grave(person.goes(path).page, axe)

    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.slow
def test_no_page_of_the_administration_keeps_anybody_out(signed_in: SignIn, axe: str) -> None:
    """Every page light, and its colours in the dark; every other one in English: what shuts people out there is seldom a word."""
    found = {}
    readers = [signed_in("xutao", language=language) for language in ("zh", "en")]
    for number, path in enumerate(ADMINISTRATION):
        xutao = readers[number % 2]
        answer = xutao.page.goto(f"/admin/{path}")
        assert (path, answer.status if answer else 0) == (path, 200)
        for appearance, only in (("light", None), ("dark", "color-contrast")):
            xutao.page.emulate_media(color_scheme=appearance, reduced_motion="reduce")  # type: ignore[arg-type]
            found[f"{path} {appearance}"] = grave(xutao.page, axe, only=only)

    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_what_opens_on_a_page_keeps_nobody_out(signed_in: SignIn, axe: str, appearance: str) -> None:
    liqiang = signed_in("liqiang", width=390, height=800, phone=True).opens("Service Order")
    liqiang.page.emulate_media(color_scheme=appearance, reduced_motion="reduce")  # type: ignore[arg-type]
    found = {}
    liqiang.is_refused("保存")
    found["faults"] = grave(liqiang.page, axe)
    liqiang.turns_to("资料与照片")
    liqiang.grid("现场照片").adds()
    liqiang.grid("现场照片").rows.first.get_by_role("button", name="编辑此行").tap()
    expect(liqiang.page.locator("dialog.row-dialog")).to_be_visible()
    found["row"] = grave(liqiang.page, axe)
    liqiang.page.locator("dialog.row-dialog").get_by_role("button", name="完成").tap()
    liqiang.turns_to("客户签字")
    liqiang.box("客户签字").locator("[data-sign]").tap()
    expect(liqiang.page.locator("dialog.sign-dialog")).to_be_visible()
    found["signature"] = grave(liqiang.page, axe)
    liqiang.page.locator("dialog.sign-dialog [data-close]").tap()
    liqiang.page.get_by_label("我的账号").tap()
    found["menu"] = grave(liqiang.page, axe)

    assert {place: faults for place, faults in found.items() if faults} == {}


def test_letters_twice_as_large_fit_the_page(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang", width=1280, height=900)

    wide = {}
    for path in ("/", "/inbox", "/list/Service%20Ticket", TICKET, "/account/notifications"):
        wangfang.goes(path).page.evaluate("document.documentElement.style.fontSize = '175%'")  # twice 87.5 %
        wide[path] = wangfang.runs_out

    assert {path: out for path, out in wide.items() if out} == {}


def test_fingers_find_their_targets(signed_in: SignIn) -> None:
    """At least 44 pixels high: everything that is pressed on the pages of a technician's day."""
    liqiang = signed_in("liqiang", width=390, height=800, phone=True)

    small = {}
    for path in ("/", "/mine", "/list/Service%20Ticket", ORDER):
        small[path] = liqiang.goes(path).page.evaluate(
            """() => [...document.querySelectorAll("button, summary, .button, .tool-link, .chips a, .tile li a:not(.clause), main input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), main select")]
                .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden, [aria-hidden=true]") && one.getBoundingClientRect().height < 43.5)
                .map((one) => `${one.className || one.tagName} ${one.textContent.trim().slice(0, 20)} ${Math.round(one.getBoundingClientRect().height)}`)"""
        )

    assert {path: found for path, found in small.items() if found} == {}


def test_the_keyboard_alone_finds_the_way(signed_in: SignIn) -> None:
    """Past the menu to the content, into the menu of the account, and out of it."""
    wangfang = signed_in("wangfang")
    keyboard = wangfang.goes("/").page.keyboard

    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(wangfang.page.locator("#content")).to_be_focused()
    wangfang.page.get_by_label("我的账号").focus()
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(wangfang.page.locator(".bar .menu-list a").first).to_be_focused()
    keyboard.press("Escape")
    expect(wangfang.page.locator(".bar .menu-list")).not_to_be_visible()
    expect(wangfang.page.get_by_label("我的账号")).to_be_focused()
