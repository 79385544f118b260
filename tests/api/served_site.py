"""A site served by waitress on a free port, on each database; people sign in over HTTP or use their API keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from flask import Flask
from made_once import copy_of, site_made_once
from needs import MAIN_DATABASES
from rest_client import Client
from rest_company import PART, PASSWORD, PEOPLE, RULE, TICKET, WARNING
from served import served

from server import api, web
from server.core.clock import SettableClock
from server.exchange.packs import Source, read_packs
from server.site import Site, open_site

ROOT = Path(__file__).parent.parent.parent
NINE = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai


__all__ = ["anonymous", "app", "code", "li", "port", "quiet", "signed_in", "site", "zhao"]


@pytest.fixture(scope="session", autouse=True)
def quiet() -> Iterator[None]:
    """No request log between the dots."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), cache_logger_on_first_use=False)
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module", params=MAIN_DATABASES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The repair shop, with the built-in DocTypes of the module core."""

    def equip(folder: Path, url: str) -> None:
        site = _open(folder, url)
        core = [item for item in read_packs([ROOT]).sources if item.kind == "DocType" and item.raw.get("module") == "core"]
        own = [Source("DocType", f"{raw['name']}.json", raw) for raw in (PART, TICKET)]
        rules = [Source("Rule", f"{raw['name']}.json", raw) for raw in (RULE, WARNING)]
        site.publisher.publish(site.publisher.propose([*core, *own, *rules]), "Administrator")
        _add_people(site)
        site.close()

    folder = tmp_path_factory.mktemp("site")
    with copy_of(site_made_once(tmp_path_factory, "repair-shop", request.param, equip), folder) as url:
        site = _open(folder, url)
        yield site
        site.close()


def _open(folder: Path, url: str) -> Site:
    return open_site(
        folder, clock=SettableClock(NINE), environ={}, database_url=url, embedded_worker=False, max_body_bytes=2_000_000
    )


def _add_people(site: Site) -> None:
    administrator = site.user("Administrator")
    for role in sorted({role for _, roles in PEOPLE.values() for role in roles}):
        site.documents.save(administrator, "Role", {"role_name": role, "title": role})
    for login, (full_name, roles) in PEOPLE.items():
        rows = [{"role": role} for role in roles]
        site.documents.save(
            administrator, "User", {"login": login, "full_name": full_name, "enabled": 1, "language": "zh", "roles": rows}
        )
        site.accounts.set_password(login, PASSWORD)


@pytest.fixture(scope="module")
def app(site: Site) -> Flask:
    app = Flask("guiju", static_folder=None)
    web.init_app(app, site)
    api.init_app(app)

    @app.get("/page")
    @web.login_required
    def page() -> str:
        return "a page of the desk"

    @app.post("/page")
    @web.login_required
    def change() -> str:
        return "changed"

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("the secret inside")

    return app


@pytest.fixture(scope="module")
def port(app: Flask) -> Iterator[int]:
    with served(app, threads=4) as found:
        yield found


@pytest.fixture
def anonymous(port: int) -> Client:
    return Client(port)


@pytest.fixture
def signed_in(port: int) -> Callable[[str], Client]:
    """A client with a session of the user's own."""

    def sign_in(login: str) -> Client:
        client = Client(port)
        assert client.sign_in(login, PASSWORD).status == 200
        return client

    return sign_in


@pytest.fixture
def li(signed_in: Callable[[str], Client]) -> Client:
    """A repairer: sees and changes what they made themselves."""
    return signed_in("li")


@pytest.fixture
def zhao(signed_in: Callable[[str], Client]) -> Client:
    """The manager: sees everything, the margin included."""
    return signed_in("zhao")


@pytest.fixture
def code() -> Callable[[], str]:
    """Numbers for new tickets, each used once."""
    return lambda: f"RT-{uuid4().hex[:10]}"
