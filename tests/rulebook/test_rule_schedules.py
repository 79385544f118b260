"""When a schedule comes: the days of its period, the ends of months, days off, and what of it is wrongly written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rulebook_samples import MODEL, faults_of, judge, matches, rule

from server.calendars.record import standard
from server.rulebook.describe import describe
from server.rulebook.read import check_shape
from server.rulebook.schedules import due_between, first_after

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 1, 1, 0, 0, tzinfo=ZONE)


def schedule(**given: Any) -> Any:
    (found,) = rule(on=[{"schedule": given}]).schedules
    return found


CASES = [
    ({"every": "day", "at": "08:00"}, ["01-01 08:00", "01-02 08:00"]),
    ({"every": "workday"}, ["01-04 00:00", "01-05 00:00"]),  # the first three days of 2026 are off, the Sunday is worked
    ({"every": "week", "on": ["monday", "friday"], "at": "09:30"}, ["01-02 09:30", "01-05 09:30", "01-09 09:30"]),
    ({"every": "month", "on": 31}, ["01-31 00:00", "02-28 00:00", "03-31 00:00"]),
    ({"every": "month", "on": "last", "at": "23:59"}, ["01-31 23:59", "02-28 23:59"]),
    ({"every": "month", "on": ["first workday", "last workday"]}, ["01-04 00:00", "01-30 00:00", "02-02 00:00"]),
    ({"every": "month", "on": 1, "if_holiday": "next", "at": "08:00"}, ["01-04 08:00", "02-02 08:00"]),
    ({"every": "month", "on": 1, "if_holiday": "before", "at": "08:00"}, ["01-30 08:00", "02-28 08:00"]),
    ({"every": "month", "on": 1, "if_holiday": "skip"}, ["04-01 00:00", "06-01 00:00"]),
    ({"every": "year", "on": ["03-31", "02-29"]}, ["02-28 00:00", "03-31 00:00"]),
]  # fmt: skip


@pytest.mark.parametrize(("given", "times"), CASES, ids=[str(case[0]) for case in CASES])
def test_its_times(given: dict[str, Any], times: list[str]) -> None:
    found = islice(
        due_between(schedule(**given), START - timedelta(seconds=1), START + timedelta(days=400), standard(ZONE)), len(times)
    )
    assert [f"{at:%m-%d %H:%M}" for at in found] == times


@given(st.sampled_from(CASES), st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)))
def test_the_first_after_a_moment_is_the_first_of_those_that_come(case: Any, moment: datetime) -> None:
    one, after = schedule(**case[0]), moment.replace(tzinfo=UTC)
    at = first_after(one, after, standard(ZONE))
    assert at is not None
    assert at > after
    assert list(due_between(one, after, at, standard(ZONE))) == [at]
    assert list(due_between(one, after, at - timedelta(seconds=1), standard(ZONE))) == []


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"every": "hour"}, "on[0].schedule.every"), ({"every": "week"}, "on[0].schedule.on"), ({"every": "week", "on": "mon"}, "on[0].schedule.on"),
        ({"every": "month", "on": 32}, "on[0].schedule.on"), ({"every": "month", "on": True}, "on[0].schedule.on"),
        ({"every": "year", "on": "02-30"}, "on[0].schedule.on"), ({"every": "day", "at": "8"}, "on[0].schedule.at"),
        ({"every": "day", "on": 1}, "on[0].schedule.on"), ({"every": "day", "if_holiday": "next"}, "on[0].schedule.if_holiday"),
        ({"every": "day", "missed": "none"}, "on[0].schedule.missed"), ({"every": "day", "hour": 8}, "on[0].schedule.hour"), ("daily", "on[0].schedule"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(given: Any, where: str) -> None:
    faults = check_shape({"name": "r", "applies_to": "Visit", "on": [{"schedule": given}], "then": [{"warn": "x"}]}, "")
    assert where in [fault.where for fault in faults], faults


def test_it_is_read_aloud() -> None:
    made = rule(
        on=[
            {"schedule": {"every": "month", "on": [15, "last workday"], "at": "08:00", "if_holiday": "next"}},
            {"transition": {"action": "Approve", "to": "Done"}},
        ]
    )
    said = describe(made, MODEL)
    assert said.zh.startswith(
        "上门服务经“Approve”进入“Done”时，每月15 日、最后一个工作日 08:00，遇节假日顺延，对每张上门服务："
    )
    assert said.en.startswith(
        "when a Visit goes by Approve to Done, or every month on day 15 and the last workday at 08:00, or the next workday, for each Visit:"
    )


@pytest.mark.parametrize(
    ("trigger", "move", "speaks"),
    [
        ({"action": "Approve"}, ("Approve", "A", "B"), True), ({"action": ["Reject", "Approve"], "from": "B"}, ("Approve", "A", "B"), False),
        ({"to": "B"}, ("", "A", "B"), True), ({"to": "B"}, None, False),
    ],
)  # fmt: skip
def test_a_transition_is_met_by_all_that_is_given(trigger: Any, move: Any, speaks: bool) -> None:
    made = rule(on=["validate", {"transition": trigger}], when={"all": [["total", ">", 1]]})
    assert faults_of(made) == []
    assert bool(judge(made, {"total": 2}, event="transition", move=move).matched) is speaks
    assert judge(made, {"total": 2}).matched == ("r",)
    assert matches(["total", ">", 1], {"total": 2})


def test_the_key_of_a_long_schedule_fits_the_databases_and_tells_it_from_others() -> None:
    days = [f"{month:02}-{day:02}" for month in range(1, 13) for day in (1, 10, 20)]
    keys = [rule(on=[{"schedule": {"every": "year", "on": on}}]).schedules[0].key for on in (days, [*days, "12-31"], ["12-31"])]
    assert max(map(len, keys)) <= 150
    assert len(set(keys)) == 3
    assert keys[2] == "year|00:00|12-31|stay"
