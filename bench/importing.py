"""Importing a file of many rows against executemany of the same rows (records, versions, traces), both in processor time."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
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

from .shop import CLERK, FIELDS, PLACE, open_shop
from .timing import Row

ROWS_A_RUN = 50
PLACES = 40  # how many records the links of a file lead to
Cells = Callable[[int], dict[str, str | int]]  # the cells of a row by its number
SAMPLES = ("文字内容", 7, "5.50", "2026-03-31", "较长的说明文字,用于填写现场情况。")


def import_rows(runs: int) -> Iterator[Row]:
    """As many rows as fifty times the runs, of 23 filled fields each, under the five rules of the shop, from a CSV file: one that says the
    same again and again, one of which no two cells of a column are alike, and one with two links in each row."""
    number = runs * ROWS_A_RUN
    with open_shop(may_import=True) as site:
        clerk = _clerk(site)
        yield _import(site, number, clerk, "23 fields, 5 rules", _repeating)
        yield _import(site, number, clerk, "23 fields, all different, 5 rules", _varied)
        yield _exported(site, number, clerk)
    with open_shop(may_import=True, has_links=True) as site:
        yield _import(site, number, _clerk(site), "23 fields and 2 links, 5 rules", _linked)


def _import(site: Site, number: int, clerk: User, kind: str, row: Cells) -> Row:
    floor = _floor(site, number, row)
    before = _peak_megabytes()
    ours = _imported(site, number, clerk, row)
    grown = _peak_megabytes() - before
    return Row(f"import {number:,} rows ({kind}; +{grown:.0f} MB)", "executemany, audit and trace too", floor, ours, "<= 5x")


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


def _repeating(number: int) -> dict[str, str | int]:
    cells = {f"field_{n}": SAMPLES[n % 5] for n in range(FIELDS - 4)}
    return {"subject": f"主轴异响 {number}", "status": "Open", **cells}


def _varied(number: int) -> dict[str, str | int]:
    day = date(2020, 1, 1)
    samples = (
        lambda n: f"文字内容 {n}", lambda n: n, lambda n: f"{n % 90_000}.{n % 89 + 10}",
        lambda n: (day + timedelta(n % 3_000)).isoformat(), lambda n: f"第 {n} 台:较长的说明文字,用于填写现场情况。",
    )  # fmt: skip
    cells = {f"field_{n}": samples[n % 5](number * 7 + n) for n in range(FIELDS - 4)}
    return {"subject": f"主轴异响 {number}", "status": "Open", **cells}


def _linked(number: int) -> dict[str, str | int]:
    return _repeating(number) | {"place": f"P-{number % PLACES}", "second_place": f"P-{number * 7 % PLACES}"}


def _write_file(path: Path, number: int, row: Cells) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row(0)))
        writer.writeheader()
        writer.writerows(map(row, range(number)))


def _clerk(site: Site) -> User:
    """The clerk as a record: an import looks its user up when it begins."""
    administrator = User.administrator()
    site.documents.save(administrator, "Role", {"role_name": "Clerk", "__newname": "Clerk"})
    for n in range(PLACES):
        site.documents.save(CLERK, PLACE["name"], {"__newname": f"P-{n}", "town": f"宁波 {n}"})
    site.documents.save(
        administrator, "User", {"login": CLERK.name, "full_name": "Clerk", "enabled": 1, "roles": [{"role": "Clerk"}]}
    )
    return site.user(CLERK.name)


def _imported(site: Site, number: int, clerk: User, row: Cells = _repeating) -> float:
    """From the upload to the last row, in processor time."""
    path = site.settings.site_dir / "tickets.csv"
    _write_file(path, number, row)
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


def _floor(site: Site, number: int, row: Cells = _repeating) -> float:
    """The same rows as bare statements, as many in a transaction as an import saves in one."""
    table = record_table(site.snapshot().model["Bench Ticket"])
    stored = site.documents.save(CLERK, "Bench Ticket", row(number)).record
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
