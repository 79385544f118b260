"""Lists over many records: a page by key wherever it stands, the count, groups with sums, a search; against the bare SQL of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from werkzeug.datastructures import MultiDict

from server.core.pinyin import initials, sort_key
from server.desk.list_page import ListPage
from server.site import Site
from server.storage import site_state
from server.storage.query import encode_cursor
from server.storage.readings import FILLED
from server.storage.system import initials as initials_table
from server.storage.system import sort_key as key_table
from server.storage.tables import record_table

from .shop import CLERK, open_shop
from .timing import Row, median_seconds

NEWEST = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)
SUBJECTS = ("主轴异响", "灭菌器无法升温", "冷却水流量报警", "年度精度检测", "门密封处漏气", "伺服驱动过热")
PORTION = 10_000


def list_many(runs: int) -> Iterator[Row]:
    """A list of 1,000,000 records (20,000 in a quick run)."""
    number = 20_000 if runs <= 5 else 1_000_000
    with open_shop() as site:
        fill(site, number)
        few = min(runs, 20)
        table = record_table(site.snapshot().model["Bench Ticket"]).name
        size = f"{number:,} records"
        deep = _cursor(site, number // 2)
        floors = {
            "page": f"SELECT name, subject, status, total, modified FROM {table} ORDER BY modified DESC, name DESC LIMIT 20",
            "count": f"SELECT count(*) FROM (SELECT name FROM {table} LIMIT 1001)",
            "group": f"SELECT status, count(*), sum(total) FROM {table} GROUP BY status",
            "sort": f"SELECT name, subject, status, total, modified FROM {table} ORDER BY name LIMIT 20",
            "search": f"SELECT name FROM {table} WHERE subject LIKE '%密封%' ORDER BY modified DESC, name DESC LIMIT 20",
        }
        works: tuple[tuple[str, str, dict[str, str], str], ...] = (
            ("first page", "page", {}, "rows"), ("a page in the middle, by key", "page", {"after": deep}, "rows"),
            ("count, capped", "count", {}, "count"), ("filtered page", "page", {"f": "status", "o": "=", "v": "Open"}, "rows"),
            ("groups with sums", "group", {"group": "status"}, "groups"), ("search for a word", "search", {"q": "密封"}, "rows"),
            ("search by initials", "search", {"q": "mmfclq"}, "rows"),
            ("sorted by Chinese titles", "sort", {"sort": "subject:asc"}, "rows"),
            ("a page in the middle of it", "sort", {"sort": "subject:asc", "after": _cursor(site, number // 2, "subject asc")}, "rows"),
        )  # fmt: skip
        for work, floor, query, part in works:
            goal = "<= 3x" if part == "groups" else "< 10 ms"
            yield Row(f"{work}, {size}", "the bare SQL", _bare(site, floors[floor], few), _ours(site, query, part, few), goal)


def _ours(site: Site, query: dict[str, str], part: str, runs: int) -> float:
    def ask() -> Any:
        page = ListPage(site, CLERK, "Bench Ticket", MultiDict(query), "zh")
        return page.groups.groups if part == "groups" else getattr(page, part)

    return median_seconds(ask, runs)


def _bare(site: Site, statement: str, runs: int) -> float:
    def ask() -> Any:
        with site.database.read() as connection:
            return connection.execute(text(statement)).fetchall()

    return median_seconds(ask, runs)


def _cursor(site: Site, place: int, order: str = "modified DESC") -> str:
    """Where a page in the middle continues."""
    [row] = site.queries.list(CLERK, "Bench Ticket", fields=["name"], limit=1, offset=place, order_by=order).rows
    return encode_cursor(row, order)


def fill(site: Site, number: int) -> None:
    """So many Bench Tickets, written past the services, which would take an hour and is not what is measured."""
    table = record_table(site.snapshot().model["Bench Ticket"])
    with site.database.write() as connection:
        site_state.put(connection, FILLED, {"Bench Ticket": "subject, subject"})
    for start in range(0, number, PORTION):
        rows = [_row(at) for at in range(start, min(start + PORTION, number))]
        with site.database.write() as connection:
            connection.execute(insert(table), rows)
            ways = [{"doctype": "Bench Ticket", "name": row["name"], "initials": initials(row["subject"])[0]} for row in rows]
            connection.execute(insert(initials_table), ways)
            keys = [{"doctype": "Bench Ticket", "name": row["name"], "key": sort_key(row["subject"])} for row in rows]
            connection.execute(insert(key_table), keys)


def _row(at: int) -> dict[str, Any]:
    moment = NEWEST - timedelta(seconds=37 * at)
    return {
        "name": f"BM-{at:07}", "owner": "clerk", "creation": moment, "modified": moment, "modified_by": "clerk", "docstatus": 0, "version": 1,
        "subject": SUBJECTS[at % len(SUBJECTS)], "status": "Closed" if at % 3 else "Open", "total": at % 10_000,
    }  # fmt: skip
