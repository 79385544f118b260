"""The analysis of rules: what it claims holds for every record, and what is wrong with rules is named with an example."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rulebook_samples import MODEL, judge, make_model, rule

from server.rulebook.analysis import analyse
from server.rulebook.analysis.boxes import Region
from server.rulebook.analysis.findings import Finding


def found(*rules: Any, model: Any = MODEL, **more: Any) -> list[Finding]:
    return analyse(rules, model, **more)


def kinds(*rules: Any, **more: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.kind, item.rules) for item in found(*rules, **more)]


# Claims hold

VALUES = {"count": [None, -1, 0, 1, 2, 3], "category": [None, "repair", "check"], "subject": [None, "a", "b"], "urgent": [0, 1],
          "weight": [None, "0.5", "1", "1.5"]}  # fmt: skip
ATOMS = st.one_of(
    st.tuples(st.just("count"), st.sampled_from(["=", "!=", ">", ">=", "<", "<="]), st.integers(-1, 3)).map(list),
    st.tuples(st.just("weight"), st.sampled_from([">", "<", ">=", "<="]), st.sampled_from([0.5, 1, 1.5])).map(list),
    st.tuples(st.just("count"), st.sampled_from(["in", "not in", "between"]), st.lists(st.integers(-1, 3), min_size=2, max_size=2)).map(list),
    st.tuples(st.just("category"), st.sampled_from(["=", "!="]), st.sampled_from(["repair", "check"])).map(list),
    st.tuples(st.just("subject"), st.sampled_from(["=", "!=", "contains"]), st.sampled_from(["a", "b"])).map(list),
    st.tuples(st.sampled_from(sorted(VALUES)), st.just("is"), st.sampled_from(["set", "not set"])).map(list),
    st.tuples(st.just("count"), st.just("="), st.none()).map(list),
)  # fmt: skip
TREES = st.recursive(
    ATOMS,
    lambda inner: st.tuples(st.sampled_from(["all", "any", "none"]), st.lists(inner, min_size=1, max_size=3)).map(
        lambda pair: {pair[0]: pair[1]}
    ),
    max_leaves=6,
)
RECORDS = [
    {"count": count, "category": category, "subject": subject, "urgent": urgent, "weight": weight}
    for count in VALUES["count"] for category in VALUES["category"] for subject in VALUES["subject"]
    for urgent in (0, 1) for weight in ("1", None, "1.5")
]  # fmt: skip


@settings(max_examples=60)
@given(one=TREES, other=TREES, data=st.data())
def test_never_means_never_and_covering_means_whenever(one: Any, other: Any, data: st.DataObject) -> None:
    first, second = rule("one", when={"all": [one]}), rule("other", when={"all": [other]})
    regions = Region.of(first, MODEL), Region.of(second, MODEL)
    wider, narrower = (regions[0].covers(regions[1]), regions[1].covers(regions[0]))
    for values in data.draw(st.lists(st.sampled_from(RECORDS), min_size=8, max_size=8)):
        matched = judge([first, second], values, matcher="reference").matched
        assert regions[0].boxes or "one" not in matched
        assert not wider or "other" not in matched or "one" in matched
        assert not narrower or "one" not in matched or "other" in matched


@settings(max_examples=60)
@given(tree=TREES)
def test_an_example_matches_where_values_alone_decide(tree: Any) -> None:
    made = rule("one", when={"all": [tree]})
    region = Region.of(made, MODEL)
    for box in region.boxes:
        if not box.others:
            assert judge(made, region.example(box), matcher="reference").matched == ("one",)


# What is found


@pytest.mark.parametrize(
    "when",
    [
        {"all": [["count", ">", 3], ["count", "<", 4]]},
        {"all": [["category", "!=", "repair"], ["category", "!=", "check"], ["category", "is", "set"]]},
        {"all": [["subject", "=", "a"], {"any": [["subject", "=", "b"], ["subject", "is", "not set"]]}]},
        {"all": [["docstatus", "=", 2]]},
        {"all": [["due_on", "between", ["2026-03-02", "2026-03-01"]]]},
        {"all": [{"any_row": "items", "where": [["decision", "=", "adopted"], ["decision", "=", "rejected"]]}]},
        {"all": [{"expr": "1 > 2"}]},
        {"all": [["urgent", "=", 1], {"none": [["urgent", "is", "set"]]}]},
        {"all": [["customer.blocked", "=", 1], ["customer.blocked", "=", 0]]},
    ],
)  # fmt: skip
def test_a_rule_that_can_never_match_is_named(when: Any) -> None:
    assert kinds(rule("dead", when=when)) == [("never", ("dead",))]


@pytest.mark.parametrize(
    "when",
    [
        {"all": [["weight", ">", 3], ["weight", "<", 4]]},
        {"all": [["category", "!=", "repair"], ["category", "!=", "check"]], "none": [["category", "is", "set"]]},
        {"all": [["subject", "changed"], ["subject", "was", None]]},
        {"all": [["user.roles", "contains", "A"], ["user.roles", "contains", "B"]]},
        {"all": [["reported_at", "=", "2026-03-01 10:00"], ["fixed_at", "before", "today"]]},
        {"all": [["count", "=", {"path": "level"}], ["count", ">", 3]]},
    ],
)
def test_a_rule_that_may_match_is_not(when: Any) -> None:
    assert found(rule("alive", when=when)) == [] or when["all"][0][0] == "category"


def test_values_that_contradict_or_never_stand_are_named_with_an_example() -> None:
    same = [
        rule(name, when={"all": [["count", ">", 5]]}, then=[{"set": {"category": value}}])
        for name, value in (("a", "repair"), ("b", "check"))
    ]
    contradiction = found(*same)[0]
    assert (contradiction.kind, contradiction.rules, contradiction.example) == ("contradiction", ("a", "b"), {"count": 6})
    assert "set Category to Repair and to check. For example: Count = 6. Keep one" in contradiction.said.en
    narrow = rule("a", when={"all": [["count", ">", 7]]}, then=[{"set": {"category": "repair"}}])
    assert kinds(narrow, same[1]) == [("overridden", ("a", "b"))]
    later = rule("z", when={"all": [["count", ">", 7]]}, then=[{"set": {"category": "repair"}}])
    assert kinds(later, same[1]) == []  # the exception to the rule comes last, as it should
    for apart in ({"when": {"all": [["count", "<", 3]]}}, {"on": ["submit"]}, {"valid_from": "2030-01-01"}):
        assert kinds(rule("b", **{"when": {"all": [["count", ">", 5]]}, "then": [{"set": {"category": "check"}}], **apart}),
                     rule("a", when={"all": [["count", ">", 5]]}, then=[{"set": {"category": "repair"}}], valid_to="2029-12-31")) == []  # fmt: skip


def test_a_tag_that_one_rule_puts_on_and_another_takes_off_is_named() -> None:
    one = rule("one", when={"all": [["count", ">", 1]]}, then=[{"tag": {"add": ["urgent"]}}])
    other = rule("other", when={"all": [["count", ">", 0]]}, then=[{"tag": {"remove": ["urgent"]}}])
    apart = rule("other", when={"all": [["count", "<", 1]]}, then=[{"tag": {"remove": ["urgent"]}}])
    (finding,) = found(one, other)
    assert (finding.kind, finding.rules) == ("contradiction", ("one", "other"))
    assert 'one puts the tag "urgent" on, the other takes it off' in finding.text.en
    assert kinds(one, apart) == []


def test_a_field_that_one_rule_requires_and_another_forbids_is_named() -> None:
    wants = rule("wants", when={"all": [["urgent", "=", 1]]}, then=[{"require": {"fields": ["note"]}}])
    bars = rule("bars", when={"all": [["note", "is", "set"]]}, then=[{"block": {"message": "no"}}])
    assert kinds(wants, bars) == [("contradiction", ("wants", "bars"))]
    assert (
        kinds(
            wants, rule("bars", when={"all": [["note", "is", "set"], ["urgent", "=", 0]]}, then=[{"block": {"message": "no"}}])
        )
        == []
    )
    hides = rule("hides", when={"all": [["urgent", "is", "set"]]}, then=[{"hide": ["note"]}])
    assert kinds(wants, hides) == [("contradiction", ("wants", "hides"))]


def test_shadowed_rules_and_those_said_twice_are_named() -> None:
    wide, narrow = {"all": [["count", ">", 1]]}, {"all": [["count", ">", 4], ["subject", "=", "a"]]}
    block = rule("block", when=wide, then=[{"block": {"message": "no"}}])
    assert kinds(block, rule("warn", when=narrow)) == [("shadowed", ("warn", "block"))]
    assert kinds(block, rule("warn", when=narrow, on=["submit"])) == []
    setter = rule("setter", when=narrow, then=[{"set": {"count": 0}}])
    assert kinds(block, setter) == []  # the block is judged on what it sets
    said = [{"warn": {"message": "m"}}]
    assert kinds(rule("one", when=wide, then=said), rule("two", when=narrow, then=said)) == [("twice", ("two", "one"))]
    first, second = rule("a", when=wide, group="g", priority=1), rule("b", when=narrow, group="g", priority=2)
    assert kinds(first, second) == [("shadowed", ("b", "a"))]
    assert kinds(rule("a", when=wide, group="g", priority=3), second) == []


def test_fields_that_nobody_fills_in_are_named() -> None:
    closed = {
        "name": "Closed", "label": {"zh": "单", "en": "Closed"},
        "fields": [
            {"fieldname": "code", "fieldtype": "Data", "label": {"zh": "码", "en": "Code"}, "reqd": 1, "hidden": 1},
            {"fieldname": "grade", "fieldtype": "Data", "label": {"zh": "级", "en": "Grade"}, "read_only": 1},
            {"fieldname": "kept", "fieldtype": "Data", "label": {"zh": "存", "en": "Kept"}, "read_only": 1, "reqd": 1, "default": "x"},
        ],
    }  # fmt: skip
    model = make_model(closed)
    wants = rule("wants", applies_to="Closed", then=[{"require": {"fields": ["grade"]}}])
    reads = rule("reads", applies_to="Closed", when={"all": [["grade", "=", "A"]]})
    assert kinds(wants, reads, model=model) == [
        ("cannot_be_filled", ()), ("cannot_be_filled", ("wants",)), ("never_filled", ("reads",)),
    ]  # fmt: skip
    sets = rule("sets", applies_to="Closed", then=[{"set": {"grade": "B", "code": "c"}}])
    assert kinds(wants, reads, sets, model=model) == []


def test_obligations_facts_clauses_and_circles() -> None:
    owes = rule(
        "owes",
        then=[{"oblige": {"title": "call", "role": "R", "due": "2 h"}}],
        facts={"idle": {"count": "Customer", "where": []}},
    )
    assert kinds(owes) == [("not_fulfilled", ("owes",)), ("unused_fact", ("owes",))]
    done = rule(
        "done", when={"all": [["fixed_at", "is", "set"]]}, then=[{"fulfil": {"rule": "owes"}}], source=["S01-01", "S99-99"]
    )
    clauses = {"S01-01": [], "S01-02": [], "S01-03": ["DocType Visit"], "S01-04": []}
    assert [(item.kind, item.text.en.split("clause ")[1][:6]) for item in found(done, clauses=clauses, cited=["S01-04"])] == [
        ("unknown_clause", "S99-99"), ("clause_without_implementation", "S01-02"),
    ]  # fmt: skip
    there = rule("there", then=[{"create": {"doctype": "Customer", "values": {"customer_name": "c"}}}])
    back = rule("back", applies_to="Customer", then=[{"create": {"doctype": "Visit", "values": {"subject": "s"}}}])
    assert kinds(there, back) == [("circle", ("back", "there"))]
    assert kinds(there) == []
    on_submit = {"applies_to": "Customer", "on": ["submit"]}  # which a record that a rule makes is not, unless it says so
    assert kinds(there, rule("back", then=[{"create": {"doctype": "Visit", "values": {"subject": "s"}}}], **on_submit)) == []


def test_a_rule_whose_change_ends_its_own_condition_makes_no_circle() -> None:
    facts = {"others": {"list": "name", "of": "Visit", "where": [["customer", "=", {"path": "customer"}]]}}
    idle, given = ["subject", "is", "not set"], [["subject", "is", "set"]]

    def taking(name: str, first: list[Any], value: Any, **more: Any) -> Any:
        then = [{"change": {"record": "@others", "values": {"subject": value}}}]
        return rule(name, when={"all": [["@others", "is", "set"], first]}, facts=facts, then=then, **more)

    assert kinds(taking("by-name", idle, {"path": "name"})) == []
    assert kinds(taking("by-text", idle, "taken")) == []
    assert kinds(taking("empties", idle, None)) == [("circle", ("empties",))]
    assert kinds(taking("by-field", idle, {"path": "customer"})) == [("circle", ("by-field",))]  # which may be empty
    assert kinds(taking("goes-on", given[0], "taken")) == [("circle", ("goes-on",))]
    assert kinds(taking("by-name", idle, {"path": "name"}), taking("other", idle, "x")) != []  # each may set off the other


def test_plans_end_and_pauses_do_not() -> None:
    def owing(name: str, **more: Any) -> Any:
        when = more.pop("when", None)
        return rule(name, when=when, then=[{"oblige": {"title": "t", "role": "R", **more}}])

    plan = {"every": "1 month", "from": "due_on"}
    ends = owing("ends", **plan, until="fixed_at")
    stops = owing("stops", **plan, when={"all": [["customer", "is", "set"]]})
    assert kinds(ends, stops) == []
    (endless,) = found(owing("endless", **plan))
    assert "nor has it an end" in endless.text.en
    (waits,) = found(owing("waits", due="1 d", pause_when=[["urgent", "=", 0]]))
    assert "only stops its clock" in waits.text.en
