"""Number series: patterns, and numbers that are unique and without gaps under concurrency."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest

from server.core.errors import ValidationFailed
from server.storage import series
from server.storage.database import Database


class SaveRefused(Exception):
    """Stands for a save that takes a number and is refused afterwards."""


NOW = datetime(2026, 3, 31, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("ST-.YYYY.-.#####", "ST-2026-00001", id="Frappe's series"),
        pytest.param("QT-.YY.MM.DD.-.###", "QT-260331-001", id="a day's series"),
        pytest.param("RCDF", "RCDF00001", id="five digits where none are said"),
        pytest.param("X-.{plant}.-.##", "X-NB-01", id="a field between dots"),
        pytest.param("format:RCDF-{YYYY}-{plant}-{####}", "RCDF-2026-NB-0001", id="format with digits"),
        pytest.param("format:{plant}/{made}", "NB/20260131", id="format of fields alone"),
    ],
)
def test_patterns(database: Database, pattern: str, expected: str) -> None:
    with database.write() as connection:
        assert series.expand(connection, pattern, {"plant": "NB", "made": date(2026, 1, 31)}, NOW) == expected


def test_the_year_is_that_of_the_site(database: Database) -> None:
    new_year_in_shanghai = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    with database.write() as connection:
        assert series.expand(connection, "ST-.YYYY.-.##", {}, new_year_in_shanghai) == "ST-2027-01"


def test_each_prefix_counts_for_itself_and_grows_past_its_digits(database: Database) -> None:
    with database.write() as connection:
        made = [series.expand(connection, "A-.#", {}, NOW) for _ in range(11)]
        assert series.expand(connection, "B-.#", {}, NOW) == "B-1"
    assert made[-2:] == ["A-10", "A-11"]


def test_an_empty_field_in_a_pattern_is_named(database: Database) -> None:
    with database.write() as connection, pytest.raises(ValidationFailed) as caught:
        series.expand(connection, "format:{plant}-{##}", {"plant": None}, NOW)
    assert caught.value.faults[0].where == "plant"


def test_a_number_of_a_failed_save_is_given_again(database: Database) -> None:
    def refused_save() -> None:
        with database.write() as connection:
            assert series.next_number(connection, "A") == 1
            raise SaveRefused

    with pytest.raises(SaveRefused):
        refused_save()
    with database.write() as connection:
        assert series.next_number(connection, "A") == 1


def test_eight_threads_get_unique_numbers_without_gaps(database: Database) -> None:
    kept: list[int] = []
    failures: list[Any] = []

    def take() -> None:
        try:
            for turn in range(12):
                with suppress(SaveRefused), database.write() as connection:
                    number = series.next_number(connection, "ST-2026-")
                    if turn % 4 == 3:
                        raise SaveRefused
                    kept.append(number)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(kept) == list(range(1, 8 * 9 + 1))
