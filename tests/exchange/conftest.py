"""Sites on SQLite for tests that ask nothing of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.core.clock import SettableClock
from server.site import Site, open_site


@pytest.fixture
def make_site(tmp_path: Path, clock: SettableClock) -> Iterator[Callable[[], Site]]:
    """Makes empty sites, closed after the test."""
    made: list[Site] = []

    def make() -> Site:
        folder = tmp_path / f"site{len(made)}"
        made.append(open_site(folder, clock=clock, environ={}, embedded_worker=False))
        return made[-1]

    yield make
    for site in made:
        site.close()


@pytest.fixture
def site(make_site: Callable[[], Site]) -> Site:
    return make_site()
