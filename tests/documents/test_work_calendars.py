"""Work calendars as records: which one measures a record, what is refused, and filling in a year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from server.access.user import User
from server.calendars.hours import Calendar
from server.core.errors import NotFound, ValidationFailed
from server.documents.calendars import Calendars
from server.site import Site

pytestmark = pytest.mark.parametrize("empty_site", ["sqlite"], indirect=True)  # nothing here asks one database otherwise
ROOT = User.administrator()
EVERY_RIGHT = [{"role": "All", "read": 1, "write": 1, "create": 1}]
LINK = {"fieldname": "work_calendar", "fieldtype": "Link", "label": "Calendar", "options": "Work Calendar"}
CLIENT = {"doctype": "DocType", "name": "Client", "module": "tests", "autoname": "field:title", "permissions": EVERY_RIGHT,
          "fields": [{"fieldname": "title", "fieldtype": "Data", "label": "Title"}, LINK]}  # fmt: skip
VISIT = {"doctype": "DocType", "name": "Visit", "module": "tests", "autoname": "format:V-{####}", "permissions": EVERY_RIGHT,
         "fields": [{"fieldname": "client", "fieldtype": "Link", "label": "Client", "options": "Client"},
                    {"fieldname": "second", "fieldtype": "Link", "label": "Second", "options": "Client"}]}  # fmt: skip
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")


@pytest.fixture
def site(empty_site: Site, publish: Callable[..., int], shipped_doctypes: Mapping[str, dict[str, object]]) -> Site:
    calendars = (shipped_doctypes[name] for name in shipped_doctypes if name.startswith("Work Calendar"))
    publish(empty_site, *calendars, CLIENT, VISIT)
    return empty_site


def make(site: Site, name: str, *, start: str = "09:00", end: str = "18:00", **values: Any) -> str:
    shift = {"start_time": start, "end_time": end, **dict.fromkeys(WEEK, 1)}
    given = {"calendar_name": name, "title": name, "shifts": [shift], **values}
    return site.documents.save(ROOT, "Work Calendar", given).name


def measures(site: Site, record: dict[str, Any], field: str | None = None) -> Calendar:
    with site.database.read() as connection:
        return Calendars(connection, site.snapshot().model).of_record("Visit", record, field)


def test_the_calendar_comes_from_the_record_its_links_or_the_site(site: Site) -> None:
    assert measures(site, {}).name == "", "without any record the built-in one"
    make(site, "Site", is_default=1)
    for name in ("Night", "Day"):
        make(site, name)
        site.documents.save(ROOT, "Client", {"title": f"{name} client", "work_calendar": name})
    site.documents.save(ROOT, "Client", {"title": "Plain client"})
    assert measures(site, {"client": "Plain client"}).name == "Site"
    assert measures(site, {"client": "Night client", "second": "Day client"}).name == "Night"
    assert measures(site, {"client": "Night client", "second": "Day client"}, "second").name == "Day"
    assert measures(site, {"client": "Night client"}, "second").name == "Site"


def test_a_change_of_a_calendar_counts_at_once(site: Site) -> None:
    name = make(site, "Site", is_default=1)
    monday = datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert measures(site, {}).add(monday, timedelta(hours=9)) == datetime(2026, 3, 2, 10, tzinfo=UTC)
    record = site.documents.load(ROOT, "Work Calendar", name)
    site.documents.save(
        ROOT, "Work Calendar", {"days": [{"day": "2026-03-02", "kind": "Holiday"}]}, name=name, version=record["version"]
    )
    assert measures(site, {}).add(monday, timedelta(hours=9)) == datetime(2026, 3, 3, 10, tzinfo=UTC)


def test_what_cannot_be_counted_in_is_refused_with_every_fault(site: Site) -> None:
    with pytest.raises(ValidationFailed) as refused:
        make(site, "Odd", timezone="Asia/Beijing", days=[{"day": "2026-03-03", "start_time": "13:00"}])
    assert [fault.where for fault in refused.value.faults] == ["timezone", "days[0].end_time"]


def test_there_is_one_default(site: Site) -> None:
    make(site, "First", is_default=1)
    with pytest.raises(ValidationFailed) as refused:
        make(site, "Second", is_default=1)
    assert "First" in refused.value.faults[0].text.en
    name = make(site, "Third")
    site.documents.save(ROOT, "Work Calendar", {"title": "Renamed"}, name="First")  # the one that is may be changed
    assert measures(site, {}).title == "Renamed"
    assert name == "Third"


def test_a_year_is_filled_in_and_what_was_entered_by_hand_stays(site: Site) -> None:
    with pytest.raises(NotFound):
        site.calendar_years.fill(ROOT, 2026)
    make(site, "Site", is_default=1, days=[{"day": "2026-10-02", "kind": "Workday", "title": "盘点"}])
    filled = site.calendar_years.fill(ROOT, 2026)
    assert filled.is_announced
    record = site.documents.load(ROOT, "Work Calendar", "Site")
    kinds = {row["day"]: row["kind"] for row in record["days"]}
    assert (kinds[date(2026, 10, 1)], kinds[date(2026, 10, 2)], kinds[date(2026, 10, 10)]) == ("Holiday", "Workday", "Workday")
    assert [(row["year"], row["state"]) for row in record["years"]] == [(2026, "Announced")]
    assert measures(site, {}).is_workday(date(2026, 10, 2))
    assert site.calendar_years.fill(ROOT, 2026).days == 0, "a second time nothing is new"


def test_an_unannounced_year_is_estimated_until_it_is_confirmed(site: Site) -> None:
    make(site, "Site", is_default=1)
    new_year = datetime(2027, 1, 4, tzinfo=UTC)
    assert measures(site, {}).is_estimated(new_year)
    assert not site.calendar_years.fill(ROOT, 2027).is_announced
    calendar = measures(site, {})
    assert calendar.is_estimated(new_year)
    assert not calendar.is_workday(date(2027, 2, 8))
    record = site.documents.load(ROOT, "Work Calendar", "Site")
    announced = [{**row, "state": "Announced", "notice": "国办发明电〔2026〕9号"} for row in record["years"]]
    days = [*record["days"], {"day": "2027-02-20", "kind": "Workday", "title": "春节调休"}]
    site.documents.save(ROOT, "Work Calendar", {"years": announced, "days": days}, name="Site", version=record["version"])
    calendar = measures(site, {})
    assert not calendar.is_estimated(new_year)
    assert calendar.is_workday(date(2027, 2, 20)), "a Saturday that is made up"
