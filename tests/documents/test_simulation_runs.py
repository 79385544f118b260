"""Simulations in the background: kept for who asked, stopped when told, begun again when a process died, on each database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from documents_shop import LINE, ORDER, PART, order
from sqlalchemy import update

from server.access.user import User
from server.core.errors import MetadataInvalid, NotFound
from server.documents.simulation.runs import SimulationRuns
from server.site import Site
from server.storage.system import simulation

DEAR = {
    "name": "dear", "title": {"zh": "贵重", "en": "Dear"}, "applies_to": "Order", "facts": {"all": {"count": "Part", "where": []}},
    "when": {"all": [["total", ">", 100], ["@all", ">=", 1]]}, "then": [{"warn": {"message": "total {total}"}}],
}  # fmt: skip
DRAFT = {**DEAR, "when": {"all": [["subject", "=", "cheap"]]}}
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def runs(empty_site: Site, publish: Callable[..., int], clerk: User, monkeypatch: pytest.MonkeyPatch) -> SimulationRuns:
    publish(empty_site, PART, LINE, ORDER, DEAR)
    for code, price in (("P1", "6800"), ("P2", "12.50")):
        empty_site.documents.save(clerk, "Part", {"code": code, "title": f"Part {code}", "price": price})
    empty_site.documents.save(clerk, "Order", order())
    empty_site.documents.save(clerk, "Order", {"subject": "cheap"})
    monkeypatch.setattr(empty_site.simulation_runs, "_user_named", lambda name: clerk)  # this site has no people
    return empty_site.simulation_runs


def test_a_run_is_kept_for_who_asked_and_can_be_read_case_by_case(runs: SimulationRuns, clerk: User, boss: User) -> None:
    run_id = runs.start(clerk, DRAFT, *YEAR)
    assert (runs.get(clerk, run_id).state, runs.cases(clerk, run_id)) == ("waiting", [])

    assert runs.run_next()
    assert not runs.run_next()

    run = runs.get(clerk, run_id)
    assert (run.state, run.percent, run.tally["judged"], run.tally["verdicts"]) == ("done", 100, 2, {"new": 1, "gone": 1})
    assert [case["verdict"] for case in runs.cases(clerk, run_id)] == ["gone", "new"]
    assert [case["name"] for case in runs.cases(clerk, run_id, verdict="new")] == ["OR-2026-0002"]
    assert runs.cases(clerk, run_id, after=2) == []
    assert [item.id for item in runs.of(clerk)] == [run_id]
    with pytest.raises(NotFound):
        runs.get(boss, run_id)
    with pytest.raises(NotFound):
        runs.stop(boss, run_id)


@pytest.mark.parametrize("empty_site", ["sqlite"], indirect=True)
def test_a_run_that_is_stopped_or_given_up_is_told_and_taken_again(runs: SimulationRuns, empty_site: Site, clerk: User) -> None:
    stopped, abandoned = runs.start(clerk, "dear", *YEAR), runs.start(clerk, "dear", *YEAR)
    runs.stop(clerk, stopped)
    with empty_site.database.write() as connection:  # its process was killed
        dead = {"state": "running", "leased_by": "x", "lease_until": empty_site.clock.now()}
        connection.execute(update(simulation).where(simulation.c.id == abandoned).values(dead))
    while runs.run_next():
        pass
    assert [runs.get(clerk, run_id).state for run_id in (stopped, abandoned)] == ["stopped", "done"]
    assert len(runs.cases(clerk, abandoned)) == 1


@pytest.mark.parametrize("empty_site", ["sqlite"], indirect=True)
def test_a_draft_that_assigns_and_tags_says_what_would_follow_and_does_neither(
    runs: SimulationRuns, empty_site: Site, clerk: User
) -> None:
    follows = [{"assign": {"role": "Clerk", "note": "see to {subject}"}}, {"tag": {"add": ["dear"], "remove": ["cheap"]}}]
    run_id = runs.start(clerk, {**DEAR, "then": follows}, *YEAR)
    assert runs.run_next()

    [case] = runs.cases(clerk, run_id)
    assert (case["name"], case["then"]) == ("OR-2026-0001", ["assign", "tag"])
    assert empty_site.inbox.for_record(clerk, "Order", case["name"]) == []
    assert empty_site.tags.of_record(clerk, "Order", case["name"]) == []


@pytest.mark.parametrize("empty_site", ["sqlite"], indirect=True)
def test_the_worker_sees_to_it_and_a_faulty_draft_never_waits(runs: SimulationRuns, empty_site: Site, clerk: User) -> None:
    with pytest.raises(MetadataInvalid):
        runs.start(clerk, {**DRAFT, "when": {"all": [["nothing", "=", 1]]}}, *YEAR)
    assert runs.of(clerk) == []
    run_id = runs.start(clerk, "dear", *YEAR)
    empty_site.worker.run_once()
    assert runs.queue._thread is not None
    runs.queue._thread.join(20)
    assert runs.get(clerk, run_id).state == "done"
