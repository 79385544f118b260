"""A tour is offered until it was taken or declined, for each person, and can be asked for again."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from server.desk.tour_words import TOURS


def test_a_tour_is_offered_until_it_is_declined_and_can_be_taken_again(signed_in: FlaskClient) -> None:
    page = signed_in.get("/").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    assert 'data-tour="staff"' in page

    signed_in.post("/tour/staff", data={"csrf_token": token[1]})

    again = signed_in.get("/").text
    assert ('data-tour="staff"' in again, 'href="/?tour=staff"' in again) == (False, True)
    steps = signed_in.get("/tour/staff").get_json()["steps"]
    assert [step["at"] for step in steps] == [step.at for step in TOURS["staff"]]
    assert signed_in.get("/tour/nowhere").status_code == 404
