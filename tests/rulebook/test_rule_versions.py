"""Rules that follow one another in time, rules of which only the first speaks, rules for some departments or customers only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rulebook_samples import MODEL, Facts, faults_of, judge, record, rule

from server.core.errors import MetadataInvalid
from server.rulebook.describe import describe
from server.rulebook.model import Rule
from server.rulebook.read import read_rule
from server.rulebook.rulebook import Rulebook, Situation
from server.rulebook.testing import Tester, run_tests


def price(**more: Any) -> Rule:
    """10 % until June, 8 % from July, nothing from 2027."""
    return rule(
        "price",
        when={"all": [["deviation", "<", -10]]},
        then=[{"warn": {"message": "more than 10 %"}}],
        tests=[{"title": "9 %", "doc": {"deviation": -9}, "then": []}, {"title": "11 %", "doc": {"deviation": -11}, "then": ["warn"]}],
        versions=[
            {
                "valid_from": "2026-07-01", "when": {"all": [["deviation", "<", -8]]}, "then": [{"warn": {"message": "more than 8 %"}}],
                "tests": [{"title": "9 %", "doc": {"deviation": -9}, "then": ["warn"]}],
            },
            {"valid_from": "2027-01-01", "enabled": 0},
        ],
        **more,
    )  # fmt: skip


def said(made: Rule, made_on: str, deviation: int = -9, **values: Any) -> list[str]:
    outcome = judge(made, {"deviation": deviation, "creation": made_on, **values})
    return [fault.text.en for fault in outcome.warnings]


def test_a_record_is_judged_by_the_version_in_force_at_its_date() -> None:
    made = price()
    assert faults_of(made) == []
    assert [result.passed for result in run_tests([made], MODEL)] == [True, True, True]
    assert said(made, "2026-06-30 23:59:59") == []
    assert said(made, "2026-07-01 00:00") == ["more than 8 %"]
    assert said(made, "2026-12-31 23:59", -11) == ["more than 8 %"]
    assert said(made, "2026-06-30 12:00", -11) == ["more than 10 %"]
    assert said(made, "2027-01-01 00:00", -99) == []


def test_the_date_may_stand_in_a_field() -> None:
    made = price(dated_by="due_on")
    assert said(made, "2026-08-01", due_on="2026-06-30") == []
    assert said(made, "2026-01-01", due_on="2026-07-01") == ["more than 8 %"]
    assert faults_of(price(dated_by="note")) == [
        "rules/r.json: dated_by: 'note' is not a Date or Datetime field".replace("r.json", "price.json")
    ]


def test_the_trace_names_the_version() -> None:
    outcome = judge(price(), {"deviation": -9, "creation": "2026-07-01"})
    (entry,) = outcome.trace.to_json()["rules"]
    assert (entry["matched"], entry["version"]["en"]) == (True, "version 2, from 2026-07-01 until 2026-12-31")
    outcome = judge(price(), {"deviation": -9, "creation": "2026-06-30"})
    (entry,) = outcome.trace.to_json()["rules"]
    assert (entry["matched"], entry["version"]["zh"]) == (False, "版本 1 至 2026-06-30")
    assert [part["holds"] for part in entry["conditions"]] == [True, False]


def test_a_rule_with_versions_is_read_aloud_with_all_of_them() -> None:
    aloud = describe(price(), MODEL).en
    assert "From 2026-07-01: When a Visit is saved, if Deviation is less than -8" in aloud
    assert aloud.endswith("From 2027-01-01: no longer applies.")


def test_wrong_versions_are_named_at_their_place() -> None:
    late, early = {"valid_from": "2026-07-01"}, {"valid_from": "2026-01-01"}
    with pytest.raises(MetadataInvalid) as refused:
        rule(
            versions=[
                late,
                {**early, "when": {"all": [["count", "=!", 1]]}},
                {"title": "no day"},
                {"valid_from": "soon", "on": []},
            ]
        )
    told = [fault.text.en.removeprefix("rules/r.json: ") for fault in refused.value.faults]
    assert told[0].startswith("versions[1].when.all[0][1]: '=!' is not an operator")
    assert told[1].startswith("versions[2].valid_from: the day from which")
    assert [part.split(":")[0] for part in told[2:]] == [
        "versions[3].on",
        "versions[3].valid_from",
        "versions[1].valid_from",
    ]
    wrong = rule(when={"all": [["nowhere", "=", 1]]}, versions=[{**late, "then": [{"set": {"total": "much"}}]}])
    assert [text.split(": ")[1] for text in faults_of(wrong)] == ["when.all[0]", "versions[0].then[0].set.total"]


def test_of_a_group_the_first_that_matches_speaks() -> None:
    dear = rule("dear", when={"all": [["total", ">", 100]]}, group="size", priority=10)
    middle = rule("middle", when={"all": [["total", ">", 10]]}, group="size", priority=20)
    rest = rule("rest", group="size", priority=30)
    other = rule("other", when={"all": [["total", ">", 10]]})
    rules = [rest, other, middle, dear]
    assert faults_of(*rules) == []
    assert judge(rules, {"total": 500}).matched == ("dear", "other")
    assert judge(rules, {"total": 50}).matched == ("middle", "other")
    outcome = judge(rules, {"total": 5})
    assert outcome.matched == ("rest",)
    entries = {entry["rule"]: entry for entry in judge(rules, {"total": 500}).trace.to_json()["rules"]}
    assert (entries["middle"]["silenced_by"], entries["rest"]["silenced_by"]) == ("dear", "dear")
    assert "silenced_by" not in entries["dear"]
    assert [part.get("note", {}).get("en") for part in entries["middle"]["conditions"]] == ["dear has matched before it", None]


def test_a_silent_rule_concludes_and_sets_nothing() -> None:
    first = rule("first", when={"all": [["total", ">", 100]]}, group="g", priority=1, then=[{"set": {"level": 1}}])
    second = rule("second", group="g", priority=2, then=[{"set": {"level": 2}}, {"conclude": "small"}])
    reader = rule("reader", when={"all": [{"concluded": "small"}]}, priority=0)
    outcome = judge([first, second, reader], {"total": 500})
    assert (outcome.values_set, outcome.matched) == ({"level": 1}, ("first",))
    outcome = judge([first, second, reader], {"total": 5})
    assert (outcome.values_set, outcome.matched) == ({"level": 2}, ("reader", "second"))


def test_a_group_whose_order_contradicts_what_its_rules_read_is_refused() -> None:
    first = rule("first", when={"all": [["level", "=", 2]]}, group="g", priority=1)
    second = rule("second", group="g", priority=2, then=[{"set": {"level": 2}}])
    (fault,) = faults_of(first, second)
    assert "first (comes first in the group g) -> second (sets level) -> first" in fault


def test_a_rule_for_some_values_only() -> None:
    made = rule(only_for={"category": ["repair"], "user.department": ["Assembly", "Trial"]}, when={"all": [["count", ">", 1]]})
    assert faults_of(made) == []
    trial = Tester(department="Trial")
    assert judge(made, {"category": "repair", "count": 2}, user=trial).matched == ("r",)
    assert judge(made, {"category": "check", "count": 2}, user=trial).matched == ()
    outcome = judge(made, {"category": "repair", "count": 2}, user=Tester(department="Sales"))
    assert outcome.matched == ()
    assert outcome.trace.to_json()["rules"][0]["conditions"][1]["expected_text"]["en"] == "Assembly, Trial"
    assert faults_of(rule(only_for={"category": ["polish"]})) != []


# Every plan of grouped, dated, scoped rules is judged as a plain loop over the rules would judge it

RULES = st.lists(
    st.fixed_dictionaries(
        {
            "priority": st.integers(1, 3), "above": st.integers(0, 4), "group": st.sampled_from(["", "g", "h"]),
            "only": st.sampled_from([None, "repair", "check"]), "switch": st.sampled_from([None, 1, 15, 28]),
        }
    ),
    min_size=1, max_size=8,
)  # fmt: skip


def _rule(number: int, drawn: dict[str, Any]) -> Rule:
    raw: dict[str, Any] = {"name": f"r{number}", "applies_to": "Visit", "priority": drawn["priority"], "then": [{"warn": "x"}]}
    raw["when"] = {"all": [["count", ">", drawn["above"]]]}
    raw |= {"group": drawn["group"]} if drawn["group"] else {}
    raw |= {"only_for": {"category": [drawn["only"]]}} if drawn["only"] else {}
    if drawn["switch"]:
        raw["versions"] = [{"valid_from": f"2026-03-{drawn['switch']:02}", "when": {"all": [["count", "<=", drawn["above"]]]}}]
    return read_rule(raw)


def _expected(drawn: list[dict[str, Any]], count: int, category: str, day: int) -> tuple[str, ...]:
    found, taken = [], set()
    for number, one in sorted(enumerate(drawn), key=lambda item: (item[1]["priority"], f"r{item[0]}")):
        above = count > one["above"]
        holds = (not above if one["switch"] and day >= one["switch"] else above) and one["only"] in (None, category)
        if holds and one["group"] not in taken:
            found.append(f"r{number}")
            taken |= {one["group"]} - {""}
    return tuple(found)


@settings(max_examples=60)
@given(RULES, st.integers(0, 5), st.sampled_from(["repair", "check"]), st.integers(1, 31))
def test_groups_versions_and_scopes_are_judged_as_a_plain_loop_would(
    drawn: list[dict[str, Any]], count: int, category: str, day: int
) -> None:
    values = record(count=count, category=category, creation=f"2026-03-{day:02} 12:00")
    book = Rulebook.compile([_rule(*one) for one in enumerate(drawn)], MODEL, "both")
    situation = Situation("Visit", "validate", values, Tester(), datetime(2026, 4, 1, tzinfo=UTC))
    assert book.evaluate(situation, Facts()).matched == _expected(drawn, count, category, day)


def test_a_rule_on_the_change_of_fields() -> None:
    made = rule(on=[{"changed": ["total", "count"]}], when={"all": [["urgent", "=", 1]]})
    assert faults_of(made) == []
    before = {"total": 1, "count": 1, "urgent": 1}
    assert judge(made, before | {"total": 2}, old=before).matched == ("r",)
    assert judge(made, before | {"count": 2}, old=before).matched == ("r",)
    assert judge(made, before | {"note": "x"}, old=before).matched == ()
    assert judge(made, before | {"total": 2, "urgent": 0}, old=before).matched == ()
    assert faults_of(rule(on=[{"changed": "totl"}])) != []
    with pytest.raises(MetadataInvalid, match="no other event"):
        rule(on=["submit", {"changed": "total"}])
