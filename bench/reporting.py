"""A report over a million records, grouped by month and customer, beside the same grouping in bare SQL without permissions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert, text

from server.access.user import User
from server.exchange.packs import Source
from server.reporting.model import read_report
from server.site import Site, open_site
from server.storage.tables import record_table

from .timing import Row, median_seconds

READER = User("reader", "Reader", frozenset(("All", "Reader")))
CUSTOMERS, DAYS, PORTION = 200, 730, 50_000
DELIVERY = {
    "name": "Bench Delivery",
    "fields": [
        {"fieldname": "customer", "fieldtype": "Data"}, {"fieldname": "shipped_on", "fieldtype": "Date"},
        {"fieldname": "is_late", "fieldtype": "Check"}, {"fieldname": "amount", "fieldtype": "Currency"},
    ],
    "permissions": [{"role": "Reader", "read": 1, "report": 1}],
}  # fmt: skip
REPORT = read_report({
    "doctype": "Report", "name": "bench", "ref_doctype": "Bench Delivery", "where": [["docstatus", "!=", 2]], "order_by": "month",
    "columns": [
        {"field": "shipped_on", "by": "month", "key": "month"}, "customer", {"count": "name", "key": "shipments"},
        {"count": "name", "where": [["is_late", "=", 1]], "key": "late"}, {"sum": "amount", "key": "amount"},
        {"expr": "round(late / shipments * 100, 1)", "key": "rate", "fieldtype": "Percent"},
    ],
})  # fmt: skip
BARE = """SELECT substr(shipped_on, 1, 7) AS month, customer, count(*), count(CASE WHEN is_late = 1 THEN name END), sum(amount)
FROM {table} WHERE docstatus != 2 GROUP BY month, customer ORDER BY month"""


def group_a_million(runs: int) -> Iterator[Row]:
    """1,000,000 records (20,000 in a quick run) in 4,800 groups."""
    number, few = (20_000, 1) if runs <= 5 else (1_000_000, 5)
    with _deliveries(number) as site:
        table = record_table(site.snapshot().doctype("Bench Delivery")).name
        bare = text(BARE.format(table=f'"{table}"'))

        def floor() -> None:
            with site.database.read() as connection:
                connection.execute(bare).all()

        def ours() -> None:
            site.reports.answer(READER, REPORT, {})

        work = f"report of {number:,} records by month and customer"
        yield Row(work, "the grouping in bare SQL", median_seconds(floor, few), median_seconds(ours, few), "<= 3x")


@contextmanager
def _deliveries(number: int) -> Iterator[Site]:
    with TemporaryDirectory() as folder:
        site = open_site(Path(folder), environ={}, embedded_worker=False)
        site.publisher.publish(site.publisher.propose([Source("DocType", "delivery", dict(DELIVERY))]), "bench")
        table, now, first = record_table(site.snapshot().doctype("Bench Delivery")), datetime.now(UTC), date(2024, 1, 1)
        for start in range(0, number, PORTION):
            rows = [
                {
                    "name": f"D-{n:08}", "owner": "reader", "creation": now, "modified": now, "modified_by": "reader", "docstatus": n % 10 % 3,
                    "version": 1, "customer": f"C-{n * 7919 % CUSTOMERS:03}", "shipped_on": first + timedelta(days=n * 104729 % DAYS),
                    "is_late": int(n % 11 == 0), "amount": Decimal(n % 100_000) / 100,
                }
                for n in range(start, min(start + PORTION, number))
            ]  # fmt: skip
            with site.database.write() as connection:
                connection.execute(insert(table), rows)
        yield site
        site.close()
