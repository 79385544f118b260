"""What all tests share: a clock that stands still, an empty site on each database, publishing; passwords, templates and
statements that cost little.

What they need of the machine is `needs`.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from made_once import RUN, made_once
from needs import DATABASES, MAIN_DATABASES, drop_databases_of, own_database, require_program
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect

from server.access import passwords
from server.assets import builtin_pack
from server.core.clock import SettableClock
from server.exchange.packs import Source, read_packs
from server.site import Site, open_site

settings.register_profile("guiju", deadline=None)  # no test says how long something may take
settings.load_profile("guiju")

MONDAY_NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai


def pytest_configure() -> None:
    os.environ.setdefault(RUN, uuid4().hex[:12])


@pytest.hookimpl(trylast=True)  # when the processes of the run have ended
def pytest_sessionfinish(session: pytest.Session) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        drop_databases_of(os.environ[RUN])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where processes share the work, long files first, so that no process is left alone with one at the end."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    seconds: Counter[Path] = Counter()
    for item in items:
        seconds[item.path] += 10 if item.get_closest_marker("slow") else 2 if item.get_closest_marker("browser") else 0.2
    items.sort(key=lambda item: -seconds[item.path])  # keeps the order within a file, and of files alike


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Checking a password costs a tenth of a second and both cores on purpose; tests make thousands."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(passwords, "_HASHER", cheap)
        patch.setattr(passwords, "_NOBODY", cheap.hash("nobody types this"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _garbage_collected_seldom() -> None:
    """Modules and collected tests stay to the end: searching them for garbage again and again took a tenth of all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class _CompiledOnce(BytecodeCache):
    """Templates as they were compiled for another application of this process: an application of its own for each test would
    compile them again, half a second for a page."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": _CompiledOnce()})
        yield


class _AcrossDatabases(dict[tuple[Any, ...], Any]):
    """Compiled statements by what SQLAlchemy finds them by, with the kind of database in place of the one database.

    The first part of such a key is the dialect object, of which every engine has one of its own.
    """

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(self._of_kind(key), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__(self._of_kind(key), compiled)

    def _of_kind(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        dialect, *rest = key
        assert isinstance(dialect, DefaultDialect), "SQLAlchemy finds compiled statements by something else now"
        return (type(dialect), dialect.server_version_info, *rest)


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """Statements as they were compiled for another database of the same kind: each test has a database of its own, and would compile
    them all again."""
    known = _AcrossDatabases()

    def with_what_is_known(connection: Connection) -> None:
        connection.execution_options(compiled_cache=known)

    event.listen(Engine, "engine_connect", with_what_is_known)
    yield
    event.remove(Engine, "engine_connect", with_what_is_known)


@pytest.fixture
def clock() -> SettableClock:
    """A clock that stands at nine on a Monday morning until a test moves it."""
    return SettableClock(MONDAY_NINE)


@pytest.fixture(params=MAIN_DATABASES)
def empty_site(request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock) -> Iterator[Site]:
    """A site without any metadata, on each database that most sites run on."""
    with _site(request.param, tmp_path, clock) as site:
        yield site


@pytest.fixture(params=DATABASES)
def any_site(request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock) -> Iterator[Site]:
    """A site without any metadata, on every database: for what each of them does in its own way."""
    with _site(request.param, tmp_path, clock) as site:
        yield site


@contextmanager
def _site(database: str, folder: Path, clock: SettableClock) -> Iterator[Site]:
    with own_database(database, folder) as url:
        site = open_site(folder, clock=clock, environ={}, database_url=url, embedded_worker=False)
        yield site
        site.close()


@pytest.fixture(scope="session")
def shipped_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site on SQLite with the built-in pack published, to be copied: publishing it takes seconds."""

    def ship(folder: Path) -> None:
        with own_database("sqlite", folder) as url:
            site = open_site(folder, clock=SettableClock(MONDAY_NINE), environ={}, database_url=url, embedded_worker=False)
            site.publisher.publish(site.publisher.propose(site.read_packs().sources), "tests")
            site.close()

    return made_once(tmp_path_factory, "shipped", ship)


@pytest.fixture
def shipped_site(shipped_folder: Path, tmp_path: Path, clock: SettableClock) -> Iterator[Site]:
    """A site of its own on SQLite with the built-in pack: for pages, whose services are tested on every database."""
    shutil.copytree(shipped_folder, tmp_path, dirs_exist_ok=True)
    with _site("sqlite", tmp_path, clock) as site:
        yield site


@pytest.fixture(scope="session")
def shipped_doctypes() -> Mapping[str, dict[str, object]]:
    """The DocTypes of the built-in pack by name: reading its files takes longer than most tests."""
    return {source.name: source.raw for source in read_packs([builtin_pack()]).sources if source.kind == "DocType"}


@pytest.fixture
def publish() -> Callable[..., int]:
    """Publish DocTypes, rules and print formats given as JSON objects."""

    def run(site: Site, *pieces: dict[str, object]) -> int:
        sources = [Source(_kind(piece), str(piece["name"]), dict(piece)) for piece in pieces]
        return site.publisher.publish(site.publisher.propose(sources), "tests")

    return run


def _kind(piece: dict[str, object]) -> str:
    if "transitions" in piece:
        return "Workflow"
    if piece.get("doctype") == "Report":
        return "Report"
    return "Rule" if "applies_to" in piece else "Print Format" if piece.get("doctype") == "Print Format" else "DocType"


@pytest.fixture
def pdf_text() -> Callable[[bytes], str]:
    """What a PDF says, without its spaces and line ends."""
    program = require_program("pdftotext")

    def read(pdf: bytes) -> str:
        found = subprocess.run([program, "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
        return "".join(found.stdout.decode().split())

    return read
