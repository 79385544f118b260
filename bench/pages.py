"""What a person waits for in Chromium, over 100,000 records: from the answer until the page takes input, its weight, what jumps.

The browser's own clock and counters say it (Navigation Timing, Layout Instability, the bytes that came over the wire).
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable, Iterator
from typing import Any

from server.app import create_app

from .listing import fill
from .serving import PASSWORD, fixed, served, sign_up
from .shop import CLERK, open_shop, values
from .timing import Row

# Seconds from the last byte of the page until its modules have run and the form has said that it is ready.
USABLE = """async (mark) => {
  if (mark) while (!document.querySelector(mark)) await new Promise((done) => setTimeout(done, 1));
  const ready = performance.now();
  const [visit] = performance.getEntriesByType("navigation");
  return ((mark ? ready : visit.domContentLoadedEventEnd) - visit.responseEnd) / 1000;
}"""
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(sum)));
})"""
WEIGHTS = {"first visit": "< 250 kB", "next visit": "< 40 kB"}


def pages(runs: int) -> Iterator[Row]:
    """The list and a form where 100,000 records are (2,000 in a quick run); nothing where there is no Chromium."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return
    number = 2_000 if runs <= 5 else 100_000
    with open_shop() as site, sync_playwright() as playwright:
        try:
            program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        except Error:
            return
        sign_up(site)
        site.accounts.set_password("clerk", PASSWORD)
        fill(site, number)
        name = site.documents.save(CLERK, "Bench Ticket", values()).name
        app = create_app(site)
        token, _ = site.accounts.sign_in("clerk", PASSWORD, "127.0.0.1", "bench")
        for kind, path, mark in (
            ("list", "/list/Bench%20Ticket", ""),
            ("form", f"/form/Bench%20Ticket/{name}", "#record[data-ready]"),
        ):
            yield from _page(browser, app, token, f"{kind} among {number:,} records", path, mark, min(runs, 20))
        browser.close()


def _page(browser: Any, app: Any, token: str, what: str, path: str, mark: str, runs: int) -> Iterator[Row]:
    client = app.test_client()
    client.set_cookie("sid", token)
    page = client.get(path)
    if page.status_code != 200:
        raise RuntimeError(page.text[:300])
    plain = page.text.replace("<script", "<template").replace("</script", "</template").encode()
    with served(app) as ours, served(fixed(plain, "text/html")) as floor:
        tab = _tab(browser, token, ours.port)
        address = f"http://127.0.0.1:{ours.port}{path}"
        weights = [_weight(tab, address) for _ in WEIGHTS]
        shift = tab.evaluate(SHIFT)
        full = _usable(tab, address, mark, runs)
        bare = _usable(tab, f"http://127.0.0.1:{floor.port}/", "", runs)
        tab.context.close()
    yield Row(f"{what}: answer to usable", "the same HTML without scripts", bare, full, "< 300 ms")
    for (visit, goal), weight in zip(WEIGHTS.items(), weights, strict=True):
        yield Row(f"{what}: {visit}", "its HTML, not compressed", len(page.text.encode()) / 1024, weight, goal, "kB")
    yield Row(f"{what}: layout shift", "what browsers call still", 0.1, shift, "< 0.1", "")


def _tab(browser: Any, token: str, port: int) -> Any:
    context = browser.new_context(service_workers="block")  # it would fetch the rest of the desk beside the page
    context.add_cookies([{"name": "sid", "value": token, "url": f"http://127.0.0.1:{port}"}])
    return context.new_page()


def _usable(tab: Any, address: str, mark: str, runs: int) -> float:
    def visit() -> float:
        tab.goto(address, wait_until="domcontentloaded")
        return float(tab.evaluate(USABLE, mark))

    return statistics.median(_repeated(visit, runs))


def _weight(tab: Any, address: str) -> float:
    """Kilobytes over the wire until the page is still."""
    came: list[int] = []
    wire = tab.context.new_cdp_session(tab)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda event: came.append(event["encodedDataLength"]))
    tab.goto(address, wait_until="networkidle")
    wire.detach()
    return sum(came) / 1024


def _repeated(act: Callable[[], float], runs: int) -> list[float]:
    act()
    return [act() for _ in range(runs)]
