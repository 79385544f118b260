"""Many DocTypes and large ones: publishing, starting, and a form of 300 fields with 500 rows until one can type into it."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import create_engine, text

from server.app import create_app
from server.exchange.packs import Source
from server.site import Site, open_site

from .serving import PASSWORD, fixed, served, sign_up
from .shop import CLERK, open_shop, values
from .timing import Row, median_seconds

TYPES = ("Data", "Int", "Currency", "Date", "Small Text", "Select")
START = """
import sys
from pathlib import Path
from server.app import create_app
from server.site import open_site
site = open_site(Path(sys.argv[1]), environ={}, embedded_worker=False)
answer = create_app(site).test_client().get("/login")
assert answer.status_code == 200
assert len(list(site.snapshot().model)) >= int(sys.argv[2])
"""
# Milliseconds until the browser has painted: nothing changed, or a quantity typed and left.
NEXT_FRAME = "() => new Promise((done) => { const start = performance.now(); requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))); })"
TYPE_INTO_CELL = """() => new Promise((done) => {
  const drawn = document.querySelectorAll("#record .grid tbody td[data-where$='.qty'] input");  // the rows near the screen
  const input = drawn[Math.floor(drawn.length / 2)];
  const start = performance.now();
  input.value = String(1 + Math.floor(Math.random() * 90));
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
})"""


def many_doctypes(runs: int) -> Iterator[Row]:
    """300 DocTypes of 30 fields (30 in a quick run): published at once, then a process that starts and answers its first page."""
    number, few = (30, 1) if runs <= 5 else (300, 5)
    with TemporaryDirectory() as folder:
        site = open_site(Path(folder), environ={}, embedded_worker=False)
        pieces = [_doctype(index) for index in range(number)]
        floor = _tables_alone(Path(folder) / "floor.db", pieces)
        ours = _timed(lambda: _publish(site, pieces))
        yield Row(f"publish {number} DocTypes of 30 fields", "the same tables by bare SQL", floor, ours, "< 20 s")
        yield _one_more(site)
        site.close()
        imports = "import flask, flask_admin, sqlalchemy, wtforms, jinja2"
        floor = median_seconds(lambda: subprocess.run([sys.executable, "-c", imports], check=True), few)
        start = [sys.executable, "-c", START, folder, str(number)]
        yield Row(
            f"start with {number} DocTypes, to the first page", "Python importing the same libraries", floor,
            median_seconds(lambda: subprocess.run(start, check=True, capture_output=True), few), "< 3 s",
        )  # fmt: skip


def large_form(runs: int) -> Iterator[Row]:
    """A form of 300 fields and a child table of 500 rows: the page from the server, and in Chromium until it takes input."""
    with open_shop(fields=300) as site:
        sign_up(site)
        site.accounts.set_password("clerk", PASSWORD)
        name = site.documents.save(CLERK, "Bench Ticket", values(500)).name
        app = create_app(site)
        token, _ = site.accounts.sign_in("clerk", PASSWORD, "127.0.0.1", "bench")
        browser = app.test_client()
        browser.set_cookie("sid", token)
        page = browser.get(f"/form/Bench Ticket/{name}").text
        few = 1 if runs <= 5 else 10
        floor = median_seconds(lambda: app.jinja_env.from_string("{{ page }}").render(page=page), few)
        ours = median_seconds(lambda: browser.get(f"/form/Bench Ticket/{name}"), few)
        yield Row("form page (300 fields, 500 rows), whole request", "Jinja, the same HTML as one constant", floor, ours, "")
        yield from _in_chromium(app, token, name, page, few)


def _in_chromium(app: Any, token: str, name: str, page: str, runs: int) -> Iterator[Row]:
    """Navigation to input, beside the same HTML with its scripts taken out; nothing where there is no Chromium."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return
    plain = page.replace("<script", "<template").replace("</script", "</template").encode()
    with sync_playwright() as playwright, served(app) as ours, served(fixed(plain, "text/html")) as floor:
        try:
            program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        except Error:
            return
        context = browser.new_context()
        context.add_cookies([{"name": "sid", "value": token, "url": f"http://127.0.0.1:{ours.port}"}])
        tab = context.new_page()

        def until(address: str, mark: str) -> float:
            def visit() -> None:
                tab.goto(address, wait_until="commit")
                tab.wait_for_selector(mark, state="attached")

            return statistics.median(_timed(visit) for _ in range(runs))

        bare = until(f"http://127.0.0.1:{floor.port}/", "form#record .grid tbody tr:last-child")
        full = until(f"http://127.0.0.1:{ours.port}/form/Bench%20Ticket/{name}", "#record[data-ready]")
        tab.locator("#record .grid tbody tr").nth(250).scroll_into_view_if_needed()
        tab.wait_for_selector("#record .grid tbody td[data-where$='.qty'] input")
        typing = statistics.median(tab.evaluate(TYPE_INTO_CELL) / 1000 for _ in range(runs))
        still = statistics.median(tab.evaluate(NEXT_FRAME) / 1000 for _ in range(runs))
        browser.close()
    yield Row(
        "a number typed into one of the 500 rows, until the total shows", "one frame of the same page", still, typing, "< 0.1 s"
    )
    yield Row("the same in Chromium, until one can type", "the same HTML without scripts", bare, full, "< 1 s")


def _doctype(number: int) -> dict[str, Any]:
    fields = [
        {"fieldname": f"field_{n}", "fieldtype": TYPES[n % 6], **({"options": "A\nB"} if TYPES[n % 6] == "Select" else {})}
        for n in range(30)
    ]
    return {"name": f"Size {number}", "autoname": "hash", "fields": fields, "permissions": [{"role": "Clerk", "read": 1}]}


def _publish(site: Site, pieces: list[dict[str, Any]]) -> None:
    sources = [Source("DocType", str(piece["name"]), piece) for piece in pieces]
    site.publisher.publish(site.publisher.propose(sources), "bench")


def _one_more(site: Site) -> Row:
    """One changed field where many DocTypes are: what an administrator waits for in the browser."""
    piece = _doctype(0)
    piece["fields"].append({"fieldname": "added", "fieldtype": "Data"})
    alone = _timed(lambda: _publish_alone(piece))
    return Row(
        "publish one added field among them", "the same where it is alone", alone, _timed(lambda: _publish(site, [piece])), ""
    )


def _publish_alone(piece: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        site = open_site(Path(folder), environ={}, embedded_worker=False)
        _publish(site, [piece])
        site.close()


def _tables_alone(path: Path, pieces: list[dict[str, Any]]) -> float:
    """The tables and indexes of the pieces, made by statements that somebody else had worked out."""
    engine = create_engine(f"sqlite:///{path}")
    tables = [
        f'CREATE TABLE "t{number}" (name TEXT PRIMARY KEY, modified TEXT, '
        + ", ".join(f"{item['fieldname']} TEXT" for item in piece["fields"])
        + ")"
        for number, piece in enumerate(pieces)
    ]
    indexes = [f'CREATE INDEX "i{number}" ON "t{number}" (modified, name)' for number in range(len(pieces))]

    def make() -> None:
        with engine.begin() as connection:
            for statement in (*tables, *indexes):
                connection.execute(text(statement))

    return _timed(make)


def _timed(act: Any) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
