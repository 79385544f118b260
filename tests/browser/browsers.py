"""Browsers for the people of the tests: one that nothing lasting was done to is emptied and lent again.

A page in a new browser costs three times that of one whose scripts are compiled: its process begins, reads its fonts and
compiles everything anew. What a test may leave behind (cookies, what sites keep, where the mouse stood, the size of the
window) is taken away; whatever cannot be taken away (a script for every page, a clock, a route, a permission) ends the browser.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

LASTING = (
    "add_init_script", "close", "emulate_media", "expose_binding", "expose_function", "grant_permissions", "new_cdp_session",
    "route", "set_extra_http_headers", "set_geolocation", "set_offline",
)  # fmt: skip
LASTING_OF_A_CLOCK = ("install", "set_fixed_time", "set_system_time")
MOST_SPARE = 3  # of a kind; more people than that are seldom at work at once


@dataclass(frozen=True, slots=True)
class Kind:
    """What cannot be changed about a browser later."""

    language: str
    phone: bool
    zone: str


@dataclass(slots=True)
class Lent:
    """A browser in somebody's hands, and whether it can be lent again."""

    kind: Kind
    context: BrowserContext
    page: Page
    wire: CDPSession
    is_spoiled: bool = field(default=False)


class Browsers:
    """Lends browsers and takes them back."""

    def __init__(self, chromium: Browser, address: str, patience_ms: int) -> None:
        self._chromium = chromium
        self._address = address
        self._patience_ms = patience_ms
        self._spare: dict[Kind, list[Lent]] = {}

    def lend(self, *, width: int, height: int, language: str, phone: bool, zone: str, new: bool) -> Lent:
        """One without anything of anybody; `new` for a test of what a browser does the first time."""
        kind = Kind(language, phone, zone)
        spare = self._spare.get(kind)
        lent = spare.pop() if spare and not new else self._made(kind, width, height)
        lent.page.set_viewport_size({"width": width, "height": height})
        return lent

    def take_back(self, lent: Lent) -> None:
        """Empty it for the next one. The page must have been left already, as its listeners hear what it says to that."""
        spare = self._spare.setdefault(lent.kind, [])
        if lent.is_spoiled or lent.context.pages != [lent.page] or len(spare) >= MOST_SPARE:
            lent.context.close()
            return
        lent.page.evaluate("sessionStorage.clear()")
        lent.wire.send("Storage.clearDataForOrigin", {"origin": self._address, "storageTypes": "all"})
        lent.context.clear_cookies()
        lent.page.mouse.move(-10, -10)
        spare.append(lent)

    def leave(self, lent: Lent) -> None:
        """Go to a page of the site that does nothing: from another site's, the next page would begin with a new process."""
        if not lent.is_spoiled and lent.context.pages == [lent.page]:
            lent.page.goto("/health")

    def _made(self, kind: Kind, width: int, height: int) -> Lent:
        context = self._chromium.new_context(
            base_url=self._address,
            viewport={"width": width, "height": height},
            locale="zh-CN" if kind.language == "zh" else "en-US",
            timezone_id=kind.zone,
            has_touch=kind.phone,
            is_mobile=kind.phone,
            service_workers="block",  # the day without network has its own telephones
        )
        context.set_default_timeout(self._patience_ms)
        page = context.new_page()
        lent = Lent(kind, context, page, context.new_cdp_session(page))
        for owner, names in ((context, LASTING), (page, LASTING), (context.clock, LASTING_OF_A_CLOCK)):
            for name in names:
                if hasattr(owner, name):
                    setattr(owner, name, _spoils(lent, getattr(owner, name)))
        return lent


def _spoils(lent: Lent, done: Callable[..., Any]) -> Callable[..., Any]:
    def spoil(*words: Any, **options: Any) -> Any:
        lent.is_spoiled = True
        return done(*words, **options)

    return spoil
