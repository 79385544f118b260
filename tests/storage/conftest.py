"""Storage tests run on SQLite, PostgreSQL and MariaDB alike; the models they use are read from DocType JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from needs import DATABASES, own_database, own_postgresql
from storage_support import make_model, migrate_to

from server.metadata.model import Model
from server.storage.database import Database
from server.storage.installation import create_system_tables


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL database without DocTypes."""
    with own_postgresql() as url:
        yield url


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
def site(database: Database) -> Callable[..., Model]:
    """Publish DocType JSON on the empty site."""
    return lambda *doctypes: migrate_to(database, make_model(*doctypes))
