"""Facts that rules gather from other records: right on every database, and many for the price of one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from documents_shop import ROLE
from sqlalchemy import event, select

from server.access.user import User
from server.core.clock import SettableClock
from server.site import Site
from server.storage.tables import record_table

CAUSE = {
    "name": "Cause", "autoname": "field:code",
    "fields": [{"fieldname": "code", "fieldtype": "Data"}, {"fieldname": "grade", "fieldtype": "Data"}],
    "permissions": [{"role": "Clerk", **ROLE}],
}  # fmt: skip
PART = {"name": "Used Part", "istable": 1, "fields": [{"fieldname": "cause", "fieldtype": "Link", "options": "Cause"}]}
CASE = {
    "name": "Case", "autoname": "C-.####",
    "fields": [
        {"fieldname": "cause", "fieldtype": "Link", "options": "Cause"}, {"fieldname": "found_on", "fieldtype": "Date"},
        {"fieldname": "cost", "fieldtype": "Currency"}, {"fieldname": "person", "fieldtype": "Data"},
        {"fieldname": "parts", "fieldtype": "Table", "options": "Used Part"}, {"fieldname": "said", "fieldtype": "Small Text"},
    ],
    "permissions": [{"role": "Clerk", **ROLE}],
}  # fmt: skip
SAME = ["cause", "=", {"path": "cause"}]
TELL = {
    "name": "tell", "applies_to": "Case",
    "facts": {
        "number": {"count": "Case", "where": [SAME], "period": {"this": "quarter", "on": "found_on", "at": "found_on"}},
        "before": {"count": "Case", "where": [SAME], "period": {"last": "quarter", "on": "found_on", "at": "found_on"}},
        "rolling": {"count": "Case", "period": {"rolling": "30 d"}},
        "cost": {"sum": "cost", "of": "Case", "where": [SAME]}, "most": {"max": "cost", "of": "Case", "where": [SAME]},
        "usual": {"avg": "cost", "of": "Case", "where": [SAME]},
        "latest": {"first": "person", "of": "Case", "where": [SAME], "order_by": "found_on desc"},
        "any": {"exists": "Case", "where": [["person", "=", "nobody"]]}, "who": {"list": "person", "of": "Case", "where": [SAME]},
    },
    "then": [{"warn": {"message": "{@number}|{@before}|{@rolling}|{@cost}|{@most}|{@usual}|{@latest}|{@any}|{@who}|{cause.grade}"}}],
}  # fmt: skip


@pytest.fixture
def cases(any_site: Site, publish: Callable[..., int], clerk: User) -> Site:
    publish(any_site, CAUSE, PART, CASE, TELL)
    for code, grade in (("leak", "A"), ("noise", "B")):
        any_site.documents.save(clerk, "Cause", {"code": code, "grade": grade})
    return any_site


@contextmanager
def statements(site: Site) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            found.append(statement)

    for engine in (site.database._writer, site.database._reader):
        event.listen(engine, "before_cursor_execute", note)
    yield found
    for engine in (site.database._writer, site.database._reader):
        event.remove(engine, "before_cursor_execute", note)


def test_facts_over_spans_of_time_are_one_statement(cases: Site, clerk: User, clock: SettableClock) -> None:
    for day, cost, person in (("2026-01-01", "0.10", "li"), ("2026-03-31", "0.20", "wang"), ("2025-12-31", "5", "zhao")):
        cases.documents.save(clerk, "Case", {"cause": "leak", "found_on": day, "cost": cost, "person": person})
    clock.set(clock.now() + timedelta(days=30))
    with statements(cases) as found:
        saved = cases.documents.save(clerk, "Case", {"cause": "leak", "found_on": "2026-02-28", "cost": "9"})
    (said,) = saved.warnings
    assert said.text.en == "2|1|0|5.30|5.00|1.77|wang|no|li, wang, zhao|A"
    asking = [text for text in found if "tab_case" in text.lower() and "count(" in text.lower()]
    assert len(asking) == 1
    assert asking[0].lower().count("max(") == 1  # what asks about the same rows reads them once


def test_fields_linked_from_many_rows_are_one_statement(cases: Site, publish: Callable[..., int], clerk: User) -> None:
    grade = {
        "name": "grade", "applies_to": "Case", "when": {"any_row": "parts", "where": [["cause.grade", "=", "B"]]},
        "then": [{"block": {"message": "grade B"}}],
    }  # fmt: skip
    publish(cases, CAUSE, PART, CASE, grade)
    rows = [{"cause": "leak"}] * 20
    cases.documents.save(clerk, "Case", {"parts": rows})
    with statements(cases) as few:
        cases.documents.check(clerk, "Case", {"parts": [{"cause": "leak"}, {"cause": "noise"}]})
    with statements(cases) as many:
        found = cases.documents.check(clerk, "Case", {"parts": [*rows, {"cause": "noise"}]})
    assert [fault.text.en for fault in found.faults] == ["grade B"]
    assert len(few) == len(many)


def test_where_the_changes_of_a_batch_lead_is_read_once(cases: Site, clerk: User) -> None:
    def of_causes(found: list[str]) -> int:
        return sum("tab_cause" in text.lower() for text in found)

    with statements(cases) as found, cases.documents.batch(clerk, is_hopeful=True) as batch:
        batch.foresee({"Cause": {"leak", "noise", "none such"}})
        before = of_causes(found)
        grades = [batch.save("Case", {"cause": cause}).warnings[0].text.en[-2:] for cause in ("leak", "noise", "leak")]
        assert of_causes(found) == before > 0
    assert grades == ["|A", "|B", "|A"]


def test_what_a_batch_has_changed_is_read_anew_where_later_changes_lead(cases: Site, clerk: User) -> None:
    with cases.documents.batch(clerk, is_hopeful=True) as batch:
        batch.foresee({"Cause": {"leak", "later"}})
        batch.save("Cause", {"grade": "C"}, name="leak")
        batch.save("Cause", {"code": "later", "grade": "D"})
        said = [batch.save("Case", {"cause": cause}).warnings[0].text.en for cause in ("leak", "later")]
    assert [text[-2:] for text in said] == ["|C", "|D"]


def test_a_record_that_a_batch_links_to_is_not_deleted_meanwhile(cases: Site, clerk: User) -> None:
    """On SQLite there is one writer; the others let nobody delete what was read ahead."""
    if cases.database.dialect == "sqlite":
        return
    with cases.documents.batch(clerk, is_hopeful=True) as batch:
        batch.foresee({"Cause": {"leak"}})
        cause = record_table(cases.snapshot().model["Cause"])
        asked = select(cause.c.name).where(cause.c.name == "leak").with_for_update(skip_locked=True)
        with cases.database.statements() as another:
            assert another.execute(asked).all() == []
