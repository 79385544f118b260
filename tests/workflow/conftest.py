"""An office with people in roles, on each database: every test brings a record type of its own with its workflow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from needs import MAIN_DATABASES, own_database
from workflow_shop import PEOPLE, Office

from server.access.user import User
from server.core.clock import SettableClock
from server.exchange.packs import read_packs
from server.site import open_site

CORE = Path(__file__).parent.parent.parent / "doctypes" / "core"
NINE = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Shanghai


@pytest.fixture(scope="module", params=MAIN_DATABASES)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("site")
    with own_database(request.param, folder) as url:
        clock = SettableClock(NINE)
        site = open_site(folder, clock=clock, environ={}, database_url=url, embedded_worker=False)
        site.publisher.publish(site.publisher.propose(read_packs([CORE]).sources), "tests")
        admin = User.administrator()
        for role in sorted({role for roles in PEOPLE.values() for role in roles}):
            site.documents.save(admin, "Role", {"role_name": role})
        for name, roles in PEOPLE.items():
            values = {"login": f"{name}@office", "full_name": name.title(), "roles": [{"role": role} for role in roles]}
            site.documents.save(admin, "User", values)
        yield Office(site, clock)
        site.close()


@pytest.fixture
def office(opened: Office) -> Office:
    opened.clock.set(NINE)
    return opened
