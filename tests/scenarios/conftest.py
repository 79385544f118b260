"""The company that the procedures are played in: its people, customers and devices, on each database.

`company` is one site per test file and database, `works` one per database for all files that share it (opening one takes longer
than a file of tests). Both have the built-in pack; every test begins at nine in the morning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from needs import DATABASES, own_database
from scenario_company import Company

from server.core.clock import SettableClock
from server.exchange.packs import read_packs
from server.site import open_site

ROOT = Path(__file__).parent.parent.parent
NINE = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai
MASTERS = (
    "departments", "roles", "users", "employees", "items", "price_lists", "customers", "installed_devices", "equipment",
    "qualifications", "trial_projects",
)  # fmt: skip
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="  # a PNG of one pixel


@pytest.fixture(scope="module", params=DATABASES)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A site with the built-in pack and its master records."""
    with _company(request.param, tmp_path_factory.mktemp("site")) as company:
        yield company


@pytest.fixture(scope="session", params=("sqlite", "postgresql"))
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with _company(request.param, tmp_path_factory.mktemp("works")) as company:
        yield company


@contextmanager
def _company(database: str, folder: Path) -> Iterator[Company]:
    with own_database(database, folder) as url:
        clock = SettableClock(NINE)
        site = open_site(folder, clock=clock, environ={}, database_url=url, embedded_worker=False, matcher="both")
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
        yield Company(site, clock)
        site.close()


def _without_passwords(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Nobody logs in here, and hashing a password is slow on purpose."""
    records = [{key: value for key, value in record.items() if key != "_password"} for record in raw["records"]]
    return dict(raw) | {"records": records}


@pytest.fixture
def company(opened: Company) -> Company:
    opened.clock.set(NINE)
    return opened


@pytest.fixture
def works(shared: Company) -> Company:
    shared.clock.set(NINE)
    return shared


@pytest.fixture
def signature() -> Callable[[str], dict[str, str]]:
    """Somebody signs on the screen."""
    return lambda name: {"image": f"data:image/png;base64,{PIXEL}", "name": name, "at": "2026-06-15T01:00:00Z"}
