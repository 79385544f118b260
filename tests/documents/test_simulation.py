"""Simulation: what a rule would have done is what it did where it was in force, and nothing is changed by asking."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from documents_shop import LINE, ORDER, PART, order, person
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from needs import own_database
from sqlalchemy import inspect, text

from server.core.clock import SettableClock
from server.core.errors import MetadataInvalid, PermissionRefused, ValidationFailed
from server.documents.simulation import replay
from server.documents.simulation.judging import Simulation
from server.documents.simulation.model import Case
from server.exchange.packs import Source
from server.site import Site, open_site
from server.storage import timeline

DEAR = {
    "name": "dear", "title": {"zh": "贵重", "en": "Dear"}, "applies_to": "Order", "on": ["validate"],
    "when": {"any": [["total", ">", 100], {"any_row": "lines", "where": [["part.price", ">", 50]]}]},
    "then": [{"warn": {"message": "total {total}"}}],
}  # fmt: skip
FILLED = {
    "name": "filled", "title": "Filled", "applies_to": "Order", "on": ["validate"], "when": {"all": [["note", "is", "not set"]]},
    "then": [{"set": {"note": "by rule"}}],
}  # fmt: skip
AGAIN = {
    "name": "again", "title": "Again", "applies_to": "Order", "on": ["validate", "submit"],
    "facts": {"open": {"count": "Order", "where": [["subject", "=", {"path": "subject"}], ["docstatus", "!=", 2]]},
              "parts": {"sum": "price", "of": "Part", "where": [["price", ">", 10]]}},
    "when": {"all": [["@open", ">", 1], ["@parts", ">", 20]]}, "then": [{"warn": {"message": "{@open} open, {@parts}"}}],
}  # fmt: skip
GROWN = {
    "name": "grown", "title": "Grown", "applies_to": "Order", "on": ["validate"],
    "when": {"any": [["total", "increased_by_percent", 10], ["lines", "changed"]]}, "then": [{"warn": {"message": "grown"}}],
}  # fmt: skip
UNDONE = {
    "name": "undone", "title": "Undone", "applies_to": "Order", "on": ["cancel"], "when": {"all": [["note", "=", "by rule"]]},
    "then": [{"warn": {"message": "undone"}}],
}  # fmt: skip
LATE = {
    "name": "late", "title": "Late", "applies_to": "Order", "on": [{"after": "2 h", "of": "creation"}],
    "when": {"all": [["status", "=", "Open"]]}, "then": [{"set": {"reason": "late"}}],
}  # fmt: skip
RULES = (DEAR, FILLED, AGAIN, GROWN, UNDONE)
CLERK = person("clerk", "Clerk", "Boss")
LONG_AGO, FAR = date(2020, 1, 1), date(2030, 1, 1)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site that generated histories are added to, so that each run judges everything that came before."""
    folder = tmp_path_factory.mktemp("busy")
    with own_database("sqlite", folder) as url:
        site = open_site(
            folder,
            clock=SettableClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC)),
            environ={},
            database_url=url,
            embedded_worker=False,
        )
        put_in_force(site, PART, LINE, ORDER, *RULES, LATE)
        for code, price in (("P1", "6800"), ("P2", "12.50")):
            site.documents.save(CLERK, "Part", {"code": code, "title": f"Part {code}", "price": price})
        yield site
        site.close()


def put_in_force(site: Site, *pieces: dict[str, Any]) -> None:
    found = [Source("Rule" if "applies_to" in piece else "DocType", str(piece["name"]), piece) for piece in pieces]
    site.publisher.publish(site.publisher.propose(found), "tests")


def everything(simulation: Simulation) -> list[Case]:
    return [case for portion in simulation.cases() for case in portion]


def contents(site: Site) -> dict[str, list[str]]:
    """Every row of every table."""
    with site.database.read() as connection:
        names = inspect(connection).get_table_names()
        return {name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')))) for name in names}


def kept(site: Site, rule: str) -> tuple[int, int]:
    """(saves in which a rule was judged, of these the ones in which it matched), by the traces that versions point to."""
    asked = "SELECT t.trace FROM gj_version v JOIN gj_trace t ON t.id = v.trace_id WHERE v.doctype = 'Order'"
    with site.database.read() as connection:
        traces = [json.loads(row[0]) for row in connection.execute(text(asked))]
    entries = [[entry for entry in trace["rules"] if entry["rule"] == rule] for trace in traces]
    return sum(bool(found) for found in entries), sum(any(entry["matched"] for entry in found) for found in entries)


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["change", "rows", "move", "submit", "cancel", "amend", "part", "wait"]),
        st.integers(0, 3), st.sampled_from(["a", "b"]),
    ),
    min_size=2, max_size=8,
)  # fmt: skip


@settings(max_examples=12, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(subject=st.sampled_from(["x", "y"]), actions=ACTIONS)
def test_simulating_the_rules_in_force_gives_what_happened(
    busy: Site, subject: str, actions: list[tuple[str, int, str]]
) -> None:
    name = busy.documents.save(CLERK, "Order", order(subject=subject)).name
    for action, number, word in actions:
        name = act(busy, name, action, number, word)

    before = contents(busy)
    for rule in RULES:
        simulation = busy.simulations.of_published(CLERK, rule["name"], LONG_AGO, FAR)
        cases = everything(simulation)
        tally = simulation.tally
        wrong = [case.to_json() for case in cases if case.then_ is None or not case.judged.is_like(case.then_)]
        assert wrong == []
        assert (tally.judged, tally.matched) == kept(busy, rule["name"])
        assert (tally.unknown, tally.failed, tally.misfits, tally.overlaid, tally.of_today) == (0, 0, 0, 0, set())
    assert contents(busy) == before


def act(site: Site, name: str, action: str, number: int, word: str) -> str:
    """One more thing that happens; what the life cycle refuses does not happen."""
    clock: Any = site.clock
    clock.advance(minutes=7)
    service = site.documents
    record = service.load(CLERK, "Order", name)
    lines = record["lines"]
    try:
        match action:
            case "change":
                service.save(CLERK, "Order", {"note": word if number else None, "status": "Closed", "reason": "r"}, name=name)
            case "rows":
                added = [{"part": "P2", "qty": number + 1}]
                service.save(CLERK, "Order", {"lines": [*added, *lines[number:]]}, name=name)
            case "move":
                service.save(CLERK, "Order", {"lines": [{"name": row["name"]} for row in reversed(lines)]}, name=name)
            case "submit":
                service.submit(CLERK, "Order", name)
            case "cancel":
                service.cancel(CLERK, "Order", name)
            case "amend":
                values = {"amended_from": name, "subject": record["subject"], "lines": [{"part": "P1", "qty": number}]}
                return service.save(CLERK, "Order", values).name
            case "part":
                service.save(CLERK, "Part", {"price": str(5 + 30 * number)}, name="P2")
            case "wait":
                clock.advance(hours=3)
                site.timers.sweep()
    except ValidationFailed:
        pass
    return name


# What is kept at hand of the history


@pytest.mark.parametrize(("at_hand", "page"), [(1000, 500), (1, 2), (2, 3)])
def test_what_does_not_fit_in_memory_changes_no_result(
    small: Site, monkeypatch: pytest.MonkeyPatch, at_hand: int, page: int
) -> None:
    names = [
        small.documents.save(CLERK, "Order", {"subject": word, "lines": [{"part": "P1", "qty": 1}]}).name for word in "abc"
    ]
    for turn, qty in enumerate((2, 2, 5)):
        for name in names:
            lines = small.documents.load(CLERK, "Order", name)["lines"]
            small.documents.save(CLERK, "Order", {"lines": [{**lines[0], "qty": qty}], "note": f"turn {turn}"}, name=name)
    small.documents.delete(CLERK, "Order", names[1])
    whole = timeline.page
    monkeypatch.setattr(timeline, "page", lambda site, stretch, after: whole(site, stretch, after, page))
    monkeypatch.setattr(replay, "AT_HAND", at_hand)

    simulation = small.simulations.of_draft(
        CLERK, {**GROWN, "when": {"all": [["total", "increased_by_percent", 10]]}}, LONG_AGO, FAR
    )
    cases = everything(simulation)

    assert simulation.tally.unknown == 0
    assert sorted((case.name, case.version) for case in cases) == sorted(
        (name, version) for name in names for version in (2, 4)
    )


# A draft, beside the rule in force


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Site]:
    with own_database("sqlite", tmp_path) as url:
        clock = SettableClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
        site = open_site(tmp_path, clock=clock, environ={}, database_url=url, embedded_worker=False)
        put_in_force(site, {**PART, "track_changes": 0}, LINE, ORDER, DEAR)
        site.documents.save(CLERK, "Part", {"code": "P1", "price": "60"})
        yield site
        site.close()


def test_a_draft_tells_what_it_would_match_and_what_no_longer(small: Site) -> None:
    cheap = small.documents.save(CLERK, "Order", {"subject": "cheap", "lines": [{"part": "P1", "qty": 1}]}).name
    small.clock.advance(days=40)  # type: ignore[attr-defined]
    none = small.documents.save(CLERK, "Order", {"subject": "none", "note": "n"}).name
    draft = {
        **DEAR,
        "when": {"all": [["note", "=", "n"]]},
        "valid_from": "2027-01-01",
        "then": [{"block": {"message": "no {note}"}}],
    }

    simulation = small.simulations.of_draft(CLERK, draft, LONG_AGO, FAR)
    cases = {case.name: case for case in everything(simulation)}

    assert {name: case.verdict for name, case in cases.items()} == {cheap: "gone", none: "new"}
    assert cases[none].judged.then == ("block",)
    assert [text.en for text in cases[none].said] == ["no n"]
    assert simulation.tally.months["2026-03"] == {"judged": 1, "matched": 0, "new": 0, "gone": 1, "other": 0}
    assert simulation.tally.months["2026-04"] == {"judged": 1, "matched": 1, "new": 1, "gone": 0, "other": 0}
    day = date(2026, 4, 11)
    alone = small.simulations.of_draft(CLERK, draft, day, day)
    assert ([case.name for case in everything(alone)], alone.tally.judged) == ([none], 1)


def test_what_keeps_no_history_is_asked_as_of_today_and_said(small: Site) -> None:
    name = small.documents.save(CLERK, "Order", {"subject": "s", "lines": [{"part": "P1", "qty": 1}]}).name
    small.documents.save(CLERK, "Part", {"price": "40"}, name="P1")  # parts of this site do not track changes

    simulation = small.simulations.of_published(CLERK, "dear", LONG_AGO, FAR)

    assert [(case.name, case.verdict) for case in everything(simulation)] == [(name, "gone")]
    assert simulation.tally.of_today == {"Part"}


def test_a_deleted_record_is_judged_as_it_was_and_a_renamed_one_once(small: Site) -> None:
    gone = small.documents.save(CLERK, "Order", {"subject": "s", "lines": [{"part": "P1", "qty": 2}]}).name
    small.documents.delete(CLERK, "Order", gone)
    simulation = small.simulations.of_published(CLERK, "dear", LONG_AGO, FAR)
    assert [(case.name, case.version, case.verdict) for case in everything(simulation)] == [(gone, 1, "same")]


def test_a_reader_learns_nothing_of_records_and_fields_they_may_not_read(small: Site) -> None:
    guest = person("guest", "Guest Clerk")
    small.documents.save(CLERK, "Order", {"subject": "s", "note": "n", "discount": 7})
    mine = small.documents.save(guest, "Order", {"subject": "t", "note": "n"}).name
    draft = {
        "name": "peep", "title": "Peep", "applies_to": "Order",
        "when": {"any": [["discount", ">", 5], ["note", "=", "n"]]}, "then": [{"warn": {"message": "{discount}"}}],
    }  # fmt: skip
    simulation = small.simulations.of_draft(guest, draft, LONG_AGO, FAR)
    cases = everything(simulation)
    assert ([case.name for case in cases], simulation.tally.unseen) == ([mine], 1)
    assert (cases[0].is_hidden, cases[0].said, dict(cases[0].why)) == (True, (), {})
    with pytest.raises(PermissionRefused):
        small.simulations.of_published(person("nobody", "Nobody"), "dear", LONG_AGO, FAR)
    prying = {**draft, "facts": {"parts": {"count": "Part", "where": []}}, "when": {"all": [["@parts", ">", 0]]}}
    with pytest.raises(PermissionRefused):
        small.simulations.of_draft(guest, prying, LONG_AGO, FAR)


def test_a_faulty_draft_is_refused_with_every_fault(small: Site) -> None:
    wrong = {**DEAR, "name": "wrong", "when": {"all": [["totle", ">", 1], ["status", "=", "Shut"]]}}
    with pytest.raises(MetadataInvalid) as refused:
        small.simulations.of_draft(CLERK, wrong, LONG_AGO, FAR)
    assert {fault.where for fault in refused.value.faults} == {"wrong: when.all[0]", "wrong: when.all[1]"}


def test_a_run_that_is_stopped_says_so_and_leaves_nothing_behind(small: Site) -> None:
    small.documents.save(CLERK, "Order", {"subject": "s", "lines": [{"part": "P1", "qty": 2}]})
    simulation = small.simulations.of_published(CLERK, "dear", LONG_AGO, FAR)
    assert list(simulation.cases(lambda: True)) == []
    assert simulation.is_stopped
    assert simulation.tally.judged == 0


def test_a_time_rule_is_judged_on_the_record_as_it_was_when_its_time_came(small: Site) -> None:
    put_in_force(small, LATE)
    clock: Any = small.clock
    left, closed = (small.documents.save(CLERK, "Order", {"subject": word}).name for word in "ab")
    clock.advance(hours=1)
    small.documents.save(CLERK, "Order", {"status": "Closed", "reason": "r"}, name=closed)
    clock.advance(hours=1)
    small.timers.sweep()
    small.documents.save(CLERK, "Order", {"status": "Closed", "reason": "later"}, name=left)

    simulation = small.simulations.of_published(CLERK, "late", LONG_AGO, FAR)
    cases = everything(simulation)

    assert [(case.name, case.event, case.verdict, case.judged.values_set) for case in cases] == [
        (left, "time:late", "same", {"reason": "late"})
    ]
    assert simulation.tally.judged == 2
    sooner = {**LATE, "on": [{"after": "30 min", "of": "creation"}]}
    draft = everything(small.simulations.of_draft(CLERK, sooner, LONG_AGO, FAR))
    assert {case.name for case in draft if case.judged.matched} == {left, closed}
