"""Importing a file of many rows against executemany of the same rows (records, versions, traces), both in processor time."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import insert

from server.access.user import User
from server.exchange.imports.work import PORTION
from server.site import Site
from server.storage.system import trace, version
from server.storage.tables import record_table

from .shop import CLERK, FIELDS, open_shop
from .timing import Row

ROWS_A_RUN = 50
SAMPLES = ("文字内容", 7, "5.50", "2026-03-31", "较长的说明文字,用于填写现场情况。")


def import_rows(runs: int) -> Iterator[Row]:
    """As many rows as fifty times the runs, of 23 filled fields each, under the five rules of the shop, from a CSV file."""
    number = runs * ROWS_A_RUN
    with open_shop(may_import=True) as site:
        clerk = _clerk(site)
        floor = _floor(site, number)
        before = _peak_megabytes()
        ours = _imported(site, number, clerk)
        grown = _peak_megabytes() - before
        yield Row(
            f"import {number:,} rows (23 fields, 5 rules; +{grown:.0f} MB)",
            "executemany, audit and trace too",
            floor,
            ours,
            "<= 5x",
        )


def _file(number: int) -> io.BytesIO:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["subject", "status", *(f"field_{n}" for n in range(FIELDS - 4))])
    for row in range(number):
        writer.writerow([f"主轴异响 {row}", "Open", *(SAMPLES[n % 5] for n in range(FIELDS - 4))])
    return io.BytesIO(text.getvalue().encode())


def _clerk(site: Site) -> User:
    """The clerk as a record: an import looks its user up when it begins."""
    administrator = User.administrator()
    site.documents.save(administrator, "Role", {"role_name": "Clerk", "__newname": "Clerk"})
    site.documents.save(
        administrator, "User", {"login": CLERK.name, "full_name": "Clerk", "enabled": 1, "roles": [{"role": "Clerk"}]}
    )
    return site.user(CLERK.name)


def _imported(site: Site, number: int, clerk: User) -> float:
    """From the upload to the last row, in processor time."""
    file = _file(number)
    start = time.process_time()
    name = site.imports.create(clerk, "Bench Ticket", file, "tickets.csv")
    site.imports.set_options(clerk, name, {"all_or_nothing": False})
    site.imports.start(clerk, name, "run")
    site.imports.run_next(name)
    taken = time.process_time() - start
    found = site.imports.get(clerk, name)
    assert found.tally["created"] == number, found
    return taken


def _floor(site: Site, number: int) -> float:
    """The same rows as bare statements, as many in a transaction as an import saves in one."""
    table = record_table(site.snapshot().model["Bench Ticket"])
    stored = site.documents.save(
        CLERK, "Bench Ticket", {"subject": "x", **{f"field_{n}": SAMPLES[n % 5] for n in range(FIELDS - 4)}}
    ).record
    head = {column.name: stored.get(column.name) for column in table.columns}
    with site.database.read() as connection:
        link = dict(connection.execute(version.select().limit(1)).mappings().one())
        told = dict(connection.execute(trace.select().limit(1)).mappings().one())
    link.pop("id")
    now, numbers = datetime.now(UTC), iter(range(number))
    start = time.process_time()
    while some := list(islice(numbers, PORTION)):
        with site.database.write() as connection:
            names = [f"F-{start}-{n}" for n in some]
            connection.execute(insert(table), [head | {"name": name} for name in names])
            connection.execute(insert(version), [link | {"doctype": "Bench Floor", "name": name, "at": now} for name in names])
            connection.execute(insert(trace), [told | {"id": name, "name": name} for name in names])
    return time.process_time() - start


def _peak_megabytes() -> float:
    """The most memory that this process has had; 0 where it cannot be told."""
    status = Path("/proc/self/status")
    line = next((one for one in status.read_text().splitlines() if one.startswith("VmHWM")), "") if status.exists() else ""
    return int(line.split()[1]) / 1024 if line else 0.0
