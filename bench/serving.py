"""REST and pages over HTTP, against Flask answering constants on the same server; prints against the bare engine."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import quote

from flask import Flask, Response
from waitress.server import create_server

from server.access.user import User
from server.app import create_app
from server.desk.form_page import TOLD_AT_ONCE
from server.site import Site

from .shop import CLERK, open_shop, values
from .timing import Row, processor_seconds

PASSWORD = "a-good-password"


@contextmanager
def served(app: Flask) -> Iterator[http.client.HTTPConnection]:
    server = create_server(app, host="127.0.0.1", port=0, threads=2)
    threading.Thread(target=server.run, daemon=True).start()  # ends with the process; closing under load only makes noise
    client = http.client.HTTPConnection("127.0.0.1", server.effective_port)
    try:
        yield client
    finally:
        client.close()


def fixed(body: bytes, mimetype: str) -> Flask:
    app = Flask("floor")
    app.add_url_rule("/", view_func=lambda: Response(body, mimetype=mimetype), methods=["GET", "POST"])
    return app


def _ask(
    client: http.client.HTTPConnection, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> bytes:
    sent = json.dumps(body).encode() if body is not None else None
    client.request(method, path, sent, {"Content-Type": "application/json", **(headers or {})})
    answer = client.getresponse()
    found = answer.read()
    if answer.status >= 400:
        raise RuntimeError(f"{method} {path}: {answer.status} {found[:300]!r}")
    return found


def sign_up(site: Site) -> dict[str, str]:
    """An API key of a user with the role."""
    administrator = User.administrator()
    site.documents.save(administrator, "Role", {"role_name": "Clerk", "title": "Clerk"})
    site.documents.save(
        administrator, "User", {"login": "clerk", "full_name": "Clerk", "enabled": 1, "roles": [{"role": "Clerk"}]}
    )
    key, secret = site.accounts.create_api_key("clerk")
    return {"Authorization": f"token {key}:{secret}"}


def rest(runs: int) -> Iterator[Row]:
    with open_shop() as site:
        key = sign_up(site)
        for _ in range(200):
            site.documents.save(CLERK, "Bench Ticket", values())
        resource = f"/api/resource/{quote('Bench Ticket')}"
        asked = {
            "REST create with 5 rows": ("POST", resource, values(), "<= 8x"),
            "REST read one": ("GET", f"{resource}/BT-0000001", None, "<= 3x"),
            "REST list of 20": ("GET", f"{resource}?limit=20&fields={quote(json.dumps(['name', 'subject', 'status', 'total', 'modified']))}", None, "<= 4x"),
        }  # fmt: skip
        with served(create_app(site)) as client:
            for work, (method, path, body, goal) in asked.items():
                sample = _ask(client, method, path, body, key)
                with served(fixed(sample, "application/json")) as other:
                    floor, ours = processor_seconds(
                        [partial(_ask, other, method, "/", body), partial(_ask, client, method, path, body, key)], runs
                    )
                yield Row(work, "Flask, fixed JSON, same server", floor, ours, goal)


def form_and_list(runs: int) -> Iterator[Row]:
    with open_shop(fields=40) as site:
        sign_up(site)
        site.accounts.set_password("clerk", PASSWORD)
        site.documents.save(CLERK, "Bench Ticket", values(50))
        app = create_app(site)
        browser = app.test_client()
        browser.post("/login", data={"login": "clerk", "password": PASSWORD})
        for _ in range(60):
            site.documents.save(CLERK, "Bench Ticket", values())
        constant = app.jinja_env.from_string("{% for part in parts %}{{ part }}{% endfor %}")
        asked = {
            "form page (40 fields, 50 rows), whole request": ("/form/Bench Ticket/BT-0000001", "<= 3x"),
            "list page (20 of 61 records), whole request": ("/list/Bench Ticket", ""),
        }
        for work, (path, goal) in asked.items():
            page = browser.get(path)
            if page.status_code != 200:
                raise RuntimeError(page.text[:300])
            parts = [page.text[start : start + 40] for start in range(0, len(page.text), 40)]
            floor, ours = processor_seconds([partial(constant.render, parts=parts), partial(browser.get, path)], runs)
            yield Row(work, "Jinja, the same HTML from constants", floor, ours, goal)
        often = 2 * TOLD_AT_ONCE if runs <= 5 else 50 * TOLD_AT_ONCE
        few, many = (_changed(site, times) for times in (TOLD_AT_ONCE, often))
        floor, ours = processor_seconds([partial(browser.get, f"/form/Bench Ticket/{name}") for name in (few, many)], runs)
        yield Row(
            f"form page of a record changed {often:,} times",
            f"of one changed {TOLD_AT_ONCE} times",
            floor,
            ours,
            "",
        )


def _changed(site: Site, times: int) -> str:
    """A record that was changed so often."""
    saved = site.documents.save(CLERK, "Bench Ticket", values())
    for number in range(times):
        change = {"subject": f"主轴异响 {number}"}
        saved = site.documents.save(CLERK, "Bench Ticket", change, name=saved.name, version=saved.record["version"])
    return saved.name
