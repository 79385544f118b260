"""What keeps a record from being a work calendar."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from server.calendars.record import WEEKDAYS, faults_of

DAY = date(2026, 3, 3)


@pytest.mark.parametrize(
    ("values", "where"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"timezone": "Asia/Beijing"}, ["timezone"], id="no such zone"),
        pytest.param({"shifts": [dict.fromkeys(WEEKDAYS, 0)]}, ["shifts[0].monday"], id="a shift on no day"),
        pytest.param({"years": [{"year": 2027}, {"year": 2027}]}, ["years[1].year"], id="a year twice"),
        pytest.param({"years": [{"year": 20270}]}, ["years[0].year"], id="no year"),
        pytest.param({"days": [{"day": DAY, "start_time": time(13)}]}, ["days[0].end_time"], id="half of the hours"),
        pytest.param({"days": [{"day": DAY}, {"day": DAY, "kind": "Workday"}]}, ["days[1].day"], id="a holiday that is worked"),
        pytest.param({"timezone": "?", "years": [{"year": 1}]}, ["timezone", "years[0].year"], id="all faults at once"),
    ],
)
def test_what_cannot_be_counted_in_is_named(values: dict[str, Any], where: list[str]) -> None:
    assert [fault.where for fault in faults_of(values)] == where
