"""Obligations that fall due: marked late, told and taken one step up against the same rows written by bare SQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import insert, update

from server.calendars.deadline import Deadline, Escalation
from server.calendars.term import Term
from server.core.text import Text
from server.obligations.book import ObligationBook
from server.obligations.model import Obligation
from server.site import Site
from server.storage.system import obligation, outbox

from .shop import open_shop
from .timing import Row

AT_ONCE = 200


def fall_due(runs: int) -> Iterator[Row]:
    """`runs` times ten obligations (2,000 in a full run), all due at the same minute."""
    number = runs * 10
    with open_shop() as site:
        _fill(site, "floor", number)
        start = time.perf_counter()
        _bare(site, number)
        floor = time.perf_counter() - start
    with open_shop() as site:
        _fill(site, "ours", number)
        start = time.perf_counter()
        steps = site.due.sweep()
        ours = time.perf_counter() - start
        assert steps == 2 * number
    a_minute = f"{60 * number / ours:,.0f} a minute"
    yield Row(
        f"{number:,} obligations late, told and escalated ({a_minute})", "the same rows by bare SQL", floor, ours, "<= 30x"
    )


def _fill(site: Site, prefix: str, number: int) -> None:
    due = site.clock.now() - timedelta(minutes=1)
    chain = Deadline(Term(timedelta(hours=1)), None, (Escalation(Term(), "Head"),))
    with site.database.write() as connection:
        book = ObligationBook(connection)
        for index in range(number):
            book.open(Obligation(
                id=f"{prefix}{index:06}", kind="obligation", rule="r", doctype="Bench Ticket", name=f"T{index}", title=Text.of(f"T{index}"),
                opened_at=due, opened_by="li", owed_by_role="Service", due_at=due, escalate_to="Head", deadline=chain, counted_from=due,
                escalate_at=due, escalation_times=(due,),
            ))  # fmt: skip


def _bare(site: Site, number: int) -> None:
    """Two changes of each row and two entries for the outbox, as many in a transaction as the sweep takes."""
    now = site.clock.now()
    for first in range(0, number, AT_ONCE):
        ids = [f"floor{index:06}" for index in range(first, min(first + AT_ONCE, number))]
        with site.database.write() as connection:
            for changes in ({"state": "late", "breached_at": now}, {"state": "escalated", "escalated_at": now, "level": 1}):
                connection.execute(update(obligation).where(obligation.c.id.in_(ids)).values(changes))
            for what in ("late", "escalate"):
                rows = [{"kind": "notification", "payload": {"title": one}, "key": f"{what}:{one}", "created_at": now, "state": "pending",
                         "attempts": 0, "due_at": now} for one in ids]  # fmt: skip
                connection.execute(insert(outbox), rows)
