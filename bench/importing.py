"""Importing a file of many rows against executemany of the same rows (records, versions, traces), both in processor time."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, repeat
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy import insert

from server.access.user import User
from server.exchange.imports.work import PORTION
from server.exchange.table_workbook import heads_of, write_table
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

        yield _exported(site, number, clerk)


def _exported(site: Site, number: int, clerk: User) -> Row:
    """The same records as an Excel file, against the same file from constants."""
    with TemporaryFile() as first, TemporaryFile() as second:
        start = time.process_time()
        fields, rows = site.queries.export(
            clerk, "Bench Ticket", filters=[("owner", "=", clerk.name), ("subject", "like", "主轴异响%")]
        )
        before = _peak_megabytes()
        written = write_table(first, "Bench", heads_of(fields), islice(rows, number), "zh", site.zone)
        ours = time.process_time() - start
        grown = _peak_megabytes() - before
        assert written == number, written
        _, rows = site.queries.export(clerk, "Bench Ticket")
        constant = next(iter(rows))
        start = time.process_time()
        write_table(second, "Bench", heads_of(fields), repeat(constant, number), "zh", site.zone)
        floor = time.process_time() - start
    return Row(
        f"export {number:,} rows to Excel (24 columns; +{grown:.0f} MB)", "the same file from constants", floor, ours, "<= 3x"
    )


def _write_file(path: Path, number: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["subject", "status", *(f"field_{n}" for n in range(FIELDS - 4))])
        for row in range(number):
            writer.writerow([f"主轴异响 {row}", "Open", *(SAMPLES[n % 5] for n in range(FIELDS - 4))])


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
    path = site.settings.site_dir / "tickets.csv"
    _write_file(path, number)
    start = time.process_time()
    with path.open("rb") as file:
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
