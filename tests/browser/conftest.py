"""The demo company on a real server and a real browser: every test gets people who are signed in.

One site per session, on SQLite, published and filled like `guiju demo`, served by waitress on a free port. A test fails on any
script error, refused resource or console error of its pages.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from browsers import Browsers, Lent
from desk_own_types import ROUND, ROUND_FLOW, TRIAL_CUT, TRIAL_CUT_PASS
from desk_people import Desk
from needs import missing, require_chromium
from playwright.sync_api import Browser, Error, expect, sync_playwright
from served import served

from server.app import create_app
from server.assets import missing_assets
from server.exchange.packs import Source
from server.site import Site, open_site

NINE = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai
PASSWORD = "guiju-demo"
PATIENCE_MS = 20_000  # a page that comes at all comes long before, unless the machine does much else
expect.set_options(timeout=PATIENCE_MS)
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

SignIn = Callable[..., Desk]


class MovingClock:
    """Starts at nine on a Monday and runs on like a clock on the wall, so that what comes later is later."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> datetime:
        return NINE + timedelta(seconds=time.monotonic() - self._began)


@pytest.fixture(scope="session", autouse=True)
def quiet() -> Iterator[None]:
    """No request log between the dots."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), cache_logger_on_first_use=False)
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo company as it stands at nine in the morning."""
    if lacking := missing_assets():
        missing(f"assets ({', '.join(lacking)}): run python assets/build.py;")
    folder: Path = tmp_path_factory.mktemp("demo")
    site = open_site(folder, clock=MovingClock(), environ={}, embedded_worker=False, company="规矩精密机械有限公司")
    own = [Source("DocType", piece["name"], piece) for piece in (TRIAL_CUT, TRIAL_CUT_PASS, ROUND)]
    own.append(Source("Workflow", ROUND_FLOW["name"], ROUND_FLOW))
    site.publisher.publish(site.publisher.propose([*site.read_packs().sources, *own]), "Administrator")
    for _ in site.fixture_loader().load(site.read_packs(with_demo=True).fixtures):
        pass
    site.worker.run_once()
    yield site
    site.close()


@pytest.fixture(scope="session")
def address(site: Site) -> Iterator[str]:
    with served(create_app(site), threads=6) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=require_chromium(), args=list(FLAGS))
        except Error as error:
            missing(f"a Chromium that starts ({error.message.splitlines()[0]})")
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browsers(chromium: Browser, address: str) -> Browsers:
    return Browsers(chromium, address, PATIENCE_MS)


@pytest.fixture
def signed_in(site: Site, address: str, browsers: Browsers) -> Iterator[SignIn]:
    """Open the desk as somebody: `signed_in("wangfang", width=390)`. Each call is a browser of its own."""
    opened: list[tuple[Lent, Desk]] = []

    def sign_in(
        login: str | None,
        *,
        width: int = 1440,
        height: int = 900,
        language: str = "zh",
        phone: bool = False,
        zone: str = "Asia/Shanghai",
        new: bool = False,
    ) -> Desk:
        lent = browsers.lend(width=width, height=height, language=language, phone=phone, zone=zone, new=new)
        cookies = [{"name": "language", "value": language, "url": address}]
        if login is not None:
            token, _ = site.accounts.sign_in(login, PASSWORD, "127.0.0.1", "tests")
            cookies.append({"name": "sid", "value": token, "url": address})
        lent.context.add_cookies(cookies)  # type: ignore[arg-type]
        desk = Desk(lent.context, login or "", lent.page)
        opened.append((lent, desk))
        return desk

    yield sign_in
    problems = [problem for _, desk in opened for problem in desk.problems]
    for lent, desk in opened:
        browsers.leave(lent)
        desk.lets_go()
        browsers.take_back(lent)
    assert problems == []


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[[str], Path]:
    """A photo on the disk of whoever uploads it."""
    from PIL import Image, ImageDraw

    def make(name: str) -> Path:
        image = Image.new("RGB", (1200, 900), "#cfd8e3")
        ImageDraw.Draw(image).rectangle((200, 200, 900, 700), fill="#5b6776")
        image.save(tmp_path / name)
        return tmp_path / name

    return make
