"""Simulating a rule over many saves against reading the same history; memory must not grow with their number."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from server.core.ids import new_id
from server.site import Site
from server.storage.system import trace, version

from .shop import CLERK, open_shop, values
from .timing import Row

PORTION = 1000
DRAFT = {
    "name": "bench-draft", "title": "Bench draft", "applies_to": "Bench Ticket", "when": {"all": [["total", ">", 10], ["field_1", ">", 0]]},
    "then": [{"warn": {"message": "{total}"}}],
}  # fmt: skip


def simulate(runs: int) -> Iterator[Row]:
    """`runs` times a hundred saves of the 25 fields and 5 rows, of which all match."""
    number = runs * 100
    with open_shop() as site:
        _fill(site, number)
        start = time.perf_counter()
        _read_history(site)
        floor = time.perf_counter() - start
        before = _peak_megabytes()
        start = time.perf_counter()
        judged = _simulated(site)
        ours = time.perf_counter() - start
        assert judged == number
        work = f"simulate a draft over {number:,} saves (memory grew by {_peak_megabytes() - before:.0f} MB)"
        yield Row(work, "reading the same versions and traces", floor, ours, "<= 25x")


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _simulated(site: Site) -> int:
    today = site.clock.now().date()
    simulation = site.simulations.of_draft(CLERK, DRAFT, today - timedelta(days=2), today + timedelta(days=2))
    for _ in simulation.cases():
        pass
    return simulation.tally.judged


def _read_history(site: Site) -> None:
    last = 0
    while True:
        with site.database.read() as connection:
            rows = connection.execute(select(version).where(version.c.id > last).order_by(version.c.id).limit(PORTION)).all()
            ids = [row.trace_id for row in rows if row.trace_id]
            connection.execute(select(trace.c.trace).where(trace.c.id.in_(ids))).all()
        if not rows:
            return
        for row in rows:
            json.loads(row.changes)
        last = rows[-1].id


def _fill(site: Site, number: int) -> None:
    """One save through the service, then its history again under other names."""
    name = site.documents.save(CLERK, "Bench Ticket", values()).name
    with site.database.read() as connection:
        link = dict(connection.execute(select(version).where(version.c.name == name)).mappings().one())
        kept = dict(connection.execute(select(trace).where(trace.c.name == name)).mappings().one())
    link.pop("id")
    for first in range(1, number, PORTION):
        links: list[dict[str, Any]] = []
        traces: list[dict[str, Any]] = []
        for count in range(first, min(first + PORTION, number)):
            called, trace_id = f"COPY-{count}", new_id(16)
            changes = link["changes"].replace('"row":"', f'"row":"{count}-')
            links.append({**link, "name": called, "trace_id": trace_id, "changes": changes})
            traces.append({**kept, "id": trace_id, "name": called})
        with site.database.write() as connection:
            connection.execute(insert(version), links)
            connection.execute(insert(trace), traces)
