"""Several people at one record: exactly one of them wins, and the chain stays whole."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from storage_samples import CUSTOMER, LINE, NOW, QUOTATION, quotation

from server.metadata.model import Model
from server.storage import audit, records
from server.storage.database import Database

WRITERS = 6


def at_once(work: Callable[[int], None]) -> list[Exception]:
    """Run `work(0)` to `work(5)` in threads that start together; what they raised."""
    ready, raised = threading.Barrier(WRITERS), []

    def run(number: int) -> None:
        ready.wait()
        try:
            work(number)
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.fixture
def model(site: Callable[..., Model], database: Database) -> Model:
    made = site(CUSTOMER, LINE, QUOTATION)
    with database.write() as connection:
        records.insert(connection, made, made["Service Quotation"], quotation())
    return made


def test_of_several_editors_of_one_version_exactly_one_wins(database: Database, model: Model) -> None:
    def edit(number: int) -> None:
        with database.write() as connection:
            changed = quotation(version=2, subject=f"editor {number}")
            records.update(connection, model, model["Service Quotation"], changed, expected_version=1)

    raised = at_once(edit)
    assert [type(error) for error in raised] == [records.StaleWrite] * (WRITERS - 1)
    with database.read() as connection:
        found = records.load(connection, model, model["Service Quotation"], "QT-1") or {}
    assert found["version"] == 2
    assert len(found["items"]) == 2


def test_links_appended_at_once_make_one_whole_chain(database: Database, model: Model) -> None:
    content_hash = audit.content_hash(quotation(), model, model["Service Quotation"])

    def decide(number: int) -> None:
        with database.write() as connection:
            audit.append_version(
                connection,
                doctype="Service Quotation",
                name="QT-1",
                version=1,
                action="approved",
                by=f"user{number}",
                at=NOW,
                changes=[],
                content_hash=content_hash,
            )

    assert at_once(decide) == []
    with database.read() as connection:
        assert [entry["seq"] for entry in audit.history(connection, "Service Quotation", "QT-1")] == list(range(WRITERS, 0, -1))
        assert list(audit.verify(connection, model)) == []
