"""Arithmetic in working time, and what the week, holidays, make-up days, night shifts and changes of the clocks do to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.calendars import china
from server.calendars.hours import Calendar, Hours, OutOfReach, SpecialDay
from server.calendars.record import standard
from server.calendars.term import Term

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
STANDARD = standard(SHANGHAI)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def working_hours(number: float) -> Term:
    return Term(timedelta(hours=number), is_working=True)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        pytest.param("2026-03-02 09:00", 8, "2026-03-03 09:00", id="over lunch and night"),
        pytest.param("2026-03-02 08:00", 8, "2026-03-02 17:00", id="eight hours from opening end at closing"),
        pytest.param("2026-03-02 12:30", 1, "2026-03-02 14:00", id="begun in the lunch break"),
        pytest.param("2026-03-06 16:00", 8, "2026-03-09 16:00", id="over a weekend"),
        pytest.param("2026-05-08 16:00", 8, "2026-05-09 16:00", id="a make-up Saturday is a workday"),
        pytest.param("2026-09-30 16:00", 8, "2026-10-08 16:00", id="over the National Day holiday"),
        pytest.param("2026-10-09 16:00", 8, "2026-10-10 16:00", id="the Saturday after it is made up"),
        pytest.param("2026-02-13 16:00", 8, "2026-02-14 16:00", id="the Saturday before the Spring Festival is made up"),
        pytest.param("2026-02-14 16:00", 8, "2026-02-24 16:00", id="over the Spring Festival"),
        pytest.param("2026-12-31 16:30", 8, "2027-01-04 16:30", id="into a year without a notice"),
    ],
)
def test_working_hours_after_a_moment(start: str, hours: int, due: str) -> None:
    assert working_hours(hours).after(at(start), STANDARD) == at(due)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        pytest.param("2026-03-02 09:00", 3, "2026-03-05 17:00", id="the first day does not count"),
        pytest.param("2026-03-06 18:00", 1, "2026-03-09 17:00", id="over a weekend"),
        pytest.param("2026-02-13 09:00", 1, "2026-02-14 17:00", id="to a make-up Saturday"),
        pytest.param("2026-09-30 09:00", 2, "2026-10-09 17:00", id="over a holiday"),
        pytest.param("2026-03-05 09:00", -3, "2026-03-02 08:00", id="backwards: from the beginning of that day"),
    ],
)
def test_working_days(start: str, days: int, due: str) -> None:
    assert STANDARD.add_days(at(start), days) == at(due)


def test_a_year_without_a_notice_is_estimated_and_never_an_error() -> None:
    assert not STANDARD.is_estimated(at("2026-12-31 09:00"))
    assert STANDARD.is_estimated(at("2026-12-31 09:00"), at("2027-01-04 09:00"))
    assert STANDARD.is_estimated(at("2199-06-01 09:00"))
    assert not STANDARD.is_workday(date(2027, 2, 8)), "the Spring Festival of 2027 is known from the moon"
    assert not STANDARD.is_workday(date(2027, 4, 5)), "and the Qingming day from the sun"
    assert not STANDARD.is_workday(date(2027, 10, 1))
    assert STANDARD.add_days(at("2058-12-30 09:00"), 30) > at("2059-01-01 00:00")


def test_estimated_holidays_are_among_those_that_were_announced() -> None:
    """Where both are known: what would have been guessed for 2025 and 2026 are holidays, each of them."""
    for year in (2025, 2026):
        announced = {item.day for item in china.special_days(year) if item.kind == "holiday"}
        assert {day for day, _ in china._statutory(year)} <= announced


def calendar(
    *shifts: tuple[str, str],
    days: range = range(5),
    zone: ZoneInfo = SHANGHAI,
    special: dict[date, tuple[SpecialDay, ...]] | None = None,
) -> Calendar:
    hours = tuple(Hours.between(time.fromisoformat(start), time.fromisoformat(end)) for start, end in shifts)
    week = tuple(hours if day in days else () for day in range(7))
    return Calendar("", "test", zone, week, special or {}, frozenset(range(1, 10_000)))


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    nights = calendar(("22:00", "06:00"))
    assert nights.is_working(at("2026-03-07 05:59")), "Saturday morning ends Friday's shift"
    assert not nights.is_working(at("2026-03-07 06:00"))
    assert not nights.is_working(at("2026-03-02 05:00")), "on Monday morning nobody has begun"
    assert nights.add(at("2026-03-06 23:00"), timedelta(hours=8)) == at("2026-03-09 23:00")
    holiday = calendar(("22:00", "06:00"), special={date(2026, 3, 3): (SpecialDay(date(2026, 3, 3), "holiday"),)})
    assert holiday.is_working(at("2026-03-03 03:00")), "the night before runs out"
    assert not holiday.is_working(at("2026-03-03 23:00"))


def test_shifts_that_overlap_count_once() -> None:
    both = calendar(("20:00", "08:00"), ("06:00", "14:00"), days=range(7))
    assert both.between(at("2026-03-02 00:00"), at("2026-03-03 00:00")) == timedelta(hours=18)


def test_half_days_and_own_hours() -> None:
    afternoon, saturday = date(2026, 3, 4), date(2026, 3, 7)
    special = {
        afternoon: (SpecialDay(afternoon, "holiday", "下午放假", Hours.between(time(12), time(18))),),
        saturday: (SpecialDay(saturday, "workday", "盘点", Hours.between(time(9), time(11))),),
    }
    own = calendar(("08:00", "12:00"), ("13:00", "17:00"), special=special)
    assert own.add(at("2026-03-04 11:00"), timedelta(hours=2)) == at("2026-03-05 09:00")
    assert own.between(at("2026-03-07 00:00"), at("2026-03-08 00:00")) == timedelta(hours=2)


@pytest.mark.parametrize(
    ("evening", "morning", "hours"),
    [
        pytest.param("2026-03-28 22:00", "2026-03-29 06:00", 7, id="clocks forward"),
        pytest.param("2026-10-24 22:00", "2026-10-25 06:00", 9, id="clocks back"),
        pytest.param("2026-07-04 22:00", "2026-07-05 06:00", 8, id="plain"),
    ],
)
def test_a_night_shift_over_a_change_of_the_clocks_is_as_long_as_it_was(evening: str, morning: str, hours: int) -> None:
    nights = calendar(("22:00", "06:00"), days=range(7), zone=BERLIN)
    assert nights.between(at(evening, BERLIN), at(morning, BERLIN)) == timedelta(hours=hours)
    assert nights.add(at(evening, BERLIN), timedelta(hours=hours)) == at(morning, BERLIN)


def test_a_shift_within_the_hour_that_is_left_out_is_none() -> None:
    odd = calendar(("02:00", "02:45"), days=range(7), zone=BERLIN)
    assert odd.between(at("2026-03-28 00:00", BERLIN), at("2026-03-30 12:00", BERLIN)) == timedelta(minutes=3 * 45)


def test_a_calendar_that_never_works_says_so_instead_of_searching_on() -> None:
    with pytest.raises(OutOfReach):
        calendar().add(at("2026-03-02 09:00"), timedelta(hours=1))
    with pytest.raises(OutOfReach):
        calendar().add_days(at("2026-03-02 09:00"), 1)
    with pytest.raises(OutOfReach):
        STANDARD.add(datetime(9999, 12, 30, tzinfo=UTC), timedelta(days=400))
    with pytest.raises(OutOfReach):
        STANDARD.between(datetime(1, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))


TIMES = st.times().map(lambda value: value.replace(microsecond=0, second=0))
SHIFTS = st.lists(st.tuples(TIMES, TIMES).map(lambda pair: Hours.between(*pair)), min_size=1, max_size=3)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
SPECIAL = st.builds(
    SpecialDay, DAYS, st.sampled_from(["holiday", "workday"]), st.just(""),
    st.none() | st.tuples(TIMES, TIMES).map(lambda pair: Hours.between(*pair)),
)  # fmt: skip


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any week with some working time, any special days, in a zone with changes of the clocks or without."""
    hours = tuple(draw(SHIFTS))
    days = draw(st.sets(st.integers(0, 6), min_size=1))
    special: dict[date, tuple[SpecialDay, ...]] = {}
    for item in draw(st.lists(SPECIAL, max_size=8)):
        special[item.day] = (*special.get(item.day, ()), item)
    week = tuple(hours if day in days else () for day in range(7))
    return Calendar("", "any", draw(st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/St_Johns")])), week, special)


@settings(max_examples=80)
@given(calendars(), MOMENTS, st.integers(1, 200_000))
def test_what_is_added_lies_between(any_calendar: Calendar, moment: datetime, seconds: int) -> None:
    length = timedelta(seconds=seconds)
    end = any_calendar.add(moment, length)
    assert any_calendar.between(moment, end) == length
    assert any_calendar.between(moment, end - timedelta(seconds=1)) < length, "and at no earlier moment"
    back = any_calendar.add(end, -length)
    assert any_calendar.between(back, end) == length
    assert back >= moment


@settings(max_examples=60)
@given(calendars(), MOMENTS, st.integers(0, 100_000), st.integers(0, 100_000), st.integers(0, 2_000_000))
def test_later_and_longer_never_end_earlier(calendar: Calendar, moment: datetime, one: int, more: int, wait: int) -> None:
    short, long = timedelta(seconds=one), timedelta(seconds=one + more)
    later = moment + timedelta(seconds=wait)
    assert calendar.add(moment, short) <= calendar.add(moment, long)
    assert max(calendar.add(moment, short), later) <= calendar.add(later, short)
    assert calendar.between(moment, later) <= later - moment
    assert calendar.add_days(moment, 1 + one % 5) <= calendar.add_days(later, 1 + one % 5 + more % 3)


@settings(max_examples=60)
@given(calendars(), MOMENTS, st.integers(0, 400_000), st.integers(0, 400_000))
def test_a_stretch_is_the_sum_of_its_parts(calendar: Calendar, moment: datetime, first: int, second: int) -> None:
    middle = moment + timedelta(seconds=first)
    end = middle + timedelta(seconds=second)
    assert calendar.between(moment, middle) + calendar.between(middle, end) == calendar.between(moment, end)
    assert calendar.between(end, moment) == -calendar.between(moment, end)
