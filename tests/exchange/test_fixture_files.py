"""Fixtures: records that a pack brings, once each, also when a later version of the pack has more of them or in another order."""

from __future__ import annotations

from typing import Any

from server.access.user import User
from server.site import Site

ADMIN = User.administrator()
PROCEDURE = ("p.json", {"doctype": "Procedure", "records": [{"code": "S99", "title": "统计程序"}]})


def clauses(*codes: str) -> tuple[str, dict[str, Any]]:
    return "c.json", {"doctype": "Clause", "records": [{"code": code, "document": "S99", "text": "须统计"} for code in codes]}


def entered(site: Site, *fixtures: tuple[str, dict[str, Any]]) -> list[int]:
    return [made for _, made in site.fixture_loader().load(fixtures)]


def test_a_record_between_two_others_is_entered_by_a_later_version(shipped_site: Site) -> None:
    assert entered(shipped_site, PROCEDURE, clauses("S99-01", "S99-03")) == [1, 2]

    assert entered(shipped_site, PROCEDURE, clauses("S99-01", "S99-02", "S99-03")) == [0, 1]
    assert shipped_site.documents.load(ADMIN, "Clause", "S99-02")["text"] == "须统计"
    assert entered(shipped_site, PROCEDURE, clauses("S99-03", "S99-02", "S99-01")) == [0, 0]


def test_what_was_deleted_stays_deleted(shipped_site: Site) -> None:
    entered(shipped_site, PROCEDURE, clauses("S99-01", "S99-02"))
    shipped_site.documents.delete(ADMIN, "Clause", "S99-01")

    assert entered(shipped_site, PROCEDURE, clauses("S99-01", "S99-02")) == [0, 0]
    assert entered(shipped_site, PROCEDURE, clauses("S99-00", "S99-01", "S99-02")) == [0, 1]
