"""The page of work calendars: a year at a glance, and filling it in."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from server.access.user import User
from server.site import Site


def test_a_year_is_looked_at_and_filled_in(site: Site, admin: FlaskClient, post: Any) -> None:
    fixtures = [item for item in site.read_packs().fixtures if "work_calendars" in item[0]]
    assert [made for _, made in site.fixture_loader().load(fixtures)] == [1]
    page = admin.get("/admin/calendars/?year=2026").text
    assert 'title="国庆节"' in page
    assert "08:00–12:00、13:00–17:00" in page, "the make-up Saturday of October 10"
    assert "not announced yet" not in page
    assert "not announced yet" in admin.get("/admin/calendars/?year=2027").text
    answer = post("/admin/calendars/?year=2027", address_of_form="/admin/calendars/fill", calendar="Standard", year="2027")
    assert answer.status_code == 302
    assert "entered" in admin.get(answer.location).text
    years = site.documents.load(User.administrator(), "Work Calendar", "Standard")["years"]
    assert [(row["year"], row["state"]) for row in years] == [(2027, "Estimated")]
    refused = post("/admin/calendars/", address_of_form="/admin/calendars/fill", calendar="Standard", year="1066")
    assert "1066" in admin.get(refused.location).text
    assert admin.get("/admin/calendars/?calendar=None").status_code == 404
