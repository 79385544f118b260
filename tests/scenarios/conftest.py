"""The company that the procedures are played in: its people, customers and devices, on each database.

`company` is one site per test file and database, `works` one per database for all files that share it: both are copies of one
prepared site, since publishing the built-in pack takes seconds. Every test begins at nine in the morning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from made_once import Made, copy_of, site_made_once
from needs import MAIN_DATABASES
from scenario_company import Company

from server.core.clock import SettableClock
from server.exchange.packs import read_packs
from server.site import Site, open_site

ROOT = Path(__file__).parent.parent.parent
NINE = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai
MASTERS = (
    "departments", "roles", "users", "department_leaders", "employees", "items", "price_lists", "customers", "installed_devices", "equipment",
    "suppliers", "destinations", "storage_zones", "delivery_settings",
    "qualifications", "trial_projects",
)  # fmt: skip
Prepared = Callable[[str], Made]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="  # a PNG of one pixel


@pytest.fixture(scope="session", params=MAIN_DATABASES)
def kind(request: pytest.FixtureRequest) -> str:
    """The database that the test's company is on."""
    return str(request.param)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The folder and the database of a company on a kind of database that nobody has worked in yet, to be copied."""

    def prepare(folder: Path, url: str) -> None:
        site = _open(folder, url, SettableClock(NINE))
        pack = read_packs([ROOT], with_demo=True)
        assert not pack.faults
        site.publisher.publish(site.publisher.propose(pack.sources), "Administrator")
        fixtures = [
            (file, _without_passwords(raw))
            for file, raw in pack.fixtures
            if file.removesuffix(".json").split("_", 1)[1] in MASTERS
        ]
        assert len(fixtures) == len(MASTERS)
        for _ in site.fixture_loader().load(fixtures):
            pass
        site.close()

    return lambda kind: site_made_once(tmp_path_factory, "company", kind, prepare)


@pytest.fixture(scope="module")
def opened(kind: str, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with _copied(prepared(kind), tmp_path_factory.mktemp("company")) as company:
        yield company


@pytest.fixture(scope="session")
def shared(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Company]]:
    """One company for each kind of database. They stay open while tests on the one and on the other take turns."""
    with ExitStack() as open_companies:

        @cache
        def share(kind: str) -> Company:
            return open_companies.enter_context(_copied(prepared(kind), tmp_path_factory.mktemp("works")))

        yield share


@contextmanager
def _copied(prepared: Made, folder: Path) -> Iterator[Company]:
    """A site of its own with the built-in pack and its master records."""
    with copy_of(prepared, folder) as url:
        clock = SettableClock(NINE)
        site = _open(folder, url, clock)
        yield Company(site, clock)
        site.close()


def _open(folder: Path, url: str, clock: SettableClock) -> Site:
    return open_site(folder, clock=clock, environ={}, database_url=url, embedded_worker=False, matcher="both")


def _without_passwords(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Nobody logs in here, and hashing a password is slow on purpose."""
    records = [{key: value for key, value in record.items() if key != "_password"} for record in raw["records"]]
    return dict(raw) | {"records": records}


@pytest.fixture
def company(opened: Company) -> Company:
    opened.clock.set(NINE)
    return opened


@pytest.fixture
def works(kind: str, shared: Callable[[str], Company]) -> Company:
    company = shared(kind)
    company.clock.set(NINE)
    return company


@pytest.fixture
def signature() -> Callable[[str], dict[str, str]]:
    """Somebody signs on the screen."""
    return lambda name: {"image": f"data:image/png;base64,{PIXEL}", "name": name, "at": "2026-06-15T01:00:00Z"}
