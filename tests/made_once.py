"""What takes seconds to make and is copied by many tests: made once in a run, by whichever of its processes needs it first."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

Make = Callable[[Path], None]


def made_once(folders: pytest.TempPathFactory, name: str, make: Make) -> Path:
    """The folder of this name that `make` fills, the same for all processes of the run. Nobody may change it."""
    common = folders.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        common = common.parent
    made = common / name
    with (common / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            half_made = common / f"{name}.half"
            shutil.rmtree(half_made, ignore_errors=True)  # of an attempt that failed
            half_made.mkdir()
            make(half_made)
            half_made.rename(made)
    return made
