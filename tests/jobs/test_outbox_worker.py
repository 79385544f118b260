"""The outbox and its worker: delivered at least once, seen once, tried again, and set aside when nothing helps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection

from server.core.clock import SettableClock
from server.core.errors import NotFound, StorageUnavailable
from server.core.text import Text
from server.jobs import outbox
from server.jobs.outbox import MAX_ATTEMPTS, Delivery
from server.jobs.worker import Worker
from server.storage import site_state
from server.storage.database import Database


def enqueue(database: Database, clock: SettableClock, key: str = "k", kind: str = "note", **payload: Any) -> None:
    with database.write() as connection:
        outbox.enqueue(connection, kind, payload, key, clock.now())


def states(database: Database) -> list[tuple[str, str, int]]:
    with database.read() as connection:
        return [(entry["key"], entry["state"], entry["attempts"]) for entry in reversed(outbox.entries(connection))]


def recorder(found: list[Any]) -> Callable[[Connection, Delivery, datetime], None]:
    return lambda _connection, delivery, _now: found.append(delivery.payload.get("n"))


def failing(_connection: Connection, _delivery: Delivery, _now: datetime) -> None:
    raise RuntimeError("the mail server is away")


def test_what_is_due_is_delivered_in_order_and_once(database: Database, clock: SettableClock) -> None:
    found: list[Any] = []
    for number in range(45):
        enqueue(database, clock, f"k{number}", n=number)
    worker = Worker(database, clock, {"note": recorder(found)})
    assert worker.run_once() == 45
    assert worker.run_once() == 0
    assert found == list(range(45))


def test_one_key_is_kept_once_even_after_delivery(database: Database, clock: SettableClock) -> None:
    found: list[Any] = []
    worker = Worker(database, clock, {"note": recorder(found)})
    enqueue(database, clock, n=1)
    enqueue(database, clock, n=2)
    worker.run_once()
    enqueue(database, clock, n=3)
    worker.run_once()
    assert found == [1]


def test_an_entry_of_a_save_that_failed_is_not_there(database: Database, clock: SettableClock) -> None:
    def refused_save() -> None:
        with database.write() as connection:
            outbox.enqueue(connection, "note", {}, "k", clock.now())
            raise RuntimeError("refused")

    with pytest.raises(RuntimeError):
        refused_save()
    assert states(database) == []


def test_a_failure_undoes_its_effects_and_is_tried_again_with_growing_pauses(database: Database, clock: SettableClock) -> None:
    tries: list[datetime] = []

    def half_done(connection: Connection, _delivery: Delivery, now: datetime) -> None:
        tries.append(now)
        site_state.put(connection, "effect", len(tries))
        if len(tries) < 4:
            raise RuntimeError("not yet")

    worker = Worker(database, clock, {"note": half_done})
    enqueue(database, clock)
    for _ in range(60):
        worker.run_once()
        if len(tries) < 4:
            with database.read() as connection:
                assert site_state.get(connection, "effect") is None
        clock.advance(seconds=1)
    pauses = [(later - earlier).seconds for earlier, later in pairwise(tries)]
    assert pauses == [5, 10, 20]
    assert states(database) == [("k", "done", 4)]


def test_after_eight_attempts_it_is_set_aside_and_can_be_tried_again(database: Database, clock: SettableClock) -> None:
    worker = Worker(database, clock, {"note": failing})
    enqueue(database, clock)
    for _ in range(MAX_ATTEMPTS + 2):
        worker.run_once()
        clock.advance(hours=2)
    assert states(database) == [("k", "dead", MAX_ATTEMPTS)]
    found: list[Any] = []
    with database.write() as connection:
        entry = outbox.entries(connection, "dead")[0]
        assert entry["error"] == "RuntimeError: the mail server is away"
        outbox.retry(connection, entry["id"], clock.now())
    Worker(database, clock, {"note": recorder(found)}).run_once()
    assert len(found) == 1
    with database.write() as connection, pytest.raises(NotFound):
        outbox.retry(connection, entry["id"], clock.now())


def test_one_failure_does_not_hold_up_the_others(database: Database, clock: SettableClock) -> None:
    found: list[Any] = []
    enqueue(database, clock, "a", kind="bad")
    enqueue(database, clock, "b", n=1)
    enqueue(database, clock, "c", kind="unknown")
    Worker(database, clock, {"note": recorder(found), "bad": failing}).run_once()
    assert found == [1]
    assert states(database) == [("a", "pending", 1), ("b", "done", 1), ("c", "pending", 1)]


def test_what_a_dead_worker_held_is_taken_over_when_its_lease_ends(database: Database, clock: SettableClock) -> None:
    found: list[Any] = []
    enqueue(database, clock, n=1)
    with database.write() as connection:
        lost = outbox.claim(connection, "killed", clock.now())
    worker = Worker(database, clock, {"note": recorder(found)})
    worker.run_once()
    assert found == []
    clock.advance(seconds=61)
    worker.run_once()
    assert found == [1]
    with database.write() as connection:  # the first one wakes up late: its work does not count
        assert not outbox.finish(connection, lost[0], "killed", clock.now())


def test_two_workers_never_deliver_one_entry_twice(database: Database, clock: SettableClock) -> None:
    found: list[Any] = []
    for number in range(60):
        enqueue(database, clock, f"k{number}", n=number)
    workers = [Worker(database, clock, {"note": recorder(found)}) for _ in range(2)]
    threads = [threading.Thread(target=worker.run_once) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(60))


def test_sweeps_run_and_a_failing_one_does_not_stop_the_rest(database: Database, clock: SettableClock) -> None:
    def broken() -> int:
        raise ValueError("a bad row")

    assert Worker(database, clock, {}, [broken, lambda: 3]).run_once() == 3


def test_the_thread_outlives_errors_and_a_database_that_is_away(database: Database, clock: SettableClock) -> None:
    found: list[Any] = []
    outages = iter([StorageUnavailable(Text("断开", "gone")), RuntimeError("unexpected")])
    delivered = threading.Event()

    def sweep() -> int:
        for error in outages:
            raise error
        return 0

    def deliver(_connection: Connection, delivery: Delivery, _now: datetime) -> None:
        found.append(delivery.payload["n"])
        delivered.set()

    worker = Worker(database, clock, {"note": deliver}, [sweep], poll_seconds=0.02)
    worker.start()
    worker.start()
    enqueue(database, clock, n=1)
    worker.wake()
    for _ in range(100):
        if delivered.wait(0.05):
            break
        worker.wake()
    worker.stop()
    assert found == [1]


def test_delivered_entries_are_removed_after_a_month_dead_ones_stay(database: Database, clock: SettableClock) -> None:
    enqueue(database, clock, "done")
    enqueue(database, clock, "dead", kind="bad")
    worker = Worker(database, clock, {"note": recorder([]), "bad": failing})
    for _ in range(MAX_ATTEMPTS):
        worker.run_once()
        clock.advance(hours=2)
    clock.advance(days=31)
    worker.run_once()
    assert states(database) == [("dead", "dead", MAX_ATTEMPTS)]
    with database.read() as connection:
        assert outbox.counts(connection) == {"dead": 1}
    assert timedelta(0) < outbox.LEASE
