"""What takes seconds to make and is copied by many tests: made once in a run, by whichever of its processes needs it first."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from needs import database_of_the_run, own_copy

RUN = "GUIJU_TEST_RUN"  # in the environment: which of many runs this is; its processes inherit it
ADDRESS = "address-of-the-database"

Make = Callable[[Path], None]
Made = tuple[Path, str]  # the folder of a site and the address of its database


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


def site_made_once(folders: pytest.TempPathFactory, name: str, kind: str, make: Callable[[Path, str], None]) -> Made:
    """A site on a kind of database as `make` leaves it, given its folder and a database as a new site has it. It closes what it opens."""

    def make_with_database(folder: Path) -> None:
        url = database_of_the_run(kind, folder, os.environ[RUN])
        make(folder, url)
        (folder / ADDRESS).write_text(url)

    folder = made_once(folders, f"{name}-on-{kind}", make_with_database)
    return folder, (folder / ADDRESS).read_text()


@contextmanager
def copy_of(made: Made, folder: Path) -> Iterator[str]:
    """The address of the database of a site's copy in `folder`, for the length of the block."""
    shutil.copytree(made[0], folder, dirs_exist_ok=True)
    with own_copy(made[1], folder) as url:
        yield url
