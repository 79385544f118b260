"""A small tool crib on SQLite: what the desk's parts need without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk_tool_crib import CORE, LOAN, LOAN_PART, PASSWORD, SCRAPPING
from flask import Flask
from flask.testing import FlaskClient
from made_once import copy_of, site_made_once

from server.access.user import User
from server.app import create_app
from server.core.clock import SettableClock
from server.exchange.packs import Source
from server.site import Site, open_site

NINE = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    def equip(folder: Path, url: str) -> None:
        site = _open(folder, url)
        core = [source for source in site.read_packs().sources if source.kind == "DocType" and source.name in CORE]
        own = [Source("DocType", piece["name"], piece) for piece in (LOAN, LOAN_PART, SCRAPPING)]
        site.publisher.publish(site.publisher.propose([*core, *own]), "Administrator")
        site.documents.save(User.administrator(), "User", {"login": "li", "full_name": "李工", "enabled": 1})
        site.accounts.set_password("li", PASSWORD)
        site.close()

    folder = tmp_path_factory.mktemp("crib")
    with copy_of(site_made_once(tmp_path_factory, "tool-crib", "sqlite", equip), folder) as url:
        site = _open(folder, url)
        yield site
        site.close()


def _open(folder: Path, url: str) -> Site:
    return open_site(folder, clock=SettableClock(NINE), environ={}, database_url=url, embedded_worker=False)


@pytest.fixture
def li(site: Site) -> User:
    return site.user("li")


@pytest.fixture(scope="module")
def app(site: Site) -> Flask:
    return create_app(site)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """A browser without scripts that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def signed_in(site: Site, visitor: FlaskClient) -> FlaskClient:
    """The same, with Li Gong (李工) signed in."""
    token, _ = site.accounts.sign_in("li", PASSWORD, "127.0.0.1", "tests")
    visitor.set_cookie("sid", token)
    return visitor


@pytest.fixture
def lends(site: Site, li: User) -> Callable[..., str]:
    """Enter a loan; returns its number."""

    def enter(**values: object) -> str:
        return site.documents.save(li, "Tool Loan", {"tool": "外径千分尺", "qty": 1} | values).name

    return enter


@pytest.fixture
def scraps(site: Site, li: User) -> Callable[..., str]:
    """Submit a scrapping; returns its number."""

    def submit(**values: object) -> str:
        name = site.documents.save(li, "Tool Scrapping", {"tool": "断裂的铣刀"} | values).name
        site.documents.submit(li, "Tool Scrapping", name)
        return name

    return submit
