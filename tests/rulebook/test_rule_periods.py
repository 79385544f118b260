"""Facts over spans of time: calendar units on the clock of the site, rolling days, since a time of the record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from rulebook_samples import Facts, judge, matches, rule

from server.core.errors import MetadataInvalid
from server.rulebook.check import check_rules
from server.rulebook.periods import Period, Unit, bounds

MIDNIGHT = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)  # in Beijing the first of April begins


def span(unit: Unit, moment: datetime, *, last: bool = False) -> tuple[str, str]:
    start, end = bounds(Period(last=unit) if last else Period(this=unit), moment, "date")
    assert (start[0], end[0]) == (">=", "<")
    return str(start[1]), str(end[1])


@pytest.mark.parametrize(
    ("unit", "this", "last"),
    [
        ("day", ("2026-04-01", "2026-04-02"), ("2026-03-31", "2026-04-01")),
        ("week", ("2026-03-30", "2026-04-06"), ("2026-03-23", "2026-03-30")),
        ("month", ("2026-04-01", "2026-05-01"), ("2026-03-01", "2026-04-01")),
        ("quarter", ("2026-04-01", "2026-07-01"), ("2026-01-01", "2026-04-01")),
        ("half-year", ("2026-01-01", "2026-07-01"), ("2025-07-01", "2026-01-01")),
        ("year", ("2026-01-01", "2027-01-01"), ("2025-01-01", "2026-01-01")),
    ],
)
def test_calendar_units_begin_at_midnight_of_the_site(unit: Unit, this: tuple[str, str], last: tuple[str, str]) -> None:
    assert (span(unit, MIDNIGHT), span(unit, MIDNIGHT, last=True)) == (this, last)


def test_the_quarter_before_midnight_is_another() -> None:
    before = datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)
    assert span("quarter", before) == ("2026-01-01", "2026-04-01")
    assert bounds(Period(this="quarter"), before, "datetime")[1][1] == MIDNIGHT


def asked(period: dict[str, Any], values: dict[str, Any]) -> list[tuple[str, str, str]]:
    facts = Facts({"n": 1})
    declared = {"n": {"count": "Visit", "where": [["category", "=", "repair"]], "period": period}}
    assert matches(["@n", ">=", 0], values, facts=facts, declared=declared)
    return [(name, operator, str(value)) for query in facts.asked for name, operator, value in query.where[1:]]


def test_a_period_stands_around_a_time_of_the_record() -> None:
    at = {"this": "quarter", "on": "reported_at", "at": "reported_at"}
    assert asked(at, {"reported_at": "2025-11-02 09:00"}) == [
        ("reported_at", ">=", "2025-10-01 00:00:00+08:00"),
        ("reported_at", "<", "2026-01-01 00:00:00+08:00"),
    ]
    assert asked(at, {}) == []  # a time that is not known: nothing is found, nothing is asked


def test_rolling_days_take_today_in() -> None:
    assert asked({"rolling": "30 d", "on": "due_on"}, {}) == [("due_on", ">", "2026-03-01"), ("due_on", "<=", "2026-03-31")]
    assert asked({"rolling": "12 h"}, {}) == [
        ("creation", ">", "2026-03-30 16:00:00+00:00"),
        ("creation", "<=", "2026-03-31 04:00:00+00:00"),
    ]


def test_since_a_time_until_another_takes_both_days_in() -> None:
    since = {"since": "reported_at", "until": "due_on", "on": "creation"}
    assert asked(since, {"reported_at": "2026-03-01 10:00", "due_on": "2026-03-05"}) == [
        ("creation", ">=", "2026-03-01 02:00:00+00:00"),
        ("creation", "<", "2026-03-06 00:00:00+08:00"),
    ]
    assert asked(since, {"reported_at": "2026-03-01 10:00"}) == []
    assert asked({"since": "due_on", "on": "due_on"}, {"due_on": "2026-03-30"}) == [
        ("due_on", ">=", "2026-03-30"),
        ("due_on", "<=", "2026-03-31"),
    ]


def test_a_list_of_values_is_searched() -> None:
    declared = {"who": {"list": "engineer", "of": "Visit"}}
    facts = Facts({"who": ["li", "wang"]})
    assert matches(["@who", "contains", "li"], {}, facts=facts, declared=declared)
    assert not matches(["@who", "contains", "zhao"], {}, facts=facts, declared=declared)
    assert matches(["engineer", "in", {"path": "@who"}], {"engineer": "wang"}, facts=facts, declared=declared)
    assert matches(["@who", "is", "not set"], {}, facts=Facts(), declared=declared)


def test_the_period_is_told_in_the_trace_and_in_messages() -> None:
    period = {"this": "quarter", "on": "reported_at"}
    made = rule(
        when={"all": [["@n", ">", 2]]}, facts={"n": {"count": "Visit", "period": period}}, then=[{"warn": {"message": "{@n} before"}}]
    )  # fmt: skip
    outcome = judge(made, {}, facts=Facts({"n": 3}))
    assert outcome.warnings[0].text.en == "3 before"
    assert outcome.trace.to_json()["rules"][0]["facts"][0]["label"] == {
        "zh": "本季度上门服务的数量",
        "en": "number of Visit this quarter",
    }


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"this": "decade"}, "'decade' is not a span"),
    ({"this": "month", "rolling": "3 d"}, "exactly one of"),
    ({"rolling": "0 d"}, "more than nothing"),
    ({"rolling": "soon"}, "length of time"),
    ({"this": "month", "until": "due_on"}, "until is not used with this"),
    ({"this": "month", "on": "note"}, "'note' of Visit is not a field that holds a date"),
    ({"this": "month", "at": "note"}, "'note' is not a field that holds a date"),
    ({"since": "nowhere"}, "'nowhere' is not a field of Visit"),
]


@pytest.mark.parametrize(("period", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_wrong_period_is_named(period: dict[str, Any], said: str) -> None:
    from rulebook_samples import MODEL

    try:
        faults = check_rules([rule(facts={"n": {"count": "Visit", "period": period}})], MODEL)
    except MetadataInvalid as refused:
        faults = list(refused.faults)
    (fault,) = faults
    assert said in fault.text.en
    assert fault.where.startswith("rules/r.json: facts.n")
