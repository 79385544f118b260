"""Judging as a whole: rules that cannot be judged are isolated, and every decision is explained."""

from __future__ import annotations

import dataclasses
import json
import logging
from typing import Any

import pytest
from rulebook_samples import MODEL, NOW, Facts, judge, make_model, record, rule

from server.core.errors import StorageUnavailable
from server.core.text import Text
from server.rulebook import durable
from server.rulebook.describe import describe
from server.rulebook.rulebook import Plans, Rulebook, Situation
from server.rulebook.testing import Tester
from server.rulebook.trace import FactTrace
from server.storage.types import dump_json

BLOCK = [{"block": {"message": "no"}}]


class Failing(Facts):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def value(self, fact: Any, situation: Any) -> Any:
        raise self.error


def test_a_blocking_rule_that_cannot_be_judged_blocks_and_is_named() -> None:
    facts = {"n": {"count": "Visit"}}
    when = {"all": [["@n", ">", 1]]}
    rules = [
        rule("guard", title={"zh": "保护", "en": "Guard"}, source=["S01-01"], when=when, facts=facts, then=BLOCK),
        rule("hint", when=when, facts=facts),
        rule("sound"),
    ]
    outcome = judge(rules, {}, facts=Failing(RuntimeError("no such table")))
    assert outcome.matched == ("sound",)
    assert len(outcome.faults) == 1
    assert outcome.faults[0].rule == "guard"
    assert outcome.faults[0].text.zh.startswith("规则“保护”无法判断：RuntimeError: no such table。")
    assert outcome.faults[0].text.en.endswith("correct the rule (guard) (clause S01-01).")
    hint = outcome.trace.of("hint")
    assert hint is not None
    assert not hint.matched
    assert hint.note is not None
    assert "could not be judged" in hint.note.en


def test_an_unavailable_database_is_no_matter_of_one_rule() -> None:
    made = rule(when={"all": [["@n", ">", 1]]}, facts={"n": {"count": "Visit"}})
    with pytest.raises(StorageUnavailable):
        judge(made, {}, facts=Failing(StorageUnavailable(Text("忙", "busy"))))


def test_a_rule_that_does_not_fit_its_doctype_any_more_fails_closed(caplog: pytest.LogCaptureFixture) -> None:
    gone = [
        rule("guard", when={"all": [["colour", "=", "red"]]}, then=BLOCK),
        rule("hint", when={"all": [["colour", "=", "red"]]}),
    ]
    with caplog.at_level(logging.ERROR):
        outcome = judge(gone, {})
    assert [fault.rule for fault in outcome.faults] == ["guard"]
    assert "rule hint could not be judged" in caplog.text


def test_a_value_of_a_wrong_kind_is_isolated() -> None:
    rulebook = Rulebook.compile([rule("guard", when={"all": [["total", ">", 5]]}, then=BLOCK), rule("free")], MODEL)
    outcome = rulebook.evaluate(Situation("Visit", "validate", {"total": "five"}, Tester(), NOW), Facts())
    assert outcome.matched == ("free",)
    assert [fault.rule for fault in outcome.faults] == ["guard"]


def test_a_value_that_does_not_fit_the_field_set_is_isolated() -> None:
    made = rule("bad", then=[{"set": {"count": {"path": "subject"}}}])
    outcome = judge([made, rule("free")], {"subject": "many"})
    assert outcome.record.get("count") is None
    assert outcome.faults == ()
    entry = outcome.trace.of("bad")
    assert entry is not None
    assert entry.note is not None


def test_no_rules_no_trace() -> None:
    outcome = judge([], {"total": 1})
    assert outcome.trace.entries == ()
    assert outcome.faults == ()
    assert outcome.record["total"] == 1


def test_the_trace_tells_every_condition_with_what_was_compared() -> None:
    made = rule(
        "r", title={"zh": "题", "en": "Title"}, source=["S02-04"],
        when={"all": [["deviation", "<", -10], ["category", "=", "repair"], {"any_row": "items", "where": [["qty", ">", 1]]}]},
        then=[{"warn": {"message": "x"}}, {"set": {"level": 3}}],
    )  # fmt: skip
    outcome = judge(made, {"deviation": "-10.5", "category": "repair", "items": [{"qty": 1}, {"qty": 2}]})
    (entry,) = outcome.trace.to_json()["rules"]
    assert (entry["rule"], entry["matched"], entry["clauses"], sorted(entry["then"]), entry["set"]) == (
        "r",
        True,
        ["S02-04"],
        ["set", "warn"],
        {"level": 3},
    )
    first, second, rows = entry["conditions"]
    assert first == {
        "label": {"zh": "偏差", "en": "Deviation"}, "holds": True, "operator": "<", "operator_label": {"zh": "小于", "en": "is less than"},
        "expected": -10, "actual": -10.5, "expected_text": {"zh": "-10.00 %", "en": "-10.00 %"}, "actual_text": {"zh": "-10.50 %", "en": "-10.50 %"},
    }  # fmt: skip
    assert second["actual_text"] == {"zh": "维修", "en": "Repair"}
    assert [(part["where"], part["holds"]) for part in rows["parts"]] == [("items[1]", True), ("items[0]", False)]


def test_the_trace_tells_why_a_rule_did_not_match() -> None:
    made = rule(when={"all": [["count", ">", 5], ["total", ">", {"path": "discount"}]]})
    outcome = judge(made, {"count": 3, "total": 10, "discount": 4}, old={"count": 1})
    (entry,) = outcome.trace.to_json()["rules"]
    assert not entry["matched"]
    assert [part["holds"] for part in entry["conditions"]] == [False, True]
    assert entry["conditions"][1]["expected_text"]["en"] == "Discount (4.00)"


def test_the_trace_gathers_no_fact_that_no_decision_needed() -> None:
    facts = Facts({"n": 3})
    made = rule(when={"all": [["count", ">", 5], ["@n", ">", 1]]}, facts={"n": {"count": "Visit"}})
    outcome = judge(made, {"count": 1}, facts=facts)
    (entry,) = outcome.trace.to_json()["rules"]
    assert facts.asked == []
    assert entry["conditions"][1]["holds"] is None
    outcome = judge(made, {"count": 9}, facts=facts)
    assert outcome.trace.to_json()["rules"][0]["facts"] == [
        {"fact": "n", "label": {"zh": "上门服务的数量", "en": "number of Visit"}, "value": 3}
    ]


def test_each_rule_is_explained_with_the_values_it_was_judged_by() -> None:
    one = rule("one", when={"all": [["level", "is", "not set"]]}, then=[{"set": {"level": 5}}])
    two = rule("two", when={"all": [["level", "=", 5]]})
    trace = judge([one, two], {}).trace
    assert [trace.of(name).conditions[0].actual for name in ("one", "two")] == [None, 5]  # type: ignore[union-attr]


def test_each_of_many_records_is_explained_as_if_it_were_the_only_one() -> None:
    """What is said of the same values is remembered; it is not taken for what others say, nor asked of a linked record."""
    rules = [
        rule("often", when={"all": [["category", "=", "repair"]]}, then=[{"warn": {"message": "x"}}]),
        rule("many", when={"all": [["count", ">", 3], ["urgent", "=", 1]]}, then=[{"block": {"message": "no"}}]),
        rule("linked", when={"all": [["count", ">", 8], ["customer.blocked", "=", 1]]}),
    ]
    values = [
        {"category": "repair", "count": 4, "urgent": 1}, {"category": "repair", "count": 4}, {"category": "check", "count": 9, "customer": "c"},
        {"category": "repair", "count": 4, "urgent": 1}, {"count": None}, {"count": 1, "customer": "c"}, *({"count": number} for number in range(12)),
        {"category": "repair", "count": 4},
    ]  # fmt: skip
    for some in (rules, rules[:2]):
        kept = Rulebook.compile(some, MODEL, "both")
        for one in values:
            situation = Situation(doctype="Visit", event="validate", record=record(**one), user=Tester(), now=NOW)
            alone = judge(some, one).trace
            trace = kept.evaluate(situation, Facts()).trace
            assert trace.to_json() == alone.to_json()
            assert json.loads(dump_json(trace.to_store())) == json.loads(dump_json(alone.to_json()))


def test_the_trace_stays_small_whatever_the_record_holds() -> None:
    rules = [
        rule(f"r{n}", when={"all": [["note", "contains", "x"], {"any_row": "items", "where": [["item", "!=", "q"]]}]})
        for n in range(400)
    ]
    outcome = judge(rules, {"note": "x" * 10_000, "items": [{"item": "y" * 140} for _ in range(500)]}, matcher="reference")
    found = json.dumps(outcome.trace.to_json(), ensure_ascii=False)
    assert len(found) < 500_000
    assert outcome.trace.to_json()["omitted"] == 100


def test_the_store_is_given_what_the_json_form_says_whatever_was_kept_from_records_before() -> None:
    facts = {"n": {"count": "Visit"}}
    rules = [
        rule("plain", when={"all": [["category", "=", "repair"], ["total", ">", 5], ["due_on", "is", "not set"]]}),
        rule("sets", when={"all": [["count", ">=", 2]]}, then=[{"set": {"level": 3}}], priority=5),
        rule("asks", when={"all": [["category", "=", "repair"], ["@n", ">", 1]]}, facts=facts),
        rule("one", group="g", when={"all": [["count", ">", 2]]}),
        rule("two", group="g", when={"all": [["count", ">", 1]]}),
    ]
    rulebook = Rulebook.compile(rules, MODEL)
    samples = [
        {"category": category, "total": total, "count": count}
        for category in ("repair", "check", None)
        for total in (None, "5", "5.00", "7.5", 8)
        for count in (1, 2, 3, *range(20, 32), 1)
    ]
    for values in samples:
        for number in (1, 7):
            situation = Situation("Visit", "validate", record(**values), Tester(), NOW)
            trace = rulebook.evaluate(situation, Facts({"n": number})).trace
            again = Rulebook.compile(rules, MODEL).evaluate(situation, Facts({"n": number})).trace
            assert dump_json(trace.to_store()) == dump_json(again.to_json()) == dump_json(trace.to_json())


def test_the_store_is_given_numbers_of_any_size() -> None:
    trace = judge(rule(when={"all": [["count", ">", 1]]}), {}).trace
    (entry,) = trace.entries
    huge = dataclasses.replace(trace, _sources=(lambda: [entry._replace(facts=(FactTrace("n", Text("n", "n"), 10**30),))],))
    assert dump_json(huge.to_store()) == dump_json(huge.to_json())
    assert str(10**30) in dump_json(huge.to_store())


def test_outcomes_of_two_events_follow_one_another() -> None:
    rules = [rule("a", then=[{"set": {"level": 1}}]), rule("b", on=["submit"])]
    first = judge(rules, {})
    both = first.followed_by(judge(rules, first.record, event="submit"))
    assert both.matched == ("a", "b")
    assert both.values_set == {"level": 1}
    assert [entry.rule for entry in both.trace.entries] == ["a", "b"]
    assert both.trace.to_json()["events"] == [
        "validate",
        "submit",
    ]


def test_titles_of_rules_and_of_those_that_are_gone() -> None:
    rulebook = Rulebook.compile([rule("r", title={"zh": "题", "en": "Title"})], MODEL)
    assert rulebook.title("r").zh == "题"
    assert rulebook.title("gone").en == "gone"


def test_a_broken_engine_never_stops_a_save(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*given: Any) -> Any:
        raise RuntimeError("engine gone")

    monkeypatch.setattr(durable.engine, "assert_fact", broken)
    assert judge(rule(), {}, matcher="durable").matched == ("r",)
    assert "the reference answered" in caplog.text


def test_a_thrown_away_handle_is_compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = durable.engine.assert_fact, []

    def once(handle: int, fact: str) -> Any:
        calls.append(handle)
        if len(calls) == 1:
            raise RuntimeError("hiccup")
        return real(handle, fact)

    monkeypatch.setattr(durable.engine, "assert_fact", once)
    assert judge(rule(), {}, matcher="durable").matched == ("r",)
    assert len(set(calls)) == 2


def test_a_difference_between_matchers_is_logged_and_the_reference_counts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(
        durable.DurableMatcher, "match", lambda self, atoms, concluded=frozenset(): durable.Matched((), frozenset())
    )
    assert judge(rule(), {}, matcher="both").matched == ("r",)
    assert "matchers differ" in caplog.text


def test_a_rule_reads_aloud_in_both_languages() -> None:
    made = rule(
        "r", source=["S02-04"], on=["validate", "submit"],
        when={"all": [["deviation", "<", -10], {"any": [["urgent", "=", 1], ["customer", "is", "set"]]}, {"any_row": "items", "where": [["qty", ">", 5]]}]},
        then=[{"require_approval": {"role": "GM", "again_when": ["items.rate", "total"]}}, {"set": {"level": 2}}],
    )  # fmt: skip
    text = describe(made, MODEL)
    assert text.zh == (
        "上门服务保存、提交时，若偏差小于 -10.00 % 且 （任一成立：加急等于 是、客户为 已填） 且 “明细”至少一行满足 数量大于 5："
        "须GM审批，明细、总价更改后须重新审批；级别设为 2（条款 S02-04）。"
    )
    assert text.en == (
        "When a Visit is saved or submitted, if Deviation is less than -10.00 % and (any holds: Urgent is yes, Customer is filled in) and "
        'at least one row of "Items" has Quantity is more than 5: GM must approve, and again when Items, Total changes; Level is set to 2 (clause S02-04).'
    )


def test_the_number_of_a_found_record_reads_as_such() -> None:
    made = rule(when={"all": [["@one", "is", "set"]]}, facts={"one": {"first": "name", "of": "Visit"}})
    text = describe(made, MODEL)
    assert "上门服务的编号为 已填" in text.zh
    assert "Number of Visit is filled in" in text.en


def test_rules_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule().priority = 3  # type: ignore[misc]


def test_rules_of_a_doctype_that_is_not_there_are_ignored() -> None:
    made = rule("r")
    assert judge(dataclasses.replace(made, applies_to="Gone"), {}).matched == ()
    assert record(total=1)["total"] == 1
    assert "Visit" in make_model()


def test_an_event_is_compiled_when_it_is_first_judged_and_once() -> None:
    compiled: list[tuple[str, str]] = []

    def compile_one(key: tuple[str, str]) -> Any:
        compiled.append(key)
        return key

    plans = Plans([("Order", "validate"), ("Order", "submit")], compile_one)

    found = [plans.get(*key) for key in (("Order", "submit"), ("Order", "submit"), ("Part", "submit"))]

    assert (found, compiled) == ([("Order", "submit")] * 2 + [None], [("Order", "submit")])


WARNING_TABLE = {"inputs": ["subject"], "outputs": [{"warn": None}], "rows": [["-", "careful"]]}
LATER = {"valid_from": "2026-07-01", "then": [{"warn": {"message": "from July on"}}]}


@pytest.mark.parametrize(
    ("made", "may_warn"),
    [
        (rule(then=[{"warn": {"message": "careful"}}]), True),
        (rule(then=[{"table": WARNING_TABLE}]), True),
        (rule(then=BLOCK, valid_to="2026-06-30", versions=[LATER]), True),
        (rule(then=BLOCK), False),
        (rule(then=[{"warn": {"message": "careful"}}], enabled=False), False),
    ],
    ids=["warns", "a row of its table warns", "its later version warns", "blocks", "is switched off"],
)
def test_it_is_known_whether_the_rules_of_a_doctype_can_warn(made: Any, may_warn: bool) -> None:
    known = Rulebook.compile([made], MODEL)

    assert known.may_warn("Visit") is may_warn
    assert not known.may_warn("Customer")
