"""`guiju calendar ...`: the public holidays of a year."""

from __future__ import annotations

import shutil
from pathlib import Path

from console_session import run


def test_a_year_is_seeded_and_one_without_a_notice_says_so(made_site: Path, tmp_path: Path) -> None:
    site = str(tmp_path / "site")
    shutil.copytree(made_site, site)
    assert "* Standard" in run("--site", site, "calendar", "list")[1]
    code, output = run("--site", site, "calendar", "seed", "2024")
    assert (code, "not announced" in output) == (0, False), output
    code, output = run("--site", site, "calendar", "seed", "2027")
    assert (code, "not announced" in output) == (0, True), output
    code, output = run("--site", site, "calendar", "seed", "2027", "--calendar", "Nights")
    assert code != 0
    assert "Nights" in output
