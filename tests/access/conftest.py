"""Accounts over the built-in DocTypes User and Has Role, on each database, under a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_once import copy_of, site_made_once
from needs import MAIN_DATABASES

from server.access.accounts import Accounts
from server.core.clock import SettableClock
from server.core.settings import Settings
from server.exchange.packs import read_packs
from server.metadata.load import read_doctype
from server.metadata.model import Model
from server.storage import migrate, records
from server.storage.database import Database

ROOT = Path(__file__).parent.parent.parent
START = datetime(2026, 3, 31, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai

AddUser = Callable[..., None]


@pytest.fixture(scope="session")
def core_model() -> Model:
    """The DocTypes of the module core, as they are shipped."""
    sources = read_packs([ROOT]).sources
    found = [read_doctype(item.raw) for item in sources if item.kind == "DocType" and item.raw.get("module") == "core"]
    return Model({item.name: item for item in found}, 1)


@pytest.fixture(params=MAIN_DATABASES)
def database(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, core_model: Model
) -> Iterator[Database]:
    """A site's database with the tables of the module core."""

    def make(_folder: Path, url: str) -> None:
        made = Database(url)
        with made.read() as connection:
            plan = migrate.propose(connection, core_model)
        migrate.apply(made, plan, by="tester")
        made.close()

    with copy_of(site_made_once(tmp_path_factory, "core", request.param, make), tmp_path) as url:
        opened = Database(url)
        yield opened
        opened.close()


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(START)


@pytest.fixture
def accounts(database: Database, clock: SettableClock, tmp_path: Path) -> Accounts:
    return Accounts(database, clock, Settings(site_dir=tmp_path, secret_key="a key for these tests"))


@pytest.fixture
def add_user(database: Database, core_model: Model, accounts: Accounts) -> AddUser:
    """Write a user's record, and their password when one is given."""

    def add(login: str, *roles: str, password: str | None = None, enabled: int = 1, language: str = "zh") -> None:
        record = {
            "name": login, "owner": "Administrator", "creation": START, "modified": START, "modified_by": "Administrator",
            "docstatus": 0, "version": 1, "login": login, "full_name": f"{login} 全名", "enabled": enabled, "language": language,
            "roles": [{"name": f"{login}-{index}", "idx": index, "role": role} for index, role in enumerate(roles, 1)],
        }  # fmt: skip
        with database.write() as connection:
            records.insert(connection, core_model, core_model["User"], record)
        if password is not None:
            accounts.set_password(login, password)

    return add


@pytest.fixture
def change_user(database: Database, core_model: Model) -> Callable[..., None]:
    """Change a user's record as the document service would."""

    def change(login: str, **values: object) -> None:
        with database.write() as connection:
            record = records.load(connection, core_model, core_model["User"], login)
            assert record is not None
            expected = record["version"]
            records.update(connection, core_model, core_model["User"], record | values | {"version": expected + 1}, expected)

    return change
