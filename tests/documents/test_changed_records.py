"""Records that rules change: once for each value, guarded and told as by rule, put back with the record that changed them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from documents_shop import ROLE

from server.access.user import User
from server.core.errors import ValidationFailed
from server.site import Site

LOT = {
    "name": "Lot", "label": {"zh": "批次", "en": "Lot"}, "autoname": "field:code", "track_changes": 1,
    "fields": [
        {"fieldname": "code", "fieldtype": "Data", "reqd": 1, "unique": 1},
        {"fieldname": "state", "fieldtype": "Select", "options": "Free\nBlocked\nRecalled", "default": "Free",
         "label": {"zh": "状态", "en": "State"}},
        {"fieldname": "why", "fieldtype": "Data", "label": {"zh": "原因", "en": "Reason"}, "permlevel": 1, "read_only": 1},
    ],
    "permissions": [{"role": "Clerk", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip
REPORT = {
    "name": "Report Slip", "label": {"zh": "不合格报告", "en": "Report"}, "is_submittable": 1, "autoname": "R-.###", "track_changes": 1,
    "fields": [
        {"fieldname": "lot", "fieldtype": "Link", "options": "Lot", "label": {"zh": "批次", "en": "Lot"}},
        {"fieldname": "state", "fieldtype": "Select", "options": "Free\nBlocked\nRecalled", "default": "Blocked"},
        {"fieldname": "note", "fieldtype": "Data"},
        {"fieldname": "amended_from", "fieldtype": "Link", "options": "Report Slip", "read_only": 1, "no_copy": 1},
    ],
    "permissions": [{"role": "Clerk", **ROLE}],
}  # fmt: skip
BLOCK = {
    "name": "lot-shows-it", "title": {"zh": "批次显示其状态", "en": "The lot shows it"}, "applies_to": "Report Slip", "source": ["S18-04"],
    "then": [{"change": {"record": "lot", "take_back": True,
                         "values": {"state": {"path": "state"}, "why": {"expr": "concat('see ', doc.name)"}}}}],
}  # fmt: skip
NEVER = {
    "name": "not-recalled", "applies_to": "Lot", "when": {"all": [["state", "=", "Recalled"]]},
    "then": [{"block": {"message": {"zh": "{code} 不能召回", "en": "{code} is never recalled"}, "field": "state"}}],
}  # fmt: skip


@pytest.fixture
def store(empty_site: Site, publish: Callable[..., int], clerk: User) -> Site:
    publish(empty_site, LOT, REPORT, BLOCK, NEVER)
    empty_site.documents.save(clerk, "Lot", {"code": "L1"})
    return empty_site


def state(site: Site, lot: str = "L1") -> str:
    return str(site.documents.load(User.administrator(), "Lot", lot)["state"])


def report(site: Site, user: User, **values: Any) -> str:
    return site.documents.save(user, "Report Slip", {"lot": "L1", **values}).name


def test_a_linked_record_is_changed_with_the_save_and_says_by_which_rule(store: Site, clerk: User) -> None:
    name = report(store, clerk)
    assert state(store) == "Blocked", "the clerk asked for it by saving the report"
    assert store.documents.load(User.administrator(), "Lot", "L1")["why"] == f"see {name}", (
        "closed to people, filled in by rules"
    )
    entry = store.queries.history(User.administrator(), "Lot", "L1")[0]
    assert (entry.by_name, entry.action) == ("Administrator", "save")
    assert all(word in told for told in (entry.reason.zh, entry.reason.en) for word in ("lot-shows-it", name, clerk.full_name))
    told = store.queries.why(User.administrator(), "Report Slip", name)
    assert told is not None
    (rule,) = [one for one in told["rules"] if one["rule"] == "lot-shows-it"]
    (change,) = rule["changed"]
    assert (change["name"], change["values"]["state"]) == ("L1", "Blocked")
    assert change["text"]["en"].startswith("Lot L1: State = Blocked")
    seen = store.queries.why(clerk, "Report Slip", name)
    assert seen is not None
    assert not any(one.get("changed") for one in seen["rules"]), "who may not see the field of the lot"


def test_what_was_asked_once_is_not_done_again_over_what_somebody_put_right(store: Site, clerk: User) -> None:
    name = report(store, clerk)
    store.documents.save(User.administrator(), "Lot", {"state": "Free"}, name="L1")
    store.documents.save(clerk, "Report Slip", {"note": "again"}, name=name)
    assert state(store) == "Free"
    store.documents.save(clerk, "Report Slip", {"state": "Free"}, name=name)
    store.documents.save(clerk, "Report Slip", {"state": "Blocked"}, name=name)
    assert state(store) == "Blocked", "another value is another demand"


def test_the_other_record_guards_itself(store: Site, clerk: User) -> None:
    with pytest.raises(ValidationFailed) as refused:
        report(store, clerk, state="Recalled")
    assert [fault.text.en for fault in refused.value.faults] == ["Lot: L1 is never recalled"]
    assert (len(store.queries.list(clerk, "Report Slip", limit=5).rows), state(store)) == (0, "Free"), "both or neither"


def test_cancelling_puts_back_what_no_other_record_holds(store: Site, clerk: User) -> None:
    first, second = report(store, clerk), report(store, clerk)
    for name in (first, second):
        store.documents.submit(clerk, "Report Slip", name)
    store.documents.cancel(clerk, "Report Slip", first)
    assert state(store) == "Blocked", "the second still blocks it"
    store.documents.cancel(clerk, "Report Slip", second)
    assert state(store) == "Free"
    third = report(store, clerk)
    store.documents.delete(clerk, "Report Slip", third)
    assert state(store) == "Free", "a deleted draft too"


def test_what_somebody_changed_since_is_not_put_back(store: Site, clerk: User) -> None:
    name = report(store, clerk, state="Free")
    store.documents.save(User.administrator(), "Lot", {"state": "Blocked"}, name="L1")
    store.documents.delete(clerk, "Report Slip", name)
    lot = store.documents.load(User.administrator(), "Lot", "L1")
    assert (lot["state"], lot["why"]) == ("Blocked", None), "only what is still as it was left"


def test_every_record_of_a_list_is_changed(store: Site, clerk: User, publish: Callable[..., int]) -> None:
    store.documents.save(clerk, "Lot", {"code": "L2"})
    publish(store, {
        "name": "all-lots", "applies_to": "Report Slip",
        "facts": {"lots": {"list": "name", "of": "Lot", "where": [["code", ">=", "L"]]}},
        "when": {"all": [["note", "=", "all"]]}, "then": [{"change": {"record": "@lots", "values": {"state": "Blocked"}}}],
    })  # fmt: skip
    report(store, clerk, lot=None, note="all")
    assert [state(store, lot) for lot in ("L1", "L2")] == ["Blocked", "Blocked"]


def test_rules_that_change_each_others_records_come_to_an_end(store: Site, clerk: User, publish: Callable[..., int]) -> None:
    back = {
        "name": "back", "applies_to": "Lot", "facts": {"slips": {"list": "name", "of": "Report Slip", "where": [["lot", "=", {"path": "name"}]]}},
        "when": {"all": [["@slips", "is", "set"]]},
        "then": [{"change": {"record": "@slips", "values": {"note": {"expr": "concat(coalesce(doc.why, ''), '+')"}}}}],
    }  # fmt: skip
    grow = {
        "name": "grow", "applies_to": "Report Slip", "when": {"all": [["note", "is", "set"]]},
        "then": [{"change": {"record": "lot", "values": {"why": {"path": "note"}}}}],
    }  # fmt: skip
    publish(store, back, grow)
    with pytest.raises(ValidationFailed) as refused:
        report(store, clerk, note="x")
    assert "longer than 5" in refused.value.faults[0].text.en
    assert state(store) == "Free"
