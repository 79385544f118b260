"""The worker's tests use the databases of the storage tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from local_servers import Mailbox, MailServer, WebServer
from needs import DATABASES, own_database

from server.core.clock import SettableClock
from server.storage.database import Database
from server.storage.installation import create_system_tables


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without DocTypes."""
    with own_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty site: system tables, no DocTypes."""
    opened = Database(database_url)
    create_system_tables(opened)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(datetime(2026, 3, 31, 6, 30, tzinfo=UTC))


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server on this machine, without encryption unless a test gives it some."""
    box = Mailbox()
    server = MailServer(box)
    yield box
    server.close()


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server on this machine that notes what it is asked."""
    server = WebServer()
    yield server
    server.close()
