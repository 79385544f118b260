"""The console command as somebody at a shell uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from console_session import run


@pytest.fixture(scope="session")
def made_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site as `guiju init` makes it, with one administrator; copied for each test."""
    site = tmp_path_factory.mktemp("made") / "site"
    assert run("init", str(site))[0] == 0
    words = ("user", "add", "xu", "--name", "Xu Tao", "--role", "System Manager", "--password", "a-good-one")
    code, output = run("--site", str(site), *words)
    assert code == 0, output
    return site
