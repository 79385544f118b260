"""Which rule is judged after which: priority, values that are set, conclusions, loops, effective dates."""

from __future__ import annotations

from typing import Any

import pytest
from rulebook_samples import MODEL, Facts, faults_of, judge, rule

from server.rulebook.rulebook import Rulebook


def setter(name: str, reads: str, sets: str, value: Any = 1, **more: Any) -> Any:
    return rule(name, when={"all": [[reads, ">", 0]]}, then=[{"set": {sets: value}}], **more)


def test_lower_priority_number_speaks_first() -> None:
    rules = [rule("late", priority=200), rule("early", priority=50), rule("b"), rule("a")]
    outcome = judge(rules, {})
    assert outcome.matched == ("early", "a", "b", "late")
    assert [warning.rule for warning in outcome.warnings] == ["early", "a", "b", "late"]


def test_a_rule_that_reads_what_another_sets_is_judged_after_it_whatever_the_priority() -> None:
    first = setter("first", "count", "level", 5, priority=500)
    second = rule("second", when={"all": [["level", "=", 5]]}, priority=1)
    outcome = judge([second, first], {"count": 1})
    assert outcome.matched == ("second", "first")
    assert outcome.record["level"] == 5
    assert outcome.values_set == {"level": 5}


def test_a_rule_that_reads_a_formula_of_what_is_set_is_judged_after_the_formula() -> None:
    def recompute(record: dict[str, Any]) -> None:
        record["net"] = record["total"] - (record["discount"] or 0)

    first = setter("first", "count", "discount", 30, priority=500)
    second = rule("second", when={"all": [["net", "<", 80]]})
    assert judge([second, first], {"count": 1, "total": 100, "net": 100}, recompute=recompute).matched == ("second", "first")


def test_the_given_record_is_never_changed() -> None:
    rulebook = Rulebook.compile([setter("first", "count", "level", 5)], MODEL, "reference")
    from rulebook_samples import NOW, Situation, Tester, record

    given = record(count=1, items=[{"qty": 1}])
    outcome = rulebook.evaluate(
        Situation("Visit", "validate", given, Tester(), NOW, recompute=lambda r: r["items"][0].update(qty=9)), Facts()
    )
    assert "level" not in given
    assert given["items"][0]["qty"] == 1
    assert outcome.record["level"] == 5
    assert outcome.record["items"][0]["qty"] == 9


def test_set_takes_literals_paths_and_expressions_and_reads_them_by_field() -> None:
    made = rule(
        then=[
            {"set": {"level": 3, "discount": {"path": "total"}, "note": {"expr": "upper(doc.subject)"}, "due_on": "2026-05-01"}}
        ]
    )
    assert faults_of(made) == []
    found = judge(made, {"total": "12.50", "subject": "abc"}).record
    assert (found["level"], str(found["discount"]), found["note"], found["due_on"].isoformat()) == (
        3,
        "12.50",
        "ABC",
        "2026-05-01",
    )


def test_a_loop_of_set_rules_is_named_in_order_with_the_fields() -> None:
    faults = faults_of(
        setter("a", "level", "count"), setter("b", "count", "discount"), setter("c", "discount", "level"), rule("free")
    )
    assert faults == [
        "rules/a.json: then: rules wait for each other in a circle: "
        "a (sets count) -> b (sets discount) -> c (sets level) -> a; remove one of these dependencies"
    ]


def test_a_loop_over_a_formula_is_found() -> None:
    faults = faults_of(setter("a", "net", "discount"), setter("b", "discount", "total"))
    assert len(faults) == 1
    assert "a (sets discount) -> b (sets total ⇒ net) -> a" in faults[0]


def test_a_value_made_from_itself_is_a_loop() -> None:
    made = rule("more", then=[{"set": {"count": {"expr": "doc.count + 1"}}}])
    assert "more (sets count) -> more" in faults_of(made)[0]


def test_filling_an_empty_field_is_no_loop() -> None:
    made = rule(when={"all": [["level", "is", "not set"]]}, then=[{"set": {"level": 1}}])
    assert faults_of(made) == []
    assert judge(made, {}).record["level"] == 1


def test_filling_a_column_where_it_is_empty_is_no_loop() -> None:
    empty = [["rate", "is", "not set"]]
    made = rule(when={"any_row": "items", "where": empty}, then=[{"set": {"rate": 9}, "each_row": "items", "where": empty}])
    assert faults_of(made) == []
    rows = judge(made, {"items": [{"name": "a", "rate": None}, {"name": "b", "rate": 4}]}).record["items"]
    assert [row["rate"] for row in rows] == [9, 4]


def test_a_rule_that_chooses_rows_by_what_another_sets_is_judged_after_it() -> None:
    first = rule("z-first", then=[{"set": {"qty": 5}, "each_row": "items"}], priority=500)
    chosen = [{"set": {"rate": 1}, "each_row": "items", "where": [["qty", "=", 5]]}]
    outcome = judge([rule("a-second", then=chosen, priority=1), first], {"items": [{"name": "a", "qty": 1, "rate": None}]})
    assert outcome.record["items"][0]["rate"] == 1


def test_a_loop_of_conclusions_is_named() -> None:
    one = rule("one", when={"all": [{"concluded": "y"}]}, then=[{"conclude": "x"}])
    two = rule("two", when={"all": [{"concluded": "x"}]}, then=[{"conclude": "y"}])
    assert "one (concludes x) -> two (concludes y) -> one" in faults_of(one, two)[0]


def test_rules_in_a_loop_fail_closed_when_they_are_judged_all_the_same() -> None:
    block = {"block": {"message": "no"}}
    one = rule("one", when={"all": [["level", ">", 0]]}, then=[{"set": {"count": 1}}, block])
    two = rule("two", when={"all": [["count", ">", 0]]}, then=[{"set": {"level": 1}}])
    outcome = judge([one, two, rule("free")], {"level": 1})
    assert outcome.matched == ("free",)
    assert [fault.rule for fault in outcome.faults] == ["one"]


@pytest.mark.parametrize("matcher", ["durable", "reference", "both"])
def test_conclusions_chain(matcher: str) -> None:
    rules = [
        rule("c", when={"all": [{"concluded": "b"}, ["count", ">", 0]]}),
        rule("b", when={"all": [{"concluded": "a"}]}, then=[{"conclude": "b"}]),
        rule("a", when={"all": [["count", ">", 0]]}, then=[{"conclude": "a"}]),
        rule("not b", when={"all": [{"none": [{"concluded": "b"}]}]}),
        rule("d", when={"all": [{"concluded": "b"}, ["count", ">", 5]]}),
    ]
    assert faults_of(*rules) == []
    assert judge(rules, {"count": 1}, matcher=matcher).matched == ("a", "b", "c")
    assert judge(rules, {"count": 0}, matcher=matcher).matched == ("not b",)


def test_a_chain_of_a_hundred_and_twenty_rules_crosses_chunks() -> None:
    rules = [rule("r000", then=[{"conclude": "k0"}], when={"all": [["count", ">", 0]]})]
    rules += [
        rule(f"r{n:03}", when={"all": [{"concluded": f"k{n - 1}"}]}, then=[{"conclude": f"k{n}"}], priority=1000 - n)
        for n in range(1, 120)
    ]
    assert len(judge(rules, {"count": 1}, matcher="durable").matched) == 120


def test_a_conclusion_nobody_comes_to_is_a_fault() -> None:
    faults = faults_of(rule("one", when={"all": [{"concluded": "seroius"}]}), rule("two", then=[{"conclude": "serious"}]))
    assert faults == [
        "rules/one.json: when.all[0]: no rule for Visit on validate comes to the conclusion 'seroius'. Did you mean \"serious\"?"
    ]


@pytest.mark.parametrize(
    ("creation", "expected"),
    [("2026-01-31 23:59", ()), ("2026-02-01 00:00", ("r",)), ("2026-02-28 23:59", ("r",)), ("2026-03-01 00:00", ())],
    ids=["the minute before", "first minute", "last minute", "the minute after"],
)
def test_a_record_is_judged_by_the_rules_in_force_on_its_day(creation: str, expected: tuple[str, ...]) -> None:
    made = rule(valid_from="2026-02-01", valid_to="2026-02-28")
    assert judge(made, {"creation": creation}).matched == expected


def test_a_new_record_is_judged_by_the_rules_in_force_now() -> None:
    assert judge(rule(valid_from="2026-03-31"), {}).matched == ("r",)
    assert judge(rule(valid_from="2026-04-01"), {}).matched == ()


def test_a_rule_not_in_force_concludes_nothing() -> None:
    past = rule("past", valid_to="2026-01-01", then=[{"conclude": "x"}])
    assert judge([past, rule("then", when={"all": [{"concluded": "x"}]})], {}).matched == ()


def test_disabled_rules_and_other_events_are_silent() -> None:
    rules = [rule("off", enabled=0), rule("submit", on=["submit"]), rule("both", on=["validate", "submit"])]
    assert judge(rules, {}).matched == ("both",)
    assert judge(rules, {}, event="submit").matched == ("both", "submit")
    assert judge(rules, {}, event="cancel").matched == ()
