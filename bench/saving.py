"""Saving one record against the same rows by SQLAlchemy Core; matching against the reference matcher."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import count

from sqlalchemy import insert

from server.rulebook.rulebook import Rulebook
from server.rulebook.situation import Situation
from server.storage.system import trace, version
from server.storage.tables import record_table

from .shop import CLERK, open_shop, values
from .timing import Row, median_seconds, processor_seconds


def save_one(runs: int) -> Iterator[Row]:
    with open_shop() as site:
        numbers = count(1)
        model = site.snapshot().model
        parent, child = record_table(model["Bench Ticket"]), record_table(model["Bench Line"])
        stored = site.documents.save(CLERK, "Bench Ticket", values()).record
        now = datetime.now(UTC)
        kept = {"doctype": "Bench Floor", "version": 1, "at": now}

        def floor() -> None:
            name = f"F-{next(numbers)}"
            head = {column.name: stored.get(column.name) for column in parent.columns} | {"name": name}
            here = {"parent": name, "parenttype": "Bench Ticket", "parentfield": "lines"}
            rows = [
                {c.name: row.get(c.name) for c in child.columns} | here | {"name": f"{name}-{row['idx']}"}
                for row in stored["lines"]
            ]
            with site.database.write() as connection:
                connection.execute(insert(parent), head)
                connection.execute(insert(child), rows)
                link = {"seq": 1, "action": "create", "by": "x", "changes": "[]", "prev_hash": "0", "hash": "0"}
                connection.execute(insert(version), kept | link | {"name": name})
                connection.execute(insert(trace), kept | {"id": name, "name": name, "trace": {}})

        def ours() -> None:
            site.documents.save(CLERK, "Bench Ticket", values())

        yield Row(
            "save one record (25 fields, 5 rows, 5 rules, audit, trace)",
            "the same rows by Core",
            median_seconds(floor, runs),
            median_seconds(ours, runs),
            "<= 3x",
        )


def save_under_rules(runs: int) -> Iterator[Row]:
    """What rules cost a save, in processor time: none against more and more of them, five of which ask other records."""
    with open_shop(0) as bare:
        for number in (10, 50, 200):
            with open_shop(number, number_of_questions=5) as ruled:
                saves = [partial(site.documents.save, CLERK, "Bench Ticket", values()) for site in (bare, ruled)]
                times = processor_seconds(saves, runs)
                goal = "<= 2x" if number == 50 else ""
                yield Row(
                    f"save one record under {number} rules, 5 with questions", "the same save without rules", *times, goal
                )


class _NoFacts:
    def value(self, fact: object, situation: object) -> None:
        return None


def match_rules(runs: int) -> Iterator[Row]:
    for number, goal in ((10, "<= 7 us"), (100, "<= 40 us"), (1000, "<= 0.5 ms")):
        with open_shop(number) as site:
            snapshot = site.snapshot()
            record = site.documents.save(CLERK, "Bench Ticket", values()).record
            situation = Situation("Bench Ticket", "validate", record, CLERK, datetime.now(UTC))
            published = list(snapshot.rulebook.rules.values())
            times = [
                _judged(Rulebook.compile(published, snapshot.model, name), situation, runs) for name in ("reference", "durable")
            ]
            yield Row(f"judge one record by {number} rules, one in ten matching", "the reference matcher", *times, goal)


def _judged(book: Rulebook, situation: Situation, runs: int) -> float:
    return median_seconds(lambda: book.evaluate(situation, _NoFacts()), runs * 10)
