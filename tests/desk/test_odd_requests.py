"""Addresses and forms as nobody's browser sends them: refused in words, never an error of the program; what a list holds closes no page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from server.access.user import User
from server.site import Site

LONG = "9" * 40


@pytest.fixture
def headers(signed_in: FlaskClient) -> dict[str, str]:
    token = signed_in.get("/list/Tool%20Loan?view=").text.split('name="csrf_token" value="')[1].split('"')[0]
    return {"X-CSRF-Token": token, "Accept": "application/json"}


@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year"])
def test_a_list_with_a_day_without_end_is_grouped(signed_in: FlaskClient, lends: Callable[..., str], unit: str) -> None:
    lends(lent_at="9999-12-31 10:00")

    page = signed_in.get(f"/list/Tool%20Loan?group=lent_at&unit={unit}&totals=1")

    assert (page.status_code, "9999" in page.text) == (200, True)


@pytest.mark.parametrize(
    "query",
    [
        "as=calendar&at=9999-12", "as=calendar&at=0001-01-01&unit=week", "sort=x:y", "cols=,nothing", "as=zzz", "group=price",
        "as=board&by=price", "f=lent_at&o=timespan&v=999999%20d", f"f=lent_at&o=timespan&v={LONG}%20d", "f=_user_tags&o=between&v=a",
        "f=lent_at&o=timespan&v=..9999-12-31", "f=lent_at&o=timespan&v=0001-01-01..", "after=x", "f=qty&o=%3D&v=1e999",
    ],
)  # fmt: skip
def test_an_odd_address_of_a_list_is_shown_or_refused(signed_in: FlaskClient, query: str) -> None:
    assert signed_in.get(f"/list/Tool%20Loan?{query}").status_code < 500
    assert signed_in.get(f"/export/Tool%20Loan?{query}").status_code < 500


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("move", {"kind": "day", "by": "tool", "to": "2026-01-01", "end": "lent_at"}),
        ("move", {"kind": "day", "by": "parts", "to": "2026-01-01"}),
        ("beside", {"_act": f"edit:{LONG}", f"_text_{LONG}": "x"}),
        ("beside", {"_act": "remove:²"}),
        ("beside", {"_act": "assign", "_person": "li", "_due": "0001-01-01"}),
        ("cell", {"field": "lent_at", "value": "0001-01-01 00:00"}),
    ],
)
def test_an_odd_form_about_a_record_is_refused(
    signed_in: FlaskClient, headers: dict[str, str], lends: Callable[..., str], path: str, form: dict[str, str]
) -> None:
    name = lends(lent_at="2026-06-01 10:00")

    assert 400 <= signed_in.post(f"/{path}/Tool%20Loan/{name}", data=form, headers=headers).status_code < 500


def test_odd_json_is_refused(signed_in: FlaskClient, headers: dict[str, str]) -> None:
    tile = signed_in.post("/dashboard/tile", data={"tile": "{"}, headers=headers)
    deep = signed_in.post("/dashboard/save", data={"content": "[" * 100_000}, headers=headers)
    block = {"columns": ["due_on"], "cells": [["9" * 5000], ["46000"]]}
    pasted = signed_in.post("/paste/Tool%20Loan/parts", json=block, headers=headers)

    assert (tile.status_code, deep.status_code, pasted.status_code) == (417, 417, 200)
    assert (len(pasted.json["faults"]), pasted.json["rows"][1]["due_on"]) == (1, "2025-12-09")


def test_many_signs_of_mentions_do_not_close_the_page_of_a_record(site: Site, li: User, lends: Callable[..., str]) -> None:
    name = lends()
    for number in range(60):
        words = (f"@{number:03}{place:03}" + "x" * 130 for place in range(35))
        site.comments.add(li, "Tool Loan", name, " ".join(words))
    site.comments.add(li, "Tool Loan", name, "@li")

    found = site.comments.of_record(li, "Tool Loan", name)

    assert site.comments.named(item.text for item in found)["li"] == "李工"
