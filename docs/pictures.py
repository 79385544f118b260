"""Makes the pictures in `docs/images`: the demo company in a headless Chromium, and its prints as pages.

Run it after a change of how things look: `.venv/bin/python docs/pictures.py` (needs Chromium, pdftoppm and the test packages); with
`guide` it renews those of the administrator's guide only, by doing the steps that its test does.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from waitress.server import create_server

from server.app import create_app
from server.site import Site, open_site

sys.path.append(str(Path(__file__).parent.parent / "tests/browser"))
import administrators_guide as guide

IMAGES = Path(__file__).parent / "images"
PASSWORD = "guiju-demo"
WIDTH = 1280
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@contextmanager
def demo() -> Iterator[tuple[Site, str]]:
    with TemporaryDirectory() as folder:
        site = open_site(Path(folder), environ={}, embedded_worker=False, company="规矩精密机械有限公司")
        site.publisher.publish(site.publisher.propose(site.read_packs().sources), "Administrator")
        for _ in site.fixture_loader().load(site.read_packs(with_demo=True).fixtures):
            pass
        site.worker.run_once()
        server = create_server(create_app(site), host="127.0.0.1", port=0, threads=4)
        threading.Thread(target=server.run, daemon=True).start()
        yield site, f"http://127.0.0.1:{server.effective_port}"
        site.close()


class Photographer:
    def __init__(self, site: Site, address: str, browser: Browser) -> None:
        self.site, self.address, self.browser = site, address, browser

    def page(self, login: str, path: str, *, width: int = WIDTH, height: int = 800, language: str = "zh") -> Page:
        token, _ = self.site.accounts.sign_in(login, PASSWORD, "127.0.0.1", "pictures")
        context = self.browser.new_context(
            base_url=self.address, viewport={"width": width, "height": height}, timezone_id="Asia/Shanghai"
        )
        context.add_cookies(
            [{"name": name, "value": value, "url": self.address} for name, value in (("sid", token), ("language", language))]
        )
        page = context.new_page()
        page.goto(path)
        page.wait_for_load_state("networkidle")
        return page

    def take(self, name: str, login: str, path: str, *, part: str | None = None, width: int = WIDTH, **more: object) -> None:
        page = self.page(login, path, width=width, **more)  # type: ignore[arg-type]
        shot = IMAGES / f"{name}.png"
        if part:
            page.locator(part).first.screenshot(path=shot)
        else:
            page.screenshot(path=shot)
        page.context.close()
        smaller(shot)


def smaller(path: Path) -> None:
    """A picture of a page needs few colours."""
    Image.open(path).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def first(site: Site, doctype: str, **filters: str) -> str:
    page = site.queries.list(
        site.user("zhangjianguo") if doctype != "Process Review Report" else site.user("zhoumin"),
        doctype,
        fields=["name"],
        filters=[(name, "=", value) for name, value in filters.items()],
        order_by="name asc",
        limit=1,
    )
    return str(page.rows[0]["name"])


def prints(site: Site) -> None:
    for name, login, doctype in (
        ("print-quotation", "wangfang", "Service Quotation"),
        ("print-service-order", "liqiang", "Service Order"),
        ("print-review-report", "zhoumin", "Process Review Report"),
        ("print-shipment-note", "fengbo", "Shipment Note"),
    ):
        record = first(site, doctype)
        formats = [item.name for item in site.printouts.formats(doctype)]
        pdf = site.printouts.pdf(site.user(login), doctype, record, format_name=formats[0], language="zh")
        target = IMAGES / f"{name}.png"
        subprocess.run(
            ["pdftoppm", "-png", "-r", "72", "-f", "1", "-singlefile", "-", str(target.with_suffix(""))], input=pdf, check=True
        )
        smaller(target)


def guided(camera: Photographer) -> None:
    """The pictures of the guide: an administrator does each example; what it publishes goes with the demo."""

    def take(name: str, part: Page | Locator) -> None:
        shot = IMAGES / f"{name}.png"
        part.screenshot(path=shot)
        smaller(shot)

    expect.set_options(timeout=60_000)
    for example in (guide.adds_a_holiday, guide.adds_a_fourth_signer, guide.makes_a_checklist, guide.changes_the_price_rule):
        page = camera.page("xutao", "/admin/", height=900)
        page.set_default_timeout(60_000)
        example(page, take)
        page.context.close()


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with demo() as (site, address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        camera = Photographer(site, address, browser)
        if sys.argv[1:] == ["guide"]:
            guided(camera)
            return
        quotation = f"/form/Service Quotation/{first(site, 'Service Quotation', docstatus='0')}"
        ticket = f"/form/Service Ticket/{first(site, 'Service Ticket')}"
        camera.take("home", "wangfang", "/")
        camera.take("list", "wangfang", "/list/Service Ticket")
        camera.take("form", "wangfang", quotation, height=900)
        camera.take("grid", "wangfang", quotation, part="[data-grid]")
        camera.take("inbox", "zhangjianguo", "/inbox")
        camera.take("why", "wangfang", quotation, part=".why")
        camera.take("english", "emma", "/list/Service Ticket", language="en")
        camera.take("phone", "liqiang", ticket, width=390, height=844)
        camera.take("admin", "xutao", "/admin/")
        camera.take("builder", "xutao", "/admin/builder/?name=Process Review Report", height=820)
        camera.take("rule-builder", "xutao", "/admin/rules/edit?name=quotation-below-list-price", height=900)
        guided(camera)
        browser.close()
        prints(site)
    print(*sorted(path.name for path in IMAGES.iterdir()), sep="\n", file=sys.stdout)


if __name__ == "__main__":
    main()
