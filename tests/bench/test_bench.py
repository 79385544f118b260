"""`python -m bench`: every promised work is measured beside its floor. How fast it is, no test asserts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from needs import require_chromium

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^(?P<work>.+?)\s{2,}(?P<floor>.+?)\s{2,}\S+ (?:us|ms|s)\s+\S+ (?:us|ms|s)\s+(?P<ratio>[\d.]+)x\s+<= ")


@pytest.mark.slow
def test_every_work_is_printed_with_its_floor_and_the_ratio() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "--quick"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stderr
    rows = [row for line in ran.stdout.splitlines() if (row := ROW.match(line))]
    works = " | ".join(row["work"] for row in rows)
    for work in (
        "save one record",
        "judge one record by 1000 rules",
        "REST create",
        "REST read",
        "REST list",
        "form page",
        "PDF",
        "report of 20,000 records",
        "obligations late, told and escalated",
    ):
        assert work in works
    assert all(float(row["ratio"]) > 0 for row in rows)
    require_chromium()
    for kind in ("list", "form"):
        for figure in ("answer to usable", "first visit", "next visit", "layout shift"):
            assert f"{kind} among 2,000 records: {figure}" in ran.stdout
