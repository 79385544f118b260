"""How obligations were kept, counted by the database: by outcome, rule, owner and month, of the records that the reader may read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from server.access.user import User
from server.core.text import Text
from server.obligations.book import ObligationBook
from server.obligations.model import Obligation
from server.site import Site

ROOT = User.administrator()
CALL = {
    "doctype": "DocType", "name": "Call", "module": "tests", "autoname": "format:C-{####}", "fields": [{"fieldname": "topic", "fieldtype": "Data", "label": "Topic"}],
    "permissions": [{"role": "Staff", "read": 1, "create": 1}, {"role": "Guest", "read": 1, "create": 1, "if_owner": 1}],
}  # fmt: skip
STAFF, GUEST = (User(name, name.title(), roles=frozenset({role})) for name, role in (("li", "Staff"), ("wu", "Guest")))
NONE = User("zhu", "Zhu", roles=frozenset({"Other"}))
MIDNIGHT = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)  # in Shanghai the last of March ends
LATE = {"breached_at": MIDNIGHT}


def numbers(tally: Any) -> dict[str, int]:
    return {outcome: number for outcome, number in tally.numbers.items() if number}


def test_they_are_counted_by_outcome_owner_and_month_for_each_reader(empty_site: Site, publish: Callable[..., int]) -> None:
    site = empty_site
    publish(site, CALL)
    mine, theirs = (site.documents.save(user, "Call", {"topic": "t"}).name for user in (GUEST, STAFF))
    kept: list[dict[str, Any]] = [
        {"state": "met", "name": mine}, {"state": "met", **LATE}, {"state": "escalated", **LATE}, {"state": "open"}, {"state": "waived"},
        {"state": "void"}, {"state": "met", "kind": "approval"}, {"state": "open", "due_at": MIDNIGHT},
        {"state": "open", "due_at": datetime(2026, 4, 30, 16, 1, tzinfo=UTC)}, {"state": "met", "name": "C-gone"},
    ]  # fmt: skip
    with site.database.write() as connection:
        for number, values in enumerate(kept):
            given = {"kind": "obligation", "name": theirs, "due_at": MIDNIGHT + timedelta(minutes=1)} | values
            ObligationBook(connection).open(Obligation(
                id=f"o{number}", rule="r", doctype="Call", title=Text.of("t"), opened_at=MIDNIGHT, opened_by="x", owed_by_role="Staff", **given,
            ))  # fmt: skip
    april = (date(2026, 4, 1), date(2026, 4, 30))
    found = site.owed_statistics.of(STAFF, *april)
    assert numbers(found.whole) == {"met": 1, "met_late": 1, "late": 1, "open": 1, "waived": 1}
    assert [(one.key, one.total) for one in found.by_month] == [("2026-04", 5)]
    assert [(one.key, one.total) for one in found.by_whom] == [("Staff", 5)]
    assert [(one.key, one.kept_percent) for one in found.by_rule] == [("r", 33)]
    assert [one.key for one in site.owed_statistics.of(STAFF, date(2026, 3, 31), date(2026, 5, 1)).by_month] == [
        "2026-03",
        "2026-04",
        "2026-05",
    ]
    assert numbers(site.owed_statistics.of(GUEST, *april).whole) == {"met": 1}, "of their own records only"
    assert numbers(site.owed_statistics.of(NONE, *april).whole) == {}
