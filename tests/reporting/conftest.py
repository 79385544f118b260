from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from deliveries import ADMIN, CLOCK, DOCTYPES, fill
from needs import DATABASES, own_database

from server.access.user import User
from server.documents.reports import defaults
from server.exchange.packs import Source
from server.reporting.answer import Answer
from server.reporting.model import read_report
from server.site import Site, open_site

Asks = Callable[..., Answer]


@pytest.fixture(scope="module", params=DATABASES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Filled once; reports only read."""
    folder = tmp_path_factory.mktemp("reports")
    with own_database(request.param, folder) as url:
        opened = open_site(folder, clock=CLOCK, environ={}, database_url=url, embedded_worker=False)
        sources = [Source("DocType", str(piece["name"]), dict(piece)) for piece in DOCTYPES]
        opened.publisher.publish(opened.publisher.propose(sources), "tests")
        fill(opened)
        yield opened
        opened.close()


@pytest.fixture
def asks(site: Site) -> Asks:
    """Run a report, written as JSON, for somebody."""

    def ask(raw: dict[str, Any], user: User = ADMIN, **filters: str) -> Answer:
        report = read_report(raw)
        return site.reports.answer(user, report, {**defaults(report), **filters})

    return ask
