"""Deadlines: due, warned of, escalated and paused, by the clock and in working time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.calendars.deadline import Deadline, Escalation, Pause
from server.calendars.record import standard
from server.rulebook.durations import parse_term, term_text

SHANGHAI = ZoneInfo("Asia/Shanghai")
STANDARD = standard(SHANGHAI)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def deadline(due: str, warn: str | None = None, *steps: tuple[str, str]) -> Deadline:
    chain = tuple(Escalation(parse_term(after), to) for after, to in steps)
    return Deadline(parse_term(due), parse_term(warn) if warn else None, chain)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("12 h", "12 h"), ("2 d", "2 d"), ("8 working hours", "8 h of working time"), ("90 working min", "1 h 30 min of working time"),
        ("1.5 working h", "1 h 30 min of working time"), ("1 working day", "1 working day"), ("3 Working Days", "3 working days"),
        ("40 working hours", "40 h of working time"),
    ],
)  # fmt: skip
def test_lengths_that_are_understood(text: str, said: str) -> None:
    assert term_text(parse_term(text)).en == said


@pytest.mark.parametrize(
    "text", ["", "8", "working", "1.5 working days", "0 working days", "-8 working hours", "-2 h", "3 working weeks", None, 8]
)
def test_lengths_that_are_not(text: object) -> None:
    with pytest.raises(ValueError, match="working hours"):
        parse_term(text)


def test_everything_is_counted_from_the_due_time() -> None:
    found = deadline("8 working hours", "2 working hours", ("0 h", "Head"), ("1 working day", "Director")).counted(
        at("2026-03-06 10:00"), STANDARD
    )
    assert (found.due, found.warn) == (at("2026-03-09 10:00"), at("2026-03-09 08:00"))
    assert found.escalations == (at("2026-03-09 10:00"), at("2026-03-10 17:00"))
    assert not found.is_estimated


def test_a_due_time_in_a_year_without_a_notice_is_estimated() -> None:
    assert deadline("3 working days").counted(at("2026-12-30 10:00"), STANDARD).is_estimated
    assert not deadline("3 d").counted(at("2026-12-30 10:00"), None).is_estimated, "the clock needs no notice"


@pytest.mark.parametrize(
    ("due", "pauses", "expected"),
    [
        pytest.param("4 h", [("10:00", "13:00")], "2026-03-02 16:00", id="by the clock"),
        pytest.param("4 working hours", [("10:00", "14:00")], "2026-03-02 17:00", id="lunch is no working time"),
        pytest.param("4 working hours", [("18:00", "19:00")], "2026-03-02 14:00", id="after the due time"),
        pytest.param("4 h", [("09:30", "10:00"), ("11:00", "11:30")], "2026-03-02 14:00", id="twice"),
        pytest.param("1 working day", [("09:00", "11:00")], "2026-03-04 10:00", id="whole days move by working time"),
    ],
)  # fmt: skip
def test_a_pause_moves_the_due_time_by_what_it_stood(due: str, pauses: list[tuple[str, str]], expected: str) -> None:
    stood = [Pause(at(f"2026-03-02 {start}"), at(f"2026-03-02 {end}")) for start, end in pauses]
    assert deadline(due).counted(at("2026-03-02 09:00"), STANDARD, stood).due == at(expected)


def test_how_long_it_took_leaves_the_pauses_out() -> None:
    taken = deadline("8 working hours").elapsed(
        at("2026-03-02 09:00"), at("2026-03-03 09:00"), STANDARD, [Pause(at("2026-03-02 10:00"), at("2026-03-02 12:00"))]
    )
    assert taken == timedelta(hours=6)
    assert deadline("24 h").elapsed(at("2026-03-02 09:00"), at("2026-03-03 09:00"), None) == timedelta(hours=24)


def test_it_is_kept_whole() -> None:
    whole = deadline("8 working hours", "30 min", ("0 h", "Head"), ("3 working days", "Director"))
    assert Deadline.of(whole.to_json()) == whole
    assert Deadline.of(None) == Deadline()


@settings(max_examples=60)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    st.sampled_from(["5 h", "6 working hours", "90 working min"]),
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 20_000)), max_size=3),
)
def test_what_is_left_of_the_time_is_the_same_with_pauses(start: datetime, due: str, steps: list[tuple[int, int]]) -> None:
    """From the start to the moved due time, without the pauses, exactly the length of the deadline passes."""
    term, pauses, moment = deadline(due), [], start
    for gap, length in steps:
        begin = moment + timedelta(seconds=gap)
        moment = begin + timedelta(seconds=length)
        pauses.append(Pause(begin, moment))
    ended = term.counted(start, STANDARD, pauses).due
    assert ended is not None
    passed = [pause for pause in pauses if pause.start < ended]
    assert term.due is not None
    assert term.elapsed(start, ended, STANDARD, passed) == term.due.length
