"""What a test may need of the machine: PostgreSQL, programs. Missing, it is skipped, or fails where nothing may be skipped.

GUIJU_REQUIRE_ALL=1 forbids skipping. PostgreSQL is the server of GUIJU_TEST_POSTGRESQL, else the one on the local socket.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

POSTGRESQL = os.environ.get("GUIJU_TEST_POSTGRESQL") or "postgresql+psycopg:///postgres"


def missing(what: str) -> None:
    """Skip the test, or fail it when nothing may be skipped."""
    if os.environ.get("GUIJU_REQUIRE_ALL"):
        pytest.fail(f"{what} is missing, and GUIJU_REQUIRE_ALL forbids skipping")
    pytest.skip(f"{what} is missing")


def require_program(name: str) -> str:
    """The path of a program of the machine."""
    path = shutil.which(name)
    if path is None:
        missing(name)
    return str(path)


@contextmanager
def own_postgresql() -> Iterator[str]:
    """The address of a PostgreSQL database that exists for the length of the block."""
    name = f"guiju_test_{uuid4().hex[:12]}"
    engine = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except SQLAlchemyError as error:
        missing(f"PostgreSQL ({error.__class__.__name__})")
    try:
        yield make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def emptied(url: str) -> str:
    """The same PostgreSQL database with nothing in it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    engine.dispose()
    return url
