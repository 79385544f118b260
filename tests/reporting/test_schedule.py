"""When a report is due: days, weeks, months, and the working calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from server.reporting.schedule import Schedule

HOLIDAYS = {date(2026, 5, day) for day in range(1, 6)}


def is_workday(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


AT = time(8)
DAILY, WORKDAYS = Schedule("Daily", AT), Schedule("Daily", AT, on_working_days=True)
MONDAYS, FIRSTS = Schedule("Weekly", AT, weekday=0), Schedule("Monthly", AT, day=1, on_working_days=True)
ENDS = Schedule("Monthly", AT, day=31)


@pytest.mark.parametrize(
    ("schedule", "now", "period", "due"),
    [
        (DAILY, "2026-05-02 08:00", "2026-05-02", "2026-05-02"),
        (DAILY, "2026-05-02 07:59", "2026-05-01", "2026-05-01"),
        (WORKDAYS, "2026-05-03 12:00", "2026-04-30", "2026-04-30"),
        (WORKDAYS, "2026-05-06 08:00", "2026-05-06", "2026-05-06"),
        (MONDAYS, "2026-06-17 12:00", "2026-W25", "2026-06-15"),
        (MONDAYS, "2026-06-15 07:00", "2026-W24", "2026-06-08"),
        (FIRSTS, "2026-05-05 12:00", "2026-04", "2026-04-01"),
        (FIRSTS, "2026-05-06 09:00", "2026-05", "2026-05-06"),
        (ENDS, "2026-02-28 09:00", "2026-02", "2026-02-28"),
        (ENDS, "2026-03-30 09:00", "2026-02", "2026-02-28"),
        (Schedule("Weekly", AT, weekday=0), "2027-01-01 12:00", "2026-W53", "2026-12-28"),
    ],
)
def test_the_last_moment_at_which_it_was_due(schedule: Schedule, now: str, period: str, due: str) -> None:
    found = schedule.last_due(datetime.fromisoformat(now).replace(tzinfo=UTC), is_workday)

    assert found is not None
    assert (found[0], found[1].date().isoformat(), found[1].time()) == (period, due, AT)
