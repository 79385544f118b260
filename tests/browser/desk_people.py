"""Somebody at the desk: reads labels, types into what they name, presses buttons by what stands on them.

Fields are found through their visible labels, so a label that is not bound to its input fails the test.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Error, Locator, Page, expect

# Chromium reports every refused request as a console error; these are answers that people are told about in words.
TOLD = re.compile(r"the server responded with a status of (401|403|404|409|413|417|503)\b|net::ERR_INTERNET_DISCONNECTED")


class Desk:
    """One person's browser. `problems` collects what no page may have: script errors, refused resources, console errors."""

    def __init__(self, context: BrowserContext, login: str, page: Page | None = None) -> None:
        self.context = context
        self.login = login
        self.problems: list[str] = []
        self.page = self._heard(page) if page else self.new_page()

    def new_page(self) -> Page:
        return self._heard(self.context.new_page())

    def _heard(self, page: Page) -> Page:
        page.on("console", self._console)
        page.on("pageerror", self._error)
        page.on("dialog", self._leave)
        return page

    def lets_go(self) -> None:
        """The page is somebody else's from now on."""
        self.page.remove_listener("console", self._console)
        self.page.remove_listener("pageerror", self._error)
        self.page.remove_listener("dialog", self._leave)

    def _error(self, error: Error) -> None:
        self.problems.append(f"{self.page.url}: {error}")

    def _console(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        expected = TOLD.search(message.text) and "/static/" not in where and "/assets/" not in where
        if message.type == "error" and not expected:
            self.problems.append(f"{where}: {message.text}")

    def _leave(self, dialog: Dialog) -> None:
        """The browser asks before a page with unsaved work is left: leave it."""
        dialog.accept()

    # Going somewhere

    def goes(self, path: str) -> Desk:
        self.page.goto(path)
        return self

    def lists(self, doctype: str, query: str = "") -> Desk:
        return self.goes(f"/list/{quote(doctype)}{query}")

    def opens(self, doctype: str, name: str = "new") -> Desk:
        self.goes(f"/form/{quote(doctype)}/{quote(name, safe='')}")
        return self.is_ready()

    def is_ready(self) -> Desk:
        self.page.wait_for_selector("#record[data-ready]")
        return self

    def reopens(self) -> Desk:
        self.page.reload()
        return self.is_ready()

    def follows(self, way: Locator) -> Desk:
        """Click what leads to another page, and wait until that page has come: what is read afterwards is of the new one."""
        with self.page.expect_navigation():
            way.click()
        return self

    def turns_to(self, tab: str) -> None:
        self.page.get_by_role("tab", name=tab).click()

    @property
    def name(self) -> str:
        """The number of the record on the page."""
        return self.page.locator("[aria-current=page]").last.inner_text().strip()

    @property
    def state(self) -> Locator:
        return self.page.locator(".record-title .pill")

    @property
    def runs_out(self) -> list[str]:
        """What is wider than its place: the page than the screen, a card's content than the card."""
        return self.page.evaluate(
            """() => {
                const root = document.documentElement;
                const found = root.scrollWidth > window.screen.width || root.scrollWidth > window.innerWidth
                    ? [`page ${root.scrollWidth} > ${window.innerWidth}`] : [];
                for (const card of document.querySelectorAll(".card")) {
                    if (card.scrollWidth > card.clientWidth) found.push(`${card.id || card.className} ${card.scrollWidth} > ${card.clientWidth}`);
                }
                return found;
            }"""
        )

    def becomes(self, login: str) -> Desk:
        """Another person signs in, in the same browser."""
        self.context.clear_cookies(name="sid")
        self.goes("/login")
        self.page.get_by_label("登录名").fill(login)
        self.page.get_by_label("密码").fill("guiju-demo")
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_selector("h1:has-text('您好')")
        self.login = login
        return self

    # Fields

    def box(self, label: str) -> Locator:
        """The field with this visible label."""
        text = re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$")
        named = self.page.locator("label, span.label, .grid-title").filter(has_text=text)
        return self.page.locator("[data-field]:not(fieldset)").filter(has=named).filter(visible=True).last

    def field(self, label: str) -> Locator:
        """What the label is bound to."""
        text = re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$")
        bound = self.page.locator("label[for]").filter(has_text=text).filter(visible=True).first.get_attribute("for")
        return self.page.locator(f"#{bound}")

    def types(self, **values: str) -> None:
        for label, value in values.items():
            self.field(label).fill(value)
            self.field(label).blur()

    def chooses(self, label: str, choice: str) -> None:
        self.field(label).select_option(label=choice)

    def links(self, label: str, typed: str, title: str) -> None:
        """Search as one types, then press the title."""
        _link(self.page, self.field(label), typed, title)

    def reads(self, label: str) -> str:
        found = self.field(label)
        if found.evaluate("(element) => element.tagName") in ("INPUT", "TEXTAREA"):
            return found.input_value()
        return found.inner_text().strip()

    def shows(self, label: str, text: str) -> None:
        """The page comes to show the text there; a formula or a choice may still be on its way."""
        _shows(self.field(label), text)

    def grid(self, label: str) -> Grid:
        return Grid(self.page, self.box(label))

    # Doing

    def saves(self) -> Desk:
        return self._leaves("保存", "已保存")

    def submits(self) -> Desk:
        self.press("提交")
        self.agrees()
        expect(self.page.locator(".toast", has_text="已提交")).to_be_visible()
        return self.is_ready()

    def is_refused(self, button: str = "提交") -> list[str]:
        """Press the button and read what the page says against it."""
        self.page.locator("#errors").evaluate("(said) => said.replaceChildren()")  # what an earlier press brought
        self.press(button)
        if button in ("提交", "Submit"):
            self.agrees()
        expect(self.page.locator("#errors strong").first).to_be_visible()
        self.is_ready()
        expect(self.page.locator("#errors")).to_be_visible()
        return self.page.locator("#errors li").all_inner_texts()

    def signs_in_again(self) -> None:
        """In the dialog of a session that ended."""
        dialog = self.page.get_by_role("dialog", name="登录已过期")
        dialog.get_by_label("密码").fill("guiju-demo")
        dialog.get_by_role("button", name="登录").click()

    def press(self, button: str) -> None:
        self.page.locator(".toast").evaluate_all("(old) => old.forEach((line) => line.remove())")  # of an earlier press
        self.page.locator(".record-actions").get_by_role("button", name=button, exact=True).click()

    def agrees(self) -> None:
        self.page.locator("dialog[open] :is(.button.primary, .button.danger-solid)").click()

    def _leaves(self, button: str, said: str) -> Desk:
        self.press(button)
        expect(self.page.locator(".toast", has_text=said)).to_be_visible()
        return self.is_ready()

    def makes(self, choice: str) -> Desk:
        """Make a record from the one on the page."""
        self.page.locator(".record-actions summary", has_text="生成").click()
        self.page.locator(".record-actions .menu-list").get_by_role("link", name=choice, exact=True).click()
        self.page.wait_for_url(re.compile("/new"))
        return self.is_ready()

    def signs(self, label: str, name: str) -> None:
        """Draw on the pad with the mouse."""
        self.box(label).locator("[data-sign]").click()
        dialog = self.page.locator("dialog.sign-dialog")
        dialog.get_by_label("签名人姓名").fill(name)
        pad = dialog.locator("canvas").bounding_box()
        assert pad is not None
        mouse = self.page.mouse
        mouse.move(pad["x"] + 40, pad["y"] + 60)
        mouse.down()
        for step in range(1, 9):
            mouse.move(pad["x"] + 40 + step * 25, pad["y"] + 60 + (step % 3) * 30, steps=2)
        mouse.up()
        dialog.get_by_role("button", name="确认签名").click()

    def signs_with_a_finger(self, label: str, name: str) -> None:
        """Draw on the pad of a phone."""
        self.box(label).locator("[data-sign]").tap()
        dialog = self.page.locator("dialog.sign-dialog")
        dialog.get_by_label("签名人姓名").fill(name)
        pad = dialog.locator("canvas").bounding_box()
        assert pad is not None
        screen = self.context.new_cdp_session(self.page)
        for step in range(9):
            point = {"x": pad["x"] + 30 + step * 25, "y": pad["y"] + 60 + (step % 3) * 30}
            screen.send("Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": [point]})
        screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        dialog.get_by_role("button", name="确认签名").tap()

    def approves(self, name: str, comment: str = "") -> None:
        """Decide in the inbox, at the item of this record."""
        self._decides(name, "批准", "已批准", comment)

    def rejects(self, name: str, comment: str) -> None:
        self._decides(name, "驳回", "已驳回", comment)

    def _decides(self, name: str, button: str, said: str, comment: str) -> None:
        self.goes("/inbox")
        item = self.asked(name)
        item.get_by_label("审批意见").fill(comment)
        pressed = item.get_by_role("button", name=button)
        pressed.click()
        expect(self.page.locator("dialog[open]")).to_contain_text(name)
        self.agrees()
        expect(self.page.locator(".toast", has_text=said)).to_be_visible()

    def asked(self, name: str) -> Locator:
        return self.page.locator("li.owed", has=self.page.locator(f"a[href$='/{name}']"))

    def prints(self, choice: str) -> bytes:
        """The PDF behind an entry of the print menu."""
        self.page.locator(".record-actions summary", has_text="打印").click()
        link = self.page.locator(".record-actions .menu-list").get_by_role("link", name=choice)
        answer = self.context.request.get(str(link.get_attribute("href")))
        assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
        return answer.body()


class Grid:
    """A child table on the page; columns are named by their headings, rows count from 1."""

    def __init__(self, page: Page, box: Locator) -> None:
        self._page = page
        self.box = box

    @property
    def rows(self) -> Locator:
        return self.box.locator("tbody tr[data-index]")

    def adds(self) -> int:
        self.box.get_by_role("button", name="添加一行").click()
        return self.rows.count()

    def cell(self, row: int, column: str) -> Locator:
        return self.rows.nth(row - 1).locator(f"td[data-label='{column}']")

    def types(self, row: int, **values: str) -> None:
        for column, value in values.items():
            editor = self.cell(row, column).locator("input, textarea").first
            editor.fill(value)
            editor.blur()

    def chooses(self, row: int, column: str, choice: str) -> None:
        self.cell(row, column).locator("select").select_option(label=choice)

    def links(self, row: int, column: str, typed: str, title: str) -> None:
        _link(self._page, self.cell(row, column).locator("input"), typed, title)

    def uploads(self, row: int, column: str, path: Path) -> None:
        cell = self.cell(row, column)
        cell.locator("[data-file]").set_input_files(path)
        expect(cell.locator("[data-shown]")).to_be_visible()

    def reads(self, row: int, column: str) -> str:
        cell = self.cell(row, column)
        if cell.locator("input:not([type=file]), textarea").count():
            return cell.locator("input, textarea").first.input_value()
        return cell.inner_text().strip()

    def shows(self, row: int, column: str, text: str) -> None:
        """The cell comes to show the text; the dialog of the row may still be closing."""
        cell = self.cell(row, column)
        typed = cell.locator("input:not([type=file]), textarea")
        _shows(typed.first if typed.count() else cell, text)


def _shows(found: Locator, text: str) -> None:
    if found.evaluate("(element) => element.tagName") in ("INPUT", "TEXTAREA"):
        expect(found).to_have_value(text)
    else:
        expect(found).to_have_text(text)


def _link(page: Page, field: Locator, typed: str, title: str) -> None:
    field.click()
    field.fill("")
    field.press_sequentially(typed)
    choice = page.locator(".choices:visible [role=option]", has=page.get_by_text(title, exact=True)).first
    choice.click()
    expect(field).to_have_value(title)
