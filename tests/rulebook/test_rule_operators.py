"""Every operator at its boundaries, and with values that are absent."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rulebook_samples import matches, rule

from server.core.errors import MetadataInvalid
from server.metadata.fieldtypes import times

CASES: list[tuple[str, Any, dict[str, Any], bool]] = [
    ("= text", ["subject", "=", "a"], {"subject": "a"}, True),
    ("= other text", ["subject", "=", "a"], {"subject": "A"}, False),
    ("= absent", ["subject", "=", "a"], {}, False),
    ("= null absent", ["subject", "=", None], {}, True),
    ("= null present", ["subject", "=", None], {"subject": "a"}, False),
    ("= money is exact", ["total", "=", 0.3], {"total": "0.30"}, True),
    ("= zero is not absent", ["total", "=", 0], {"total": 0}, True),
    ("= zero, absent", ["total", "=", 0], {}, False),
    ("= check absent is 0", ["urgent", "=", 0], {}, True),
    ("= check", ["urgent", "=", 1], {"urgent": 1}, True),
    ("= date", ["due_on", "=", "2026-03-31"], {"due_on": "2026-03-31"}, True),
    ("= time", ["opens", "=", "08:30"], {"opens": "08:30"}, True),
    ("!= other", ["subject", "!=", "a"], {"subject": "b"}, True),
    ("!= same", ["subject", "!=", "a"], {"subject": "a"}, False),
    ("!= absent is false", ["subject", "!=", "a"], {}, False),
    ("!= null absent", ["subject", "!=", None], {}, False),
    ("!= null present", ["subject", "!=", None], {"subject": "a"}, True),
    ("> below", ["total", ">", 100], {"total": "99.99"}, False),
    ("> at", ["total", ">", 100], {"total": 100}, False),
    ("> above", ["total", ">", 100], {"total": "100.01"}, True),
    ("> absent", ["total", ">", -1], {}, False),
    (">= at", ["total", ">=", 100], {"total": 100}, True),
    (">= below", ["total", ">=", 100], {"total": "99.99"}, False),
    ("< at", ["deviation", "<", -10], {"deviation": -10}, False),
    ("< past", ["deviation", "<", -10], {"deviation": "-10.01"}, True),
    ("< finer than the field shows", ["deviation", "<", -10.005], {"deviation": "-10.01"}, True),
    ("< absent", ["deviation", "<", 10], {}, False),
    ("<= at", ["count", "<=", 3], {"count": 3}, True),
    ("<= above", ["count", "<=", 3], {"count": 4}, False),
    ("<= absent", ["count", "<=", 3], {}, False),
    ("between low end", ["count", "between", [1, 3]], {"count": 1}, True),
    ("between high end", ["count", "between", [1, 3]], {"count": 3}, True),
    ("between outside", ["count", "between", [1, 3]], {"count": 0}, False),
    ("between absent", ["count", "between", [1, 3]], {}, False),
    ("between open end", ["count", "between", [1, None]], {"count": 2}, False),
    ("between dates", ["due_on", "between", ["2026-03-01", "2026-03-31"]], {"due_on": "2026-03-31"}, True),
    ("in", ["category", "in", ["repair", "check"]], {"category": "check"}, True),
    ("in, not there", ["category", "in", ["repair"]], {"category": "check"}, False),
    ("in nothing", ["category", "in", []], {"category": "check"}, False),
    ("in, absent", ["category", "in", ["repair"]], {}, False),
    ("not in", ["category", "not in", ["repair"]], {"category": "check"}, True),
    ("not in, absent is false", ["category", "not in", ["repair"]], {}, False),
    ("contains", ["subject", "contains", "漏油"], {"subject": "主泵漏油"}, True),
    ("contains not", ["subject", "contains", "漏气"], {"subject": "主泵漏油"}, False),
    ("contains, absent", ["subject", "contains", "a"], {}, False),
    ("not contains", ["subject", "not contains", "x"], {"subject": "abc"}, True),
    ("not contains, absent is false", ["subject", "not contains", "x"], {}, False),
    ("starts with", ["subject", "starts with", "主泵"], {"subject": "主泵漏油"}, True),
    ("starts with, absent", ["subject", "starts with", "主泵"], {}, False),
    ("is set", ["subject", "is", "set"], {"subject": "a"}, True),
    ("is set, zero", ["count", "is", "set"], {"count": 0}, True),
    ("is set, absent", ["count", "is", "set"], {}, False),
    ("is not set", ["count", "is", "not set"], {}, True),
    ("is set, ticked", ["urgent", "is", "set"], {"urgent": 1}, True),
    ("is set, not ticked", ["urgent", "is", "set"], {"urgent": 0}, False),
    ("is set, rows", ["items", "is", "set"], {"items": [{"item": "a"}]}, True),
    ("is not set, no rows", ["items", "is", "not set"], {"items": []}, True),
    ("is set, signature absent", ["signature", "is", "set"], {}, False),
    ("older_than exactly", ["reported_at", "older_than", "12 h"], {"reported_at": "2026-03-31 00:00"}, True),
    ("older_than a minute less", ["reported_at", "older_than", "12 h"], {"reported_at": "2026-03-31 00:01"}, False),
    ("older_than absent", ["reported_at", "older_than", "12 h"], {}, False),
    ("older_than days", ["due_on", "older_than", "7 d"], {"due_on": "2026-03-24"}, True),
    ("older_than fewer days", ["due_on", "older_than", "7 d"], {"due_on": "2026-03-25"}, False),
    ("within today", ["due_on", "within", "30 d"], {"due_on": "2026-03-31"}, True),
    ("within the last day", ["due_on", "within", "30 d"], {"due_on": "2026-04-30"}, True),
    ("within, beyond", ["due_on", "within", "30 d"], {"due_on": "2026-05-01"}, False),
    ("within, past", ["due_on", "within", "30 d"], {"due_on": "2026-03-30"}, False),
    ("within the past", ["due_on", "within", "-7 d"], {"due_on": "2026-03-24"}, True),
    ("within hours", ["reported_at", "within", "2 h"], {"reported_at": "2026-03-31 14:00"}, True),
    ("before now", ["reported_at", "before", "now"], {"reported_at": "2026-03-31 11:59"}, True),
    ("before now, at", ["reported_at", "before", "now"], {"reported_at": "2026-03-31 12:00"}, False),
    ("before today", ["due_on", "before", "today"], {"due_on": "2026-03-30"}, True),
    ("before today, an instant of today", ["reported_at", "before", "today"], {"reported_at": "2026-03-31 01:00"}, False),
    ("after", ["due_on", "after", "2026-03-31"], {"due_on": "2026-04-01"}, True),
    ("after, at", ["due_on", "after", "2026-03-31"], {"due_on": "2026-03-31"}, False),
    ("after, absent", ["due_on", "after", "2026-03-31"], {}, False),
    ("path against path", ["total", ">", {"path": "discount"}], {"total": 5, "discount": 4}, True),
    ("path against absent path", ["total", ">", {"path": "discount"}], {"total": 5}, False),
    ("both absent are not equal", ["total", "=", {"path": "discount"}], {}, False),
    (
        "a day against an instant of that Beijing day",
        ["due_on", "=", {"path": "reported_at"}],
        {"due_on": "2026-03-31", "reported_at": "2026-03-31 00:30"},
        True,
    ),
    ("docstatus", ["docstatus", "=", 0], {}, True),
    ("user", ["user.name", "=", "tester@example.com"], {}, True),
    ("role", ["user.roles", "contains", "All"], {}, True),
    ("no such role", ["user.roles", "contains", "Chef"], {}, False),
]


@pytest.mark.parametrize(("condition", "values", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_operator(condition: Any, values: dict[str, Any], expected: bool) -> None:
    assert matches(condition, values) is expected


OLD_CASES: list[tuple[str, Any, dict[str, Any], dict[str, Any] | None, bool]] = [
    ("changed", ["total", "changed"], {"total": 2}, {"total": 1}, True),
    ("changed, same value of another scale", ["total", "changed"], {"total": "1.0"}, {"total": 1}, False),
    ("changed from absent", ["total", "changed"], {"total": 2}, {}, True),
    ("changed, new record", ["total", "changed"], {"total": 2}, None, True),
    ("changed, new record, left empty", ["total", "changed"], {}, None, False),
    ("changed, new record, box not ticked", ["urgent", "changed"], {"urgent": 0}, None, False),
    ("changed, new record, box ticked", ["urgent", "changed"], {"urgent": 1}, None, True),
    ("changed false", ["total", "changed", False], {"total": 2}, {"total": 2}, True),
    ("changed false, new record", ["total", "changed", False], {"total": 2}, None, False),
    ("changed rows", ["items", "changed"], {"items": [{"item": "a"}]}, {"items": [{"item": "b"}]}, True),
    ("same rows", ["items", "changed"], {"items": [{"item": "a"}]}, {"items": [{"item": "a", "qty": None}]}, False),
    ("was", ["category", "was", "check"], {"category": "repair"}, {"category": "check"}, True),
    ("was not", ["category", "was", "check"], {"category": "check"}, {"category": "repair"}, False),
    ("was null", ["category", "was", None], {"category": "check"}, {}, True),
    ("was, new record", ["category", "was", "check"], {"category": "check"}, None, False),
    ("increased at", ["total", "increased_by_percent", 10], {"total": 110}, {"total": 100}, False),
    ("increased past", ["total", "increased_by_percent", 10], {"total": "110.01"}, {"total": 100}, True),
    ("increased from zero", ["total", "increased_by_percent", 10], {"total": 110}, {"total": 0}, False),
    ("increased from absent", ["total", "increased_by_percent", 10], {"total": 110}, {}, False),
    ("increased to absent", ["total", "increased_by_percent", 10], {}, {"total": 1}, False),
    ("increased from a negative", ["total", "increased_by_percent", 10], {"total": -80}, {"total": -100}, True),
    ("decreased at", ["total", "decreased_by_percent", 10], {"total": 90}, {"total": 100}, False),
    ("decreased past", ["total", "decreased_by_percent", 10], {"total": "89.99"}, {"total": 100}, True),
    ("decreased, new record", ["total", "decreased_by_percent", 10], {"total": 1}, None, False),
]


@pytest.mark.parametrize(
    ("condition", "values", "old", "expected"), [case[1:] for case in OLD_CASES], ids=[case[0] for case in OLD_CASES]
)
def test_operator_over_old_values(condition: Any, values: dict[str, Any], old: dict[str, Any] | None, expected: bool) -> None:
    assert matches(condition, values, old=old) is expected


def test_unknown_operator_names_the_nearest() -> None:
    with pytest.raises(MetadataInvalid) as caught:
        rule(when={"all": [["subject", "contians", "a"]]})
    assert "rules/r.json: when.all[0][1]: 'contians' is not an operator" in str(caught.value)
    assert 'Did you mean "contains"?' in str(caught.value)


def test_a_day_is_a_day_where_the_site_is(monkeypatch: pytest.MonkeyPatch) -> None:
    same_day = ["due_on", "=", {"path": "reported_at"}]
    values = {"due_on": "2026-03-30", "reported_at": "2026-03-30T23:30:00+00:00"}
    assert not matches(same_day, values)  # already the 31st in Shanghai

    monkeypatch.setattr(times, "SITE_ZONE", ZoneInfo("Europe/London"))
    values["reported_at"] = "2026-03-30T22:30:00+00:00"  # summer time has begun: half past eleven

    assert matches(same_day, values)
